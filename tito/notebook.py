"""Reading notebooks: which cells there are, what they are marked with, and what was handed out.

Notebooks are read as JSON, not through the Jupyter stack, which takes a second to import.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from tito.errors import TitoError
from tito.workspace import Module

EXPORT = "#| export"
FOREIGN = (  # how files begin that are no notebooks, whatever they are called
    (b"%PDF", "a PDF file"),
    (b"PK\3\4", "a zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    ((b"\x89PNG", b"\xff\xd8\xff"), "a picture"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    ((b"<!", b"<h", b"<H"), "a web page"),
)
CONFLICT = re.compile(r"^(<{7}|>{7})(\s|$)", re.MULTILINE)
HINT = re.compile(r"<details><summary>.*?</summary>(.*?)</details>", re.DOTALL)


@dataclass
class Cell:
    number: int  # counted from 1, markdown included, as a person counts down the page
    kind: str  # code, markdown or raw
    source: str
    id: str = ""
    mark: str = ""  # nbgrader's grade_id
    points: float = 0
    solution: bool = False
    grade: bool = False
    exercise: str | None = None  # the exercise it answers, once that is known
    label: str = ""  # what a person calls it, where that is not its number
    own: bool = False  # whether the student added it

    @property
    def place(self) -> str:
        return self.label or f"cell {self.number}"

    @property
    def exported(self) -> bool:
        return self.kind == "code" and self.source.lstrip().startswith(EXPORT)


class CellError(TitoError):
    """A cell that cannot be used: which one it is, its exercise if it has one, the line at fault, and what is wrong."""

    def __init__(self, where: str, cell: Cell, line: int, problem: str, shown: str = "") -> None:
        self.cell, self.problem = cell, problem
        named = f" (exercise {cell.exercise})" if cell.exercise else ""
        text = f"{where}, {cell.place}{named}, line {line}: {problem}"
        super().__init__(f"{text}\n{shown}" if shown else text)


@dataclass
class Exercise:
    """A blank: its name, its points, its cell as handed out, and its hints."""

    name: str
    points: float
    blank: Cell
    hints: list[str]


def read_json(path: Path, shown: str) -> dict:
    """The notebook as JSON; what is wrong with the file, in one sentence, if it is not one."""
    try:
        return parse_json(path.read_bytes(), shown)
    except FileNotFoundError:
        raise TitoError(f"{shown} is not there.{_again(shown)}") from None
    except IsADirectoryError:
        raise TitoError(f"{shown} is a folder, and should be a notebook file: move it away first.") from None
    except OSError as error:
        raise TitoError(f"{shown} cannot be read: {error.strerror}.") from None


def parse_json(data: bytes, shown: str) -> dict:
    """The notebook in these bytes; `shown` names it in the sentence that says what is wrong."""
    begun = data.lstrip()  # once: it may be large
    if foreign := next((what for begins, what in FOREIGN if begun.startswith(begins)), ""):
        raise TitoError(f"{shown} is {foreign}, and no notebook.{_again(shown)}")
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        named = encoding.upper().removesuffix("-SIG")
        raise TitoError(
            f"{shown} is not a text file in {named} (byte {error.start} cannot be read).{_again(shown)}"
        ) from None
    if not text.strip("\0 \t\r\n"):  # zeros are what a power failure leaves
        raise TitoError(f"{shown} is empty.{_again(shown)}")
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        if CONFLICT.search(text):
            raise TitoError(
                f"{shown} holds both sides of a conflict in git (<<<<<<<), and is no notebook until one is chosen."
            ) from None
        at_end = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
        what = "stops in the middle" if at_end else f"is not a notebook: line {error.lineno} is not JSON"
        raise TitoError(f"{shown} {what}.{_again(shown)}") from None
    except RecursionError:
        raise TitoError(f"{shown} is not a notebook: it is nested too deeply.{_again(shown)}") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise TitoError(f"{shown} is not a notebook: it holds a number with too many digits.{_again(shown)}") from None
    if r"\ud" in text or r"\uD" in text:  # half a character, which no file can hold
        notebook = json.loads(json.dumps(notebook, ensure_ascii=False).encode(errors="replace"))
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat", 4), int):
        raise TitoError(f"{shown} is JSON, but not a notebook.{_again(shown)}")
    if notebook.get("nbformat", 4) < 4 or "worksheets" in notebook:
        raise TitoError(f"{shown} is in notebook format 3, and format 4 is needed: open it in Jupyter and save it.")
    if not isinstance(notebook.get("cells"), list):
        raise TitoError(f"{shown} is JSON, but not a notebook: it has no list of cells.{_again(shown)}")
    return notebook


def _again(shown: str) -> str:
    """What to do about a notebook that cannot be read. Only a student's own, which lies in its module's folder, has it."""
    module = re.match(r"modules/(\d\d)_", shown)
    if not module:
        return ""
    return f" Save it again from Jupyter, or get a fresh one with `tito reset {module[1]}`, which keeps a backup."


def read_cells(notebook: dict, shown: str) -> list[Cell]:
    cells = []
    for number, raw in enumerate(notebook["cells"], 1):
        source = raw.get("source", "") if isinstance(raw, dict) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise TitoError(f"{shown}, cell {number}: this is not a notebook cell.{_again(shown)}")
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        marks = _marks(raw)
        points = marks.get("points", 0)
        cells.append(
            Cell(
                number=number,
                kind=str(raw.get("cell_type", "code")),
                source=source,
                id=str(raw.get("id", "")),
                mark=str(marks.get("grade_id", "")),
                points=points if isinstance(points, int | float) else 0,
                solution=bool(marks.get("solution")),
                grade=bool(marks.get("grade")),
            )
        )
    return cells


def mark(raw: dict) -> str:
    """Return the nbgrader mark of a notebook's cell: what it is called wherever it is handed out, filled in and graded."""
    return str(_marks(raw).get("grade_id", ""))


