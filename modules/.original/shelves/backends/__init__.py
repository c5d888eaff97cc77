"""torch.backends: switches for machines that are not there. They can be set, and change nothing."""

from tinytorch.backends import cuda, cudnn, mps
