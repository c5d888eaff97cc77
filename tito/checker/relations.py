"""What a wrong result has to do with the expected one: explains mistakes that nobody wrote down.

A relation is looked for in each case that fails, and is said if it holds in all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LARGEST = 20_000  # values of an array that are compared in many ways
MOST_TIMES = 10_000  # a factor that may be a count
ENOUGH = 3  # different sizes that were expected: of fewer, a relation may hold by chance


@dataclass
class Related:
    """How what came back in a case is related to what was expected."""

    by: dict[str, float | None]  # the relations that hold, each with its number if it has one
    expected: set[float]  # some of the values that were expected
    returned: list[float]  # and of those that came back


def as_array(value: Any) -> np.ndarray | None:
    """The numbers of a value, wherever it lives; None if it holds none, or too many."""
    try:
        array = np.asarray(value)
    except Exception:  # the student's own __array__ may raise anything
        return None
    return array if array.dtype.kind in "biuf" and array.size <= LARGEST else None


def between(returned: Any, expected: Any, given: list[Any] | None = None) -> Related | None:
    """The relations between what came back, what was expected, and what was handed in; None where these are no numbers."""
    if _is_empty(returned) and not _is_empty(expected):
        return Related({"empty": None}, set(), [])
    got, due = as_array(returned), as_array(expected)
    if got is None or due is None or not got.size or not due.size or bool in (got.dtype, due.dtype):
        return None
    some, wanted = ([float(f"{number:.5g}") for number in array.ravel()[:20]] for array in (got, due))
    related = Related({}, set(wanted), some)
    with np.errstate(all="ignore"):
        for name, (holds, _) in TABLE.items():
            number = holds(got, due)
            if number is not False:
                related.by[name] = None if number is True else float(number)
        if any(array is not None and _equal(got, array) for array in map(as_array, given or ())) and not _equal(
            got, due
        ):
            related.by["unchanged"] = None
    return related


def _is_empty(value: Any) -> bool:
    """Whether nothing is in it, if it is something that holds values."""
    return value.size == 0 if isinstance(value, np.ndarray) else isinstance(value, list | tuple | dict) and not value


def sentence(runs: list[list[Related | None]]) -> str:
    """What is true of all these cases, which failed under one seed after the other, or nothing if that is not one thing."""
    cases = [case for run in runs for case in run]
    if not cases or None in cases:
        return ""
    common = [name for name in TABLE if all(name in case.by for case in cases)]
    values = set().union(*(case.expected for case in cases))
    if len({abs(value) for value in values} - {0, 1}) < ENOUGH:
        common = [name for name in common if name in OF_ANY_NUMBERS]
    if not common and len(set(map(len, runs))) == 1 and all(_unmoved(*those) for those in zip(*runs)):
        return "It is the same whatever goes in."
    special = [name for name in common if name not in GENERAL] or common[:1]
    if len(special) != 1:
        return ""
    return _said(TABLE[special[0]][1], [case.by[special[0]] for case in cases])


def _unmoved(first: Related, *others: Related) -> bool:
    return bool(others) and all(
        first.returned == other.returned and first.expected != other.expected for other in others
    )


def _said(text: str, numbers: list[float | None]) -> str:
    """The text with its numbers; where they differ by case, what stands behind its bar."""
    one, _, several = text.partition("|")
    different = list(dict.fromkeys(f"{number:.4g}" for number in numbers if number is not None))
    return (several if len(different) > 1 else one).format(n=", ".join(different[:4]))


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(_right(one, other).all())


def _right(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    finite = np.abs(other[np.isfinite(other)])
    atol = 1e-6 * (finite.max() if finite.size else 0) + 1e-12
    return np.isclose(one, other, rtol=1e-4, atol=atol, equal_nan=True)


def _is(change: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Whether what came back is what `change` makes of the expected values, and that is not the same anyway."""

    def holds(got: np.ndarray, due: np.ndarray) -> bool:
        changed = change(np.asarray(due, dtype=np.result_type(due, np.float64)))
        return got.shape == changed.shape and not _equal(changed, due) and _equal(got, changed)

    return holds


def _times(got: np.ndarray, due: np.ndarray) -> float | bool:
    """The whole number that everything was multiplied by."""
    if got.shape != due.shape or not np.isfinite(got).all() or not np.isfinite(due).all() or not due.any():
        return False
    largest = np.abs(due).argmax()
    factor = round(float(got.ravel()[largest]) / float(due.ravel()[largest]))
    return factor if 1 < factor <= MOST_TIMES and _equal(got, np.float64(factor) * due) else False


def _offset(got: np.ndarray, due: np.ndarray) -> float | bool:
    if got.shape != due.shape or due.size < 2 or not np.isfinite(got).all() or not np.ptp(due):
        return False
    apart = float((got - np.float64(1) * due).ravel()[0])
    return apart if abs(apart) > 1e-4 and _equal(got, due + np.float64(apart)) else False


def _reordered(got: np.ndarray, due: np.ndarray) -> bool:
    orders = itertools.permutations(range(due.ndim))
    return 2 < due.ndim < 6 and not _equal(got, due) and any(_equal(got, due.transpose(order)) for order in orders)


