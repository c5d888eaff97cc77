"""What a wrong result has to do with the expected one: explains mistakes that nobody wrote down.

A relation is looked for in each case that fails, and is said if it holds in all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PLAIN = (str, int, float, np.generic, type(None))
LARGEST = 20_000  # values of an array that are compared in many ways
MOST_TIMES = 10_000  # a factor that may be a count
FITS = "fits"  # of a relation that a case does not show, and does not refute
ENOUGH = 3  # different sizes that were expected: of fewer, a relation may hold by chance
DEEPEST = 20  # lists in lists that are looked into
MANY = 9  # values: of fewer, places may be the right ones by chance


@dataclass
class Related:
    """How what came back in a case is related to what was expected."""

    by: dict[str, float | None]  # the relations that hold, each with its number if it has one
    expected: set[float]  # some of the values that were expected
    returned: list[float]  # and of those that came back
    size: int = 0  # how many were expected
    fitting: set[str] = field(default_factory=set)  # relations that this case does not show, and does not refute


def as_array(value: Any) -> np.ndarray | None:
    """The numbers of a value, wherever it lives; None if it holds none, or too many."""
    try:
        array = np.asarray(value)
    except Exception:  # the student's own __array__ may raise anything
        return None
    return array if array.dtype.kind in "biuf" and array.size <= LARGEST else None


def between(returned: Any, expected: Any, given: Iterable[Any] = (), before: Iterable[Any] = ()) -> Related | None:
    """The relations between what came back, what was expected, and what was handed in, at last and before that.

    Arrays, numbers, and dicts of numbers are compared in all ways, other lists and texts item by item. None where nothing
    can be compared.
    """
    if _is_empty(returned) and not _is_empty(expected):
        return Related({"empty": None}, set(), [])
    got, due = _numbers(returned, expected)
    if got is None or due is None:
        return _of_lists(returned, expected)
    if bool in (got.dtype, due.dtype) and TABLE["dtype"][0](got, due):
        return Related({"dtype": None}, set(), [])
    if not got.size or not due.size or (got.dtype == bool) != (due.dtype == bool):
        return None
    by = {}
    if due.dtype == bool:
        by = _holding(OF_TRUTH, got, due)
        if due.ndim < 2:  # too few to tell more
            return Related(by, set(), [], due.size)
        got, due = got.astype(int), due.astype(int)
    related = Related(by | _holding(TABLE, got, due), set(_some(due)), _some(got), due.size)
    last, earlier = (
        [array for value in values if (array := as_array(value)) is not None and array.size and array.dtype != bool]
        for values in (given, before)
    )
    with np.errstate(all="ignore"):
        for name, (holds, _) in BESIDE.items():
            found = {holds(got, due, array) for array in (last if name == "unchanged" else last + earlier)}
            if True in found:
                related.by[name] = None
            elif FITS in found:
                related.fitting.add(name)
    return related


def _holding(table: dict[str, tuple[Callable, str]], got: np.ndarray, due: np.ndarray) -> dict[str, float | None]:
    """The relations of a table that hold, each with its number if it has one."""
    with np.errstate(all="ignore"):
        found = {name: holds(got, due) for name, (holds, _) in table.items()}
    return {name: None if number is True else float(number) for name, number in found.items() if number is not False}


def _some(array: np.ndarray) -> list[float]:
    return [float(f"{number:.5g}") for number in array.ravel()[:20]]


def _of_lists(returned: Any, expected: Any) -> Related | None:
    """The relations of texts, and of lists, tuples and dicts of anything: item by item, and of what is in them."""
    related = Related(dict.fromkeys(_of_texts([*_leaves(returned)], [*_leaves(expected)])), set(), [])
    for read, names in ((_numbered, OF_ITEMS), (_numbers_among, OF_VALUES)):
        got, due = read(returned, expected)
        if got is not None and due is not None and got.size and due.size:
            related.by |= _holding({name: TABLE[name] for name in names}, got, due)
            related.expected.update(_some(due))
            related.size = due.size
    return related if related.by or related.size else None


def _numbers(returned: Any, expected: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Both as arrays of numbers."""
    if isinstance(returned, dict) and isinstance(expected, dict) and returned.keys() == expected.keys():
        returned, expected = ([values[key] for key in expected] for values in (returned, expected))
    return as_array(returned), as_array(expected)


def _numbered(*values: Any) -> list[np.ndarray | None]:
    """The items of lists or texts as numbers, equal for equal items."""
    if any(not isinstance(value, list | str) or len(value) > LARGEST for value in values):
        return [None, None]
    known: dict[str, int] = {}
    return [np.array([known.setdefault(repr(_as_floats(item)), len(known) + 2) for item in value]) for value in values]


