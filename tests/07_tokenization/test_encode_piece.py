"""encode_piece merges in the order of learning, until no neighbours are a pair that was learnt."""

import pytest

from tinytorch.tokenization import encode_piece
from tito.testing import on_student_side

HE_FIRST = {(104, 101): 256, (116, 104): 257, (116, 256): 258}  # h e, then t h, then t he


def expected(ids, ranks):
    """Merged in a text in which each token is one character."""
    text, named = (
        "".join(chr(1000 + i) for i in ids),
        {chr(1000 + a) + chr(1000 + b): new for (a, b), new in ranks.items()},
    )
    while pairs := [pair for pair in map("".join, zip(text, text[1:])) if pair in named]:
        first = min(pairs, key=named.get)
        text = text.replace(first, chr(1000 + named[first]))
    return [ord(sign) - 1000 for sign in text]


def drawn(rng, letters=3, merges=12):
    """Merges of bytes and of what was merged before, learnt in this order."""
    ranks = {}
    while len(ranks) < merges:
        known = [*range(letters), *range(256, 256 + len(ranks))]
        ranks.setdefault(tuple(rng.choice(known, 2).tolist()), 256 + len(ranks))
    return ranks


def agree(rng, letters=3, size=20, merges=12):
    ids, ranks = rng.integers(0, letters, size).tolist(), drawn(rng, letters, merges)
    assert encode_piece(ids, ranks) == expected(ids, ranks)


@on_student_side
def encoded_and_left(ids, ranks):
    return encode_piece(ids, ranks), ids


def test_the_pair_that_was_learnt_first_is_merged_first(rng):
    assert encode_piece([116, 104, 101], HE_FIRST) == [258]
    assert encode_piece([1, 2, 3], {(2, 3): 256, (1, 2): 257}) == [1, 256]
    agree(rng)


def test_not_the_longest_token_comes_first_but_the_earliest(rng):
    ranks = {(3, 4): 256, (1, 2): 257, (257, 3): 258}  # 258 is three bytes long
    assert encode_piece([1, 2, 3, 4], ranks) == [257, 256]
    a, b, c, d, e = rng.choice(250, 5, replace=False).tolist()
    assert encode_piece([e, a, b, c, d], {(c, d): 256, (a, b): 257, (257, c): 258}) == [e, 257, 256]


def test_it_is_merged_wherever_it_stands(rng):
    assert encode_piece([1, 2, 7, 1, 2, 1], {(1, 2): 256}) == [256, 7, 256, 1]
    agree(rng, letters=2, size=30, merges=1)


def test_it_goes_on_until_there_is_nothing_to_merge(rng):
    ranks = {(1, 1): 256, (256, 256): 257, (257, 257): 258}
    assert encode_piece([1] * 8, ranks) == [258]
    assert encode_piece([1] * 7, ranks) == [257, 256, 1]
    token, times = int(rng.integers(250)), int(rng.integers(9, 40))
    ranks = {(token, token): 256, (256, 256): 257, (257, 257): 258}
    assert encode_piece([token] * times, ranks) == expected([token] * times, ranks)
    agree(rng, letters=2, size=30)


def test_without_a_pair_that_was_learnt_the_bytes_stay(rng):
    assert encode_piece([120, 121], HE_FIRST) == [120, 121]
    assert encode_piece([120], HE_FIRST) == [120]
    assert encode_piece([], HE_FIRST) == []
    ids = rng.integers(120, 250, 9).tolist()
    assert encode_piece(ids, HE_FIRST) == ids
    assert encode_piece(ids, {}) == ids


def test_the_list_that_was_passed_stays_as_it_was(rng):
    assert encoded_and_left([116, 104, 101], HE_FIRST) == ([258], [116, 104, 101])
    ids, ranks = rng.integers(0, 3, 20).tolist(), drawn(rng)
    assert encoded_and_left(ids, ranks) == (expected(ids, ranks), ids)


@pytest.mark.parametrize("letters", [2, 4])
def test_it_is_right_for_any_merges(letters, rng):
    agree(rng, letters, size=40)
