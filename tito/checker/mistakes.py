"""Known mistakes: which one a failure looks like, and the sentence that goes with it."""

from __future__ import annotations

import json

from tito.checker.report import PRINT_OF_PASSED, Outcome
from tito.workspace import Module

SEED = 0  # with which known mistakes are recognised


def known(module: Module) -> dict[str, dict[str, str]]:
    """Read, for each exercise, the sentence that goes with each fingerprint."""
    try:
        return json.loads((module.original / "mistakes.json").read_text(encoding="utf-8"))["mistakes"]
    except (OSError, ValueError, KeyError):
        return {}


def fingerprint(outcomes: list[Outcome]) -> str:
    """What happened in every case of every test that is not hidden, by which a known mistake is recognised."""
    return " ".join(outcome.print_of for outcome in outcomes if outcome.print_of)


def recognise(fingerprint: str, known: dict[str, str]) -> str:
    """The sentence of the known mistake, in `{fingerprint: sentence}`, that this looks like, or nothing.

    The same cases fail, and they fail in the same way, but for one in four, or one: a number may come out otherwise on
    another machine or from another seed. Of several the closest counts. If two are as close, none does.
    """
    found, nearest = fingerprint.split(), {}
    failed = sum(case != PRINT_OF_PASSED for case in found)
    for other, sentence in known.items():
        cases = other.split()
        if [case == PRINT_OF_PASSED for case in cases] != [case == PRINT_OF_PASSED for case in found]:
            continue
        differ = sum(mine != theirs for mine, theirs in zip(found, cases))
        if differ < failed and differ <= max(1, failed // 4):
            nearest.setdefault(differ, set()).add(sentence)
    closest = nearest[min(nearest)] if nearest else set()
    return closest.pop() if len(closest) == 1 else ""
