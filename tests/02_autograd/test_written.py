"""written tells whether the memory that an array looks into was written after a certain time."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, WriteLog
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def after_three_writes(since, which):
    first, second, third = np.zeros(3), np.zeros(3), np.zeros(3)
    log = WriteLog()
    log.note(first)  # time 1
    log.note(second)  # time 2
    log.note(first)  # time 3
    return bool(log.written({"first": first, "second": second, "third": third}[which], since))


@on_student_side
def through_a_view(write, read):
    owner = np.zeros((2, 3))
    view = {"owner": owner, "row": owner[0], "transpose": owner.T, "slice": owner[:, ::2][1:]}
    log = WriteLog()
    log.note(view[write])
    return bool(log.written(view[read], 0))


@on_student_side
def is_noted(value):
    log = WriteLog()
    log.note(np.zeros(3))
    return bool(log.written(value, 0))


@pytest.mark.parametrize("since", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("which", "last"), [("first", 3), ("second", 2)])
def test_a_write_counts_if_it_came_after_that_time(which, last, since):
    assert after_three_writes(since, which) is (last > since)


def test_memory_that_was_never_written_and_numbers_were_not():
    assert after_three_writes(0, "third") is False
    assert is_noted(3) is False
    assert is_noted(2.5) is False


@pytest.mark.parametrize("write", ["owner", "row", "transpose", "slice"])
@pytest.mark.parametrize("read", ["owner", "row", "transpose", "slice"])
def test_views_are_one_memory(write, read):
    assert through_a_view(write, read) is True


def test_a_change_that_spoils_a_gradient_is_refused():
    w, x = Tensor([1, 2], requires_grad=True), Tensor([3, 4])
    y = w * x
    x += 1
    with raises(RuntimeError, "cannot go backward through multiply", "changed in place"):
        y.backward([1, 1])
    y = w * x[::-1]
    x[0] = 7
    with raises(RuntimeError, "cannot go backward through multiply", "changed in place"):
        y.backward([1, 1])


def test_a_change_that_spoils_nothing_is_allowed():
    w, x, other = Tensor([1, 2], requires_grad=True), Tensor([3, 4]), Tensor([5, 6])
    x += 1  # before
    y = w * x + other
    other += 1  # not read
    y.backward([1, 1])
    assert_close(w.grad, [4, 5])
