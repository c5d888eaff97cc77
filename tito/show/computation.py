"""The computation graph of a result, read from its nodes, and drawn: as a layered picture, and as text.

The drawing needs nothing but a browser: an SVG made here. A large graph is drawn with one box for each layer of a
model instead of one for each operation.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

MOST = 200  # boxes; with more operations, those of one layer share a box
BOX = 34  # height of a box, and
GAP = 30, 22  # room below and beside it, in pixels
FAR = 12  # operations, after which a leaf that is used again is drawn again
LONG = 40  # layers: a longer arrow goes straight, and makes no room for itself
LETTER = 7.2  # width of a letter


@dataclass(eq=False)
class Value:
    """A tensor or an array that went into an operation or came out of one."""

    number: int
    name: str
    kind: str  # parameter, input, constant, result
    array: np.ndarray | None  # None where nobody has kept it
    requires_grad: bool
    tensor: Any = None
    maker: Operation | None = None


@dataclass(eq=False)
class Operation:
    """One recorded operation. `back` is its rule: the gradient that comes in -> what each input gets of it."""

    number: int
    name: str
    inputs: list[Value]
    given: dict[str, Any] = field(default_factory=dict)
    out: Value | None = None
    group: str = ""  # the layer it belongs to, by its path in the model
    place: str = ""  # the line that called it
    back: Callable[[np.ndarray], list[tuple[Value, np.ndarray]]] | None = None

    @property
    def options(self) -> str:
        """The options that say something, as `dim=1`."""
        shown = {k: v for k, v in self.given.items() if v is not None and v is not False}
        return ", ".join(_classes(v) or f"{k}={short(v)}" for k, v in shown.items())


@dataclass
class Graph:
    """What a result was made of: values and operations, in an order in which they can be computed."""

    values: list[Value] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    layers: dict[str, str] = field(default_factory=dict)  # the model's layers: path -> kind
    missing: list[str] = field(default_factory=list)  # parameters of the model that the result does not depend on
    lacks: str = ""  # what nobody has kept of the values
    guessed: bool = False  # nothing was recorded: what uses no parameter counts to the layer before it

    @property
    def result(self) -> Value:
        return self.operations[-1].out if self.operations else self.values[-1]


def variable_names(variables: dict[str, Any], key: Callable[[Any], int]) -> dict[int, str]:
    """What the caller calls its tensors and arrays: `{key of the value: name}`; of several names the first."""
    found: dict[int, str] = {}
    for name, value in variables.items():
        if not name.startswith("_") and (hasattr(value, "requires_grad") or isinstance(value, np.ndarray)):
            found.setdefault(key(value), name)
    return found


def layers_of(model: Any) -> dict[str, str]:
    """The layers of a model: `{path: kind}`."""
    if not hasattr(model, "named_modules"):
        return {}
    return {path: type(module).__name__ for path, module in model.named_modules() if path}


def group(graph: Graph) -> None:
    """Say of each operation which layer it belongs to: that of its parameters, or that of the operation before it."""
    graph.guessed = True
    for operation in graph.operations:
        own = [v.name.rpartition(".")[0] for v in operation.inputs if v.kind == "parameter" and "." in v.name]
        before = [v.maker.group for v in operation.inputs if v.maker is not None]
        operation.group = next(iter(own), "") or (before[-1] if before else "")


class Drawing:
    """A graph as notebooks show it, a picture, and as terminals do, a list."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def _repr_html_(self) -> str:
        return f'<div style="background:#fff;overflow:auto">{svg(self.graph)}</div>'

    def __repr__(self) -> str:
        return as_text(self.graph)


# Text.
def as_text(graph: Graph) -> str:
    """One line an operation: `5 multiply (2, 3)  from  x (2, 3), 4`."""
    lines = []
    width = max((len(o.name) for o in graph.operations), default=0)
    for operation in graph.operations:
        inputs = ", ".join(called(v) for v in operation.inputs)
        options = f"  [{operation.options}]" if operation.options else ""
        lines.append(
            f"#{operation.number:<4}  {operation.name:{width}}  {shape(operation.out)}  from {inputs}{options}"
        )
    return "\n".join(lines)


def shape(value: Value) -> str:
    return "(?)" if value.array is None else str(value.array.shape)


def called(value: Value) -> str:
    if value.maker is not None:
        return f"#{value.maker.number}"
    return value.name if value.kind == "constant" else f"{value.name} {shape(value)}"


# The picture.
@dataclass(eq=False)
class Box:
    key: Any
    label: str
    kind: str
    hover: str
    before: list[Box] = field(default_factory=list)
    layer: int = 0
    left: float = 0.0

    @property
    def width(self) -> float:
        return 8.0 if self.kind == "bend" else max(46.0, len(self.label) * LETTER + 18)


