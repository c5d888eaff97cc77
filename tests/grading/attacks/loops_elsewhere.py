"""Loops that never end: when an object goes, when it is shown, when Python ends."""

UNPROTECTED = "stops"


# %% exercise="eye"
import atexit


class Loop:
    def __del__(self):
        while True:
            pass

    def __repr__(self):
        while True:
            pass


atexit.register(Loop.__repr__, None)


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return Loop()
