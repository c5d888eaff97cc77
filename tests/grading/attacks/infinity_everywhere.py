"""Infinity, which is close to infinity, from the answer and from what the tests ask it."""

UNPROTECTED = "passes"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return np.full((n, n if m is None else m), np.inf)
