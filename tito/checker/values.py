"""How a value, and the expression that it is the value of, are shown to a person."""

from __future__ import annotations

import ast
import builtins
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from tito.checker import bridge
from tito.checker.bridge import Proxy, describe, inner, kind, reference
from tito.testing import Verbatim

SHOWN = 400  # characters of a value, and
SHOWN_LINES = 8  # lines of it, in a report
MOST_SHOWN_AXES = 4
LONG = 200  # characters of a list or dict, in which a person is told where to look
AT_A_GLANCE = 16  # values that a person compares without being told where to look


def show(value: Any) -> str:
    """Show a value: an array with its shape, a tensor as it prints itself, cut where it gets long."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, Proxy):
        try:
            bridge.current.deadline = min(max(bridge.current.deadline, time.monotonic() + 1), bridge.current.end)
            return clip(bridge.remote(f"repr({describe(value)})", "builtins.repr", value))
        except Exception:
            return f"a {kind(value)}"
    if isinstance(value, np.ndarray):
        rows = (
            value if value.ndim <= MOST_SHOWN_AXES else value.ravel()
        )  # NumPy leaves out items of each axis by itself
        text = np.array2string(rows, precision=4, threshold=40, edgeitems=2, separator=" ")
        return clip(text if value.ndim < 2 else f"{text}  shape {value.shape}")
    return clip(_plain(value))


def _head(value: Any, left: list[int]) -> Any:
    """The first of a value, as much as can be shown: what is behind it may be made so that it takes long to print."""
    left[0] -= 1
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_head(item, left) for item in value if left[0] > 0)
    if type(value) is dict:
        return {_head(key, left): _head(item, left) for key, item in value.items() if left[0] > 0}
    if isinstance(value, np.ndarray) and value.ndim > MOST_SHOWN_AXES:
        return value.ravel()
    return str(value) if isinstance(value, np.str_) else value


def clip(text: str) -> str:
    lines = text.strip("\n")[:SHOWN].splitlines()
    shown = "\n".join(lines[:SHOWN_LINES])
    return shown if shown == text.strip("\n") else shown + " …"


def first_difference(returned: Any, expected: Any) -> tuple[str, str, str] | None:
    """Show of two long arrays or lists the first place that differs: both values, and a sentence that says where.

    None where they are short, or of another shape.
    """
    if len(_plain(expected)) > LONG and (found := _inner_difference(returned, expected)):
        return found
    try:
        mine, theirs = np.asarray(returned), np.asarray(expected)
    except Exception:  # it holds no array, or rows of different lengths
        return None
    if mine.shape != theirs.shape or mine.size <= AT_A_GLANCE or {mine.dtype.kind, theirs.dtype.kind} & set("OV"):
        return None
    if mine.dtype.kind in "biufc" and theirs.dtype.kind in "biufc":
        differ = ~np.isclose(mine, theirs, rtol=1e-4, atol=1e-6, equal_nan=True)
    else:
        differ = mine != theirs
    if not differ.any():
        return None
    place = tuple(map(int, np.argwhere(differ)[0]))
    count = int(differ.sum())
    others = "the only one" if count == 1 else f"the first of {count}"
    index = ", ".join(map(str, place))
    where = f"That is at [{index}], {others} of {mine.size} values that {'differs' if count == 1 else 'differ'}."
    return _number(mine[place]), _number(theirs[place]), where


def only_difference(returned: Any, expected: Any, given: list[Any]) -> str:
    """Say of two lists with an item for each of several calls which item is the only one that differs, if one is.

    Where one of what was `given` is a list of as many texts, they say what the calls were.
    """
    if not isinstance(expected, list) or not isinstance(returned, list) or not 2 < len(expected) == len(returned):
        return ""
    differing = [n for n, (one, other) in enumerate(zip(returned, expected)) if _plain(one) != _plain(other)]
    if len(differing) != 1:
        return ""
    lists = [value for value in given if isinstance(value, list) and len(value) == len(expected)]
    texts = next((value for value in lists if all(isinstance(text, str) for text in value)), None)
    what = f", for `{texts[differing[0]]}`," if texts else ""
    return f"Item {differing[0] + 1} of {len(expected)}{what} is the only one that differs."


def _plain(value: Any) -> str:
    return repr(_head(value, [SHOWN]))


def _inner_difference(returned: Any, expected: Any) -> tuple[str, str, str] | None:
    """As `first_difference`, of what is in lists, tuples and dicts."""
    path = ""
    while type(returned) is type(expected) and len(path) < SHOWN:
        if isinstance(expected, dict) and returned.keys() == expected.keys():
            keys = list(expected)
        elif isinstance(expected, list | tuple) and len(returned) == len(expected):
            keys = list(range(len(expected)))
        else:
            break
        differing = [key for key in keys if _plain(returned[key]) != _plain(expected[key])]
        if not differing:
            break
        path += f"[{differing[0]!r}]"
        returned, expected = returned[differing[0]], expected[differing[0]]
    return (show(returned), show(expected), f"That is at {path}, the first that differs.") if path else None


def _number(value: Any) -> str:
    return np.array2string(np.asarray(value), precision=6)


def at(trace: TracebackType | None, test: Path) -> tuple[FrameType | None, int]:
    """Find the innermost place in a test file that an error came through; line 0 is none."""
    frame, line = None, 0
    while trace:
        if trace.tb_frame.f_code.co_filename == str(test):
            frame, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return frame, line


def helper(call: str, test: ModuleType) -> str:
    """The source of the test's own function that an expression calls, if it is short; it runs beside the student's code."""
    value = vars(test).get(call.partition("(")[0])
    if not isinstance(value, Proxy) or kind(value) != "helper":
        return ""
    source = reference(value)[2].strip()
    return source if source.count("\n") < SHOWN_LINES else ""


def asked(trace: TracebackType | None, test: Path, which: int = 0) -> str:
    """Say which expression a failing statement of a test compares, with what its names stand for.

    That is the first argument of a call such as `assert_close`, or the left side of the comparison number `which` in an
    assertion; without comparisons, the whole assertion. Empty where that cannot be told.
    """
    frame, line = at(trace, test)
    body = [node for node in _statements(test) if node.lineno <= line <= node.end_lineno]
    if not body:
        return ""
    statement = min(body, key=lambda node: node.end_lineno - node.lineno)
    if isinstance(statement, ast.Assert):
        parts = statement.test.values if isinstance(statement.test, ast.BoolOp) else [statement.test]
        compared = [part for part in parts if isinstance(part, ast.Compare)]
        node = compared[which].left if which < len(compared) else statement.test
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and statement.value.args:
        node = statement.value.args[0]
    else:
        return ""
    before = [n for n in _statements(test) if frame.f_code.co_firstlineno <= n.lineno < statement.lineno]
    named = _Named(frame, before, node, statement.col_offset)
    return ast.unparse(named.alone(ast.parse(ast.unparse(node), mode="eval").body))


@functools.lru_cache(maxsize=64)
def _statements(test: Path) -> list[ast.stmt]:
    nodes = ast.walk(ast.parse(test.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.stmt) and not hasattr(node, "body")]


class _Named(ast.NodeTransformer):
    """Puts what they stand for in the place of a test's own names: a value, or the expression that came back with it."""

    def __init__(self, frame: FrameType, before: list[ast.stmt], expression: ast.expr, indent: int) -> None:
        self.values = frame.f_globals | frame.f_locals
        stored = (n.id for n in ast.walk(expression) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        self.own = {*stored, *(n.arg for n in ast.walk(expression) if isinstance(n, ast.arg)), *dir(builtins)}
        self.made: dict[str, ast.expr | None] = {}  # by name, what was last assigned to it; None if that cannot be told
        for statement in sorted(before, key=lambda statement: statement.lineno):
            for name, made in _assigned(statement):
                self.made[name] = made if statement.col_offset <= indent else None

    def visit_Call(self, node: ast.Call) -> ast.Call:
        arguments = [part for value in node.args for part in self._arguments(value)]
        keywords = [ast.keyword(keyword.arg, self.alone(keyword.value)) for keyword in node.keywords]
        return ast.Call(self.visit(node.func), arguments, keywords)

    def _arguments(self, node: ast.expr) -> list[ast.expr]:
        """An argument of a call; of `*several`, each."""
        several = node.value if isinstance(node, ast.Starred) else None
        values = self.values.get(several.id) if isinstance(several, ast.Name) and several.id not in self.own else None
        return [ast.Name(describe(v)) for v in values] if isinstance(values, list | tuple) else [self.alone(node)]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._named(node, inner)

    def alone(self, node: ast.expr) -> ast.expr:
        """As `visit`, where nothing binds tighter around it."""
        return self._named(node, describe) if isinstance(node, ast.Name) else self.visit(node)

    def _named(self, node: ast.Name, show: Callable[[Any], str]) -> ast.expr:
        value = self.values.get(node.id, node)
        if isinstance(value, Proxy):
            return ast.Name(show(value))
        if node.id in self.own or value is node or isinstance(value, ModuleType) or callable(value):
            return node
        made = self.made.get(node.id)
        if made and any(self._asks(part) for part in ast.walk(made)):
            return self.visit(ast.parse(ast.unparse(made), mode="eval").body)
        return ast.Name(show(value))

    def _asks(self, node: ast.AST) -> bool:
        """Whether it calls something on the student's side."""
        name = node.func if isinstance(node, ast.Call) else None
        while isinstance(name, ast.Attribute):
            name = name.value
        return isinstance(name, ast.Name) and isinstance(self.values.get(name.id), Proxy)


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    """The names to which a statement assigns, and what; None where it is made of what the name stood for."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            several, value = isinstance(target, ast.Tuple | ast.List), statement.value
            for place, part in enumerate(target.elts if several else [target]):
                if isinstance(part, ast.Name):
                    listed = value.elts[place] if isinstance(value, ast.Tuple | ast.List) and several else None
                    yield part.id, listed or (ast.Subscript(value, ast.Constant(place)) if several else value)
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, None
