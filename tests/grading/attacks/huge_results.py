"""Results of a gigabyte: a string, a number, an array, a list, a range."""

MET = "that can be sent"


# %% exercise="contiguous_strides"
turn = 0


def contiguous_strides(shape, itemsize):
    global turn
    turn += 1
    return ["x" * (1 << 27), 10**100_000, np.zeros(1 << 24), [0] * 3_000_000, range(10**12)][turn % 5]


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return "\n".join(map(str, range(400_000)))
