"""One submission, graded: a pure function of the notebook, the course's tests and a seed. Runs in a worker.

What counts is what the course handed out, with the student's answers in it: given cells, points and tests are the
course's own, whatever the submission says they are.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import stat
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tito.checker.check import Request, check
from tito.checker.process import Launcher
from tito.checker.repair import CannotImport
from tito.checker.report import Report
from tito.errors import CellError, TitoError, visible
from tito.grader.limits import PATIENCE, OutOfTime, within
from tito.notebook import Cell, digest, handed_out, parse_json, read_cells
from tito.submission import match
from tito.workspace import Module, Workspace

SCHEMA = "tito.grade/1"
TITO, NBGRADER = "tito", "nbgrader"  # engines
LARGEST, LARGEST_CODE = 20 << 20, 256 << 10  # bytes of a notebook, and characters of its code
READING = ("notebook", "submission", "syntax", "export")  # what of tito, beside the checker, decides on marks
DEEPEST = 50  # levels of lists and dicts in a notebook
LARGEST_RESULT, LONGEST, LONGEST_PROBLEM = 1 << 20, 10_000, 1_000  # bytes of a result, characters of a text in it


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


def grade(job: Job, launcher: Launcher | None = None) -> Result:
    """Grade a submission. Whatever goes wrong becomes a Result. `launcher` is another than ours."""
    began, used = time.monotonic(), _cpu()
    result = Result(job.student, job.module, job.key)
    try:
        with within(PATIENCE):
            result.report = _fit(_found(job, launcher).to_json())
        if len(result.to_json().encode()) > LARGEST_RESULT:
            raise NotGradable("what came of it is too large to be kept.")
    except (NotGradable, CellError, CannotImport) as error:
        result.report, result.problem = None, str(error)
    except OutOfTime:  # on a busy machine it may be the machine's doing
        result.key, result.report, result.problem = "", None, f"it was not graded within {PATIENCE:g} s."
    except TitoError as error:
        result.key, result.report, result.problem = "", None, str(error)
    except Exception as error:  # one submission must not stop the others, whatever is in it
        result.key, result.report, result.problem = "", None, f"{type(error).__name__}: {error}"
    result.problem = _fit(result.problem[:LONGEST_PROBLEM])
    result.seconds, result.cpu = round(time.monotonic() - began, 3), round(_cpu() - used, 3)
    return result


def _fit(value: Any) -> Any:
    """What a worker found, with every text cut and cleaned, so that it can be kept whatever the student's code has said."""
    if isinstance(value, str):
        return visible(value if len(value) <= LONGEST else value[:LONGEST] + " …")
    if isinstance(value, dict):
        return {key: _fit(item) for key, item in value.items()}
    return [_fit(item) for item in value] if isinstance(value, list | tuple) else value


def _found(job: Job, launcher: Launcher | None) -> Report:
    """Have it graded by the engine that is asked for."""
    if job.engine == NBGRADER:
        from tito.grader.nbgrader_engine import autograde

        return autograde(job)
    from tito.grader.sandbox import Limited, sandbox

    module = module_of(job.workspace, job.module)
    where = f"{module.name}.ipynb"
    submission = match(submitted_cells(job.notebook, where), handed_out(module), where)
    with tempfile.TemporaryDirectory(prefix="tito-earlier-") as folder:
        earlier = Path(folder)
        for name, source in job.earlier.items():
            (earlier / f"{name}.py").write_text(source, encoding="utf-8")
        launcher = launcher or (sandbox() if job.sandboxed else Limited())
        return check(Request(module, submission, earlier=earlier, seed=job.seed, launcher=launcher, hidden=True))


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


def conditions(module: Module, seed: int) -> str:
    """A digest of what the marks of every submission depend on: tests, the notebook handed out, checker and seed."""
    import tito

    shelves = Workspace(module.root).shelves.rglob("*.py")
    files = [*sorted(shelves), *sorted(module.tests.glob("**/test_*.py")), *sorted(module.original.iterdir())]
    home = Path(tito.__file__).parent
    files += [*sorted((home / "checker").glob("*.py")), *(home / f"{name}.py" for name in READING)]
    return digest(*(path.read_text(encoding="utf-8") for path in files), str(seed))


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)
