"""var averages the squared distances from the mean, dividing by n - correction, for any axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, sizes


@on_student_side
def logged_var(Logged, data):
    return Logged(data).var(dim=1)


def test_the_squares_are_divided_by_n_minus_the_correction(rng):
    assert_close(Tensor([1, 3, 8]).var(), 13)
    assert_close(Tensor([1, 2, 3, 4]).var(), 5 / 3)
    assert_close(Tensor([1, 3, 8]).var(correction=0), 26 / 3)
    assert_close(Tensor([1, 3, 8]).var(correction=2), 26)
    assert_close(Tensor([[1, 2], [3, 4]]).var(correction=0.5), 5 / 3.5)
    array = rng.standard_normal(sizes(rng, 2))
    for correction in (0, 1, 2, 0.5):
        assert_close(Tensor(array).var(correction=correction), array.var(ddof=correction))


def test_each_row_and_column_has_its_own_mean(rng):
    assert_close(Tensor([[1, 3], [5, 11]]).var(dim=1, correction=0), [1, 9])
    assert_close(Tensor([[1, 3], [5, 11]]).var(dim=0, correction=0), [4, 16])
    assert_close(Tensor([[1, 2, 6], [0, 0, 6]]).var(dim=1, correction=0), [14 / 3, 8])
    assert_close(Tensor([[1, 2, 6], [0, 0, 6]]).var(dim=0, correction=0), [0.25, 1, 0])
    square = rng.standard_normal((3, 3))
    for dim in rng.permutation([0, 1]).tolist():
        assert_close(Tensor(square).var(dim, 0), square.var(axis=dim))


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)])
def test_dim_and_keepdim_are_those_of_the_sum(dim, keepdim, rng):
    array = rng.standard_normal(sizes(rng, 3))
    expected = array.var(axis=dim, ddof=1, keepdims=keepdim)
    assert_close(Tensor(array).var(dim=dim, keepdim=keepdim), expected)


def test_values_far_from_zero_lose_nothing(rng):
    assert_close(Tensor([10_001, 10_003]).var(correction=0), 1, rtol=1e-3)
    assert_close(Tensor([[70_000, 70_006]]).var(dim=1, correction=0), [9], rtol=1e-3)
    array = rng.integers(10_000, 10_100, sizes(rng, 2)).astype(np.float32)
    assert_close(Tensor(array).var(dim=1, correction=0), array.astype(float).var(axis=1), rtol=1e-3)


def test_too_few_values_give_nan_or_infinity(rng):
    assert_close(Tensor([5]).var(), np.nan, finite=False)
    assert_close(Tensor([1, 3]).var(correction=2), np.inf, finite=False)
    assert_close(Tensor([1, 3]).var(correction=3), np.inf, finite=False)
    assert_close(Tensor(np.zeros((0, 2))).var(dim=1), np.zeros(0))
    n = int(rng.integers(3, 100))
    array = rng.standard_normal(n)
    assert_close(Tensor(array).var(correction=n - 1), array.var() * n)
    assert_close(Tensor(array).var(correction=n), np.inf, finite=False)
    assert_close(Tensor(np.ones((n, 1))).var(dim=1), np.full(n, np.nan), finite=False)
    assert_close(Tensor(np.ones((n, 2, 0))).var(dim=1), np.ones((n, 0)))


def test_it_is_composed_of_operations_that_are_there(rng):
    array = rng.standard_normal(sizes(rng, 2))
    names, kind, values = logged(logged_var, Tensor, array)
    assert sorted({*names} & {"sum", "mean", "var", "std"}) == ["sum"]
    assert kind == "Logged"
    assert_close(values, array.var(axis=1, ddof=1))
