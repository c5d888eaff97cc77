"""Texts that steer a terminal or a browser: in messages, names, values and output."""

UNPROTECTED = "gets through"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    print("\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202e")
    raise ValueError("\x1b[31m<script>alert(2)</script><img src=x onerror=alert(3)>\r\x08")


# %% exercise="mean"
@extend(Tensor)
def mean(self, dim=None, keepdim=False):
    return type("\x1b[31m<script>", (), {"__repr__": lambda self: "\x1b[2J<script>alert(4)</script>"})()
