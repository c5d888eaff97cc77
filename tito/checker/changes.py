"""The small changes of a piece of code: of an answer, they are mistakes; of a wrong answer, one of them may mend it."""

from __future__ import annotations

import ast
import contextlib
import copy
import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST_BLOCK = 10  # statements that are moved about
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div},
    **{ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitOr: ast.BitAnd},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}
NAMES = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum", "zeros": "ones"}
COPIES = {"array": "asarray"}


@dataclass
class Change:
    """One attribute of one node that becomes another."""

    kind: str
    node: ast.AST
    name: str
    value: Any
    line: int  # where it is
    others: tuple[Change, ...] = ()  # that are made with it

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Let the tree be changed meanwhile."""
        all_of_it = (self, *self.others)
        before = [getattr(change.node, change.name) for change in all_of_it]
        for change in all_of_it:
            setattr(change.node, change.name, change.value)
            ast.fix_missing_locations(change.node)
        try:
            yield
        finally:
            for change, value in zip(all_of_it, before):
                setattr(change.node, change.name, value)

    @property
    def lines(self) -> list[int]:
        return sorted({self.line, *(other.line for other in self.others)})


def changes(tree: ast.AST) -> Iterator[Change]:
    """All that turn right code into a plausible mistake, and often back."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            for n, statement in enumerate(block if isinstance(block := getattr(node, name, None), list) else []):
                for kind, new in _statements(statement):
                    yield Change(kind, node, name, block[:n] + new + block[n + 1 :], statement.lineno)
        for kind, name, value in _changes(node):
            yield Change(kind, node, name, value, _line(node))


def _line(node: ast.AST) -> int:
    return next((part.lineno for part in ast.walk(node) if hasattr(part, "lineno")), 1)


