"""train_slowly merges the best pair again and again, and returns the merges in order."""

import pytest

from tinytorch.tokenization import train_slowly
from tito.testing import on_student_side


@on_student_side
def trained_and_left(pieces, times, size):
    return train_slowly(pieces, times, size), pieces, times


def letters(text):
    return [list(piece.encode()) for piece in text.split()]


def test_the_example_of_the_lesson():
    assert train_slowly(letters("aaabdaaabac"), [1], 258) == [(97, 97), (97, 98)]
    assert train_slowly(letters("aaabdaaabac"), [1], 259) == [(97, 97), (97, 98), (256, 257)]


def test_a_new_token_is_merged_in_turn_under_its_number():
    assert train_slowly(letters("abab"), [3], 258) == [(97, 98), (256, 256)]
    assert train_slowly(letters("abcd"), [3], 259) == [(97, 98), (99, 100), (256, 257)]


def test_frequent_pieces_decide():
    assert train_slowly(letters("xy ab ab"), [9, 1, 1], 257) == [(120, 121)]


def test_there_are_as_many_tokens_as_asked_for():
    assert train_slowly(letters("abcdefgh"), [1], 256) == []
    assert len(train_slowly(letters("abcdefgh"), [1], 261)) == 5


def test_it_stops_when_there_is_nothing_left_to_merge():
    assert train_slowly(letters("abc a"), [2, 1], 1000) == [(97, 98), (256, 99)]
    assert train_slowly(letters("a b"), [1, 1], 300) == []


def test_the_lists_that_were_passed_stay_as_they_were():
    merges, pieces, times = trained_and_left([[1, 2, 1, 2], [2, 1]], [5, 3], 258)
    assert merges == [(1, 2), (256, 256)]
    assert (pieces, times) == ([[1, 2, 1, 2], [2, 1]], [5, 3])


@pytest.mark.parametrize("size", [264, 290])
def test_any_text_gives_the_merges_that_follow_from_the_rules(size, rng):
    pieces = [rng.integers(97, 101, rng.integers(1, 8)).tolist() for _ in range(15)]
    times = rng.integers(1, 20, 15).tolist()
    assert train_slowly(pieces, times, size) == expected_merges(pieces, times, size)


def expected_merges(pieces, times, size):
    """The merges, found with text in which each token is one character."""
    words, merges = ["".join(map(chr, ids)) for ids in pieces], []
    while 256 + len(merges) < size:
        counts = {}
        for word, count in zip(words, times):
            for left, right in zip(word, word[1:]):
                counts[left, right] = counts.get((left, right), 0) + count
        if not counts:
            break
        left, right = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [word.replace(left + right, chr(256 + len(merges))) for word in words]
        merges.append((ord(left), ord(right)))
    return merges
