"""var averages the squared distances from the mean, dividing by n - correction, for any axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def operations_in_var(Tensor, data):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    Logged(data).var(dim=1)
    return names


def test_the_squares_are_divided_by_n_minus_the_correction():
    assert_close(Tensor([1, 3, 8]).var(), 13)
    assert_close(Tensor([1, 2, 3, 4]).var(), 5 / 3)
    assert_close(Tensor([1, 3, 8]).var(correction=0), 26 / 3)
    assert_close(Tensor([1, 3, 8]).var(correction=2), 26)
    assert_close(Tensor([[1, 2], [3, 4]]).var(correction=0.5), 5 / 3.5)


def test_each_row_and_column_has_its_own_mean():
    assert_close(Tensor([[1, 3], [5, 11]]).var(dim=1, correction=0), [1, 9])
    assert_close(Tensor([[1, 3], [5, 11]]).var(dim=0, correction=0), [4, 16])
    assert_close(Tensor([[1, 2, 6], [0, 0, 6]]).var(dim=1, correction=0), [14 / 3, 8])
    assert_close(Tensor([[1, 2, 6], [0, 0, 6]]).var(dim=0, correction=0), [0.25, 1, 0])


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_axis_and_keepdims_are_those_of_the_sum(dim, keepdim, rng):
    array = rng.standard_normal((2, 3, 4))
    expected = array.var(axis=dim, ddof=1, keepdims=keepdim)
    assert_close(Tensor(array).var(dim=dim, keepdim=keepdim), expected)


def test_values_far_from_zero_lose_nothing():
    assert_close(Tensor([10_001, 10_003]).var(correction=0), 1, rtol=1e-3)
    assert_close(Tensor([[70_000, 70_006]]).var(dim=1, correction=0), [9], rtol=1e-3)


def test_too_few_values_give_nan_or_infinity():
    assert_close(Tensor([5]).var(), np.nan, finite=False)
    assert_close(Tensor([1, 3]).var(correction=2), np.inf, finite=False)
    assert_close(Tensor([1, 3]).var(correction=3), np.inf, finite=False)
    assert_close(Tensor(np.zeros((0, 2))).var(dim=1), np.zeros(0))


def test_it_is_composed_of_operations_that_are_there():
    names = operations_in_var(Tensor, [[1, 2], [3, 6]])
    assert sorted({*names} & {"sum", "mean", "var", "std"}) == ["sum"]
