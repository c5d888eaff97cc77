"""How a training went: its history by epoch, and the errors that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tito.show.picture import DASHES, EMPTY, INK, MARKERS, Picture, hue, sheet, text, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

History = dict[str, np.ndarray]


def training(history: Any, into: FigureBase | None = None) -> Picture:
    """Draw a trainer's history by epoch: losses, metrics, learning rate, and the best epoch on held-out data.

    `history` has a list for each thing measured, as `trainer.history`; a list of histories is drawn as several runs.
    `into` is a part of a figure to draw in. A ValueError says what is wrong with a history.
    """
    runs = [_columns(run) for run in (history if isinstance(history, (list, tuple)) else [history])]
    names = list(dict.fromkeys(name for run in runs for name in run))
    losses = [name for name in names if name.endswith("loss")]
    metrics = [name for name in names if name not in (*losses, "lr")]
    measured = _spoken(metrics[0]) if len(metrics) == 1 else "metrics"
    panels = {"loss": losses, measured: metrics, "learning rate": ["lr"] if "lr" in names else []}
    panels = {title: shown for title, shown in panels.items() if shown}
    figure, grid = sheet(4.2 * len(panels), 3.3, 1, len(panels), into=into)
    said = [_panel(axes, title, shown, runs) for axes, (title, shown) in zip(grid, panels.items())]
    epochs = max(len(values) for run in runs for values in run.values())
    many = f"{len(runs)} runs of " if len(runs) > 1 else ""
    return Picture(figure, f"A training of {many}{epochs} epochs. {' '.join(said)}")


def _columns(history: Any) -> History:
    """The columns of a history as arrays; a ValueError if it is none."""
    wanted = "show.training wants a history such as trainer.history, {'train_loss': [2.3, 1.9, …], …}"
    if not isinstance(history, dict):
        raise ValueError(f"{wanted}; this is of type {type(history).__name__}")
    try:
        columns = {name: np.asarray(values, dtype=float).reshape(len(values)) for name, values in history.items()}
    except (TypeError, ValueError):
        raise ValueError(f"{wanted}: for each name a list of numbers, one for each epoch") from None
    if not any(len(values) for values in columns.values()):
        raise ValueError("the history is empty: no epoch has been recorded in it yet")
    return columns


def _panel(axes: Axes, title: str, names: list[str], runs: list[History]) -> str:
    """Draw the columns with these names for all runs; what is seen, in a sentence."""
    said = []
    for place, name in enumerate(names):
        style = {"color": hue(place), "linestyle": DASHES[place % len(DASHES)], "marker": MARKERS[place % len(MARKERS)]}
        label = _spoken(name)
        for values in (run[name] for run in runs if name in run):
            axes.plot(np.arange(1, len(values) + 1), values, markersize=3, **style)
        axes.plot([], [], label=label, **style)
        last = [run[name][-1] for run in runs if len(run.get(name, ()))]
        first = [run[name][0] for run in runs if len(run.get(name, ()))]
        said.append(f"{label if len(names) > 1 else ''} from {_span(first)} to {_span(last)}")
        if len(runs) == 1:
            said[-1] += _best(axes, name, runs[0][name]) + _odd(runs[0][name])
    values = np.concatenate([run[name] for run in runs for name in names if name in run])
    values = values[np.isfinite(values)]
    if title == "loss" and values.size and 0 < 20 * values.min() < values.max():
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{title}, logarithmic" if axes.get_yscale() == "log" else title)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=EMPTY)
    titled(axes, title.capitalize())
    if len(names) > 1 or (len(runs) == 1 and names != ["lr"]):
        axes.legend(frameon=False, fontsize=9)
    return f"{title.capitalize()}: {'; '.join(said).strip()}."


def _spoken(name: str) -> str:
    """A column's name in words; what was not measured on the way through training is held out."""
    kind = name.removeprefix("validation_").removesuffix("loss").replace("_", " ").strip()
    return ", ".join([kind] * bool(kind) + ["held out"] * name.startswith("validation_"))


def _span(values: list[float]) -> str:
    """The numbers of several runs in short: one, or the least and the greatest."""
    low, high = text(min(values)), text(max(values))
    return low if low == high else f"{low} … {high}"


def _best(axes: Axes, name: str, values: np.ndarray) -> str:
    """Mark the best epoch, if it was measured on held-out data, and say which it is."""
    if not name.startswith("validation_") or not np.isfinite(values).any():
        return ""
    finite = np.isfinite(values)
    low = name.endswith("loss")
    best = int(np.argmin(np.where(finite, values, np.inf)) if low else np.argmax(np.where(finite, values, -np.inf)))
    word = "lowest" if low else "highest"
    label = f"{word}: {text(values[best])}, epoch {best + 1}"
    axes.plot(best + 1, values[best], "o", markersize=10, fillstyle="none", color=INK, label=label)
    return f", {word} {text(values[best])} at epoch {best + 1}"


def _odd(values: np.ndarray) -> str:
    """Where the numbers end, if they do."""
    odd = np.flatnonzero(~np.isfinite(values))
    return f", no finite number at epoch {odd[0] + 1}" if odd.size else ""


def confusion(matrix: Any, names: list[str] | None = None, into: FigureBase | None = None) -> Picture:
    """Draw a confusion matrix: rows are the true classes, columns the answers; dark cells off the diagonal are errors.

    `into` is a part of a figure to draw in.
    """
    matrix = np.asarray(matrix)
    names = [str(n) for n in range(len(matrix))] if names is None else list(names)
    figure, (axes,) = sheet(1.6 + 0.42 * len(matrix), 1.3 + 0.42 * len(matrix), into=into)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    colours = np.ones((*matrix.shape, 3))
    for i, j in np.ndindex(matrix.shape):  # right answers in blue, errors in orange, and an error shows at once
        full = np.array([0, 0.447, 0.698] if i == j else [0.835, 0.369, 0])
        strength = shares[i, j] ** (0.7 if i == j else 0.35)
        colours[i, j] = 1 - strength * (1 - full)
    axes.imshow(colours)
    for i, j in np.ndindex(matrix.shape):
        if matrix[i, j]:
            dark = colours[i, j].mean() < 0.6
            axes.text(j, i, str(matrix[i, j]), ha="center", va="center", fontsize=9, color="white" if dark else INK)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("answer")
    axes.set_ylabel("true class")
    right, total = int(np.trace(matrix)), int(matrix.sum())
    title = f"{right} of {total} right"
    titled(axes, title)
    errors = [(matrix[i, j], names[i], names[j]) for i, j in np.ndindex(matrix.shape) if i != j and matrix[i, j]]
    worst = ", ".join(f"{n} times {a} was called {b}" for n, a, b in sorted(errors, reverse=True)[:5])
    alt = f"A confusion matrix of {len(names)} classes. {title}. Most frequent errors: {worst or 'none'}."
    return Picture(figure, alt)
