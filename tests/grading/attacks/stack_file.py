"""The file that says where an endless loop stands, filled with lines that are no lines."""

MET = r"\d{6,} bytes of stacks"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os
    import sys

    for number in range(3, 20):
        try:
            line = f'  File "{sys.path[0]}/tinytorch/tensor.py", line {"9" * 5000} in x\n  File "{sys.path[0]}/x", line ² in y\n'
            while True:
                os.write(number, line.encode() * 1000)
        except OSError:
            pass
    while True:
        pass
