"""bigram_counts counts what follows what."""

import numpy as np
import pytest

from tinytorch.language import bigram_counts
from tito.testing import assert_close


def agree(rng, size, length, known=None, dtype=None):
    """Compare with the counts, pair by pair, for a text of the `known` tokens."""
    ids = rng.integers(0, known or size, length)
    expected = np.zeros((size, size), int)
    for left, right in zip(ids, ids[1:]):
        expected[left, right] += 1
    assert_close(bigram_counts(ids, size), expected, dtype=dtype)
    assert_close(bigram_counts(ids.tolist(), size), expected, dtype=dtype)


def test_rows_are_what_stands_here_and_columns_what_comes_next(rng):
    assert_close(bigram_counts([0, 1, 0, 1, 1], 2), [[0, 2], [1, 1]])
    assert_close(bigram_counts(np.array([2, 0]), 3), [[0, 0, 0], [0, 0, 0], [1, 0, 0]])
    agree(rng, 4, 12)


def test_what_happens_several_times_is_counted_several_times(rng):
    assert_close(bigram_counts([1, 1, 1, 1], 2), [[0, 0], [0, 3]])
    agree(rng, 2, rng.integers(50, 90))


def test_there_is_a_row_for_every_token_also_for_those_that_do_not_occur(rng):
    assert_close(bigram_counts([0, 0], 4), [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert_close(bigram_counts([1], 2), [[0, 0], [0, 0]])
    agree(rng, int(rng.integers(4, 9)), 20, known=3)


def test_counts_are_whole_numbers(rng):
    assert_close(bigram_counts([0, 1], 2), [[0, 1], [0, 0]], dtype=np.int64)
    agree(rng, 3, 40, dtype=np.int64)


@pytest.mark.parametrize("size", [3, 27])
def test_it_is_right_for_any_text(size, rng):
    agree(rng, size, 200)
