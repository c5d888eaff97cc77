"""An answer is recognised as a known mistake where it fails the same cases in the same way, or nearly so."""

import pytest

from tito.checker.judge import judge
from tito.checker.mistakes import recognise
from tito.checker.report import Outcome
from tito.export import Source
from tito.notebook import Cell, HandedOut
from tito.submission import Submission

KNOWN = {"+ a1 b1 c1 d1": "first", "+ a2 b2 c2 d2": "second", "a1 + + + +": "third"}


@pytest.mark.parametrize("fingerprint, sentence", KNOWN.items())
def test_the_same_outcomes_are_recognised(fingerprint, sentence):
    assert recognise(fingerprint, KNOWN) == sentence


def test_one_number_may_come_out_otherwise():
    assert recognise("+ a1 b1 xx d1", KNOWN) == "first"
    assert recognise("+ a1 xx xx d1", KNOWN) == ""


def test_of_many_failures_one_in_four_may_differ():
    known = {" ".join(f"a{n}" for n in range(8)): "said"}
    assert recognise("a0 a1 a2 a3 a4 a5 xx xx", known) == "said"
    assert recognise("a0 a1 a2 a3 a4 xx xx xx", known) == ""


def test_a_single_failure_must_be_the_same():
    assert recognise("xx + + + +", KNOWN) == ""


@pytest.mark.parametrize("fingerprint", ["a0 a1 b1 c1 d1", "+ a1 b1 c1 +", "+ a1 b1 c1", "+ a1 b1 c1 d1 e1"])
def test_other_cases_that_fail_are_another_mistake(fingerprint):
    assert recognise(fingerprint, KNOWN) == ""


def test_the_closest_counts_and_of_two_as_close_neither():
    known = {"a b c d": "first", "a b c x": "second"}
    assert recognise("a b c d", known) == "first"
    assert recognise("a b c y", known) == ""
    assert recognise("a b c y", known | {"a b c x": "first"}) == "first"


@pytest.mark.parametrize(
    "files, where",
    [
        (("autograd.py",), "at cell 7, exercise sum_rule, line 2:  return grad"),
        (("autograd.py", "tensor.py"), "at cell 7, exercise sum_rule, line 2:  return grad"),
        (("tensor.py",), ""),
    ],
)
def test_a_line_of_another_module_is_not_looked_for_in_this_one(files, where):
    cell = Cell(7, "code", "def _(grad):\n    return grad", mark="sum_rule", solution=True, exercise="sum_rule")
    outcome = Outcome("it sums", False, frames=[(f"tinytorch/{file}", 1) for file in files])
    submission = Submission(HandedOut([cell]), "autograd.ipynb", [cell], {"sum_rule": cell})
    source = Source("tinytorch/autograd.py", "return grad\n", [(cell, 2)])
    assert judge(submission, "sum_rule", [outcome], source).failure.where == where
