"""The rule of max and min: the gradient goes to the values that are the largest or smallest; those that tie share it."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tito.testing import assert_close


def test_the_largest_or_smallest_gets_it_all():
    x = Tensor([1, 5, 3], requires_grad=True)
    x.max().backward()
    assert_close(x.grad, [0, 1, 0])
    x = Tensor([1, 5, 3], requires_grad=True)
    x.min().backward(10)
    assert_close(x.grad, [10, 0, 0])


def test_values_that_tie_share_it():
    x = Tensor([5, 1, 5], requires_grad=True)
    x.max().backward()
    assert_close(x.grad, [0.5, 0, 0.5])
    x = Tensor([2, 2, 2], requires_grad=True)
    x.min().backward(6)
    assert_close(x.grad, [2, 2, 2])


def test_each_group_shares_its_own():
    x = Tensor([[5, 1, 5], [2, 7, 3], [4, 4, 4]], requires_grad=True)
    x.max(axis=1).backward([10, 20, 30])
    assert_close(x.grad, [[5, 0, 5], [0, 20, 0], [10, 10, 10]])
    x = Tensor([[5, 4], [5, 2]], requires_grad=True)
    x.max(axis=0).backward([1, 10])
    assert_close(x.grad, [[0.5, 10], [0.5, 0]])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_any_axis_kept_or_not(axis, keepdims, rng):
    array = rng.permutation(24).reshape(2, 3, 4).astype(np.float32)
    largest = array.max(axis=axis, keepdims=True)
    weights = rng.uniform(1, 2, largest.shape)
    x = Tensor(array, requires_grad=True)
    x.max(axis=axis, keepdims=keepdims).backward(weights if keepdims else weights.reshape(array.max(axis=axis).shape))
    assert_close(x.grad, np.where(array == largest, weights, 0))
