"""encode_piece merges in the order of learning, until no neighbours are a pair that was learnt."""

import pytest

from tinytorch.tokenization import encode_piece
from tito.testing import on_student_side

HE_FIRST = {(104, 101): 256, (116, 104): 257, (116, 256): 258}  # h e, then t h, then t he


@on_student_side
def encoded_and_left(ids, ranks):
    return encode_piece(ids, ranks), ids


def test_the_pair_that_was_learnt_first_is_merged_first():
    assert encode_piece([116, 104, 101], HE_FIRST) == [258]
    assert encode_piece([1, 2, 3], {(2, 3): 256, (1, 2): 257}) == [1, 256]


def test_not_the_longest_token_comes_first_but_the_earliest():
    ranks = {(3, 4): 256, (1, 2): 257, (257, 3): 258}  # 258 is three bytes long
    assert encode_piece([1, 2, 3, 4], ranks) == [257, 256]


def test_it_is_merged_wherever_it_stands():
    assert encode_piece([1, 2, 7, 1, 2, 1], {(1, 2): 256}) == [256, 7, 256, 1]


def test_it_goes_on_until_there_is_nothing_to_merge():
    ranks = {(1, 1): 256, (256, 256): 257, (257, 257): 258}
    assert encode_piece([1] * 8, ranks) == [258]
    assert encode_piece([1] * 7, ranks) == [257, 256, 1]


def test_without_a_pair_that_was_learnt_the_bytes_stay():
    assert encode_piece([120, 121], HE_FIRST) == [120, 121]
    assert encode_piece([120], HE_FIRST) == [120]
    assert encode_piece([], HE_FIRST) == []


def test_the_list_that_was_passed_stays_as_it_was():
    assert encoded_and_left([116, 104, 101], HE_FIRST) == ([258], [116, 104, 101])


@pytest.mark.parametrize("letters", [2, 4])
def test_it_is_right_for_any_merges(letters, rng):
    ranks = {}
    while len(ranks) < 12:
        known = [*range(letters), *range(256, 256 + len(ranks))]
        pair = tuple(rng.choice(known, 2).tolist())
        ranks.setdefault(pair, 256 + len(ranks))
    ids = rng.integers(0, letters, 40).tolist()
    text = "".join(chr(1000 + i) for i in ids)
    while pairs := [pair for pair in zip(text, text[1:]) if (ord(pair[0]) - 1000, ord(pair[1]) - 1000) in ranks]:
        first = min(pairs, key=lambda pair: ranks[ord(pair[0]) - 1000, ord(pair[1]) - 1000])
        new = ranks[ord(first[0]) - 1000, ord(first[1]) - 1000]
        text = text.replace("".join(first), chr(1000 + new))
    assert encode_piece(ids, ranks) == [ord(sign) - 1000 for sign in text]