def _numbers_among(returned: Any, expected: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The numbers in lists, tuples and dicts, if all else in them is equal."""
    pairs = [*itertools.zip_longest(_leaves(returned), _leaves(expected), fillvalue=...)]
    numbers = [pair for pair in pairs if all(type(value) in (int, float) for value in pair)]
    others = [pair for pair in pairs if not all(type(value) in (int, float) for value in pair)]
    if not numbers or not all(_are_equal(*pair) for pair in others):
        return None, None
    return as_array([one for one, _ in numbers]), as_array([other for _, other in numbers])


def _leaves(value: Any, depth: int = DEEPEST) -> Iterator[Any]:
    """What is in lists, tuples and dicts, keys included, whatever they are in themselves."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _leaves(item, depth - 1)
    else:
        yield value


def _of_texts(got: list[Any], due: list[Any]) -> list[str]:
    """The relations that hold for all that differs, if that is texts."""
    if len(got) != len(due):
        return []
    differ = [(one, other) for one, other in zip(got, due) if not _are_equal(one, other)]
    if not differ or not all(isinstance(value, str) for pair in differ for value in pair):
        return []
    return [name for name, (holds, _) in OF_TEXTS.items() if all(holds(*pair) for pair in differ)]


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two values on this side are; what lives in the student's process is equal to nothing."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return isinstance(one, PLAIN) and isinstance(other, PLAIN) and bool(one == other)


def _as_floats(item: Any) -> Any:
    """An item of a list with its numbers as floats: 1 and 1.0 are one."""
    if isinstance(item, list | tuple):
        return [_as_floats(part) for part in item]
    return float(item) if isinstance(item, int | float) else item


def _is_empty(value: Any) -> bool:
    """Whether nothing is in it, if it is something that holds values."""
    return value.size == 0 if isinstance(value, np.ndarray) else isinstance(value, list | tuple | dict) and not value


def sentence(runs: list[list[Related | None]]) -> str:
    """What is true of all these cases, which failed under one seed after the other, or nothing if that is not one thing."""
    cases = [case for run in runs for case in run]
    if not cases or None in cases:
        return ""
    common = [name for name in ALL if all(name in case.by or name in case.fitting for case in cases)]
    common = [name for name in common if all(any(name in case.by for case in run) for run in runs)]
    values = set().union(*(case.expected for case in cases))
    if len({abs(value) for value in values} - {0, 1}) < ENOUGH:
        many = all(case.size >= MANY for case in cases)
        common = [name for name in common if name in OF_ANY_NUMBERS or (many and name in OF_PLACES)]
    if any(sum(case.size for case in run) < ENOUGH for run in runs):
        common = [name for name in common if name not in OF_TRUTH]
    if not common and len(set(map(len, runs))) == 1 and all(_unmoved(*those) for those in zip(*runs)):
        return "It is the same whatever goes in."
    if "factor" in common and not _is_one_factor(cases):
        common.remove("factor")
    special = [name for name in common if name not in GENERAL] or common[:1]
    if len(special) > 1:  # that it is n times as much, each time with another n, says least
        special = [name for name in special if len({case.by.get(name) for case in cases}) == 1]
    if len(special) != 1:
        return ""
    return _said(ALL[special[0]][1], [case.by.get(special[0]) for case in cases])


def of_most(runs: list[list[Related | None]]) -> str:
    """What is true of all these cases but those, no more than half, that cannot be compared, if of enough."""
    comparable = [[case for case in run if case] for run in runs]
    if any(len(some) < max(ENOUGH, len(run) / 2) for some, run in zip(comparable, runs)):
        return ""
    return sentence(comparable)


def _is_one_factor(cases: list[Related]) -> bool:
    """Whether it is the same in all cases, or each has enough numbers to show that it has one."""
    factors = [case.by["factor"] for case in cases]
    return np.allclose(factors, factors[0], rtol=1e-3) or all(len(case.expected - {0}) >= ENOUGH for case in cases)


def _unmoved(first: Related, *others: Related) -> bool:
    return bool(others and first.returned) and all(
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


def _factor(got: np.ndarray, due: np.ndarray) -> float | bool:
    """The number that everything was multiplied by, if it is no whole one, nor one divided by such."""
    if got.shape != due.shape or not due.any() or not np.isfinite(got).all():
        return False
    largest = np.abs(due).argmax()
    factor = float(got.ravel()[largest]) / float(due.ravel()[largest])
    if not 1 / MOST_TIMES < abs(factor) < MOST_TIMES or any(abs(n - round(n)) < 1e-4 for n in (factor, 1 / factor)):
        return False
    return factor if _equal(got, np.float64(factor) * due) else False


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


def _right_but(places: np.ndarray, got: np.ndarray, due: np.ndarray) -> bool:
    """Whether it is right everywhere but in these places, and wrong in all of them."""
    right = _right(got, due)
    return bool(places.any() and right.any() and (right == ~places).all())


def _but(special: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Whether it is right but where there is this in what is expected."""
    return lambda got, due: got.shape == due.shape and _right_but(special(due), got, due)


def _only(index: int) -> Callable[[np.ndarray], np.ndarray]:
    def places(due: np.ndarray) -> np.ndarray:
        return ~_edge(index)(due) if due.ndim and len(due) > 2 else np.zeros(due.shape, bool)

    return places


def _diagonal(due: np.ndarray) -> np.ndarray:
    return np.eye(*due.shape, dtype=bool) if due.ndim == 2 and min(due.shape) > 2 else np.zeros(due.shape, bool)


def _moved(by: int) -> Callable[[np.ndarray, np.ndarray], bool]:
    """Whether everything stands so many places further on along the first axis or the last."""

    def holds(got: np.ndarray, due: np.ndarray) -> bool:
        if got.shape != due.shape or not due.ndim or _equal(got, due):
            return False
        return any(
            len(one) > 3 and _equal(one[max(by, 0) : len(one) + min(by, 0)], other[max(-by, 0) : len(one) - max(by, 0)])
            for one, other in ((got, due), (np.moveaxis(got, -1, 0), np.moveaxis(due, -1, 0)))
        )

    return holds


def _whole(got: np.ndarray, due: np.ndarray) -> bool:
    return got.shape == due.shape and not _equal(got, due) and any(_equal(got, f(due)) for f in (np.trunc, np.floor))


def _rounded(got: np.ndarray, due: np.ndarray) -> float | bool:
    """To how many digits after the point everything was rounded."""
    if got.shape != due.shape or due.dtype.kind != "f" or _equal(got, due):
        return False
    return next((digits for digits in range(1, 5) if _equal(got, np.round(due, digits))), False)


def _alike(got: np.ndarray, due: np.ndarray) -> bool:
    """Whether all rows that came back are equal, and those expected are not."""
    return got.shape == due.shape and due.ndim > 0 and len(due) > 2 and _same_rows(got) and not _same_rows(due)


def _repeated(got: np.ndarray, due: np.ndarray) -> bool:
    """Whether the values are some of those expected, of which there are no two alike, and some of them several times."""
    if got.shape != due.shape or not 2 < due.size <= MOST_TIMES:
        return False
    came, wanted = (np.unique([f"{value:.5g}" for value in array.flat]) for array in (got, due))
    return bool(len(wanted) == due.size > len(came) > 1 and np.isin(came, wanted).all())


def _same_rows(array: np.ndarray) -> bool:
    return _equal(array, np.broadcast_to(array[:1], array.shape))


ALONG = (np.sum, np.mean, np.max, np.min, np.prod, np.var, np.argmax, np.argmin, np.any, np.all)


def _other_axis(got: np.ndarray, due: np.ndarray, array: np.ndarray) -> bool:
    """Whether both are the same of what was handed in, along two axes of it."""
    if not 1 < array.ndim < 5 or due.size not in [array.size // n for n in array.shape] or _equal(got, due):
        return False
    got, due = got.squeeze(), due.squeeze()
    for function in ALONG:
        along = [np.asarray(function(array, axis=axis)).squeeze() for axis in range(array.ndim)]
        of_due = [axis for axis, one in enumerate(along) if _equal(one, due)]
        if len(of_due) == 1 and any(_equal(one, got) for axis, one in enumerate(along) if axis not in of_due):
            return True
    return False


def _wrong_at(special: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray, np.ndarray, np.ndarray], Any]:
    """Whether it is right but where there is this in what was handed in; FITS where there is nothing else in it."""

    def holds(got: np.ndarray, due: np.ndarray, array: np.ndarray) -> Any:
        if not got.shape == due.shape == array.shape:
            return False
        return _right_but(special(array), got, due) or (FITS if special(array).all() else False)

    return holds


def _at_ties(got: np.ndarray, due: np.ndarray, array: np.ndarray) -> bool:
    """Whether it is wrong only in places of values that were handed in more than once, and right in others."""
    if not got.shape == due.shape == array.shape or array.dtype.kind not in "iuf":
        return False
    _, which, count = np.unique(array, return_inverse=True, return_counts=True)
    tied, wrong = (count > 1)[which].reshape(array.shape), ~_right(got, due)
    return bool(wrong.any() and (tied | ~wrong).all() and not tied.all())


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
    "factor": (
        _factor,
        "It is {n} times what is expected.|It is n times what is expected, with n = {n}.",
    ),
    "complement": (
        lambda got, due: not set(due.flat) <= {0, 1} and _is(lambda due: 1 - due)(got, due),
        "It is 1 minus what is expected.",
    ),
    "exponential": (
        _is(np.exp),
        "It is exp of what is expected.",
    ),
    "logarithm": (
        _is(np.log),
        "It is the logarithm of what is expected.",
    ),
    "whole": (
        _whole,
        "It is what is expected without the part after the point: did it become whole numbers on the way?",
    ),
    "rounded": (
        _rounded,
        "It is what is expected, rounded (digits after the point: {n}).|It is what is expected, rounded.",
    ),
    "running sum": (
        lambda got, due: due.ndim > 0 and len(due) > 2 and _is(lambda due: due.cumsum(axis=0))(got, due),
        "Each is the sum of those expected up to there: is something not set back to 0?",
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
    "only the first": (
        _but(_only(0)),
        "Only the first is right.",
    ),
    "only the last": (
        _but(_only(-1)),
        "Only the last is right.",
    ),
    "diagonal": (
        _but(_diagonal),
        "All is right but the diagonal.",
    ),
    "late": (
        _moved(1),
        "The values are right, but stand one place too late.",
    ),
    "early": (
        _moved(-1),
        "The values are right, but stand one place too early.",
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
    "alike": (
        _alike,
        "All that came back along the first axis is alike, and what is expected is not.",
    ),
    "order": (
        lambda got, due: (
            got.size == due.size > 2
            and not _equal(got.ravel(), due.ravel())
            and _equal(np.sort(got, axis=None), np.sort(due, axis=None))
        ),
        "The values are right, but in another order.",
    ),
    "repeated": (
        _repeated,
        "Some of what is expected comes more than once, and some of it not at all.",
    ),
}
BESIDE: dict[str, tuple[Callable[[np.ndarray, np.ndarray, np.ndarray], Any], str]] = {  # with what was handed in
    "unchanged": (
        lambda got, due, array: _equal(got, array) and not _equal(got, due),
        "What comes back is what went in, as it was.",
    ),
    "other axis": (
        _other_axis,
        "It is what is expected, but along another axis.",
    ),
    "ties": (
        _at_ties,
        "Only values are wrong that were handed in more than once: what is to be done with those that are equal?",
    ),
    "where zero": (
        _wrong_at(lambda array: array == 0),
        "All is right but where a 0 was handed in.",
    ),
    "where negative": (
        _wrong_at(lambda array: array < 0),
        "All is right but where a negative number was handed in.",
    ),
}
OF_TRUTH: dict[str, tuple[Callable[[np.ndarray, np.ndarray], bool], str]] = {  # of bools
    "too often": (
        lambda got, due: got.shape == due.shape and bool((got & ~due).any()) and not (due & ~got).any(),
        "Where it is wrong, it is True and should be False; it is never wrong the other way round.",
    ),
    "too seldom": (
        lambda got, due: got.shape == due.shape and bool((due & ~got).any()) and not (got & ~due).any(),
        "Where it is wrong, it is False and should be True; it is never wrong the other way round.",
    ),
}
OF_TEXTS: dict[str, tuple[Callable[[str, str], bool], str]] = {
    "no beginning": (
        lambda got, due: bool(got) and due.endswith(got),
        "Of each text that is wrong, the beginning is missing; the rest is right.",
    ),
    "no end": (
        lambda got, due: bool(got) and due.startswith(got),
        "Of each text that is wrong, the end is missing; the rest is right.",
    ),
    "too much before": (
        lambda got, due: bool(due) and got.endswith(due),
        "In front of each text that is wrong stands something that is too much; the rest is right.",
    ),
    "too much behind": (
        lambda got, due: bool(due) and got.startswith(due),
        "Behind each text that is wrong stands something that is too much; the rest is right.",
    ),
    "capitals": (
        lambda got, due: got.lower() == due.lower(),
        "Only capital and small letters differ.",
    ),
    "spaces": (
        lambda got, due: got.split() == due.split(),
        "Only spaces and line ends differ.",
    ),
}
ALL = TABLE | BESIDE | OF_TRUTH | OF_TEXTS
OF_ANY_NUMBERS = {"dtype", "lost axis", "kept axis", "shape", "empty", "not finite", "exchanged", *OF_TRUTH, *OF_TEXTS}
OF_PLACES = {"transposed", "diagonal"}  # said of many zeros and ones too
OF_ITEMS = (  # what can be said of texts and lists of anything
    *("first", "last", "only the first", "only the last", "late", "early", "backwards", "without the last"),
    *("without the first", "one more at the end", "one more at the start", "order", "repeated"),
)
OF_VALUES = (  # what can be said of numbers wherever they stand
    *("negative", "times", "part", "square", "root", "reciprocal", "size", "factor", "complement", "exponential"),
    *("logarithm", "whole", "rounded", "offset"),
)
GENERAL = {  # said if nothing more special holds
    *("shape", "order", "alike", "only the first", "only the last", "repeated"),
    *(OF_TRUTH | OF_TEXTS),
}
