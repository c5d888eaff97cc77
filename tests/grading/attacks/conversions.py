"""An object that plays an array, a float, an index and a truth value, different each time it is asked."""

UNPROTECTED = "passes"


# %% exercise="mean"
class Chameleon:
    asked, shape, dtype, ndim, size = 0, (), np.dtype("float32"), 0, 1

    def __array__(self, dtype=None, copy=None):
        Chameleon.asked += 1
        return np.full(self.shape, Chameleon.asked / 7 - 3, self.dtype)

    __float__ = lambda self: float(Chameleon.asked)
    __index__ = __int__ = lambda self: Chameleon.asked
    __bool__ = lambda self: True
    __eq__ = lambda self, other: self
    all = any = lambda self: True


@extend(Tensor)
def mean(self, dim=None, keepdim=False):
    return Chameleon()
