"""`tito update`: what is new in the course comes into a workspace in which a student has begun, around their work."""

from __future__ import annotations

import json
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from tito.errors import TitoError
from tito.handout import LEFT_OUT, SETTINGS, of_course, of_module, of_shelves, opened
from tito.kept import renamed
from tito.merge import merge
from tito.notebook import read_cells, read_json
from tito.workspace import Module, Workspace, replacing, write, writing

ONLY_IN_A_HANDOUT = (SETTINGS, "README.md", ".github/workflows/check.yml")


@dataclass
class Update:
    """What an update changes: files by their path, with what will be in them (None: they go), and what to say."""

    files: dict[str, bytes | None] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # what was left as it was, and why
    backup: Path | None = None


def update(workspace: Workspace, source: Path) -> Update:
    """Bring in what the hand-out in `source` (a folder, a zip, the course's checkout) has and the workspace has not.

    What is replaced is kept in one zip in .tito/backups first. Stopped at any point, it can be done again.
    """
    with opened(source) as home:
        if home.root == workspace.root.resolve():
            raise TitoError(f"{source} is this workspace itself: name the folder or the zip that has been handed out.")
        with workspace.locked():
            done = Update()
            for module in home.modules:
                _module(workspace, Module(module.key, workspace.root), of_module(module), done)
            shelves = of_shelves(home)
            done.files |= _different(workspace, shelves) | gone(workspace, [workspace.shelves], shelves)
            if (workspace.root / "tito").is_dir():
                _course(workspace, home, done)
            if done.files:
                done.backup = _back_up(workspace, done.files)
            for path, data in done.files.items():
                if data is None:
                    (workspace.root / path).unlink(missing_ok=True)
                else:
                    write(workspace.root / path, data)
    return done


def _module(workspace: Workspace, module: Module, files: dict[str, bytes], done: Update) -> None:
    """Note what a module's files change. The notebook comes first: what it is merged with must be there until then."""
    notebook = module.notebook.relative_to(workspace.root).as_posix()
    blank = files.pop(notebook)
    known = module.original.is_dir()
    try:
        merged, notes = _notebook(workspace, module, blank)
    except TitoError as error:
        done.left.append(f"{module} was left as it was. {error}")
        return
    changed = _different(workspace, {notebook: merged}) | _different(workspace, files)
    changed |= gone(workspace, [module.tests, module.original], files)
    if not changed:
        return
    done.files |= changed
    if not known:
        done.said.append(f"{module} is new.")
        return
    tests = sorted(Path(path).stem.removeprefix("test_") for path in changed if Path(path).parts[0] == "tests")
    what = [f"{notebook} has what is new, around your work"] if notebook in changed else []
    what += [f"the tests changed of {', '.join(tests)}"] if tests else []
    done.said.append(f"{module}: {'; '.join(what) or 'what it is checked with changed'}.")
    done.said += [f"    {note}" for note in notes]


def _notebook(workspace: Workspace, module: Module, blank: bytes) -> tuple[bytes, list[str]]:
    """The student's notebook, merged with the one that is handed out now."""
    before = module.original / module.notebook.name
    shown = workspace.shown(module.notebook)
    if not module.notebook.exists():
        if name := renamed(module):
            raise TitoError(f"{shown} was renamed to {name}: give it its name back, and update again.")
        return blank, []
    mine = module.notebook.read_bytes()
    if before.is_file() and before.read_bytes() == mine:
        return blank, []
    student = read_json(module.notebook, shown)
    read_cells(student, shown)  # which says what is wrong, if something is
    base = read_json(before, workspace.shown(before)) if before.is_file() else None
    merged = merge(student, base, json.loads(blank))
    if merged.notebook == student:
        return mine, []
    return (json.dumps(merged.notebook, indent=1, ensure_ascii=False) + "\n").encode(), merged.notes


def _course(workspace: Workspace, home: Workspace, done: Update) -> None:
    """Note what changes beside the modules: the tool itself, and what it needs."""
    files = of_course(home)
    if (home.root / SETTINGS).is_file():
        there = (name for name in ONLY_IN_A_HANDOUT if (home.root / name).is_file())
        files |= {name: (home.root / name).read_bytes() for name in there}
    changed = _different(workspace, files) | gone(workspace, [workspace.root / "tito"], files)
    done.files |= changed
    if any(path.startswith("tito/") for path in changed):
        done.said.append("tito itself is new.")
    if "requirements.txt" in changed:
        done.said.append("Other packages are needed now: python tito/install.py .")


def _different(workspace: Workspace, files: dict[str, bytes]) -> dict[str, bytes | None]:
    """Those of these files that the workspace has otherwise, or not at all."""
    paths = {path: workspace.root / path for path in files}
    return {
        path: files[path] for path, there in paths.items() if not there.is_file() or there.read_bytes() != files[path]
    }


def gone(workspace: Workspace, folders: list[Path], files: dict[str, bytes]) -> dict[str, bytes | None]:
    """The files in these folders, which are the course's, that it has no more."""
    there = (
        path.relative_to(workspace.root) for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()
    )
    return {
        path.as_posix(): None for path in there if path.as_posix() not in files and not set(path.parts) & set(LEFT_OUT)
    }


def _back_up(workspace: Workspace, files: dict[str, bytes | None]) -> Path | None:
    """Keep what is about to be replaced in one zip; nothing where all is new."""
    there = [path for path in files if (workspace.root / path).is_file()]
    if not there:
        return None
    path = workspace.private / "backups" / f"update-{time.strftime('%Y-%m-%d-%H%M%S')}.zip"
    with writing(path), replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in there:
            packed.write(workspace.root / name, name)
    return path
