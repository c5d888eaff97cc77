"""What a check found, and how it is said in a terminal."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

PASSED, FAILED, BLANK, BROKEN, MISSING = "passed", "failed", "blank", "broken", "missing"
MARK = {True: "✓", False: "✗"}


@dataclass
class Outcome:
    """One case of one test."""

    behaviour: str  # the test's name, as a sentence
    passed: bool
    blank: str = ""  # the exercise whose blank was reached
    call: str = ""  # the expression that was evaluated last
    returned: str = ""
    expected: str = ""
    problem: str = ""  # one sentence: what was wrong with what came back, or why nothing did
    frames: list = field(default_factory=list)  # the package's lines it came through, (file, line), outermost first
    where: str = ""  # the line to look at, as a person finds it: cell, line and its text
    printed: str = ""
    print_of: str = ""  # a digest of what happened, by which a known mistake is recognised


@dataclass
class Exercise:
    name: str
    points: float
    status: str = ""
    earned: float = 0
    behaviours: dict[str, bool] = field(default_factory=dict)  # name -> whether it holds in every case
    failure: Outcome | None = None  # the first case that failed
    mistake: str = ""  # the sentence for the known mistake it looks like
    problem: str = ""  # why it could not be tested
    fingerprint: str = ""

    @property
    def holding(self) -> int:
        return sum(self.behaviours.values())


@dataclass
class Report:
    module: str
    exercises: list[Exercise]

    @property
    def passed(self) -> bool:
        return all(exercise.status == PASSED for exercise in self.exercises)

    @property
    def next(self) -> Exercise | None:
        """The first exercise that does not pass."""
        return next((exercise for exercise in self.exercises if exercise.status != PASSED), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": "tito.check/1",
            "module": self.module,
            "passed": self.passed,
            "points": sum(exercise.points for exercise in self.exercises),
            "earned": sum(exercise.earned for exercise in self.exercises),
            "next": self.next.name if self.next else None,
            "exercises": [dataclasses.asdict(exercise) for exercise in self.exercises],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        exercises = []
        for raw in data["exercises"]:
            failure = Outcome(**raw["failure"]) if raw["failure"] else None
            exercises.append(Exercise(**{**raw, "failure": failure}))
        return cls(data["module"], exercises)


def summary(exercise: Exercise) -> str:
    """One line: `matmul   2 of 3`."""
    if exercise.status == BLANK:
        return "not written yet"
    if exercise.status == MISSING:
        return "its cell is missing"
    if exercise.status == BROKEN:
        return "cannot run"
    return f"{exercise.holding} of {len(exercise.behaviours)}"


def details(exercise: Exercise) -> list[str]:
    """The lines under an exercise that does not pass: what holds, what does not, the call, and what to know about it."""
    if exercise.status in (BROKEN, MISSING):
        return [f"  {line}" for line in exercise.problem.splitlines()]
    if exercise.status == BLANK:
        return [f"  Write it in its cell, then run the cell and check again. Stuck? {hint_command(exercise)}"]
    lines = [f"  {MARK[holds]} {name}" for name, holds in exercise.behaviours.items() if holds]
    lines += [f"  {MARK[holds]} {name}" for name, holds in exercise.behaviours.items() if not holds]
    outcome = exercise.failure
    if outcome is None:
        return lines
    if len([name for name, holds in exercise.behaviours.items() if not holds]) > 1:
        lines += ["", f"  The first that does not hold: {outcome.behaviour}"]
    lines.append("")
    if outcome.call:
        lines.append(f"    {outcome.call}")
    for label in ("returned", "expected"):
        text = getattr(outcome, label)
        if text:
            lines += _labelled(label, text, indent=6)
    if outcome.problem:
        lines += ["", *(f"    {line}" for line in outcome.problem.splitlines())]
    if outcome.where:
        lines += [f"    {line}" for line in outcome.where.splitlines()]
    if outcome.printed:
        lines += ["", *_labelled("printed", outcome.printed, indent=6)]
    if exercise.mistake:
        lines += ["", *(f"    {line}" for line in wrap(exercise.mistake, 72))]
    return [*lines, "", f"  hint: {hint_command(exercise)}"]


def hint_command(exercise: Exercise) -> str:
    return f"tito hint {exercise.name}"


def _labelled(label: str, text: str, indent: int) -> list[str]:
    first, *rest = text.splitlines() or [""]
    gap = " " * indent
    return [f"{gap}{label:<10} {first}", *(f"{gap}{'':<10} {line}" for line in rest)]


def wrap(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)