def boxes(graph: Graph, collapse: bool | None = None) -> list[Box]:
    """The boxes to draw: one an operation and one a leaf, or one a layer where that would be too many."""
    collapse = len(graph.operations) > MOST if collapse is None else collapse
    found: dict[Any, Box] = {}
    uses: dict[int, tuple[int, int]] = {}  # of a leaf: the last operation that used it, and how often it is drawn

    def leaf(value: Value, user: int) -> Box:
        """The leaf's box; where it is used again far from there, it is drawn again."""
        last, copy = uses.get(value.number, (user, 0))
        copy += user - last > FAR
        uses[value.number] = user, copy
        key = ("leaf", f"{value.number}_{copy}" if copy else value.number)
        if key not in found:
            label = value.name if value.kind == "constant" else f"{value.name} {shape(value)}"
            found[key] = Box(key, label, value.kind, describe(value))
        return found[key]

    for operation in graph.operations:
        key = ("layer", operation.group or "rest") if collapse else ("op", operation.number)
        if key not in found:
            label = (
                operation.group or "operations"
                if collapse
                else f"#{operation.number} {operation.name} {shape(operation.out)}"
            )
            found[key] = Box(key, label, "result", describe(operation.out))
        box = found[key]
        for value in operation.inputs:
            if value.maker is not None:
                other = found[("layer", value.maker.group or "rest") if collapse else ("op", value.maker.number)]
            elif collapse and value.kind in ("parameter", "constant"):
                continue
            else:
                other = leaf(value, operation.number)
            if other is not box and other not in box.before:
                box.before.append(other)
        box.hover = describe(operation.out)
    return list(found.values())


def describe(value: Value) -> str:
    """A value in a few lines: shape, kind, the numbers or their range."""
    array = value.array
    grad = ", requires grad" if value.requires_grad else ""
    if array is None:
        return f"{value.name or value.kind}{grad}: not kept"
    head = f"{value.name or value.kind} {array.shape} {array.dtype}{grad}"
    if array.size == 0 or array.dtype.kind not in "biuf":
        return head
    if array.size <= 12:
        return f"{head}\n{np.array2string(array, precision=4, separator=', ')}"
    with np.errstate(all="ignore"):
        numbers = array.astype(np.float64)
        return f"{head}\nfrom {numbers.min():.4g} to {numbers.max():.4g}, mean {numbers.mean():.4g}"


def place(drawn: list[Box]) -> tuple[list[list[Box]], float, float]:
    """Give each box its layer and its place in it, with few crossings.

    Returns the routes of the arrows, each a list of boxes from start to end, and the width and height of all. A long
    arrow goes through a narrow empty box in each layer that it crosses.
    """
    for box in drawn:
        box.layer = 1 + max((other.layer for other in box.before), default=-1)
    users: dict[int, list[Box]] = {}
    for box in drawn:
        for other in box.before:
            users.setdefault(id(other), []).append(box)
    for box in drawn:  # a leaf stands just above what uses it first
        if not box.before and id(box) in users:
            box.layer = min(user.layer for user in users[id(box)]) - 1
    layers: list[list[Box]] = [[] for _ in range(max(box.layer for box in drawn) + 1)]
    for box in drawn:
        layers[box.layer].append(box)
    routes = []
    for box in drawn:
        for other in box.before:
            between = range(other.layer + 1, box.layer)
            bends = [Box(None, "", "bend", "", layer=layer) for layer in between if len(between) <= LONG]
            for bend in bends:
                layers[bend.layer].append(bend)
            routes.append([other, *bends, box])
    above: dict[int, list[Box]] = {}
    below: dict[int, list[Box]] = {}
    for route in routes:
        for one, next_ in pairwise(route):
            above.setdefault(id(next_), []).append(one)
            below.setdefault(id(one), []).append(next_)
    for near, rows in [(above, layers), (below, layers[::-1])] * 4:
        for row in rows:
            row.sort(key=lambda box: _middle(near.get(id(box), []), box))
            left = -sum(box.width + GAP[1] for box in row) / 2
            for box in row:
                box.left, left = left, left + box.width + GAP[1]
    for near, rows in [(below, layers[::-1]), (above, layers), (below, layers[::-1]), (above, layers)]:
        for row in rows:
            _straighten(row, near)
    shift = min(box.left for row in layers for box in row)
    for row in layers:
        for box in row:
            box.left -= shift
    return routes, max(b.left + b.width for row in layers for b in row), len(layers) * (BOX + GAP[0]) - GAP[0]


def _middle(others: list[Box], box: Box) -> float:
    centres = [other.left + other.width / 2 for other in others] or [box.left + box.width / 2]
    return sum(centres) / len(centres)


