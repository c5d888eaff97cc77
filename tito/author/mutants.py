"""`make mutants`: small changes of every answer, to see which the tests let through and which sentences are said.

A change that is let through is a hole in the tests, or makes no difference: those are written down with a reason in
`tests/NN_name/equivalent/EXERCISE.txt`, in the format of the known mistakes.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tito.author.answers import read_answers
from tito.author.build import check_answers, read_lessons, write_reference
from tito.author.lesson import Lesson
from tito.checker import mistakes
from tito.checker.report import PASSED
from tito.errors import CellError
from tito.notebook import read_original
from tito.workspace import Workspace

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
    exercise: str
    kind: str
    change: str  # the line before and after
    body: str
    passed: bool = False
    sentence: str = ""
    right: bool | None = None  # whether the sentence is right under other seeds too


# making them


def mutants(exercise: str, body: str) -> list[Mutant]:
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
            made.append(Mutant(exercise, kind, _difference(text, changed), changed))
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


class Trial:
    """The lessons and the reference, read once in each process."""

    def __init__(self, root: Path, reference: Path) -> None:
        self.workspace, self.reference = Workspace(root), reference
        self.lessons = {lesson.module.key: lesson for lesson in read_lessons(self.workspace)}
        self._originals: dict[str, Any] = {}
        self._known: dict[tuple[str, str], list[tuple[str, Any]]] = {}

    def check(self, key: str, exercise: str, body: str, **options: Any) -> Any:
        """The report on one exercise with this answer; None if its cell cannot be run."""
        lesson = self.lessons[key]
        if key not in self._originals:
            module = lesson.module
            self._originals[key] = read_original(module.original, module.name, module.key)
        cells = lesson.with_answer(exercise, body)
        try:
            report = check_answers(
                self.workspace, lesson, self._originals[key], cells, self.reference, [exercise], **options
            )
        except CellError:
            return None
        return report.exercises[0]

    def try_out(self, key: str, mutant: Mutant) -> Mutant:
        """The mutant with what its check says, and whether that is right."""
        found = self.check(key, mutant.exercise, mutant.body)
        if found is not None:
            mutant.passed, mutant.sentence = found.status == PASSED, found.mistake
        if mutant.sentence:
            again = self.check(key, mutant.exercise, mutant.body, seed=OTHER_SEEDS[0], recognising=OTHER_SEEDS)
            mutant.right = _without_numbers(again.mistake) == _without_numbers(mutant.sentence) or any(
                mistakes.same(cases, again.cases) for cases in self._known_cases(key, mutant.exercise, mutant.sentence)
            )
        return mutant

    def _known_cases(self, key: str, exercise: str, sentence: str) -> list[Any]:
        """What happens under the other seeds to the known mistakes that have this sentence."""
        if (exercise, sentence) not in self._known:
            bodies = [
                a.body for a in read_answers(self.lessons[key]) if (a.exercise, a.sentence) == (exercise, sentence)
            ]
            options = dict(seed=OTHER_SEEDS[0], recognising=OTHER_SEEDS)
            self._known[exercise, sentence] = [self.check(key, exercise, body, **options).cases for body in bodies]
        return self._known[exercise, sentence]


def _without_numbers(sentence: str) -> str:
    return re.sub(r"[\d.,\s-]+", " ", sentence)


_trial: Trial


def _start(root: Path, reference: Path) -> None:
    global _trial
    _trial = Trial(root, reference)


def _try(job: tuple[str, Mutant]) -> tuple[str, Mutant]:
    return job[0], _trial.try_out(*job)


def try_all(workspace: Workspace, jobs: list[tuple[str, Mutant]], workers: int) -> Iterator[tuple[str, Mutant]]:
    """Each mutant with what came of it, as they are done."""
    with tempfile.TemporaryDirectory() as folder:
        reference = write_reference(read_lessons(workspace), Path(folder))
        with multiprocessing.Pool(workers, _start, (workspace.root, reference)) as pool:
            yield from pool.imap_unordered(_try, jobs, chunksize=4)


def all_mutants(lessons: list[Lesson]) -> list[tuple[str, Mutant]]:
    """The mutants of every answer but those that are known to make no difference, each with its module's key."""
    jobs = []
    for lesson in lessons:
        equivalent = {(answer.exercise, _plain(answer.body)) for answer in read_answers(lesson, "equivalent")}
        for exercise in lesson.exercises:
            made = mutants(exercise, lesson.body(exercise))
            jobs += [(lesson.module.key, one) for one in made if (exercise, _plain(one.body)) not in equivalent]
    return jobs


def _plain(body: str) -> str:
    return ast.unparse(ast.parse(body))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tito.author.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="modules or exercises; all by default")
    parser.add_argument("--sample", type=int, help="try so many, drawn with --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--sentences", action="store_true", help="list every sentence too")
    options = parser.parse_args()
    workspace = Workspace.find()
    jobs = all_mutants(read_lessons(workspace))
    if options.names:
        jobs = [job for job in jobs if {job[0], job[0][:2], job[1].exercise} & set(options.names)]
    if options.sample:
        jobs = random.Random(options.seed).sample(jobs, min(options.sample, len(jobs)))
    count: Counter[str] = Counter()
    for key, mutant in try_all(workspace, jobs, options.workers):
        count["made"] += 1
        count["let through" if mutant.passed else "rejected"] += 1
        if mutant.passed:
            print(f"let through  {key} {mutant.exercise} ({mutant.kind}): {mutant.change}", flush=True)
            continue
        said = {None: "no sentence", True: "right sentence", False: "wrong sentence"}[mutant.right]
        count[said] += 1
        if mutant.right is False or options.sentences:
            print(
                f"{said}  {key} {mutant.exercise} ({mutant.kind}): {mutant.change}\n    {mutant.sentence}", flush=True
            )
    print(", ".join(f"{number:,} {what}" for what, number in count.items()))
    return 1 if count["let through"] or count["wrong sentence"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
