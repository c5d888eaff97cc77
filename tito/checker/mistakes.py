"""Recognising a mistake: by what happened in every case of every test, under two seeds.

What happened is kept as JSON: PASSED, or for a value its kind and rounded numbers, or for an exception its type, what it
says, the function that raised it and the exercise that it was called from. Two answers that make the same mistake differ
by rounding at most. In doubt nothing is said.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

from tito.checker import raised, relations, static
from tito.checker.bridge import Proxy, kind
from tito.checker.report import Outcome
from tito.export import Source
from tito.notebook import Cell
from tito.testing import NO_ERROR
from tito.workspace import Module

SEEDS = (0, 1)  # with which the tests are run to recognise a mistake: what holds under one may be chance
PASSED, AS_FIRST = "+", "="
MOST = 12  # numbers of an array that are kept as they are; of a larger one as many, and three sums over all
LONGEST = 200  # characters of a text that are kept
MOST_READ = 1_000_000  # values of an array that are looked at

DIVIDED = r"\b(?:float |integer )?(?:floor )?(?:division|modulo)(?: or modulo)? by zero"
INLINED = ("<listcomp>", "<dictcomp>", "<setcomp>")  # functions of their own before Python 3.12 only
RENAMED = {"PatternError": "error"}  # what Python 3.13 calls it, and what it was before
PARTS = ("mistakes", "returning", "reading")  # what mistakes.json holds: under each, a list by exercise
Known = dict[str, dict[str, list]]


# what happened


def happened(value: Any) -> Any:
    """What of a value tells one mistake from another, as JSON; of what lives in the student's process, its numbers or kind."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, str):
        return normalised(str(value))
    if isinstance(value, dict):
        return ["dict", *([happened(key), happened(item)] for key, item in value.items())]
    if isinstance(value, set | frozenset):
        return [type(value).__name__, *sorted(map(happened, value), key=str)]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(happened, value)]
    if isinstance(value, np.ndarray | np.generic):
        return _numbers(np.asarray(value))
    array = relations.as_array(value)
    if array is None:
        return kind(value) if isinstance(value, Proxy) else type(value).__name__
    return _numbers(array)


def _numbers(array: np.ndarray) -> dict[str, Any]:
    told = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.size > MOST_READ:
        array = array.reshape(-1)[:MOST_READ]
    if array.dtype.kind not in "biuf":
        return told | {"values": normalised(str(array.ravel()[:LONGEST].tolist()))}
    flat = array.ravel().astype(np.float64)
    picked = flat if flat.size <= MOST else flat[np.linspace(0, flat.size - 1, MOST).astype(int)]
    told["values"] = [_rounded(number) for number in picked]
    if flat.size > MOST:
        finite = np.where(np.isfinite(flat), flat, 0)
        weights = np.modf(np.arange(flat.size) * math.sqrt(2))[0]
        sums = np.maximum(finite, 0).sum(), finite.clip(min=0) @ weights, finite.clip(max=0) @ weights
        told["sums"] = [_rounded(number) for number in sums]
    return told


def _rounded(number: float) -> float:
    return float(f"{number:.5g}")


def normalised(message: str) -> str:
    """A message without a student's own names, addresses, rounding, and Python's wording where its versions differ."""
    message = message[: 5 * LONGEST]  # a student may have made it as long as it takes to keep us busy
    if "referenced before assignment" in message or "where it is not associated with a value" in message:
        return "a local variable without a value"
    message = re.sub(r"^name '\w+' is not defined.*", "a name is not defined", message, flags=re.S)
    message = re.sub(r"(too many values to unpack).*", r"\1", message, flags=re.S)
    message = re.sub(DIVIDED, "division by zero", message)
    message = message.replace("iterable argument is empty", "arg is an empty sequence")
    message = message.replace("but 1 were given", "but 1 was given")  # NumPy, to 2.1 and since
    message = re.sub(r"'tinytorch\.[\w.]*?(\w+)' object", r"'\1' object", message)
    message = re.sub(r".*(unhashable type: '\w+').*", r"\1", message, flags=re.S)
    message = re.sub(r"[\w.<>]+\(\)", "f()", message)
    message = re.sub(r"0x[0-9a-f]+|\b\d{9,}\b", "0x", message)  # an address, or an id, which is one
    message = re.sub(r"-?\d+\.\d+(e[-+]?\d+)?", lambda found: f"{float(found[0]):.4g}", message)
    return message[:LONGEST]


def _placed(outcome: Outcome, source: Source) -> Any:
    """What happened in a case, and of an exception where."""
    if not outcome.frames or "raised" not in outcome.happened:
        return outcome.happened
    frames = [frame for frame in outcome.frames if frame[2] not in INLINED] or outcome.frames
    places = [source.place(file, line) for file, line, _ in frames]
    exercises = [(place[0].exercise or "") if place else "" for place in places]
    raised_by = exercises[-1] or frames[-1][2]
    called_from = next((name for name in reversed(exercises) if name), "")
    kind = RENAMED.get(outcome.happened["raised"], outcome.happened["raised"])
    if kind == "RecursionError":  # which function is one too many is nobody's doing
        raised_by = ""
    return outcome.happened | {"raised": kind, "by": raised_by, "from": called_from}


# what is said of it


