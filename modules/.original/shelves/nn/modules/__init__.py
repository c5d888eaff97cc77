"""torch.nn.modules: the same as torch.nn, also under the names of PyTorch's files."""

import sys

from tinytorch.nn.modules import module
from tinytorch.shelf import known_as

known_as(
    __name__,
    """
    activation batchnorm container conv distance dropout flatten instancenorm linear loss normalization padding
    pixelshuffle pooling rnn sparse transformer upsampling
    """,
    "tinytorch.nn",
)


def __getattr__(name):
    return getattr(sys.modules["tinytorch.nn"], name)
