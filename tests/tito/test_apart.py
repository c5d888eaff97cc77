"""Where an option that is given sets the cases that fail apart, it is named."""

import numpy as np

from tito.checker.apart import noted, sentence
from tito.checker.bridge import Proxy
from tito.checker.report import Outcome

SOURCE = "def mean(self, dim=None, keepdim=False):\n    return self"


def case(passed, *calls):
    return Outcome(
        "it is the mean", passed, calls=[noted("Tensor([1, 2]).mean", args, kwargs) for args, kwargs in calls]
    )


def said(failed, passed, source=SOURCE):
    """The sentence if cases with each of these calls failed, and passed, under two seeds."""
    return sentence([[case(False, call) for call in failed] + [case(True, call) for call in passed]] * 2, source)


def given(*args, **kwargs):
    return args, kwargs


TOLD = "Right where `{}` is not given: each case in which it is given fails, and all others pass."
PLAIN = [given(), given(keepdim=True), given(dim=None), given()]


def test_an_option_is_named_that_all_failing_cases_are_given_and_no_other():
    assert said([given(dim=1), given(dim=(0, 1), keepdim=True)], PLAIN) == TOLD.format("dim")
    assert said([given(1), given(0, True)], PLAIN) == TOLD.format("dim")
    assert said([given("x.mean(dim = 1)"), given(dim=0)], PLAIN) == TOLD.format("dim")
    assert said([given("x.amax(dim=1)"), given(axis=0)], PLAIN, "def _(grad, a, axis=None):\n    return a") == (
        TOLD.format("axis")
    )


def test_one_exception_is_enough_to_say_nothing():
    assert said([given(dim=1), given()], PLAIN) == ""
    assert said([given(dim=1), given(dim=0)], [*PLAIN, given(dim=2)]) == ""
    assert said([given(dim=1, keepdim=True)], [given(), given(), given(), given()]) == ""  # which of the two is it?
    assert said([given(dim=1)], PLAIN) == "" == said([given(dim=1), given(dim=0)], PLAIN[:1])  # too few to tell
    assert said([given(other=1), given(other=2)], PLAIN) == ""


def test_nothing_is_kept_that_lives_in_the_students_process():
    proxy = Proxy((1,), "x", "Tensor")
    call = noted("f", (proxy, [proxy], [1, [2.5]], np.ones(2000)), {"dim": proxy})
    assert call.values == [None, None, [1, [2.5]], None] and call.options == {"dim": None}
