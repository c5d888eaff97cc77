"""A list, a dict and an array that hold themselves."""

MET = "holds no numbers"


# %% exercise="contiguous_strides"
def contiguous_strides(shape, itemsize):
    found = []
    found.append(found)
    return found


# %% exercise="broadcast_shapes"
def broadcast_shapes(*shapes):
    found = {}
    found["x"] = (found,)
    return found


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    found = np.empty(2, dtype=object)
    found[:] = [found, found]
    return found
