"""phase says between which two rates the one-cycle schedule is, and how much of that way is done."""

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.optimizers import SGD, OneCycleLR
from tito.testing import assert_close, on_student_side, raises


def expected(step, total_steps=10, pct_start=0.3, three_phase=False):
    """The phase of a step, from the table of phases."""
    top = pct_start * total_steps - 1
    table = [(top, "initial_lr", "max_lr"), (total_steps - 1, "max_lr", "min_lr")]
    if three_phase:
        table[1:] = [(2 * top, "max_lr", "initial_lr"), (total_steps - 1, "initial_lr", "min_lr")]
    begin = 0
    for last, start, end in table:
        if last > 0 and (step <= last or last == total_steps - 1):
            return start, end, round((step - begin) / (last - begin), 6)
        begin = last


def agree(step, **options):
    assert rounded(phase_at(step, **options)) == expected(step, **options)


@on_student_side
def phase_at(step, **options):
    schedule = OneCycleLR(
        SGD([Parameter([0.0])]), max_lr=1.0, cycle_momentum=False, anneal_strategy="linear", **options
    )
    for _ in range(step):
        schedule.step()
    return tuple(schedule.phase())


@on_student_side
def rates(steps, **options):
    schedule = OneCycleLR(SGD([Parameter([0.0])]), max_lr=1.0, anneal_strategy="linear", **options)
    found = schedule.get_last_lr()
    for _ in range(steps - 1):
        schedule.step()
        found += schedule.get_last_lr()
    return found


def rounded(phase):
    start, end, share = phase
    return start, end, round(share, 6)


@pytest.mark.parametrize(("step", "share"), [(0, 0.0), (1, 0.5)])
def test_the_first_phase_goes_up(step, share, rng):
    assert rounded(phase_at(step, total_steps=10)) == ("initial_lr", "max_lr", share)
    agree(rng.integers(1, 20), total_steps=int(rng.integers(50, 90)), pct_start=rng.uniform(0.45, 0.9))


@pytest.mark.parametrize(("step", "share"), [(3, 0.142857), (4, 0.285714), (8, 0.857143), (9, 1.0)])
def test_the_second_phase_begins_where_the_first_ends(step, share, rng):
    assert rounded(phase_at(step, total_steps=10)) == ("max_lr", "min_lr", share)
    agree(rng.integers(25, 45), total_steps=int(rng.integers(50, 90)), pct_start=rng.uniform(0.1, 0.25))


def test_the_last_step_of_a_phase_belongs_to_it(rng):
    assert rounded(phase_at(2, total_steps=10)) == ("initial_lr", "max_lr", 1.0)
    total, up = 64, int(rng.integers(8, 32))
    for step in (up - 1, up, 2 * up - 2, 2 * up - 1):
        agree(step, total_steps=total, pct_start=up / total, three_phase=True)


@pytest.mark.parametrize(
    ("step", "phase"),
    [(2, ("initial_lr", "max_lr", 1.0)), (4, ("max_lr", "initial_lr", 1.0)), (6, ("initial_lr", "min_lr", 0.4))],
)
def test_with_three_phases_each_has_its_turn(step, phase, rng):
    assert rounded(phase_at(step, total_steps=10, three_phase=True)) == phase
    agree(rng.integers(1, 50), total_steps=50, pct_start=rng.uniform(0.2, 0.4), three_phase=True)


def test_a_way_up_of_no_steps_is_left_out(rng):
    assert rounded(phase_at(3, total_steps=10, pct_start=0.1)) == ("max_lr", "min_lr", 0.333333)
    total = 2 ** int(rng.integers(4, 7))
    agree(rng.integers(1, total), total_steps=total, pct_start=1 / total)


def test_a_step_too_many_still_belongs_to_the_last_phase(rng):
    assert rounded(phase_at(10, total_steps=10)) == ("max_lr", "min_lr", 1.142857)
    with raises(ValueError, "the cycle has 10 steps"):
        phase_at(11, total_steps=10)
    total, share = int(rng.integers(20, 60)), rng.uniform(0.2, 0.4)
    agree(total, total_steps=total, pct_start=share)
    with raises(ValueError, f"the cycle has {total} steps"):
        phase_at(total + 1, total_steps=total, pct_start=share)


def test_the_learning_rates_follow(rng):
    expected = [0.1, 0.55, 1, 0.75025, 0.5005, 0.25075, 0.001]
    assert_close(rates(7, total_steps=7, pct_start=3 / 7, div_factor=10, final_div_factor=100), expected)
    low, lower = rng.uniform(2, 30, 2)
    expected = [*np.linspace(1 / low, 1, 4), *np.linspace(1, 1 / low / lower, 5)[1:]]
    assert_close(rates(8, total_steps=8, pct_start=0.5, div_factor=low, final_div_factor=lower), expected)
