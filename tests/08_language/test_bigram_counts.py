"""bigram_counts counts what follows what."""

import numpy as np
import pytest

from tinytorch.language import bigram_counts
from tito.testing import assert_close


def test_rows_are_what_stands_here_and_columns_what_comes_next():
    assert_close(bigram_counts([0, 1, 0, 1, 1], 2), [[0, 2], [1, 1]])
    assert_close(bigram_counts(np.array([2, 0]), 3), [[0, 0, 0], [0, 0, 0], [1, 0, 0]])


def test_what_happens_several_times_is_counted_several_times():
    assert_close(bigram_counts([1, 1, 1, 1], 2), [[0, 0], [0, 3]])


def test_there_is_a_row_for_every_token_also_for_those_that_do_not_occur():
    assert_close(bigram_counts([0, 0], 4), [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])


def test_counts_are_whole_numbers():
    assert_close(bigram_counts([0, 1], 2), [[0, 1], [0, 0]], dtype=np.int64)


@pytest.mark.parametrize("size", [3, 27])
def test_it_is_right_for_any_text(size, rng):
    ids = rng.integers(0, size, 200)
    expected = np.zeros((size, size), int)
    for left, right in zip(ids, ids[1:]):
        expected[left, right] += 1
    assert_close(bigram_counts(ids, size), expected)
