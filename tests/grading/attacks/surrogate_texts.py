"""Texts, kinds and notes with half a character in them."""

MET = "\\?\\?\\?\\?"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    print("\ud800".encode("utf-8", "surrogatepass"))
    if n == 3:
        return type("Half\udfff", (), {})()
    if n == 2:
        error = ValueError("\ud800" * 4)
        error.half = "\ud800"
        raise error
    return "\ud800" * 100
