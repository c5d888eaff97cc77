# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "clip_grad_norm_",
    "Each gradient is clipped by its own norm. Then the large ones are made equal to the small ones, and the direction "
    "is lost. There is one norm, of all together, and one factor.",
)
def clips_each_by_itself(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    for p, norm in zip(parameters, norms):
        p.grad = p.grad.wrap(p.grad.data * min(1.0, max_norm / (float(norm) + 1e-6)))
    return Tensor(total)


@mistake(
    "clip_grad_norm_",
    "Short gradients are made longer, up to the limit. It is a limit: the factor is never above 1.",
)
def makes_short_gradients_longer(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    for p in parameters:
        p.grad = p.grad.wrap(p.grad.data * (max_norm / (total + 1e-6)))
    return Tensor(total)


@mistake(
    "clip_grad_norm_",
    "The gradients' arrays are changed in place. Two parameters may share one array, which is then scaled twice. Give "
    "each parameter a new gradient.",
)
def changes_the_old_arrays(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = min(1.0, max_norm / (total + 1e-6))
    for p in parameters:
        p.grad.data *= factor
    return Tensor(total)


@mistake(
    "clip_grad_norm_",
    "You return the norm after clipping. The one before is worth watching: a jump in it is a sign of trouble.",
)
def returns_the_norm_afterwards(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = min(1.0, max_norm / (total + 1e-6))
    for p in parameters:
        p.grad = p.grad.wrap(p.grad.data * factor)
    return Tensor(total * factor)


@mistake(
    "clip_grad_norm_",
    "The norms are added up. The norm of 3 and 4 is 5, not 7: it is the norm of the norms.",
)
def adds_the_norms_up(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(sum(norms))
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = min(1.0, max_norm / (total + 1e-6))
    for p in parameters:
        p.grad = p.grad.wrap(p.grad.data * factor)
    return Tensor(total)


@mistake(
    "clip_grad_norm_",
    "The gradients have become float64, since a NumPy number imposes its dtype on what it is multiplied with. Make a "
    "Python number of the norm, with `float`.",
)
def lets_a_numpy_number_in(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = np.linalg.norm(np.array(norms, np.float64), norm_type) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = np.minimum(1.0, max_norm / (total + 1e-6))
    for p in parameters:
        p.grad = p.grad.wrap(p.grad.data * factor)
    return Tensor(float(total))


@right("clip_grad_norm_")
def always_multiplies(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    total = float(np.linalg.norm(norms + [0.0], norm_type))
    if error_if_nonfinite and (np.isnan(total) or np.isinf(total)):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = max_norm / (total + 1e-6)
    if factor > 1:
        factor = 1.0
    for p in parameters:
        p.grad = p.grad * factor
    return Tensor(total)


@right("clip_grad_norm_")
def over_one_long_list(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    every = np.concatenate([p.grad.data.ravel() for p in parameters] + [np.zeros(1)])
    total = float(np.linalg.norm(every, ord=norm_type))
    if not math.isfinite(total) and error_if_nonfinite:
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    if total > max_norm:
        for p in parameters:
            p.grad = Tensor(p.grad.data * (max_norm / (total + 1e-6)))
    return Tensor(total)
