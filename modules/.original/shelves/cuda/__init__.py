"""torch.cuda: there is none."""

from tinytorch.cuda import amp


def is_available():
    """False: NumPy computes in the computer's memory only."""
    return False


def device_count():
    """0."""
    return 0


def manual_seed(seed):
    """Nothing: there is no generator there."""


manual_seed_all = manual_seed


def empty_cache():
    """Nothing: there is no cache."""


def synchronize(device=None):
    """Nothing: what was computed is there."""