def _changes(node: ast.AST) -> Iterator[tuple[str, str, Any]]:
    """A kind of change, and the attribute of the node that it sets to another value."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in OPERATORS:
        yield "operator", "op", OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield "comparison", "ops", [OPERATORS[type(node.ops[0])](), *node.ops[1:]]
    elif isinstance(node, ast.Constant):
        yield from (("constant", "value", value) for value in _constants(node.value))
    elif isinstance(node, ast.Attribute) and node.attr in NAMES | COPIES:
        yield ("copy" if node.attr in COPIES else "operator"), "attr", (NAMES | COPIES)[node.attr]
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
        yield "order", "elts", [node.elts[1], node.elts[0], *node.elts[2:]]
    elif isinstance(node, ast.Slice):
        yield from (("slice", name, None) for name in ("lower", "upper") if getattr(node, name))
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition", "test", ast.Constant(value=isinstance(node, ast.If | ast.IfExp))
        yield "condition", "test", ast.Constant(value=False)
    for name, child in ast.iter_fields(node):
        if isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.USub | ast.Not):
            yield "sign", name, child.operand
        elif _is_copy(child):
            yield "copy", name, child.func.value
        elif isinstance(child, list):
            for n, item in enumerate(child):
                if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub):
                    yield "sign", name, child[:n] + [item.operand] + child[n + 1 :]


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


def _calls(call: ast.Call) -> Iterator[tuple[str, str, Any]]:
    for n in range(len(call.keywords)):
        yield "keyword", "keywords", call.keywords[:n] + call.keywords[n + 1 :]
    if len(call.args) > 1:
        yield "arguments", "args", [call.args[1], call.args[0], *call.args[2:]]
    if isinstance(call.func, ast.Name) and call.func.id == "range":
        end = 0 if len(call.args) == 1 else 1
        for operator in (ast.Add(), ast.Sub()):
            moved = ast.BinOp(left=call.args[end], op=operator, right=ast.Constant(value=1))
            yield "off by one", "args", [*call.args[:end], moved, *call.args[end + 1 :]]


def _is_copy(node: Any) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy"


# the other way: what is missing is put in


def additions(tree: ast.AST, names: list[str]) -> Iterator[Change]:
    """Changes that put in what was forgotten, or take another of these names."""
    yield from _other_parts(tree)
    yield from _other_names(tree, names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MENDED:
            yield from (Change("operator", node, "attr", other, node.lineno) for other in MENDED[node.attr])
        elif isinstance(node, ast.Call):
            yield from (Change("keyword", node, "keywords", added, node.lineno) for added in _keywords(node, names))
            yield from (Change("arguments", node, "args", turned, node.lineno) for turned in _exchanged(node.args))
            yield from _named(node, names)
        elif isinstance(node, ast.Constant) and type(node.value) is int and node.value:
            yield Change("sign", node, "value", -node.value, node.lineno)
        elif isinstance(node, ast.Constant) and type(node.value) is float:
            yield from (
                Change("constant", node, "value", other, node.lineno) for other in (node.value / 2, 1 - node.value)
            )
        elif isinstance(node, ast.Slice):
            for name, end in (("lower", 1), ("upper", -1)):
                if getattr(node, name) is None:
                    yield Change("slice", node, name, ast.Constant(end), node.lineno)
        elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
            yield from (Change("order", node, "elts", turned, node.lineno) for turned in _exchanged(node.elts))
        elif isinstance(node, ast.BinOp) and type(node.op) in REVERSED:
            yield from (Change("operator", node, "op", other(), node.lineno) for other in REVERSED[type(node.op)])
            if isinstance(node.op, ORDERED):
                turned = Change("arguments", node, "right", node.left, node.lineno)
                yield dataclasses.replace(turned, name="left", value=node.right, others=(turned,))
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
            for op in (TURNED[type(node.ops[0])], ast.Eq):
                yield Change("comparison", node, "ops", [op(), *node.ops[1:]], node.lineno)
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield Change("sign", node, "test", ast.UnaryOp(ast.Not(), node.test), node.lineno)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            items = node.value.elts
            for n, item in enumerate(items):
                for new in _put_on(item, names):
                    yield Change("put on", node.value, "elts", [*items[:n], new, *items[n + 1 :]], item.lineno)
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            for number, new in _moved(block) if isinstance(block, list) else ():
                yield Change("moved", node, name, new, number)
            for number, new in _exchanged_runs(block) if isinstance(block, list) else ():
                yield Change("moved far", node, name, new, number)
            for n, statement in enumerate(block if isinstance(block, list) else []):
                for other in _with_names_exchanged(statement, names):
                    yield Change("exchanged", node, name, [*block[:n], other, *block[n + 1 :]], statement.lineno)
            for n, statement in enumerate(block if isinstance(block, list) else []):
                if isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Tuple | ast.List):
                    for added in _in_place(statement):
                        yield Change("added", node, name, [*block[:n], added, *block[n + 1 :]], statement.lineno)
        for name, child in ast.iter_fields(node):
            if isinstance(child, ast.expr) and not isinstance(node, ast.Expr | ast.Attribute | ast.keyword):
                for kind, new in [*_around(child, node, name, names), *_within(child)]:
                    yield Change(kind, node, name, new, child.lineno)
            elif isinstance(child, list):
                is_range = getattr(getattr(node, "func", None), "id", "") in ("slice", "range")
                for n, item in enumerate(child):
                    around = _within(item) if isinstance(item, ast.expr) else ()
                    for kind, new in [*around, *(_shifted(item, names) if is_range and name == "args" else ())]:
                        yield Change(kind, node, name, [*child[:n], new, *child[n + 1 :]], item.lineno)


def _other_names(tree: ast.AST, names: list[str]) -> Iterator[Change]:
    """Another of these names in the place of one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            yield from (Change("name", node, "id", other, node.lineno) for other in names if other != node.id)


def _other_parts(tree: ast.AST) -> Iterator[Change]:
    """Another attribute of `self`, or another key, of those that are there."""
    nodes = [*ast.walk(tree)]
    own = [node for node in nodes if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self"]
    keys = [node.slice for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)]
    texts = [key for key in keys if isinstance(key.value, str)]
    for those, name in ((own, "attr"), (texts, "value")):
        for node in those:
            for other in dict.fromkeys(getattr(one, name) for one in those):
                if other != getattr(node, name):
                    yield Change("name", node, name, other, node.lineno)


def _exchanged_runs(block: list[ast.stmt]) -> Iterator[tuple[int, list[ast.stmt]]]:
    """The statements with some of them in front of those before them, and the line of the first of these."""
    if len(block) <= LONGEST_BLOCK:
        for start, cut, end in itertools.combinations(range(len(block) + 1), 3):
            yield block[cut].lineno, [*block[:start], *block[cut:end], *block[start:cut], *block[end:]]


def _moved(block: list[ast.stmt]) -> Iterator[tuple[int, list[ast.stmt]]]:
    """The statements with one that stands elsewhere, and its line: a place on, or in the block before it, or out of one."""
    for n, statement in enumerate(block):
        before, after = block[:n], block[n + 1 :]
        if after:
            yield statement.lineno, [*before, after[0], statement, *after[1:]]
        if not isinstance(statement, ast.For | ast.While | ast.If | ast.With):
            continue
        for count in {1, len(after)} if after else ():
            yield after[0].lineno, [*before, _with_body(statement, statement.body + after[:count]), *after[count:]]
        if len(statement.body) > 1:
            first, *rest = statement.body
            yield first.lineno, [*before, first, _with_body(statement, rest), *after]
            *rest, last = statement.body
            yield last.lineno, [*before, _with_body(statement, rest), last, *after]


