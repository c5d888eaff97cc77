"""Marks as tables: our own CSV, and Canvas' gradebook filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tito.errors import TitoError, counted
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
    "late",
    "penalty",
    "why",
)


def table(course: GradingCourse, path: Path) -> None:
    """One line for each student and module that anything was collected for."""
    people = {p["id"]: (p["last_name"], p["first_name"], p["email"]) for p in course.roster()}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(OURS)
    for module in course.workspace.modules:
        if not course.log(module).exists():
            continue
        for row in statuses(course, module):
            score = "" if row.score is None else f"{row.score:g}"
            names = people.get(row.student, ("", "", ""))
            late = (row.lateness, f"{row.penalty:g}" if row.penalty else "")
            line = (
                row.student,
                *names,
                module.key,
                row.status,
                score,
                f"{row.most:g}",
                row.to_do or "",
                *late,
                row.why,
            )
            writer.writerow([harmless(value) for value in line])
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


@dataclass
class Filled:
    """What came of filling in Canvas' table."""

    unplaced: list[str]  # who has a mark, but no line
    notes: list[str]  # modules whose points are others in Canvas, or that have no column there, in words


def canvas(course: GradingCourse, exported: Path, path: Path) -> Filled:
    """Canvas' own export of its gradebook, with a column for each graded module filled in or added.

    Students are found by their SIS login, SIS id or Canvas id. Lines and columns that are not ours stay as they are, and
    so do `EX` and the points possible, to which marks are scaled.
    """
    table = _CanvasTable(exported)
    find = _finder(course.roster(), table.head)
    filled, marked, placed = Filled([], []), set(), set()
    for module in course.workspace.modules:
        if not course.log(module).exists():
            continue
        marks = {row.student: row for row in statuses(course, module)}
        most = next(iter(marks.values())).most if marks else 0
        marked |= {student for student, row in marks.items() if row.score is not None}
        if table.column(module.key) is None:
            filled.notes.append(
                f"{module.key} has no column in Canvas' table: one is added, of {counted(most, 'point')}."
            )
            table.add(module.key, most)
        column = table.column(module.key)
        possible = table.possible(column, module.key)
        if possible != most:
            filled.notes.append(
                f"{module.key} has {counted(possible, 'point')} in Canvas and {most:g} here: marks are scaled."
            )
        for row in table.students:
            student = find(row)
            if student not in marks or marks[student].score is None:
                continue
            placed.add(student)
            if row[column].strip().upper() != "EX":
                row[column] = table.number(marks[student].score * possible / most)
    table.write(path)
    filled.unplaced = sorted(marked - placed)
    return filled


class _CanvasTable:
    """Canvas' export, with whichever signs it separates columns and decimals by."""

    def __init__(self, exported: Path) -> None:
        try:
            text = exported.read_text(encoding="utf-8-sig")
            head = text.partition("\n")[0]
            self.separator = max(",;\t", key=head.count)
            self.rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.separator))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise TitoError(f"{exported} cannot be read as Canvas' CSV export: {error}.") from None
        if not self.rows or "Student" not in self.rows[0] or "ID" not in self.rows[0]:
            raise TitoError(f"{exported} is not Canvas' export of a gradebook: its first line names Student and ID.")
        self.head = self.rows[0]
        for row in self.rows[1:]:
            row += [""] * (len(self.head) - len(row))
        name, number = self.head.index("Student"), self.head.index("ID")
        # in any language, the line with no number is it
        self._points = next((row for row in self.rows[1:] if row[name].strip() and not row[number].strip()), [])
        if not self._points:
            raise TitoError(f"{exported} has no line of points possible: export it again, and leave all lines in it.")
        self.students = [row for row in self.rows[1:] if row is not self._points]
        cells = (cell.strip() for row in self.rows[1:] for cell in row)
        self.comma = self.separator == ";" and any(re.fullmatch(r"\d+,\d+", cell) for cell in cells)

    def column(self, key: str) -> int | None:
        """The place of a module's column, if there is one."""
        places = [n for n, name in enumerate(self.head) if name == key or name.startswith(f"{key} (")]
        if len(places) > 1:
            names = " and ".join(self.head[place] for place in places)
            raise TitoError(f"Canvas' table has several columns for {key}, {names}: rename all but one there.")
        return places[0] if places else None

    def add(self, key: str, most: float) -> None:
        """Add a column for a module."""
        for row in self.rows:
            row.append("")
        self.head[-1], self._points[-1] = key, self.number(most)

    def possible(self, column: int, key: str) -> float:
        """The points that can be had in a column, as Canvas says."""
        said = self._points[column].strip()
        try:
            points = float(said.replace(",", ".") if self.comma else said)
        except ValueError:
            points = 0.0
        if points <= 0:
            raise TitoError(
                f"Canvas' table gives {key} {said or 'no'} points possible: set them in Canvas, and export again."
            )
        return points

    def number(self, value: float) -> str:
        text = f"{round(value, 2):g}"
        return text.replace(".", ",") if self.comma else text

    def write(self, path: Path) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator).writerows(self.rows)
        write(path, text.getvalue())


def _finder(people: list[dict[str, str]], head: list[str]) -> Callable[[list[str]], str | None]:
    """A function that tells whose a line of Canvas' table is; None where it is nobody's, or two people's."""
    logins = {person[key].casefold(): person["id"] for key in ("email", "id") for person in people if person[key]}
    numbers = {person["lms_user_id"]: person["id"] for person in people if person["lms_user_id"]}
    places = [(n, name) for n, name in enumerate(head) if name in ("SIS Login ID", "SIS User ID", "ID")]

    def find(row: list[str]) -> str | None:
        cells = [(name, row[n].strip()) for n, name in places]
        numbered = {numbers[text] for name, text in cells if name == "ID" and text in numbers}
        named = {logins[text.casefold()] for name, text in cells if name != "ID" and text.casefold() in logins}
        found = numbered | named
        if not any(text for name, text in cells if name != "ID"):  # else a number of Canvas' may be another's id
            found = found or {logins[text.casefold()] for _, text in cells if text.casefold() in logins}
        return found.pop() if len(found) == 1 else None

    return find
