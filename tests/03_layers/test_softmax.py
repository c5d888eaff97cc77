"""softmax turns scores into probabilities along an axis, for scores of any size."""

import numpy as np

from tinytorch.layers import softmax
from tito.testing import assert_close, on_student_side


@on_student_side
def x_after(softmax, x):
    softmax(x, dim=0)
    return x


def test_shares_are_in_proportion_to_exp():
    assert_close(softmax(np.log([1.0, 3.0]), dim=0), [0.25, 0.75])
    assert_close(softmax(np.log([[2.0, 3.0, 5.0]]), dim=1), [[0.2, 0.3, 0.5]])
    assert_close(softmax(np.array([7.0]), dim=0), [1])


def test_the_shares_along_any_axis_add_up_to_one(rng):
    x = np.log([[1.0, 3.0], [3.0, 1.0], [4.0, 4.0]])
    assert_close(softmax(x, dim=1), [[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]])
    assert_close(softmax(x, dim=0), [[1 / 8, 3 / 8], [3 / 8, 1 / 8], [4 / 8, 4 / 8]])
    square = np.log([[1.0, 3.0], [9.0, 1.0]])
    assert_close(softmax(square, dim=1), [[0.25, 0.75], [0.9, 0.1]])
    x = rng.standard_normal((2, 3, 4))
    for dim in (0, 1, 2, -1, -2):
        assert_close(softmax(x, dim=dim), np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True))


def test_only_distances_count_however_large_the_scores():
    assert_close(softmax(np.log([1.0, 3.0]) + 1000, dim=0), [0.25, 0.75])
    assert_close(softmax(np.log([1.0, 3.0]) - 1000, dim=0), [0.25, 0.75])
    assert_close(softmax(np.array([0.0, 1e4, -np.inf]), dim=0), [0, 1, 0])


def test_each_row_is_safe_whatever_stands_in_the_others():
    x = np.log([[1.0, 3.0], [3.0, 1.0]]) + np.array([[1000.0], [-1000.0]])
    assert_close(softmax(x, dim=1), [[0.25, 0.75], [0.75, 0.25]])


def test_float32_stays_float32_and_x_stays_as_it_is():
    x = np.array([0, 0, 0, 0], np.float32)
    assert_close(softmax(x, dim=0), [0.25, 0.25, 0.25, 0.25], dtype=np.float32)
    assert_close(x_after(softmax, np.array([1.0, 2.0])), [1, 2])