def _marks(raw: dict) -> dict:
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def fill(notebook: dict, sources: dict[str, str]) -> dict:
    """Put these sources into the cells with these marks; returns the notebook."""
    for raw in notebook["cells"]:
        raw["source"] = sources.get(mark(raw), raw["source"])
    return notebook


def handed_out(module: Module) -> HandedOut:
    """Read a module's notebook as students got it. Nobody changes what is returned."""
    path = module.original / f"{module.name}.ipynb"
    shown = path.relative_to(module.root).as_posix()
    try:
        status = path.stat()
    except OSError:
        return HandedOut(read_cells(read_json(path, shown), shown))  # which says what is wrong
    return _handed_out(path, shown, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=32)
def _handed_out(path: Path, shown: str, *_: int) -> HandedOut:
    return HandedOut(read_cells(read_json(path, shown), shown))


@dataclass
class HandedOut:
    """A module's notebook as it was handed out: its cells, and in order its exercises and its written questions."""

    cells: list[Cell]
    exercises: dict[str, Exercise] = field(default_factory=dict)
    questions: dict[str, float] = field(default_factory=dict)  # name and points
    title: str = ""

    def __post_init__(self) -> None:
        graded = {cell.mark.removesuffix("-check"): cell.points for cell in self.cells if cell.grade}
        text: list[str] = []
        for cell in self.cells:
            if cell.kind == "markdown" and not cell.solution:
                text.append(cell.source)
                self.title = self.title or cell.source.partition("\n")[0].lstrip("# ")
            elif cell.solution and cell.kind == "markdown":
                self.questions[cell.mark] = cell.points
            elif cell.solution:
                cell.exercise = cell.mark
                hints = [" ".join(hint.split()) for hint in HINT.findall("\n".join(text))]
                self.exercises[cell.mark] = Exercise(cell.mark, graded.get(cell.mark, 0), cell, hints)
                text = []


def digest(*texts: str) -> str:
    """A short fingerprint of texts, in order."""
    summed = hashlib.sha256()
    for text in texts:
        summed.update(text.encode() + b"\0")
    return summed.hexdigest()[:16]
