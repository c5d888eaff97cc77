"""Where every submission stands: graded, late, missing, or why it could not be graded. Never a silent 0."""

from __future__ import annotations

from dataclasses import dataclass

from tito.grader.collect import collected
from tito.grader.course import GradingCourse
from tito.grader.run import results
from tito.workspace import Module

GRADED, LATE, MISSING, FAILED, WAITING = "graded", "late", "missing", "could not be graded", "not graded yet"


@dataclass
class Row:
    student: str
    status: str
    why: str = ""  # for those that could not be graded
    score: float | None = None  # with what was graded by hand; None is no mark
    most: float = 0
    to_do: bool = False  # whether something waits to be graded by hand


def statuses(course: GradingCourse, module: Module) -> list[Row]:
    """One row for each student who is enrolled or handed in, sorted by id."""
    handed_in, found = collected(course, module), results(course, module)
    with course.gradebook() as gradebook:
        enrolled = {student.id for student in gradebook.students}
        marks = {row["student"]: row for row in gradebook.submission_dicts(module.key)}
        most = gradebook.find_assignment(module.key).max_score
    rows = []
    for student in sorted(enrolled | {name for name in handed_in if name} | set(found)):
        entry, result, mark = handed_in.get(student), found.get(student), marks.get(student)
        row = Row(student, WAITING, most=most)
        if result and result.problem:
            row.status, row.why = FAILED, result.problem
        elif result and mark:
            late = entry and "late" in entry.notes
            row.status, row.score = LATE if late else GRADED, mark["score"]
            row.to_do = bool(mark["needs_manual_grade"])
        elif not entry or not entry.path:
            row.status = MISSING
            row.why = entry.problem if entry and entry.problem != "nothing was handed in" else ""
        elif entry.problem:
            row.status, row.why = FAILED, entry.problem
        rows.append(row)
    return rows
