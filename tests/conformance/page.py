"""The book's page about what agrees with PyTorch, written from the record of a run."""

from __future__ import annotations

import math

SECTIONS = ("Tensors", "Layers", "Losses", "Optimizers", "Schedules", "Clipping")
INTRODUCTION = """\
# What agrees with PyTorch

`make conformance` runs the reference package, the one made from the answers, beside PyTorch {version} on the same
numbers, and compares every result and every gradient. This page is what it found. It is written by that command.

The cases are those of one table, `tests/conformance/table.py`, and others that Hypothesis draws: scalars, empty tensors,
axes of size 1, broadcasting on both sides, axes counted from the end, tensors whose memory is in another order or has
gaps, values that tie, ±inf and nan. A case is one operation on one set of inputs. The number beside it is the largest
difference from PyTorch in any value of any case, rounded up to 1, 2 or 5 times a power of ten; where PyTorch's value is
above 1, it is relative to that value. float32 resolves about 1e-7, float64 about 1e-16. A dash: there is nothing to compare.
"""


class Record:
    """The number of cases and the largest differences, by section and name."""

    def __init__(self):
        self.cases: dict[tuple[str, str], int] = {}
        self.largest: dict[tuple[str, str, str, str], float] = {}
        self.reasons: dict[tuple[str, str], str] = {}
        self.apart: dict[tuple[str, str], str] = {}

    def note(
        self, section: str, name: str, dtype: str, distances: dict[str, float], why: str = "", apart: str = ""
    ) -> None:
        """Add a case, with the distances by the names of its results."""
        self.cases[section, name] = self.cases.get((section, name), 0) + 1
        for result, distance in distances.items():
            key = section, name, dtype, "gradients" if result.startswith("grad") else "values"
            self.largest[key] = max(self.largest.get(key, 0.0), distance)
        if why:
            self.reasons[section, name] = why
        if apart:
            self.apart[section, name] = apart

    def page(self, version: str) -> str:
        """The page, in Markdown."""
        lines = [INTRODUCTION.format(version=version)]
        for section in SECTIONS:
            names = [name for other, name in self.cases if other == section]
            if names:
                lines += [f"## {section}\n", "| | cases | values, float32 | gradients | values, float64 | gradients |"]
                lines += ["|---|--:|--:|--:|--:|--:|", *(self._row(section, name) for name in names), ""]
        lines += ["## Where TinyTorch differs on purpose\n", "| | |", "|---|---|"]
        lines += [f"| {_code(name)} | {why} |" for (_, name), why in self.reasons.items()]
        lines += [f"| {what} | {why} |" for what, why in CHOICES.items()]
        lines += [
            "",
            "Gradients at inputs of ±inf or nan are not compared for these; their values are:\n",
            "| | |",
            "|---|---|",
        ]
        lines += [f"| {_code(name)} | {why} |" for (_, name), why in self.apart.items()]
        return "\n".join(lines) + "\n"

    def _row(self, section: str, name: str) -> str:
        cells = []
        for dtype in ("float32", "float64"):
            cells += [bound(self.largest.get((section, name, dtype, kind))) for kind in ("values", "gradients")]
        return f"| {_code(name)} | {self.cases[section, name]:,} | {' | '.join(cells)} |"


CHOICES = {
    "`x.dtype`": "a NumPy dtype",
    "tensors of shape `()`": "take part in the choice of a dtype like any other, as in NumPy",
    "`x.expand()`": "read-only, since its values share memory",
    "`Tensor(data)`": "always copies, as `torch.tensor` does, and not as `torch.from_numpy`",
}


def _code(name: str) -> str:
    return f"`{name}`".replace("|", "\\|")


def bound(distance: float | None) -> str:
    """The first of 1, 2, 5, 10, 20, … times a power of ten that `distance` does not exceed: 3.2e-8 is "5e-8"."""
    if distance is None:
        return "–"
    if distance == 0:
        return "0"
    power = math.floor(math.log10(distance))
    digit, power = next((d, power) for d in (1, 2, 5, 10) if distance <= d * 10.0**power)
    return f"{1 if digit == 10 else digit}e{power + (digit == 10)}"
