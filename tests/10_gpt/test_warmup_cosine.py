"""warmup_cosine goes up along a line, down along a cosine, and stays at the lowest."""

import math

import numpy as np
import pytest

from tinytorch.gpt import warmup_cosine
from tito.testing import assert_close


def expected(step, warmup, steps, lowest):
    if step < warmup:
        return (step + 1) / warmup
    share = min(1, (step - warmup) / (steps - warmup))
    return lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * share))


@pytest.mark.parametrize(("step", "factor"), [(0, 0.25), (1, 0.5), (2, 0.75), (3, 1)])
def test_it_goes_up_along_a_line(step, factor, rng):
    assert_close(warmup_cosine(step, 4, 12), factor)
    warmup = int(rng.integers(50, 500))
    assert_close(warmup_cosine(step, warmup, 1000), (step + 1) / warmup)


@pytest.mark.parametrize(("step", "factor"), [(4, 1), (8, 0.55), (12, 0.1)])
def test_then_down_along_a_cosine(step, factor, rng):
    assert_close(warmup_cosine(step, 4, 12), factor)
    warmup, steps = int(rng.integers(1, 50)), int(rng.integers(500, 900))
    drawn = int(rng.integers(50, 500))
    assert_close(warmup_cosine(drawn, warmup, steps), expected(drawn, warmup, steps, 0.1))


def test_after_the_last_step_it_stays(rng):
    lowest = float(rng.uniform(0, 0.9))
    for step in (13, 20, 500):
        assert_close(warmup_cosine(step, 4, 12), 0.1)
        assert_close(warmup_cosine(step, 4, 12, lowest), lowest)


def test_without_warming_up_it_begins_at_the_top(rng):
    assert_close(warmup_cosine(0, 0, 10), 1)
    assert_close(warmup_cosine(5, 0, 10), 0.55)
    step, steps = np.sort(rng.choice(np.arange(1, 900), 2, replace=False)).tolist()
    assert_close(warmup_cosine(0, 0, steps), 1)
    assert_close(warmup_cosine(step, 0, steps), expected(step, 0, steps, 0.1))


@pytest.mark.parametrize("lowest", [0, 0.3])
def test_the_lowest_can_be_chosen(lowest, rng):
    for chosen in (lowest, float(rng.uniform(0, 0.9))):
        assert_close(warmup_cosine(12, 4, 12, chosen), chosen)
        assert_close(warmup_cosine(8, 4, 12, chosen), (1 + chosen) / 2)


@pytest.mark.parametrize("most", [20, 300])
def test_for_any_numbers(most, rng):
    warmup = int(rng.integers(1, most))
    steps, lowest = warmup + int(rng.integers(2, most)), float(rng.uniform(0, 0.9))
    for step in rng.integers(0, 2 * most, 12).tolist():
        assert_close(warmup_cosine(step, warmup, steps, lowest), expected(step, warmup, steps, lowest))
