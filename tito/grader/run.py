"""A run: which submissions need grading, who grades them, and what is kept so that nothing is done twice.

Each result is kept in a file of its own as soon as it is there, under a key: a digest of all that the marks depend on.
The gradebook follows. Stopped anywhere, the next run takes up what is left.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from tito.errors import TitoError
from tito.grader.course import GradingCourse
from tito.grader.job import LARGEST, TITO, Job, Result, conditions, grade, submitted_cells
from tito.grader.marks import Writer, timestamp
from tito.notebook import digest, handed_out
from tito.submission import match
from tito.workspace import Module, write

SCRATCH = "tito-grade-"  # how the temporary folder of a run is named, followed by its process id
Grader = Callable[[list[Job]], Iterator[Result]]  # runs jobs, and gives results as they come


@dataclass
class Plan:
    """The submissions of a module: what must be graded, and what only has to be written down."""

    jobs: list[Job]
    fresh: list[Result]  # graded before, and nothing has changed since
    unrecorded: list[Result]  # of these, those that the gradebook does not have yet


def plan(
    course: GradingCourse,
    module: Module,
    *,
    own: bool = False,
    again: bool = False,
    seed: int | None = None,
    sandboxed: bool = True,
    engine: str = TITO,
) -> Plan:
    """Find out what there is to do. With `own`, earlier modules are the student's own and not the reference.

    `seed`, where random inputs start, is the course's own by default.
    """
    found = Plan([], [], [])
    seed = course.seed if seed is None else seed
    before_it = {} if own else reference(course, module)
    recorded = _recorded(course, module)
    common = conditions(module, seed) + engine
    for student in course.handed_in(module):
        notebook = course.submitted(module, student).read_bytes()[: LARGEST + 1]
        earlier = _own(course, module, student) if own else before_it
        its_key = digest(common, notebook.decode("latin-1"), json.dumps(earlier, sort_keys=True))
        before = _kept(course, module, student)
        if before and before.key == its_key and not again:
            found.fresh.append(before)
            if recorded.get(student) != _entry(course, module, before):
                found.unrecorded.append(before)
            continue
        workspace = str(course.workspace.root)
        found.jobs.append(Job(workspace, module.key, student, notebook, earlier, its_key, seed, sandboxed, engine))
    return found


def run(course: GradingCourse, module: Module, todo: Plan, grader: Grader, on_result: Callable[[Result], None]) -> None:
    """Have the jobs graded, keep what comes back, and write it to the gradebook. `on_result` hears of each."""
    recorded = _recorded(course, module)
    with course.gradebook() as gradebook:
        writer = Writer(course, module, handed_out(module), gradebook)

        def record(results: Iterable[Result]) -> None:
            for result in results:
                writer.write(result, course.submitted(module, result.student).read_bytes())
                recorded[result.student] = _entry(course, module, result)
            write(_ledger(course, module), json.dumps(recorded, indent=0, sort_keys=True), sync=False)

        if todo.unrecorded:
            record(todo.unrecorded)
        waiting: list[Result] = []
        last = time.monotonic()
        try:
            for result in grader(todo.jobs):
                keep(course, module, result)
                on_result(result)
                waiting.append(result)
                if time.monotonic() - last > 1:
                    record(waiting)
                    waiting, last = [], time.monotonic()
        finally:
            record(waiting)


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
    return grade(Job(**{**fields, "notebook": fields["notebook"].encode("latin-1")}))


def _start_worker(scratch: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tempfile.tempdir = scratch  # what a killed worker leaves, the parent clears away
    import pytest  # noqa: F401  once for all submissions


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


# What is kept.
def keep(course: GradingCourse, module: Module, result: Result) -> None:
    write(course.results(module) / f"{result.student}.json", result.to_json() + "\n", sync=False)


def _kept(course: GradingCourse, module: Module, student: str) -> Result | None:
    """What was found in an earlier run; None if nothing was, or it cannot be read."""
    try:
        return Result.from_json((course.results(module) / f"{student}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def results(course: GradingCourse, module: Module) -> dict[str, Result]:
    """All results that are kept for a module, by student."""
    found = {path.stem: _kept(course, module, path.stem) for path in sorted(course.results(module).glob("*.json"))}
    return {student: result for student, result in found.items() if result}


def _ledger(course: GradingCourse, module: Module) -> Path:
    """Which results the gradebook has: student -> its key, and when it was handed in."""
    return course.results(module).with_suffix(".recorded.json")


def _entry(course: GradingCourse, module: Module, result: Result) -> str:
    return f"{result.key} {timestamp(course.submitted(module, result.student)) or ''}".strip()


def _recorded(course: GradingCourse, module: Module) -> dict[str, str]:
    try:
        return json.loads(_ledger(course, module).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


# Earlier modules.
def reference(course: GradingCourse, module: Module) -> dict[str, str]:
    """The modules before this one, made from the answers."""
    from tito.author.lesson import Lesson

    return {other.name: Lesson(other).source().text for other in course.workspace.lessons if other.key < module.key}


def _own(course: GradingCourse, module: Module, student: str) -> dict[str, str]:
    """The modules before this one, as the student handed them in; one that cannot be read is left out."""
    from tito.export import assemble

    sources = {}
    for other in course.workspace.modules:
        path = course.submitted(other, student)
        if other.key < module.key and path.is_file():
            try:
                submission = match(submitted_cells(path.read_bytes(), path.name), handed_out(other), path.name)
                sources[other.name] = assemble(submission.exported, path.name, other.name).text
            except TitoError:
                continue
    return sources


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
