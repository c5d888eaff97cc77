"""anneal_cosine goes from start to end along half a wave."""

import math

import pytest

from tinytorch.optimizers import anneal_cosine
from tito.testing import assert_close


def between(start, end, share):
    return start + (end - start) * math.sin(math.pi * share / 2) ** 2


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.25, 0.853553), (0.5, 0.5), (0.75, 0.146447), (1, 0)])
def test_from_1_to_0_it_is_half_a_wave(share, value, rng):
    assert_close(anneal_cosine(1, 0, share), value)
    start, share = rng.uniform(1, 9), abs(share - rng.uniform(0, 0.25))
    assert_close(anneal_cosine(start, 0, share), between(start, 0, share))


def test_it_begins_at_start_and_ends_at_end(rng):
    assert_close(anneal_cosine(3, 1, 0), 3)
    assert_close(anneal_cosine(3, 1, 1), 1)
    assert_close(anneal_cosine(3, 1, 0.5), 2)
    start, end = rng.uniform(1, 9, 2).tolist()
    for share, value in ((0, start), (1, end), (0.5, (start + end) / 2)):
        assert_close(anneal_cosine(start, end, share), value)


def test_it_goes_up_as_well_as_down(rng):
    assert_close(anneal_cosine(0, 10, 0.25), 1.464466)
    assert_close(anneal_cosine(-2, 2, 0.75), 1.414214)
    end, share = rng.uniform(1, 9), rng.uniform(0, 1)
    assert_close(anneal_cosine(-end, end, share), between(-end, end, share))


def test_beyond_the_end_it_comes_back(rng):
    assert_close(anneal_cosine(1, 0, 1.5), 0.5)
    assert_close(anneal_cosine(5, 1, 2), 5)
    start, end, share = *rng.uniform(1, 9, 2).tolist(), rng.uniform(1, 6)
    assert_close(anneal_cosine(start, end, share), between(start, end, share))


def test_any_numbers_will_do(rng):
    start, end, share = rng.uniform(-5, 5), rng.uniform(-5, 5), rng.uniform(0, 1)
    assert_close(anneal_cosine(start, end, share), between(start, end, share))
