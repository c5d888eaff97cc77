"""keep_top_p leaves the fewest highest scores whose probabilities reach p together."""

import numpy as np
import pytest

from tinytorch.language import keep_top_p
from tito.testing import assert_close, on_student_side


def agree(scores, p):
    """Compare with what is added up score by score, from the highest."""
    chances = np.exp(scores) / np.exp(scores).sum()
    expected, reached = np.full(len(scores), -np.inf), 0.0
    for place in np.argsort(-scores):
        if reached >= p:
            break
        expected[place] = scores[place]
        reached += chances[place]
    assert_close(keep_top_p(scores, p), expected, finite=False)


@on_student_side
def input_after(scores, p):
    kept = keep_top_p(scores, p)
    kept[0] = 99
    return scores


def kept(chances, p):
    return np.isfinite(np.asarray(keep_top_p(np.log(chances), p))).tolist()


def test_a_token_stays_if_those_before_it_have_not_reached_p(rng):
    chances = np.array([0.5, 0.25, 0.15, 0.1])
    assert kept(chances, 0.8) == [True, True, True, False]
    assert kept(chances, 0.6) == [True, True, False, False]
    assert sum(kept(np.full(4, 0.25), 0.5)) == 2
    chances = np.sort(rng.dirichlet(np.ones(8)))[::-1]
    for count in (2, 4, 6):
        agree(np.log(chances), chances[:count].sum() - chances[count - 1] * rng.uniform(0.1, 0.9))


def test_the_highest_always_stays(rng):
    assert kept(np.array([0.9, 0.1]), 0.05) == [True, False]
    assert kept(np.array([0.02, 0.98]), 0.5) == [False, True]
    agree(rng.standard_normal(12), 0.01)


def test_the_scores_may_stand_in_any_order(rng):
    assert kept(np.array([0.1, 0.5, 0.15, 0.25]), 0.7) == [False, True, False, True]
    agree(rng.permutation(np.linspace(-1, 2, 9)), rng.uniform(0.3, 0.9))


def test_with_p_1_all_stay(rng):
    for scores in (rng.standard_normal(9), np.append(rng.standard_normal(5), -20.0)):
        assert_close(keep_top_p(scores, 1.0), scores)


def test_what_stays_keeps_its_score(rng):
    scores = np.array([5.0, 4.0, -2.0])
    assert_close(keep_top_p(scores, 0.9), [5.0, 4.0, -np.inf], finite=False)
    assert_close(keep_top_p(np.array([5.0, -np.inf, 4.0]), 0.9), [5.0, -np.inf, 4.0], finite=False)
    agree(rng.uniform(-1, 1, 6) + rng.uniform(100, 200), 0.5)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_it_is_right_for_any_scores(p, rng):
    agree(2 * rng.standard_normal(30), p)


def test_the_input_stays_as_it_was(rng):
    assert_close(input_after(np.array([1.0, 3.0, 2.0]), 1.0), [1.0, 3.0, 2.0])
    scores = rng.standard_normal(5)
    for p in (0.3, 1.0):
        assert_close(input_after(scores, p), scores, rtol=0, atol=0)
