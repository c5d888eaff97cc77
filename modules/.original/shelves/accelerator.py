"""torch.accelerator: there is none beside the processor."""


def is_available():
    """False: NumPy computes in the computer's memory only."""
    return False


def current_accelerator(check_available=False):
    """None."""


def device_count():
    """0."""
    return 0
