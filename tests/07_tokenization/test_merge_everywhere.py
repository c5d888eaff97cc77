"""merge_everywhere merges a pair where it occurs, and afterwards both indexes are what counting anew would give."""

from collections import Counter, defaultdict

import pytest

from tinytorch.tokenization import merge_everywhere
from tito.testing import on_student_side


def drawn(rng, tokens=3, count=12):
    """Pieces of these tokens, and how often each occurs; one of them has all pairs of 0 and 1."""
    pieces = [rng.integers(0, tokens, rng.integers(2, 10)).tolist() for _ in range(count)]
    pieces.insert(int(rng.integers(count)), [0, 1, 0, 0, 1, 1, 1])
    return pieces, rng.integers(1, 30, count + 1).tolist()


def merged(pieces, pair, new):
    """The pieces after a merge, found in a text in which each token is one character."""
    texts = ["".join(chr(1000 + i) for i in ids) for ids in pieces]
    texts = [text.replace("".join(chr(1000 + i) for i in pair), chr(1000 + new)) for text in texts]
    return [[ord(sign) - 1000 for sign in text] for text in texts]


@on_student_side
def after(pair, new, pieces, times):
    """The pieces and the indexes after a merge; of `where`, what it says of pairs that are there."""
    from collections import Counter, defaultdict

    counts, where = Counter(), defaultdict(set)
    for n, ids in enumerate(pieces):
        for neighbours in zip(ids, ids[1:]):
            counts[neighbours] += times[n]
            where[neighbours].add(n)
    for one, number in zip(pair, new):
        merge_everywhere(one, number, pieces, times, counts, where)
    return pieces, dict(counts), {key: sorted(numbers) for key, numbers in where.items()}


def indexes(pieces, times):
    """The counts, and where each pair occurs, found anew."""
    counts, where = Counter(), defaultdict(set)
    for n, ids in enumerate(pieces):
        for pair in zip(ids, ids[1:]):
            counts[pair] += times[n]
            where[pair].add(n)
    return dict(counts), {pair: sorted(numbers) for pair, numbers in where.items()}


def test_the_pair_is_merged_in_every_piece_that_has_it(rng):
    pieces, _, _ = after([(2, 3)], [9], [[1, 2, 3], [2, 3], [3, 2]], [10, 1, 4])
    assert pieces == [[1, 9], [9], [3, 2]]
    before, times = drawn(rng)
    assert after([(0, 1)], [400], before, times)[0] == merged(before, (0, 1), 400)


def test_the_counts_are_those_of_the_new_pieces(rng):
    _, counts, _ = after([(2, 3)], [9], [[1, 2, 3], [2, 3], [1, 2]], [10, 1, 4])
    assert counts == {(1, 2): 4, (1, 9): 10}
    before, times = drawn(rng)
    assert after([(0, 1)], [400], before, times)[1] == indexes(merged(before, (0, 1), 400), times)[0]


def test_the_index_says_where_the_new_pairs_are(rng):
    _, _, where = after([(2, 3)], [9], [[1, 2, 3], [2, 3], [2, 3, 4]], [10, 1, 4])
    assert {pair: where.get(pair) for pair in [(1, 9), (9, 4)]} == {(1, 9): [0], (9, 4): [2]}
    before, times = drawn(rng)
    _, _, where = after([(0, 1)], [400], before, times)
    places = indexes(merged(before, (0, 1), 400), times)[1]
    assert {pair: where.get(pair) for pair in places if 400 in pair} == {
        pair: places[pair] for pair in places if 400 in pair
    }


def test_the_pair_itself_is_gone_from_both(rng):
    _, counts, where = after([(5, 5)], [9], [[5, 5, 5], [5, 5, 6]], [2, 3])
    assert counts == {(9, 5): 2, (9, 6): 3}
    assert {pair: where.get(pair) for pair in [(5, 5)]} == {(5, 5): None}
    before, times = drawn(rng)
    _, counts, where = after([(1, 1)], [400], before, times)
    assert counts == indexes(merged(before, (1, 1), 400), times)[0]
    assert {pair: where.get(pair) for pair in [(1, 1)]} == {(1, 1): None}


def test_a_pair_that_stands_several_times_in_a_piece_is_counted_as_often(rng):
    pieces, counts, _ = after([(1, 2)], [9], [[1, 2, 1, 2, 1, 2]], [7])
    assert (pieces, counts) == ([[9, 9, 9]], {(9, 9): 14})
    often, times = rng.integers(4, 30, 2).tolist()
    pieces, counts, _ = after([(1, 2)], [9], [[1, 2] * often], [times])
    assert (pieces, counts) == ([[9] * often], {(9, 9): (often - 1) * times})


@pytest.mark.parametrize("tokens", [2, 3, 6])
def test_after_several_merges_all_is_as_if_counted_anew(tokens, rng):
    before, times = drawn(rng, tokens)
    pieces, counts, where = after([(0, 1), (1, 1), (300, 0)], [300, 301, 302], before, times)
    for pair, new in (((0, 1), 300), ((1, 1), 301), ((300, 0), 302)):
        before = merged(before, pair, new)
    assert pieces == before
    fresh, places = indexes(pieces, times)
    assert counts == fresh
    assert {pair: [n for n in where.get(pair, []) if n in places[pair]] for pair in places} == places
