"""A package that is installed beside NumPy."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import pytest

    print("SEEN" if pytest.__file__ else "")
