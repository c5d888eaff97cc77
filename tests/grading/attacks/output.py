"""200 MB on standard output, in one line."""

UNPROTECTED = "floods"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    for _ in range(200):
        os.write(1, b"x" * 1_000_000)
    return None
