"""torch.nn.modules: the same as torch.nn."""

from tinytorch.nn.modules import module
