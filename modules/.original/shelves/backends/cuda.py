"""Switches for products on graphics processors, which are not there."""

import types

matmul = types.SimpleNamespace(allow_tf32=False)


def is_built():
    """False."""
    return False