def _straighten(row: list[Box], near: dict[int, list[Box]]) -> None:
    """Move boxes toward their neighbours, keeping the order: first those of a chain, so that it stands in a line.

    A box's neighbours are operations if there are any next to it, else the bends of arrows, else leaves.
    """
    wanted, ranks = [], []
    for box in row:
        others = near.get(id(box), [])
        rank = max((_rank(other) for other in others), default=0)
        wanted.append(_middle([other for other in others if _rank(other) == rank], box) - box.width / 2)
        ranks.append(min(rank, _rank(box)))
    room = [0.0]  # how far to the right of the first box each must stand at least
    for box in row:
        room.append(room[-1] + box.width + GAP[1])
    placed: list[int] = []
    for n in sorted(range(len(row)), key=lambda n: -ranks[n]):
        before = max((m for m in placed if m < n), default=None)
        after = min((m for m in placed if m > n), default=None)
        low = -float("inf") if before is None else row[before].left + room[n] - room[before]
        high = float("inf") if after is None else row[after].left - (room[after] - room[n])
        row[n].left = min(max(wanted[n], low), high)
        placed.append(n)


def _rank(box: Box) -> int:
    return 2 if box.kind == "result" else 1 if box.kind == "bend" else 0


def svg(graph: Graph) -> str:
    """The graph from its inputs, above, to its result, below."""
    drawn = boxes(graph)
    routes, width, height = place(drawn)
    parts = ['<path d="{}"/><polygon points="{}"/>'.format(*arrow(route)) for route in routes]
    for box in drawn:
        top = box.layer * (BOX + GAP[0])
        round_ = 4 if box.kind == "result" else BOX / 2
        parts.append(
            f'<g class="{box.kind}"><title>{html.escape(box.hover)}</title>'
            f'<rect x="{box.left:.1f}" y="{top}" width="{box.width:.1f}" height="{BOX}" rx="{round_:g}"/>'
            f'<text x="{box.left + box.width / 2:.1f}" y="{top + BOX / 2 + 4.5:.1f}">{html.escape(box.label)}</text></g>'
        )
    count = f"{len(graph.operations)} operations on {sum(v.kind == 'parameter' for v in graph.values)} parameters"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tito-graph" role="img" aria-label="Computation graph: {count}" '
        f'viewBox="-8 -8 {width + 16:.0f} {height + 16:.0f}" width="{width + 16:.0f}" style="max-width:100%">'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>"
    )


def arrow(route: list[Box]) -> tuple[str, str]:
    """A line from the first box through the empty ones to the last, and the corners of its tip."""
    points = []
    for n, box in enumerate(route):
        x, top = box.left + box.width / 2, box.layer * (BOX + GAP[0])
        points += [(x, top + BOX)] if n == 0 else [(x, top - 5)] if n == len(route) - 1 else [(x, top), (x, top + BOX)]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for n, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        bend = (y1 - y0) / 2
        path += (
            f"L{x1:.1f} {y1:.1f}" if n % 2 else f"C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
        )
    x, y = points[-1]
    return path, f"{x:.1f},{y + 5:.1f} {x - 4:.1f},{y - 3:.1f} {x + 4:.1f},{y - 3:.1f}"


STYLE = "".join(
    f".tito-graph {rule}"  # the picture stands in somebody's page, and is not to dress what else is there
    for rule in (
        "text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#1f2933}",
        "rect{stroke-width:1.5;fill:#f4f6f8;stroke:#6b7680}",
        "path{fill:none;stroke:#6b7680;stroke-width:1.3}",
        "polygon{fill:#6b7680}",
        ".parameter rect{fill:#e3f0fa;stroke:#0072b2;stroke-width:2.5}",
        ".input rect{fill:#fff6e0;stroke:#b07800}",
        ".constant rect{stroke-dasharray:4 3}",
    )
)


def _subscript(part: Any) -> str:
    """Part of an index as it is written between brackets: `:`, `2:5`, `...`."""
    if isinstance(part, slice):
        start, stop, step = ("" if n is None else str(n) for n in (part.start, part.stop, part.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "..." if part is ... else short(part)


def _classes(value: Any) -> str:
    """The right class of each sample, where an option is the places of those: (0, 1, 2, …) and the classes."""
    if not (isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, np.ndarray) for part in value)):
        return ""
    samples, classes = value
    if classes.dtype.kind not in "iu" or classes.ndim != 1 or not np.array_equal(samples, np.arange(len(classes))):
        return ""
    return "classes " + ", ".join(map(str, classes[:20])) + (", …" if len(classes) > 20 else "")


def short(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return f"{(~value).sum()} of {value.size} False"
    if isinstance(value, tuple) and any(isinstance(part, slice) for part in value):
        return f"[{', '.join(map(_subscript, value))}]"
    text = f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)
    return text if len(text) <= 24 else text[:22] + " …"
