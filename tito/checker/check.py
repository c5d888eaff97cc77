"""The one checker: run a module's tests against a student's cells and say what happened.

The notebook, `tito check`, the grader and the course's own tests all come here. The cells are exported to a temporary
package, a child process holds it, and pytest runs here, in the process that is trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tito.checker import report
from tito.checker.process import Wrapper
from tito.checker.report import PRINT_OF_PASSED, Exercise, Outcome, Report
from tito.errors import CellError, TitoError, visible
from tito.export import Source, assemble, write_package
from tito.notebook import Cell, Original, binds, needs, read_answers
from tito.workspace import Module, Workspace

KNOWN_SEED = 0  # with which known mistakes are recognised
TOGETHER_IMPORTING, TOGETHER = 40, 120  # seconds in which all that is imported, and all tests, must be done


class CannotImport(TitoError):
    """The package cannot be imported, and nothing tells which cell is at fault: the process ended, say."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"the package exported from {where} cannot be imported: {problem}")
        self.problem = problem


def check(
    workspace: Workspace,
    module: Module,
    original: Original,
    cells: list[Cell],
    only: Iterable[str] | None = None,
    *,
    where: str = "",
    earlier: Path | None = None,
    seed: int = 0,
    wrap: Wrapper | None = None,
    graded: bool = False,
) -> Report:
    """Check the exercises named in `only` (all of them by default) as `cells` answer them.

    `where` names the notebook in messages. Modules before this one come from the package folder `earlier`, by default
    the workspace's own. `seed` is where the tests' random numbers start; students always get 0, as the known mistakes did
    when they were written down. `wrap` puts the student's process into a sandbox. Raises TitoError if nothing can be
    checked. A cell that the student added and that cannot run is such a case, unless it is to be `graded`: then it is
    left out, the rest gets its marks, and hidden tests count too.
    """
    where = where or workspace.shown(module.notebook)
    names = [name for name in original.exercises if only is None or name in set(only)]
    found = {name: Exercise(name, original.exercises[name].points) for name in names}
    tests = {name: module.tests_of(name, hidden=graded) for name in names}
    for name, (path, *_) in tests.items():
        if not path.is_file():
            raise TitoError(
                f"{workspace.shown(path)} is not there: exercise {name} cannot be checked without its tests."
            )
    cells = [replace(cell) for cell in cells]
    missing = read_answers(cells, original, where)
    known = {name for cell in cells if missing and cell.kind == "code" for name in binds(cell.source)}
    order = {name: number for number, name in enumerate(original.exercises)}
    for name in missing:
        blank = replace(original.exercises[name].blank, label="a blank")
        if needs(blank.source) <= known:  # in a notebook, its class may not have been run yet
            after = [n for n, cell in enumerate(cells) if cell.exercise and order[cell.exercise] > order[name]]
            cells.insert(after[0] if after else len(cells), blank)
            known |= binds(blank.source)
        _cannot_run(
            found,
            name,
            report.MISSING,
            f"Its cell is missing from {where}. `tito reset {module.number} {name}` puts it back.",
        )
    with tempfile.TemporaryDirectory(prefix="tito-") as folder:
        parent = Path(folder)
        _copy_earlier(workspace, module, earlier or workspace.package, parent / "tinytorch")
        source = Source()
        from tito.checker.bridge import Bridge
        from tito.checker.runner import run

        with Bridge(parent, wrap) as bridge:
            bridge.end = time.monotonic() + TOGETHER_IMPORTING

            def export_and_import(cells: list[Cell]) -> Source:
                source = assemble([cell for cell in cells if cell.exported or cell.exercise], where)
                order = [other.name for other in workspace.modules]
                write_package(parent / "tinytorch", module.name, source, order, sync=False)
                _import(bridge, module, source, where)
                return source

            left_out: list[str] = []
            while True:
                try:
                    source = export_and_import(cells)
                    break
                except CellError as error:
                    broken = error
                except CannotImport as error:
                    broken = _culprit(cells, original, export_and_import, where, error) if graded else None
                    if broken is None:
                        raise
                if broken.exercise and _replace_by_blank(cells, original, broken.exercise):
                    _cannot_run(found, broken.exercise, report.BROKEN, str(broken))
                elif graded and _leave_out(cells, original, broken.place):
                    left_out.append(str(broken))
                else:
                    raise broken
            runnable = [name for name in names if found[name].status not in (report.MISSING, report.BROKEN)]
            bridge.end = time.monotonic() + TOGETHER
            outcomes = run([path for name in runnable for path in tests[name]], seed)
            for name in runnable:
                _judge(found[name], outcomes.get(tests[name][0].name, []), module, source)
                if found[name].status == report.FAILED and _untouched(cells, original, name):
                    found[name].status = report.BLANK
            failed = [name for name in runnable if found[name].status == report.FAILED]
            as_known = outcomes if seed == KNOWN_SEED else run([tests[name][0] for name in failed], KNOWN_SEED)
    mistakes = _known_mistakes(module)
    for name in failed:
        found[name].mistake = recognise(fingerprint(as_known.get(tests[name][0].name, [])), mistakes.get(name, {}))
    return Report(module.key, list(found.values()), left_out)


def _cannot_run(found: dict[str, Exercise], name: str, status: str, problem: str) -> None:
    if name in found:
        found[name].status, found[name].problem = status, visible(problem)


def _untouched(cells: list[Cell], original: Original, exercise: str) -> bool:
    blank = original.exercises[exercise].blank.source.strip()
    return any(cell.exercise == exercise and cell.source.strip() == blank for cell in cells)


