"""The rule of max and min: the gradient goes to the values that are the largest or smallest; those that tie share it."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, rule, sizes


def shared(array, weights, axis, best):
    """What each value should get, group by group; `weights` has the axes that are left, with size 1."""
    ties = array == best(array, axis=axis, keepdims=True)
    return np.where(ties, weights, 0) / ties.sum(axis=axis, keepdims=True)


def test_the_largest_or_smallest_gets_it_all(rng):
    assert_close(gradient("x", "x.max().backward()", x=[1, 5, 3]), [0, 1, 0])
    assert_close(gradient("x", "x.min().backward(10)", x=[1, 5, 3]), [10, 0, 0])
    array = rng.standard_normal(sizes(rng, 2))
    assert_close(gradient("x", "(x.max() * x.max()).backward()", x=array), 2 * array * (array == array.max()))
    assert_close(gradient("x", "(x.min() * x.min()).backward()", x=array), 2 * array * (array == array.min()))
    assert_close(gradient("x", "x.max().backward(3)", x=array[0, 0]), 3)


def test_values_that_tie_share_it(rng):
    assert_close(gradient("x", "x.max().backward()", x=[5, 1, 5]), [0.5, 0, 0.5])
    assert_close(gradient("x", "x.min().backward(6)", x=[2, 2, 2]), [2, 2, 2])
    assert_close(gradient("x", "x.max().backward(6)", x=[np.inf, 1, np.inf]), [3, 0, 3])
    nearly = rng.uniform(1, 2) * np.array([1, 1 + 1e-9])
    assert_close(gradient("x", "x.max().backward()", x=nearly), [0, 1])
    array, weight = rng.integers(0, 2, (4, 5)).astype(float), rng.standard_normal()
    x = Tensor(array, requires_grad=True)
    x.max().backward(weight)
    assert_close(x.grad, shared(array, weight, None, np.max))


def test_each_group_shares_its_own(rng):
    found = gradient("x", "x.amax(dim=1).backward([10, 20, 30])", x=[[5, 1, 5], [2, 7, 3], [4, 4, 4]])
    assert_close(found, [[5, 0, 5], [0, 20, 0], [10, 10, 10]])
    assert_close(gradient("x", "x.amax(dim=0).backward([1, 10])", x=[[5, 4], [5, 2]]), [[0.5, 10], [0.5, 0]])
    array, weights = rng.integers(0, 3, (5, 5)).astype(float), rng.standard_normal(5)
    x = Tensor(array, requires_grad=True)
    x.amin(dim=1).backward(weights)
    assert_close(x.grad, shared(array, weights[:, None], 1, np.min))


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_any_axis_kept_or_not(dim, keepdim, rng):
    array = rng.integers(0, 4, sizes(rng, 3)).astype(np.float32)
    for op, best in ((np.max, np.max), (np.min, np.min)):
        weights = rng.uniform(1, 2, array.max(axis=dim, keepdims=keepdim).shape).astype(np.float32)
        (found,), (grad, out, after) = rule(derivatives, op, weights, array, axis=dim, keepdims=keepdim)
        kept = weights.reshape(array.max(axis=dim, keepdims=True).shape)
        assert_close(found, shared(array, kept, dim, best))
        assert_close(grad, weights)
        assert_close(out, best(array, axis=dim, keepdims=keepdim))
        assert_close(after, array)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gradient_has_the_dtype_of_grad(dtype, rng):
    array, weights = rng.integers(0, 4, (4, 5)).astype(dtype), rng.uniform(1, 2, 4).astype(dtype)
    (found,), _ = rule(derivatives, np.max, weights, array, axis=1)
    assert_close(found, shared(array, weights[:, None], 1, np.max), dtype=dtype)
