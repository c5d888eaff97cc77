"""merge replaces a pair by one token, from left to right, and leaves its list alone."""

import pytest

from tinytorch.tokenization import merge
from tito.testing import on_student_side


@on_student_side
def merged_and_left(ids, pair, new):
    return merge(ids, pair, new), ids


def test_each_occurrence_of_the_pair_becomes_the_new_token():
    assert merge([1, 2, 3, 1, 2], (1, 2), 9) == [9, 3, 9]
    assert merge([5, 1, 2], (1, 2), 256) == [5, 256]


def test_what_was_merged_is_used_up():
    assert merge([1, 1, 1], (1, 1), 9) == [9, 1]
    assert merge([1, 1, 1, 1], (1, 1), 9) == [9, 9]
    assert merge([1, 1, 1, 1, 1, 2], (1, 1), 9) == [9, 9, 1, 2]


def test_without_the_pair_nothing_changes():
    assert merge([2, 1, 3], (1, 2), 9) == [2, 1, 3]
    assert merge([1], (1, 2), 9) == [1]
    assert merge([], (1, 2), 9) == []


def test_the_list_that_was_passed_stays_as_it_was():
    assert merged_and_left([4, 1, 2, 1, 2], (1, 2), 9) == ([4, 9, 9], [4, 1, 2, 1, 2])


@pytest.mark.parametrize("tokens", [2, 3, 4])
def test_it_is_right_for_any_list(tokens, rng):
    ids = rng.integers(0, tokens, 60).tolist()
    for pair in [(0, 1), (1, 1), (1, 0)]:
        text = "".join(map(str, ids)).replace("".join(map(str, pair)), "x")
        assert merge(ids, pair, 500) == [500 if sign == "x" else int(sign) for sign in text]
