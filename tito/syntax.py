"""What a cell's code says without being run: which names it defines and needs, and which class it extends."""

from __future__ import annotations

import ast  # which dataclasses import anyhow
import functools
import re

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # null bytes, or nested beyond what Python parses
EXTENDED = re.compile(r"^(?:@(?:\w+\.)?extend\((\w+)\)\s+(?:@\w+\s+)*)?(?:def|class)\s+(\w+)", re.MULTILINE)


@functools.lru_cache(maxsize=512)  # most cells are the same in every submission
def tree(source: str) -> ast.Module:
    """Parse a cell; nobody changes the tree. Raises one of UNREADABLE if it is not Python."""
    return ast.parse(source)


def statements(source: str) -> list[ast.stmt] | None:
    """Return a cell's statements, or None if it is not Python."""
    try:
        return tree(source).body
    except UNREADABLE:
        return None


def extension(node: ast.stmt) -> ast.Call | None:
    """Find the decorator `@extend(Class)` of a definition."""
    for decorator in getattr(node, "decorator_list", []):
        if isinstance(decorator, ast.Call) and len(decorator.args) == 1:
            called = decorator.func
            if (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) == "extend":
                return decorator
    return None


def extended(node: ast.stmt) -> str | None:
    """Name the class that a definition adds to."""
    decorator = extension(node)
    try:
        return ast.unparse(decorator.args[0]) if decorator else None
    except RecursionError:  # an expression of a thousand levels is no class of ours
        return "…"


def definitions(source: str) -> list[str]:
    """List the names a cell defines at its top level: `Tensor.sum` for a method added with @extend(Tensor).

    Functions named `_`, of which there are many, are told apart by what they are registered with: `@derivative(np.add)`.
    """
    body = statements(source)
    if body is None:
        named = [f"{owner}.{name}" if owner else name for owner, name in EXTENDED.findall(source) if name != "_"]
        return named + ["".join(mark.split()) for mark in re.findall(r"^(@.+\))\s+def _\(", source, re.MULTILINE)]
    names = []
    for node in body:
        if isinstance(node, Definition):
            owner = extended(node)
            if node.name == "_" and node.decorator_list:
                mark = ast.get_source_segment(source, node.decorator_list[0])
                names.append("@" + "".join(mark.split()))
            else:
                names.append(f"{owner}.{node.name}" if owner else node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return names


def binds(source: str) -> set[str]:
    """Name all that a cell gives a meaning to."""
    body = statements(source)
    if body is None:
        return set(definitions(source))
    nodes = [node for statement in body for node in ast.walk(statement)]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes if isinstance(node, Definition)}
    return names | {(alias.asname or alias.name).partition(".")[0] for alias in nodes if isinstance(alias, ast.alias)}
