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
        setattr(cls, name, member)
        # Python binds what is returned to `name` in the notebook; there, `sum` shall go on meaning what it meant.
        return sys._getframe(1).f_globals.get(name, getattr(builtins, name, function))

    return add


def check(exercise: str) -> Shown:
    """Run the tests of an exercise on the cells as they were last run, and show what they say."""
    try:
        module, original = Course().exercise(exercise)
    except TitoError as error:
        return Shown([str(error)], 0)
    command = [sys.executable, "-m", "tito", "check", module.key, "--exercise", exercise, "--json", "--cells"]
    cells = _run_cells({name for e in original.exercises.values() for name in definitions(e.blank.source)})
    done = subprocess.run(command, input=json.dumps(cells), capture_output=True, encoding="utf-8")
    try:
        found = Report.from_json(json.loads(done.stdout)).exercises[0]
    except ValueError:
        return Shown((done.stderr.strip() or "the check ended without an answer").splitlines(), 0)
    heading = f"{exercise}   {reports.summary(found)}"
    if found.status == reports.PASSED:
        body = [f"  {reports.MARK[True]} {behaviour}" for behaviour in found.behaviours]
    else:
        body = reports.details(found)
    body = [line.replace(reports.hint_command(found), f'hint("{exercise}")') for line in body]
    return Shown([heading, "", *body], found.earned)


def hint(exercise: str, which: int = 1) -> Shown:
    """Show a hint of an exercise; `hint("matmul", 2)` is the second."""
    from tito.commands.hint import text

    try:
        return Shown(text(exercise, which, again='hint("{name}", {which})').splitlines(), 0)
    except TitoError as error:
        return Shown([str(error)], 0)


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


class Shown:
    """Lines shown in a notebook or a terminal. To nbgrader it is the points that were earned."""

    def __init__(self, lines: list[str], points: float) -> None:
        self.lines, self.points = lines, points

    def __repr__(self) -> str:
        if os.environ.get("NBGRADER_EXECUTION"):  # nbgrader reads the points from the cell's plain output
            return str(float(self.points))
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        lines = []
        for line in self.lines:
            text = html.escape(line)
            mark = line.strip()[:1]
            if mark in COLOURS:
                text = text.replace(mark, f'<span style="color:{COLOURS[mark]};font-weight:bold">{mark}</span>', 1)
            lines.append(text)
        lines[0] = f"<b>{lines[0]}</b>"
        return f'<pre style="white-space:pre-wrap;line-height:1.4">{chr(10).join(lines)}</pre>'
