"""Where every submission stands: graded, late, missing, or why it could not be graded. Never a silent 0."""

from __future__ import annotations

from dataclasses import dataclass, field

from tito.grader.collect import NOTHING, STOPPED, collected
from tito.grader.course import GradingCourse
from tito.grader.late import Lateness, Rule
from tito.grader.ledger import current, tests_digest
from tito.workspace import Module

GRADED, LATE, MISSING, FAILED, WAITING = "graded", "late", "missing", "could not be graded", "not graded yet"


@dataclass
class Row:
    student: str
    status: str
    why: str = ""  # for those that could not be graded
    score: float | None = None  # with what was graded by hand, less the penalty; None is no mark
    most: float = 0
    to_do: bool = False  # whether something waits to be graded by hand
    lateness: Lateness = field(default_factory=Lateness)
    penalty: float = 0  # points that being late has cost
    older_tests: bool = False  # whether the tests have changed since


def statuses(course: GradingCourse, module: Module) -> list[Row]:
    """One row for each student who is enrolled or handed in, sorted by id."""
    rule = Rule(course)
    handed_in, lateness = collected(course, module), rule.of(module)
    # only now: where somebody collects meanwhile, there are newer notebooks then, and those are not graded yet
    found, tests = current(course, module), tests_digest(module)
    dropped = {student for student, more in rule.more.items() if more.get("dropped")}
    with course.gradebook() as gradebook:
        enrolled = {student.id for student in gradebook.students}
        marks = {row["student"]: row for row in gradebook.submission_dicts(module.key)}
        assignment = gradebook.find_assignment(module.key)
        most = assignment.max_score
    waiting = set(course.handed_in(module))
    rows = []
    for student in sorted((enrolled | {name for name in handed_in if name} | waiting) - dropped):
        entry, graded, mark = handed_in.get(student), found.get(student), marks.get(student)
        row = Row(student, WAITING, most=most, lateness=lateness.get(student, Lateness()))
        row.older_tests = bool(graded and graded.tests != tests)
        if entry and entry.problem == STOPPED:
            row.why = STOPPED
        elif graded and graded.result.problem:
            row.status, row.why = FAILED, graded.result.problem
        elif graded and mark:
            row.status = LATE if row.lateness.late else GRADED
            row.penalty = rule.penalty(student, mark["score"], row.lateness)
            row.score = mark["score"] - row.penalty
            row.to_do = bool(mark["needs_manual_grade"])
        elif student not in waiting:
            row.status = FAILED if entry and entry.path else MISSING
            row.why = entry.problem if entry and entry.problem != NOTHING else ""
        rows.append(row)
    return rows
