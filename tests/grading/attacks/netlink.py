"""A socket to the kernel's own services."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import socket

    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW):
        print("SEEN")
