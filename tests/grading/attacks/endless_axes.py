"""An array of a billion rows that takes no memory here, and would take all of it there."""

MET = "that can be sent"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    return np.broadcast_to(np.float32(1), (1 << 20, 1 << 20))
