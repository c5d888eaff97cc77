"""flatten merges neighbouring axes into one, and leaves the others and the order of the values alone."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def flattened_shares_memory(x):
    return np.shares_memory(x.flatten(1).array, x.array)


@on_student_side
def operations_in_flatten(Tensor, data):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    Logged(data).flatten()
    return names


@on_student_side
def shape_after_flatten(x):
    x.flatten()
    return x.shape


def test_all_axes_become_one():
    assert_close(Tensor([[1, 2, 3], [4, 5, 6]]).flatten(), [1, 2, 3, 4, 5, 6])
    assert_close(Tensor([1, 2, 3]).flatten(), [1, 2, 3])
    assert_close(Tensor(7).flatten(), [7])


def test_axes_before_start_axis_stay():
    assert_close(Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]).flatten(1), [[1, 2, 3, 4], [5, 6, 7, 8]])
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(2).shape == (2, 3, 20)


def test_end_axis_is_included_and_axes_after_it_stay():
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(1, 2).shape == (2, 12, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(0, 1).shape == (6, 4, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(end_dim=2).shape == (24, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(1, 1).shape == (2, 3, 4, 5)


@pytest.mark.parametrize(("start", "end", "shape"), [(-2, -1, (2, 3, 20)), (1, -2, (2, 12, 5)), (-4, 2, (24, 5))])
def test_negative_axes_count_from_the_end(start, end, shape, rng):
    array = rng.standard_normal((2, 3, 4, 5))
    assert_close(Tensor(array).flatten(start, end), array.reshape(shape))


@pytest.mark.parametrize(("shape", "flat"), [((0, 2, 3), (0, 6)), ((2, 0, 3), (2, 0)), ((2, 3, 0), (2, 0))])
def test_empty_tensors_can_be_flattened(shape, flat):
    assert Tensor(np.zeros(shape)).flatten(1).shape == flat


def test_the_result_is_a_view_made_by_reshape():
    assert shape_after_flatten(Tensor([[1, 2], [3, 4]])) == (2, 2)
    assert flattened_shares_memory(Tensor([[[1, 2], [3, 4]]])) is True
    assert operations_in_flatten(Tensor, [[1, 2], [3, 4]]) == ["reshape"]
