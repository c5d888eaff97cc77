"""An object that says where its numbers are, and there is nothing."""

UNPROTECTED = "stops"


# %% exercise="eye"
class Wild:
    shape = (2, 2)
    __array_interface__ = {"shape": (2, 2), "typestr": "<f4", "data": (4096, False), "version": 3}


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return Wild()
