"""`tito check`: run a module's tests on what the student wrote, say what came out, and open the next module."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tito import term
from tito.course import Course
from tito.errors import NOT_PASSED, PASSED, TitoError
from tito.kept import keep
from tito.notebook import Cell, handed_out, read_cells
from tito.submission import RUNNING, Submission, match
from tito.workspace import Module

if TYPE_CHECKING:
    from tito.checker.report import Report, Verdict


def run(
    module: str | None = None,
    name: str | None = None,
    exercise: str | None = None,
    json: bool = False,
    cells: bool = False,
) -> int:
    course = Course()
    target, exercise = course.named(module, exercise or name)
    graded = bool(os.environ.get("NBGRADER_EXECUTION"))  # run by nbgrader: every module is open, nothing is recorded
    if not graded:
        course.unlocked(target)
    submission = _from_stdin(target) if cells else course.submission(target)
    record = not graded and not (cells and _from_a_copy(target))
    report = check_and_record(course, target, submission, exercise, record=record, hidden=graded)
    if json:
        from json import dumps

        print(dumps(report.to_json(), indent=2))
    else:
        print("\n".join(_ending_in_its_summary(one(report) if exercise else show(course, target, report))))
    return PASSED if report.passed and (exercise or not report.left_out) else NOT_PASSED


def _ending_in_its_summary(lines: list[str]) -> list[str]:
    """A report for standard output; where it scrolls away in a terminal, its first line stands at its end, too."""
    fitted = term.fitted(lines)
    return [*fitted, "", lines[0]] if sys.stdout.isatty() and len(fitted) >= term.rows() else fitted


def _from_a_copy(module: Module) -> bool:
    """Tell whether the cells come from another notebook than the module's: Jupyter names it to its kernels."""
    name = os.environ.get("JPY_SESSION_NAME", "")
    there = Path(name) if name else module.notebook
    return there.suffix == ".ipynb" and there.is_file() and there.resolve() != module.notebook.resolve()


def check_and_record(
    course: Course,
    module: Module,
    submission: Submission,
    exercise: str | None = None,
    *,
    record: bool = True,
    hidden: bool = False,
) -> Report:
    """Check, write down what was found, and export the module if all of it passes."""
    from tito.checker.check import Request, check

    report = check(Request(module, submission, [exercise] if exercise else (), hidden=hidden))
    if record:
        keep(course.workspace, module)
        course.progress.record(module, submission, report)
        if report.passed and not report.left_out and not exercise:
            course.export(module, submission)
            course.progress.record_passed(module, submission)
        left = course.undone(module, submission)
        if exercise and report.passed and (left or not course.progress.passed(module)):
            report.then = course.next_step(module, left)
    return report


def one(report: Report) -> list[str]:
    """What a student reads after the check of one exercise."""
    return [*_detailed(report.exercises[0]), *_also(report), *(["", report.then] if report.then else [])]


def show(course: Course, module: Module, report: Report, table: bool = True) -> list[str]:
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
    lines += _also(report)
    if report.left_out and report.passed:
        return [*lines, "", "Mend it, or take `#| export` out of it, and the module passes."]
    if not report.passed:
        first = report.next
        what_next = course.next_step(module, [first.name])
        gap = [""] if table else []
        if first.status == reports.BLANK:
            return [*lines, *gap, what_next, *reports.details(first)]
        return [*lines, *gap, *_detailed(first), "", what_next]
    after = course.after(module)
    opened = f"{after} is open: tito start" if after else _last(course)
    if after and after.part != module.part:
        opened = f"{module.part} is complete: you may stop here. {opened}"
    lines += ["", f"{term.green('All of it passes.')} Your code is in tinytorch/{module.name}.py."]
    if module.milestone.is_file():
        lines.append(f"See it work: tito demo --mine {module.number}")
    return [*lines, opened]


def _last(course: Course) -> str:
    from tito.handout import SETTINGS

    if (course.workspace.root / SETTINGS).is_file():
        return "That was the last module of this hand-out. If the course goes on, `tito update` brings the next."
    return "That was the last module."


def _also(report: Report) -> list[str]:
    """What does not count of the notebook, and why."""
    lines = []
    if report.left_out:
        broken = [f"  {line}" for said in report.left_out for line in term.folded(said, sys.stdout).splitlines()]
        lines += ["", "The package cannot be made with:", *broken]
    for note in report.notes:
        lines += ["", *term.folded(note, sys.stdout).splitlines()]
    return lines


def _detailed(exercise: Verdict) -> list[str]:
    from tito.checker import report as reports

    heading = f"{term.bold(exercise.name)}   {reports.summary(exercise)}"
    return [heading, "", *(term.marks(line) for line in reports.details(exercise))]


def _from_stdin(module: Module) -> Submission:
    """The cells a notebook's kernel sends: a JSON list of {source, label}, or the notebook that is graded."""
    import json

    try:
        sent = json.loads(sys.stdin.buffer.read())
        if isinstance(sent, dict):
            cells = read_cells(sent, RUNNING)
        else:
            cells = [Cell(n, "code", cell["source"], label=cell["label"]) for n, cell in enumerate(sent, 1)]
    except (ValueError, KeyError, TypeError):
        raise TitoError('--cells wants a JSON list of {"source": ..., "label": ...} on standard input.') from None
    return match(cells, handed_out(module), RUNNING)
