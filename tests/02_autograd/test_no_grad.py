"""no_grad switches recording off for a block or a function, and always leaves the switch as it found it."""

import pytest

from tinytorch.autograd import is_grad_enabled, no_grad
from tito.testing import on_student_side, raises


@on_student_side
def switch_on():
    import sys

    sys.modules["tinytorch.autograd"]._recording = True


@pytest.fixture(autouse=True)
def leave_it_on_for_the_other_tests():
    yield
    switch_on()


@on_student_side
def switch_after(steps):
    blocks, seen = [], []
    for step in steps:
        if step == "in":
            blocks.append(no_grad())
            blocks[-1].__enter__()
        else:
            blocks.pop().__exit__(None, None, None)
        seen.append(is_grad_enabled())
    return seen


@on_student_side
def after_errors(kinds, message):
    import builtins

    seen = []
    for kind in kinds:
        try:
            with no_grad():
                seen.append(is_grad_enabled())
                raise getattr(builtins, kind)(message)
        except BaseException as error:
            seen.append((type(error).__name__, error.args))
        seen.append(is_grad_enabled())
    return seen


@on_student_side
def each_time_down(n):
    @no_grad()
    def down(n, *, step=1):
        return [(is_grad_enabled(), n)] + (down(n - step, step=step) if n > 1 else [])

    return down(n) + [is_grad_enabled()]


def walk(rng, length):
    """A way into blocks and out again, and what the switch should say after each step."""
    steps, depth, expected = [], 0, []
    for left in range(length, 0, -1):
        goes_in = depth == 0 or (depth < left and rng.random() < 0.5)
        depth += 1 if goes_in else -1
        steps.append("in" if goes_in else "out")
        expected.append(depth == 0)
    return steps, expected


def test_recording_is_off_inside_the_block_and_on_after_it(rng):
    with no_grad():
        assert is_grad_enabled() is False
    assert is_grad_enabled() is True
    n = int(rng.integers(2, 40))
    assert switch_after(["in", "out"] * n) == [False, True] * n


def test_the_end_of_an_inner_block_leaves_the_outer_one_off(rng):
    with no_grad():
        with no_grad():
            assert is_grad_enabled() is False
        assert is_grad_enabled() is False
    assert is_grad_enabled() is True
    steps, expected = walk(rng, 40)
    assert switch_after(steps) == expected


def test_an_exception_switches_back_too_and_goes_on(rng):
    with raises(KeyError, "lost"), no_grad():
        assert is_grad_enabled() is False
        raise KeyError("lost")
    assert is_grad_enabled() is True
    kinds, number = (
        rng.permutation(["ValueError", "KeyboardInterrupt", "SystemExit"]).tolist(),
        int(rng.integers(10**9)),
    )
    expected = [(False, (kind, (number,)), True) for kind in kinds]
    assert after_errors(kinds, number) == [part for parts in expected for part in parts]


def test_it_decorates_functions_also_ones_that_call_themselves(rng):
    for n in (1, 3, int(rng.integers(4, 100))):
        assert each_time_down(n) == [*((False, i) for i in range(n, 0, -1)), True]
