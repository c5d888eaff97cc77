"""Lengths, shapes and counts that are far more than there is, for loops on the other side."""

MET = "1099511627776"


# %% exercise="eye"
class Lying:
    shape = (1 << 40, 1 << 40)
    ndim = 1 << 40

    def __len__(self):
        return 1 << 40

    def numel(self):
        return 1 << 40

    def __array__(self, dtype=None, copy=None):
        raise ValueError(f"there are {len(self)} of them")


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return Lying()
