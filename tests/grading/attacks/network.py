"""A connection to a service on this machine, to a name server, and to an abstract socket."""

UNPROTECTED = "reads"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import socket

    said = []
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", int("@PORT@"))),
        (socket.AF_INET, ("192.0.2.1", 53)),
        (socket.AF_UNIX, "\0@ABSTRACT@"),
    ):
        try:
            with socket.socket(family) as connection:
                connection.settimeout(0.3)
                connection.connect(address)
                said.append(connection.recv(100).decode())
        except OSError:
            pass
    raise ValueError(str(said))
