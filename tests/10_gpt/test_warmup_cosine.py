"""warmup_cosine goes up along a line, down along a cosine, and stays at the lowest."""

import math

import pytest

from tinytorch.gpt import warmup_cosine
from tito.testing import assert_close


def expected(step, warmup, steps, lowest):
    if step < warmup:
        return (step + 1) / warmup
    share = min(1, (step - warmup) / (steps - warmup))
    return lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * share))


@pytest.mark.parametrize(("step", "factor"), [(0, 0.25), (1, 0.5), (2, 0.75), (3, 1)])
def test_it_goes_up_along_a_line(step, factor):
    assert_close(warmup_cosine(step, 4, 12), factor)


@pytest.mark.parametrize(("step", "factor"), [(4, 1), (8, 0.55), (12, 0.1)])
def test_then_down_along_a_cosine(step, factor):
    assert_close(warmup_cosine(step, 4, 12), factor)


def test_after_the_last_step_it_stays():
    for step in (13, 20, 500):
        assert_close(warmup_cosine(step, 4, 12), 0.1)


def test_without_warming_up_it_begins_at_the_top():
    assert_close(warmup_cosine(0, 0, 10), 1)
    assert_close(warmup_cosine(5, 0, 10), 0.55)


@pytest.mark.parametrize("lowest", [0, 0.3])
def test_the_lowest_can_be_chosen(lowest):
    assert_close(warmup_cosine(12, 4, 12, lowest), lowest)
    assert_close(warmup_cosine(8, 4, 12, lowest), (1 + lowest) / 2)


@pytest.mark.parametrize("most", [20, 300])
def test_for_any_numbers(most, rng):
    warmup = int(rng.integers(1, most))
    steps, lowest = warmup + int(rng.integers(2, most)), float(rng.uniform(0, 0.9))
    for step in rng.integers(0, 2 * most, 12).tolist():
        assert_close(warmup_cosine(step, warmup, steps, lowest), expected(step, warmup, steps, lowest))
