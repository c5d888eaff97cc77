"""written tells whether the memory that an array looks into was written after a certain time."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, WriteLog
from tito.testing import assert_close, on_student_side, raises, sizes


@on_student_side
def after_writes(writes, questions):
    """Write to these of four blocks, at times 1, 2, …, and ask of each (block, since) whether it was written."""
    blocks = [np.zeros(3) for _ in range(4)]
    log = WriteLog()
    for which in writes:
        log.note(blocks[which])
    return [bool(log.written(blocks[which], since)) for which, since in questions]


@on_student_side
def through_views(write, reads):
    owner, other = np.zeros((2, 3)), np.zeros((2, 3))
    views = {"owner": owner, "row": owner[0], "transpose": owner.T, "slice": owner[:, ::2][1:]}
    views["windows"] = np.lib.stride_tricks.sliding_window_view(owner, 2, axis=1)
    views |= {"other": other, "row of other": other[0], "copy": owner.copy()}
    log = WriteLog()
    log.note(views[write])
    return [bool(log.written(views[read], 0)) for read in reads]


@on_student_side
def are_noted(values):
    log, block = WriteLog(), np.zeros(3)
    log.note(block)
    return [bool(log.written(block if value is None else value, 0)) for value in values]


def asked(writes, questions):
    """What `after_writes` should say."""
    last = {which: time for time, which in enumerate(writes, 1)}
    return [last.get(which, 0) > since for which, since in questions]


def test_a_write_counts_if_it_came_after_that_time(rng):
    assert after_writes([0, 1, 0], [(0, since) for since in range(5)]) == [True, True, True, False, False]
    assert after_writes([0, 1, 0], [(1, since) for since in range(5)]) == [True, True, False, False, False]
    writes = rng.integers(0, 3, 12).tolist()
    questions = [(which, since) for which in range(3) for since in rng.permutation(13).tolist()]
    assert after_writes(writes, questions) == asked(writes, questions)


def test_memory_that_was_never_written_and_numbers_were_not(rng):
    assert after_writes([0, 1, 0], [(2, 0)]) == [False]
    assert are_noted([3]) == [False]
    assert are_noted([2.5]) == [False]
    drawn = [None if noted else float(number) for noted, number in zip(rng.random(20) < 0.5, rng.standard_normal(20))]
    assert are_noted(drawn) == [value is None for value in drawn]
    writes, questions = rng.integers(0, 2, 5).tolist(), [(which, 0) for which in rng.integers(0, 4, 20).tolist()]
    assert after_writes(writes, questions) == asked(writes, questions)


@pytest.mark.parametrize("write", ["owner", "row", "transpose", "slice"])
def test_views_are_one_memory(write, rng):
    views = ["owner", "row", "transpose", "slice", "windows"]
    for read in views:
        assert through_views(write, [read]) == [True]
    reads = rng.choice([*views, "other", "row of other", "copy"], 20).tolist()
    assert through_views(write, reads) == [read in views for read in reads]


def test_a_change_that_spoils_a_gradient_is_refused(rng):
    n, m = sizes(rng, 2)
    for values in (np.array([3.0, 4]), rng.standard_normal((n, m))):
        w, x = Tensor(values + 1, requires_grad=True), Tensor(values)
        y, z = w * x, w * x[::-1]
        y.backward(values)
        assert_close(w.grad, values * values)
        x += 1
        says = (
            "cannot go backward through multiply",
            f"its input, of shape {values.shape}",
            "changed in place afterwards",
        )
        with raises(RuntimeError, *says):
            y.backward(values)
        with raises(RuntimeError, *says):
            z.backward(values)
        y = w * x[::-1]
        x[0] = 7
        with raises(RuntimeError, *says):
            y.backward(values)


def test_a_change_that_spoils_nothing_is_allowed(rng):
    for values, weights in (([3, 4], [1, 1]), rng.standard_normal((2, *sizes(rng, 1)))):
        w, x, other = Tensor(values, requires_grad=True), Tensor(values), Tensor(values)
        x += 1  # before
        y = w * x + other
        other += 1  # not read
        y.backward(weights)
        assert_close(w.grad, (np.array(values) + 1) * weights)
