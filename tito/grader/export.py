"""Marks as tables: our own CSV, and Canvas' gradebook filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tito.errors import TitoError
from tito.grader.course import GradingCourse
from tito.grader.status import statuses
from tito.workspace import write

OURS = (
    "student",
    "last_name",
    "first_name",
    "email",
    "module",
    "status",
    "score",
    "max_score",
    "to_grade_by_hand",
    "why",
)


def table(course: GradingCourse, path: Path) -> None:
    """One line for each student and module that anything was collected for."""
    people = {p["id"]: (p["last_name"], p["first_name"], p["email"]) for p in course.roster()}
    rows: list[tuple] = [OURS]
    for module in course.workspace.modules:
        if not course.log(module).exists():
            continue
        for row in statuses(course, module):
            score = "" if row.score is None else f"{row.score:g}"
            names = people.get(row.student, ("", "", ""))
            line = (row.student, *names, module.key, row.status, score, f"{row.most:g}", row.to_do or "", row.why)
            rows.append(tuple(harmless(value) for value in line))
    _write(path, rows)


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    write(path, text.getvalue())


def harmless(value: object) -> str:
    """A cell's text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def canvas(course: GradingCourse, exported: Path, path: Path) -> list[str]:
    """Canvas' own export of its gradebook, with a column for each graded module filled in or added.

    Students are found by their SIS login, SIS id or Canvas id (`lms_user_id` in the roster). Lines and columns that are
    not ours stay as they are. Returns the students who have a mark but no line there.
    """
    lms = {person["lms_user_id"]: person["id"] for person in course.roster() if person["lms_user_id"]}
    placed: set[str] = set()
    marked: set[str] = set()
    try:
        with exported.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TitoError(f"{exported} cannot be read as Canvas' CSV export: {error}") from None
    if not rows or "Student" not in rows[0] or "ID" not in rows[0]:
        raise TitoError(f"{exported} is not Canvas' export of a gradebook: its first line names Student and ID.")
    head = rows[0]
    points = next((row for row in rows[1:] if row and row[0].strip() == "Points Possible"), None)
    identities = [head.index(name) for name in ("SIS Login ID", "SIS User ID", "ID") if name in head]
    for module in course.workspace.modules:
        if not course.log(module).exists():
            continue
        marks = {row.student: row for row in statuses(course, module)}
        marked |= {student for student, row in marks.items() if row.score is not None}
        column = next(
            (n for n, name in enumerate(head) if name == module.key or name.startswith(f"{module.key} (")), None
        )
        if column is None:
            column = len(head)
            head.append(module.key)
        for row in rows[1:]:
            row += [""] * (len(head) - len(row))
            if row is points:
                row[column] = f"{next(iter(marks.values())).most:g}" if marks else ""
                continue
            names = [lms.get(row[n], row[n]) if head[n] == "ID" else row[n] for n in identities if n < len(row)]
            student = next((name for name in names if name in marks), None)
            if student and marks[student].score is not None:
                row[column] = f"{marks[student].score:g}"
                placed.add(student)
    _write(path, rows)
    return sorted(marked - placed)
