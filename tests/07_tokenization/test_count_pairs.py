"""count_pairs counts neighbours, each piece as often as it occurs."""

import pytest

from tinytorch.tokenization import count_pairs
from tito.testing import on_student_side


def agree(rng, tokens, sizes, times=None):
    """Compare with the counts, pair by pair, for pieces of these sizes."""
    pieces = [rng.integers(0, tokens, size).tolist() for size in sizes]
    times = times or rng.integers(1, 50, len(sizes)).tolist()
    expected = {}
    for ids, count in zip(pieces, times):
        for i in range(len(ids) - 1):
            expected[ids[i], ids[i + 1]] = expected.get((ids[i], ids[i + 1]), 0) + count
    assert counted(pieces, times) == expected


@on_student_side
def counted(pieces, times):
    return dict(count_pairs(pieces, times))


def test_a_piece_counts_as_often_as_it_occurs(rng):
    assert counted([[1, 2, 1, 2], [2, 1]], [10, 1]) == {(1, 2): 20, (2, 1): 11}
    agree(rng, 3, [4, 2, 5], times=rng.integers(50, 1000, 3).tolist())


def test_every_pair_of_neighbours_is_counted(rng):
    assert counted([[5, 6, 7, 8]], [1]) == {(5, 6): 1, (6, 7): 1, (7, 8): 1}
    agree(rng, 300, [12], times=[1])


def test_in_three_of_a_kind_the_pair_stands_twice(rng):
    assert counted([[4, 4, 4]], [1]) == {(4, 4): 2}
    token, count, times = rng.integers(3, 300, 3).tolist()
    assert counted([[token] * count], [times]) == {(token, token): (count - 1) * times}


def test_there_are_no_pairs_across_pieces(rng):
    assert counted([[1], [2], [1, 2]], [3, 3, 1]) == {(1, 2): 1}
    agree(rng, 300, [1, 3, 1, 2, 1, 1, 3])


def test_what_is_alone_has_no_pairs(rng):
    assert counted([[7]], [5]) == {}
    assert counted([], []) == {}
    assert counted([[7], []], [5, 2]) == {}
    agree(rng, 300, [1, 0, 1, 4, 1])


@pytest.mark.parametrize("tokens", [2, 5, 300])
def test_it_is_right_for_any_pieces(tokens, rng):
    agree(rng, tokens, rng.integers(1, 9, 12))
