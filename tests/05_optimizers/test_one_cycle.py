"""phase says between which two rates the one-cycle schedule is, and how much of that way is done."""

import pytest

from tinytorch.layers import Parameter
from tinytorch.optimizers import SGD, OneCycleLR
from tito.testing import assert_close, on_student_side, raises


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
def test_the_first_phase_goes_up(step, share):
    assert rounded(phase_at(step, total_steps=10)) == ("initial_lr", "max_lr", share)


@pytest.mark.parametrize(("step", "share"), [(3, 0.142857), (4, 0.285714), (8, 0.857143), (9, 1.0)])
def test_the_second_phase_begins_where_the_first_ends(step, share):
    assert rounded(phase_at(step, total_steps=10)) == ("max_lr", "min_lr", share)


def test_the_last_step_of_a_phase_belongs_to_it():
    assert rounded(phase_at(2, total_steps=10)) == ("initial_lr", "max_lr", 1.0)


@pytest.mark.parametrize(
    ("step", "phase"),
    [(2, ("initial_lr", "max_lr", 1.0)), (4, ("max_lr", "initial_lr", 1.0)), (6, ("initial_lr", "min_lr", 0.4))],
)
def test_with_three_phases_each_has_its_turn(step, phase):
    assert rounded(phase_at(step, total_steps=10, three_phase=True)) == phase


def test_a_step_too_many_still_belongs_to_the_last_phase():
    assert rounded(phase_at(10, total_steps=10)) == ("max_lr", "min_lr", 1.142857)
    with raises(ValueError, "the cycle has 10 steps"):
        phase_at(11, total_steps=10)


def test_the_learning_rates_follow():
    expected = [0.1, 0.55, 1, 0.75025, 0.5005, 0.25075, 0.001]
    assert_close(rates(7, total_steps=7, pct_start=3 / 7, div_factor=10, final_div_factor=100), expected)
