"""train_slowly merges the best pair again and again, and returns the merges in order."""

import pytest

from tinytorch.tokenization import train_slowly
from tito.testing import on_student_side


def drawn(rng, count=15, letters=4, longest=8):
    pieces = [rng.integers(97, 97 + letters, rng.integers(1, longest)).tolist() for _ in range(count)]
    return pieces, rng.integers(1, 20, count).tolist()


def agree(pieces, times, size):
    assert train_slowly(pieces, times, size) == expected_merges(pieces, times, size)


@on_student_side
def trained_and_left(pieces, times, size):
    return train_slowly(pieces, times, size), pieces, times


def letters(text):
    return [list(piece.encode()) for piece in text.split()]


def test_the_example_of_the_lesson(rng):
    assert train_slowly(letters("aaabdaaabac"), [1], 258) == [(97, 97), (97, 98)]
    assert train_slowly(letters("aaabdaaabac"), [1], 259) == [(97, 97), (97, 98), (256, 257)]
    agree(*drawn(rng, count=1, longest=30), size=262)


def test_a_new_token_is_merged_in_turn_under_its_number(rng):
    assert train_slowly(letters("abab"), [3], 258) == [(97, 98), (256, 256)]
    assert train_slowly(letters("abcd"), [3], 259) == [(97, 98), (99, 100), (256, 257)]
    word = "".join(rng.choice(list("efghij"), 4, replace=False))
    agree(letters(word * 4), [int(rng.integers(2, 9))], size=261)


def test_frequent_pieces_decide(rng):
    assert train_slowly(letters("xy ab ab"), [9, 1, 1], 257) == [(120, 121)]
    words = ["".join(rng.choice(list("efghijklm"), 2, replace=False)) for _ in range(6)]
    agree(letters(" ".join(words)), rng.permutation(6).tolist(), size=259)


def test_there_are_as_many_tokens_as_asked_for(rng):
    assert train_slowly(letters("abcdefgh"), [1], 256) == []
    assert len(train_slowly(letters("abcdefgh"), [1], 261)) == 5
    pieces, times = drawn(rng)
    for size in (257, int(rng.integers(258, 266))):
        agree(pieces, times, size)


def test_it_stops_when_there_is_nothing_left_to_merge(rng):
    assert train_slowly(letters("abc a"), [2, 1], 1000) == [(97, 98), (256, 99)]
    assert train_slowly(letters("a b"), [1, 1], 300) == []
    agree(*drawn(rng, count=4), size=1000)


def test_the_lists_that_were_passed_stay_as_they_were(rng):
    merges, pieces, times = trained_and_left([[1, 2, 1, 2], [2, 1]], [5, 3], 258)
    assert merges == [(1, 2), (256, 256)]
    assert (pieces, times) == ([[1, 2, 1, 2], [2, 1]], [5, 3])
    pieces, times = drawn(rng)
    assert trained_and_left(pieces, times, 264) == (expected_merges(pieces, times, 264), pieces, times)


@pytest.mark.parametrize("size", [264, 290])
def test_any_text_gives_the_merges_that_follow_from_the_rules(size, rng):
    agree(*drawn(rng), size)


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
