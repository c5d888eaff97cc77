"""clip_grad_norm_ scales all gradients by one factor, so that together they are at most so long."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Parameter
from tinytorch.optimizers import clip_grad_norm_
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def gradients_after(grads, max_norm, **options):
    parameters = []
    for grad in grads:
        p = Parameter(np.zeros(np.shape(grad), np.float32))
        p.grad = Tensor(np.array(grad, np.float32))
        parameters.append(p)
    clip_grad_norm_(parameters, max_norm, **options)
    return [p.grad.array for p in parameters]


@on_student_side
def old_and_new_of_two_that_share(grad, max_norm):
    grad = np.array(grad, np.float32)
    a, b = Parameter(np.zeros_like(grad)), Parameter(np.zeros_like(grad))
    a.grad, b.grad = Tensor.wrap(grad), Tensor.wrap(grad)
    clip_grad_norm_([a, b], max_norm)
    return [grad, a.grad.array, b.grad.array]


def with_gradients(*grads):
    parameters = [Parameter(np.zeros(np.shape(grad), np.float32)) for grad in grads]
    for p, grad in zip(parameters, grads):
        p.grad = Tensor(np.array(grad, np.float32))
    return parameters


def test_all_gradients_are_scaled_to_the_length_together():
    assert_close(gradients_after([[3], [4]], 1), [[0.6], [0.8]], dtype=np.float32)
    assert_close(gradients_after([[3, 0], [0, -4]], 2.5), [[1.5, 0], [0, -2]])


def test_it_returns_the_norm_from_before():
    assert_close(clip_grad_norm_(with_gradients([3], [4]), 1), 5)
    assert_close(clip_grad_norm_(with_gradients([[2, 4], [4, 0]], [8]), 100), 10)


def test_short_gradients_are_not_made_longer():
    assert_close(gradients_after([[3], [4]], 10), [[3], [4]])
    assert_close(gradients_after([[0], [0]], 1), [[0], [0]])


def test_parameters_without_a_gradient_are_left_out():
    p, q = with_gradients([6], [8])
    free = Parameter([1])
    assert_close(clip_grad_norm_([p, free, q], 5), 10)
    assert_close(p.grad, [3])
    assert free.grad is None
    assert_close(clip_grad_norm_([free], 5), 0)


def test_the_old_arrays_stay_as_they_are():
    assert_close(old_and_new_of_two_that_share([3, 4], 5 / math.sqrt(2)), [[3, 4], [1.5, 2], [1.5, 2]])


@pytest.mark.parametrize(("norm_type", "norm"), [(1, 12), (math.inf, 6), (2.0, math.sqrt(56))])
def test_other_norms_will_do(norm_type, norm):
    assert_close(clip_grad_norm_(with_gradients([2, -4], [6]), 1.0, norm_type=norm_type), norm)


def test_a_norm_that_is_not_finite_is_an_error_if_asked_for():
    with raises(RuntimeError, "the norm of the gradients is inf"):
        clip_grad_norm_(with_gradients([math.inf], [1]), 1.0, error_if_nonfinite=True)
    with raises(RuntimeError, "the norm of the gradients is nan"):
        clip_grad_norm_(with_gradients([math.nan], [1]), 1.0, error_if_nonfinite=True)
    assert_close(clip_grad_norm_(with_gradients([math.inf], [1]), 1.0), math.inf, finite=False)
