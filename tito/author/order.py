"""Names of the package that are used before the module that introduces them."""

from __future__ import annotations

import ast
import re

from tito.author.answers import Answer
from tito.author.lesson import Lesson, Problem
from tito.syntax import definitions
from tito.workspace import Module

NAME_AS_CODE = re.compile(r"`(\w+)(?:\(.*?\))?`")  # in text


def _introduced(lessons: list[Lesson]) -> dict[str, Module]:
    """The public names of the package, and the module that introduces each."""
    first: dict[str, Module] = {}
    for lesson in lessons:
        for cell in lesson.cells():
            if cell.exported:
                for name in definitions(cell.source):
                    if name.isidentifier() and not name.startswith("_"):
                        first.setdefault(name, lesson.module)
    return first


def used_too_early(lessons: list[Lesson], answers: dict[str, list[Answer]]) -> list[Problem]:
    """Names of the package that a lesson, its tests or its known answers use before the module that introduces them."""
    first = _introduced(lessons)
    numbers = {lesson.module.name: lesson.module for lesson in lessons}
    problems = []
    for lesson in lessons:
        module = lesson.module
        later = {name: other for name, other in first.items() if other.key > module.key}
        mentions = [(lesson.path, line, name) for line, name in _prose_names(lesson.text)]
        for path in [lesson.path, *sorted(module.tests.rglob("*.py"))]:
            mentions += [(path, line, name) for line, name in _names(path.read_text(encoding="utf-8"))]
        for answer in answers[module.key]:
            if not answer.fault:
                names = [name for _, name in _names(lesson.source_with(answer.exercise, answer.body))]
                names += NAME_AS_CODE.findall(answer.sentence or "")
                mentions += [(answer.path, answer.line, name) for name in names]
        for path, line, name in mentions:
            imported = name.removeprefix("tinytorch.")
            other = numbers.get(imported) if imported != name else later.get(name)
            if other and other.key > module.key:
                problems.append(Problem(path, line, f"{name} is used before {other}, which introduces it"))
    return sorted(set(problems), key=lambda problem: (str(problem.path), problem.line))


def _names(source: str) -> list[tuple[int, str]]:
    """Names that Python code uses but does not define itself, and the tinytorch modules it imports."""
    tree = ast.parse(source)
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in own:
            found.append((node.lineno, node.id))
        elif isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "tinytorch":
            names = [alias.name for alias in node.names]
            found += [(node.lineno, name) for name in [node.module, *names, *(f"{node.module}.{n}" for n in names)]]
    return found


def _prose_names(text: str) -> list[tuple[int, str]]:
    """Names set as code in the lesson's text."""
    return [
        (number, name)
        for number, line in enumerate(text.splitlines(), 1)
        if line.startswith("# ")
        for name in NAME_AS_CODE.findall(line)
    ]
