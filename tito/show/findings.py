"""What is wrong in a computation: where it shows, why, in this model's numbers, and what helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tito.show.computation import Graph, Operation, Value
from tito.show.worked import text

VANISHED, EXPLODED = 1e-5, 1e5  # how much smaller or larger a gradient gets on its way before it is called so
REPEATED = 4  # times an operation must occur for what it does to the gradient to be told as a factor
LARGEST = 88.72  # e to the power of more is beyond float32
NEAR = 0.02  # of the way between its limits: a value nearer to one of them is saturated
MANY_DEAD, MANY_SATURATED = 0.9, 0.5  # shares of units and values that are worth telling
LIMITS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


def findings(graph: Graph, grads: dict[int, np.ndarray]) -> list[dict[str, Any]]:
    """What is wrong, first things first: NaN and infinity, else where gradients end, vanish or explode, and what lies idle."""
    found = [_first_odd_value(graph) or _first_odd_gradient(graph, grads)]
    if not any(found):
        found = [_ends(graph, grads), *_drifts(graph, grads), *_idle(graph), _same_for_all(graph)]
    if graph.missing:
        named = ", ".join(graph.missing[:4]) + (f" and {len(graph.missing) - 4} more" if len(graph.missing) > 4 else "")
        what = (
            f"{named} had no part in this result, and never gets a gradient from it. Is its layer called in `forward`, "
            "and its output used?"
        )
        found.append(_finding(graph.operations[-1], "forward", what))
    return [finding for finding in found if finding]


def size(array: np.ndarray) -> float:
    """The root of the mean square; infinite or not a number if the array is."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0


def _finding(operation: Operation, direction: str, what: str, chart: Sequence[float] = ()) -> dict[str, Any]:
    """`chart` holds sizes, from the result back, that the page draws."""
    found: dict[str, Any] = {"operation": operation.number, "pass": direction, "text": what}
    return found | ({"chart": [float(f"{x:.3g}") for x in chart]} if chart else {})


def _called(operation: Operation) -> str:
    return f"#{operation.number} {operation.name}"


def _odd(value: Value) -> bool:
    return value.array is not None and _is_odd(value.array)


