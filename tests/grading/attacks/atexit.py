"""The process ends as any other, but with exit code 0."""

UNPROTECTED = "ends with 0"

# %% exercise="broadcast_shapes"
import atexit
import os

atexit.register(os._exit, 0)


def broadcast_shapes(*shapes):
    return ()
