"""normalize_rule sends a gradient back through layer norm and batch norm: to the input, the weight and the bias."""

import numpy as np
import pytest

from tinytorch.autograd import unbroadcast
from tinytorch.backprop import normalize_rule
from tito.testing import assert_close, on_student_side


@on_student_side
def inputs_after(grad, x, weight, bias, dim):
    for result in normalize_rule(grad, None, x, weight, bias, dim=dim, eps=0.0):
        if callable(result):
            result()
    return grad, x, weight, bias


def agree(grad, x, weight, bias, dim, eps=0.0):
    """Compare all three gradients with measured slopes."""
    for k, found in enumerate(gradients(grad, x, weight, bias, dim, eps)):
        assert_close(found, slope(grad, (x, weight, bias), k, dim, eps), rtol=1e-3, atol=1e-5)


@on_student_side
def gradients(grad, x, weight, bias, dim, eps=0.0):
    results = normalize_rule(grad, None, x, weight, bias, dim=dim, eps=eps)
    arrays = [result() if callable(result) else result for result in results]
    return [unbroadcast(array, like.shape) for array, like in zip(arrays, (x, weight, bias), strict=True)]


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


def test_one_row_of_three_numbers(rng):
    x, one, zero = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    assert_close(gradients(np.array([1.0, 0, 0]), x, one, zero, (-1,))[0], [0.204124, -0.408248, 0.204124])
    assert_close(gradients(np.array([0.0, 0, 0]), x, one, zero, (-1,))[0], [0, 0, 0])
    agree(rng.standard_normal(3), rng.standard_normal(3), one, zero, (-1,))


def test_shifting_or_stretching_a_row_changes_nothing_so_such_gradients_have_no_effect(rng):
    x, one, zero = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    assert_close(gradients(np.array([1.0, 1, 1]), x, one, zero, (-1,))[0], [0, 0, 0])
    assert_close(gradients(np.array([-1.0, 0, 1]), x, one, zero, (-1,))[0], [0, 0, 0])
    x = rng.standard_normal((3, 4))
    grad = np.array([rng.uniform(1, 2) * np.ones(4), rng.uniform(1, 2) * x[1], rng.standard_normal(4)])
    agree(grad, x, np.ones(4), np.zeros(4), (-1,))


def test_the_weight_comes_before_the_rest(rng):
    x, weight, zero = np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0, 7.0]), np.zeros(3)
    assert_close(gradients(np.array([1.0, 0, 0]), x, weight, zero, (-1,))[0], [0.408248, -0.816497, 0.408248])
    weight = rng.uniform(1, 3, 4) * [1, 0, -1, 1]
    agree(rng.standard_normal((2, 4)), rng.standard_normal((2, 4)), weight, np.zeros(4), (-1,))


def test_weight_and_bias_collect_from_all_rows(rng):
    x, one, zero = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), np.ones(3), np.zeros(3)
    grad = np.array([[1.0, 2.0, 3.0], [0.0, 5.0, 1.0]])
    _, by_weight, by_bias = gradients(grad, x, one, zero, (-1,))
    assert_close(by_bias, [1, 7, 4])
    assert_close(by_weight, np.array([-1, 0, 2]) * 1.224745)
    shape = (*rng.integers(2, 4, 2), 3)
    _, by_weight, by_bias = gradients(
        grad := rng.standard_normal(shape), x := rng.standard_normal(shape), one, zero, (2,)
    )
    assert_close(by_bias, grad.sum((0, 1)))
    assert_close(by_weight, (grad * normalized(x, one, zero, 2, 0)).sum((0, 1)))


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
    weight, bias = rng.uniform(0.5, 2, learnt), rng.standard_normal(learnt)
    agree(rng.standard_normal(shape), rng.standard_normal(shape), weight, bias, dim, eps=0.01)


def test_values_that_are_all_equal_are_no_division_by_zero(rng):
    x, grad, weight = np.full((2, 3), rng.uniform(1, 2)), rng.standard_normal((2, 3)), rng.uniform(0.5, 2, 3)
    by_x, by_weight, _ = gradients(grad, x, weight, np.zeros(3), (-1,), eps=0.01)
    assert_close(by_x, 10 * (grad * weight - (grad * weight).mean(-1, keepdims=True)), atol=1e-5)
    assert_close(by_weight, [0, 0, 0])


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in ((2, 4), (2, 4), (4,), (4,))]
    expected = [slope(inputs[0], [a.astype(float) for a in inputs[1:]], k, (-1,), 0.0) for k in range(3)]
    for gradient, by_slope in zip(gradients(*inputs, (-1,)), expected):
        assert_close(gradient, by_slope, rtol=1e-2, atol=1e-3, dtype=np.float32)
    assert [a.tolist() for a in inputs_after(*inputs, (-1,))] == [a.tolist() for a in inputs]
