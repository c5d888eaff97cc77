"""mean divides the sum by how many values went into it, for any axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, sizes


@on_student_side
def logged_mean(Logged, data):
    return Logged(data).mean(dim=1)


def test_without_an_axis_it_is_the_mean_of_all(rng):
    assert_close(Tensor([1, 2, 6]).mean(), 3)
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(), 4.5)
    assert_close(Tensor(2.5).mean(), 2.5, dtype=np.float32)
    assert_close(Tensor(np.array([1, 2])).mean(), 1.5, dtype=np.float32)
    assert_close(Tensor(np.array([1.0, 2.0])).mean(), 1.5, dtype=np.float64)
    for dtype in (np.int64, bool, np.float32, np.float64):
        array = rng.integers(0, 100, sizes(rng, 3)).astype(dtype)
        assert_close(Tensor(array).mean(), array.mean(), dtype=np.float64 if dtype is np.float64 else np.float32)


def test_an_axis_is_averaged_and_disappears(rng):
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=0), [3, 4, 6.5])
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=1), [2, 7])
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=-1), [2, 7])
    array = rng.standard_normal(sizes(rng, 3))
    for dim in rng.permutation([0, 1, 2, -1, -2, -3]).tolist():
        assert_close(Tensor(array).mean(dim), array.mean(axis=dim))


@pytest.mark.parametrize("dim", [(0, 1), (0, 2), (-1, 1), (0, 1, 2), (2,), ()])
def test_several_axes_are_averaged_at_once(dim, rng):
    array = rng.standard_normal(sizes(rng, 3))
    assert_close(Tensor(array).mean(dim=dim), array.mean(axis=dim))


@pytest.mark.parametrize("dim", [0, 1, (0, 1), None])
def test_keepdim_leaves_the_axis_with_size_1(dim, rng):
    values = [[1, 2, 3], [5, 6, 10]]
    assert_close(Tensor(values).mean(dim=dim, keepdim=True), np.mean(values, axis=dim, keepdims=True))
    array = rng.standard_normal(sizes(rng, 3))
    assert_close(Tensor(array).mean(dim, True), array.mean(axis=dim, keepdims=True))


def test_it_is_composed_of_sum_and_division(rng):
    array = rng.standard_normal(sizes(rng, 2))
    names, kind, values = logged(logged_mean, Tensor, array)
    assert sorted({*names} - {"divide", "multiply"}) == ["sum"]
    assert kind == "Logged"
    assert_close(values, array.mean(axis=1))


@pytest.mark.parametrize(("shape", "dim"), [((0, 3), 1), ((2, 0, 3), 0), ((2, 0, 3), (0, 2))])
def test_an_empty_result_is_not_a_division_by_zero(shape, dim, rng):
    drawn = tuple(size and size + int(rng.integers(90)) for size in shape)
    for empty in (np.zeros(shape), np.zeros(drawn)):
        assert_close(Tensor(empty).mean(dim=dim), empty.mean(axis=dim))
        assert_close(Tensor(empty).mean(dim=dim, keepdim=True), empty.mean(axis=dim, keepdims=True))
