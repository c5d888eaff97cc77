"""Marks: what workers found, written into nbgrader's gradebook and its folder autograded/ as `nbgrader autograde` would.

One process writes, whatever the number of workers, and writing a result twice is the same as writing it once.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tito.checker import report as reports
from tito.checker.shown import Shown
from tito.grader.course import GradingCourse
from tito.grader.job import Result, submitted_cells
from tito.notebook import Cell, HandedOut, mark, parse_json
from tito.submission import match, plain
from tito.workspace import Module, write

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

ACTIVE = re.compile(r"<(?=[a-z/!?])|&(?=#|\w+;)|script(?=\s*:)", re.IGNORECASE)
NO_RESPONSE = "No response."  # what nbgrader says of a cell that is as it was handed out


class Writer:
    """Writes the results of one module."""

    def __init__(self, course: GradingCourse, module: Module, original: HandedOut, gradebook: Gradebook) -> None:
        self.course, self.module, self.original, self.gradebook = course, module, original, gradebook
        self.known = {student.id for student in gradebook.students}
        gradebook.db().expire_on_commit = False  # nobody else writes meanwhile: cells are read once, and kept
        notebook = gradebook.find_notebook(module.name, module.key)
        self._cells = [*notebook.grade_cells, *notebook.solution_cells]
        self.graded = {submission.student_id for submission in gradebook.assignment_submissions(module.key)}

    def write(self, result: Result, notebook: bytes) -> None:
        """Write the marks of one submission. One that could not be graded gets none: no mark is not a mark of 0."""
        if result.problem:
            self._take_back(result.student)
            return
        untouched = self._untouched(result, notebook)
        if result.student not in self.known:
            self.gradebook.add_student(result.student)
            self.known.add(result.student)
        when = timestamp(self.course.submitted(self.module, result.student))
        submission = self.gradebook.update_or_create_submission(self.module.key, result.student, timestamp=when)
        earned = {f"{exercise.name}-check": exercise.earned for exercise in result.found.exercises}
        for part in submission.notebooks:
            if part.name != self.module.name:
                continue
            for grade in part.grades:
                by_hand = grade.name not in earned
                grade.auto_score = (0.0 if grade.name in untouched else None) if by_hand else earned[grade.name]
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            for comment in part.comments:
                comment.auto_comment = NO_RESPONSE if comment.name in untouched else None
        self.gradebook.db.commit()
        path = self.course.autograded(self.module, result.student)
        write(path, json.dumps(self.graded_notebook(result, notebook), ensure_ascii=False, indent=1) + "\n", sync=False)
        if when:
            write(path.with_name("timestamp.txt"), when.isoformat() + "\n", sync=False)

    def _take_back(self, student: str) -> None:
        """Marks of an earlier submission do not stand for one that could not be graded: they wait for a person."""
        if student in self.graded:
            submission = self.gradebook.find_submission(self.module.key, student)
            for grade in (grade for part in submission.notebooks for grade in part.grades):
                grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()

    def _untouched(self, result: Result, notebook: bytes) -> set[str]:
        """The exercises and questions that nothing was written for."""
        written = {*wrote(notebook, self.original), *wrote_below(notebook, self.original)}
        untouched = set(self.original.questions) - written
        none = (reports.BLANK, reports.MISSING)
        return untouched | {exercise.name for exercise in result.found.exercises if exercise.status in none}

    def graded_notebook(self, result: Result, notebook: bytes) -> dict:
        """The submission as a person grades it: given cells as they were handed out, and what each check said."""
        submitted = submitted_cells(notebook, self.module.name)
        raw_original = parse_json((self.module.original / f"{self.module.name}.ipynb").read_bytes(), self.module.name)
        own = {mark(cell): cell for cell in raw_original["cells"] if mark(cell)}
        found = {f"{exercise.name}-check": exercise for exercise in result.found.exercises}
        found_at = match(submitted, self.original, "").places
        known = {place: name for name, place in found_at.items()}
        cells = [
            _restored(own[known[place]], cell) if place in known else _plain(cell)
            for place, cell in enumerate(submitted)
        ]
        order = list(own)
        for place, name in enumerate(order):  # what is missing comes back behind what stood before it
            if name not in known.values():
                before = next((n for n, cell in enumerate(cells) if place and mark(cell) == order[place - 1]), -1)
                cells.insert(before + 1, json.loads(json.dumps(own[name])))
        for cell in cells:
            if cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None
                if mark(cell) in found:
                    cell["outputs"] = [_output(found[mark(cell)])]
        return {**raw_original, "cells": cells}


def _restored(own: dict, submitted: Cell) -> dict:
    """A cell with the marks it was handed out with; its text is the student's only if it is for an answer."""
    cell = json.loads(json.dumps(own))
    if own["metadata"]["nbgrader"].get("solution"):
        cell["source"] = submitted.source if own["cell_type"] == "code" else harmless(submitted.source)
    return cell


def _plain(cell: Cell) -> dict:
    """A cell that nbgrader does not know; nothing of a submission but its text comes through."""
    kind, text = ("code", cell.source) if cell.kind == "code" else ("markdown", harmless(cell.source))
    return {"cell_type": kind, "id": f"added-{cell.number}", "metadata": {}, "source": text}


def harmless(markdown: str) -> str:
    """Markdown in which HTML is only text: formgrader would run a script in it as whoever grades, who may give marks.

    A space of no width keeps tags, entities and script links from being any; in code and formulas it is not seen.
    """
    return ACTIVE.sub(lambda found: found[0] + "\u200b", markdown)


def _output(exercise: reports.Exercise) -> dict:
    """What `check` shows in a notebook, and the points it is worth to nbgrader."""
    shown = Shown.of(exercise)
    data = {"text/plain": str(float(exercise.earned)), "text/html": shown._repr_html_()}
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}


def wrote(notebook: bytes, original: HandedOut) -> dict[str, str]:
    """What a student wrote, by exercise and question; those left as they were handed out are not in it."""
    cells = submitted_cells(notebook, "")
    blank = {cell.mark: cell.source.strip() for cell in original.cells if cell.solution}
    texts = {name: cells[place].source for name, place in match(cells, original, "").places.items() if name in blank}
    return {name: text for name, text in texts.items() if text.strip() != blank[name]}


def wrote_below(notebook: bytes, original: HandedOut) -> set[str]:
    """Give the questions below whose cell a text of the student's own stands: it may be the answer."""
    cells, handed_out = submitted_cells(notebook, ""), {plain(cell) for cell in original.cells}
    where = match(cells, original, "").places
    below = {name: cells[where[name] + 1 : where[name] + 2] for name in original.questions if name in where}
    return {
        n
        for n, rest in below.items()
        if rest and rest[0].kind == "markdown" and plain(rest[0]) not in {"", *handed_out}
    }


def timestamp(notebook: Path) -> datetime | None:
    """When a notebook was handed in (UTC, without a time zone, as nbgrader keeps it), from the timestamp.txt beside it."""
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(notebook.with_name("timestamp.txt").read_text(encoding="utf-8")[:100].strip())
    except (OSError, ValueError, OverflowError):
        return None
