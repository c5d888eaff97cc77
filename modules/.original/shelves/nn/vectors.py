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


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Sequences (length, ...) of different lengths side by side, filled up at one end: (longest, n, ...)."""
    if padding_side not in ("right", "left"):
        raise ValueError(f'padding_side is "right" or "left", not {padding_side!r}')
    longest = max(len(x) for x in sequences)
    full = []
    for x in sequences:
        sides = (0, longest - len(x)) if padding_side == "right" else (longest - len(x), 0)
        full.append(pad(x, (0, 0) * (x.ndim - 1) + sides, value=padding_value))
    return stack(full, 0 if batch_first else 1)


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The norm of all values of some tensors together."""
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    total = stack([x.norm(norm_type) for x in tensors]).norm(norm_type)
    if error_if_nonfinite and not total.isfinite():
        raise RuntimeError(f"the norm together is {total.item()}")
    return total


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """Scale all gradients in place, so that their norm, which is `total_norm` now, is at most `max_norm`."""
    factor = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if p.grad is not None:
            p.grad.mul_(factor)