def _is_odd(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" and not np.isfinite(array).all()


# NaN and infinity.
def _first_odd_value(graph: Graph) -> dict[str, Any] | None:
    masks = {"where", "add", "softmax"}  # operations in which a mask of -inf is right
    for operation in graph.operations:
        for value in operation.inputs:
            if value.maker is None and _odd(value):
                if operation.name in masks and not np.isnan(value.array).any() and not np.isposinf(value.array).any():
                    continue
                name = value.name or value.kind
                what = f"{name} already holds NaN or infinity when {_called(operation)} reads it: look at where it comes from."
                return _finding(operation, "forward", what)
        if operation.name in masks and operation.out.array is not None:
            out = operation.out.array
            if out.dtype.kind == "f" and not np.isnan(out).any() and not np.isposinf(out).any():
                continue  # -inf where nothing may be seen
        if _odd(operation.out):
            what = f"{_called(operation)} is the first operation whose result holds NaN or infinity. {_why(operation)}"
            return _finding(operation, "forward", what.strip())
    return None


def _why(operation: Operation) -> str:
    """The cause of an odd result, and what helps, where it can be told from the inputs."""
    arrays = [np.asarray(value.array, np.float64) for value in operation.inputs if value.array is not None]
    name = operation.name
    if not arrays or len(arrays) < len(operation.inputs):
        return ""
    with np.errstate(all="ignore"):
        first = arrays[0]
        if name == "exp" and first.max() > LARGEST:
            return (
                f"exp({text(first.max())}) is beyond float32, whose largest is e to the power {LARGEST}: use log_softmax "
                "or cross-entropy on the scores themselves, which subtract the largest first."
            )
        if name == "log" and first.min() <= 0:
            low = first.min()
            why = "is minus infinity" if low == 0 else "is not a number"
            return (
                f"log({text(low)}) {why}: compute the logarithm with what comes before it (log_softmax, "
                "BCEWithLogitsLoss), or add a small number inside."
            )
        if name == "sqrt" and first.min() < 0:
            return f"sqrt({text(first.min())}) is not a number: what is under the root must not become negative."
        if name == "divide" and (arrays[-1] == 0).any():
            zeros = int((arrays[-1] == 0).sum())
            return f"It divides by 0, in {zeros} place{'s' * (zeros > 1)}: add a small number to what it divides by."
        if name == "power":
            base, exponent = np.broadcast_arrays(*arrays[:2])
            if ((base == 0) & (exponent < 0)).any():
                return "0 to a negative power is infinite: keep the base away from 0."
            if ((base < 0) & (exponent != np.rint(exponent))).any():
                return "A negative number to a power that is not whole is not a number: take its size first."
        if name in ("multiply", "matmul", "linear", "add", "sum", "conv2d", "power"):
            largest = max(float(np.abs(array).max()) for array in arrays if array.size)
            return (
                f"Its inputs go up to {text(largest)}, and what comes of them is beyond float32 (3.4e38): the values have "
                "grown over many operations. Smaller starting values, a smaller learning rate or normalisation keep them."
            )
    return ""


def _first_odd_gradient(graph: Graph, grads: dict[int, np.ndarray]) -> dict[str, Any] | None:
    for operation in reversed(graph.operations):
        comes_in = grads.get(operation.out.number)
        if comes_in is None or _is_odd(comes_in):
            continue
        if any(_is_odd(grads[value.number]) for value in operation.inputs if value.number in grads):
            passes_on = f"what {_called(operation)} passes on"
            what = f"Going backward, NaN or infinity first appears in {passes_on}. {_why_backward(operation)}"
            return _finding(operation, "backward", what.strip())
    return None


def _why_backward(operation: Operation) -> str:
    arrays = [np.asarray(value.array, np.float64) for value in operation.inputs if value.array is not None]
    if not arrays:
        return ""
    if operation.name == "sqrt" and (arrays[0] == 0).any():
        return "The slope of a root at 0 is infinite: add a small number under the root."
    if operation.name == "log" and (arrays[0] == 0).any():
        return "The slope of the logarithm at 0 is infinite: add a small number inside."
    if operation.name == "divide" and len(arrays) > 1 and (arrays[-1] == 0).any():
        return "It divides by 0: `where` picks a result afterwards, but the gradient still goes through both of its inputs."
    if operation.name == "power" and (arrays[0] == 0).any():
        return "The slope of this power at 0 is infinite: keep the base away from 0."
    return ""


# Gradients that end, vanish or explode.
def _ends(graph: Graph, grads: dict[int, np.ndarray]) -> dict[str, Any] | None:
    """Where a gradient comes in and nothing but zeros goes on."""
    for operation in reversed(graph.operations):
        comes_in = grads.get(operation.out.number)
        goes_on = [grads[value.number] for value in operation.inputs if value.number in grads]
        if comes_in is not None and comes_in.any() and goes_on and not any(grad.any() for grad in goes_on):
            why = ""
            if operation.name == "relu":
                why = (
                    " Every input of it is below 0: the units are dead. Smaller steps, or leaky_relu, keep them alive."
                )
            elif operation.name in LIMITS:
                why = " Its values are at their limits, where the slope is 0."
            what = f"The gradient ends at {_called(operation)}: what it passes on is zero everywhere.{why}"
            return _finding(operation, "backward", what)
    return None


def _drifts(graph: Graph, grads: dict[int, np.ndarray]) -> Iterator[dict[str, Any]]:
    """Where the gradient has become much smaller or larger than it was at the first operation on the way back."""
    at = [o for o in graph.operations if o.out.number in grads and grads[o.out.number].size > 1]
    sizes = [(operation, size(grads[operation.out.number])) for operation in at]
    sizes = [(operation, grad) for operation, grad in sizes if grad > 0]
    if not sizes:
        return
    first, before = sizes[-1]
    chart = [grad for _, grad in reversed(sizes)]
    for word, (operation, grad) in (
        ("vanishes", min(sizes, key=lambda pair: pair[1])),
        ("explodes", max(sizes, key=lambda pair: pair[1])),
    ):
        if (grad < VANISHED * before) if word == "vanishes" else (grad > EXPLODED * before):
            what = (
                f"The gradient {word}: it is {text(before)} at {_called(first)}, and {text(grad)} at {_called(operation)}. "
                f"{_each(graph, grads, word)}"
            )
            yield _finding(operation, "backward", what.strip(), chart)


def _each(graph: Graph, grads: dict[int, np.ndarray], word: str) -> str:
    """`Each tanh multiplies the gradient by 0.12; 20 of them leave 1e-19`, for the operation that does most."""
    factors: dict[str, list[float]] = {}
    for operation in graph.operations:
        comes_in = grads.get(operation.out.number)
        through = [value for value in operation.inputs if value.maker is not None and value.number in grads]
        if comes_in is None or not through or comes_in.size <= 1:
            continue
        factor = size(grads[through[0].number]) / (size(comes_in) or np.inf)
        if factor > 0:
            factors.setdefault(operation.name, []).append(factor)
    means = {
        name: (float(np.exp(np.mean(np.log(found)))), len(found))
        for name, found in factors.items()
        if len(found) >= REPEATED
    }
    if not means:
        return ""
    name, (mean, count) = max(
        means.items(), key=lambda item: (-1 if word == "vanishes" else 1) * item[1][1] * np.log(item[1][0])
    )
    if (mean >= 1) if word == "vanishes" else (mean <= 1):
        return ""
    remedy = {
        "tanh": "ReLU, or starting values by kaiming or xavier, or a residual connection keep its size.",
        "sigmoid": "Its slope is at most a quarter: ReLU, or a residual connection keep its size.",
    }.get(name, "Starting values by kaiming or xavier, or normalisation keep its size.")
    if word == "explodes":
        remedy = "Smaller starting values (kaiming or xavier) or normalisation keep its size; clipping limits the step."
    return f"Each {name} multiplies it by {text(mean)}; {count} of them come to {text(mean**count)}. {remedy}"


# What lies idle.
def _idle(graph: Graph) -> Iterator[dict[str, Any]]:
    """Dead units and saturated values, where they are many."""
    for operation in graph.operations:
        array = operation.out.array
        if array is None or array.ndim < 2 or len(array) < 2:
            continue
        if operation.name == "relu":
            others = tuple(n for n in range(array.ndim) if n != (1 if array.ndim == 4 else array.ndim - 1))
            dead = (array == 0).all(axis=others)
            if dead.mean() >= MANY_DEAD:
                what = (
                    f"{int(dead.sum())} of {dead.size} units of {_called(operation)} are 0 for every input, and their "
                    "weights get no gradient. Starting values by kaiming, a smaller learning rate or leaky_relu help."
                )
                yield _finding(operation, "forward", what)
        if operation.name in LIMITS:
            low, high = LIMITS[operation.name]
            near = np.minimum(array - low, high - array) < NEAR * (high - low)
            if near.mean() >= MANY_SATURATED:
                what = (
                    f"{near.mean():.0%} of the values of {_called(operation)} are saturated: so near to a limit that the "
                    "slope is next to 0. Smaller weights, or inputs of mean 0 and spread 1, help."
                )
                yield _finding(operation, "forward", what)


def _same_for_all(graph: Graph) -> dict[str, Any] | None:
    """Where the rows of a batch differ going in, and are all the same from there on."""
    differs = {value.number: _rows_differ(value.array) for value in graph.values}
    for operation in graph.operations:
        array = operation.out.array
        rows = [value for value in operation.inputs if value.array is not None and array is not None]
        batch = [
            v for v in rows if array.ndim > 1 and v.array.ndim > 1 and len(v.array) == len(array) and len(array) > 1
        ]
        if any(differs[value.number] for value in batch) and not differs[operation.out.number] and array.shape[0] > 1:
            what = f"From {_called(operation)} on, every row of the batch is the same: the result does not depend on the input."
            return _finding(operation, "forward", what)
    return None


def _rows_differ(array: np.ndarray | None) -> bool:
    return array is not None and array.ndim > 0 and len(array) > 1 and bool((array != array[:1]).any())
