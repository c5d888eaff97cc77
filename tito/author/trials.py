"""Checking many answers at once, each in the place of the author's, on all the processors there are."""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tito.author.lesson import Lesson
from tito.author.nursery import FORKS, Nursery
from tito.checker import mistakes
from tito.checker.check import Request, check
from tito.checker.report import Report, Verdict
from tito.notebook import Cell, CellError, HandedOut, handed_out
from tito.submission import match
from tito.workspace import Module, Workspace


@dataclass(frozen=True)
class Trial:
    """An answer to an exercise of a module, under which seeds it is recognised, and how long its line is looked for."""

    module: Module
    exercise: str
    body: str
    seeds: tuple[int, ...] = mistakes.SEEDS
    searching: float = 0

    def run(self, reference: Path) -> Verdict | None:
        """Check it, with the reference's modules before it; None if its cell cannot be run."""
        lesson = _lesson(self.module)
        cells = lesson.with_answer(self.exercise, self.body)
        for _ in range(2):  # what did not answer in time may do so when the machine is less busy
            try:
                report = check_cells(lesson, cells, reference, [self.exercise], self.seeds, self.searching)
            except CellError:
                return None
            (verdict,) = report.exercises
            if not any("no answer" in case for run in verdict.cases for case in run):
                break
        return verdict


_lesson = functools.cache(Lesson)


def check_cells(
    lesson: Lesson,
    cells: list[Cell],
    reference: Path,
    only: Iterable[str] = (),
    seeds: tuple[int, ...] = mistakes.SEEDS,
    searching: float = 0,
    original: HandedOut | None = None,
) -> Report:
    """Check a lesson's cells, with the reference's modules before it; `original` is other than the whole notebook."""
    module = lesson.module
    submission = match(cells, original or handed_out(module), Workspace(module.root).shown(lesson.path))
    launcher = _nursery(os.getpid())
    return check(Request(module, submission, list(only), reference, seeds[0], seeds, searching, launcher))


@functools.cache
def _nursery(process: int) -> Nursery | None:
    """What starts the student's processes in the process with this number."""
    return Nursery() if FORKS else None


def run_all(trials: list[Trial], reference: Path, workers: int | None = None) -> Iterator[Verdict | None]:
    """Run them, in their order, in so many processes: by default one for each processor."""
    with multiprocessing.Pool(workers) as pool:
        yield from pool.imap(functools.partial(Trial.run, reference=reference), trials, chunksize=4)
