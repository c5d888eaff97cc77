"""The rule of a sum: every value gets the gradient of the sum it went into."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


def test_every_value_counts_once():
    assert_close(gradient("x", "x.sum().backward()", x=[[1, 2], [3, 4]]), [[1, 1], [1, 1]])
    assert_close(gradient("x", "y = x * 2; (y * y).sum().backward(0.5)", x=[1, 2, 3]), [4, 8, 12])


def test_each_value_gets_the_gradient_of_its_own_sum():
    rows = "x.sum(dim=1).backward([10, 20])"
    assert_close(gradient("x", rows, x=[[1, 2, 3], [4, 5, 6]]), [[10, 10, 10], [20, 20, 20]])
    assert_close(gradient("x", rows, x=[[1, 2], [3, 4]]), [[10, 10], [20, 20]])
    assert_close(gradient("x", "x.sum(dim=0).backward([10, 20])", x=[[1, 2], [3, 4]]), [[10, 20], [10, 20]])


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, 1, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_any_axis_kept_or_not(dim, keepdim, rng):
    array = rng.standard_normal((2, 3, 4))
    weights = rng.standard_normal(array.sum(axis=dim, keepdims=keepdim).shape)
    x = Tensor(array, requires_grad=True)
    x.sum(dim=dim, keepdim=keepdim).backward(weights)
    kept = weights.reshape(array.sum(axis=dim, keepdims=True).shape)
    assert_close(x.grad, np.ones((2, 3, 4)) * kept)


def test_means_and_variances_need_no_rule_of_their_own(rng):
    array = rng.standard_normal((3, 4))
    x = Tensor(array, requires_grad=True)
    x.mean(dim=0).backward([3, 6, 9, 12])
    assert_close(x.grad, [[1, 2, 3, 4]] * 3)
    x = Tensor(array, requires_grad=True)
    x.var(dim=1).backward([3, 3, 3])
    assert_close(x.grad, 2 * (array - array.mean(axis=1, keepdims=True)))
