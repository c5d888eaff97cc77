"""Switches of a library for graphics processors, which is not there."""

enabled = benchmark = deterministic = allow_tf32 = False


def is_available():
    """False."""
    return False
