"""`tito reset`: put back what was handed out, and keep what was there."""

from __future__ import annotations

import json

from tito import term
from tito.course import Course
from tito.errors import TitoError
from tito.kept import forget
from tito.notebook import HandedOut, handed_out, mark, read_cells, read_json
from tito.submission import match
from tito.workspace import Module, Workspace, write


def run(module: str, exercise: str | None = None) -> int:
    course = Course()
    target, exercise = course.named(module, exercise)
    original, workspace = handed_out(target), course.workspace
    if target.notebook.is_dir():
        raise TitoError(f"{workspace.shown(target.notebook)} is a folder; move it away first.")
    text = (target.original / f"{target.name}.ipynb").read_text(encoding="utf-8")
    with workspace.locked():
        text = _with_blank(workspace, target, original, exercise, text) if exercise else text
        kept = workspace.back_up(target.notebook) if target.notebook.exists() else None
        write(target.notebook, text)
        if not exercise:
            forget(workspace, target)
    what = (
        f"Exercise {exercise} in {workspace.shown(target.notebook)}" if exercise else workspace.shown(target.notebook)
    )
    term.say(f"{what} is as it was handed out.")
    if kept:
        term.say(f"The one before is in {workspace.shown(kept)}.")
    term.say("If it is open in Jupyter, reload it there: File, Reload Notebook from Disk.")
    return 0


def _with_blank(workspace: Workspace, module: Module, original: HandedOut, exercise: str, text: str) -> str:
    """The student's notebook with this one exercise put back: in its place, or behind the cell that it stood behind."""
    shown = workspace.shown(module.notebook)
    notebook = read_json(module.notebook, shown)
    places = match(read_cells(notebook, shown), original, shown).places
    blank_cells = json.loads(text)["cells"]
    home = original.exercises[exercise].blank.number - 1
    if exercise in places:
        notebook["cells"][places[exercise]] = blank_cells[home]
    else:
        before = [places[mark(raw)] for raw in blank_cells[:home] if mark(raw) in places]
        notebook["cells"].insert(max(before, default=-1) + 1, blank_cells[home])
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
