"""`make mutants`: small changes of every answer, to see which the tests let through and which sentences are said.

A change that is let through is a hole in the tests, or makes no difference: those are written down with a reason in
`tests/NN_name/mistakes/equivalent/EXERCISE.txt`, in the format of the known mistakes.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tito.author.answers import EQUIVALENT, read_answers
from tito.author.build import read_lessons, write_reference
from tito.author.lesson import Lesson
from tito.author.trials import Trial, run_all
from tito.checker import mistakes, nearly
from tito.checker.changes import changes
from tito.checker.check import SEARCHING
from tito.checker.report import PASSED
from tito.workspace import Module, Workspace

OTHER_SEEDS = (2, 3, 4)  # under which a sentence must still be right
BECOMES = "  =>  "
LONGER = 30  # seconds in which a line must be found again under these


@dataclass
class Mutant:
    module: Module
    exercise: str
    kind: str
    change: str  # the line before and after
    body: str
    passed: bool = False
    sentence: str = ""
    right: bool | None = None  # whether the sentence is right under other seeds too

    def trial(self) -> Trial:
        return Trial(self.module, self.exercise, self.body, searching=SEARCHING)

    def again(self) -> Trial:
        """Under other seeds; a line is looked for only if one was named."""
        return Trial(
            self.module, self.exercise, self.body, OTHER_SEEDS, LONGER if nearly.names_line(self.sentence) else 0
        )

    def lines(self) -> list[str]:
        """What stands in it where the answer has something else."""
        return [line for line in self.change.partition(BECOMES)[2].split("; ") if line]


# making them


def mutants(module: Module, exercise: str, body: str) -> list[Mutant]:
    """All small changes of an answer, each once."""
    tree = ast.parse(body)
    text, made = ast.unparse(tree), []
    known = {text}
    for change in changes(tree):
        with change.made():
            changed = ast.unparse(tree)
        if changed not in known:
            known.add(changed)
            made.append(Mutant(module, exercise, change.kind, _difference(text, changed), changed))
    return made


def _difference(before: str, after: str) -> str:
    old, new = before.split("\n"), after.split("\n")
    start = next((n for n, (one, other) in enumerate(zip(old, new)) if one != other), min(len(old), len(new)))
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    lines = ["; ".join(line.strip() for line in part[start : len(part) - end]) for part in (old, new)]
    return BECOMES.join(lines)


# trying them


def all_mutants(lessons: list[Lesson]) -> list[Mutant]:
    """The mutants of every answer but those that are known to make no difference."""
    made = []
    for lesson in lessons:
        equivalent = {(answer.exercise, _plain(answer.body)) for answer in read_answers(lesson, EQUIVALENT)}
        for exercise in lesson.exercises:
            those = mutants(lesson.module, exercise, lesson.body(exercise))
            made += [mutant for mutant in those if (exercise, _plain(mutant.body)) not in equivalent]
    return made


def _plain(body: str) -> str:
    return ast.unparse(ast.parse(body))


def try_out(made: list[Mutant], lessons: list[Lesson], reference: Path, workers: int | None) -> Iterator[Mutant]:
    """Fill in what the check of each says, and whether that is right under other seeds too."""
    said = []
    for mutant, verdict in zip(made, run_all([mutant.trial() for mutant in made], reference, workers)):
        mutant.passed, mutant.sentence = verdict.status == PASSED, verdict.mistake
        if mutant.sentence:
            said.append(mutant)
        else:
            yield mutant
    wanted = {(mutant.exercise, mutant.sentence) for mutant in said}
    known = [
        (answer, Trial(lesson.module, answer.exercise, answer.body, OTHER_SEEDS))
        for lesson in lessons
        for answer in read_answers(lesson)
        if (answer.exercise, answer.sentence) in wanted
    ]
    trials = [trial for _, trial in known] + [mutant.again() for mutant in said]
    verdicts = run_all(trials, reference, workers)
    cases: dict[tuple[str, str], list[Any]] = {pair: [] for pair in wanted}
    for (answer, _), verdict in zip(known, verdicts):
        cases[answer.exercise, answer.sentence].append(verdict.cases)
    for mutant, verdict in zip(said, verdicts):
        as_known = any(mistakes.same(those, verdict.cases) for those in cases[mutant.exercise, mutant.sentence])
        as_line = nearly.names_line(mutant.sentence) and (
            any(f"`{line[: nearly.LONGEST]}" in mutant.sentence for line in mutant.lines())
            # where it is exceptions alone under these, what they mean is said: the line has been tried under others too
            or verdict.failure.meaning == verdict.mistake
        )
        same = _without_numbers(verdict.mistake) == _without_numbers(mutant.sentence)
        mutant.right = as_known or as_line or same
        yield mutant


def _without_numbers(sentence: str) -> str:
    return re.sub(r"[\d.,\s-]+", " ", sentence)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tito.author.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="modules or exercises; all by default")
    parser.add_argument("--sample", type=int, help="try so many, drawn with --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, help="processes; one for each processor by default")
    parser.add_argument("--sentences", action="store_true", help="list every sentence too")
    options = parser.parse_args()
    lessons = read_lessons(Workspace.find())
    made = all_mutants(lessons)
    if options.names:
        made = [
            mutant for mutant in made if {mutant.module.key, mutant.module.number, mutant.exercise} & {*options.names}
        ]
    if options.sample:
        made = random.Random(options.seed).sample(made, min(options.sample, len(made)))
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        reference = write_reference(lessons, Path(folder))
        for mutant in try_out(made, lessons, reference, options.workers):
            count["made"] += 1
            said = {None: "no sentence", True: "right sentence", False: "wrong sentence"}[mutant.right]
            for what in ["let through"] if mutant.passed else ["rejected", said]:
                count[what] += 1
            if mutant.passed or mutant.right is False or options.sentences:
                what = "let through" if mutant.passed else said
                print(f"{what}: {mutant.module} {mutant.exercise} ({mutant.kind}): {mutant.change}", flush=True)
                if mutant.sentence:
                    print(f"    {mutant.sentence}", flush=True)
    print(", ".join(f"{number:,} {what}" for what, number in count.items()))
    return 1 if count["let through"] or count["wrong sentence"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
