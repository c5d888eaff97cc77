"""The reverse debugger: a page that steps forward through a computation, then backward from its result.

The backward pass is played here, rule by rule, with the package's own rules, and every gradient on its way is kept.
The tensors are only read: no `grad` is changed, and the graph can still go backward.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tito.show import computation
from tito.show.computation import BOX, GAP, Graph, Operation, Value

PAGE = Path(__file__).with_name("reverse.html")
EXACT = 36  # values shown one by one; of more, a heat map is shown
HEAT = 20  # rows and columns of a heat map
VANISHED, EXPLODED = 1e-5, 1e5  # how much smaller or larger a gradient gets on its way before it is called so

RULES = {
    "add": "Addition passes the gradient on to both inputs.",
    "subtract": "The first input gets the gradient, the second its negative.",
    "multiply": "Each input gets the gradient times the other input.",
    "divide": "The upper input gets the gradient divided by the lower one; the lower minus the gradient times result / lower.",
    "negative": "The input gets the negative of the gradient.",
    "power": "The base gets the gradient times exponent × base to the exponent less one.",
    "exp": "The input gets the gradient times the result, which is its own derivative.",
    "log": "The input gets the gradient divided by the input.",
    "sqrt": "The input gets the gradient divided by twice the result.",
    "absolute": "The input gets the gradient with the input's sign.",
    "maximum": "The larger input gets the gradient; where they tie, each gets half.",
    "where": "Each place's gradient goes to the input it was taken from.",
    "clip": "Values inside the limits get their gradient, those outside none.",
    "matmul": "The left input gets gradient @ right transposed; the right one left transposed @ gradient.",
    "sum": "Every value that was added gets the sum's gradient.",
    "max": "The largest value gets the gradient; values that tie share it.",
    "min": "The smallest value gets the gradient; values that tie share it.",
    "remainder": "The first input gets the gradient; the second minus the gradient times how often it fits into the first.",
    "floor_divide": "The result goes in jumps and is level between them, so both inputs get nothing.",
    "logaddexp": "Each input gets its share in the sum of the exponentials, times the gradient.",
    "reshape": "The gradient gets the input's shape back.",
    "squeeze": "The gradient gets the axes of size 1 back.",
    "expand_dims": "The gradient loses the axis of size 1 again.",
    "ascontiguousarray": "The gradient passes: the values were only laid out in another order.",
    "transpose": "The gradient's axes are put back in order.",
    "swapaxes": "The same two axes are swapped back.",
    "broadcast_to": "Every copy's gradient is added up.",
    "getitem": "What was picked gets the gradient, the rest zero; what was picked twice gets both.",
    "join": "Each input gets its own piece of the gradient.",
    "cast": "The gradient passes, in the input's dtype.",
    "linear": "The input gets gradient @ weight; the weight gradient transposed @ input; the bias the sum over the batch.",
    "relu": "The gradient passes where the input was positive.",
    "leaky_relu": "The gradient passes where the input was positive, a little of it elsewhere.",
    "sigmoid": "The gradient times s (1 - s): at most a quarter of it.",
    "tanh": "The gradient times 1 - result²: little of it where the result is near 1 or -1.",
    "gelu": "The gradient times the slope of GELU at the input.",
    "softmax": "Each share gets result × (gradient - the mean of the gradients, weighted with the shares).",
    "log_softmax": "The gradient less each share's part of the sum of all.",
    "cross_entropy": "The logits get softmax minus one at the right class: the difference between guess and truth.",
    "batch_mean": "Each loss gets the same share of the mean's gradient.",
    "binary_cross_entropy": "The logits get sigmoid minus target: the difference between guess and truth.",
    "normalize": "The gradient loses its mean and its part along the normalised values, and is divided by the spread.",
    "conv2d": "The image gets the gradient spread by the kernel; the kernel what each of its places saw times the gradient.",
    "max_pool2d": "The largest value of each window gets its gradient.",
    "avg_pool2d": "Every value of a window gets an equal part of its gradient.",
}


class Debugger:
    """A page by itself: shown in notebooks in a frame, or saved as a file."""

    def __init__(self, page: str, text: str) -> None:
        self.page, self.text = page, text

    def save(self, path: str | Path) -> None:
        """Write the page to `path`; it needs nothing else."""
        Path(path).write_text(self.page, encoding="utf-8")

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.page, quote=True)}" title="Reverse debugger" '
            'style="width:100%;height:660px;border:1px solid #8886"></iframe>'
        )

    def __repr__(self) -> str:
        return self.text


def backward(result: Any, model: Any = None) -> Debugger:
    """Step forward through what made `result`, one number, then backward from it; parameters get names from `model`.

    Call it before `result.backward()`, which gives the record's memory back. A ValueError says what is missing.
    """
    graph = computation.read(result, model)
    if graph.result.array.size != 1:
        raise ValueError(f"going backward starts at one number, and this tensor has shape {graph.result.array.shape}")
    data = trace(graph)
    page = PAGE.read_text(encoding="utf-8").replace("/*DATA*/null", json.dumps(data).replace("</", "<\\/"))
    return Debugger(page, as_text(graph, data))


def trace(graph: Graph) -> dict[str, Any]:
    """Everything the page shows: values, operations, the backward pass step by step, and what is wrong."""
    grads: dict[int, np.ndarray] = {graph.result.number: np.ones_like(graph.result.array)}
    contributions: dict[int, list[tuple[Operation, np.ndarray]]] = {}
    steps = []
    for operation in reversed(graph.operations):
        incoming = grads.get(operation.out.number)
        if incoming is None:
            continue
        step = {"operation": operation.number, "incoming": summary(incoming), "to": []}
        for value, part in _parts(operation, incoming):
            known = grads.get(value.number)
            grads[value.number] = part if known is None else known + part
            entry = {"value": value.number, "part": summary(part), "total": summary(grads[value.number])}
            step["to"].append(entry | {"added": known is not None})
            contributions.setdefault(value.number, []).append((operation, part))
        steps.append(step)
    drawn = computation.boxes(graph, collapse=False)
    routes, width, _ = computation.place(drawn)
    return {
        "values": [_value(value, grads, contributions) for value in graph.values],
        "operations": [_operation(operation) for operation in graph.operations],
        "steps": steps,
        "findings": findings(graph, grads),
        "boxes": [_box(box) for box in drawn],
        "arrows": [computation.arrow(route) for route in routes],
        "ends": [[_key(route[0]), _key(route[-1])] for route in routes],
        "width": width,
        "height": height,
        "result": graph.result.number,
    }


def _parts(operation: Operation, incoming: np.ndarray) -> list[tuple[Value, np.ndarray]]:
    """What each input gets of the gradient that comes in, as the operation's rule says."""
    by_tensor = {id(value.tensor): value for value in operation.inputs}
    by_node = {id(value.maker.node): value for value in operation.inputs if value.maker is not None}
    found = []
    for tensor, part in operation.node.gradients(incoming):
        node = getattr(tensor, "node", None)
        found.append((by_node[id(node)] if node is not None else by_tensor[id(tensor)], np.asarray(part)))
    return found


