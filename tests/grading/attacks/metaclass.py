"""A class whose metaclass says that everything is an instance of it, equal to it and true."""

UNPROTECTED = "passes"


# %% exercise="broadcast_shapes"
class Meta(type):
    __instancecheck__ = __subclasscheck__ = __eq__ = __contains__ = lambda cls, other: True
    __bool__ = lambda cls: True
    __hash__ = type.__hash__
    __len__ = lambda cls: 2


class Type(metaclass=Meta):
    pass


def broadcast_shapes(*shapes):
    return Type
