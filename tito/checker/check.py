"""The one checker: run a module's tests against a student's cells and say what happened.

The notebook, `tito check`, the grader and the course's own tests all come here. The cells are exported to a temporary
package, a child process holds it, and pytest runs here, in the process that is trusted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tito.checker import report
from tito.checker.process import Wrapper
from tito.checker.report import Exercise, Outcome, Report
from tito.errors import CellError, TitoError
from tito.export import Source, assemble, parse, write_package
from tito.notebook import Cell, Original, binds, needs, read_answers
from tito.workspace import Module, Workspace


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
) -> Report:
    """Check the exercises named in `only` (all of them by default) as `cells` answer them.

    `where` names the notebook in messages. Modules before this one come from the package folder `earlier`, by default
    the workspace's own. `seed` is where the tests' random numbers start; students always get 0, and so did the known
    mistakes when they were written down: with another seed, one that fails a test with random numbers is failed just the
    same, but may not be recognised. `wrap` puts the student's process into a sandbox. Raises TitoError if nothing can be
    checked.
    """
    where = where or workspace.shown(module.notebook)
    names = [name for name in original.exercises if only is None or name in set(only)]
    found = {name: Exercise(name, original.exercises[name].points) for name in names}
    tests = {name: module.tests / f"test_{name}.py" for name in names}
    for name, path in tests.items():
        if not path.is_file():
            raise TitoError(
                f"{workspace.shown(path)} is not there: exercise {name} cannot be checked without its tests."
            )
    cells = [replace(cell) for cell in cells]
    known = {name for cell in cells if cell.kind == "code" for name in binds(cell.source)}
    order = {name: number for number, name in enumerate(original.exercises)}
    for name in read_answers(cells, original, where):
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

        with Bridge(parent, wrap) as bridge:
            blank = set()  # the exercises that were put back to their blanks, because importing failed in them
            while True:
                source = _assemble(cells, original, where, found)
                write_package(
                    parent / "tinytorch", module.name, source, [m.name for m in workspace.modules], sync=False
                )
                broken = _import(bridge, module, source, where)
                if broken is None:
                    break
                if broken.exercise in blank:
                    raise broken
                blank.add(broken.exercise)
                _replace_by_blank(cells, original, broken.exercise)
                _cannot_run(found, broken.exercise, report.BROKEN, str(broken))
            runnable = [name for name in names if found[name].status not in (report.MISSING, report.BROKEN)]
            outcomes = _run([tests[name] for name in runnable], seed)
    mistakes = _known_mistakes(module)
    for name in runnable:
        _judge(found[name], outcomes.get(tests[name].name, []), source, mistakes.get(name, {}))
        if found[name].status == report.FAILED and _untouched(cells, original, name):
            found[name].status = report.BLANK
    return Report(module.key, list(found.values()))


def _cannot_run(found: dict[str, Exercise], name: str, status: str, problem: str) -> None:
    if name in found:
        found[name].status, found[name].problem = status, problem


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


def _assemble(cells: list[Cell], original: Original, where: str, found: dict[str, Exercise]) -> Source:
    """One source text of all exported cells and exercises; an exercise that is not Python is put back to its blank."""
    for cell in [cell for cell in cells if cell.exercise]:
        try:
            parse(cell, where)
        except CellError as error:
            _replace_by_blank(cells, original, cell.exercise)
            _cannot_run(found, cell.exercise, report.BROKEN, str(error))
    return assemble([cell for cell in cells if cell.exported or cell.exercise], where)


def _replace_by_blank(cells: list[Cell], original: Original, exercise: str) -> None:
    for position, cell in enumerate(cells):
        if cell.exercise == exercise:
            cells[position] = replace(original.exercises[exercise].blank, number=cell.number)


def _import(bridge, module: Module, source: Source, where: str) -> CellError | None:
    """Import the package on the student's side; the exercise cell that fails, if one does. Another's failure is raised."""
    from tito.checker import bridge as bridging

    bridge.begin(limit=10)
    name = f"tinytorch.{module.name}"
    try:
        bridging._remote(f"import {name}", "importlib.import_module", name)
        return None
    except Exception as error:
        kind = getattr(error, "types", [""])[0]
        problem = f"running it raised {kind}: {error}" if kind else f"running it failed: {error}"
        for file, line, _ in reversed(error.frames):
            place = source.cell_at(line) if file == os.path.join("tinytorch", f"{module.name}.py") else None
            if place:
                cell, number = place
                shown = f"    {cell.source.splitlines()[number - 1].strip()}"
                failed = CellError(where, cell.place, cell.exercise, number, problem, shown)
                bridge.start()
                if cell.exercise and cell.source != "":
                    return failed
                raise failed from None
        raise TitoError(f"the package exported from {where} cannot be imported: {problem}") from None


def _run(files: list[Path], seed: int) -> dict[str, list[Outcome]]:
    """Run these test files with pytest, in this process; outcomes by file name."""
    if not files:
        return {}
    with _only_our_plugins():
        import pytest

        from tito.checker.plugin import CheckPlugin

        plugin = CheckPlugin(seed)
        options = ["--import-mode=importlib", "--noconftest", "-s"]
        for unwanted in ("cacheprovider", "terminal", "unraisableexception", "threadexception"):  # the last two take
            options += ["-p", f"no:{unwanted}"]  # as long as the tests: they collect garbage when pytest ends
        rootdir = f"--rootdir={files[0].parent}"
        code = pytest.main([*map(str, files), *options, rootdir, "-c", os.devnull], plugins=[plugin])
    if plugin.errors:
        raise TitoError(f"the tests themselves do not run:\n{plugin.errors[0]}")
    if code not in (0, 1, 5):
        raise (
            KeyboardInterrupt if code == 2 else TitoError(f"the tests could not be run (pytest ended with {int(code)})")
        )
    return plugin.outcomes


@contextlib.contextmanager
def _only_our_plugins() -> Iterator[None]:
    """Keep pytest from loading every plugin of the environment, which takes ten times as long as a check."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _judge(exercise: Exercise, outcomes: list[Outcome], source: Source, mistakes: dict[str, str]) -> None:
    """Fill in what the outcomes say about an exercise."""
    for outcome in outcomes:
        holds = exercise.behaviours.get(outcome.behaviour, True)
        exercise.behaviours[outcome.behaviour] = holds and outcome.passed
        if not outcome.passed and exercise.failure is None:
            exercise.failure = outcome
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if outcomes and not failed:
        exercise.status = report.PASSED
    else:
        exercise.status = report.FAILED
    if outcomes:
        exercise.earned = round(exercise.points * exercise.holding / len(exercise.behaviours), 4)
    exercise.fingerprint = fingerprint(outcomes)
    exercise.mistake = mistakes.get(exercise.fingerprint, "") if failed else ""
    if exercise.failure:
        _locate(exercise.failure, exercise.name, source)


def fingerprint(outcomes: list[Outcome]) -> str:
    """What happened in every case of every test, by which a known mistake is recognised."""
    return hashlib.sha256(" ".join(outcome.print_of for outcome in outcomes).encode()).hexdigest()[:16]


def _locate(outcome: Outcome, exercise: str, source: Source) -> None:
    """Say where in the notebook it happened: the innermost line of the exercise, or else of anything."""
    places = [place for _, line in outcome.frames if (place := source.cell_at(line))]
    own = [place for place in places if place[0].exercise == exercise]
    if places:
        cell, number = (own or places)[-1]
        text = cell.source.splitlines()[number - 1].strip()
        named = f"exercise {cell.exercise}" if cell.exercise else "a given cell"
        outcome.where = f"at {cell.place}, {named}, line {number}:  {text}"


def _known_mistakes(module: Module) -> dict[str, dict[str, str]]:
    """For each exercise, the sentence that goes with each fingerprint."""
    try:
        return json.loads((module.original / "mistakes.json").read_text(encoding="utf-8"))["mistakes"]
    except (OSError, ValueError, KeyError):
        return {}
