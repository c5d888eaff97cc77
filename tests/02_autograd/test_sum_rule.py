"""The rule of a sum: every value gets the gradient of the sum it went into."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, rule, sizes


def test_every_value_counts_once(rng):
    assert_close(gradient("x", "x.sum().backward()", x=[[1, 2], [3, 4]]), [[1, 1], [1, 1]])
    assert_close(gradient("x", "y = x * 2; (y * y).sum().backward(0.5)", x=[1, 2, 3]), [4, 8, 12])
    assert_close(gradient("x", "x.sum(dim=1).backward([10, 20])", x=[[0, 1], [np.inf, 2]]), [[10, 10], [20, 20]])
    for shape in (sizes(rng, 2), (), (1,)):
        array = rng.standard_normal(shape)
        assert_close(gradient("x", "(x * x).sum().backward()", x=array), 2 * array)


def test_each_value_gets_the_gradient_of_its_own_sum(rng):
    rows = "x.sum(dim=1).backward([10, 20])"
    assert_close(gradient("x", rows, x=[[1, 2, 3], [4, 5, 6]]), [[10, 10, 10], [20, 20, 20]])
    assert_close(gradient("x", rows, x=[[1, 2], [3, 4]]), [[10, 10], [20, 20]])
    assert_close(gradient("x", "x.sum(dim=0).backward([10, 20])", x=[[1, 2], [3, 4]]), [[10, 20], [10, 20]])
    n, weights = 5, rng.standard_normal(5)
    x = Tensor(rng.standard_normal((n, n)), requires_grad=True)
    x.sum(dim=1).backward(weights)
    assert_close(x.grad, np.repeat(weights[:, None], n, axis=1))


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, 1, -1, (0, 2), (-1, 1), (0, 1, 2), (2,), ()])
def test_any_axis_kept_or_not(dim, keepdim, rng):
    array = rng.standard_normal(sizes(rng, 3)).astype(np.float32)
    weights = rng.standard_normal(array.sum(axis=dim, keepdims=keepdim).shape).astype(np.float32)
    (found,), (grad, _, after) = rule(derivatives, np.sum, weights, array, axis=dim, keepdims=keepdim)
    expected = weights.reshape(array.sum(axis=dim, keepdims=True).shape)
    assert_close(found, np.broadcast_to(expected, array.shape), dtype=np.float32)
    assert_close(grad, weights)
    assert_close(after, array)


def test_means_and_variances_need_no_rule_of_their_own(rng):
    n, m = sizes(rng, 2)
    array, weights = rng.standard_normal((n, m)), rng.standard_normal(m)
    x = Tensor(array, requires_grad=True)
    x.mean(dim=0).backward(weights)
    assert_close(x.grad, [weights / n] * n)
    x = Tensor(array, requires_grad=True)
    x.var(dim=1).backward(np.full(n, m - 1))
    assert_close(x.grad, 2 * (array - array.mean(axis=1, keepdims=True)))
