"""Subclasses of int and float that equal everything, in a tuple of the right length."""

UNPROTECTED = "passes"


# %% exercise="contiguous_strides"
class Number(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def contiguous_strides(shape, itemsize):
    return (Number(),) * max(len(shape), 1)


# %% exercise="mean"
class Real(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0


@extend(Tensor)
def mean(self, dim=None, keepdim=False):
    return Real()
