"""rotate turns pairs of features by their position."""

import math

import numpy as np
import pytest

from tinytorch.attention import rotate
from tito.testing import assert_close


def test_position_0_is_not_turned(rng):
    x = rng.standard_normal((1, 6))
    assert_close(rotate(x), x)


def test_the_first_pair_turns_by_one_at_each_position():
    turned = rotate(np.array([[1.0, 0], [1, 0], [0, 1]]))
    assert_close(turned[1], [math.cos(1), math.sin(1)])
    assert_close(turned[2], [-math.sin(2), math.cos(2)])


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 7, 8)])
def test_it_is_right_for_any_features(shape, rng):
    x, size = rng.standard_normal(shape), shape[-1]
    expected = np.zeros(shape)
    for t in range(shape[-2]):
        for i in range(size // 2):
            angle = t * 10_000.0 ** (-2 * i / size)
            a, b = x[..., t, i], x[..., t, i + size // 2]
            expected[..., t, i] = a * math.cos(angle) - b * math.sin(angle)
            expected[..., t, i + size // 2] = a * math.sin(angle) + b * math.cos(angle)
    assert_close(rotate(x), expected)


def test_lengths_stay(rng):
    x = rng.standard_normal((5, 8))
    assert_close((np.asarray(rotate(x)) ** 2).sum(-1), (x**2).sum(-1))


def test_products_depend_on_the_distance_only(rng):
    query, key = (np.asarray(rotate(np.tile(rng.standard_normal(6), (9, 1)))) for _ in range(2))
    assert_close(query[2] @ key[5], query[4] @ key[7])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    turned = rotate(np.array([[1, 0], [1, 0]], dtype))
    assert_close(turned, [[1, 0], [math.cos(1), math.sin(1)]], dtype=dtype)
