"""flatten merges neighbouring axes into one, and leaves the others and the order of the values alone."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, sizes


@on_student_side
def logged_flatten(Logged, data):
    return Logged(data).flatten()


@on_student_side
def change_the_flat(Tensor, array, step, to):
    x = Tensor.wrap(array[::step])
    x.flatten(1).array[0, 1] = to
    return x.array


def test_all_axes_become_one(rng):
    assert_close(Tensor([[1, 2, 3], [4, 5, 6]]).flatten(), [1, 2, 3, 4, 5, 6])
    assert_close(Tensor([1, 2, 3]).flatten(), [1, 2, 3])
    assert_close(Tensor(7).flatten(), [7])
    for axes in rng.permutation(4).tolist():
        array = rng.standard_normal(sizes(rng, axes))
        assert_close(Tensor(array).flatten(), array.reshape(-1))


def test_axes_before_start_dim_stay(rng):
    assert_close(Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]).flatten(1), [[1, 2, 3, 4], [5, 6, 7, 8]])
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(2).shape == (2, 3, 20)
    n, m, k, i = shape = sizes(rng, 4)
    array = rng.standard_normal(shape)
    assert_close(Tensor(array).flatten(2), array.reshape(n, m, k * i))


def test_end_dim_is_included_and_axes_after_it_stay(rng):
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(1, 2).shape == (2, 12, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(0, 1).shape == (6, 4, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(end_dim=2).shape == (24, 5)
    assert Tensor(np.zeros((2, 3, 4, 5))).flatten(1, 1).shape == (2, 3, 4, 5)
    n, m, k, i = shape = sizes(rng, 4)
    array = rng.standard_normal(shape)
    assert_close(Tensor(array).flatten(1, 2), array.reshape(n, m * k, i))
    assert_close(Tensor(array).flatten(end_dim=1), array.reshape(n * m, k, i))


@pytest.mark.parametrize(("start", "end"), [(-2, -1), (1, -2), (-4, 2)])
def test_negative_axes_count_from_the_end(start, end, rng):
    array = rng.standard_normal(sizes(rng, 4))
    shape = array.shape[:start] + (-1,) + array.shape[end:][1:]
    assert_close(Tensor(array).flatten(start, end), array.reshape(shape))


@pytest.mark.parametrize("where", [0, 1, 2])
def test_empty_tensors_can_be_flattened(where, rng):
    for n, m, k in ((2, 3, 4), sizes(rng, 3)):
        shape = [n, m, k]
        shape[where] = 0
        assert Tensor(np.zeros(shape)).flatten(1).shape == (shape[0], shape[1] * shape[2])
        assert Tensor(np.zeros(shape)).flatten().shape == (0,)


def test_what_is_not_contiguous_is_copied_where_strides_cannot_do_it(rng):
    assert_close(Tensor([[1, 2], [3, 4]]).T.flatten(), [1, 3, 2, 4])
    array = rng.standard_normal(sizes(rng, 3))
    assert_close(Tensor(array).T.flatten(1), array.T.reshape(array.shape[2], -1))


def test_the_result_is_a_view_made_by_reshape(rng):
    array = rng.standard_normal(sizes(rng, 3))
    changed = array.copy()
    changed[0, 0, 1] = rng.standard_normal()
    for step in (1, 2):
        assert_close(change_the_flat(Tensor, array, step, changed[0, 0, 1]), changed[::step])
    names, kind, values = logged(logged_flatten, Tensor, array)
    assert (names, kind) == (["reshape"], "Logged")
    assert_close(values, array.reshape(-1))
