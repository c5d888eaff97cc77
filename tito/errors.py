"""Errors that a person reads: one clear sentence each, and the exit code that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PASSED, NOT_PASSED, COULD_NOT_TELL = 0, 1, 2


def visible(text: str) -> str:
    """`text` with its control characters spelled out, so that what a student's code says cannot steer a terminal."""
    if text.isprintable():
        return text
    import unicodedata

    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    spelled = (c.encode("unicode_escape").decode() for c in text)
    pairs = zip(text, spelled)
    return "".join(out if unicodedata.category(c) in hidden and c not in "\n\t" else c for c, out in pairs)


def nearest(word: str, words: Iterable[str], otherwise: str) -> str:
    """The question whether one of the words was meant, the one most like `word`, or `otherwise` if none is."""
    from difflib import get_close_matches

    near = get_close_matches(word, words, 1)
    return f"did you mean {near[0]}?" if near else otherwise


def counted(number: float, noun: str) -> str:
    """A number of things, as a person says it: `1 page`, `2.5 points`."""
    return f"{number:g} {noun}{'s' * (number != 1)}"


class TitoError(Exception):
    """Something `tito` could not do; the message says what, where, and what would be right."""

    code = COULD_NOT_TELL

    def __init__(self, message: str = "") -> None:
        super().__init__(visible(message))


class MachineError(TitoError):
    """The machine could not do it: its disk is full, say, or a server is away. The same may go well another time."""
