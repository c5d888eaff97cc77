"""Colour for terminals that have it; plain text for everything else."""

from __future__ import annotations

import os
import sys


def _code(number: int):
    def paint(text: str) -> str:
        return f"\x1b[{number}m{text}\x1b[0m" if coloured() else text

    return paint


def coloured() -> bool:
    """Whether standard output shows colour. `NO_COLOR` turns it off, `FORCE_COLOR` on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


bold, dim, red, green = _code(1), _code(2), _code(31), _code(32)


def _size() -> os.terminal_size:
    import shutil

    return shutil.get_terminal_size()


def width(most: int = 79) -> int:
    """How many columns a line for people may have: no more than the terminal has, and no more than is easily read."""
    return min(_size().columns - 1, most)


def rows() -> int:
    """How many rows the terminal has."""
    return _size().lines


def _seen(text: str) -> int:
    """How many columns a text fills: its colours fill none."""
    import re

    return len(re.sub(r"\x1b\[\d+m", "", text))


def fitted(lines: list[str]) -> list[str]:
    """Lines for standard output. Where that is a terminal, what is wider is broken between words.

    The rest of a line stands below the first of its words, behind its mark or its label.
    """
    if not sys.stdout.isatty():
        return lines
    import re

    columns, whole = _size().columns, []
    for line in lines:
        if _seen(line) <= columns:
            whole.append(line)
            continue
        start = re.match(r" *((\x1b\[\d+m)?[✓✗·](\x1b\[0m)? +|\w+ {3,})?", line)[0]
        gap = " " * min(_seen(start), columns // 2)
        part = start
        for word in re.findall(r" *[^ ]+", line[len(start) :]):
            if _seen(part + word) > columns and part.strip():
                whole.append(part)
                part, word = gap, word.lstrip()
            part += word
        whole.append(part)
    return whole


def say(*lines: str) -> None:
    """Print lines for people, folded where they are wider than the terminal."""
    print("\n".join(fitted([part for line in lines for part in line.split("\n")])), flush=True)


def folded(text: str, stream) -> str:
    """Text for people, broken between words where the stream is a terminal; indented lines stay as they are."""
    if not stream.isatty():
        return text
    import textwrap

    options = dict(break_long_words=False, break_on_hyphens=False)
    return "\n".join(
        line if line.startswith(" ") else textwrap.fill(line, width(99), **options) for line in text.split("\n")
    )


def marks(line: str) -> str:
    """A line of a report, with its mark coloured."""
    stripped = line.lstrip()
    paint = {"✓": green, "✗": red, "·": dim}.get(stripped[:1])
    return line.replace(stripped[0], paint(stripped[0]), 1) if paint else line
