"""Frames of bytes that are not JSON, not an answer, or an answer of the strangest parts, one for each test."""

MET = "the frame cannot be read"


# %% exercise="contiguous_strides"
import sys
import gc
import os
import random
import socket
import struct

FRAMES = [
    b"\xff\x00",
    b"{}",
    b'["list", [true]]',
    b'["list", ["yes", 1]]',
    b'["list", [ASKED, true, ["array", "<f8", [9, 9]]]]',
    b'["list", [ASKED, true, ["array", "O", [1]]]]',
    b'["list", [ASKED, true, ["dtype", {"a": 1}]]]',
    b'["list", [ASKED, true, ["ref", ["list", []], 3]]]',
    b'["list", [ASKED, true, ["numpy type", "__class__"]]]',
    b'["list", [ASKED, true, ["range", 0, 1000000000000, 1]]]',
    b'["list", [ASKED, false, {"types": 3}]]',
    b'["list", [ASKED, true, ' + b"9" * 100_000 + b"]]",
]
random.seed()
sent = random.randrange(len(FRAMES))


def asked():
    """The number of the question, which an answer must bear."""
    frame = sys._getframe()
    while "question" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["question"]


def contiguous_strides(shape, itemsize):
    global sent
    for found in gc.get_objects():
        if isinstance(found, socket.socket):
            text = FRAMES[sent % len(FRAMES)].replace(b"ASKED", b"%d" % asked())
            sent += 1
            found.sendall(struct.pack(">II", len(text), 0) + text)
            os._exit(0)
