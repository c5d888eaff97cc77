"""A process that leaves its parent and its session, and writes a file later."""

UNPROTECTED = "writes"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            try:
                time.sleep(0.5)
                with open("@WITNESS@", "w") as file:
                    file.write("still here")
            finally:
                os._exit(0)
        os._exit(0)
    return None
