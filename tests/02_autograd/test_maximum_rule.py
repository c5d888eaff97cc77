"""The rule of maximum(a, b): the larger one gets the gradient, and at a tie each gets half."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tinytorch.tensor import maximum
from tito.testing import assert_close, rule, sizes


def test_the_larger_one_gets_it(rng):
    for weights, a, b in (
        (np.array([10.0, 20, 40]), np.array([5.0, 3, -1]), np.array([3.0, 5, -2])),
        rng.standard_normal((3, *sizes(rng, 2))),
    ):
        both, _ = rule(derivatives, np.maximum, weights, a, b)
        assert_close(both, [np.where(a > b, weights, 0), np.where(b > a, weights, 0)])


def test_at_a_tie_each_gets_half(rng):
    both, _ = rule(derivatives, np.maximum, *np.array([[10.0, 20, 30], [5, 3, 4], [3, 5, 4]]))
    assert_close(both, [[10, 0, 15], [0, 20, 15]])
    infinite = np.array([np.inf, -np.inf, np.inf])
    both, _ = rule(derivatives, np.maximum, np.array([2.0, 4, 6]), infinite, np.array([np.inf, -np.inf, 0]))
    assert_close(both, [[1, 2, 6], [1, 2, 0]])
    a, b = rng.integers(0, 3, (2, 5, 5)).astype(float)
    weights = rng.standard_normal((5, 5))
    both, after = rule(derivatives, np.maximum, weights, a, b)
    assert_close(both, [weights * (a > b) + weights / 2 * (a == b), weights * (b > a) + weights / 2 * (a == b)])
    for array, before in zip(after, (weights, np.maximum(a, b), a, b)):
        assert_close(array, before)


def test_near_values_do_not_tie(rng):
    weights, a = rng.uniform(1, 2, (2, 4))
    both, _ = rule(derivatives, np.maximum, weights, a, a * (1 + 1e-9))
    assert_close(both, [np.zeros(4), weights])


def test_a_number_may_be_one_of_them(rng):
    values, weights = rng.integers(-2, 3, 20).astype(float), rng.standard_normal(20)
    for number in (0, 1.0, int(rng.integers(-2, 3))):
        for way in (lambda x, number: maximum(x, number), lambda x, number: maximum(number, x)):
            x = Tensor(values, requires_grad=True)
            way(x, number).backward(weights)
            assert_close(x.grad, weights * (values > number) + weights / 2 * (values == number))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gradients_have_the_dtype_of_grad(dtype, rng):
    a, b = rng.integers(0, 3, (2, *sizes(rng, 2))).astype(dtype)
    weights = rng.standard_normal(a.shape).astype(dtype)
    both, _ = rule(derivatives, np.maximum, weights, a, b)
    assert_close(
        both, [weights * (a > b) + weights / 2 * (a == b), weights * (b > a) + weights / 2 * (a == b)], dtype=dtype
    )
