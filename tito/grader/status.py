"""Where every submission stands: graded, late, missing, or why it could not be graded. Never a silent 0."""

from __future__ import annotations

from dataclasses import dataclass

from tito.grader.collect import NOTHING, collected
from tito.grader.course import GradingCourse
from tito.grader.ledger import current, tests_digest
from tito.grader.marks import timestamp
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
    older_tests: bool = False  # whether the tests have changed since


def statuses(course: GradingCourse, module: Module) -> list[Row]:
    """One row for each student who is enrolled or handed in, sorted by id."""
    handed_in, found, tests = collected(course, module), current(course, module), tests_digest(module)
    with course.gradebook() as gradebook:
        enrolled = {student.id for student in gradebook.students}
        marks = {row["student"]: row for row in gradebook.submission_dicts(module.key)}
        assignment = gradebook.find_assignment(module.key)
        most, due = assignment.max_score, assignment.duedate
    waiting = set(course.handed_in(module))
    rows = []
    for student in sorted(enrolled | {name for name in handed_in if name} | waiting):
        entry, graded, mark = handed_in.get(student), found.get(student), marks.get(student)
        row = Row(student, WAITING, most=most, older_tests=bool(graded and graded.tests != tests))
        if graded and graded.result.problem:
            row.status, row.why = FAILED, graded.result.problem
        elif graded and mark:
            when = timestamp(course.submitted(module, student))
            late = (entry and entry.late) or (due and when and when > due)
            row.status, row.score = LATE if late else GRADED, mark["score"]
            row.to_do = bool(mark["needs_manual_grade"])
        elif student not in waiting:
            row.status = FAILED if entry and entry.path else MISSING
            row.why = entry.problem if entry and entry.problem != NOTHING else ""
        rows.append(row)
    return rows
