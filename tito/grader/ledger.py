"""The ledger: what was found in each submission, in a row beside its marks that changes in the same transaction.

So marks and what is said of them cannot come apart, whatever stops a run. A row counts only for the notebook that it
was made from, and only while the module has the exercises, questions and points that it had then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, Text, inspect

from tito.grader.course import GradingCourse
from tito.grader.job import Result, conditions, contents
from tito.notebook import HandedOut, digest, handed_out
from tito.workspace import Module

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

ROWS = Table(
    "tito_found",
    MetaData(),
    Column("module", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(16), nullable=False),
    Column("parts", String(16), nullable=False),
    Column("tests", String(16), nullable=False),
    Column("handed_in", String(40), nullable=False),
    Column("result", Text(), nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """A result, and what it was made from: digests of the notebook, of the module's parts, and of its tests."""

    result: Result
    notebook: str
    parts: str
    tests: str
    handed_in: str  # when, as the gradebook has it


class Ledger:
    """The entries of one module."""

    def __init__(self, gradebook: Gradebook, module: Module) -> None:
        self._db, self._module = gradebook.db, module.key
        if not inspect(gradebook.engine).has_table(ROWS.name):
            ROWS.create(gradebook.engine, checkfirst=True)

    def entries(self) -> dict[str, Entry]:
        """All of them, by student. One that this version cannot read is left out: it is graded again."""
        found = {}
        for row in self._db.execute(ROWS.select().where(ROWS.c.module == self._module)):
            try:
                result = Result.from_json(row.result)
            except (ValueError, KeyError, TypeError):
                continue
            found[row.student] = Entry(result, row.notebook, row.parts, row.tests, row.handed_in)
        return found

    def put(self, entry: Entry) -> None:
        """Put an entry in the place of the student's former one, in the transaction that is under way."""
        student = entry.result.student
        self._db.execute(ROWS.delete().where(ROWS.c.module == self._module, ROWS.c.student == student))
        values = {name: getattr(entry, name) for name in ("notebook", "parts", "tests", "handed_in")}
        self._db.execute(
            ROWS.insert().values(module=self._module, student=student, result=entry.result.to_json(), **values)
        )


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[None]:
    """All that is done inside becomes visible at once, or nothing of it."""
    try:
        yield
        gradebook.db.commit()
    except BaseException:
        gradebook.db.rollback()
        raise


def current(course: GradingCourse, module: Module) -> dict[str, Entry]:
    """The entries that hold for what is handed in now, by student: whoever is in none of them is not graded yet."""
    with course.gradebook() as gradebook:
        entries = Ledger(gradebook, module).entries()
    parts, found = parts_digest(handed_out(module)), {}
    for student in course.handed_in(module):
        entry = entries.get(student)
        if entry and entry.parts == parts and entry.notebook == notebook_digest(submitted(course, module, student)):
            found[student] = entry
    return found


def results(course: GradingCourse, module: Module) -> dict[str, Result]:
    """What was found in each submission as it is handed in now, by student."""
    return {student: entry.result for student, entry in current(course, module).items()}


def submitted(course: GradingCourse, module: Module, student: str) -> bytes:
    """The notebook that a student handed in; one that is too large is cut off where it is."""
    return contents(course.submitted(module, student))


def notebook_digest(notebook: bytes) -> str:
    return digest(notebook.decode("latin-1"))


def parts_digest(original: HandedOut) -> str:
    """A digest of the module's exercises and questions, with their points."""
    exercises = [f"{exercise.name} {exercise.points:g}" for exercise in original.exercises.values()]
    return digest(*exercises, "", *(f"{name} {points:g}" for name, points in original.questions.items()))


def tests_digest(module: Module) -> str:
    """A digest of all that marks depend on but the submission and the seed."""
    return conditions(module, 0)
