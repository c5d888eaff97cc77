"""merge replaces a pair by one token, from left to right, and leaves its list alone."""

import pytest

from tinytorch.tokenization import merge
from tito.testing import on_student_side


def expected(ids, pair, new):
    """Merged in a text in which each token is one character."""
    text = "".join(chr(1000 + i) for i in ids).replace(chr(1000 + pair[0]) + chr(1000 + pair[1]), chr(1000 + new))
    return [ord(sign) - 1000 for sign in text]


def agree(rng, tokens, pair=None, size=20):
    ids, new = rng.choice(tokens, size).tolist(), int(rng.integers(300, 900))
    pair = pair or tuple(rng.choice(tokens, 2, replace=False).tolist())
    assert merge(ids, pair, new) == expected(ids, pair, new)


@on_student_side
def merged_and_left(ids, pair, new):
    return merge(ids, pair, new), ids


def test_each_occurrence_of_the_pair_becomes_the_new_token(rng):
    assert merge([1, 2, 3, 1, 2], (1, 2), 9) == [9, 3, 9]
    assert merge([5, 1, 2], (1, 2), 256) == [5, 256]
    agree(rng, rng.choice(256, 2, replace=False))


def test_what_was_merged_is_used_up(rng):
    assert merge([1, 1, 1], (1, 1), 9) == [9, 1]
    assert merge([1, 1, 1, 1], (1, 1), 9) == [9, 9]
    assert merge([1, 1, 1, 1, 1, 2], (1, 1), 9) == [9, 9, 1, 2]
    token, other = rng.choice(256, 2, replace=False).tolist()
    agree(rng, [token, token, other], pair=(token, token))
    assert merge([token, token, token], (token, token), token) == [token, token]


def test_without_the_pair_nothing_changes(rng):
    assert merge([2, 1, 3], (1, 2), 9) == [2, 1, 3]
    assert merge([1], (1, 2), 9) == [1]
    assert merge([], (1, 2), 9) == []
    ids = rng.integers(0, 200, 9).tolist()
    assert merge(ids, (ids[-1], ids[0]), 9) == expected(ids, (ids[-1], ids[0]), 9)
    assert merge(ids, (ids[-1], 300), 9) == ids


def test_the_list_that_was_passed_stays_as_it_was(rng):
    assert merged_and_left([4, 1, 2, 1, 2], (1, 2), 9) == ([4, 9, 9], [4, 1, 2, 1, 2])
    ids = rng.integers(0, 2, 20).tolist()
    assert merged_and_left(ids, (0, 1), 500) == (expected(ids, (0, 1), 500), ids)


@pytest.mark.parametrize("tokens", [2, 3, 4])
def test_it_is_right_for_any_list(tokens, rng):
    for pair in [(0, 1), (1, 1), (1, 0)]:
        agree(rng, tokens, pair, size=60)
