"""Who holds the pen: how much of each module a student writes. `python -m tito.author.pen` prints the table.

Counted are lines that compute what a page is about: statements in the functions of its exported cells and of its
exercises. Nobody's are, in an answer as in a given cell:

- signatures, decorators, docstrings, comments, blank lines, imports, and what stands outside of functions;
- messages: `raise`, with an `if` or `except` around it that does nothing else; functions that only check (`_check…`), only
  make a sentence (annotated so below) or print (`__repr__`, `extra_repr`, `__format__`);
- `__init__`, which keeps what it is given, and looks it over;
- names: a function of one line that hands what it was given on to another, as a shelf does:
  `def __add__(self, other): return elementwise(np.add, self, other)`. A derivative rule is never a mere name.

The length of an answer is another matter: there, all that is written counts, but for blank lines and comments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tito.author.lesson import BEGIN, END, Lesson
from tito.workspace import Workspace

SAYS = {"__init__", "__repr__", "__format__", "extra_repr", "_listed", "_misfit", "_misnamed", "_short"}
HANDS_ON = (ast.Return, ast.Call, ast.Name, ast.Attribute, ast.Constant, ast.keyword, ast.Starred, ast.expr_context)


@dataclass
class Share:
    """What a student writes of one module, and what is given, in lines."""

    module: str
    exercises: int
    written: int
    given: int
    longest: int
    longest_is: str

    @property
    def share(self) -> float:
        return self.written / (self.written + self.given)


def share(lesson: Lesson) -> Share:
    """Count the lines of one lesson."""
    written = given = 0
    lengths = {}
    for cell in lesson.notebook.cells:
        if cell.cell_type != "code":
            continue
        lines = cell.source.split("\n")
        marks = [n for n, line in enumerate(lines, 1) if line.strip() in (BEGIN, END)]
        if marks or lines[0] == "#| export":
            computing = set(_computing(ast.parse(cell.source)))
            own = {n for n in computing if marks and marks[0] < n < marks[1]}
            written, given = written + len(own), given + len(computing - own)
        if marks:
            body = (line.strip() for line in lines[marks[0] : marks[1] - 1])
            lengths[cell.metadata.nbgrader.grade_id] = sum(1 for line in body if line and not line.startswith("#"))
    longest = max(lengths, key=lengths.get)
    return Share(lesson.module.key, len(lengths), written, given, lengths[longest], longest)


def _computing(tree: ast.Module) -> Iterator[int]:
    """The numbers of the lines that compute."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _computing(node)
        elif isinstance(node, ast.FunctionDef) and not _says_or_names(node):
            yield from _lines(node.body)


def _says_or_names(function: ast.FunctionDef) -> bool:
    if function.name in SAYS or function.name.startswith("_check"):
        return True
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    rule = any(ast.unparse(d).startswith("derivative(") for d in function.decorator_list)
    return not rule and len(body) == 1 and all(isinstance(node, HANDS_ON) for node in ast.walk(body[0]))


def _lines(body: list[ast.stmt]) -> Iterator[int]:
    """The lines of these statements and of those within them, without messages."""
    for node in body:
        if _is_message(node):
            continue
        inner = [part for field in ("body", "orelse", "finalbody") for part in getattr(node, field, [])]
        handlers = [h for h in getattr(node, "handlers", []) if not _only_raises(h.body)]
        inner += [part for handler in handlers for part in handler.body]
        if isinstance(node, ast.FunctionDef):
            yield from _lines(node.body)
        elif isinstance(node, ast.Try):
            yield from _lines(inner)
        elif inner:
            yield from range(node.lineno, inner[0].lineno)
            yield from _lines(inner)
        else:
            yield from range(node.lineno, node.end_lineno + 1)


def _is_message(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    plain = isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass))
    only = isinstance(node, ast.If) and not node.orelse and _only_raises(node.body)
    return docstring or plain or isinstance(node, ast.Raise) or only


def _only_raises(body: list[ast.stmt]) -> bool:
    """Whether these end in an error, and do nothing before but put its sentence together."""
    return isinstance(body[-1], ast.Raise) and all(isinstance(s, (ast.Assign, ast.Expr)) for s in body[:-1])


def table(shares: list[Share]) -> str:
    """The shares as a table, a line for each module."""
    rows = ["module            exercises  writes  given  share  longest answer"]
    for s in shares:
        row = f"{s.module:18}{s.exercises:9}{s.written:8}{s.given:7}{s.share:7.0%}"
        rows.append(f"{row}  {s.longest:3} lines, {s.longest_is}")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table([share(Lesson(module)) for module in Workspace.find().lessons]))
