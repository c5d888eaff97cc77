"""best_pair finds the pair that occurs most often, and of several the lowest, in whatever order they were counted."""

import pytest

from tinytorch.tokenization import best_pair


def drawn(rng, count=12):
    return [tuple(pair) for pair in rng.choice(300, (count, 2), replace=False).tolist()]


def test_it_is_the_pair_with_the_highest_count(rng):
    assert best_pair({(9, 9): 1, (1, 2): 7, (0, 0): 3}) == (1, 2)
    assert best_pair({(300, 2): 4}) == (300, 2)
    pairs = drawn(rng)
    counts = rng.permutation(len(pairs)).tolist()
    assert best_pair(dict(zip(pairs, counts))) == pairs[counts.index(max(counts))]


def test_of_pairs_that_occur_equally_often_it_is_the_lowest(rng):
    assert best_pair({(7, 1): 5, (2, 9): 5, (0, 0): 3}) == (2, 9)
    assert best_pair({(3, 9): 2, (4, 0): 2, (3, 11): 2}) == (3, 9)
    assert best_pair({(7, 1): 1, (2, 9): 1}) == (2, 9)
    pairs, left = drawn(rng), int(rng.integers(300))
    often = pairs[:6] + [(left, 7), (left, 5)]
    assert best_pair({**dict.fromkeys(pairs, 3), **dict.fromkeys(often, 5)}) == min(often)


@pytest.mark.parametrize("highest", [2, 40])
def test_the_order_of_counting_does_not_matter(highest, rng):
    pairs = [(left, right) for left in range(8) for right in range(250, 262)]
    counts = rng.integers(1, highest + 1, len(pairs)).tolist()
    best = min(pair for pair, count in zip(pairs, counts) if count == max(counts))
    for _ in range(3):
        order = rng.permutation(len(pairs))
        assert best_pair({pairs[i]: counts[i] for i in order}) == best
