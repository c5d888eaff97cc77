"""Reading notebooks: which cells there are, which exercise each one answers, and what was handed out.

Notebooks are read as JSON, not through the Jupyter stack, which takes a second to import.
"""

from __future__ import annotations

import ast  # which dataclasses import anyhow
import builtins
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from tito.errors import TitoError

EXPORT = "#| export"
HINT = re.compile(r"<details><summary>.*?</summary>(.*?)</details>", re.DOTALL)


@dataclass
class Cell:
    number: int  # counted from 1, markdown included, as a person counts down the page
    kind: str  # code, markdown or raw
    source: str
    id: str = ""
    grade_id: str = ""
    points: float = 0
    solution: bool = False
    grade: bool = False
    exercise: str | None = None  # the exercise it answers, once that is known
    label: str = ""  # what a person calls it, where that is not its number

    @property
    def place(self) -> str:
        return self.label or f"cell {self.number}"

    @property
    def exported(self) -> bool:
        return self.kind == "code" and self.source.lstrip().startswith(EXPORT)


@dataclass
class Exercise:
    """A blank: its name, its points, its cell as handed out, and its hints."""

    name: str
    points: float
    blank: Cell
    hints: list[str]


@dataclass
class Original:
    """A module's notebook as it was handed out."""

    cells: list[Cell]
    exercises: dict[str, Exercise] = field(default_factory=dict)
    questions: dict[str, float] = field(default_factory=dict)  # written answers: name and points
    title: str = ""


def read_json(path: Path, shown: str) -> dict:
    """The notebook as JSON; what is wrong with the file, in one sentence, if it is not one."""
    try:
        return parse_json(path.read_bytes(), shown)
    except FileNotFoundError:
        raise TitoError(f"{shown} is not there. `tito reset N` puts back the notebook that was handed out.") from None
    except IsADirectoryError:
        raise TitoError(f"{shown} is a folder, and should be a notebook file.") from None
    except OSError as error:
        raise TitoError(f"{shown} cannot be read: {error.strerror}.") from None


