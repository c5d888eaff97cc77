"""`tito hint`: the hints of an exercise, one at a time, as they stand in the notebook."""

from __future__ import annotations

import html
import re
import textwrap

from tito.course import Course
from tito.errors import TitoError


def run(exercise: str, which: int = 1) -> int:
    print(text(exercise, which))
    return 0


def text(exercise: str, which: int = 1, again: str = "tito hint {name} {which}") -> str:
    """The hint, and how to get the next one."""
    _, original = Course().exercise(exercise)
    hints = original.exercises[exercise].hints
    if not 1 <= which <= len(hints):
        raise TitoError(f"{exercise} has {len(hints)} hints; there is no hint {which}.")
    plain = html.unescape(re.sub(r"</?code>", "`", re.sub(r"<(?!/?code>)[^>]*>", "", hints[which - 1])))
    lines = [
        f"{exercise}, hint {which} of {len(hints)}",
        "",
        *textwrap.wrap(plain, 76, initial_indent="  ", subsequent_indent="  "),
    ]
    if which < len(hints):
        lines += ["", f"More: {again.format(name=exercise, which=which + 1)}"]
    return "\n".join(lines)
