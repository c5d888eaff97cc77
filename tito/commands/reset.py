"""`tito reset`: put back what was handed out, and keep what was there."""

from __future__ import annotations

import json

from tito.course import Course
from tito.errors import TitoError
from tito.kept import forget
from tito.notebook import Original, read_answers, read_cells, read_json
from tito.workspace import Module, Workspace, write


def run(module: str, exercise: str | None = None) -> int:
    course = Course()
    target, workspace = course.workspace.module(module), course.workspace
    original = course.original(target)
    if exercise and exercise not in original.exercises:
        raise TitoError(f"{target} has no exercise {exercise}; it has: {', '.join(original.exercises)}")
    if target.notebook.is_dir():
        raise TitoError(f"{workspace.shown(target.notebook)} is a folder; move it away first.")
    handed_out = (target.original / f"{target.name}.ipynb").read_text(encoding="utf-8")
    with workspace.locked():
        text = _with_blank(workspace, target, original, exercise, handed_out) if exercise else handed_out
        kept = workspace.back_up(target.notebook) if target.notebook.exists() else None
        write(target.notebook, text)
        if not exercise:
            forget(workspace, target)
    what = (
        f"Exercise {exercise} in {workspace.shown(target.notebook)}" if exercise else workspace.shown(target.notebook)
    )
    print(f"{what} is as it was handed out.")
    if kept:
        print(f"The one before is in {workspace.shown(kept)}.")
    print("If it is open in Jupyter, reload it there: File, Reload Notebook from Disk.")
    return 0


def _with_blank(workspace: Workspace, module: Module, original: Original, exercise: str, handed_out: str) -> str:
    """The student's notebook with this one exercise put back: in its place, or behind the cell that it stood behind."""
    shown = workspace.shown(module.notebook)
    notebook = read_json(module.notebook, shown)
    cells = read_cells(notebook, shown)
    read_answers(cells, original, shown)
    blank_cells = json.loads(handed_out)["cells"]
    home = original.exercises[exercise].blank.number - 1
    places = [n for n, cell in enumerate(cells) if cell.exercise == exercise]
    if places:
        notebook["cells"][places[0]] = blank_cells[home]
    else:
        before = {raw.get("id") for raw in blank_cells[:home]}
        after = [n for n, raw in enumerate(notebook["cells"]) if raw.get("id") in before]
        notebook["cells"].insert(after[-1] + 1 if after else len(cells), blank_cells[home])
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
