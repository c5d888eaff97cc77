"""keep_top_k leaves the k highest scores and sets all others to minus infinity."""

import numpy as np
import pytest

from tinytorch.language import keep_top_k
from tito.testing import assert_close, on_student_side


def agree(scores, k):
    """Compare for scores of which no two are equal."""
    order = np.argsort(-scores)
    expected = np.full(len(scores), -np.inf)
    expected[order[:k]] = scores[order[:k]]
    assert_close(keep_top_k(scores, k), expected, finite=False)


@on_student_side
def kept_and_input(scores, k):
    kept = keep_top_k(scores, k)
    kept[0] = 99  # were it the input itself, this would be seen there
    return scores


def test_the_k_highest_stay(rng):
    assert_close(keep_top_k(np.array([0.1, 0.4, 0.2, 0.3]), 2), [-np.inf, 0.4, -np.inf, 0.3], finite=False)
    assert_close(keep_top_k(np.array([-3.0, -1.0, -2.0]), 1), [-np.inf, -1.0, -np.inf], finite=False)
    agree(rng.standard_normal(12) - rng.integers(0, 9), int(rng.integers(2, 11)))


def test_if_there_are_not_more_all_stay(rng):
    assert_close(keep_top_k(np.array([3.0, 1.0]), 2), [3.0, 1.0])
    assert_close(keep_top_k(np.array([3.0, 1.0]), 50), [3.0, 1.0])
    scores = rng.standard_normal(int(rng.integers(3, 9)))
    for k in (len(scores), len(scores) + 1, 50):
        assert_close(keep_top_k(scores, k), scores)


def test_scores_equal_to_the_lowest_of_these_stay_too(rng):
    assert_close(keep_top_k(np.array([2.0, 1.0, 2.0, 0.0]), 1), [2.0, -np.inf, 2.0, -np.inf], finite=False)
    assert_close(keep_top_k(np.zeros(4), 2), np.zeros(4))
    high, tie, low = np.sort(rng.standard_normal(3))[::-1]
    scores = rng.permutation([high, tie, tie, tie, low, low])
    for k in (2, 3, 4):
        assert_close(keep_top_k(scores, k), np.where(scores >= tie, scores, -np.inf), finite=False)


@pytest.mark.parametrize("k", [1, 5, 19])
def test_it_is_right_for_any_scores(k, rng):
    agree(rng.standard_normal(20), k)


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_input_stays_as_it_was(k, rng):
    assert_close(kept_and_input(np.array([1.0, 3.0, 2.0]), k), [1.0, 3.0, 2.0])
    scores = rng.standard_normal(5)
    assert_close(kept_and_input(scores, k), scores, rtol=0, atol=0)
