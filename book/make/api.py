"""The reference of `tinytorch`, read from the signatures and docstrings of the package made from the answers."""

from __future__ import annotations

import ast
from pathlib import Path

from tito.author.lesson import Lesson

HEAD = """# The package `tinytorch`

What the modules export when every exercise is written: each name with its signature and what it promises. A name
that PyTorch has too means the same there.

| module | what it holds |
|---|---|
{rows}

```{{toctree}}
:hidden:

{names}
```
"""


def pages(package: Path, lessons: list[Lesson]) -> dict[str, bytes]:
    """A page for each module of the package, and one that lists them."""
    found, rows = {}, []
    for lesson in lessons:
        name = lesson.module.name
        tree = ast.parse((package / f"{name}.py").read_text(encoding="utf-8"))
        what = ast.get_docstring(tree).split("\n")[0]
        rows.append(f"| [`tinytorch.{name}`]({name}.md) | {what.partition(': ')[2]} |")
        found[f"reference/api/{name}.md"] = _page(lesson, tree, what).encode()
    names = "\n".join(lesson.module.name for lesson in lessons)
    return found | {"reference/api/index.md": HEAD.format(rows="\n".join(rows), names=names).encode()}


def _page(lesson: Lesson, tree: ast.Module, what: str) -> str:
    module = lesson.module
    lines = [f"# `tinytorch.{module.name}`", "", what, "", f"Written in [module {module}](/lessons/{module.key}).", ""]
    lines += _directive("module", f"tinytorch.{module.name}", [])
    exported = next(ast.literal_eval(node.value) for node in tree.body if _target(node) == "__all__")
    for node in tree.body:
        if getattr(node, "name", _target(node)) in exported:
            lines += _described(node)
    return "\n".join(lines)


def _described(node: ast.stmt, within: str = "") -> list[str]:
    """A class, function or value that has a name. Methods without a docstring do what the base class says."""
    if isinstance(node, ast.ClassDef):
        bases = [ast.unparse(base) for base in node.bases if not ast.unparse(base).startswith("_")]
        body = [f"A subclass of `{bases[0]}`.", ""] if bases else []
        body += (ast.get_docstring(node) or "").split("\n") + [""]
        for member in node.body:
            private = getattr(member, "name", "_").startswith("_") and not getattr(member, "name", "").startswith("__")
            if isinstance(member, ast.FunctionDef) and not private and ast.get_docstring(member):
                body += _described(member, within=node.name)
        init = next((member for member in node.body if getattr(member, "name", "") == "__init__"), None)
        return _directive("class", f"{node.name}({_parameters(init, bound=True) if init else ''})", body)
    if isinstance(node, ast.FunctionDef):
        marks = [ast.unparse(mark) for mark in node.decorator_list]
        body = (ast.get_docstring(node) or "").split("\n")
        if "property" in marks:
            return _directive("property", node.name, body)
        options = [":classmethod:", ""] if "classmethod" in marks else []
        signature = f"{node.name}({_parameters(node, bound=bool(within))})"
        return _directive("method" if within else "function", signature, options + body)
    return _directive("data", _target(node), [f":value: {ast.unparse(node.value)}"])


def _directive(kind: str, signature: str, body: list[str]) -> list[str]:
    """A directive of Sphinx's Python domain; one that holds others has a longer fence."""
    fence = "`" * (4 if any(line.startswith("```") for line in body) else 3)
    return [f"{fence}{{py:{kind}}} {signature}", *body, fence, ""]


def _parameters(function: ast.FunctionDef, bound: bool) -> str:
    """The parameters as they are written, without `self`."""
    arguments = function.args
    if bound:
        arguments = ast.parse(ast.unparse(function)).body[0].args
        del arguments.args[0]
    return ast.unparse(arguments)


def _target(node: ast.stmt) -> str:
    """The name that an assignment gives its value."""
    return node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else ""
