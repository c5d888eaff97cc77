"""torch.utils."""

from tinytorch.utils import checkpoint, data