def parse_json(data: bytes, shown: str) -> dict:
    """The notebook in these bytes; `shown` names it in the sentence that says what is wrong."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TitoError(f"{shown} is not a text file in UTF-8 (byte {error.start} cannot be read). {AGAIN}") from None
    if not text.strip():
        raise TitoError(f"{shown} is empty. {AGAIN}")
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
        what = "stops in the middle" if at_end else f"is not a notebook: line {error.lineno} is not JSON"
        raise TitoError(f"{shown} {what}. {AGAIN}") from None
    except RecursionError:
        raise TitoError(f"{shown} is not a notebook: it is nested too deeply. {AGAIN}") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise TitoError(f"{shown} is not a notebook: it holds a number with too many digits. {AGAIN}") from None
    if r"\ud" in text or r"\uD" in text:  # half a character, which no file can hold
        notebook = json.loads(json.dumps(notebook, ensure_ascii=False).encode(errors="replace"))
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat", 4), int):
        raise TitoError(f"{shown} is JSON, but not a notebook. {AGAIN}")
    if notebook.get("nbformat", 4) < 4 or "worksheets" in notebook:
        raise TitoError(f"{shown} is in notebook format 3, and format 4 is needed: open it in Jupyter and save it.")
    if not isinstance(notebook.get("cells"), list):
        raise TitoError(f"{shown} is JSON, but not a notebook: it has no list of cells. {AGAIN}")
    return notebook


AGAIN = "Save it again from Jupyter, or get a fresh one with `tito reset N`, which keeps a backup."


def read_cells(notebook: dict, shown: str) -> list[Cell]:
    cells = []
    for number, raw in enumerate(notebook["cells"], 1):
        source = raw.get("source", "") if isinstance(raw, dict) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise TitoError(f"{shown}, cell {number}: this is not a notebook cell. {AGAIN}")
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        metadata = raw.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        marks = marks if isinstance(marks, dict) else {}
        points = marks.get("points", 0)
        cells.append(
            Cell(
                number=number,
                kind=str(raw.get("cell_type", "code")),
                source=source,
                id=str(raw.get("id", "")),
                grade_id=str(marks.get("grade_id", "")),
                points=points if isinstance(points, int | float) else 0,
                solution=bool(marks.get("solution")),
                grade=bool(marks.get("grade")),
            )
        )
    return cells


def read_original(folder: Path, name: str, shown: str) -> Original:
    """What was handed out: the exercises in order, with their points and hints."""
    cells = read_cells(read_json(folder / f"{name}.ipynb", shown), shown)
    original = Original(cells)
    graded = {cell.grade_id.removesuffix("-check"): cell.points for cell in cells if cell.grade}
    text: list[str] = []
    for cell in cells:
        if cell.kind == "markdown" and not cell.solution:
            text.append(cell.source)
            original.title = original.title or cell.source.partition("\n")[0].lstrip("# ")
        elif cell.solution and cell.kind == "markdown":
            original.questions[cell.grade_id] = cell.points
        elif cell.solution:
            cell.exercise = cell.grade_id
            hints = [" ".join(hint.split()) for hint in HINT.findall("\n".join(text))]
            points = graded.get(cell.grade_id, 0)
            original.exercises[cell.grade_id] = Exercise(cell.grade_id, points, cell, hints)
            text = []
    return original


def read_answers(cells: list[Cell], original: Original, shown: str) -> list[str]:
    """Say in each cell which exercise it answers; return the names of exercises that no cell answers.

    A cell answers the exercise that its nbgrader mark names, or else the one whose names it defines.
    """
    for cell in cells:
        if cell.kind == "code" and cell.solution and cell.grade_id in original.exercises:
            _claim(cell, cell.grade_id, cells, shown)
    taken = {cell.exercise for cell in cells}
    for exercise in original.exercises.values():
        if exercise.name in taken:
            continue
        defines = set(definitions(exercise.blank.source))
        for cell in cells:
            if cell.kind == "code" and not cell.exercise and defines & set(definitions(cell.source)):
                _claim(cell, exercise.name, cells, shown)
    taken = {cell.exercise for cell in cells}
    return [name for name in original.exercises if name not in taken]


def _claim(cell: Cell, exercise: str, cells: list[Cell], shown: str) -> None:
    for other in cells:
        if other is not cell and other.exercise == exercise:
            raise TitoError(
                f"{shown}: exercise {exercise} is there twice, in {other.place} and {cell.place}. "
                "Keep the one with your answer and delete the other."
            )
    cell.exercise = exercise


def places(submitted: list[Cell], original: Original) -> dict[str, int]:
    """Where in a submission each cell is that was handed out, by its mark.

    Of several cells with one mark the last that was written in counts; where an exercise has none, the last cell that
    defines its names.
    """
    known = {cell.grade_id: cell.source.strip() for cell in original.cells if cell.grade_id}
    found: dict[str, int] = {}
    for place, cell in enumerate(submitted):
        mark = cell.grade_id
        if mark in known and (mark not in found or cell.source.strip() != known[mark]):
            found[mark] = place
    names = {
        name: set(definitions(known[name]))
        for name in original.exercises
        if name not in found or submitted[found[name]].source.strip() == known[name]
    }
    for place, cell in enumerate(submitted):
        if names and cell.kind == "code" and cell.grade_id not in known:
            defined = set(definitions(cell.source))
            found |= {name: place for name in names if names[name] & defined}
    return found


def with_answers(submitted: list[Cell], original: Original) -> list[Cell]:
    """The code cells that were handed out, with what a student wrote in them: what is graded.

    Given cells, points and order are the original's. Cells with code that the student added stand before the cell they
    stood before.
    """
    known = {cell.grade_id: cell for cell in original.cells if cell.grade_id and cell.kind == "code"}
    found = {mark: place for mark, place in places(submitted, original).items() if mark in known}
    marks = {place: mark for mark, place in found.items()}
    own: dict[str, list[Cell]] = {}  # the student's own cells, by the mark of the next known cell
    waiting: list[Cell] = []
    for place, cell in enumerate(submitted):
        copied = known.get(cell.grade_id)
        if place in marks:
            own[marks[place]] = waiting
            waiting = []
        elif cell.kind == "code" and not (copied and (not copied.solution or cell.source == copied.source)):
            waiting.append(replace(cell, grade_id="", solution=False))
    cells = []
    for mark, handed_out in known.items():
        there = submitted[found[mark]] if mark in found else None
        cells += own.get(mark, [])
        if not handed_out.solution:
            cells.append(replace(handed_out, number=there.number if there else handed_out.number))
        elif there:
            cells.append(replace(there, kind="code", grade_id=mark, solution=True))
    return cells + waiting


def written(submitted: list[Cell], original: Original) -> dict[str, str]:
    """What a student wrote, by exercise and question; those left as they were handed out are not in it."""
    blank = {cell.grade_id: cell.source.strip() for cell in original.cells if cell.solution}
    texts = {mark: submitted[place].source for mark, place in places(submitted, original).items() if mark in blank}
    return {mark: text for mark, text in texts.items() if text.strip() != blank[mark]}


def definitions(source: str) -> list[str]:
    """The names a cell defines at its top level: `Tensor.sum` for a method added with @extend(Tensor).

    Functions named `_`, of which there are many, are told apart by what they are registered with: `@derivative(np.add)`.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = re.findall(r"^(?:@extend\((\w+)\)\s+(?:@\w+\s+)*)?(?:def|class)\s+(\w+)", source, re.MULTILINE)
        named = [f"{owner}.{name}" if owner else name for owner, name in found if name != "_"]
        return named + ["".join(mark.split()) for mark in re.findall(r"^(@.+\))\s+def _\(", source, re.MULTILINE)]
    names = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            owner = extends(node)
            if node.name == "_" and node.decorator_list:
                mark = ast.get_source_segment(source, node.decorator_list[0])
                names.append("@" + "".join(mark.split()))
            else:
                names.append(f"{owner}.{node.name}" if owner else node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return names


def extends(node: ast.stmt) -> str | None:
    """The class that an `@extend(Class)` definition adds to."""
    for decorator in getattr(node, "decorator_list", []):
        if (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Name)
            and decorator.func.id == "extend"
            and len(decorator.args) == 1
        ):
            return ast.unparse(decorator.args[0])
    return None


def needs(source: str) -> set[str]:
    """The names that must be known for a cell to run: those that its statements, decorators and defaults use."""
    found, stored, todo = set(), set(), [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            (found if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored.add(node.name)
        later = []  # what a function does when it is called
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            later = node.body if isinstance(node.body, list) else [node.body]
        todo += [child for child in ast.iter_child_nodes(node) if child not in later]
    return found - stored - {"extend"} - set(dir(builtins))


def binds(source: str) -> set[str]:
    """The names that a cell gives a meaning to."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(definitions(source))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    return names | {(alias.asname or alias.name).partition(".")[0] for alias in nodes if isinstance(alias, ast.alias)}


def digest(*texts: str) -> str:
    """A short fingerprint of texts, in order."""
    summed = hashlib.sha256()
    for text in texts:
        summed.update(text.encode() + b"\0")
    return summed.hexdigest()[:16]
