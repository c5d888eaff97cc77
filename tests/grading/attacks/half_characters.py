"""Half characters in the bytes of a frame itself: in an error's kind, message, arguments, attributes and places."""

MET = "h\\?lf"


# %% exercise="contiguous_strides"
import gc
import os
import socket
import struct
import sys


def contiguous_strides(shape, itemsize):
    frame = sys._getframe()
    while "question" not in frame.f_locals:
        frame = frame.f_back
    half = rb'"h\ud800lf"'
    parts = [
        rb'["types",["list",[%s,"ValueError"]]]' % half,
        rb'["message",%s]' % half,
        rb'["args",["tuple",[%s]]]' % half,
        rb'["attributes",["dict",[[%s,%s]]]]' % (half, half),
        rb'["frames",["list",[["tuple",["tinytorch/\udfff.py",1,%s]]]]]' % half,
    ]
    text = rb'["list",[%d,false,["dict",[%s]]]]' % (frame.f_locals["question"], b",".join(parts))
    for found in gc.get_objects():
        if isinstance(found, socket.socket):
            found.sendall(struct.pack(">II", len(text), 0) + text)
            os._exit(0)
