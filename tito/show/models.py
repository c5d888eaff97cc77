"""What a model does: where it draws the line between classes, and what each of its layers puts out."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tito.show.picture import COLOURS, INK, MARKERS, Picture, sheet, text, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

FINE = 150  # points along each side of the plane whose classes are asked for
LAYERS = 16  # in a picture of activations, at most
LIMITS = {"Sigmoid": (0, 1), "Tanh": (-1, 1)}  # where these activations are flat
NEAR = 0.02  # a value within this share of the way between the limits from one of them is saturated


# Decision regions.
def boundary(model: Any, X: Any, y: Any, threshold: float = 0.0, into: FigureBase | None = None) -> Picture:
    """Draw which class a model of two inputs names at every place, and on it the points `X` (n, 2) of classes `y` (n,).

    `model` takes a Tensor (n, 2). If it has one output, class 1 is where that is above `threshold`: 0 for scores, 0.5
    for probabilities. If it has several, the largest names the class. `into` is a part of a figure to draw in. The
    model runs in evaluation mode, and nothing is recorded. A ValueError says what is wrong with the shapes or classes.
    """
    points = np.asarray(X, dtype=np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"show.boundary draws models of two inputs: X must have shape (n, 2), not {points.shape}")
    labels = _labels(y, len(points))
    low, high = points.min(axis=0), points.max(axis=0)
    edge = 0.1 * (high - low) + 1e-3
    across, up = (np.linspace(a, b, FINE, dtype=np.float32) for a, b in zip(low - edge, high + edge))
    plane = np.stack(np.meshgrid(across, up), axis=-1)
    with in_use(model, X) as wrap:
        margins, answers = _answers(model(wrap(plane.reshape(-1, 2))), FINE * FINE, threshold)
        _, named = _answers(model(wrap(points)), len(points), threshold)
    classes = max(margins.shape[1], 2)
    if labels.max() >= classes:
        outputs = "one output tells two classes" if margins.shape[1] == 1 else f"the model has {classes} outputs"
        raise ValueError(f"y holds the class {labels.max()}, but {outputs}, numbered from 0")
    figure, (axes,) = sheet(5.6, 4.4, into=into)
    _regions(axes, across, up, margins.reshape(FINE, FINE, -1), answers.reshape(FINE, FINE), classes)
    wrong = named != labels
    for number in range(classes):
        own = points[labels == number]
        style = {"s": 26, "marker": MARKERS[number % len(MARKERS)], "color": _point(number), "edgecolors": "white"}
        axes.scatter(*own.T, linewidths=0.6, label=f"class {number}", zorder=3, **style)
    if wrong.any():
        axes.scatter(*points[wrong].T, s=90, facecolors="none", edgecolors=INK, label="wrong", zorder=4)
    axes.set(xlabel="input 0", ylabel="input 1", xlim=across[[0, -1]], ylim=up[[0, -1]])
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=9)
    right = len(points) - int(wrong.sum())
    title = f"{right} of {len(points)} points on their side"
    titled(axes, title)
    covered = ", ".join(f"class {n} {np.mean(answers == n):.0%}" for n in range(classes))
    return Picture(figure, f"Decision regions of a model of two inputs. {title}. Share of the area: {covered}.")


def _labels(y: Any, count: int) -> np.ndarray:
    """The classes as whole numbers (count,)."""
    labels = np.asarray(y)
    if labels.size != count:
        raise ValueError(f"y must name a class for each of the {count} points in X; its shape is {labels.shape}")
    labels = labels.reshape(count)
    if not np.isin(labels, np.arange(1000)).all():
        raise ValueError("y must name the classes by whole numbers from 0 on")
    return labels.astype(int)


def _answers(scores: Any, count: int, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """What the model put out, (count, outputs), less the threshold, and the class that it names for each point."""
    scores = np.asarray(scores, dtype=float)
    if scores.ndim == 0 or scores.ndim > 2 or len(scores) != count:
        raise ValueError(f"the model must put out a row of scores for each of {count} points, not shape {scores.shape}")
    scores = scores.reshape(count, -1)
    if scores.shape[1] == 1:
        return scores - threshold, (scores[:, 0] > threshold).astype(int)
    return scores, scores.argmax(axis=1)


def _regions(
    axes: Axes, across: np.ndarray, up: np.ndarray, margins: np.ndarray, answers: np.ndarray, classes: int
) -> None:
    """Fill the region of each class with a colour and a hatch of its own, and draw the lines where two classes tie."""
    for number in range(classes):
        if margins.shape[2] == 1:
            ahead = margins[:, :, 0] * (1 if number else -1)
        else:
            ahead = margins[:, :, number] - np.delete(margins, number, axis=2).max(axis=2)
        if not (ahead > 0).any():
            continue
        top = max(ahead.max(), 1e-9)
        axes.contourf(across, up, ahead, levels=[0, top], colors=[_point(number)], alpha=0.22)
        if (ahead < 0).any():
            axes.contour(across, up, ahead, levels=[0], colors=INK, linewidths=1.2)


def _point(number: int) -> str:
    """The colour of a class: blue, vermilion, …, dark enough for points on a pale ground."""
    return [COLOURS[n] for n in (0, 5, 2, 4, 6, 7, 3, 1)][number % 8]


# Activations.
def activations(model: Any, x: Any) -> Picture:
    """Draw what each layer of `model` puts out for the inputs `x`, a batch: a histogram, and a heat map of its units.

    A unit is dead if it is 0 for every input. A value of a Sigmoid or Tanh is saturated if it lies within 2 % of a
    limit, where the slope is next to 0. Of images, each channel is a unit. The model runs in evaluation mode, and
    nothing is recorded. A ValueError if there are no layers to look at.
    """
    if not hasattr(model, "named_modules"):
        raise ValueError(
            f"show.activations wants a model made of modules, such as a Sequential; this is of type {type(model).__name__}"
        )
    layers = {id(module): (path, module) for path, module in model.named_modules() if not any(module.children())}
    outputs: list[tuple[str, Any, np.ndarray]] = []

    def look(frame: Any, event: str, result: Any) -> None:
        if event == "return" and frame.f_code.co_name == "forward" and result is not None:
            path, module = layers.get(id(frame.f_locals.get("self")), (None, None))
            if module is not None:
                outputs.append((path, module, np.array(result)))

    with in_use(model, x) as wrap:
        # NumPy makes doubles, and models do not want them
        doubles = isinstance(x, np.ndarray) and x.dtype == np.float64
        inputs, before = wrap(x.astype(np.float32) if doubles else x), sys.getprofile()
        sys.setprofile(look)
        try:
            model(inputs)
        finally:
            sys.setprofile(before)
    if not outputs:
        raise ValueError("no layer of the model was called: its forward uses none of its modules")
    shown = sorted({round(n) for n in np.linspace(0, len(outputs) - 1, LAYERS)})
    figure, grid = sheet(8.6, 0.6 + 1.05 * len(shown), len(shown), 2, width_ratios=[1, 1.25])
    said = []
    for place, number in enumerate(shown):
        path, module, values = outputs[number]
        name = f"{path} {type(module).__name__}".strip()
        about = _layer(grid[2 * place], grid[2 * place + 1], f"{name}\n{values.shape}", values, type(module).__name__)
        said.append(f"{name} {values.shape}: {about}")
    grid[-2].set_xlabel("value")
    grid[-1].set_xlabel("units (▲ dead), a row for each input, black is the highest")
    some = f", {len(shown)} of {len(outputs)}" if len(shown) < len(outputs) else ""
    title = f"What the layers put out, from first to last{some}"
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=12)
    return Picture(figure, f"{title}. {'. '.join(said)}.")


def _layer(left: Axes, right: Axes, label: str, values: np.ndarray, kind: str) -> str:
    """A histogram and a heat map of one layer's output; what they say."""
    finite = values[np.isfinite(values)]
    left.hist(finite, bins=50, color=COLOURS[0])
    left.set_yticks([])
    left.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9, color=INK)
    about = [f"mean {text(float(finite.mean()))}, std {text(float(finite.std()))}"] if finite.size else []
    if finite.size < values.size:
        about.append(f"{values.size - finite.size} NaN or infinite")
    left.set_title(", ".join(about), fontsize=9, color=INK)
    units, dead = _units(values)
    lost = [f"{dead.sum()} of {dead.size} units dead"]
    if kind in LIMITS and finite.size:
        low, high = LIMITS[kind]
        near = np.minimum(finite - low, high - finite) < NEAR * (high - low)
        lost.append(f"{near.mean():.0%} of the values saturated")
    right.imshow(units, aspect="auto", cmap="Greys", interpolation="nearest")
    for unit in np.flatnonzero(dead):
        right.plot(unit, len(units) - 0.5, "^", color=COLOURS[5], markersize=5, clip_on=False)
    right.set_xticks([])
    right.set_yticks([])
    right.set_title(", ".join(lost), fontsize=9, color=INK)
    return ", ".join(about + lost)


