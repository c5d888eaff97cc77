"""Making a grading course's assignments, and keeping each as its module is now, though students have marks in it.

nbgrader makes an assignment, but refuses to add or take away parts of one that has submissions. So that is done here,
before. A part that is gone takes its marks along; a new one gets its places when a submission is graded again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tito.errors import TitoError, counted
from tito.grader.course import GradingCourse, put_alembic_on_path
from tito.grader.ledger import transaction
from tito.workspace import Module, write

if TYPE_CHECKING:
    from tito.author.lesson import Lesson


def assign_all(course: GradingCourse) -> None:
    """Make every module an assignment."""
    from tito.author.build import read_lessons

    for lesson in read_lessons(course.workspace):
        assign(course, lesson)


def assign(course: GradingCourse, lesson: Lesson) -> None:
    """Make an assignment of a lesson, as `nbgrader generate_assignment` does."""
    module = lesson.module
    _make_room(course, module, lesson.notebook)
    write(course.root / "source" / module.key / f"{module.name}.ipynb", lesson.as_notebook())
    with _quiet() as heard:
        from nbgrader.converters import GenerateAssignment

        converter = GenerateAssignment(coursedir=course.directory(module), parent=None)
        converter.update_config(course.config())
        converter.create_assignment = True
        converter.force = True
        try:
            converter.start()
        except (Exception, SystemExit) as error:
            said = str(error) or type(error).__name__
            otherwise = "nbgrader does not say why" if "traceback" in said else said  # which nobody is shown
            why = next(filter(None, map(_cause, reversed(heard))), otherwise)
            raise TitoError(f"nbgrader could not make the assignment {module.key}: {why.rstrip('.')}.") from None


def bring_up_to_date(course: GradingCourse, module: Module) -> list[str]:
    """Make the assignment what the module is now; what changed in its parts, a sentence each."""
    from tito.author.build import student_notebook
    from tito.author.lesson import Lesson

    lesson = Lesson(module)
    built = (module.original / f"{module.name}.ipynb").read_text(encoding="utf-8")
    if _read(course, "release", module) == built and _read(course, "source", module) == lesson.as_notebook():
        return []
    if student_notebook(lesson) != built:
        raise TitoError(f"solutions/{module.key}.py has changed since modules/ was built: `tito build` comes first.")
    before = _points(course, module)
    assign(course, lesson)
    after = _points(course, module)
    gone = [f"{name} is no part of it any more" for name in before if name not in after]
    new = [f"{name} is new, {counted(points, 'point')}" for name, points in after.items() if name not in before]
    changed = [
        f"{name} has {counted(points, 'point')}, had {before[name]:g}"
        for name, points in after.items()
        if before.get(name, points) != points
    ]
    return [*gone, *new, *changed]


def _make_room(course: GradingCourse, module: Module, notebook: dict) -> None:
    """Give the gradebook the cells of this notebook, which is about to become the assignment, and take out the others.

    Marks by hand that go with a cell are kept in a file below .tito/backups.
    """
    from nbgrader.api import Comment, Grade, GradeCell, MissingEntry, SolutionCell, SourceCell

    marks = {}
    for cell in notebook["cells"]:
        if mark := cell["metadata"].get("nbgrader"):
            marks[mark["grade_id"]] = mark | {"cell_type": cell["cell_type"]}
    wanted = {
        GradeCell: {name for name, mark in marks.items() if mark["grade"]},
        SolutionCell: {name for name, mark in marks.items() if mark["solution"]},
        SourceCell: {name for name, mark in marks.items() if mark["grade"] or mark["solution"] or mark["locked"]},
    }
    with course.gradebook() as gradebook, transaction(gradebook):
        try:
            there = gradebook.find_notebook(module.name, module.key)
        except MissingEntry:
            return
        db, lost = gradebook.db, []
        known = {GradeCell: there.grade_cells, SolutionCell: there.solution_cells, SourceCell: there.source_cells}
        for kind, cells in known.items():
            for cell in list(cells):
                if cell.name in wanted[kind]:
                    continue
                if kind is not SourceCell:
                    for part in (
                        *db.query(Grade).filter_by(cell_id=cell.id),
                        *db.query(Comment).filter_by(cell_id=cell.id),
                    ):
                        lost += _by_hand(part, cell.name)
                        db.delete(part)
                db.delete(cell)
            for name in sorted(wanted[kind] - {cell.name for cell in cells}):
                fields = {} if kind is SolutionCell else {"cell_type": marks[name]["cell_type"]}
                fields |= {"max_score": float(marks[name]["points"])} if kind is GradeCell else {}
                db.add(kind(name=name, notebook_id=there.id, **fields))
        if lost:
            path = course.root / ".tito/backups" / f"{module.key}-{time.strftime('%Y-%m-%d-%H%M%S')}.json"
            write(path, json.dumps(lost, indent=1, ensure_ascii=False) + "\n")


def _by_hand(part, name: str) -> list[dict]:
    """What a person gave for a cell: points or a comment."""
    given = {key: getattr(part, key, None) for key in ("manual_score", "extra_credit", "manual_comment")}
    given = {key: value for key, value in given.items() if value}
    return [{"student": part.notebook.student.id, "part": name, **given}] if given else []


def _points(course: GradingCourse, module: Module) -> dict[str, float]:
    """The graded parts that the gradebook knows, by the name of their exercise or question."""
    from nbgrader.api import MissingEntry

    with course.gradebook() as gradebook:
        try:
            cells = gradebook.find_notebook(module.name, module.key).grade_cells
        except MissingEntry:
            return {}
        return {cell.name.removesuffix("-check"): cell.max_score for cell in cells}


def _read(course: GradingCourse, folder: str, module: Module) -> str:
    """A notebook of the assignment as nbgrader has it; empty if it is not there."""
    path = course.root / folder / module.key / f"{module.name}.ipynb"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Let nbgrader log nothing; the errors that it would have logged."""
    import logging

    put_alembic_on_path()
    heard: list[str] = []
    logger = logging.getLogger("traitlets")
    level, before = logger.level, (logger.handlers, logger.propagate)
    listener = logging.Handler(logging.ERROR)
    listener.emit = lambda record: heard.append(record.getMessage())
    logger.handlers, logger.propagate = [listener], False
    logger.setLevel(logging.ERROR)
    try:
        yield heard
    finally:
        logger.handlers, logger.propagate = before
        logger.setLevel(level)


def _cause(logged: str) -> str:
    """The error in a traceback that nbgrader has logged, without the traceback; empty if it is none."""
    lines = [line for line in logged.splitlines() if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return lines[-1] if lines and "Traceback" in logged else ""
