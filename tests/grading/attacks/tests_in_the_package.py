"""The tests, by the checker that runs them."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import tito.checker.runner

    print("SEEN")
