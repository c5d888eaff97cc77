"""A recursion without an end and without a limit, until the stack is full."""

UNPROTECTED = "stops"


# %% exercise="eye"
import sys


def deeper(value):
    return sorted([value], key=deeper)


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    sys.setrecursionlimit(1 << 30)
    return deeper(0)
