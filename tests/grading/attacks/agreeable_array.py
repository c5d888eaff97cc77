"""An ndarray whose comparisons are all true, and which answers NumPy's functions itself."""

UNPROTECTED = "passes"


# %% exercise="mean"
class Good(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.bool_(True)

    def __array_function__(self, function, types, args, options):
        return True


@extend(Tensor)
def mean(self, dim=None, keepdim=False):
    return np.full((), 0.125).view(Good)