def _squeezed(smaller: np.ndarray, larger: np.ndarray) -> bool:
    return smaller.ndim < larger.ndim and 1 in larger.shape and _equal(smaller.squeeze(), larger.squeeze())


def _but(special: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Whether what came back is right everywhere but in these places, and wrong in all of them."""

    def holds(got: np.ndarray, due: np.ndarray) -> bool:
        if got.shape != due.shape:
            return False
        places, right = special(due), _right(got, due)
        return bool(places.any() and right.any() and (right == ~places).all())

    return holds


def _edge(index: int) -> Callable[[np.ndarray], np.ndarray]:
    def places(due: np.ndarray) -> np.ndarray:
        at = np.zeros(due.shape, bool)
        if due.ndim and len(due) > 2:
            at[index] = True
        return at

    return places


def _missing(part: slice) -> Callable:
    def holds(got: np.ndarray, due: np.ndarray) -> bool:
        return due.ndim > 0 and len(due) > 1 and _equal(got, due[part])

    return holds


TABLE: dict[str, tuple[Callable[[np.ndarray, np.ndarray], bool | float], str]] = {  # what holds, and how it is said
    "dtype": (
        lambda got, due: got.dtype != due.dtype and _equal(got, due),
        "The values are right, but not their dtype.",
    ),
    "negative": (
        _is(np.negative),
        "It is the negative of what is expected.",
    ),
    "transposed": (
        lambda got, due: due.ndim == 2 and not _equal(got, due) and _equal(got, due.T),
        "It is the transpose of what is expected.",
    ),
    "reordered": (
        _reordered,
        "The values are right, but their axes stand in another order.",
    ),
    "times": (
        _times,
        "It is {n} times what is expected."
        "|It is n times what is expected, with n = {n}: is a division by a count missing?",
    ),
    "part": (
        lambda got, due: _times(due, got),
        "What is expected is {n} times as much."
        "|What is expected is n times as much, with n = {n}: is it divided by a count too much?",
    ),
    "square": (
        _is(np.square),
        "It is the square of what is expected.",
    ),
    "root": (
        _is(np.sqrt),
        "It is the square root of what is expected.",
    ),
    "reciprocal": (
        _is(np.reciprocal),
        "It is 1 divided by what is expected.",
    ),
    "size": (
        _is(np.abs),
        "The sizes are right, but negative values have lost their sign.",
    ),
    "offset": (
        _offset,
        "Everything differs by {n} from what is expected.",
    ),
    "lost axis": (
        _squeezed,
        "The values are right, but an axis of size 1 is missing.",
    ),
    "kept axis": (
        lambda got, due: _squeezed(due, got),
        "The values are right, but there is an axis of size 1 too many.",
    ),
    "infinite": (
        _but(np.isinf),
        "All is right but where infinity is expected.",
    ),
    "zero": (
        _but(lambda due: due == 0),
        "All is right but where 0 is expected.",
    ),
    "first": (
        _but(_edge(0)),
        "All is right but the first.",
    ),
    "last": (
        _but(_edge(-1)),
        "All is right but the last.",
    ),
    "backwards": (
        _is(lambda due: due[::-1] if due.ndim else due),
        "The values are right, but in reverse order.",
    ),
    "without the last": (
        _missing(slice(None, -1)),
        "The last is missing; the others are right.",
    ),
    "without the first": (
        _missing(slice(1, None)),
        "The first is missing; the others are right.",
    ),
    "one more at the end": (
        lambda got, due: _missing(slice(None, -1))(due, got),
        "There is one too many at the end; the others are right.",
    ),
    "one more at the start": (
        lambda got, due: _missing(slice(1, None))(due, got),
        "There is one too many at the start; the others are right.",
    ),
    "unchanged": (
        lambda got, due: False,  # what was handed in is not in these two: see `between`
        "What comes back is what went in, as it was.",
    ),
    "empty": (
        lambda got, due: False,  # what is empty has no numbers: see `between`
        "What came back is empty.",
    ),
    "not finite": (
        lambda got, due: (
            got.shape == due.shape and bool(np.isfinite(due).all()) and not np.isfinite(got.astype(np.float64)).any()
        ),
        "All that came back is infinity or nan: something was divided by 0, or grew beyond its dtype.",
    ),
    "exchanged": (
        lambda got, due: got.shape == due.shape and set(due.flat) == {0, 1} and _equal(got, 1 - due),
        "Where 1 is expected there is 0, and 1 where 0 is expected.",
    ),
    "nothing": (
        lambda got, due: got.shape == due.shape and not got.any() and bool(due.all()),
        "Everything that came back is 0.",
    ),
    "shape": (
        lambda got, due: got.shape != due.shape and _equal(got.ravel(), due.ravel()),
        "The values are right, but in another shape.",
    ),
    "order": (
        lambda got, due: (
            got.size == due.size > 2
            and not _equal(got.ravel(), due.ravel())
            and _equal(np.sort(got, axis=None), np.sort(due, axis=None))
        ),
        "The values are right, but in another order.",
    ),
}
OF_ANY_NUMBERS = {"dtype", "lost axis", "kept axis", "shape", "empty", "not finite", "exchanged"}
GENERAL = {"shape", "order"}  # said if nothing more special holds
