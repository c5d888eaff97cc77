"""The reverse debugger: a page that steps forward through a computation, then backward from its result.

The backward pass is played here, rule by rule, with the package's own rules, and every gradient on its way is kept.
The tensors are only read: no `grad` is changed, and the graph can still go backward.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tito.show import computation, sources, worked
from tito.show.computation import Graph, Operation, Value
from tito.show.findings import findings, size
from tito.show.picture import alive

PAGE = Path(__file__).with_name("reverse.html")
# values shown one by one, of more a heat map of so many rows and columns, and whether an element is worked out
FULL, LESS, LEAST = (36, 20, True), (9, 6, True), (1, 0, False)
MANY, VERY_MANY = 300, 1500  # operations, from which on less is shown of each


class Debugger:
    """A page by itself: shown in notebooks in a frame, or saved as a file."""

    def __init__(self, page: str, text: str, still: str) -> None:
        self.page, self.text, self.still = page, text, still  # the last is a picture, an SVG

    def save(self, path: str | Path) -> None:
        """Write the page to `path`; it needs nothing else."""
        Path(path).write_text(self.page, encoding="utf-8")

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.still.encode()).decode()
        still = f'<img alt="The computation\'s graph" src="data:image/svg+xml;base64,{data}">'
        return alive(self.page, "Reverse debugger", still)

    def __repr__(self) -> str:
        return self.text


def backward(result: Any, model: Any = None) -> Debugger:
    """Step forward through what made `result`, one number, then backward from it.

    Parameters get their names from `model` (without it, from the one model that is a variable where this is called and
    lies behind `result`), other tensors from those variables. A forward pass inside `show.recording(model)` also tells
    layers and lines. `result` may be PyTorch's. Call it before `result.backward()`, which gives the record's memory
    back. A ValueError says what is missing.
    """
    graph = sources.read(result, model, variables(sys._getframe(1)))
    if graph.result.array.size != 1:
        raise ValueError(f"going backward starts at one number, and this tensor has shape {graph.result.array.shape}")
    data = trace(graph)
    packed = base64.b64encode(gzip.compress(json.dumps(data).encode(), mtime=0)).decode()
    return Debugger(
        PAGE.read_text(encoding="utf-8").replace("/*DATA*/", packed), as_text(graph, data), computation.svg(graph)
    )


def variables(frame: Any) -> dict[str, Any]:
    """What the code in a frame can call by name; its own names before those of its file."""
    return frame.f_globals | frame.f_locals


def trace(graph: Graph) -> dict[str, Any]:
    """Everything the page shows: values, operations, the backward pass step by step, and what is wrong."""
    count = len(graph.operations)
    detail = FULL if count <= MANY else LESS if count <= VERY_MANY else LEAST
    grads: dict[int, np.ndarray] = {graph.result.number: np.ones_like(graph.result.array)}
    parts: dict[int, list[tuple[dict[str, Any], np.ndarray]]] = {}
    steps = []
    for operation in reversed(graph.operations):
        incoming = grads.get(operation.out.number)
        if incoming is None:
            continue
        step: dict[str, Any] = {"operation": operation.number, "incoming": summary(incoming, detail), "to": []}
        for value, part in operation.back(incoming):
            known = grads.get(value.number)
            grads[value.number] = part if known is None else known + part
            entry = {"value": value.number, "part": summary(part, detail), "added": known is not None}
            if known is not None:
                entry["total"] = summary(grads[value.number], detail)
            if detail[2] and (line := _worked(operation, value, part, incoming)):
                entry["worked"] = line
            step["to"].append(entry)
            parts.setdefault(value.number, []).append((entry, part))
        steps.append(step)
    for number, found in parts.items():
        for entry, part in found:
            entry["share"] = _share(part, grads[number])
    drawn = computation.boxes(graph, collapse=False)
    routes, width, _ = computation.place(drawn)
    at = {id(box): n for n, box in enumerate(drawn)}
    names = sorted({operation.name for operation in graph.operations})
    return {
        "values": [_value(value, grads, detail) for value in graph.values],
        "operations": [_operation(operation, detail) for operation in graph.operations],
        "words": {name: worked.words(name) for name in names},
        "layers": graph.layers,
        "guessed": graph.guessed,
        "lacks": graph.lacks,
        "steps": steps,
        "findings": findings(graph, grads),
        "boxes": [_box(box) for box in drawn],
        "routes": [
            [at[id(route[0])], at[id(route[-1])], [[b.layer, round(b.left + b.width / 2)] for b in route[1:-1]]]
            for route in routes
        ],
        "width": round(width),
        "result": graph.result.number,
    }


def _worked(operation: Operation, value: Value, part: np.ndarray, incoming: np.ndarray) -> str:
    """One element of what a value gets, worked out by hand."""
    inputs = [given.array for given in operation.inputs]
    if operation.out.array is None or any(array is None for array in inputs):
        return ""
    number = next(n for n, given in enumerate(operation.inputs) if given is value)
    return worked.backward(operation.name, number, part, incoming, operation.out.array, inputs, operation.given)


def summary(array: np.ndarray | None, detail: tuple[int, int, bool] = FULL) -> dict[str, Any] | None:
    """An array in little room: its numbers if they are few, else a heat map, and its range; None where none was kept."""
    if array is None:
        return None
    exact, heat, _ = detail
    found: dict[str, Any] = {"shape": list(array.shape)}
    if array.dtype.kind in "iu" and array.ndim == 1 and exact > 1:  # class targets, as they are called
        return found | {"size": _number(size(array)), "odd": 0, "classes": array[:100].tolist()}
    with np.errstate(all="ignore"):
        numbers = np.asarray(array, dtype=np.float64)
        finite = np.isfinite(numbers)
        kept = numbers[finite]
        found |= {"size": _number(size(array)), "odd": int((~finite).sum())}
        if kept.size:
            found |= {"min": _number(kept.min()), "max": _number(kept.max())}
        rows = numbers.reshape(-1, numbers.shape[-1]) if numbers.ndim else numbers.reshape(1, 1)
        if numbers.size <= exact:
            found["numbers"] = [[_number(x) for x in row] for row in rows]
        elif heat and numbers.size:
            small = _shrunk(np.where(np.isfinite(rows), rows, 0.0), heat)
            found["heat"] = np.rint(small / (np.abs(small).max() or 1) * 99).astype(int).tolist()
            found["most"] = _number(np.abs(small).max())
    return found


def _number(x: float) -> float | str:
    """Four digits; what JSON has no number for is written out."""
    return float(f"{x:.4g}") if np.isfinite(x) else str(x)


def _shrunk(rows: np.ndarray, most: int) -> np.ndarray:
    """The means of blocks, so that at most so many rows and columns are left."""
    for axis in (0, 1):
        edges = np.unique(np.linspace(0, rows.shape[axis], min(most, rows.shape[axis]) + 1).astype(int))
        counts = np.diff(edges)
        sums = np.add.reduceat(rows, edges[:-1], axis=axis)
        rows = sums / (counts[:, None] if axis == 0 else counts)
    return rows


def _value(value: Value, grads: dict[int, np.ndarray], detail: tuple[int, int, bool]) -> dict[str, Any]:
    found = {"number": value.number, "name": value.name, "kind": value.kind, "summary": summary(value.array, detail)}
    found |= {"maker": value.maker.number if value.maker else None, "requires": value.requires_grad}
    grad = grads.get(value.number)
    return found | {"grad": _number(size(grad)) if grad is not None else None}


def _share(part: np.ndarray, whole: np.ndarray) -> float | None:
    """How much of a gradient one of its parts is: its length along the whole. The shares of all parts add up to 1.

    Below 0 if the part pulls against the whole; None if the whole is zero or not finite.
    """
    with np.errstate(all="ignore"):
        part, whole = (np.asarray(array, np.float64).ravel() for array in (part, whole))
        share = float(part @ whole / (whole @ whole)) if whole.any() else np.nan
    return round(share, 4) if np.isfinite(share) else None


def _operation(operation: Operation, detail: tuple[int, int, bool]) -> dict[str, Any]:
    found: dict[str, Any] = {"number": operation.number, "name": operation.name, "out": operation.out.number}
    found["inputs"] = [value.number for value in operation.inputs]
    arrays = [value.array for value in operation.inputs]
    line = ""
    if detail[2] and operation.out.array is not None and not any(array is None for array in arrays):
        line = worked.forward(operation.name, arrays, operation.out.array, operation.given)
    extra = {"options": operation.options, "group": operation.group, "place": operation.place, "worked": line}
    return found | {key: text for key, text in extra.items() if text}


def _box(box: computation.Box) -> list[Any]:
    """[key, label, kind, left, row, width]"""
    return [f"{box.key[0]}{box.key[1]}", box.label, box.kind, round(box.left), box.layer, round(box.width)]


def as_text(graph: Graph, data: dict[str, Any]) -> str:
    """The backward pass, one line an operation, for terminals and screen readers."""
    values = {value.number: value for value in graph.values}
    lines = [finding["text"] for finding in data["findings"]]
    for step in data["steps"]:
        operation = graph.operations[step["operation"]]
        parts = []
        for to in step["to"]:
            amount = to["part"]["size"]
            shown = f"{amount:.3g}" if isinstance(amount, float) else amount
            parts.append(f"{computation.called(values[to['value']])} {'+' if to['added'] else ''}{shown}")
        lines.append(f"#{operation.number:<4} {operation.name} {step['incoming']['size']} -> {', '.join(parts)}")
    return "\n".join([*lines, *([graph.lacks] if graph.lacks else [])])
