"""The one checker: run a module's tests against a student's cells and say what happened.

The notebook, `tito check`, the grader and the course's own tests all come here. The cells are exported to a temporary
package, a child process holds it, and pytest runs here, in the process that is trusted.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tito.checker import bytecode, mistakes
from tito.checker.judge import cannot_run, judge
from tito.checker.process import Launcher
from tito.checker.repair import import_what_runs
from tito.checker.report import Outcome, Report
from tito.errors import TitoError
from tito.export import Source
from tito.submission import Submission
from tito.workspace import Module, Workspace

if TYPE_CHECKING:
    from tito.checker.bridge import Bridge

SEARCHING = 1.5
TOGETHER_IMPORTING, TOGETHER = 40, 120  # seconds in which all that is imported, and all tests, must be done


@dataclass(frozen=True)
class Request:
    """What is to be checked, and how."""

    module: Module
    submission: Submission
    only: Collection[str] = ()  # exercises; none means all of them
    earlier: Path | None = None  # the package with the modules before this one: by default the workspace's own
    seed: int = mistakes.SEEDS[0]  # where the tests' random numbers start; students always get this one
    recognising: tuple[int, ...] = mistakes.SEEDS  # with which a mistake is recognised
    searching: float = SEARCHING  # seconds in which the line is looked for with a mistake that nothing else explains
    launcher: Launcher | None = None  # starts the student's process, in a sandbox for one
    hidden: bool = False  # whether hidden tests count too

    @property
    def names(self) -> list[str]:
        return [name for name in self.submission.handed_out.exercises if not self.only or name in self.only]

    def tests(self) -> dict[str, list[Path]]:
        """Find the test files of each exercise. Raises TitoError if one is not there."""
        found = {name: self.module.tests_of(name, self.hidden) for name in self.names}
        for name, (path, *_) in found.items():
            if not path.is_file():
                shown = Workspace(self.module.root).shown(path)
                raise TitoError(f"{shown} is not there: exercise {name} cannot be checked without its tests.")
        return found


def check(request: Request) -> Report:
    """Check the exercises as a submission answers them. Raises TitoError if nothing can be checked."""
    from tito.checker.bridge import Bridge

    module, submission, tests = request.module, request.submission, request.tests()
    with tempfile.TemporaryDirectory(prefix="tito-") as folder:
        parent = Path(folder)
        with Bridge(parent, request.launcher) as bridge:  # its process takes as long to start as what comes first here
            from tito.checker.runner import run_tests

            _copy_given(request, parent / "tinytorch")
            bridge.end = time.monotonic() + TOGETHER_IMPORTING
            source, problems, left_out = import_what_runs(module, submission, bridge)
            runnable = [name for name in request.names if name in submission.answers and name not in problems]
            bridge.end = time.monotonic() + TOGETHER
            outcomes = run_tests([tests[name][0] for name in runnable], bridge, request.seed)
            failed = [name for name in runnable if not submission.blank(name) and not _all_pass(outcomes.get(name, []))]
            explained = _explained(request, failed, source, bridge, outcomes) if failed else {}
            if hidden := [path for name in runnable for path in tests[name][1:]]:
                bridge.start()  # a process of their own, and the last: nothing that they send can be told to anybody
                more = run_tests(hidden, bridge, request.seed)
                outcomes = {name: outcomes.get(name, []) + more.get(name, []) for name in runnable}
        package = parent / "tinytorch"
        found = {name: judge(submission, name, outcomes.get(name, []), source, package) for name in runnable}
    for name, (sentence, cases) in explained.items():
        found[name].mistake, found[name].cases = sentence, cases
    unjudged = {name: cannot_run(module, submission, name, problems) for name in request.names if name not in found}
    return Report(module.key, [(found | unjudged)[name] for name in request.names], left_out, submission.notes)


def _explained(
    request: Request, failed: list[str], source: Source, bridge: Bridge, outcomes: dict[str, list[Outcome]]
) -> dict[str, tuple[str, list]]:
    """Say of the exercises that failed what mistake was made, and what happened in each case under each of the seeds."""
    from tito.checker import nearly
    from tito.checker.runner import run_tests

    tests = {name: paths[0] for name, paths in request.tests().items()}
    # what did not answer would take its time again, and is not asked with another seed
    again = [name for name in failed if not any(outcome.unanswered for outcome in outcomes.get(name, []))]
    runs = [
        outcomes if seed == request.seed else run_tests([tests[name] for name in again], bridge, seed)
        for seed in request.recognising
    ]
    known, explained = mistakes.read(request.module), {}
    for name in failed:
        answer, those = request.submission.answers[name], [run.get(name, []) for run in runs]
        cases = mistakes.placed(those, source)
        sentence = mistakes.explain(name, those, cases, answer, source, known)
        if request.searching and not request.hidden and not sentence and name in again and name == failed[0]:
            sentence = nearly.sentence(
                answer, source, tests[name], bridge, those[0], request.recognising, request.searching
            )
        explained[name] = sentence or mistakes.explain_most(those), cases
    return explained


def _all_pass(outcomes: list[Outcome]) -> bool:
    return bool(outcomes) and all(outcome.passed for outcome in outcomes)


def _copy_given(request: Request, to: Path) -> None:
    """Copy what is there before this module: those that come before it, as they were exported, and the shelves."""
    workspace = Workspace(request.module.root)
    to.mkdir()
    for shelf in workspace.shelves.rglob("*.py"):
        bytecode.copy(shelf, to / shelf.relative_to(workspace.shelves))
    for other in workspace.modules:
        path = (request.earlier or workspace.package) / f"{other.name}.py"
        if other.key < request.module.key:
            if not path.is_file():
                shown = workspace.shown(path)
                raise TitoError(
                    f"{shown} is not there, and {request.module} builds on it: `tito export {other.number}`."
                )
            bytecode.copy(path, to / path.name, compiled=not request.hidden)  # graded, it may be a student's
