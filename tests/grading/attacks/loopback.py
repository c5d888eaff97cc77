"""A connection to itself over TCP: what waits in it is memory of the kernel's that no limit counts."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    with socket.create_connection(server.getsockname()) as connection:
        connection.setblocking(False)
        connection.send(bytes(1 << 20))
        print("SEEN")
