"""Threads without number, each with a stack of its own."""

UNPROTECTED = "gets through"


# %% exercise="eye"
import threading
import time


@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    started = 0
    try:
        for started in range(100):
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        print("SEEN")
    except RuntimeError:
        pass
    return None
