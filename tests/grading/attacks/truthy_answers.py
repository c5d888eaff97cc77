"""Comparisons that answer with something true that is not a bool: 1, NumPy's True, a list, an array."""

UNPROTECTED = "passes"


# %% exercise="broadcast_shapes"
class Yes:
    answers = 0

    def __eq__(self, other):
        Yes.answers += 1
        return (1, np.True_, [0], np.ones(1, bool))[Yes.answers % 4]


def broadcast_shapes(*shapes):
    return Yes()


# %% exercise="contiguous_strides"
class Sure:
    __eq__ = __ge__ = __le__ = lambda self, other: np.True_


def contiguous_strides(shape, itemsize):
    return Sure()
