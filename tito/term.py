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


def height(lines: list[str]) -> int:
    """How many rows these lines fill in the terminal."""
    import re

    columns = _size().columns
    return sum(1 + max(len(re.sub(r"\x1b\[\d+m", "", line)) - 1, 0) // columns for line in lines)


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
