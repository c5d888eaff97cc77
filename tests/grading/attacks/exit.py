"""The process ends with exit code 0 before anything can fail."""

UNPROTECTED = "ends with 0"


# %% exercise="broadcast_shapes"
def broadcast_shapes(*shapes):
    import os

    os._exit(0)
