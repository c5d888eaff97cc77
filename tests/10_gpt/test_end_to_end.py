"""end_to_end gives windows that lie end to end, so that no token is predicted twice."""

import numpy as np
import pytest

from tinytorch.gpt import end_to_end
from tito.testing import on_student_side


@on_student_side
def rows(dataset):
    return [[part.tolist() for part in dataset[i]] for i in range(len(dataset))]


def expected(ids, length):
    starts = range(0, len(ids) - length, length)
    return [[list(ids[s : s + length]), list(ids[s + 1 : s + 1 + length])] for s in starts]


def text(rng, count):
    """So many tokens in a row, from a drawn one on."""
    return int(rng.integers(10, 10_000)) + np.arange(count)


def test_the_windows_of_the_text(rng):
    assert rows(end_to_end(np.arange(10), 4)) == [[[0, 1, 2, 3], [1, 2, 3, 4]], [[4, 5, 6, 7], [5, 6, 7, 8]]]
    ids = text(rng, 12)
    assert rows(end_to_end(ids, 5)) == expected(ids.tolist(), 5)


def test_the_last_one_may_end_where_the_text_does(rng):
    assert rows(end_to_end(np.arange(9), 4)) == expected(range(9), 4)
    assert rows(end_to_end(np.arange(8), 4)) == expected(range(8), 4)
    for count in (10, 9):
        ids = text(rng, count)
        assert rows(end_to_end(ids, 3)) == expected(ids.tolist(), 3)


def test_a_text_of_a_single_window(rng):
    assert rows(end_to_end(np.arange(5), 4)) == expected(range(5), 4)
    assert rows(end_to_end(np.arange(2), 1)) == expected(range(2), 1)
    ids = text(rng, 7)
    assert rows(end_to_end(ids, 6)) == expected(ids.tolist(), 6)


@pytest.mark.parametrize("most", [30, 100])
def test_each_token_is_predicted_once_in_any_text(most, rng):
    length = int(rng.integers(1, 9))
    ids = rng.integers(0, 50, int(rng.integers(length + 1, most)))
    found = rows(end_to_end(ids, length))
    assert found == expected(ids.tolist(), length)
    assert sum(len(targets) for _, targets in found) <= len(ids) - 1
