"""A socket to the kernel's cryptography, in which there were holes."""

UNPROTECTED = "gets through"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import socket

    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET):
        print("SEEN")
