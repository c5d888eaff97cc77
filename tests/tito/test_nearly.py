"""Where nothing else explains a wrong answer, the line is named in which one small change makes all of it pass."""

import ast

import pytest

from tito.author.build import read_lessons, write_reference
from tito.author.trials import Trial
from tito.checker.changes import additions, changes, throughout
from tito.workspace import Workspace


@pytest.fixture
def said(course, tmp_path):
    """Gives the sentence that is said of an answer to an exercise of the small course."""
    lessons = read_lessons(Workspace(course.root))
    reference = write_reference(lessons, tmp_path)
    modules = {exercise: lesson.module for lesson in lessons for exercise in lesson.exercises}

    def said(exercise, body, seconds=60):
        return Trial(modules[exercise], exercise, body, searching=seconds).run(reference).mistake

    return said


@pytest.mark.parametrize(
    ("exercise", "body", "line"),
    [
        ("multiply", "return self.apply(np.multiply, other, other)", "return self.apply(np.multiply, other, other)"),
        ("multiply_rule", "by_a = grad * b\nreturn by_a, grad - a", "return by_a, grad - a"),
        ("multiply_rule", "by_a = grad / b\nreturn by_a, grad * a", "by_a = grad / b"),
    ],
)
def test_the_line_is_named_in_which_one_change_mends_it(said, exercise, body, line):
    told = said(exercise, body)
    assert told.startswith("Look at line ") and told.endswith(
        f", `{line}`: with one small change there, all of it passes."
    )
    assert said(exercise, body, seconds=0) == ""


def test_what_two_changes_would_mend_is_not_named(said):
    assert said("multiply_rule", "return grad - b, grad - a") == ""


def test_a_search_ends_with_its_time(said):
    assert said("multiply_rule", "return grad - b, grad * a", seconds=-60) == ""


def test_no_line_is_named_after_a_change_that_took_too_long(said):
    mended = "return grad - b, grad * a"
    assert said("multiply_rule", f"n = 3\n{mended}") != ""
    loop = f"n = 3\nwhile n == 2:\n    pass\n{mended}"
    assert said("multiply_rule", loop) == "", "n = 2 might have been the right change, and late"


def changed_by(make, source):
    tree = ast.parse(source)
    found = set()
    for change in make(tree):
        with change.made():
            found.add((change.line, ast.unparse(tree)))
        assert ast.unparse(tree) == source
    return found


def test_each_change_has_its_line_and_is_undone():
    found = changed_by(changes, "a = b + 1\nreturn sum(a)")
    assert {(1, "a = b - 1\nreturn sum(a)"), (1, "a = b + 2\nreturn sum(a)"), (2, "a = b + 1\nsum(a)")} <= found


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("return a - b", "return a - a"),
        ("return a - b", "return a - -b"),
        ("return a * b", "return (1 - a) * b"),
        ("return a * b", "return a @ b"),
        ("return a", "return -a"),
        ("return a", "return a.copy()"),
        ("return a * b", "return a * a * b"),
        ("return a / b", "return a / b ** 0.5"),
        ("out[:, a, b] = c", "out[:, b, a] = c"),
        ("a = b", "a += b"),
        ("a[b] = c", "a[b] *= c"),
        ("return a[b.size:]", "return a[-b.size:]"),
        ("return f(1)", "return f(-1)"),
        ("return a[:]", "return a[1:]"),
        ("return a[:]", "return a[:-1]"),
        ("return a[b]", "return a[b - 1]"),
        ("return a.sum()", "return a.sum(axis=-1)"),
        ("return a.sum(axis=0)", "return a.sum(axis=1)"),
        ("return a.sum(axis=0)", "return a.sum(axis=0, keepdims=True)"),
        ("return np.argmax(a)", "return np.argmin(a)"),
        ("return a < b", "return a > b"),
        ("return a if b else c", "return a if not b else c"),
        ("return f(a)", "return a"),
        ("return a + b * c", "return a + c"),
        ("return [a.f(), 1]", "return [a, 1]"),
        ("return c @ d", "return c @ d.T"),
        ("return a @ b / c", "return b @ a / c"),
        ("return c.sum()", "return c.sum(axis=axis, keepdims=True)"),
        ("return slice(c, d)", "return slice(c, d + a)"),
        ("return c", "return c * b"),
        ("return c[a:d]", "return c[a:d + a]"),
        ("c -= d", "c -= d * a"),
        ("return d / c - a", "return d / (c - a)"),
        ("return d / (c * a)", "return d / c * a"),
        ("a = c", "a[...] = c"),
        ("return c(0.9)", "return c(1 - 0.9)".replace("1 - 0.9", str(1 - 0.9))),
        ("a = 1\nb = 2", "b = 2\na = 1"),
        ("for a in b:\n    c(a)\nd(a)", "for a in b:\n    c(a)\n    d(a)"),
        ("for a in b:\n    c(a)\n    d(a)", "for a in b:\n    c(a)\nd(a)"),
        ("for a in b:\n    c = 0\n    d(a)", "c = 0\nfor a in b:\n    d(a)"),
        ("return (c, d)", "return (c, d * a)"),
        ("return lambda: c", "return lambda: c * a"),
        ("return c(d, 0)", "return c(d, axis)"),
        ("return c(d=0)", "return c(d=axis)"),
        ("return c(d)", "return c(d * a)"),
        ("return c >= d", "return c == d"),
        ("return c - d[0]", "return d[0] - c"),
        ("a[0] = self.c\nb[0] = self.d", "a[0] = self.c\nb[0] = self.c"),
        ("c['a'] = d\nc['b'] = d", "c['a'] = d\nc['a'] = d"),
        ("c = d + 1", "c = a"),
        ("a = 1\nb = 2\nc = 3\nd = 4", "c = 3\nd = 4\na = 1\nb = 2"),
        ("return np.exp(-a)", "return np.exp(-np.abs(a))"),
        ("for c in {d for d in a}:\n    d(c)", "for c in [d for d in a]:\n    d(c)"),
    ],
)
def test_what_is_missing_is_put_in(source, mended):
    assert mended in {text for _, text in changed_by(lambda tree: additions(tree, ["a", "b", "axis"]), source)}


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("c = d[a * 0:a * 0 + b]\nreturn a * b", "c = d[a * 1:a * 1 + b]\nreturn a * b"),
        ("c = d - (a + 2)\nreturn c / (a + 2)", "c = d - (a + 1)\nreturn c / (a + 1)"),
        ("c = a * a\nreturn c - a", "c = b * b\nreturn c - a"),
        ("c = d[a + 1] - c\nreturn c[a + 1]", "c = d[b + 1] - c\nreturn c[b + 1]"),
        ("return c[2:] - c[:-2]", "return c[1:] - c[:-1]"),
    ],
)
def test_what_stands_in_several_places_is_changed_in_all_of_them(source, mended):
    assert mended in {text for _, text in changed_by(lambda tree: throughout(tree, ["a", "b"]), source)}


def test_all_lines_of_a_change_are_named(said):
    told = said("multiply_rule", "by_a = grad * b + (3 - 2)\nreturn by_a, grad * a + (3 - 2)")
    assert told.endswith(
        "`by_a = grad * b + (3 - 2)`, and line 5: with the same small change in each of them, all of it passes."
    )
