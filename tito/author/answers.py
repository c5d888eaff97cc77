"""The known wrong answers, and the right ones written differently, that each exercise's tests are proved on.

They stand in `tests/NN_name/mistakes/`, as functions under `@mistake(exercise, sentence)` or `@right(exercise)`. They are
read, not run: what the function's body says is put where the exercise's answer goes.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tito.author.lesson import Problem
from tito.workspace import Module


def mistake(exercise: str, sentence: str) -> Callable:
    """Mark a wrong answer to `exercise`, with the sentence that helps whoever wrote it."""
    return lambda function: function


def right(exercise: str) -> Callable:
    """Mark another right answer to `exercise`."""
    return lambda function: function


@dataclass(frozen=True)
class Answer:
    exercise: str
    name: str
    sentence: str | None  # None for a right answer
    body: str
    path: Path
    line: int

    def problem(self, text: str) -> Problem:
        return Problem(self.path, self.line, text)


def read_answers(module: Module) -> list[Answer]:
    """All known answers of a module, file by file."""
    answers = []
    for path in sorted((module.tests / "mistakes").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        for node in ast.parse(text, str(path)).body:
            for mark in getattr(node, "decorator_list", []):
                if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") in ("mistake", "right"):
                    values = [ast.literal_eval(value) for value in mark.args]
                    sentence = values[1] if mark.func.id == "mistake" else None
                    start = node.body[0].lineno
                    while lines[start - 2].lstrip().startswith("#"):
                        start -= 1
                    body = textwrap.dedent("\n".join(lines[start - 1 : node.end_lineno]))
                    answers.append(Answer(values[0], node.name, sentence, body, path, node.lineno))
    return answers
