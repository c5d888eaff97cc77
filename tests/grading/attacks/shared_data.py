"""What is installed on this machine, in the system's own folders."""

UNPROTECTED = "sees"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    if os.listdir("/usr/share"):
        print("SEEN")
