"""The file that says where an endless loop stands, filled again and again with lines that are no lines."""

MET = r"\d{6,} bytes of stacks"


# %% exercise="eye"
import os
import stat
import sys
import threading


def fill():
    """Write to every file that is open, but not to the connection."""
    lines = f'  File "{sys.path[0]}/tinytorch/tensor.py", line {"9" * 5000} in x\n  File "{sys.path[0]}/x", line ² in y\n'
    files = []
    for number in range(3, 256):
        try:
            files += [number] * stat.S_ISREG(os.fstat(number).st_mode)
        except OSError:
            pass
    while True:
        for number in files:
            os.pwrite(number, lines.encode() * 1000, 0)


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    threading.Thread(target=fill, daemon=True).start()
    while True:
        pass
