"""torch.nn.utils: clipping, from module 05, and parameters as one vector."""

from tinytorch.nn.utils import rnn
from tinytorch.shelf import fill

fill(
    __name__,
    optimizers="clip_grad_norm_ clip_grad_value_",
    nn__vectors="parameters_to_vector vector_to_parameters",
)
