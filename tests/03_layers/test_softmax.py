"""softmax turns scores into probabilities along an axis, for scores of any size."""

import numpy as np

from tinytorch.layers import softmax
from tito.testing import assert_close, inputs_after, sizes


def proportions(array, axis):
    return array / array.sum(axis=axis, keepdims=True)


def test_shares_are_in_proportion_to_exp(rng):
    assert_close(softmax(np.log([1.0, 3.0]), dim=0), [0.25, 0.75])
    assert_close(softmax(np.log([[2.0, 3.0, 5.0]]), dim=1), [[0.2, 0.3, 0.5]])
    assert_close(softmax(np.array([7.0]), dim=0), [1])
    weights = rng.uniform(1, 9, sizes(rng, 1))
    assert_close(softmax(np.log(weights), dim=0), proportions(weights, 0))
    assert_close(softmax(np.full(len(weights), weights[0]), dim=0), np.full(len(weights), 1 / len(weights)))


def test_the_shares_along_any_axis_add_up_to_one(rng):
    x = np.log([[1.0, 3.0], [3.0, 1.0], [4.0, 4.0]])
    assert_close(softmax(x, dim=1), [[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]])
    assert_close(softmax(x, dim=0), [[1 / 8, 3 / 8], [3 / 8, 1 / 8], [4 / 8, 4 / 8]])
    square = np.log([[1.0, 3.0], [9.0, 1.0]])
    assert_close(softmax(square, dim=1), [[0.25, 0.75], [0.9, 0.1]])
    x = rng.standard_normal(sizes(rng, 3))
    for dim in (0, 1, 2, -1, -2):
        assert_close(softmax(x, dim=dim), proportions(np.exp(x), dim))
    n, m = sizes(rng, 2)
    assert_close(softmax(np.zeros((0, n)), dim=1), np.zeros((0, n)))
    assert_close(softmax(np.zeros((n, 1, m)), dim=1), np.ones((n, 1, m)))


def test_only_distances_count_however_large_the_scores(rng):
    assert_close(softmax(np.log([1.0, 3.0]) + 1000, dim=0), [0.25, 0.75])
    assert_close(softmax(np.log([1.0, 3.0]) - 1000, dim=0), [0.25, 0.75])
    assert_close(softmax(np.array([0.0, 1e4, -np.inf]), dim=0), [0, 1, 0])
    weights, shift = rng.uniform(1, 9, (4, 3)), rng.uniform(1000, 9000)
    for x in (np.log(weights) + shift, np.log(weights) - shift):
        assert_close(softmax(x, dim=0), proportions(weights, 0))


def test_each_row_is_safe_whatever_stands_in_the_others(rng):
    x = np.log([[1.0, 3.0], [3.0, 1.0]]) + np.array([[1000.0], [-1000.0]])
    assert_close(softmax(x, dim=1), [[0.25, 0.75], [0.75, 0.25]])
    weights = rng.uniform(1, 9, (4, 5))
    shifted = np.log(weights) + rng.uniform(1000, 9000, (4, 1)) * [[1], [-1], [1], [-1]]
    assert_close(softmax(shifted, dim=1), proportions(weights, 1))
    assert_close(softmax(shifted.T, dim=0), proportions(weights.T, 0))


def test_float32_stays_float32_and_x_stays_as_it_is(rng):
    x = np.array([0, 0, 0, 0], np.float32)
    assert_close(softmax(x, dim=0), [0.25, 0.25, 0.25, 0.25], dtype=np.float32)
    for dtype in (np.float32, np.float64):
        x = rng.standard_normal(sizes(rng, 2)).astype(dtype)
        found, (after,) = inputs_after(softmax, x, dim=0)
        assert_close(found, proportions(np.exp(x), 0), dtype=dtype)
        assert_close(after, x)
    x = rng.integers(-3, 4, 5)
    assert_close(softmax(x, dim=0), proportions(np.exp(x), 0), dtype=np.float32)
