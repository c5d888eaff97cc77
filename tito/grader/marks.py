"""Marks: what workers found, written into nbgrader's gradebook and its folder autograded/ as `nbgrader autograde` would.

One process writes, whatever the number of workers, and writing a result twice is the same as writing it once.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from tito.checker import report as reports
from tito.checker.shown import Shown
from tito.errors import TitoError
from tito.grader.course import GradingCourse
from tito.grader.job import Result, parsed, submitted_cells, timestamp
from tito.grader.ledger import Entry, Ledger, notebook_digest, parts_digest, tests_digest, transaction
from tito.notebook import Cell, HandedOut, mark, parse_json
from tito.submission import match, plain
from tito.workspace import Module, write

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedNotebook

NO_RESPONSE = "No response."  # what nbgrader says of a cell that is as it was handed out


class Writer:
    """Writes the results of one module, each in one transaction: marks, what is waiting for a person, and the ledger."""

    def __init__(self, course: GradingCourse, module: Module, original: HandedOut, gradebook: Gradebook) -> None:
        self.course, self.module, self.original, self.gradebook = course, module, original, gradebook
        self.ledger = Ledger(gradebook, module)
        self._digests = parts_digest(original), tests_digest(module)
        self._known = {student.id for student in gradebook.students}
        gradebook.db().expire_on_commit = False  # nobody else writes meanwhile: cells are read once, and kept
        self._assignment = gradebook.find_assignment(module.key)
        self._notebook = gradebook.find_notebook(module.name, module.key)
        self._cells = [list(self._notebook.grade_cells), list(self._notebook.solution_cells)]
        self._names = {cell.id: cell.name for cells in self._cells for cell in cells}
        self._begun = {submission.student_id for submission in gradebook.assignment_submissions(module.key)}

    def write(self, result: Result, notebook: bytes) -> None:
        """Write the marks of one submission. One that could not be graded gets none: no mark is not a mark of 0."""
        when = timestamp(self.course.submitted(self.module, result.student))
        if not result.problem:
            self._show(result, notebook, when)
        with transaction(self.gradebook):
            if result.problem:
                self._take_back(result.student)
            else:
                self._mark(self._submission(result.student, when), result, self._untouched(result, notebook))
            self.ledger.put(Entry(result, notebook_digest(notebook), *self._digests, str(when or "")))
        self._known.add(result.student)

    def _submission(self, student: str, when: datetime | None) -> SubmittedNotebook:
        """The student's notebook in the gradebook, with a place for each mark and comment that there is now.

        nbgrader's own functions commit at each step, and give a submission no places for cells that are newer than it.
        """
        from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook

        db = self.gradebook.db
        if student not in self._known:
            db.add(Student(id=student))
        if student in self._begun:
            submission = self.gradebook.find_submission(self.module.key, student)
        else:
            submission = SubmittedAssignment(assignment=self._assignment, student_id=student)
        submission.timestamp = when
        part = next((part for part in submission.notebooks if part.notebook is self._notebook), None)
        part = part or SubmittedNotebook(notebook=self._notebook, assignment=submission)
        for kind, cells, there in zip((Grade, Comment), self._cells, (part.grades, part.comments)):
            has = {item.cell_id for item in there}
            for cell in cells:
                if cell.id not in has:
                    kind(cell_id=cell.id, notebook=part)
        db.add(part)
        return part

    def _mark(self, part: SubmittedNotebook, result: Result, untouched: set[str]) -> None:
        earned = {f"{exercise.name}-check": exercise.earned for exercise in result.found.exercises}
        for grade in part.grades:
            name = self._names[grade.cell_id]
            by_hand = name not in earned
            grade.auto_score = (0.0 if name in untouched else None) if by_hand else earned[name]
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in part.comments:
            comment.auto_comment = NO_RESPONSE if self._names[comment.cell_id] in untouched else None

    def _take_back(self, student: str) -> None:
        """Marks of an earlier submission do not stand for one that could not be graded: they wait for a person."""
        if student in self._begun:
            submission = self.gradebook.find_submission(self.module.key, student)
            for grade in (grade for part in submission.notebooks for grade in part.grades):
                grade.auto_score, grade.needs_manual_grade = None, True

    def _show(self, result: Result, notebook: bytes, when: datetime | None) -> None:
        """Write what formgrader shows: before the marks, so that none stands beside an older notebook."""
        path = self.course.autograded(self.module, result.student)
        write(path, json.dumps(self.graded_notebook(result, notebook), ensure_ascii=False, indent=1) + "\n", sync=False)
        if when:
            write(path.with_name("timestamp.txt"), when.isoformat() + "\n", sync=False)

    def _untouched(self, result: Result, notebook: bytes) -> set[str]:
        """The exercises and questions that nothing was written for."""
        written = {*wrote(notebook, self.original), *wrote_below(notebook, self.original)}
        untouched = set(self.original.questions) - written
        none = (reports.BLANK, reports.MISSING)
        return untouched | {exercise.name for exercise in result.found.exercises if exercise.status in none}

    def graded_notebook(self, result: Result, notebook: bytes) -> dict:
        """The submission as a person grades it: given cells as they were handed out, and what each check said."""
        submitted = submitted_cells(notebook, self.module.name)
        pictures = [_pictures(cell) for cell in parsed(notebook, self.module.name)["cells"]]
        raw_original = parse_json((self.module.original / f"{self.module.name}.ipynb").read_bytes(), self.module.name)
        own = {mark(cell): cell for cell in raw_original["cells"] if mark(cell)}
        found = {f"{exercise.name}-check": exercise for exercise in result.found.exercises}
        found_at = match(submitted, self.original, "").places
        known = {place: name for name, place in found_at.items()}
        cells = [
            (_restored(own[known[place]], cell) if place in known else _plain(cell)) | pictures[place]
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
        cell["source"] = submitted.source
    return cell


def _plain(cell: Cell) -> dict:
    """A cell that nbgrader does not know; nothing of a submission but text and pictures comes through."""
    kind = "code" if cell.kind == "code" else "markdown"
    return {"cell_type": kind, "id": f"added-{cell.number}", "metadata": {}, "source": cell.source}


def _pictures(cell: dict) -> dict:
    """The pictures attached to a Markdown cell, as a part of a cell."""
    kept = {}
    attached = cell.get("attachments") if cell.get("cell_type") == "markdown" else None
    for name, kinds in attached.items() if isinstance(attached, dict) else ():
        if isinstance(kinds, dict) and all(isinstance(data, str) for data in kinds.values()):
            kept[name] = kinds
    return {"attachments": kept} if kept else {}


def _output(exercise: reports.Exercise) -> dict:
    """What `check` shows in a notebook, and the points it is worth to nbgrader."""
    shown = Shown.of(exercise)
    data = {"text/plain": str(float(exercise.earned)), "text/html": shown._repr_html_()}
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}


def wrote(notebook: bytes, original: HandedOut) -> dict[str, str]:
    """What a student wrote in a submission, by exercise and question; nothing if it cannot be read any more."""
    try:
        return match(submitted_cells(notebook, ""), original, "").written
    except TitoError:  # collected since it was graded
        return {}


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
