"""`tito check`: run a module's tests on what the student wrote, say what came out, and open the next module."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tito import term
from tito.course import Course
from tito.errors import NOT_PASSED, PASSED, TitoError
from tito.kept import keep
from tito.notebook import Cell, Original, read_answers
from tito.workspace import Module


def run(module: str | None = None, exercise: str | None = None, json: bool = False, cells: bool = False) -> int:
    course = Course()
    if exercise and not module:
        module = course.exercise(exercise)[0].number
    graded = bool(os.environ.get("NBGRADER_EXECUTION"))  # run by nbgrader: every module is open, nothing is recorded
    target = course.workspace.module(module) if graded and module else course.module(module)
    original = course.original(target)
    if exercise and exercise not in original.exercises:
        there = ", ".join(original.exercises)
        raise TitoError(f"{target} has no exercise {exercise}; it has: {there}")
    where = "this notebook" if cells else course.workspace.shown(target.notebook)
    answers = _from_stdin(original, where) if cells else course.cells(target, original)
    record = not graded and not (cells and _from_a_copy(target))
    report = check_and_record(course, target, original, answers, exercise, where, record, graded)
    if json:
        from json import dumps

        print(dumps(report.to_json(), indent=2))
    else:
        lines = _one(course, target, original, answers, report) if exercise else show(course, target, report)
        print("\n".join(lines))
    return PASSED if report.passed else NOT_PASSED


def _from_a_copy(module: Module) -> bool:
    """Whether the cells come from another notebook than the module's: Jupyter names it to its kernels."""
    name = os.environ.get("JPY_SESSION_NAME", "")
    there = Path(name) if name else module.notebook
    return there.suffix == ".ipynb" and there.is_file() and there.resolve() != module.notebook.resolve()


def check_and_record(
    course, module: Module, original: Original, cells, exercise=None, where="", record=True, graded=False
):
    """Check, write down what was found, and export the module if all of it passes."""
    from tito.checker.check import check

    only = [exercise] if exercise else None
    report = check(course.workspace, module, original, cells, only, where=where, graded=graded)
    if record:
        keep(course.workspace, module, original)
        course.progress.record(module, cells, report)
        if report.passed and not exercise:
            course.export(module, cells)
            course.progress.record_passed(module, cells)
    return report


def _one(course: Course, module: Module, original: Original, cells, report) -> list[str]:
    """What a student reads after the check of one exercise."""
    left = course.undone(module, original, cells)
    more = report.passed and (left or not course.progress.passed(module))
    return [*_detailed(report.exercises[0]), *(["", course.next_step(module, left)] if more else [])]


def show(course: Course, module: Module, report, table: bool = True) -> list[str]:
    """What a student reads after the check of a module; without `table`, less of it."""
    from tito.checker import report as reports

    exercises = report.exercises
    passed = [exercise for exercise in exercises if exercise.status == reports.PASSED]
    earned = sum(exercise.earned for exercise in exercises)
    points = sum(exercise.points for exercise in exercises)
    heading = f"{term.bold(str(module))}   {len(passed)} of {len(exercises)} exercises"
    lines = [f"{heading} · {round(earned, 1):g} of {points:g} points", ""]
    width = max(len(exercise.name) for exercise in exercises) + 3
    for exercise in exercises if table else ():
        mark = {reports.PASSED: "✓", reports.BLANK: "·"}.get(exercise.status, "✗")
        lines.append(term.marks(f"  {mark} {exercise.name:<{width}}{reports.summary(exercise)}"))
    if not report.passed:
        first = report.next
        what_next = course.next_step(module, [first.name])
        gap = [""] if table else []
        if first.status == reports.BLANK:
            return [*lines, *gap, what_next, *reports.details(first)]
        return [*lines, *gap, *_detailed(first), "", what_next]
    after = course.after(module)
    opened = f"{after} is open: tito start" if after else "That was the last module."
    lines += ["", f"{term.green('All of it passes.')} Your code is in tinytorch/{module.name}.py."]
    if module.milestone.is_file():
        lines.append(f"See it work: tito demo --mine {module.number}")
    return [*lines, opened]


def _detailed(exercise) -> list[str]:
    from tito.checker import report as reports

    heading = f"{term.bold(exercise.name)}   {reports.summary(exercise)}"
    return [heading, "", *(term.marks(line) for line in reports.details(exercise))]


def _from_stdin(original: Original, where: str) -> list[Cell]:
    """The cells a notebook's kernel sends: a JSON list of {source, label}, or the notebook that is graded."""
    import json

    from tito.notebook import read_cells, with_answers

    try:
        sent = json.loads(sys.stdin.buffer.read())
        if isinstance(sent, dict):
            return with_answers(read_cells(sent, where), original)
        cells = [Cell(n, "code", cell["source"], label=cell["label"]) for n, cell in enumerate(sent, 1)]
    except (ValueError, KeyError, TypeError):
        raise TitoError('--cells wants a JSON list of {"source": ..., "label": ...} on standard input.') from None
    read_answers(cells, original, where)
    return cells
