"""Whose tensors are looked at: the student's own, or PyTorch's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tito.show import own
from tito.show.computation import Graph


def read(result: Any, model: Any = None, variables: dict[str, Any] | None = None) -> Graph:
    """The graph behind `result`; parameters get their names from `model`, other tensors from the `variables`.

    Without `model` it is the one among the variables whose parameters are in the graph, if there is one and no more.
    A ValueError if there is no graph, or if its record is gone because backward() gave its memory back.
    """
    if _is_torch(result):
        from tito.show import pytorch as source
    else:
        source = own
    graph = source.read(result, model, variables)
    found = _model_behind(graph, variables or {}) if model is None else None
    return graph if found is None else source.read(result, found, variables)


def _model_behind(graph: Graph, variables: dict[str, Any]) -> Any:
    """The variable that is a model with parameters in the graph, and not a part of another; None if there are several."""
    leaves = {id(value.tensor) for value in graph.values if value.kind == "parameter"}
    models = {
        id(thing): thing
        for thing in variables.values()
        if hasattr(type(thing), "named_modules") and hasattr(type(thing), "parameters")
    }
    models = {key: thing for key, thing in models.items() if leaves & {id(p) for p in thing.parameters()}}
    parts = {id(part) for thing in models.values() for _, part in thing.named_modules() if part is not thing}
    whole = [thing for key, thing in models.items() if key not in parts]
    return whole[0] if len(whole) == 1 else None


@contextlib.contextmanager
def recording(model: Any = None) -> Iterator[None]:
    """Note of each operation inside the block its layer in `model`, its file, line and cell.

    `show.backward` and `show.graph` then say them. Of a PyTorch model the values are kept too, which autograd does not.
    """
    if _is_torch(model):
        from tito.show import pytorch

        with pytorch.recording(model):
            yield
    else:
        with own.recording(model):
            yield


def _is_torch(thing: Any) -> bool:
    return any(kind.__module__.partition(".")[0] == "torch" for kind in type(thing).__mro__)
