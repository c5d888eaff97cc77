"""What a notebook uses: `check` an exercise, ask for a `hint`, `extend` a class by a method.

`check` sends the cells as they were last run to `tito check`, in a process of its own. So the notebook, the terminal and
the grader cannot disagree, and whatever the code does, the notebook goes on.
"""

from __future__ import annotations

import builtins
import contextlib
import html
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tito.checker import report as reports
from tito.checker.report import Report
from tito.course import Course
from tito.errors import TitoError
from tito.notebook import EXPORT, definitions
from tito.workspace import Workspace

__all__ = ["check", "extend", "hint"]


def _find_package() -> None:
    """Let `import tinytorch` in a notebook find the package of the workspace it lies in."""
    with contextlib.suppress(TitoError):
        root = str(Workspace.find().root)
        if root not in sys.path:
            sys.path.insert(0, root)


_find_package()


def extend(cls: type) -> Callable[[Any], Any]:
    """Add the function, property or class method below to `cls`. When exported, it stands in the class body."""

    def add(member: Any) -> Any:
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        name = function.__name__
        setattr(cls, name, _in_class_body(member, function, cls))
        # Python binds what is returned to `name` in the notebook; there, `sum` shall go on meaning what it meant.
        return sys._getframe(1).f_globals.get(name, getattr(builtins, name, function))

    return add


def _in_class_body(member: Any, function: Any, cls: type) -> Any:
    """`member` as if it stood in the body of `cls`, where `super()` knows its class."""
    import ast
    import inspect

    try:
        source = inspect.getsource(function)
        if "super()" not in source:
            return member
        definition = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):  # there is no source to look at
        return member
    marks = definition.decorator_list
    definition.decorator_list = [d for d in marks if getattr(getattr(d, "func", None), "id", "") != "extend"]
    ast.increment_lineno(definition, function.__code__.co_firstlineno - 1)
    tree = ast.parse(f"def within(__class__):\n    return {definition.name}")
    tree.body[0].body.insert(0, definition)
    space: dict[str, Any] = {}
    exec(compile(tree, function.__code__.co_filename, "exec"), function.__globals__, space)
    return space["within"](cls)


def check(exercise: str) -> Shown:
    """Run the tests of an exercise on the cells as they were last run, and show what they say."""
    shown = _check(exercise)
    if not shown.passed and os.environ.get("NBGRADER_EXECUTION") == "validate":
        # without an error to show, `nbgrader validate` would say "Partial credit", even of a blank
        print(*shown.lines, sep="\n", file=sys.stderr)
    return shown


def _check(exercise: str) -> Shown:
    try:
        module, original = Course().exercise(exercise)
    except TitoError as error:
        return Shown([str(error)])
    command = [sys.executable, "-m", "tito", "check", module.key, "--exercise", exercise, "--json", "--cells"]
    notebook = Path(f"{module.name}.ipynb")
    if os.environ.get("NBGRADER_EXECUTION") and notebook.is_file():  # all of it counts, as when `tito grade` grades it
        sent = notebook.read_text(encoding="utf-8")
    else:
        names = {name for e in original.exercises.values() for name in definitions(e.blank.source)}
        sent = json.dumps(_run_cells(names))
    done = subprocess.run(command, input=sent, capture_output=True, encoding="utf-8")
    try:
        found = Report.from_json(json.loads(done.stdout)).exercises[0]
    except ValueError:
        return Shown((done.stderr.strip() or "the check ended without an answer").splitlines())
    return Shown.of(found)


def hint(exercise: str, which: int = 1) -> Shown:
    """Show a hint of an exercise; `hint("matmul", 2)` is the second."""
    from tito.commands.hint import text

    try:
        return Shown(text(exercise, which, again='hint("{name}", {which})').splitlines())
    except TitoError as error:
        return Shown([str(error)])


def _run_cells(exercises: set[str]) -> list[dict[str, str]]:
    """The cells that count, as they were last run: a cell that defines a name anew takes the place of the one before."""
    from IPython import get_ipython

    shell = get_ipython()
    history = list(enumerate(shell.history_manager.input_hist_raw)) if shell else []
    kept: list[tuple[set[str], dict[str, str]]] = []
    for number, source in history:
        names = set(definitions(source)) if source.strip() else set()
        if not source.lstrip().startswith(EXPORT) and not names & exercises:
            continue
        cell = {"source": source, "label": f"In [{number}]"}
        same = [n for n, (known, old) in enumerate(kept) if known & names or old["source"] == source]
        if same:
            kept[same[0]] = (names, cell)
            for n in reversed(same[1:]):
                del kept[n]
        else:
            kept.append((names, cell))
    return [cell for _, cell in kept]


COLOURS = {"✓": "#1a7f37", "✗": "#cf222e", "·": "#767676"}  # on white and on black, 4.5 : 1 or nearly
PAGE = (
    "white-space:pre-wrap;line-height:1.4;font-family:var(--jp-code-font-family,monospace);font-size:13px;padding:5px"
)


class Shown:
    """Lines shown in a notebook or a terminal. To nbgrader it is the points that were earned."""

    def __init__(self, lines: list[str], points: float = 0, passed: bool = False) -> None:
        self.lines, self.points, self.passed = lines, points, passed

    @classmethod
    def of(cls, found: reports.Exercise) -> Shown:
        """What a check found about an exercise."""
        lines = [f"{found.name}   {reports.summary(found)}", "", *reports.details(found, in_notebook=True)]
        return cls(lines, found.earned, found.status == reports.PASSED)

    def __repr__(self) -> str:
        if os.environ.get("NBGRADER_EXECUTION"):  # nbgrader reads the points from the cell's plain output
            return str(float(self.points))
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        return f'<div style="{PAGE}">{"".join(map(_html_line, self.lines))}</div>'


def _html_line(line: str) -> str:
    """A line as HTML that stays indented where it is broken because the window is narrow."""
    text = html.escape(line.lstrip())
    mark, indent = text[:1], len(line) - len(line.lstrip())
    if mark in COLOURS:
        text = f'<span style="color:{COLOURS[mark]};font-weight:bold">{mark}</span>{text[1:]}'
    weight = "bold" if text and not indent else "normal"
    return f'<div style="padding-left:{indent}ch;font-weight:{weight}">{text or "&nbsp;"}</div>'
