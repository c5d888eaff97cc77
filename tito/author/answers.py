"""The known wrong answers, and the right ones written differently, that each exercise's tests are proved on.

They stand in `tests/NN_name/mistakes/EXERCISE.txt`, a blank line between them, each as the edits that make it from the
author's answer, or as a whole answer where there is no arrow:

    adds_eps_to_the_root: `eps` was added to the root. It stands under it, beside the variance.
        np.sqrt(variance + eps)  =>  np.sqrt(variance) + eps

    shifts_before_it_scales: The bias is added before the weight is multiplied, so it is scaled too.
        out *= weight
        out += bias
        =>
        out += bias
        out *= weight

    right with_var
        scale = (x.var(axis=axis, keepdims=True) + eps) ** -0.5
        return (x - x.mean(axis=axis, keepdims=True)) * scale * weight + bias

An arrow in a line is between texts within a line, an arrow on a line of its own between whole lines. Edits of whole lines
are set apart by blank lines. What stands before an arrow must be in the answer once.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tito.author.lesson import Lesson, Problem

HEADER = re.compile(r"right (?P<right>\w+)|(?P<mistake>\w+): (?P<sentence>.+)")
ARROW = "=>"
MISTAKES, EQUIVALENT = "mistakes", "mistakes/equivalent"  # folders; the second holds mutants that make no difference


@dataclass
class Answer:
    exercise: str
    path: Path
    line: int
    name: str = ""
    sentence: str | None = None  # None for a right answer
    body: str = ""
    fault: Problem | None = None  # why it cannot be made from the author's answer

    def problem(self, text: str, below: int = 0) -> Problem:
        """A problem with this answer, so many lines below its header."""
        return Problem(self.path, self.line + below, f"{self.name}: {text}" if self.name else text)


def read_answers(lesson: Lesson, folder: str = MISTAKES) -> list[Answer]:
    """All known answers of a lesson in this folder of its tests, file by file."""
    answers = []
    for path in sorted((lesson.module.tests / folder).glob("*.txt")):
        line = 1
        for block in re.split(r"\n\n(?=\S)", path.read_text(encoding="utf-8").strip("\n")):
            answers.append(_read(block, Answer(path.stem, path, line), lesson))
            line += block.count("\n") + 2
    return answers


def _read(block: str, answer: Answer, lesson: Lesson) -> Answer:
    """Fill in what a block says: its header up to the first line that is indented, then edits or a whole answer."""
    lines = block.split("\n")
    end = next((n for n, line in enumerate(lines) if not line.strip() or line[0] == " "), len(lines))
    header = HEADER.fullmatch(" ".join(lines[:end]))
    try:
        if header is None:
            raise _Wrong(0, "a known answer begins with `name: sentence` if it is wrong, or with `right name`")
        answer.name, answer.sentence = header["mistake"] or header["right"], header["sentence"]
        if answer.exercise not in lesson.exercises:
            raise _Wrong(0, f"there is no exercise {answer.exercise} in this lesson")
        body = textwrap.dedent("\n".join(lines[end:]))
        if not body.strip():
            raise _Wrong(0, "neither an edit nor an answer follows")
        answer.body = _edited(lesson.body(answer.exercise), body, end) if ARROW in body else body
        ast.parse(answer.body)
    except _Wrong as wrong:
        answer.fault = answer.problem(wrong.text, wrong.line)
    except SyntaxError as error:
        answer.fault = answer.problem(f"this makes an answer that is not Python: {error.msg}")
    return answer


class _Wrong(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text  # lines below the header


def _edited(answer: str, edits: str, line: int) -> str:
    """The answer after these edits, one after the other; `line` is where they begin. Raises _Wrong."""
    answer = _without_empty_lines(answer)  # an empty line separates edits, so no text of one may need it
    for edit in edits.split("\n\n"):
        lines = edit.split("\n")
        if ARROW in lines:
            at = lines.index(ARROW)
            answer = _replace_lines(answer, lines[:at], lines[at + 1 :], line)
        else:
            for number, text in enumerate(lines, line):
                before, arrow, after = text.partition(ARROW)
                if not arrow:
                    raise _Wrong(number, f"`before  {ARROW}  after` is expected here, or an arrow on a line of its own")
                answer = _replace(answer, before.strip(), after.strip(), number)
        line += len(lines) + 1
    return answer


def _replace(answer: str, before: str, after: str, line: int) -> str:
    _once(answer.count(before) if before else 0, before, line)
    return _without_empty_lines(answer.replace(before, after))


def _replace_lines(answer: str, before: list[str], after: list[str], line: int) -> str:
    lines, wanted = answer.split("\n"), textwrap.dedent("\n".join(before))
    found = [n for n in range(len(lines)) if textwrap.dedent("\n".join(lines[n : n + len(before)])) == wanted]
    _once(len(found), wanted, line)
    (start,) = found
    replaced = lines[start : start + len(before)]
    shift = _margin(replaced) - _margin(before)
    moved = [" " * (_margin([line]) + shift) + line.lstrip() for line in after]
    return "\n".join([*lines[:start], *moved, *lines[start + len(before) :]])


def _without_empty_lines(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip())


def _once(count: int, text: str, line: int) -> None:
    if count != 1:
        where = f"stands {count} times in" if count else "is not in"
        raise _Wrong(line, f"`{text.partition(chr(10))[0]}` {where} the author's answer; it must be there once")


def _margin(lines: list[str]) -> int:
    return min(len(line) - len(line.lstrip()) for line in lines if line.strip())
