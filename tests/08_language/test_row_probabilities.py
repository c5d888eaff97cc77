"""row_probabilities makes probabilities of counts, and leaves nothing impossible."""

import numpy as np
import pytest

from tinytorch.language import row_probabilities
from tito.testing import assert_close, on_student_side


@on_student_side
def changes_its_input(counts):
    before = counts.copy()
    row_probabilities(counts)
    return bool((counts != before).any())


def test_each_row_is_divided_by_its_sum_with_one_more_everywhere():
    assert_close(row_probabilities([[3, 0]]), [[0.8, 0.2]])
    assert_close(row_probabilities([[1, 0, 0], [0, 7, 0]]), [[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])


def test_a_row_without_counts_is_even():
    assert_close(row_probabilities([[0, 0, 0, 0]]), [[0.25, 0.25, 0.25, 0.25]])


@pytest.mark.parametrize("extra", [0.5, 2, 10])
def test_extra_says_how_much_more(extra, rng):
    counts = rng.integers(0, 20, (4, 6))
    expected = (counts + extra) / (counts + extra).sum(1, keepdims=True)
    assert_close(row_probabilities(counts, extra=extra), expected, dtype=np.float64)


def test_rows_add_up_to_one(rng):
    rows = row_probabilities(rng.integers(0, 50, (7, 5)))
    assert rows.shape == (7, 5)
    assert_close(rows.sum(1), np.ones(7))


def test_the_counts_stay_as_they_were():
    assert changes_its_input(np.array([[3.0, 1.0], [0.0, 2.0]])) is False
