"""torch.amp: mixed precision, which NumPy does not have. Everything stays float32, and the switches change nothing."""

import contextlib


def autocast(device_type="cpu", dtype=None, enabled=True, cache_enabled=None):
    """A block in which nothing is different."""
    return contextlib.nullcontext()


class GradScaler:
    """Losses and gradients as they are: float32 needs no scale."""

    def __init__(self, device="cpu", enabled=True, **options):
        pass

    def scale(self, loss):
        """The loss."""
        return loss

    def unscale_(self, optimizer):
        """Nothing."""

    def step(self, optimizer):
        """A step of the optimizer."""
        return optimizer.step()

    def update(self):
        """Nothing."""

    def get_scale(self):
        """1."""
        return 1.0

    def state_dict(self):
        """Nothing to be saved."""
        return {}

    def load_state_dict(self, state):
        """Nothing."""