def _units(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A row for each input and a column for each unit; and whether each unit is 0 for all inputs.

    The units are on the last axis, but those of images (n, channels, rows, columns) are the channels, by their means.
    """
    if values.ndim == 4:
        return values.mean(axis=(2, 3)), (values == 0).all(axis=(0, 2, 3))
    units = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(-1, 1)
    return units, (units == 0).all(axis=0)


# Models as they are found.
@contextlib.contextmanager
def in_use(model: Any, x: Any) -> Iterator[Callable[[Any], Any]]:
    """Inside the block the model is in evaluation mode and nothing is recorded; gives what makes tensors for it.

    The class of the tensors is that of `x` or of the model's parameters, so that it is the student's own.
    """
    kind = _tensor_class(model, x)
    modules = list(model.modules()) if hasattr(model, "modules") else []
    modes = [module.training for module in modules]
    no_grad = kind.apply.__globals__.get("no_grad", contextlib.nullcontext)  # of the module, or notebook, of the class
    try:
        for module in modules:
            module.training = False
        with no_grad():
            yield lambda array: array if isinstance(array, kind) else kind(np.asarray(array))
    finally:
        for module, mode in zip(modules, modes):
            module.training = mode


def _tensor_class(model: Any, x: Any) -> type:
    tensors = [x, *(model.parameters() if hasattr(model, "parameters") else [])]
    for tensor in tensors:
        if hasattr(tensor, "requires_grad") and hasattr(tensor, "wrap"):
            return type(tensor.wrap(tensor.array))
    return importlib.import_module("tinytorch.autograd").Tensor
