"""`tito hint`: the hints of an exercise, one at a time, as they stand in the notebook."""

from __future__ import annotations

import contextlib
import html
import json
import re
import textwrap

from tito import term
from tito.course import Course
from tito.errors import TitoError
from tito.workspace import Module, Workspace, write


def run(exercise: str | None = None, which: int | None = None) -> int:
    course = Course()
    if exercise and exercise.isdecimal() and which is None:  # `tito hint 2`
        exercise, which = None, int(exercise)
    print(text(exercise or next_exercise(course, course.progress.current()), which, course=course))
    return 0


def text(exercise: str, which: int | None = None, again: str = "tito hint {name}", course: Course | None = None) -> str:
    """A hint, and how to get the next one. Without `which` it is the one after the last that was given."""
    course = course or Course()
    hints = course.exercise(exercise)[1].exercises[exercise].hints
    if not hints:
        raise TitoError(f"{exercise} has no hints.")
    if which is None:
        which = _given(course.workspace).get(exercise, 0) % len(hints) + 1
    if not 1 <= which <= len(hints):
        raise TitoError(f"{exercise} has {len(hints)} hints; there is no hint {which}.")
    _remember(course.workspace, exercise, which)
    plain = html.unescape(re.sub(r"</?code>", "`", re.sub(r"<(?!/?code>)[^>]*>", "", hints[which - 1])))
    width = term.width() - 2
    lines = [
        f"{exercise}, hint {which} of {len(hints)}",
        "",
        *textwrap.wrap(plain, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False),
    ]
    if which < len(hints):
        lines += ["", f"More: {again.format(name=exercise, which=which + 1)}"]
    return "\n".join(lines)


def next_exercise(course: Course, module: Module) -> str:
    """The exercise that is next in a module. Raises TitoError if there is none."""
    left = course.undone(module, course.submission(module))
    if not left:
        raise TitoError(f"all exercises of {module} are done: `tito check {module.number}`.")
    return left[0]


def _given(workspace: Workspace) -> dict[str, int]:
    """How far each exercise's hints have been read."""
    try:
        found = json.loads((workspace.private / "hints.json").read_text(encoding="utf-8"))
        return {name: which for name, which in found.items() if isinstance(which, int)}
    except (OSError, ValueError, AttributeError):
        return {}  # then they start again


def _remember(workspace: Workspace, exercise: str, which: int) -> None:
    given = _given(workspace) | {exercise: which}
    with contextlib.suppress(TitoError):  # a hint can be read where nothing can be written
        write(workspace.private / "hints.json", json.dumps(given, indent=1) + "\n", sync=False)
