"""normalize_rule sends a gradient back through layer norm and batch norm: to the input, the weight and the bias."""

import numpy as np
import pytest

from tinytorch.autograd import unbroadcast
from tinytorch.backprop import normalize_rule
from tito.testing import assert_close, on_student_side


@on_student_side
def gradients(grad, x, weight, bias, dim, eps=0.0):
    results = normalize_rule(grad, None, x, weight, bias, dim=dim, eps=eps)
    arrays = [result() if callable(result) else result for result in results]
    return [unbroadcast(array, like.shape) for array, like in zip(arrays, (x, weight, bias))]


@on_student_side
def grad_after(grad, x, weight, bias, dim):
    for result in normalize_rule(grad, None, x, weight, bias, dim=dim, eps=0.0):
        if callable(result):
            result()
    return grad


def normalized(x, weight, bias, dim, eps):
    return (x - x.mean(dim, keepdims=True)) / np.sqrt(x.var(dim, keepdims=True) + eps) * weight + bias


def slope(grad, inputs, k, dim, eps):
    """The gradient of input number k, by central differences."""
    result = np.zeros(inputs[k].shape)
    for index in np.ndindex(result.shape):
        sides = []
        for step in (1e-5, -1e-5):
            moved = [value.copy() for value in inputs]
            moved[k][index] += step
            sides.append((normalized(*moved, dim, eps) * grad).sum())
        result[index] = (sides[0] - sides[1]) / 2e-5
    return result


def test_one_row_of_three_numbers():
    x, one, zero = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    assert_close(gradients(np.array([1.0, 0, 0]), x, one, zero, (-1,))[0], [0.204124, -0.408248, 0.204124])
    assert_close(gradients(np.array([0.0, 0, 0]), x, one, zero, (-1,))[0], [0, 0, 0])


def test_shifting_or_stretching_a_row_changes_nothing_so_such_gradients_have_no_effect():
    x, one, zero = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    assert_close(gradients(np.array([1.0, 1, 1]), x, one, zero, (-1,))[0], [0, 0, 0])
    assert_close(gradients(np.array([-1.0, 0, 1]), x, one, zero, (-1,))[0], [0, 0, 0])


def test_the_weight_comes_before_the_rest():
    x, weight, zero = np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0, 7.0]), np.zeros(3)
    assert_close(gradients(np.array([1.0, 0, 0]), x, weight, zero, (-1,))[0], [0.408248, -0.816497, 0.408248])


def test_weight_and_bias_collect_from_all_rows():
    x, one, zero = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), np.ones(3), np.zeros(3)
    grad = np.array([[1.0, 2.0, 3.0], [0.0, 5.0, 1.0]])
    _, by_weight, by_bias = gradients(grad, x, one, zero, (-1,))
    assert_close(by_bias, [1, 7, 4])
    assert_close(by_weight, np.array([-1, 0, 2]) * 1.224745)


@pytest.mark.parametrize(
    ("shape", "dim", "learnt"),
    [
        ((4, 5), (-1,), (5,)),
        ((3, 2, 4), (-2, -1), (2, 4)),
        ((5, 3), (0,), (1, 3)),
        ((3, 2, 2, 3), (0, 2, 3), (1, 2, 1, 1)),
    ],
)
def test_it_agrees_with_measured_slopes_along_any_axes(shape, dim, learnt, rng):
    grad, x = rng.standard_normal(shape), rng.standard_normal(shape)
    weight, bias = rng.uniform(0.5, 2, learnt), rng.standard_normal(learnt)
    by_x, by_weight, by_bias = gradients(grad, x, weight, bias, dim, eps=0.01)
    assert_close(by_x, slope(grad, (x, weight, bias), 0, dim, 0.01), rtol=1e-3, atol=1e-5)
    assert_close(by_weight, slope(grad, (x, weight, bias), 1, dim, 0.01), rtol=1e-3, atol=1e-5)
    assert_close(by_bias, slope(grad, (x, weight, bias), 2, dim, 0.01), rtol=1e-3, atol=1e-5)


def test_float32_stays_float32_and_the_gradient_as_it_is():
    x, one, zero = np.array([1, 2, 3], np.float32), np.ones(3, np.float32), np.zeros(3, np.float32)
    grad = np.array([1, 0, 0], np.float32)
    for gradient in gradients(grad, x, one, zero, (-1,)):
        assert gradient.dtype == np.float32
    assert grad_after(grad, x, one, zero, (-1,)).tolist() == grad.tolist()
