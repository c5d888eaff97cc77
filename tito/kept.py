"""The last state of each notebook, kept in .tito/last whenever it is checked or exported, for when the file is lost."""

from __future__ import annotations

from pathlib import Path

from tito.errors import TitoError, counted
from tito.notebook import handed_out, mark, read_cells, read_json
from tito.submission import match
from tito.workspace import Module, Workspace, write


def keep(workspace: Workspace, module: Module) -> None:
    """Keep the notebook as it is in its file, unless nothing is written in it.

    One that was kept before and has answers which are gone now is put with the backups.
    """
    kept, there = _kept(workspace, module), _written(module.notebook, module)
    if not there or (kept.is_file() and kept.read_bytes() == module.notebook.read_bytes()):
        return
    if _written(kept, module).keys() - there.keys():
        workspace.back_up(kept)
    write(kept, module.notebook.read_bytes())


def blanked(workspace: Workspace, module: Module) -> int:
    """How many answers were in the notebook when it was last checked, if there are none in it now."""
    kept = _kept(workspace, module)
    if not kept.is_file() or _written(module.notebook, module):
        return 0
    return len(_written(kept, module))


def offer(workspace: Workspace, module: Module, count: int, problem: str) -> str:
    """The sentence that gives back a notebook which is blank, or has the `problem` that was just told."""
    which = "It" if problem else f"{workspace.shown(module.notebook)} is blank, and"
    return (
        f"{which} had {counted(count, 'answer')} when it was last checked: "
        f"`tito restore {module.number}` puts it back as it was then."
    )


def restore(workspace: Workspace, module: Module) -> Path | None:
    """Put the notebook back as it was kept; the backup of what was there, if anything was."""
    kept = _kept(workspace, module)
    if not kept.is_file():
        raise TitoError(
            f"no earlier state of {workspace.shown(module.notebook)} is kept: it was never checked with work in it."
        )
    with workspace.locked():
        there = module.notebook.is_file() and module.notebook.read_bytes() != kept.read_bytes()
        backup = workspace.back_up(module.notebook) if there else None
        write(module.notebook, kept.read_bytes())
    return backup


def forget(workspace: Workspace, module: Module) -> None:
    """Offer nothing back: the student wants a blank notebook."""
    _kept(workspace, module).unlink(missing_ok=True)


def renamed(module: Module) -> str:
    """The name of the only other notebook in the module's folder that is this module's, if its own is not there."""
    if module.notebook.exists() or not module.original.is_dir():
        return ""
    answers = {cell.mark for cell in handed_out(module).cells if cell.solution}
    found = []
    for path in sorted(module.notebook.parent.glob("*.ipynb")):
        try:
            cells = read_json(path, path.name)["cells"]
        except TitoError:
            continue
        found += [path.name] if answers & {mark(cell) for cell in cells if isinstance(cell, dict)} else []
    return found[0] if len(found) == 1 else ""


def _written(path: Path, module: Module) -> dict[str, str]:
    """What is written in a notebook, by exercise and question; nothing if it cannot be read."""
    try:
        return match(read_cells(read_json(path, path.name), path.name), handed_out(module), path.name).written
    except TitoError:
        return {}


def _kept(workspace: Workspace, module: Module) -> Path:
    return workspace.private / "last" / f"{module.key}.ipynb"