def _copy_earlier(workspace: Workspace, module: Module, package: Path, to: Path) -> None:
    """The modules that come before this one, as they were exported."""
    to.mkdir()
    for other in workspace.modules:
        path = package / f"{other.name}.py"
        if other.key < module.key:
            if not path.is_file():
                raise TitoError(
                    f"{workspace.shown(path)} is not there, and {module} builds on it: `tito export {other.number}`."
                )
            shutil.copyfile(path, to / path.name)


def _replace_by_blank(cells: list[Cell], original: Original, exercise: str) -> bool:
    """Put an exercise back to its blank; whether that changes anything."""
    blank = original.exercises[exercise].blank
    for position, cell in enumerate(cells):
        if cell.exercise == exercise and cell.source != blank.source:
            cells[position] = replace(blank, number=cell.number)
            return True
    return False


def _leave_out(cells: list[Cell], original: Original, place: str) -> bool:
    """Take out the added cell at this place, or, if it is a given one that cannot run, all that were added."""
    given = {cell.source for cell in original.cells}
    added = [cell for cell in cells if cell.exported and not cell.exercise and cell.source not in given]
    out = [cell for cell in added if cell.place == place] or added
    cells[:] = [cell for cell in cells if not any(cell is other for other in out)]
    return bool(out)


def _culprit(cells: list[Cell], original: Original, runs, where: str, error: CannotImport) -> CellError | None:
    """The error of the cell without which the package can be imported, if there is one."""
    for name in ["", *(cell.exercise for cell in cells if cell.exercise)]:
        rest = list(cells)
        if _replace_by_blank(rest, original, name) if name else _leave_out(rest, original, ""):
            with contextlib.suppress(TitoError):
                runs(rest)
                place = next((cell.place for cell in cells if cell.exercise == name), "a cell that was added")
                return CellError(where, place, name, 1, error.problem)
    return None


def _import(bridge, module: Module, source: Source, where: str) -> None:
    """Import the package on the student's side. Raises CellError for the cell in which that fails."""
    from tito.checker import bridge as bridging

    name = f"tinytorch.{module.name}"
    try:
        bridge.begin(limit=10)
        bridging._remote(f"import {name}", "importlib.import_module", name)
    except Exception as error:
        kind = getattr(error, "types", [""])[0]
        problem = f"running it raised {kind}: {error}" if kind else f"running it failed: {error}"
        for file, line, _ in reversed(error.frames):
            place = _place(file, line, module, source)
            if place:
                cell, number = place
                shown = f"    {cell.source.splitlines()[number - 1].strip()}"
                bridge.start()
                raise CellError(where, cell.place, cell.exercise, number, problem, shown) from None
        raise CannotImport(where, problem) from None


def _judge(exercise: Exercise, outcomes: list[Outcome], module: Module, source: Source) -> None:
    """Fill in what the outcomes say about an exercise."""
    for outcome in outcomes:
        holds = exercise.behaviours.get(outcome.behaviour, True)
        exercise.behaviours[outcome.behaviour] = holds and outcome.passed
        if not outcome.passed and exercise.failure is None:
            exercise.failure = outcome
    exercise.status = report.PASSED if outcomes and exercise.failure is None else report.FAILED
    if outcomes:
        exercise.earned = round(exercise.points * exercise.holding / len(exercise.behaviours), 4)
    exercise.fingerprint = fingerprint(outcomes)
    if exercise.failure:
        _locate(exercise.failure, exercise.name, module, source)


def fingerprint(outcomes: list[Outcome]) -> str:
    """What happened in every case of every test that is not hidden, by which a known mistake is recognised."""
    return " ".join(outcome.print_of for outcome in outcomes if outcome.print_of)


def recognise(fingerprint: str, known: dict[str, str]) -> str:
    """The sentence of the known mistake, in `{fingerprint: sentence}`, that this looks like, or nothing.

    The same cases fail, and they fail in the same way, but for one in four, or one: a number may come out otherwise on
    another machine or from another seed. Of several the closest counts. If two are as close, none does.
    """
    found, nearest = fingerprint.split(), {}
    failed = sum(case != PRINT_OF_PASSED for case in found)
    for other, sentence in known.items():
        cases = other.split()
        if [case == PRINT_OF_PASSED for case in cases] != [case == PRINT_OF_PASSED for case in found]:
            continue
        differ = sum(mine != theirs for mine, theirs in zip(found, cases))
        if differ < failed and differ <= max(1, failed // 4):
            nearest.setdefault(differ, set()).add(sentence)
    closest = nearest[min(nearest)] if nearest else set()
    return closest.pop() if len(closest) == 1 else ""


def _place(file: str, line: int, module: Module, source: Source) -> tuple[Cell, int] | None:
    """The cell of this module, and the line in it, that a line of the package came from; None if it is another module's."""
    return source.cell_at(line) if file == os.path.join("tinytorch", f"{module.name}.py") else None


def _locate(outcome: Outcome, exercise: str, module: Module, source: Source) -> None:
    """Say where in the notebook it happened: the innermost line of the exercise, or else of anything in it."""
    places = [place for file, line in outcome.frames if (place := _place(file, line, module, source))]
    own = [place for place in places if place[0].exercise == exercise]
    if places:
        cell, number = (own or places)[-1]
        text = cell.source.splitlines()[number - 1].strip()
        named = f"exercise {cell.exercise}" if cell.exercise else "a given cell"
        outcome.where = visible(f"at {cell.place}, {named}, line {number}:  {text}")


def _known_mistakes(module: Module) -> dict[str, dict[str, str]]:
    """For each exercise, the sentence that goes with each fingerprint."""
    try:
        return json.loads((module.original / "mistakes.json").read_text(encoding="utf-8"))["mistakes"]
    except (OSError, ValueError, KeyError):
        return {}
