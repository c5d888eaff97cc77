"""What the text of a wrong answer shows without being run: a `return` that is missing, a value that nothing uses.

What is said is true of the text whatever the tests are, and right answers have none of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tito.syntax import extended

LONGEST_LINE = 60  # characters of a line that is quoted
PURE = {"abs", "dict", "float", "int", "len", "list", "max", "min", "set", "sorted", "sum", "tuple", "zip"}
PURE_METHODS = {  # of arrays, tensors and texts: they give something new, and change nothing
    *("argmax", "argmin", "astype", "copy", "flatten", "max", "mean", "min", "permute", "reshape", "squeeze", "sum"),
    *("swapaxes", "transpose", "unsqueeze", "join", "lower", "replace", "strip", "upper"),
}
PURE_IN_NUMPY = PURE_METHODS | {  # unless they are given where to write
    *("abs", "add", "concatenate", "divide", "exp", "log", "matmul", "maximum", "minimum", "multiply", "sqrt"),
    *("stack", "subtract", "where"),
}
FUNCTION = ast.FunctionDef | ast.Lambda
OF_ITSELF = {"Tensor", "Node"}  # classes whose attributes can be worked out from one another


def sentence(source: str, reading: list[str]) -> str:
    """Say the first that no right answer would have; `reading` is what all right answers read."""
    for find in (_unused, lambda function: _ignored(function, reading), _never_read, _lost_in_a_loop, _rebound):
        for function in _functions(source):
            if found := find(function):
                return found
    return _attribute_ignored(source, reading)


# a forgotten return


def returning(source: str) -> list[str]:
    """The functions in a cell that return a value, or yield."""
    return [node.name for node in _functions(source) if _returns(node) or _yields(node)]


def forgotten_return(source: str, names: list[str], nothing: bool) -> str:
    """Say if one of these functions returns nothing; where `nothing` came back in any case, if it can come to its end."""
    for node in _functions(source):
        it, never = f"`{node.name}`" if node.col_offset else "It", not _returns(node)
        if node.name not in names or _yields(node) or isinstance(node.body[-1], ast.Raise):
            continue
        if nothing and (never or _ends_open(node.body)):
            return f"{it} returned None: is a `return` missing?"
        if never:  # what came of it may be anything
            return f"{it} has no `return` with a value."
    return ""


def _returns(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Return) and node.value is not None for node in _own(function))


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own(function))


def _ends_open(body: list[ast.stmt]) -> bool:
    """Whether these statements can come to their end; a loop that should have ended before is another mistake."""
    last = body[-1]
    if isinstance(last, ast.If):
        return not last.orelse or _ends_open(last.body) or _ends_open(last.orelse)
    if isinstance(last, ast.With):
        return _ends_open(last.body)
    if isinstance(last, ast.Try):
        return _ends_open(last.orelse or last.body) or any(_ends_open(handler.body) for handler in last.handlers)
    return not isinstance(last, ast.Return | ast.Raise | ast.For | ast.While)


# what is not used


def _unused(function: ast.FunctionDef) -> str:
    """A value that is worked out, and nothing is done with it."""
    for node in _own(function):
        if isinstance(node, ast.Expr) and not _has_effect(node.value, function):
            text = " ".join(ast.unparse(node).split())
            shown = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
            return f"The value of `{shown}` is worked out and not used: is a `return` missing, or a name for it?"
    return ""


def _has_effect(value: ast.expr, function: ast.FunctionDef) -> bool:
    """Whether an expression may do something, or is a docstring or `...`."""
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name):
            return value.func.id not in PURE and not (value.func.id == function.name and _returns(function))
        writes = len(value.args) > 2 or any(keyword.arg in ("out", None) for keyword in value.keywords)
        in_numpy = isinstance(value.func, ast.Attribute) and getattr(value.func.value, "id", "") == "np"
        return writes or getattr(value.func, "attr", "") not in (PURE_IN_NUMPY if in_numpy else PURE_METHODS)
    return isinstance(value, ast.Constant | ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr | ast.ListComp)


def reading(source: str) -> list[str]:
    """What is read in a cell of the parameters of its functions and of the attributes of its `self`, as `self.p`."""
    found = []
    for function in _functions(source):
        read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        found += [name for name in _parameters(function) if name in read and name not in found]
    return found + sorted(_attributes(source))


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in [*function.args.args, *function.args.kwonlyargs] if argument.arg != "self"]


def _ignored(function: ast.FunctionDef, reading: list[str]) -> str:
    """A parameter that is not read, though the answer reads it."""
    read = _loaded(function) | {node.target.id for node in _own(function) if _is_in_place(node)}
    ignored = [name for name in _parameters(function) if name in reading and name not in read]
    return f"`{ignored[0]}` is never used, and what is expected depends on it." if ignored else ""


def _never_read(function: ast.FunctionDef) -> str:
    """A name that is given a value, and is read nowhere."""
    read = _loaded(function)
    for node in _own(function):
        name = _assigned(node)
        if name and name not in read and not name.startswith("_"):
            return f"`{name}` is given a value, and that is never used."
    return ""


def _loaded(function: ast.FunctionDef) -> set[str]:
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    return {node.id for node in names if not isinstance(node.ctx, ast.Store)}


def _assigned(node: ast.AST) -> str:
    """The name in `name = …`, if it is one."""
    one = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    return node.targets[0].id if one else ""


def _is_in_place(node: ast.AST) -> bool:
    """Whether it is `name += …`, which uses what was handed in."""
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _attribute_ignored(source: str, reading: list[str]) -> str:
    """An attribute or a method of `self` that is not used, though the answer uses it."""
    read = _attributes(source)
    if "self" in read:
        return ""
    ignored = [name for name in reading if name.startswith("self.") and name not in read]
    others = {name for name in read if name not in reading}  # by which it may be done all the same:
    for name in sorted(ignored, key=lambda name: name.endswith("()")):
        # what another method reads is not known, and what is called may be replaced by anything
        if not (others if name.endswith("()") else {other for other in others if other.endswith("()")}):
            return f"`{name}` is never used, and all answers that are known to be right use it."
    return ""


def _attributes(source: str) -> set[str]:
    """The attributes of `self` in a method, as `self.p`, or `self.f()` if it is called; `self` if that is used whole."""
    tree = _tree(source)
    if not any((extended(node) or "Tensor") not in OF_ITSELF for node in tree.body):
        return set()
    found, seen = set(), set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call)
        attribute = node.func if called else node
        if isinstance(attribute, ast.Attribute) and getattr(attribute.value, "id", "") == "self":
            seen.add(attribute.value)
            if called:
                seen.add(attribute)
                found.add(f"self.{attribute.attr}()")
            elif attribute not in seen:
                found.add(f"self.{attribute.attr}")
        elif isinstance(node, ast.Name) and node.id in ("self", "super") and node not in seen:
            found.add("self")
    return found


# what is lost again


def _lost_in_a_loop(function: ast.FunctionDef) -> str:
    """A loop that always ends in its first round, or that leaves of each round nothing but of the last."""
    for loop in _own(function):
        if not isinstance(loop, ast.For | ast.While):
            continue
        inner = [node for statement in loop.body for node in ast.walk(statement)]
        if any(isinstance(node, ast.Continue | ast.Break) for node in inner):
            continue
        if _always_returns(loop.body):
            return f"The loop in line {loop.lineno} ends in its first round: a `return` in it is always reached."
        if any(isinstance(node, ast.Return | ast.Yield) for node in inner):
            continue
        read = _read_in(loop)
        for name in map(_assigned, loop.body if isinstance(loop, ast.For) else ()):
            if name and name not in read and _read_after(function, loop, name):
                return (
                    f"Each round of the loop in line {loop.lineno} gives `{name}` a new value: "
                    "after the loop, only that of the last round is left."
                )
    return ""


def _always_returns(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, ast.Return)


def _read_in(loop: ast.For | ast.While) -> set[str]:
    """The names that are read in a loop otherwise than to add to them: `a += 1`, `a[0] = 1`, `a.append(1)`."""
    added = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            added.add(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("append", "extend", "add"):
            added.add(node.func.value)
    names = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Load) and node not in added}


def _read_after(function: ast.FunctionDef, loop: ast.For | ast.While, name: str) -> bool:
    """Whether a name is read, or added to, after a loop before it is given another value."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    later = sorted((node for node in names if node.lineno > loop.end_lineno), key=lambda node: node.lineno)
    added = [node.target for node in _own(function) if isinstance(node, ast.AugAssign)]
    return bool(later) and (isinstance(later[0].ctx, ast.Load) or later[0] in added)


