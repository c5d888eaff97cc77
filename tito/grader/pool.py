"""Grading on this machine: jobs go to worker processes, and one that is killed takes nothing else along."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from tito.grader.job import Job, Result
from tito.grader.limits import GRACE, PATIENCE, bound_memory, or_end
from tito.grader.worker import grade

SCRATCH = "tito-grade-"  # how the temporary folder of a run is named, followed by its process id
Grader = Callable[[list[Job]], Iterator[Result]]  # runs jobs, and gives results as they come


def local_pool(workers: int) -> Grader:
    """A grader with this many worker processes on this machine."""

    def grade_all(jobs: list[Job]) -> Iterator[Result]:
        _tidy()
        with tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-") as scratch:
            left = {job.student: job for job in jobs}
            while left:
                begun: list[Job] = []
                try:
                    for result in _in_pool(list(left.values()), workers, scratch, begun):
                        del left[result.student]
                        yield result
                except BrokenProcessPool:  # a worker was killed: find out one at a time whose fault it was
                    for job in [job for job in begun if job.student in left]:
                        del left[job.student]
                        yield _alone(job, scratch)

    return grade_all


def _tidy() -> None:
    """Remove the temporary folders of runs that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*") if os.name == "posix" else ():
        process = path.name.removeprefix(SCRATCH).partition("-")[0]
        if process.isdecimal() and path.lstat().st_uid == os.getuid() and not _runs(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _alone(job: Job, scratch: str) -> Result:
    """Grade a job in a worker of its own. It has no key if that was killed too: the next run tries again."""
    try:
        return next(_in_pool([job], 1, scratch, []))
    except BrokenProcessPool:
        return Result(job.student, job.module, "", problem="the process that graded it was killed, twice")


def _in_pool(jobs: list[Job], workers: int, scratch: str, begun: list[Job]) -> Iterator[Result]:
    """Grade jobs in worker processes; `begun` lists those that have been given to one."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(jobs)), context, _start_worker, (scratch,))
    queue = iter(jobs)

    def submit(count: int) -> set[Future]:
        some = list(islice(queue, count))
        begun.extend(some)
        return {pool.submit(_from_file, grade, _spool(job, scratch)) for job in some}

    try:
        running = submit(2 * workers)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                running |= submit(1)
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _spool(job: Job, scratch: str) -> str:
    """Put a job into a file, and give its path: a large job in the pool's own pipe would block it when a worker is lost."""
    fields = {**asdict(job), "notebook": job.notebook.decode("latin-1")}
    path = Path(scratch) / f"{job.student}.job"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return str(path)


def _from_file(grade: Callable[[Job], Result], path: str) -> Result:
    fields = json.loads(Path(path).read_text(encoding="utf-8"))
    with or_end(PATIENCE + GRACE):
        return grade(Job(**{**fields, "notebook": fields["notebook"].encode("latin-1")}))


def _start_worker(scratch: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tempfile.tempdir = scratch  # what a killed worker leaves, the parent clears away
    import pytest  # noqa: F401  once for all submissions

    bound_memory()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
