"""The memory of another process, by the call for it."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import ctypes
    import os

    class Piece(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    there, here = ctypes.create_string_buffer(b"SEEN"), ctypes.create_string_buffer(4)
    if not (child := os.fork()):
        __import__("time").sleep(1)
        os._exit(0)
    local, remote = Piece(ctypes.addressof(here), 4), Piece(ctypes.addressof(there), 4)
    if ctypes.CDLL(None).process_vm_readv(child, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) == 4:
        print(here.raw.decode())
    os.kill(child, 9)
    os.waitpid(child, 0)
