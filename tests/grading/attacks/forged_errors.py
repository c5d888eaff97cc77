"""Errors of kinds that a test runner takes for its own, with frames and arguments that make no sense."""

MET = "this is not an answer|It raised|No answer: it called"


# %% exercise="contiguous_strides"
import sys
import gc
import os
import random
import socket
import sys

ODD = [
    dict(types=[]),
    dict(types=["BaseExceptionGroup", "BaseException"]),
    dict(types=["ExceptionGroup"], args=("x", [])),
    dict(types=["SyntaxError"], args=("x", ("/etc/passwd", 1, 2, 5, 7, "x"))),
    dict(types=["KeyboardInterrupt"]),
    dict(types=["Skipped", "Exit"]),
    dict(types=["AssertionError"], frames=[3, ("a",), ("tinytorch/tensor.py", "x", 1)]),
    dict(types=["ValueError"], attributes={1: 2}, frames=[("tinytorch/tensor.py", 10**30, "x")] * 1000),
    dict(types=["\x1b[2J"], message="\ud800", attributes={"types": 3, "frames": 4, "__class__": 5}),
    dict(types=["UnicodeDecodeError", "ValueError"], message=None),
]


def asked():
    """The number of the question, which an answer must bear."""
    frame = sys._getframe()
    while "question" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["question"]


def contiguous_strides(shape, itemsize):
    for found in gc.get_objects():
        if isinstance(found, socket.socket):
            odd = random.choice(ODD)
            usual = dict(types=["ValueError"], message="x", args=(), attributes={}, frames=[])
            sys.modules["wire"].send(found, [asked(), False, usual | odd], None)
            os._exit(0)
