"""What the text of a wrong answer shows: a loop that ends at once, a value that is lost, a method that changes nothing."""

from pathlib import Path

import pytest

from tito.author.answers import read_answers
from tito.author.build import read_lessons
from tito.checker.static import reading, sentence
from tito.workspace import Workspace


def said(body, reading=(), head="def mean(x, p):"):
    return sentence(head + "\n" + "\n".join(f"    {line}" for line in body.split("\n")), [*reading])


@pytest.mark.parametrize(
    "body",
    ["for y in x:\n    return y", "for y in x:\n    if y:\n        return y\n    else:\n        return p\nreturn 0"],
)
def test_a_loop_that_ends_in_its_first_round_is_told(body):
    assert said(body) == "The loop in line 2 ends in its first round: a `return` in it is always reached."


@pytest.mark.parametrize(
    "body",
    [
        "for y in x:\n    if y:\n        return y\nreturn 0",
        "for y in x:\n    if y:\n        continue\n    return y",
        "for y in x:\n    def f():\n        return y\n    p.append(f)",
    ],
)
def test_a_loop_that_may_go_on_is_not(body):
    assert said(body) == ""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("for y in x:\n    out = y(p)\nreturn out", "out"),
        ("for y in x:\n    total = 0\n    total += y\nreturn total", "total"),
        ("for y in x:\n    found = []\n    found.append(y)\nreturn found", "found"),
        (
            "for y in x:\n    for z in p:\n        total = 0\n    for z in p:\n        total += z\n    x[y] = total",
            "total",
        ),
    ],
)
def test_what_only_the_last_round_leaves_is_told(body, name):
    told = said(body)
    assert told.startswith("Each round of the loop in line ") and f"gives `{name}` a new value" in told


@pytest.mark.parametrize(
    "body",
    [
        "for y in x:\n    p = y(p)\nreturn p",
        "out = 0\nfor y in x:\n    if y:\n        out = y\nreturn out",
        "for y in x:\n    out = y\n    if out:\n        break\nreturn out",
        "for y in x:\n    total = 0\n    for z in y:\n        total += z\n    p.append(total)\nreturn p",
        "while p:\n    last = p.pop()\nreturn last",
        "for y in x:\n    n = y\n    p.append(n)\nn = 3\nreturn n",
    ],
)
def test_what_is_used_in_its_round_or_meant_to_be_the_last_is_not(body):
    assert said(body) == ""


def test_a_name_that_takes_a_new_value_in_vain_is_told():
    told = "gives the name `p` a new value that is never used: what it stood for stays as it was."
    assert said("p = p - x") == f"Line 2 {told}"
    assert said("for p in x:\n    p = p * 2") == f"Line 3 {told}"
    for body in ("p = p - x\nreturn p", "for y in x:\n    p = p * y\nreturn p", "p[...] = p - x", "p -= x"):
        assert said(body) == ""
    for body in ("while p > x:\n    p = p - 1", "for y in x:\n    p = p - y\n    y(p)", "p = p + 1\nreturn lambda: p"):
        assert said(body) == ""


@pytest.mark.parametrize("line", ["x.reshape(2, 3)", "x.astype(int)", "np.add(x, 1)", "mean(x, p)"])
def test_a_call_that_changes_nothing_is_told(line):
    assert said(f"{line}\nreturn x + p").startswith(f"The value of `{line}` is worked out and not used")


@pytest.mark.parametrize(
    "line", ["x.sort()", "p.add(x)", "np.add(x, 1, out=x)", "np.add(x, 1, x)", "np.add.at(x, p, 1)"]
)
def test_a_call_that_may_change_something_is_not(line):
    assert said(f"{line}\nreturn x + p") == ""


def test_a_method_that_is_not_called_is_told_if_nothing_else_can_do_its_work():
    right = ["x", "self.eps", "self.shift()"]
    told = "`self.shift()` is never used, and all answers that are known to be right use it."
    head = "@extend(Layer)\ndef forward(self, x):"
    assert said("return self.eps * x", right, head) == told
    assert said("return self.eps * x + self.bias", right, head) == ""
    assert said("return self.eps * x + shift(self, x)", right, head) == ""


def test_an_attribute_that_is_not_read_is_told():
    head = "@extend(Layer)\ndef forward(self, x):"
    right = reading(head + "\n    return self.eps * x + self.shift(x)")
    assert right == ["x", "self.eps", "self.shift()"]
    told = "`self.eps` is never used, and all answers that are known to be right use it."
    assert said("return self.shift(x)", right, head) == told
    assert said("return self.other(x)", right, head) == ""  # which may read it
    assert said("return helper(self, x)", right, head) == ""
    assert reading("@extend(Tensor)\ndef f(self, x):\n    return self.shape, x") == ["x"]


def test_no_right_answer_has_anything_of_it():
    lessons = read_lessons(Workspace(Path(__file__).parents[2]))
    cells = [(name, lesson.answer(name)) for lesson in lessons for name in lesson.exercises]
    for lesson in lessons:
        right = [answer for answer in read_answers(lesson) if answer.sentence is None]
        cells += [(answer.exercise, lesson.source_with(answer.exercise, answer.body)) for answer in right]
    assert [(name, told) for name, source in cells if (told := sentence(source, []))] == []
    assert len(cells) > 200
