"""torch.nn.modules.module."""

from tinytorch.shelf import fill

fill(__name__, layers="Module")
