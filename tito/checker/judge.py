"""From what happened in an exercise's tests to what is said about it."""

from __future__ import annotations

from tito.checker import report
from tito.checker.report import Outcome, Verdict
from tito.errors import visible
from tito.export import Source
from tito.submission import RUNNING, Submission
from tito.workspace import Module


def judge(submission: Submission, name: str, outcomes: list[Outcome], source: Source) -> Verdict:
    """Say of an exercise which behaviours hold, and of the first that does not, where in the notebook to look."""
    exercise = submission.handed_out.exercises[name]
    verdict = Verdict(name, exercise.points)
    for outcome in outcomes:
        verdict.behaviours[outcome.behaviour] = verdict.behaviours.get(outcome.behaviour, True) and outcome.passed
    verdict.failure = next((outcome for outcome in outcomes if not outcome.passed), None)
    if outcomes:
        verdict.earned = round(exercise.points * verdict.passed_count / len(verdict.behaviours), 4)
    if outcomes and not verdict.failure:
        verdict.status = report.PASSED
    else:
        verdict.status = report.BLANK if submission.blank(name) else report.FAILED
    if verdict.failure:
        verdict.failure.where = _place(verdict.failure, name, source)
    return verdict


def cannot_run(module: Module, submission: Submission, name: str, problems: dict[str, str]) -> Verdict:
    """Say of an exercise why it could not be tested: the problem of its cell, or that there is none."""
    status = report.BROKEN if name in problems else report.MISSING
    problem = f"Its cell is missing from {submission.where}. `tito reset {module.number} {name}` puts it back."
    if submission.where == RUNNING:
        problem = "Its cell has not been run here yet: run it and check again."
    points = submission.handed_out.exercises[name].points
    return Verdict(name, points, status, problem=visible(problems.get(name, problem)))


def _place(outcome: Outcome, exercise: str, source: Source) -> str:
    """Say where in the notebook it happened: the innermost line of the exercise, or else of anything in it."""
    places = [place for file, line, _ in outcome.frames if (place := source.place(file, line))]
    own = [place for place in places if place[0].exercise == exercise]
    if not places:
        return ""
    cell, number = (own or places)[-1]
    text = cell.source.splitlines()[number - 1].strip()
    named = f"exercise {cell.exercise}" if cell.exercise else "a given cell"
    return visible(f"at {cell.place}, {named}, line {number}:  {text}")
