"""Pictures for the lessons, the graph of a computation, and the reverse debugger."""

from __future__ import annotations

from typing import Any

from tito.show import computation
from tito.show.pictures import (
    Picture,
    bars,
    batches,
    boxes,
    broadcast,
    by_depth,
    checkpoint,
    confusion,
    curves,
    functions,
    histograms,
    images,
    ladder,
    lines,
    memory,
    reduction,
    shares,
    slides,
    tangent,
    unbroadcast,
    unfolding,
    valley,
    walk,
)
from tito.show.reverse import Debugger, backward

__all__ = [
    "Debugger",
    "Picture",
    "backward",
    "bars",
    "batches",
    "boxes",
    "broadcast",
    "by_depth",
    "checkpoint",
    "confusion",
    "curves",
    "functions",
    "graph",
    "histograms",
    "images",
    "ladder",
    "lines",
    "memory",
    "reduction",
    "shares",
    "slides",
    "tangent",
    "unbroadcast",
    "unfolding",
    "valley",
    "walk",
]


def graph(result: Any, model: Any = None) -> computation.Drawing:
    """Draw the operations that made `result`, from its inputs down; parameters get their names from `model`.

    In a terminal it is a list, one line an operation. With more than 200 operations, those of one layer share a box.
    """
    return computation.Drawing(computation.read(result, model))