def _rebound(function: ast.FunctionDef) -> str:
    """`p = p - …`, where what `p` stood for was to change: the name has another value, and nothing reads that."""
    handed = {*_parameters(function)}
    for node, loops in _with_loops(function.body, ()):
        name = _assigned(node)
        targets = [{part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)} for loop in loops]
        around = next((n for n, those in enumerate(targets) if name in those), None)  # the loop whose name it is
        if not name or (around is None and (name not in handed or loops)) or around not in (None, len(loops) - 1):
            continue
        end = loops[around].end_lineno if around is not None else function.end_lineno
        used = [part for part in ast.walk(function) if isinstance(part, ast.Name) and part.id == name]
        inside = [part for other in _inner(function) for part in ast.walk(other)]
        if not any(node.end_lineno < part.lineno <= end or part in inside for part in used):
            return (
                f"Line {node.lineno} gives the name `{name}` a new value that is never used: "
                "what it stood for stays as it was."
            )
    return ""


def _with_loops(body: list[ast.stmt], loops: tuple[ast.For, ...]) -> Iterator[tuple[ast.stmt, tuple[ast.For, ...]]]:
    """The statements of a function, each with the loops that it is in; none that is in a `while` or a `try`."""
    for node in body:
        yield node, loops
        if isinstance(node, ast.For):
            yield from _with_loops(node.body, (*loops, node))
        elif isinstance(node, ast.If | ast.With):
            yield from _with_loops([*node.body, *getattr(node, "orelse", [])], loops)


# reading


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def _functions(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(_tree(source)) if isinstance(node, ast.FunctionDef)]


def _own(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of a function that are in no other one within it."""
    elsewhere = {id(node) for other in _inner(function) for node in ast.walk(other)}
    return [node for node in ast.walk(function) if id(node) not in elsewhere]


def _inner(function: ast.FunctionDef) -> list[ast.AST]:
    return [node for node in ast.walk(function) if isinstance(node, FUNCTION) and node is not function]
