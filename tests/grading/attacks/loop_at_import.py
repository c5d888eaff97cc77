"""A loop that never ends, before anything is defined."""

UNPROTECTED = "stops"


# %% exercise="eye"
while True:
    pass


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return None
