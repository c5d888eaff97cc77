"""row_probabilities makes probabilities of counts, and leaves nothing impossible."""

import numpy as np
import pytest

from tinytorch.language import row_probabilities
from tito.testing import assert_close, on_student_side


@on_student_side
def counts_after(counts):
    row_probabilities(counts)
    return counts


def agree(counts, **options):
    raised = np.asarray(counts) + options.get("extra", 1)
    assert_close(row_probabilities(counts, **options), raised / raised.sum(1, keepdims=True), dtype=np.float64)


def test_each_row_is_divided_by_its_sum_with_one_more_everywhere(rng):
    assert_close(row_probabilities([[3, 0]]), [[0.8, 0.2]])
    assert_close(row_probabilities([[1, 0, 0], [0, 7, 0]]), [[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    agree(rng.integers(0, 20, (3, 5)).tolist())


def test_a_row_without_counts_is_even(rng):
    assert_close(row_probabilities([[0, 0, 0, 0]]), [[0.25, 0.25, 0.25, 0.25]])
    counts = rng.integers(0, 20, (4, int(rng.integers(3, 9))))
    counts[rng.integers(4)] = 0
    agree(counts)


@pytest.mark.parametrize("extra", [0.5, 2, 10])
def test_extra_says_how_much_more(extra, rng):
    agree(rng.integers(0, 20, (4, 6)), extra=extra)
    agree(rng.integers(1, 20, (4, 6)), extra=0)


def test_rows_add_up_to_one(rng):
    counts = rng.integers(0, 50, (7, 5))
    rows = row_probabilities(counts)
    assert rows.shape == (7, 5)
    assert_close(rows.sum(1), np.ones(7))
    agree(counts)


def test_the_counts_stay_as_they_were(rng):
    for counts in (np.array([[3.0, 1.0], [0.0, 2.0]]), rng.integers(0, 20, (3, 4)).astype(float)):
        assert_close(counts_after(counts), counts)
