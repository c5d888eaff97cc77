"""A thread that goes on after the answer, and makes every assertion of NumPy's agree from then on."""

UNPROTECTED = "passes"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import threading
    import time

    begun = threading.Event()

    def go_on():
        for _ in range(100):
            for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
                setattr(np.testing, name, lambda *args, **options: None)
            begun.set()
            time.sleep(0.005)

    threading.Thread(target=go_on, daemon=True).start()
    begun.wait()
    return Tensor([[0.5]])
