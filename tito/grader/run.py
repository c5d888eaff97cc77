"""A run: which submissions need grading, and how what is found gets into the gradebook, so that nothing is done twice.

Each result goes into the gradebook as soon as it is there, with its key: a digest of all that the marks depend on.
Stopped anywhere, the next run takes up what is left. What the machine was at fault for has no key, and is kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tito.errors import TitoError
from tito.grader.course import GradingCourse
from tito.grader.job import TITO, Job, Result, conditions, contents, submitted_cells, timestamp
from tito.grader.late import keep_penalties
from tito.grader.ledger import current, submitted
from tito.grader.marks import Writer
from tito.grader.pool import Grader
from tito.notebook import digest, handed_out
from tito.submission import match
from tito.workspace import Module


@dataclass
class Plan:
    """The submissions of a module: what must be graded, and what only has to be written down."""

    jobs: list[Job]
    unrecorded: list[Result]  # graded before; but when it was handed in, the gradebook has otherwise


def plan(
    course: GradingCourse,
    module: Module,
    *,
    own: bool = False,
    again: bool = False,
    only: Iterable[str] = (),
    seed: int | None = None,
    sandboxed: bool = True,
    engine: str = TITO,
) -> Plan:
    """Find out what there is to do, for the students in `only` or for all.

    With `own`, earlier modules are the student's own and not the reference. `again` is also for what has not changed.
    `seed`, where random inputs start, is the course's own by default.
    """
    found = Plan([], [])
    seed = course.seed if seed is None else seed
    before_it = {} if own else reference(course, module)
    common = conditions(module, seed) + engine
    handed_in = course.handed_in(module)
    if unknown := set(only) - set(handed_in):
        raise TitoError(f"{', '.join(sorted(unknown))}: nothing of {module} has been collected under that id.")
    known = current(course, module)
    for student in sorted(only) or handed_in:
        notebook = submitted(course, module, student)
        earlier = _own(course, module, student) if own else before_it
        key = digest(common, notebook.decode("latin-1"), json.dumps(earlier, sort_keys=True))
        before = known.get(student)
        if before and before.result.key == key and not again:
            if before.handed_in != str(timestamp(course.submitted(module, student)) or ""):
                found.unrecorded.append(before.result)
            continue
        workspace = str(course.workspace.root)
        found.jobs.append(Job(workspace, module.key, student, notebook, earlier, key, seed, sandboxed, engine))
    return found


def run(course: GradingCourse, module: Module, todo: Plan, grader: Grader, on_result: Callable[[Result], None]) -> None:
    """Have the jobs graded, and write each result to the gradebook when it comes. `on_result` hears of it then."""
    notebooks = {job.student: job.notebook for job in todo.jobs}
    with course.gradebook() as gradebook:
        writer = Writer(course, module, handed_out(module), gradebook)
        for result in todo.unrecorded:
            writer.write(result, submitted(course, module, result.student))
        for result in grader(todo.jobs):
            if result.key:
                writer.write(result, notebooks[result.student])
            on_result(result)
    keep_penalties(course, module)


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
                submission = match(submitted_cells(contents(path), path.name), handed_out(other), path.name)
                sources[other.name] = assemble(submission.exported, path.name, other.name).text
            except TitoError:
                continue
    return sources
