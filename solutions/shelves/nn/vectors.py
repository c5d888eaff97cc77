"""Tensors of different shapes in one, and back."""

from tinytorch.autograd import Tensor, no_grad
from tinytorch.nn.parts import pad
from tinytorch.tensor import cat, stack


def parameters_to_vector(parameters):
    """All values of the parameters, in a row."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    """Write the values of a vector back into the parameters."""
    start = 0
    with no_grad():
        for p in parameters:
            p.copy_(vec[start : start + p.numel()].reshape(p.shape))
            start += p.numel()


def pad_sequence(sequences, batch_first=False, padding_value=0.0):
    """Sequences (length, ...) of different lengths side by side, filled up at the end: (longest, n, ...)."""
    longest = max(len(x) for x in sequences)
    full = [
        pad(x, (0, 0) * (x.ndim - 1) + (0, longest - len(x)), value=padding_value)
        for x in sequences
    ]
    return stack(full, 0 if batch_first else 1)
