"""Pictures for the lessons, the graph of a computation, and the reverse debugger.

They read the student's own tensors and models, and change nothing in them.
"""

from __future__ import annotations

import sys
from typing import Any

from tito.show import computation, sources
from tito.show.arrays import batches, broadcast, layout, reduction, unbroadcast, unfolding, walk
from tito.show.charts import (
    bars,
    boxes,
    by_depth,
    curves,
    functions,
    histograms,
    images,
    lines,
    slides,
    tangent,
    valley,
)
from tito.show.costs import checkpoint, ladder, memory, shares
from tito.show.heads import attention
from tito.show.language import crossing, heat, rungs, tokens
from tito.show.learning import confusion, training
from tito.show.models import activations, boundary
from tito.show.picture import Picture
from tito.show.reverse import Debugger, backward, variables
from tito.show.sources import recording

__all__ = [
    "Debugger",
    "Picture",
    "activations",
    "attention",
    "backward",
    "bars",
    "batches",
    "boundary",
    "boxes",
    "broadcast",
    "by_depth",
    "checkpoint",
    "confusion",
    "crossing",
    "curves",
    "functions",
    "graph",
    "heat",
    "histograms",
    "images",
    "ladder",
    "layout",
    "lines",
    "memory",
    "recording",
    "reduction",
    "rungs",
    "shares",
    "slides",
    "tangent",
    "tokens",
    "training",
    "unbroadcast",
    "unfolding",
    "valley",
    "walk",
]


def graph(result: Any, model: Any = None) -> computation.Drawing:
    """Draw the operations that made `result`, from its inputs down; parameters get their names from `model`.

    In a terminal it is a list, one line an operation. With more than 200 operations, those of one layer share a box.
    """
    return computation.Drawing(sources.read(result, model, variables(sys._getframe(1))))
