"""The rule of max and min: the gradient goes to the values that are the largest or smallest; those that tie share it."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


def test_the_largest_or_smallest_gets_it_all():
    assert_close(gradient("x", "x.max().backward()", x=[1, 5, 3]), [0, 1, 0])
    assert_close(gradient("x", "x.min().backward(10)", x=[1, 5, 3]), [10, 0, 0])


def test_values_that_tie_share_it():
    assert_close(gradient("x", "x.max().backward()", x=[5, 1, 5]), [0.5, 0, 0.5])
    assert_close(gradient("x", "x.min().backward(6)", x=[2, 2, 2]), [2, 2, 2])


def test_each_group_shares_its_own():
    found = gradient("x", "x.amax(dim=1).backward([10, 20, 30])", x=[[5, 1, 5], [2, 7, 3], [4, 4, 4]])
    assert_close(found, [[5, 0, 5], [0, 20, 0], [10, 10, 10]])
    assert_close(gradient("x", "x.amax(dim=0).backward([1, 10])", x=[[5, 4], [5, 2]]), [[0.5, 10], [0.5, 0]])


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_any_axis_kept_or_not(dim, keepdim, rng):
    array = rng.permutation(24).reshape(2, 3, 4).astype(np.float32)
    largest = array.max(axis=dim, keepdims=True)
    weights = rng.uniform(1, 2, largest.shape)
    x = Tensor(array, requires_grad=True)
    x.amax(dim=dim, keepdim=keepdim).backward(weights if keepdim else weights.reshape(array.max(axis=dim).shape))
    assert_close(x.grad, np.where(array == largest, weights, 0))
