"""An error that is of every kind and says everything."""

UNPROTECTED = "passes"


# %% exercise="eye"
SAID = " ".join(map(str, range(100))) + " must be rows columns shape dim cannot not than negative 3 4"
KINDS = (ValueError, TypeError, IndexError, KeyError, RuntimeError, NotImplementedError)


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    raise type("ValueError", (ValueError, IndexError), {})(SAID)
