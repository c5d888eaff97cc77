"""A pattern that takes longer than the world has been there, in code that hears no signal."""

UNPROTECTED = "stops"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import re

    return re.match("(a+)+$", "a" * 200 + "b")
