"""clip_grad_norm_ scales all gradients by one factor, so that together they are at most so long."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Parameter
from tinytorch.optimizers import clip_grad_norm_
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def gradients_after(grads, max_norm, dtype=np.float32, **options):
    parameters = []
    for grad in grads:
        p = Parameter(np.zeros(np.shape(grad), dtype))
        p.grad = Tensor(np.array(grad, dtype))
        parameters.append(p)
    clip_grad_norm_(parameters, max_norm, **options)
    return [p.grad.array for p in parameters]


def norm_of(grads, norm_type=2):
    return np.linalg.norm(np.concatenate([np.ravel(grad) for grad in grads]), norm_type)


def drawn(rng):
    """Gradients of drawn shapes, one of them with a 0 in it."""
    grads = [rng.standard_normal(shape) for shape in ((2, 3), rng.integers(1, 6), (), (1, 2, 2))]
    grads[0][0, 0] = 0
    return [grads[k] for k in rng.permutation(4)]


def agree(grads, max_norm, factor, **options):
    for found, grad in zip(gradients_after(grads, float(max_norm), **options), grads, strict=True):
        assert_close(found, np.asarray(grad) * factor, dtype=options.get("dtype", np.float32))


@on_student_side
def held_and_own(grad, max_norm):
    """The array of a gradient and the gradient itself, both held from before, and the parameter's own after clipping."""
    array = np.array(grad, np.float32)
    p = Parameter(np.zeros_like(array))
    p.grad = held = Tensor.wrap(array)
    clip_grad_norm_([p], np.float64(max_norm))
    return [array, held.array, p.grad.array]


def with_gradients(*grads):
    parameters = [Parameter(np.zeros(np.shape(grad), np.float32)) for grad in grads]
    for p, grad in zip(parameters, grads):
        p.grad = Tensor(np.array(grad, np.float32))
    return parameters


def test_all_gradients_are_scaled_to_the_length_together(rng):
    assert_close(gradients_after([[3], [4]], 1), [[0.6], [0.8]], dtype=np.float32)
    assert_close(gradients_after([[3, 0], [0, -4]], 2.5), [[1.5, 0], [0, -2]])
    for dtype in (np.float32, np.float64):
        grads, max_norm = drawn(rng), rng.uniform(0.1, 1)
        agree(grads, max_norm, min(max_norm / norm_of(grads), 1), dtype=dtype)
    agree([grads[0] * 9 + 1], 1, 1 / norm_of([grads[0] * 9 + 1]))


def test_it_returns_the_norm_from_before(rng):
    assert_close(clip_grad_norm_(with_gradients([3], [4]), 1), 5)
    assert_close(clip_grad_norm_(with_gradients([[2, 4], [4, 0]], [8]), 100), 10)
    grads = drawn(rng)
    for max_norm in (0.1, 100):
        assert_close(clip_grad_norm_(with_gradients(*grads), max_norm), norm_of(grads))
    assert_close(clip_grad_norm_(with_gradients(grads[0])[0], 1), norm_of(grads[:1]))


def test_short_gradients_are_not_made_longer(rng):
    assert_close(gradients_after([[3], [4]], 10), [[3], [4]])
    assert_close(gradients_after([[0], [0]], 1), [[0], [0]])
    grads = drawn(rng)
    agree(grads, norm_of(grads) * rng.uniform(1.1, 9), 1)


def test_the_smallest_of_norms_and_limits_divide_nothing_by_0(rng):
    assert_close(gradients_after([[3], [4]], 0), [[0], [0]])
    assert_close(gradients_after([[0], [0]], 0), [[0], [0]])
    grads = drawn(rng)
    agree(grads, 0, 0)
    size = rng.uniform(3, 9) * 1e-6
    for found, grad in zip(gradients_after([grad * size / norm_of(grads) for grad in grads], 1e-6), grads):
        assert_close(found * 1e6, grad * size / norm_of(grads) / (size + 1e-6), atol=1e-5)


def test_parameters_without_a_gradient_are_left_out(rng):
    p, q = with_gradients([6], [8])
    free = Parameter([1])
    assert_close(clip_grad_norm_([p, free, q], 5), 10)
    assert_close(p.grad, [3])
    assert free.grad is None
    assert_close(clip_grad_norm_([free], 5), 0)
    grads = [grad + 3 for grad in drawn(rng)]
    p, q = with_gradients(*grads[:2])
    assert_close(clip_grad_norm_([free, q, free, p], 1), norm_of(grads[:2]))
    assert_close(q.grad, grads[1] / norm_of(grads[:2]))
    assert free.grad is None


def test_who_holds_a_gradient_holds_the_clipped_one(rng):
    assert_close(held_and_own([3, 4], 2.5), [[1.5, 2]] * 3, dtype=np.float32)
    grad, share = rng.standard_normal((2, 3)).astype(np.float32), rng.uniform(0.1, 0.9)
    assert_close(held_and_own(grad, float(share * norm_of([grad]))), [grad * share] * 3, dtype=np.float32)


@pytest.mark.parametrize(("norm_type", "norm"), [(1, 12), (math.inf, 6), (2.0, math.sqrt(56))])
def test_other_norms_will_do(norm_type, norm, rng):
    assert_close(clip_grad_norm_(with_gradients([2, -4], [6]), 1.0, norm_type=norm_type), norm)
    grads, share = drawn(rng), rng.uniform(0.1, 0.9)
    whole = norm_of(grads, norm_type)
    assert_close(clip_grad_norm_(with_gradients(*grads), 1.0, norm_type=norm_type), whole)
    agree(grads, share * whole, share, norm_type=norm_type)


def test_a_norm_that_is_not_finite_is_an_error_if_asked_for(rng):
    with raises(RuntimeError, "the norm of the gradients is inf", "cannot be clipped"):
        clip_grad_norm_(with_gradients([math.inf], [1]), 1.0, error_if_nonfinite=True)
    with raises(RuntimeError, "the norm of the gradients is nan", "cannot be clipped"):
        clip_grad_norm_(with_gradients([math.nan], [1]), 1.0, error_if_nonfinite=True)
    assert_close(clip_grad_norm_(with_gradients([math.inf], [1]), 1.0), math.inf, finite=False)
    grads = drawn(rng)
    assert_close(clip_grad_norm_(with_gradients(*grads), 0.1, error_if_nonfinite=True), norm_of(grads))
    agree(grads, 0.1, 0.1 / norm_of(grads), error_if_nonfinite=True)
    grads[0] = grads[0] + rng.choice([math.inf, -math.inf])
    with raises(RuntimeError, "the norm of the gradients is inf", "cannot be clipped"):
        clip_grad_norm_(with_gradients(*grads), 0.1, error_if_nonfinite=True)
