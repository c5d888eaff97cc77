"""Exceptions that cannot be shown, with arguments, names and attributes nobody expects."""

UNPROTECTED = "stops"


# %% exercise="eye"
class Odd(Exception):
    def __init__(self):
        self.types, self.frames, self.__notes__ = [], 3, 7

    def __str__(self):
        raise KeyboardInterrupt

    def __reduce__(self):
        while True:
            pass


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    raise Odd


# %% exercise="contiguous_strides"
def contiguous_strides(shape, itemsize):
    error = SyntaxError("no", ("/etc/passwd", 1, 1, 7, "x", []))
    error.text, error.lineno = 5, "²"
    raise type("\x1b[2J<b>" * 1000, (ValueError,), {"__str__": lambda self: "\ud800\x1b]0;x\x07\u202e"})(
        "\udfff"
    ) from error
