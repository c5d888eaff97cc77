"""Reading an authored lesson, `solutions/NN_name.py`: its cells, its answers, and what is wrong with it."""

from __future__ import annotations

import copy
import functools
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from tito.errors import TitoError
from tito.export import Source, assemble
from tito.notebook import EXPORT, Cell
from tito.syntax import definitions
from tito.workspace import Module

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HEADER = re.compile(r"^# %%.*?\b(exercise|question)=\"([^\"]*)\"")


@dataclass(frozen=True)
class Problem:
    """Something an author must mend, and where."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@functools.lru_cache(maxsize=32)
def _read(text: str) -> nbformat.NotebookNode:
    """What jupytext reads in a lesson's text, which takes it a quarter of a second; not to be changed."""
    return jupytext.reads(text, fmt="py:percent")


class Lesson:
    """One lesson: a notebook with answers, marked for nbgrader, and the line each exercise starts on."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.path = module.lesson
        self.text = self.path.read_text(encoding="utf-8")
        self.lines: dict[str, int] = {}  # exercise or question -> line of its header
        self.problems: list[Problem] = []
        self.notebook = self._mark(copy.deepcopy(_read(self.text)))

    def problem(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.path, line, text))

    def _mark(self, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Give each cell its nbgrader marks and a stable id, and put the check cells in."""
        headers = [(n, *m.groups()) for n, line in enumerate(self.text.splitlines(), 1) if (m := HEADER.match(line))]
        for number, kind, name in headers:
            if name in self.lines:
                self.problem(number, f"{kind} {name} is here twice; the first is on line {self.lines[name]}")
            self.lines.setdefault(name, number)
            if not name.isidentifier():
                self.problem(number, f"{kind} {name!r}: a name is made of letters, digits and _")
        cells = []
        for cell in notebook.cells:
            marks = dict(cell.metadata)
            cell.metadata = nbformat.NotebookNode()
            name = marks.get("exercise") or marks.get("question")
            if name:
                self._check_markers(cell, name, marks)
            if "exercise" in marks:
                cell.metadata.nbgrader = _marks(name, solution=True)
                cells.append(cell)
                test = nbformat.v4.new_code_cell(f'check("{name}")')
                test.metadata.nbgrader = _marks(f"{name}-check", grade=True, locked=True, points=marks.get("points", 0))
                cells.append(test)
                continue
            if "question" in marks:
                points = marks.get("points", 0)
                cell.metadata.nbgrader = _marks(name, solution=True, grade=True, points=points)
            elif cell.cell_type == "code" and (
                cell.source.startswith(EXPORT) or "from tito.live import" in cell.source
            ):
                given = [re.sub(r"\W+", "-", name).strip("-") for name in definitions(cell.source)[:1]] or ["imports"]
                cell.metadata.nbgrader = _marks(f"given-{given[0]}", locked=True)
            cells.append(cell)
        _name_cells(cells)
        notebook.cells = cells
        notebook.metadata = nbformat.from_dict(
            {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            }
        )
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        return notebook

    def _check_markers(self, cell: nbformat.NotebookNode, name: str, marks: dict) -> None:
        line, source = self.lines.get(name, 1), cell.source
        if source.count(BEGIN) != 1 or source.count(END) != 1 or source.index(BEGIN) > source.index(END):
            self.problem(line, f"{name}: the answer must stand between one {BEGIN!r} and one {END!r}")
        points = marks.get("points")
        if not isinstance(points, int | float) or points <= 0:
            self.problem(line, f"{name}: points=N is missing, with N above 0")

    @property
    def exercises(self) -> list[str]:
        return [cell.metadata.nbgrader.grade_id for cell in self.notebook.cells if _is_exercise(cell)]

    def source(self) -> Source:
        """Its module of the package, made from the answers."""
        where = self.module.notebook.relative_to(self.module.root).as_posix()
        return assemble([cell for cell in self.cells() if cell.exported], where, self.module.name)

    def as_notebook(self) -> str:
        """The notebook with its answers and marks, as text."""
        return nbformat.writes(self.notebook, indent=1) + "\n"

    def cells(self) -> list[Cell]:
        """The code cells with their answers, as `check` and `assemble` take them."""
        cells = []
        for number, cell in enumerate(self.notebook.cells, 1):
            if cell.cell_type == "code":
                source = "\n".join(line for line in cell.source.split("\n") if line.strip() not in (BEGIN, END))
                name = cell.metadata.nbgrader.grade_id if _is_exercise(cell) else ""
                cells.append(Cell(number, "code", source, cell.id, name, solution=bool(name), exercise=name or None))
        return cells

    def with_answer(self, exercise: str, body: str) -> list[Cell]:
        """The cells of `cells()`, with `body` in place of this exercise's answer."""
        cells = self.cells()
        for cell in cells:
            if cell.exercise == exercise:
                cell.source = self.source_with(exercise, body)
        return cells

    def source_with(self, exercise: str, body: str) -> str:
        """The source of an exercise's cell, with `body` in place of its answer."""
        lines, begin, end = self._marked(exercise)
        answer = textwrap.indent(body, lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())])
        return "\n".join([*lines[:begin], answer, *lines[end + 1 :]])

    def body(self, exercise: str) -> str:
        """What the author wrote between the markers of this exercise, as far to the left as it goes."""
        lines, begin, end = self._marked(exercise)
        return textwrap.dedent("\n".join(lines[begin + 1 : end]))

    def _marked(self, exercise: str) -> tuple[list[str], int, int]:
        """The lines of an exercise's cell, and which of them are its markers."""
        cells = (cell for cell in self.notebook.cells if _is_exercise(cell))
        lines = next(cell.source for cell in cells if cell.metadata.nbgrader.grade_id == exercise).split("\n")
        begin, end = (next(n for n, line in enumerate(lines) if line.strip() == mark) for mark in (BEGIN, END))
        return lines, begin, end

    def answer(self, exercise: str) -> str:
        """The exercise's cell with its answer, as a person may read it."""
        for cell in self.cells():
            if cell.exercise == exercise:
                return cell.source.removeprefix(EXPORT).strip("\n")
        raise TitoError(f"there is no exercise {exercise} in {self.path}.")


def _is_exercise(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _marks(grade_id: str, **options: object) -> nbformat.NotebookNode:
    marks = dict(schema_version=3, grade_id=grade_id, grade=False, solution=False, locked=False, task=False)
    return nbformat.from_dict(marks | options)


def _name_cells(cells: list[nbformat.NotebookNode]) -> None:
    """Ids that depend on the lesson alone: what a cell is called in it, or else a digest of its text."""
    import hashlib

    taken: set[str] = set()
    for cell in cells:
        marks = cell.metadata.get("nbgrader")
        base = marks.grade_id if marks else hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        name, n = base, 2
        while name in taken:
            name, n = f"{base}-{n}", n + 1
        taken.add(name)
        cell.id = name
        if marks:
            marks.grade_id = name
