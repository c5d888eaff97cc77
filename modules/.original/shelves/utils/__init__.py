"""torch.utils."""

from tinytorch.utils import data
