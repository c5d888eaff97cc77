"""Finding the line of a wrong answer in which one small change makes all of its tests pass.

The answer is changed where it lives, function by function; nothing is imported again. Most changes fail the test that
failed, and cost no more than that one.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from tito.checker.bridge import Bridge, StudentError, remote
from tito.checker.changes import Change, additions, changes, throughout
from tito.checker.report import Outcome
from tito.checker.runner import LIMIT_OF_ONE_MORE_TRY, run_tests
from tito.export import Source
from tito.notebook import Cell
from tito.syntax import UNREADABLE, extended

MOST = 2_000  # changes that are tried
LATER = {
    "dropped": 1,
    "exchanged": 1,
    "statement": 2,
    "return": 2,
    "condition": 2,
    "name": 2,
    "moved far": 2,
    "throughout": 1,
    "put on": 3,
}  # kinds tried after others
ALSO = (2, 3)  # seeds under which what is found must hold too
LONGEST = 60  # characters of a line that are quoted
LONGEST_ANSWER = 20_000  # characters of an answer that is changed


def sentence(
    answer: Cell,
    source: Source,
    tests: Path,
    bridge: Bridge,
    outcomes: list[Outcome],
    seeds: tuple[int, ...],
    seconds: float,
) -> str:
    """Say in which line of an answer one small change makes everything pass, if one is found in this time."""
    failing = next((number for number, outcome in enumerate(outcomes) if not outcome.passed), None)
    unwritten = any(outcome.blank for outcome in outcomes)  # another exercise, without which nothing passes
    if failing is None or unwritten or len(answer.source) > LONGEST_ANSWER:
        return ""
    before, bridge.end = bridge.end, time.monotonic() + seconds
    try:
        for line, *others in _lines(answer, source, bridge):
            if all(_passes(tests, bridge, seed, failing) for seed in (*seeds, *ALSO)):
                text = answer.source.splitlines()[line - 1].strip()
                shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
                also = "".join(f", and line {other}" for other in others)
                change = "the same small change in each of them" if others else "one small change there"
                return f"Look at line {line}, `{shown}`{also}: with {change}, all of it passes."
    except Exception as error:
        # the time is over, a change took too long, the package cannot be imported again, or the code is nested too deep
        if not isinstance(error, StudentError | RecursionError) and not hasattr(error, "types"):
            raise
    finally:
        bridge.end = before
    return ""


def names_line(sentence: str) -> bool:
    """Whether it is a sentence of this kind."""
    return sentence.startswith("Look at line ")


def _passes(tests: Path, bridge: Bridge, seed: int, failing: int) -> bool:
    (outcomes,) = run_tests([tests], bridge, seed, failing).values()
    if bridge.lost:  # perhaps this change was right and late, and then no other line is
        raise bridge.lost
    return all(outcome.passed for outcome in outcomes)


def _lines(answer: Cell, source: Source, bridge: Bridge) -> Iterator[list[int]]:
    """Make one change after the other, and give the lines of each."""
    try:
        tree = ast.parse(answer.source)
    except UNREADABLE:
        return
    tree.body = [_bare(node) for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    places = [number for number, origin in enumerate(source.origin, 1) if origin and origin[0] is answer]
    module = source.file.removesuffix(".py").replace("/", ".")
    tried = {ast.unparse(tree)}
    for change in itertools.islice(_all_changes(tree), MOST):
        with change.made():
            changed = ast.unparse(tree)
        if changed not in tried:
            tried.add(changed)
            bridge.begin(LIMIT_OF_ONE_MORE_TRY, first=False)
            if remote("exchange", "__main__.exchange", module, places, changed) is True:
                yield change.lines


def _all_changes(tree: ast.Module) -> Iterator[Change]:
    """All changes of the functions, those first that are a mistake more often."""
    found = []
    for function in _functions(tree):
        stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        stored |= {n.name for n in ast.walk(function) if isinstance(n, ast.FunctionDef) and n is not function}
        names = [argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]]
        names += sorted(stored - {*names})
        found += [*changes(function), *additions(function, names), *throughout(function, names)]
    yield from sorted(found, key=lambda change: LATER.get(change.kind, 0))


def _functions(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The functions in a module or a class that are in no other function."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def _bare(node: ast.stmt) -> ast.stmt:
    """A definition without what is done when it is defined; a method stands in a class, as in the package."""
    owner = extended(node)
    node.decorator_list = []
    for function in _functions(ast.Module([node])):
        function.decorator_list, function.args.defaults = [], []
        function.args.kw_defaults = [None for _ in function.args.kw_defaults]
    return ast.ClassDef(owner, [], [], [node], []) if owner else node
