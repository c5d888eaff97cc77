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
from tito.checker import mistakes
from tito.checker.report import PASSED
from tito.workspace import Module, Workspace

OTHER_SEEDS = (2, 3, 4)  # under which a sentence must still be right
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div},
    **{ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitOr: ast.BitAnd},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}
NAMES = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum", "zeros": "ones"}
COPIES = {"array": "asarray"}


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

    def trial(self, seeds: tuple[int, ...] = mistakes.SEEDS) -> Trial:
        return Trial(self.module, self.exercise, self.body, seeds)


# making them


def mutants(module: Module, exercise: str, body: str) -> list[Mutant]:
    """All small changes of an answer, each once."""
    tree = ast.parse(body)
    known, made = {ast.unparse(tree)}, []
    for kind, owner, name, value in _changes(tree):
        before, text = getattr(owner, name), ast.unparse(tree)
        setattr(owner, name, value)
        changed = ast.unparse(ast.fix_missing_locations(tree))
        setattr(owner, name, before)
        if changed not in known:
            known.add(changed)
            made.append(Mutant(module, exercise, kind, _difference(text, changed), changed))
    return made


def _changes(tree: ast.AST) -> Iterator[tuple[str, ast.AST, str, Any]]:
    """A kind of change, and the attribute of a node that it sets to another value."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            for n, statement in enumerate(block if isinstance(block := getattr(node, name, None), list) else []):
                yield from (
                    (kind, node, name, block[:n] + new + block[n + 1 :]) for kind, new in _statements(statement)
                )
        if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in OPERATORS:
            yield "operator", node, "op", OPERATORS[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
            yield "comparison", node, "ops", [OPERATORS[type(node.ops[0])](), *node.ops[1:]]
        elif isinstance(node, ast.Constant):
            yield from (("constant", node, "value", value) for value in _constants(node.value))
        elif isinstance(node, ast.Attribute) and node.attr in NAMES | COPIES:
            yield ("copy" if node.attr in COPIES else "operator"), node, "attr", (NAMES | COPIES)[node.attr]
        elif isinstance(node, ast.Call):
            yield from _calls(node)
        elif isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
            yield "order", node, "elts", [node.elts[1], node.elts[0], *node.elts[2:]]
        elif isinstance(node, ast.Slice):
            yield from (("slice", node, name, None) for name in ("lower", "upper") if getattr(node, name))
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield "condition", node, "test", ast.Constant(value=isinstance(node, ast.If | ast.IfExp))
            yield "condition", node, "test", ast.Constant(value=False)
        for name, child in ast.iter_fields(node):
            if isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.USub | ast.Not):
                yield "sign", node, name, child.operand
            elif _is_copy(child):
                yield "copy", node, name, child.func.value
            elif isinstance(child, list):
                for n, item in enumerate(child):
                    if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub):
                        yield "sign", node, name, child[:n] + [item.operand] + child[n + 1 :]


def _statements(statement: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """What a statement may become."""
    if isinstance(statement, ast.Return) and statement.value:
        yield "return", [ast.Expr(value=statement.value)]
    elif not isinstance(statement, ast.Pass):
        yield "statement", [ast.Pass()]
    if isinstance(statement, ast.AugAssign):
        yield "statement", [ast.Assign(targets=[statement.target], value=statement.value)]
    if isinstance(statement, ast.Try | ast.With):
        yield "statement", [*statement.body, *getattr(statement, "finalbody", [])]


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    return [value * 2, 0.0] if isinstance(value, float) else []


def _calls(call: ast.Call) -> Iterator[tuple[str, ast.AST, str, Any]]:
    for n in range(len(call.keywords)):
        yield "keyword", call, "keywords", call.keywords[:n] + call.keywords[n + 1 :]
    if len(call.args) > 1:
        yield "arguments", call, "args", [call.args[1], call.args[0], *call.args[2:]]
    if isinstance(call.func, ast.Name) and call.func.id == "range":
        end = 0 if len(call.args) == 1 else 1
        for operator in (ast.Add(), ast.Sub()):
            moved = ast.BinOp(left=call.args[end], op=operator, right=ast.Constant(value=1))
            yield "off by one", call, "args", [*call.args[:end], moved, *call.args[end + 1 :]]


def _is_copy(node: Any) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy"


def _difference(before: str, after: str) -> str:
    old, new = before.split("\n"), after.split("\n")
    start = next((n for n, (one, other) in enumerate(zip(old, new)) if one != other), min(len(old), len(new)))
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    lines = ["; ".join(line.strip() for line in part[start : len(part) - end]) for part in (old, new)]
    return "  =>  ".join(lines)


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
    trials = [trial for _, trial in known] + [mutant.trial(OTHER_SEEDS) for mutant in said]
    verdicts = run_all(trials, reference, workers)
    cases: dict[tuple[str, str], list[Any]] = {pair: [] for pair in wanted}
    for (answer, _), verdict in zip(known, verdicts):
        cases[answer.exercise, answer.sentence].append(verdict.cases)
    for mutant, verdict in zip(said, verdicts):
        as_known = any(mistakes.same(those, verdict.cases) for those in cases[mutant.exercise, mutant.sentence])
        mutant.right = as_known or _without_numbers(verdict.mistake) == _without_numbers(mutant.sentence)
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
