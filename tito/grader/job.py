"""One submission, graded: a pure function of the notebook, the course's tests and a seed. Runs in a worker.

What counts is what the course handed out, with the student's answers in it: given cells, points and tests are the
course's own, whatever the submission says they are.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tito.checker.check import check
from tito.checker.report import Report
from tito.errors import TitoError
from tito.notebook import Cell, Original, digest, read_cells, read_original
from tito.workspace import Module, Workspace

SCHEMA = "tito.grade/1"
LARGEST = 20 << 20  # bytes of a notebook


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

    def __repr__(self) -> str:
        return f"Job({self.module}, {self.student})"


@dataclass
class Result:
    """What came of it: the report on each exercise, or why there is none."""

    student: str
    module: str
    key: str
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


def grade(job: Job) -> Result:
    """Grade a submission. Whatever is wrong with it becomes a Result."""
    began, used = time.monotonic(), _cpu()
    result = Result(job.student, job.module, job.key)
    try:
        result.report = _grade(job).to_json()
    except TitoError as error:
        result.problem = str(error)
    except RecursionError:
        result.problem = "the notebook is nested too deeply to be read"
    result.seconds, result.cpu = round(time.monotonic() - began, 3), round(_cpu() - used, 3)
    return result


def _grade(job: Job) -> Report:
    from tito.grader.sandbox import wrapper

    workspace = Workspace.find(Path(job.workspace)) if Path(job.workspace).is_dir() else Workspace.find()
    module = workspace.module(job.module)
    original = read_original(module.original, module.name, str(module.original))
    cells = answers(submitted_cells(job.notebook, f"{module.name}.ipynb"), original)
    with tempfile.TemporaryDirectory(prefix="tito-earlier-") as folder:
        earlier = Path(folder)
        for name, source in job.earlier.items():
            (earlier / f"{name}.py").write_text(source, encoding="utf-8")
        return check(
            workspace,
            module,
            original,
            cells,
            where=f"{module.name}.ipynb",
            earlier=earlier,
            seed=job.seed,
            wrap=wrapper() if job.sandboxed else None,
        )


def submitted_cells(notebook: bytes, shown: str) -> list[Cell]:
    """The cells of a submission. Raises TitoError if it is not a notebook."""
    from tito.notebook import parse_json

    if len(notebook) > LARGEST:
        raise TitoError(f"{shown} has {len(notebook) >> 20} MB; a notebook has {LARGEST >> 20} MB at most.")
    return read_cells(parse_json(notebook, shown), shown)


def answers(submitted: list[Cell], original: Original) -> list[Cell]:
    """The notebook that was handed out, with what the student wrote.

    An exercise is answered by the last cell that bears its mark. Where the mark is gone, the checker finds the answer by
    the name it defines. Cells that the student added and marked for export stand before the cell they stood before.
    """
    known = {cell.grade_id: cell for cell in original.cells if cell.grade_id and cell.kind == "code"}
    last = {cell.grade_id: n for n, cell in enumerate(submitted) if cell.grade_id in known}
    answered: dict[str, Cell] = {}
    added: dict[str, list[Cell]] = {}  # what stands before each known cell
    waiting: list[Cell] = []
    for n, cell in enumerate(submitted):
        mark = cell.grade_id
        if mark in known and last[mark] == n:
            added.setdefault(mark, []).extend(waiting)
            waiting = []
            if known[mark].solution:
                answered[mark] = replace(cell, kind="code", solution=True)
        elif cell.kind == "code" and not (mark in known and not known[mark].solution):
            waiting.append(replace(cell, grade_id="", solution=False))
    cells = []
    for mark, own in known.items():
        cells += added.get(mark, [])
        if not own.solution:
            cells.append(replace(own, number=0))
        elif mark in answered:
            cells.append(answered[mark])
    return cells + waiting


def conditions(module: Module, seed: int) -> str:
    """A digest of what the marks of every submission depend on: tests, the notebook handed out, checker and seed."""
    import tito

    files = [*sorted(module.tests.glob("test_*.py")), *sorted(module.original.iterdir())]
    files += sorted((Path(tito.__file__).parent / "checker").glob("*.py"))
    return digest(*(path.read_text(encoding="utf-8") for path in files), str(seed))


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)
