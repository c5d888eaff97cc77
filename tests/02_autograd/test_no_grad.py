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
def each_time_down(n):
    @no_grad()
    def down(n):
        return [is_grad_enabled()] + (down(n - 1) if n > 1 else [])

    return down(n)


def test_recording_is_off_inside_the_block_and_on_after_it():
    with no_grad():
        assert is_grad_enabled() is False
    assert is_grad_enabled() is True


def test_the_end_of_an_inner_block_leaves_the_outer_one_off():
    with no_grad():
        with no_grad():
            assert is_grad_enabled() is False
        assert is_grad_enabled() is False
    assert is_grad_enabled() is True


def test_an_exception_switches_back_too_and_goes_on():
    with raises(KeyError, "lost"), no_grad():
        assert is_grad_enabled() is False
        raise KeyError("lost")
    assert is_grad_enabled() is True


def test_it_decorates_functions_also_ones_that_call_themselves():
    assert each_time_down(1) == [False]
    assert is_grad_enabled() is True
    assert each_time_down(3) == [False, False, False]
    assert is_grad_enabled() is True
