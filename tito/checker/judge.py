"""From what happened in an exercise's tests to what is said about it."""

from __future__ import annotations

from pathlib import Path

from tito.checker import report
from tito.checker.report import Outcome, Verdict
from tito.errors import visible
from tito.export import Source
from tito.submission import RUNNING, Submission
from tito.workspace import Module


def judge(submission: Submission, name: str, outcomes: list[Outcome], source: Source, package: Path) -> Verdict:
    """Say of an exercise which behaviours hold, and of the first that does not, where in the notebook to look."""
    exercise = submission.handed_out.exercises[name]
    verdict = Verdict(name, exercise.points)
    for outcome in outcomes:
        verdict.behaviours[outcome.behaviour] = verdict.behaviours.get(outcome.behaviour, True) and outcome.passed
    verdict.failure = next((outcome for outcome in outcomes if not outcome.passed), None)
    cases = [verdict.failure] if verdict.failure else outcomes
    verdict.printed = next((case.printed for case in cases if case.printed), "")
    if outcomes:
        verdict.earned = round(exercise.points * verdict.passed_count / len(verdict.behaviours), 4)
    if outcomes and not verdict.failure:
        verdict.status = report.PASSED
    else:
        verdict.status = report.BLANK if submission.blank(name) else report.FAILED
    if verdict.failure:
        verdict.failure.where = _where(verdict.failure, name, source, package)
    return verdict


def cannot_run(module: Module, submission: Submission, name: str, problems: dict[str, str]) -> Verdict:
    """Say of an exercise why it could not be tested: the problem of its cell, or that there is none."""
    status = report.BROKEN if name in problems else report.MISSING
    problem = f"Its cell is missing from {submission.where}. `tito reset {module.number} {name}` puts it back."
    if submission.where == RUNNING:
        problem = "Its cell has not been run here yet: run it and check again."
    points = submission.handed_out.exercises[name].points
    return Verdict(name, points, status, problem=visible(problems.get(name, problem)))


def _where(outcome: Outcome, exercise: str, source: Source, package: Path) -> str:
    """Say where it happened: the innermost line of the package, and if that is not the exercise's, where that called it."""
    if not outcome.frames:
        return ""
    own = [frame for frame in outcome.frames if (place := source.place(*frame[:2])) and place[0].exercise == exercise]
    lines = _line(*outcome.frames[-1], source, package)
    if own and own[-1] != outcome.frames[-1]:
        lines += ["called from " + (calling := _line(*own[-1], source, package))[0].removeprefix("at "), *calling[1:]]
    return visible("\n".join(lines))


def _line(file: str, number: int, function: str, source: Source, package: Path) -> list[str]:
    """Name a line of the package, and give its text: the cell, or the file of an earlier module and the function."""
    if place := source.place(file, number):
        cell, number = place
        named = f"exercise {cell.exercise}" if cell.exercise else "a cell of yours" if cell.own else "a given cell"
        where, text = f"at {cell.place}, {named}, line {number}:", cell.source
    else:
        where = f"at module {Path(file).stem}, {Path(file).as_posix()}, line {number}, in {function}:"
        ours = {
            str(path.relative_to(package.parent)): path for path in package.rglob("*.py")
        }  # `file` is what they say
        text = ours[file].read_text(encoding="utf-8", errors="replace") if file in ours else ""
    shown = text.splitlines()[number - 1 : number]
    return [where, *(f"    {line.strip()}" for line in shown)]