def _with_names_exchanged(statement: ast.stmt, names: list[str]) -> Iterator[ast.stmt]:
    """A line in which two of these names that it reads stand for each other."""
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
        return
    loaded = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for one, other in itertools.combinations(sorted(loaded & {*names} - {"self"}), 2):
        changed = copy.deepcopy(statement)
        for node in ast.walk(changed):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in (one, other):
                node.id = other if node.id == one else one
        yield changed


def _with_body(statement: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
    other = copy.copy(statement)
    other.body = body
    return other


def _in_place(statement: ast.Assign) -> Iterator[ast.stmt]:
    """What may have been meant by `a = b`: `a += b`, or that what is there takes these values."""
    target = statement.targets[0]
    yield from (ast.AugAssign(target, op(), statement.value) for op in IN_PLACE)
    if isinstance(target, ast.Name):
        written = ast.Subscript(ast.Name(target.id, ast.Load()), ast.Constant(...), ast.Store())
        yield ast.Assign([written], statement.value)


def _with_other_brackets(child: ast.BinOp) -> Iterator[ast.expr]:
    """`(a + b) * c` as `a + (b * c)`, and the other way round."""
    left, right = child.left, child.right
    if isinstance(left, ast.BinOp):
        yield ast.BinOp(left.left, left.op, ast.BinOp(left.right, child.op, right))
    if isinstance(right, ast.BinOp):
        yield ast.BinOp(ast.BinOp(left, child.op, right.left), right.op, right.right)


def _shifted(child: ast.expr, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """An end of a range or a slice, moved on by one of these names."""
    yield from (("off by one", ast.BinOp(child, ast.Add(), ast.Name(other, ast.Load()))) for other in names)


def _within(child: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What of an expression may be too much: one side of an operator, a call around its only argument, a method."""
    if isinstance(child, ast.BinOp):
        yield from (("brackets", other) for other in _with_other_brackets(child))
        yield "dropped", child.left
        yield "dropped", child.right
    elif isinstance(child, ast.Call) and not child.keywords:
        if len(child.args) == 1 and not isinstance(child.args[0], ast.Starred | ast.GeneratorExp):
            yield "dropped", child.args[0]
        elif not child.args and isinstance(child.func, ast.Attribute):
            yield "dropped", child.func.value


# By a name, those that may have been meant; `NAMES` and `COPIES` have some of it the other way round.
PAIRS = "zeros_like ones_like, argmax argmin, any all, floor ceil, append extend, cos sin, var std, sum max"
MENDED = {"ones": ["zeros"], "minimum": ["maximum"], "square": ["sqrt"], "asarray": ["array"]}
for one, other in map(str.split, PAIRS.split(", ")):
    MENDED |= {one: [other], other: [one]}
REVERSED = {  # by an operator, others than what `OPERATORS` make of it
    ast.Add: [ast.Mult],
    ast.Sub: [ast.Mult, ast.Div],
    ast.Mult: [ast.Pow, ast.MatMult, ast.Add, ast.Sub],
    ast.Div: [ast.FloorDiv, ast.Sub],
    ast.FloorDiv: [ast.Mod, ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Div],
}
ORDERED = ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult
IN_PLACE = (ast.Add, ast.Sub, ast.Mult)
TURNED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
REDUCING = {"sum", "mean", "max", "min", "var", "std", "prod", "argmax", "argmin", "cumsum", "any", "all", "sort"}


def _exchanged(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The items with two neighbours exchanged."""
    for n in range(len(items) - 1):
        yield [*items[:n], items[n + 1], items[n], *items[n + 2 :]]


def _keywords(call: ast.Call, names: list[str]) -> Iterator[list[ast.keyword]]:
    """The keywords of a call with one more, or with another axis."""
    given = [keyword.arg for keyword in call.keywords]
    for n, keyword in enumerate(call.keywords):
        if keyword.arg in ("axis", "dim"):
            for axis in (0, 1, -1, -2):
                yield [*call.keywords[:n], ast.keyword(keyword.arg, ast.Constant(axis)), *call.keywords[n + 1 :]]
    if getattr(call.func, "attr", "") in REDUCING:
        if "axis" not in given and "dim" not in given and len(call.args) < 2:
            for axis in (0, -1):
                yield [*call.keywords, ast.keyword("axis", ast.Constant(axis))]
        if "keepdims" not in given:
            yield [*call.keywords, ast.keyword("keepdims", ast.Constant(True))]
        for name in {"axis", "dim"} & {*names} if not given else ():
            axis = ast.keyword("axis", ast.Name(name, ast.Load()))
            yield from ([axis], [axis, ast.keyword("keepdims", ast.Constant(True))])


def _named(call: ast.Call, names: list[str]) -> Iterator[Change]:
    """A whole number that is handed in, as one of these names; or what is, times one of them."""
    for n, item in enumerate(call.args):
        for other in names if isinstance(item, ast.Name) else ():
            args = [*call.args[:n], ast.BinOp(item, ast.Mult(), ast.Name(other, ast.Load())), *call.args[n + 1 :]]
            yield Change("put on", call, "args", args, item.lineno)
        if isinstance(item, ast.Constant) and type(item.value) is int:
            for other in names:
                args = [*call.args[:n], ast.Name(other, ast.Load()), *call.args[n + 1 :]]
                yield Change("name", call, "args", args, item.lineno)
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant) and type(keyword.value.value) is int:
            for other in names:
                yield Change("name", keyword, "value", ast.Name(other, ast.Load()), call.lineno)


def _put_on(value: ast.expr, names: list[str]) -> Iterator[ast.expr]:
    for other, op in itertools.product(names, (ast.Mult, ast.Div, ast.Add, ast.Sub)):
        yield ast.BinOp(value, op(), ast.Name(other, ast.Load()))


def throughout(function: ast.FunctionDef, names: list[str]) -> Iterator[Change]:
    """The same change in all places of what a function says several times: an expression, or in a line a name or number."""
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            for one, *others in _alike(statement, ast.Constant):
                for value in (one.value + 1, one.value - 1) if others and type(one.value) is int else ():
                    yield Change("throughout", one, "value", value, one.lineno, _as_well(others, ast.Constant(value)))
            for one, *others in _alike(statement, ast.Name):
                for name in names if others and one.id in names else ():
                    if name != one.id:
                        yield Change("throughout", one, "id", name, one.lineno, _as_well(others, ast.Name(name)))
    for one, *others in _alike(function, ast.BinOp):
        for change in [*changes(one), *_other_names(one, names)] if others else ():
            with change.made():
                new = copy.deepcopy(one)
            yield dataclasses.replace(change, kind="throughout", others=_as_well(others, new))


def _alike(tree: ast.AST, kind: type[ast.AST]) -> Iterable[list[Any]]:
    """The nodes of a kind that are read, together with those that are equal to them."""
    found: dict[str, list[Any]] = {}
    for node in ast.walk(tree):
        if isinstance(node, kind) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            found.setdefault(ast.dump(node), []).append(node)
    return found.values()


def _as_well(nodes: list[ast.AST], new: ast.AST) -> tuple[Change, ...]:
    fields = [name for name in new._fields if name != "ctx"]
    return tuple(Change("throughout", node, name, getattr(new, name), node.lineno) for node in nodes for name in fields)


def _around(child: ast.expr, node: ast.AST, name: str, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """What an expression may become with something around it."""
    value = isinstance(node, ast.Return | ast.Assign) and name == "value"
    if value or (isinstance(node, ast.BinOp | ast.AugAssign | ast.Slice) and name != "target"):
        yield "sign", ast.UnaryOp(ast.USub(), child)
        yield "operator", ast.BinOp(child, ast.Pow(), ast.Constant(0.5))
        if isinstance(child, ast.Name | ast.Attribute):
            yield "sign", ast.BinOp(ast.Constant(1), ast.Sub(), child)
            yield "operator", ast.BinOp(child, ast.Mult(), child)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield "operator", ast.Attribute(child, "T", ast.Load())
    if isinstance(node, ast.Slice):
        yield from _shifted(child, names)
    whole = value or (isinstance(node, ast.AugAssign | ast.Lambda) and name in ("value", "body"))
    if whole and not isinstance(child, ast.Tuple):
        yield from (("put on", new) for new in _put_on(child, names))
    if isinstance(node, ast.BinOp | ast.UnaryOp) and isinstance(child, ast.Name):
        yield "operator", ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "abs", ast.Load()), [child], [])
    if isinstance(child, ast.SetComp):
        yield "operator", ast.ListComp(child.elt, child.generators)
    if value and not isinstance(child, ast.Name | ast.Constant):
        yield from (("put on", ast.Name(other, ast.Load())) for other in names)
    if value:
        yield "copy", ast.Call(ast.Attribute(child, "copy", ast.Load()), [], [])
    if isinstance(node, ast.BinOp | ast.Subscript | ast.Slice) and isinstance(child, ast.Name):
        yield "off by one", ast.BinOp(child, ast.Add(), ast.Constant(1))
        yield "off by one", ast.BinOp(child, ast.Sub(), ast.Constant(1))
