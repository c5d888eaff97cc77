"""What a check found, and how it is said in a terminal."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

PASSED, FAILED, BLANK, BROKEN, MISSING = "passed", "failed", "blank", "broken", "missing"
MARK = {True: "✓", False: "✗"}
WIDTH = 79  # columns
SHAPE, UNBROKEN = re.compile(r"\([\d, ]+\)"), "\0"  # numbers in brackets are not broken between lines


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
    frames: list = field(
        default_factory=list
    )  # the package's lines it came through: file, line, function; outermost first
    where: str = ""  # where it happened, as a person finds it: cell or file, line and its text
    printed: str = ""
    helper: str = ""  # the source of the test's own function that was called
    test: str = ""  # where the test is: file and line
    happened: Any = None  # by which a mistake is recognised: see `tito.checker.mistakes`; None in a hidden test
    instead_of: str = ""  # the type of the exception that was expected where another one came
    meaning: str = ""  # of the exception that was raised, in plain words
    related: Any = None  # how what came back is related to what was expected: see `tito.checker.relations`

    @property
    def unanswered(self) -> bool:
        """Whether the student's process did not answer: an endless loop, or its end."""
        return isinstance(self.happened, dict) and "no answer" in self.happened


@dataclass
class Verdict:
    """What a check found about one exercise."""

    name: str
    points: float
    status: str = ""
    earned: float = 0
    behaviours: dict[str, bool] = field(default_factory=dict)  # name -> whether it holds in every case
    failure: Outcome | None = None  # the first case that failed
    mistake: str = ""  # the sentence for the known mistake it looks like
    problem: str = ""  # why it could not be tested
    cases: list = field(default_factory=list)  # what happened in every case of every test, under each seed
    printed: str = ""  # what it printed in the case that failed, or else in the first case in which it printed

    @property
    def passed_count(self) -> int:
        return sum(self.behaviours.values())


@dataclass
class Report:
    module: str
    exercises: list[Verdict]
    left_out: list[str] = field(default_factory=list)  # cells the student added that cannot run: which, and why
    notes: list[str] = field(default_factory=list)  # what the student should know of cells that do not count
    then: str = ""  # what to do next, where what was checked passes

    @property
    def passed(self) -> bool:
        return all(exercise.status == PASSED for exercise in self.exercises)

    @property
    def next(self) -> Verdict | None:
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
            "left_out": self.left_out,
            "notes": self.notes,
            "then": self.then,
            "exercises": [_told(exercise) for exercise in self.exercises],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        exercises = []
        for raw in data["exercises"]:
            failure = Outcome(**raw["failure"]) if raw["failure"] else None
            exercises.append(Verdict(**{**raw, "failure": failure}))
        return cls(data["module"], exercises, data["left_out"], data.get("notes", []), data.get("then", ""))


def _told(exercise: Verdict) -> dict[str, Any]:
    """All of a verdict but what a mistake is recognised by."""
    told = dataclasses.asdict(exercise)
    del told["cases"]
    for name in ("happened", "related") if told["failure"] else ():
        del told["failure"][name]
    return told


def summary(exercise: Verdict) -> str:
    """One line: `matmul   2 of 3`."""
    if exercise.status == BLANK:
        return "not written yet"
    if exercise.status == MISSING:
        return "its cell is missing"
    if exercise.status == BROKEN:
        return "cannot run"
    count = f"{exercise.passed_count} of {len(exercise.behaviours)}"
    needed = exercise.failure.blank if exercise.failure else ""
    return f"{count}, needs {needed}" if needed and needed != exercise.name else count


def details(exercise: Verdict, in_notebook: bool = False) -> list[str]:
    """The lines under an exercise: what holds, what does not, and of the first that does not, all there is to know."""
    hint = f'hint("{exercise.name}")' if in_notebook else f"tito hint {exercise.name}"
    if exercise.status in (BROKEN, MISSING):
        return _text(exercise.problem, indent=2)
    if exercise.status == BLANK:
        step = "run the cell" if in_notebook else "save the notebook"
        return [f"  Write it in its cell, {step} and check again.", f"  Stuck? {hint}"]
    lines = [f"  {MARK[holds]} {name}" for name, holds in exercise.behaviours.items() if holds]
    lines += [f"  {MARK[holds]} {name}" for name, holds in exercise.behaviours.items() if not holds]
    outcome = exercise.failure
    printed = ["", *_labelled("printed", exercise.printed)] if exercise.printed else []
    if outcome is None:
        return lines + printed
    if len([name for name, holds in exercise.behaviours.items() if not holds]) > 1:
        lines += ["", "  The first of these:"]
    lines += ["", *_text(outcome.call)]
    for label in ("returned", "expected"):
        if text := getattr(outcome, label):
            lines += _labelled(label, text)
    if outcome.problem:
        lines += ["", *_text(outcome.problem)]
    lines += [*_text(outcome.where), *printed]
    if explained := exercise.mistake or outcome.meaning:
        lines += ["", *_text(explained)]
    if outcome.helper:
        name = outcome.call.partition("(")[0]
        lines += [
            "",
            f"    {name} is a function of the test:",
            *(part for line in outcome.helper.splitlines() for part in _code(f"      {line}")),
        ]
    test = [f"  test: {outcome.test}"] if outcome.test else []
    return [*lines, "", *test, f"  hint: {hint}"]


def _labelled(label: str, text: str) -> list[str]:
    """`returned   [1 2]`, with further lines of the value below its first."""
    first, *rest = _text(text, indent=17) or [""]
    return [f"      {label:<11}{first[17:]}", *rest]


def _text(text: str, indent: int = 4) -> list[str]:
    """The lines of a text, indented; a line that is too long is broken between words."""
    import textwrap

    gap = " " * indent
    lines = []
    for line in text.splitlines():
        kept = SHAPE.sub(lambda shape: shape[0].replace(" ", UNBROKEN), line)
        folded = textwrap.wrap(kept, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        parts = [part.replace(UNBROKEN, " ") for part in folded]
        lines += [gap + part for part in (parts if len(line) > WIDTH - indent else [line])]
    return lines


def _code(line: str) -> list[str]:
    """A line of code; where it is too long, what is broken off stands further in."""
    import textwrap

    gap = " " * (len(line) - len(line.lstrip()) + 4)
    if len(line) <= WIDTH:
        return [line]
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=gap, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
