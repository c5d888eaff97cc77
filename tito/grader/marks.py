"""Marks: what workers found, written into nbgrader's gradebook and its folder autograded/ as `nbgrader autograde` would.

One process writes, whatever the number of workers, and writing a result twice is the same as writing it once.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from tito.checker import report as reports
from tito.grader.course import GradingCourse
from tito.grader.job import Result
from tito.live import Shown
from tito.notebook import Original, parse_json, read_cells
from tito.workspace import Module, write

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

NO_RESPONSE = "No response."  # what nbgrader says of a cell that is as it was handed out


class Writer:
    """Writes the results of one module."""

    def __init__(self, course: GradingCourse, module: Module, original: Original, gradebook: Gradebook) -> None:
        self.course, self.module, self.original, self.gradebook = course, module, original, gradebook
        self.known = {student.id for student in gradebook.students}
        self.handed_out = {cell.grade_id: cell for cell in original.cells if cell.grade_id}

    def write(self, result: Result, notebook: bytes) -> None:
        """Write the marks of one submission. One that could not be graded gets none: no mark is not a mark of 0."""
        if result.problem:
            return
        untouched = self._untouched(notebook)
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

    def _untouched(self, notebook: bytes) -> set[str]:
        """The cells for answers that are missing, or as they were handed out."""
        cells = read_cells(parse_json(notebook, self.module.name), self.module.name)
        written = {cell.grade_id: cell.source.strip() for cell in cells}
        own = {name: cell for name, cell in self.handed_out.items() if cell.solution}
        return {name for name, cell in own.items() if written.get(name, cell.source.strip()) == cell.source.strip()}

    def graded_notebook(self, result: Result, notebook: bytes) -> dict:
        """The submission as a person grades it: locked cells as they were handed out, and what each check said."""
        submitted = parse_json(notebook, self.module.name)
        raw_original = parse_json((self.module.original / f"{self.module.name}.ipynb").read_bytes(), self.module.name)
        own = {_mark(cell): cell for cell in raw_original["cells"] if _mark(cell)}
        found = {f"{exercise.name}-check": exercise for exercise in result.found.exercises}
        cells, seen = [], set()
        for cell in reversed(submitted["cells"]):
            mark = _mark(cell)
            if mark in own and mark not in seen:
                seen.add(mark)
                cells.append(_restored(own[mark], cell))
            else:
                cells.append({**cell, "metadata": {}} if mark else cell)
        cells.reverse()
        order = list(own)
        for place, mark in enumerate(order):  # what is missing comes back behind what stood before it
            if mark not in seen:
                before = next((n for n, cell in enumerate(cells) if place and _mark(cell) == order[place - 1]), -1)
                cells.insert(before + 1, json.loads(json.dumps(own[mark])))
        for cell in cells:
            if cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None
                if _mark(cell) in found:
                    cell["outputs"] = [_output(found[_mark(cell)])]
        return {**raw_original, "cells": cells}


def _mark(cell: dict) -> str:
    marks = cell.get("metadata", {}).get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


def _restored(own: dict, submitted: dict) -> dict:
    """A cell with the marks it was handed out with; its text is the student's only if it is for an answer."""
    cell = json.loads(json.dumps(own))
    if own["metadata"]["nbgrader"].get("solution"):
        cell["source"] = submitted.get("source", "")
    return cell


def _output(exercise: reports.Exercise) -> dict:
    """What `check` shows in a notebook, and the points it is worth to nbgrader."""
    shown = Shown.of(exercise)
    data = {"text/plain": str(float(exercise.earned)), "text/html": shown._repr_html_()}
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}


def timestamp(notebook: Path) -> datetime | None:
    """When a notebook was handed in, from the timestamp.txt beside it."""
    try:
        text = notebook.with_name("timestamp.txt").read_text(encoding="utf-8").strip()
        when = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace("Z", "+00:00"))
    except (OSError, ValueError):
        return None
    return when.astimezone(timezone.utc).replace(tzinfo=None) if when.tzinfo else when
