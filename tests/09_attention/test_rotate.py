"""rotate turns pairs of features by their position."""

import math

import numpy as np
import pytest

from tinytorch.attention import rotate
from tito.testing import assert_close, inputs_after


def expected(x):
    """Pair by pair."""
    size, result = x.shape[-1], np.zeros(x.shape)
    for t in range(x.shape[-2]):
        for i in range(size // 2):
            angle = t * 10_000.0 ** (-2 * i / size)
            a, b = x[..., t, i], x[..., t, i + size // 2]
            result[..., t, i] = a * math.cos(angle) - b * math.sin(angle)
            result[..., t, i + size // 2] = a * math.sin(angle) + b * math.cos(angle)
    return result


def test_position_0_is_not_turned(rng):
    x = rng.standard_normal((1, 6))
    assert_close(rotate(x), x)


def test_the_first_pair_turns_by_one_at_each_position(rng):
    turned = rotate(np.array([[1.0, 0], [1, 0], [0, 1]]))
    assert_close(turned[1], [math.cos(1), math.sin(1)])
    assert_close(turned[2], [-math.sin(2), math.cos(2)])
    x = rng.standard_normal((int(rng.integers(3, 9)), 2))
    assert_close(rotate(x), expected(x))


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 7, 8)])
def test_it_is_right_for_any_features(shape, rng):
    x = rng.standard_normal(shape)
    assert_close(rotate(x), expected(x))


def test_lengths_stay(rng):
    x = rng.standard_normal((5, 8))
    assert_close((np.asarray(rotate(x)) ** 2).sum(-1), (x**2).sum(-1))


def test_products_depend_on_the_distance_only(rng):
    query, key = (np.tile(rng.standard_normal(6), (9, 1)) for _ in range(2))
    query_turned, key_turned = np.asarray(rotate(query)), np.asarray(rotate(key))
    assert_close(query_turned[2] @ key_turned[5], query_turned[4] @ key_turned[7])
    assert_close(query_turned, expected(query))
    assert_close(key_turned, expected(key))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept_and_the_input_stays_as_it_is(dtype, rng):
    turned = rotate(np.array([[1, 0], [1, 0]], dtype))
    assert_close(turned, [[1, 0], [math.cos(1), math.sin(1)]], dtype=dtype)
    x = rng.standard_normal((2, 4, 6)).astype(dtype)
    found, (after,) = inputs_after(rotate, x)
    assert_close(found, expected(x), dtype=dtype, atol=1e-5)
    assert_close(after, x, rtol=0, atol=0)
