"""TinyTorch: the framework you have built so far."""

from tinytorch.tensor import *  # noqa: F403
