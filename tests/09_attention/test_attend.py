"""attend fetches for each query the values whose keys fit."""

import math

import numpy as np
import pytest

from tinytorch.attention import attend
from tito.testing import assert_close, inputs_after


def expected(query, key, value, mask=None):
    """Query by query, in plain loops over the last two axes."""
    result = np.zeros((*query.shape[:-1], value.shape[-1]))
    for place in np.ndindex(query.shape[:-1]):
        front = place[:-1]
        scores = np.array([query[place] @ k for k in key[front]]) / math.sqrt(query.shape[-1])
        allowed = (
            np.ones(len(scores), bool)
            if mask is None
            else np.broadcast_to(mask, (*query.shape[:-1], len(scores)))[place]
        )
        powers = np.where(allowed, np.exp(scores - scores.max()), 0)
        result[place] = (powers / powers.sum()) @ value[front]
    return result


def test_with_one_key_its_value_is_fetched_whatever_the_query(rng):
    assert_close(attend(np.array([[3.0, -1]]), np.array([[0.5, 2]]), np.array([[7.0, 8, 9]])), [[7, 8, 9]])
    query, key, value = 9 * rng.standard_normal((3, 4)), rng.standard_normal((1, 4)), rng.standard_normal((1, 5))
    assert_close(attend(query, key, value), np.repeat(value, 3, axis=0))


def test_a_query_that_fits_nothing_better_gets_the_mean(rng):
    values = np.array([[1.0], [2], [6]])
    assert_close(attend(np.zeros((1, 4)), np.ones((3, 4)), values), [[3]])
    values = rng.standard_normal((5, 2))
    assert_close(attend(np.zeros((1, 3)), rng.standard_normal((5, 3)), values), [values.mean(0)])


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    for dtype in (np.float32, np.float64):
        query, key, value = inputs = [rng.standard_normal((3, 4)).astype(dtype) for _ in range(3)]
        found, after = inputs_after(attend, *inputs)
        assert_close(found, expected(query, key, value), dtype=dtype)
        assert [a.tolist() for a in after] == [a.tolist() for a in inputs]


def test_scores_are_divided_by_the_root_of_the_size(rng):
    query, key, value = rng.standard_normal((2, 16)), rng.standard_normal((3, 16)), rng.standard_normal((3, 2))
    assert_close(attend(query, key, value), expected(query, key, value))


def test_there_may_be_fewer_queries_than_keys_and_values_of_another_size(rng):
    query, key, value = rng.standard_normal((2, 4)), rng.standard_normal((5, 4)), rng.standard_normal((5, 7))
    assert_close(attend(query, key, value), expected(query, key, value))


@pytest.mark.parametrize("front", [(2,), (2, 3)])
def test_samples_and_heads_are_treated_one_by_one(front, rng):
    query, key, value = (rng.standard_normal((*front, 4, 3)) for _ in range(3))
    assert_close(attend(query, key, value), expected(query, key, value))


def test_what_is_masked_is_not_fetched(rng):
    query, key, value = (rng.standard_normal((2, 5, 4)) for _ in range(3))
    mask = np.tri(5, dtype=bool)
    assert_close(attend(query, key, value, mask), expected(query, key, value, mask))


def test_a_query_that_may_look_at_nothing_fetches_nothing(rng):
    query, key, value = (rng.standard_normal((3, 4)) for _ in range(3))
    mask = np.array([[True, True, False], [False, False, False], [True, True, True]])
    found = attend(query, key, value, mask)
    allowed = [0, 2]
    assert_close(found[1], np.zeros(4))
    assert_close(found[allowed], expected(query[allowed], key, value, mask[allowed]))
