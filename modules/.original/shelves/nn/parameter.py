"""torch.nn.parameter."""

from tinytorch.shelf import fill

fill(__name__, layers="Parameter")
