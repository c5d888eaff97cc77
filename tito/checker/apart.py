"""What is handed in where a test calls the student's code, and whether an option sets the cases that fail apart."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tito.checker.relations import as_array
from tito.checker.report import Outcome

FEWEST = 2  # cases that fail, and that pass
CALLED = {"axis": "dim", "keepdims": "keepdim"}  # what an option of an operation is called by tensors
LARGEST = 1_000  # values of an array that are looked at
MOST = 20  # calls of a case


@dataclass
class Called:
    """A call in a test: what was handed in, of it what this side has."""

    name: str
    values: list[Any]  # by position; None stands for what lives in the student's process
    options: dict[str, Any] = field(default_factory=dict)


def noted(expression: str, args: tuple, options: dict[str, Any]) -> Called:
    """What is to be remembered of a call."""
    return Called(
        expression.rpartition(".")[2], [_kept(value) for value in args], {k: _kept(v) for k, v in options.items()}
    )


def _kept(value: Any) -> Any:
    return value if _is_plain(value) or (isinstance(value, np.ndarray) and value.size <= LARGEST) else None


def _is_plain(value: Any) -> bool:
    """Whether it is a number, a text, or a list of such: nothing that holds on to what is in the student's process."""
    if isinstance(value, list | tuple):
        return len(value) <= LARGEST and all(map(_is_plain, value))
    return isinstance(value, bool | int | float | str)


def arrays(calls: Iterable[Called]) -> list[np.ndarray]:
    """All arrays and lists of numbers that were handed in."""
    values = [value for call in calls for value in [*call.values, *call.options.values()]]
    found = [as_array(value) for value in values if isinstance(value, np.ndarray | list)]
    return [array for array in found if array is not None]


def sentence(runs: list[list[Outcome]], source: str) -> str:
    """Name the option of an answer that all cases which fail are given and none which passes, if it is one."""
    found = [option for option in _options(source) if all(_parts(run, option) for run in runs)]
    if len(found) != 1:
        return ""
    name = found[0].name
    return f"Right where `{name}` is not given: each case in which it is given fails, and all others pass."


def _parts(run: list[Outcome], option: Option) -> bool:
    """Whether an option parts the cases that fail from those that pass."""
    failed, passed = (
        [any(option.is_given(call) for call in case.calls or ()) for case in run if case.passed is which]
        for which in (False, True)
    )
    return min(len(failed), len(passed)) >= FEWEST and all(failed) and not any(passed)


@dataclass
class Option:
    """An option of a function in an answer."""

    function: str
    name: str
    place: int | None  # at which it may stand without its name
    default: Any  # `...` where that is not written out

    def is_given(self, call: Called) -> bool:
        """Whether it is given in a call, and not as it is by default."""
        if self.name in call.options:
            return self._is_other(call.options[self.name])
        if call.name == self.function and self.place is not None and len(call.values) > self.place:
            return self._is_other(call.values[self.place])
        programs = [value.replace(" ", "") for value in call.values if isinstance(value, str)]
        names = (self.name, CALLED.get(self.name, self.name))
        return any(f"{name}=" in program for name in names for program in programs)

    def _is_other(self, value: Any) -> bool:
        return type(value) is not type(self.default) or value != self.default


def _options(source: str) -> list[Option]:
    """The options of the functions in a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    found = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
            defaults = function.args.defaults
            options = [*zip(names[len(names) - len(defaults) :], defaults)]
            options += [(a.arg, default) for a, default in zip(function.args.kwonlyargs, function.args.kw_defaults)]
            for name, default in options:
                place = names.index(name) if name in names else None
                found.append(Option(function.name, name, place, getattr(default, "value", ...)))
    return found