def same(one: Any, other: Any) -> bool:
    """Whether two things that happened are the same but for rounding."""
    if isinstance(one, list) and isinstance(other, list):
        if one and all(isinstance(number, float) for number in one + other):
            return _close(one, other)
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return _close([one], [other])
    return type(one) is type(other) and one == other


def _close(one: list[float], other: list[float]) -> bool:
    if len(one) != len(other):
        return False
    scale = max((abs(number) for number in one + other if math.isfinite(number)), default=0)
    return np.allclose(one, other, rtol=3e-4, atol=1e-6 * scale + 1e-7, equal_nan=True)


def recognise(runs: list[list[Any]], known: list[dict[str, Any]]) -> str:
    """The sentence of the known mistake to which the same happened in every case, if there is one."""
    found = {other["sentence"] for other in known if same(_written_out(other["cases"]), runs)}
    return found.pop() if len(found) == 1 else ""


def shortened(runs: list[list[Any]]) -> list[list[Any]]:
    """The cases under each seed, without those that are the same as under the first."""
    return runs[:1] + [[AS_FIRST if case == first else case for case, first in zip(run, runs[0])] for run in runs[1:]]


def _written_out(runs: list[list[Any]]) -> list[list[Any]]:
    return runs[:1] + [[first if case == AS_FIRST else case for case, first in zip(run, runs[0])] for run in runs[1:]]


def placed(runs: list[list[Outcome]], source: Source) -> list[list[Any]]:
    """What happened in each case under each of the seeds; hidden tests have none."""
    return [[_placed(outcome, source) for outcome in run if outcome.happened is not None] for run in runs]


def explain(
    name: str, runs: list[list[Outcome]], cases: list[list[Any]], answer: Cell, source: Source, known: Known
) -> str:
    """Say what mistake was made in an answer, if that is certain, from the outcomes under each of the seeds."""
    failed = [[outcome for outcome in run if not outcome.passed] for run in runs]
    related = [[outcome.related for outcome in run] for run in failed]
    meanings = [outcome.meaning for run in failed for outcome in run]
    return (
        sentence(name, cases, answer.source, known)
        or static.sentence(answer.source, known["reading"].get(name, []))
        or relations.sentence(related)
        or _of_errors([outcome for run in failed for outcome in run], answer, source)
        or raised.sentence(meanings)
    )


def explain_most(runs: list[list[Outcome]]) -> str:
    """Say what holds in all cases that fail but those in which an error comes, or none where one should."""
    failed = [[outcome for outcome in run if not outcome.passed] for run in runs]
    told = relations.of_most(
        [[None if _is_of_error(outcome) else outcome.related for outcome in run] for run in failed]
    )
    return f"{told} That is so in all cases that fail but those that are about an error." if told else ""


def _is_of_error(outcome: Outcome) -> bool:
    """Whether an error came, or should have come, or should have said something else."""
    return not isinstance(outcome.happened, dict) or bool({"raised", "said", "no answer"} & {*outcome.happened})


def _of_errors(failed: list[Outcome], answer: Cell, source: Source) -> str:
    """What is said if it is only errors that are missing, or come where there should be none."""
    if failed and all(_but(outcome) == NO_ERROR for outcome in failed):
        has_one = re.search(r"^\s*(raise|assert)\b", answer.source, re.M)
        missing = "no line that raises it is reached" if has_one else "there is no `raise` in it"
        return f"Only an error is missing that should come: {missing}."
    if failed and all(_but(outcome).startswith("its message") for outcome in failed):
        return "The right error comes at the right time; only its message is not the expected one."
    wanted = {outcome.instead_of for outcome in failed}
    if len(wanted) == 1 and (kind := wanted.pop()):
        return f"An error comes where one is due, but it is of another type: {kind} is expected."
    lines = {_raised_in(outcome, answer, source) for outcome in failed}
    line = lines.pop() if len(lines) == 1 else 0
    if line:
        return f"The `raise` in line {line} refuses what should get an answer: look at its condition."
    return ""


def _but(outcome: Outcome) -> str:
    return outcome.happened.get("but", "") if isinstance(outcome.happened, dict) else ""


def _raised_in(outcome: Outcome, answer: Cell, source: Source) -> int:
    """The line of an answer whose own `raise` it was that came; 0 if it was none."""
    came = outcome.frames and "raised" in outcome.happened and not outcome.instead_of
    place = source.place(*outcome.frames[-1][:2]) if came else None
    if place is None or place[0] is not answer:
        return 0
    return place[1] if answer.source.splitlines()[place[1] - 1].strip().startswith("raise ") else 0


def sentence(name: str, cases: list[list[Any]], source: str, known: Known) -> str:
    """The sentence of a mistake that is known, or that a `return` is forgotten, or nothing."""
    failed = [case for run in cases for case in run if case != PASSED]
    nothing = bool(failed) and all("returned" in case and case["returned"] is None for case in failed)
    endless = any("no answer" in case for case in failed)
    forgotten = "" if endless else static.forgotten_return(source, known["returning"].get(name, []), nothing)
    return forgotten or recognise(cases, known["mistakes"].get(name, []))


def read(module: Module) -> Known:
    """What is known of the mistakes in a module; nothing if its file cannot be read."""
    try:
        known = json.loads((module.original / "mistakes.json").read_text(encoding="utf-8"))
        return {part: dict(known.get(part, {})) for part in PARTS}
    except (OSError, ValueError, AttributeError, TypeError):
        return {part: {} for part in PARTS}
