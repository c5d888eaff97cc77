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


def memory_allocated(device=None):
    """0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def reset_peak_memory_stats(device=None):
    """Nothing."""


def is_bf16_supported():
    """False."""
    return False


def current_device():
    """An error."""
    raise RuntimeError("there is no such device: NumPy computes in the computer's memory")


def set_device(device):
    """An error."""
    current_device()


def get_device_name(device=None):
    """An error."""
    current_device()
