"""torch.linalg: norms."""

from tinytorch.shelf import fill

fill(__name__, operations="norm norm>vector_norm")
