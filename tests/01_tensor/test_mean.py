"""mean divides the sum by how many values went into it, for any axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def operations_in_mean(Tensor, data):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    Logged(data).mean(dim=1)
    return names


def test_without_an_axis_it_is_the_mean_of_all():
    assert_close(Tensor([1, 2, 6]).mean(), 3)
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(), 4.5)
    assert_close(Tensor(2.5).mean(), 2.5, dtype=np.float32)
    assert_close(Tensor(np.array([1, 2])).mean(), 1.5, dtype=np.float32)
    assert_close(Tensor(np.array([1.0, 2.0])).mean(), 1.5, dtype=np.float64)


def test_an_axis_is_averaged_and_disappears():
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=0), [3, 4, 6.5])
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=1), [2, 7])
    assert_close(Tensor([[1, 2, 3], [5, 6, 10]]).mean(dim=-1), [2, 7])


@pytest.mark.parametrize("dim", [(0, 1), (0, 2), (-1, 1), (0, 1, 2), (2,), ()])
def test_several_axes_are_averaged_at_once(dim, rng):
    array = rng.standard_normal((2, 3, 4))
    assert_close(Tensor(array).mean(dim=dim), array.mean(axis=dim))


@pytest.mark.parametrize("dim", [0, 1, (0, 1), None])
def test_keepdims_leaves_the_axis_with_size_1(dim):
    values = [[1, 2, 3], [5, 6, 10]]
    assert_close(Tensor(values).mean(dim=dim, keepdim=True), np.mean(values, axis=dim, keepdims=True))


def test_it_is_composed_of_sum_and_division():
    names = operations_in_mean(Tensor, [[1, 2], [3, 6]])
    assert sorted({*names} - {"divide", "multiply"}) == ["sum"]


@pytest.mark.parametrize(("shape", "dim"), [((0, 3), 1), ((2, 0, 3), 0), ((2, 0, 3), (0, 2))])
def test_an_empty_result_is_not_a_division_by_zero(shape, dim):
    empty = np.zeros(shape)
    assert_close(Tensor(empty).mean(dim=dim), empty.mean(axis=dim))
