"""A student writes at least a third of what computes in each module, and no answer is long."""

import ast
from pathlib import Path

import pytest

from tito.author.lesson import Lesson
from tito.author.pen import NOT_ABOUT, _computing, share
from tito.workspace import Workspace

LESSONS = [Lesson(module) for module in Workspace(Path(__file__).parents[2]).lessons]
SHARES = {lesson.module.key: share(lesson) for lesson in LESSONS}

CELL = '''
import math


@operation
def twice(x, times=2):
    """What it does,
    in two lines."""
    if times < 0:
        message = "less than nothing"
        raise ValueError(message)
    # a comment
    if times == 0:
        return 0 * x
    try:
        return sum(
            x for _ in range(times)
        )
    except TypeError:
        raise TypeError("not a number") from None


def _check_all(x):
    return x + 1


class Line(Module):
    def __init__(self, slope):
        self.slope = 2 * slope

    def forward(self, x):
        return line(x, self.slope)

    def extra_repr(self):
        return f"{self.slope + 0}"


@derivative(np.add)
def _(grad, out, a, b):
    return grad, grad


@derivative(np.copy)
def _(grad, out, a):
    return grad
'''


def test_lines_that_compute_are_counted():
    about, aside = _computing(ast.parse(CELL))
    lines = CELL.split("\n")
    assert [lines[n - 1].strip() for n in sorted(about)] == [
        "if times == 0:",
        "return 0 * x",
        "return sum(",
        "x for _ in range(times)",
        ")",
        "return grad, grad",
        "return grad",
    ]
    assert [lines[n - 1].strip() for n in sorted(aside)] == ['return f"{self.slope + 0}"']


@pytest.mark.parametrize("key", SHARES)
def test_a_student_writes_a_third_of_what_a_page_is_about(key):
    assert 3 * SHARES[key].written >= SHARES[key].written + SHARES[key].given, SHARES[key]


@pytest.mark.parametrize("key", SHARES)
def test_no_answer_is_over_15_lines(key):
    assert SHARES[key].longest <= 15, SHARES[key]


@pytest.mark.parametrize("key", SHARES)
def test_there_are_about_twelve_exercises(key):
    assert 10 <= SHARES[key].exercises <= 14


def test_what_is_set_aside_is_given_and_there():
    defined, asked = set(), set()
    for lesson in LESSONS:
        for cell in lesson.cells():
            names = {node.name for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.FunctionDef)}
            defined |= names
            asked |= names if cell.solution else set()
    assert NOT_ABOUT - defined == set() and not NOT_ABOUT & asked