def _size(array: np.ndarray) -> float:
    """The root of the mean square; infinite or not a number if the array is."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0


def summary(array: np.ndarray) -> dict[str, Any]:
    """An array in little room: its numbers if they are few, else a heat map, and its range."""
    with np.errstate(all="ignore"):
        numbers = np.asarray(array, dtype=np.float64)
        finite = np.isfinite(numbers)
        kept = numbers[finite]
        found: dict[str, Any] = {"shape": list(array.shape), "size": _number(_size(array)), "odd": int((~finite).sum())}
        if kept.size:
            found |= {"min": _number(kept.min()), "max": _number(kept.max())}
        rows = numbers.reshape(-1, numbers.shape[-1]) if numbers.ndim else numbers.reshape(1, 1)
        if numbers.size <= EXACT:
            found["numbers"] = [[_number(x) for x in row] for row in rows]
        else:
            heat = _shrunk(np.where(np.isfinite(rows), rows, 0.0))
            found["heat"] = np.rint(heat / (np.abs(heat).max() or 1) * 99).astype(int).tolist()
    return found


def _number(x: float) -> float | str:
    """Four digits; what JSON has no number for is written out."""
    return float(f"{x:.4g}") if np.isfinite(x) else str(x)


def _shrunk(rows: np.ndarray) -> np.ndarray:
    """The means of blocks, so that few rows and columns are left."""
    for axis in (0, 1):
        edges = np.unique(np.linspace(0, rows.shape[axis], min(HEAT, rows.shape[axis]) + 1).astype(int))
        counts = np.diff(edges)
        sums = np.add.reduceat(rows, edges[:-1], axis=axis)
        rows = sums / (counts[:, None] if axis == 0 else counts)
    return rows


def _value(value: Value, grads: dict[int, np.ndarray], contributions: dict[int, list]) -> dict[str, Any]:
    grad = grads.get(value.number)
    parts = [
        {"operation": operation.number, "size": _number(_size(part)), "share": _share(part, grad)}
        for operation, part in contributions.get(value.number, [])
    ]
    found = {"number": value.number, "name": value.name, "kind": value.kind, "summary": summary(value.array)}
    found |= {"maker": value.maker.number if value.maker else None, "from": parts}
    return found | {"grad": summary(grad) if grad is not None else None, "requires": value.requires_grad}


def _share(part: np.ndarray, whole: np.ndarray) -> float | None:
    """How much of a gradient one of its parts is: its length along the whole. The shares of all parts add up to 1.

    Below 0 if the part pulls against the whole; None if the whole is zero or not finite.
    """
    with np.errstate(all="ignore"):
        part, whole = (np.asarray(array, np.float64).ravel() for array in (part, whole))
        share = float(part @ whole / (whole @ whole)) if whole.any() else np.nan
    return round(share, 4) if np.isfinite(share) else None


def _operation(operation: Operation) -> dict[str, Any]:
    found = {
        "number": operation.number,
        "name": operation.name,
        "options": operation.options,
        "out": operation.out.number,
    }
    words = RULES.get(operation.name, f"The rule that is registered for {operation.name}.")
    return found | {"inputs": [value.number for value in operation.inputs], "rule": words, "group": operation.group}


def _box(box: computation.Box) -> dict[str, Any]:
    top = box.layer * (BOX + GAP[0])
    return {
        "key": _key(box),
        "label": box.label,
        "kind": box.kind,
        "x": round(box.left, 1),
        "y": top,
        "w": round(box.width, 1),
    }


def _key(box: computation.Box) -> str:
    return f"{box.key[0]}{box.key[1]}"


def findings(graph: Graph, grads: dict[int, np.ndarray]) -> list[dict[str, Any]]:
    """What is wrong, first things first: where NaN or infinity comes in, where gradients end, vanish or explode."""
    found = [_first_odd_value(graph), _first_odd_gradient(graph, grads)]
    if not any(found):
        found = [_ends(graph, grads), *_drifts(graph, grads)]
    return [finding for finding in found if finding]


def _finding(operation: Operation, direction: str, what: str) -> dict[str, Any]:
    return {"operation": operation.number, "pass": direction, "text": what}


def _first_odd_value(graph: Graph) -> dict[str, Any] | None:
    for operation in graph.operations:
        called = f"#{operation.number} {operation.name}"
        for value in operation.inputs:
            if value.maker is None and _odd(value.array):
                what = f"{value.name or value.kind} already holds NaN or infinity when {called} reads it."
                return _finding(operation, "forward", what)
        if _odd(operation.out.array):
            what = f"{called} is the first operation whose result holds NaN or infinity."
            return _finding(operation, "forward", what)
    return None


def _first_odd_gradient(graph: Graph, grads: dict[int, np.ndarray]) -> dict[str, Any] | None:
    for operation in reversed(graph.operations):
        comes_in = grads.get(operation.out.number)
        if comes_in is None or _odd(comes_in):
            continue
        if any(_odd(grads[value.number]) for value in operation.inputs if value.number in grads):
            passes_on = f"what #{operation.number} {operation.name} passes on"
            what = f"Going backward, NaN or infinity first appears in {passes_on}."
            return _finding(operation, "backward", what)
    return None


def _ends(graph: Graph, grads: dict[int, np.ndarray]) -> dict[str, Any] | None:
    """Where a gradient comes in and nothing but zeros goes on."""
    for operation in reversed(graph.operations):
        comes_in = grads.get(operation.out.number)
        goes_on = [grads[value.number] for value in operation.inputs if value.number in grads]
        if comes_in is not None and comes_in.any() and goes_on and not any(grad.any() for grad in goes_on):
            called = f"#{operation.number} {operation.name}"
            what = f"The gradient ends at {called}: what it passes on is zero everywhere."
            return _finding(operation, "backward", what)
    return None


def _drifts(graph: Graph, grads: dict[int, np.ndarray]) -> Iterator[dict[str, Any]]:
    """Where the gradient has become much smaller or larger than it was at the first operation on the way back."""
    at = [o for o in graph.operations if o.out.number in grads and o.out.array.size > 1]
    sizes = [(operation, _size(grads[operation.out.number])) for operation in at]
    sizes = [(operation, size) for operation, size in sizes if size > 0]
    if not sizes:
        return
    first, before = sizes[-1]
    for word, (operation, size) in (
        ("vanishes", min(sizes, key=lambda pair: pair[1])),
        ("explodes", max(sizes, key=lambda pair: pair[1])),
    ):
        if (size < VANISHED * before) if word == "vanishes" else (size > EXPLODED * before):
            what = (
                f"The gradient {word}: it is {before:.2g} at #{first.number} {first.name}, "
                f"and {size:.2g} at #{operation.number} {operation.name}."
            )
            yield _finding(operation, "backward", what)


def _odd(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" and not np.isfinite(array).all()


def as_text(graph: Graph, data: dict[str, Any]) -> str:
    """The backward pass, one line an operation, for terminals and screen readers."""
    values = {value.number: value for value in graph.values}
    lines = [finding["text"] for finding in data["findings"]]
    for step in data["steps"]:
        operation = graph.operations[step["operation"]]
        parts = [
            f"{computation.called(values[to['value']])} {'+' if to['added'] else ''}{to['part']['size']:.3g}"
            if isinstance(to["part"]["size"], float)
            else f"{computation.called(values[to['value']])} {to['part']['size']}"
            for to in step["to"]
        ]
        lines.append(f"#{operation.number:<4} {operation.name} {step['incoming']['size']} -> {', '.join(parts)}")
    return "\n".join(lines)
