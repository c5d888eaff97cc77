"""What a worker is given and gives back, and reading what was handed in: of all that, nothing is believed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tito.checker.report import Report
from tito.errors import TitoError
from tito.notebook import Cell, digest, parse_json, read_cells
from tito.workspace import Module, Workspace

SCHEMA = "tito.grade/1"
TITO, NBGRADER = "tito", "nbgrader"  # engines
LARGEST, LARGEST_CODE = 20 << 20, 256 << 10  # bytes of a notebook, and characters of its code
READING = ("notebook", "submission", "syntax", "export")  # what of tito, beside the checker, decides on marks
DEEPEST = 50  # levels of lists and dicts in a notebook


@dataclass(frozen=True)
class Job:
    """What a worker needs to grade one submission."""

    workspace: str  # the folder of the course; on another machine, the one that its tito lies in
    module: str  # 01_tensor
    student: str
    notebook: bytes
    earlier: dict[str, str]  # the modules before this one: name -> source
    key: str  # a digest of all that the marks depend on
    seed: int = 0
    sandboxed: bool = True
    engine: str = TITO

    def __repr__(self) -> str:
        return f"Job({self.module}, {self.student})"


@dataclass
class Result:
    """What came of it: the report on each exercise, or why there is none."""

    student: str
    module: str
    key: str  # empty where the submission is not at fault: whatever else failed may go well the next time
    problem: str = ""  # why it could not be graded
    report: dict[str, Any] | None = None
    seconds: float = 0  # of wall time,
    cpu: float = 0  # and of processor time, with the student's process

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Result:
        data = json.loads(text)
        if data.pop("schema") != SCHEMA:
            raise ValueError(f"not a {SCHEMA}")
        return cls(**data)

    @property
    def found(self) -> Report:
        return Report.from_json(self.report)


class NotGradable(TitoError):
    """A submission from which no mark can be made: the file is not a notebook, say."""


def module_of(workspace: str, name: str) -> Module:
    """The module, in the course that lies in this folder, or else in the one that this machine's tito lies in."""
    folder = Path(workspace)
    return (Workspace.find(folder) if folder.is_dir() else Workspace.find()).module(name)


def submitted_cells(notebook: bytes, shown: str) -> list[Cell]:
    """The cells of a submission. Raises NotGradable if it is not a notebook."""
    if len(notebook) > LARGEST:
        raise NotGradable(f"{shown} has {len(notebook) >> 20} MB; a notebook has {LARGEST >> 20} MB at most.")
    try:
        cells = read_cells(parsed(notebook, shown), shown)
    except TitoError as error:
        raise NotGradable(str(error)) from None
    code = sum(len(cell.source) for cell in cells if cell.kind != "markdown")
    if code > LARGEST_CODE:  # Python needs a hundred times as much memory to read it
        raise NotGradable(f"{shown} has {code >> 10} KB of code; a notebook has {LARGEST_CODE >> 10} KB at most.")
    return cells


def contents(path: Path, most: int = LARGEST + 1) -> bytes:
    """Read the first bytes of a file that was handed in. A link, a pipe or a folder in its place holds nothing."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return b""
    try:
        regular = stat.S_ISREG(os.fstat(handle).st_mode)
        with open(handle, "rb", closefd=False) if regular else contextlib.nullcontext() as file:
            return file.read(most) if file else b""
    finally:
        os.close(handle)


def parsed(notebook: bytes, shown: str) -> dict:
    """A notebook that a student, or the student's code, has written. Raises TitoError if it is none."""
    found = parse_json(notebook, shown)
    if _deeper(found, DEEPEST):
        raise TitoError(f"{shown} is not a notebook: it is nested too deeply.")
    return found


def _deeper(value: Any, levels: int) -> bool:
    """Whether lists and dicts are nested deeper than this."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(item, levels - 1) for item in inner if isinstance(item, dict | list))


def timestamp(notebook: Path) -> datetime | None:
    """When a notebook was handed in (UTC, without a time zone, as nbgrader keeps it), from the timestamp.txt beside it."""
    return utc(contents(notebook.with_name("timestamp.txt"), 100).decode(errors="replace").strip())


def utc(text: str) -> datetime | None:
    """A time as nbgrader writes it, `2026-11-28 10:11:12.000000 CET`, in UTC and without a time zone.

    None if it is no time, or in a zone that nobody knows here: an hour that is off by three is worse than none.
    """
    from dateutil import tz
    from nbgrader.utils import parse_utc

    text = re.sub(r" ([+-]\d\d):?(\d\d)?$", lambda found: f"{found[1]}:{found[2] or '00'}", text)
    zone = re.search(r"\d (?!Z$|[AP]M$)([A-Za-z][\w/+-]*)$", text)
    try:
        return parse_utc(text) if not zone or tz.gettz(zone[1]) else None
    except (ArithmeticError, LookupError, TypeError, ValueError):  # what dateutil raises for what is no date
        return None


def conditions(module: Module, seed: int) -> str:
    """A digest of what the marks of every submission depend on: tests, the notebook handed out, checker and seed."""
    import tito

    shelves = Workspace(module.root).shelves.rglob("*.py")
    files = [*sorted(shelves), *sorted(module.tests.glob("**/test_*.py")), *sorted(module.original.iterdir())]
    home = Path(tito.__file__).parent
    files += [*sorted((home / "checker").glob("*.py")), *(home / f"{name}.py" for name in READING)]
    return digest(*(path.read_text(encoding="utf-8") for path in files), str(seed))
