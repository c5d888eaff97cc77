"""Whose tensors are looked at: the student's own, or PyTorch's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tito.show import own
from tito.show.computation import Graph


def read(result: Any, model: Any = None, variables: dict[str, Any] | None = None) -> Graph:
    """The graph behind `result`; parameters get their names from `model`, other tensors from the `variables`.

    A ValueError if there is no graph, or if its record is gone because backward() gave its memory back.
    """
    if _is_torch(result):
        from tito.show import pytorch

        return pytorch.read(result, model, variables)
    return own.read(result, model, variables)


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
