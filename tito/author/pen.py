"""Who holds the pen: how much of each module a student writes. `python -m tito.author.pen` prints the table.

Counted are lines that compute what a page is about: statements in the functions of its exported cells and of its
exercises. Nobody's are, in an answer as in a given cell:

- signatures, decorators, docstrings, comments, blank lines, imports, and what stands outside of functions;
- messages: `raise`, with an `if` or `except` around it that does nothing else; and functions that only check (`_check…`);
- `__init__`, which keeps what it is given, and looks it over;
- names: a function of one line that hands what it was given on to another, as a shelf does:
  `def __add__(self, other): return elementwise(np.add, self, other)`. A derivative rule is never a mere name;
- a first version that a later cell replaces by `@extend`: the later one wins, and counts;
- what a page needs and is not about: the functions in ASIDE, each with its reason. Their lines are counted apart.

The length of an answer is another matter: there, all that is written counts, but for blank lines and comments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tito.author.lesson import BEGIN, END, Lesson
from tito.notebook import EXPORT
from tito.workspace import Workspace

ASIDE = {
    "prints, or makes a sentence": "__repr__ __format__ extra_repr _listed _misfit _misnamed _short",
    "says how a call may be written": "operation _arranged on_arrays _sizes _axis _pair _creating",
    "does what one function of NumPy's does, only faster": "add_up power _add_at _picks_once _largest",
    "notices that memory was written in place, which is a check": "_owner note written _guard",
}
NOT_ABOUT = {name for names in ASIDE.values() for name in names.split()}
HANDS_ON = (ast.Return, ast.Call, ast.Name, ast.Attribute, ast.Constant, ast.keyword, ast.Starred, ast.expr_context)


@dataclass
class Share:
    """What a student writes of one module, and what is given, in lines."""

    module: str
    exercises: int
    written: int
    given: int
    aside: int
    longest: int
    longest_is: str

    @property
    def share(self) -> float:
        return self.written / (self.written + self.given)


def share(lesson: Lesson) -> Share:
    """Count the lines of one lesson."""
    # in the whole source, a later cell has replaced what an earlier one defines
    about, aside = _computing(ast.parse(lesson.source().text))
    total, written = len(about), 0
    lengths = {}
    for cell in lesson.notebook.cells:
        lines = cell.source.split("\n")
        marks = [n for n, line in enumerate(lines, 1) if line.strip() in (BEGIN, END)]
        if cell.cell_type != "code" or not marks:
            continue
        computing, _ = _computing(ast.parse(cell.source))
        written += sum(marks[0] < n < marks[1] for n in computing)
        total += 0 if cell.source.startswith(EXPORT) else len(computing)
        body = (line.strip() for line in lines[marks[0] : marks[1] - 1])
        lengths[cell.metadata.nbgrader.grade_id] = sum(1 for line in body if line and not line.startswith("#"))
    longest = max(lengths, key=lengths.get)
    return Share(lesson.module.key, len(lengths), written, total - written, len(aside), lengths[longest], longest)


def _computing(tree: ast.Module | ast.ClassDef) -> tuple[set[int], set[int]]:
    """The numbers of the lines that compute what the page is about, and of those that compute something else."""
    about: set[int] = set()
    aside: set[int] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            within = _computing(node)
            about, aside = about | within[0], aside | within[1]
        elif isinstance(node, ast.FunctionDef) and not _is_a_name(node):
            (aside if node.name in NOT_ABOUT else about).update(_lines(node.body))
    return about, aside


def _is_a_name(function: ast.FunctionDef) -> bool:
    """Whether it hands on what it is given, keeps it, or looks it over."""
    if function.name == "__init__" or function.name.startswith("_check"):
        return True
    body = [statement for statement in function.body if not _is_message(statement)]
    rule = any(ast.unparse(decorator).startswith("derivative(") for decorator in function.decorator_list)
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
    rows = ["module            exercises  writes  given  share  aside  longest answer"]
    for s in shares:
        numbers = f"{s.exercises:9}{s.written:8}{s.given:7}{s.share:7.0%}{s.aside:7}"
        rows.append(f"{s.module:18}{numbers}  {s.longest} lines, {s.longest_is}")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table([share(Lesson(module)) for module in Workspace.find().lessons]))
