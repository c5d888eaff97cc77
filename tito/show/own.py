"""The graph of the student's own tensors, read from their nodes; and what has to be noted while it is made."""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from tito.show.computation import Graph, Operation, Value, group, layers_of, short, variable_names
from tito.show.lines import place


@dataclass(frozen=True)
class Note:
    """Where an operation ran."""

    layer: str  # its path in the model, empty outside of it
    place: str  # the line


_notes: weakref.WeakKeyDictionary[Any, Note] = weakref.WeakKeyDictionary()  # by node


@contextlib.contextmanager
def recording(model: Any = None) -> Iterator[None]:
    """Note of each operation inside the block its layer in `model` and the line that called it."""
    paths = {id(module): path for path, module in model.named_modules()} if hasattr(model, "named_modules") else {}

    def look(frame: FrameType, event: str, result: Any) -> None:
        if event == "return" and frame.f_code.co_name == "apply":
            node = getattr(result, "node", None)
            if node is not None and node not in _notes:
                package = frame.f_globals.get("__name__", "").partition(".")[0]
                _notes[node] = Note(_layer(frame, paths), place(frame.f_back, package))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)


def _layer(frame: FrameType | None, paths: dict[int, str]) -> str:
    """The innermost layer of the model whose `forward` is running."""
    while frame is not None:
        if frame.f_code.co_name == "forward" and (path := paths.get(id(frame.f_locals.get("self")))):
            return path
        frame = frame.f_back
    return ""


def read(result: Any, model: Any = None, variables: dict[str, Any] | None = None) -> Graph:
    """The graph behind `result`; parameters get their names from `model`, other tensors from the `variables`.

    A ValueError if the record of the graph is gone, because backward() gave its memory back.
    """
    if getattr(result, "node", None) is None:
        raise ValueError("nothing is recorded for this tensor: no operation on a tensor with requires_grad made it")
    names = {id(p): name for name, p in model.named_parameters()} if model is not None else {}
    called = variable_names(variables or {}, lambda x: id(getattr(x, "node", None) or x))
    order = in_order(result.node)
    graph, values, made = Graph(layers=layers_of(model)), {}, {}

    def value(x: Any, place: tuple[int, int]) -> Value:
        node = getattr(x, "node", None)
        key: Any = id(node) if node is not None else id(x)
        if np.ndim(x) == 0 and not getattr(x, "requires_grad", False) and node is None:
            key = place  # Python may keep one 2 for all twos
        if key not in values:
            array = np.asarray(x)
            requires = bool(getattr(x, "requires_grad", False))
            if id(x) in names:
                kind, name = "parameter", names[id(x)]
            elif node is not None:
                kind, name = "result", ""
            elif requires:
                kind, name = "parameter", called.get(id(x), "leaf")
            else:
                kind = "constant" if array.ndim == 0 else "input"
                name = short(array[()]) if array.ndim == 0 else called.get(id(x), called.get(id(array), "input"))
            values[key] = Value(len(values), name, kind, array, requires, x)
            graph.values.append(values[key])
        return values[key]

    def rule(operation: Operation, node: Any) -> Callable[[np.ndarray], list[tuple[Value, np.ndarray]]]:
        def back(incoming: np.ndarray) -> list[tuple[Value, np.ndarray]]:
            found = []
            for tensor, part in node.gradients(incoming):
                inner = getattr(tensor, "node", None)
                found.append((values[id(inner) if inner is not None else id(tensor)], np.asarray(part)))
            return found

        return back

    for node in order:
        operation = Operation(len(graph.operations), node.op.__name__, [], dict(node.options))
        for x in node.inputs:
            if x is None:
                continue
            found = value(x, (operation.number, len(operation.inputs)))
            found.maker = found.maker or made.get(id(getattr(x, "node", None)))
            operation.inputs.append(found)
        out = Value(len(values), called.get(id(node), ""), "result", np.asarray(node.out), True, None, operation)
        values[id(node)] = out
        graph.values.append(out)
        operation.out, made[id(node)] = out, operation
        operation.back = rule(operation, node)
        note = _notes.get(node)
        if note is not None:
            operation.group, operation.place = note.layer, note.place
        graph.operations.append(operation)
    graph.result.tensor = result
    graph.result.name = graph.result.name or "result"
    used = {value.name for value in graph.values if value.kind == "parameter"}
    graph.missing = [name for name in names.values() if name not in used]
    if not any(node in _notes for node in order):
        group(graph)
    return graph


def in_order(root: Any) -> list[Any]:
    """All nodes behind `root`, each after those it depends on; without recursion."""
    order, state, todo = [], {}, [root]
    while todo:
        node = todo[-1]
        if node.inputs is None:
            raise ValueError(
                "backward() has given this graph's memory back; look at it before, or keep it with retain_graph=True"
            )
        if state.get(id(node)) is None:
            state[id(node)] = "open"
            before = [x.node for x in node.inputs if getattr(x, "node", None) is not None]
            todo += [other for other in before if id(other) not in state]
        else:
            todo.pop()
            if state[id(node)] == "open":
                state[id(node)] = "done"
                order.append(node)
    return order
