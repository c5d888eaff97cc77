"""Numbers and functions as lines, bars, histograms, images and boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tito.show.picture import COLOURS, DASHES, EMPTY, FAINT, INK, MARKERS, Picture, hue, sheet, text, titled

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

Function = Callable[..., Any]  # of numbers or arrays


def tangent(
    function: Function, x: float, slope: float, name: str = "f(x)", of: str = "x", reach: float = 2.0
) -> Picture:
    """Draw `function` of one number around `x`, and through that point a line with this slope.

    `name` is what the function is called, and `of` what the number is.
    """
    here = function(x)
    along = np.linspace(x - reach, x + reach, 101)
    figure, (axes,) = sheet(6, 3.6)
    axes.plot(along, [function(value) for value in along], color=COLOURS[0], linewidth=2, label=name)
    line = here + slope * (along - x)
    axes.plot(along, line, color=COLOURS[1], linewidth=2, linestyle="--", label=f"tangent, slope {slope:.4g}")
    axes.plot([x], [here], "o", color=INK)
    axes.annotate(f"({x:.4g}, {here:.4g})", (x, here), (8, -14), textcoords="offset points", color=INK)
    axes.set_xlabel(of)
    axes.legend(frameon=False)
    title = f"At {of} = {x:.4g} the slope is {slope:.4g}"
    titled(axes, title)
    alt = f"{title}. The curve {name} and the straight line that touches it at ({x:.4g}, {here:.4g})."
    return Picture(figure, alt)


def functions(functions_by_name: dict[str, Function]) -> Picture:
    """Draw functions of one number from -4 to 4, each with its slope, which is measured on the drawn points."""
    x = np.linspace(-4, 4, 401)
    columns = min(len(functions_by_name), 5)
    rows = -(-len(functions_by_name) // columns)
    figure, grid = sheet(2.1 * columns, 2.2 * rows + 0.5, rows, columns, sharex=True, sharey=True)
    for axes, (name, function) in zip(grid, functions_by_name.items()):
        y = np.asarray(function(x))
        axes.axhline(0, color=EMPTY, linewidth=1)
        axes.axvline(0, color=EMPTY, linewidth=1)
        axes.plot(x, y, color=COLOURS[0], linewidth=2, label="function")
        axes.plot(x, np.gradient(y, x), color=COLOURS[5], linewidth=1.2, linestyle="--", label="slope")
        axes.set_title(name, fontsize=11, color=INK)
        axes.set_ylim(-1.5, 3)
    for axes in grid[len(functions_by_name) :]:
        axes.axis("off")
    figure.supxlabel("input", fontsize=10, color=INK)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    slopes = "; ".join(
        f"{name} goes from {text(np.asarray(f(x))[0])} to {text(np.asarray(f(x))[-1])}"
        for name, f in functions_by_name.items()
    )
    return Picture(figure, f"Functions from -4 to 4, solid, with their slopes, dashed. {slopes}.")


def slides(function: Function, paths_by_title: dict[str, Any], span: tuple[float, float] = (-2, 2)) -> Picture:
    """Draw a function of one number over `span`, and on it the points of each path, a panel for each title."""
    x = np.linspace(*span, 201)
    figure, grid = sheet(3.1 * len(paths_by_title), 2.9, 1, len(paths_by_title), sharex=True, sharey=True)
    said = []
    for axes, (title, path) in zip(grid, paths_by_title.items()):
        path = np.asarray(path, dtype=float)
        axes.plot(x, function(x), color=FAINT, linewidth=1)
        axes.plot(path, function(path), color=COLOURS[5], linewidth=1, marker="o", markersize=4)
        axes.plot(path[:1], function(path[:1]), color=INK, marker="o", markersize=7)
        axes.set_title(title, fontsize=10, color=INK)
        axes.set_xlabel("x")
        said.append(f"{title}: x goes {', '.join(text(float(v)) for v in path[:6])} …")
    grid[0].set_ylabel("f(x)")
    grid[0].set_xlim(span)
    grid[0].set_ylim(np.min(function(x)) - 0.05 * np.ptp(function(x)), np.max(function(x)))
    return Picture(figure, "Steps on a curve, from the large dot on. " + "; ".join(said) + ".")


def valley(
    function: Function,
    paths_by_name: dict[str, Any],
    across: tuple[float, float] = (-4.5, 1),
    up: tuple[float, float] = (-1.5, 1.5),
    levels: int = 12,
    title: str = "Paths over a valley",
) -> Picture:
    """Draw the contours of a function of two numbers, and paths over it, each an array of points (n, 2)."""
    x, y = np.meshgrid(np.linspace(*across, 200), np.linspace(*up, 200))
    heights = np.asarray(function(x, y))
    shown = heights - heights.min()
    low = max(shown.max() * 1e-4, 1e-12)
    figure, (axes,) = sheet(8, 3.8)
    axes.contour(x, y, shown, levels=np.geomspace(low, shown.max(), levels), colors=FAINT, linewidths=0.5)
    said = []
    for place, (name, path) in enumerate(paths_by_name.items()):
        path = np.asarray(path)
        axes.plot(*path.T, color=hue(place), linewidth=1.6, marker="o", markersize=3, label=name)
        start, end = (f"({text(float(a))}, {text(float(b))})" for a, b in (path[0], path[-1]))
        said.append(f"{name}: {len(path) - 1} steps from {start} to {end}")
    axes.set(xlim=across, ylim=up, xlabel="x", ylabel="y")
    titled(axes, title)
    axes.legend(loc="upper right", fontsize=9)
    return Picture(figure, f"{title}, which is drawn as lines of equal height. " + "; ".join(said) + ".")


def curves(
    values_by_name: dict[str, Any],
    title: str,
    label: str,
    log: bool = False,
    along: str = "step",
    into: FigureBase | None = None,
) -> Picture:
    """Draw rows of numbers as lines over 0, 1, 2, …; `label` and `along` say what the two axes are.

    `into` is a part of a figure to draw in.
    """
    figure, (axes,) = sheet(7.5, 3.4, into=into)
    said = []
    for place, (name, values) in enumerate(values_by_name.items()):
        values = np.asarray(values, dtype=float)
        axes.plot(values, color=hue(place), linestyle=DASHES[place % len(DASHES)], linewidth=1.8, label=name)
        said.append(
            f"{name}: from {text(float(values[0]))} to {text(float(values[-1]))}, "
            f"least {text(float(np.nanmin(values)))}, most {text(float(np.nanmax(values)))}"
        )
    if log:
        axes.set_yscale("log")
    axes.set_xlabel(along)
    axes.set_ylabel(f"{label}, logarithmic" if log else label)
    titled(axes, title)
    axes.grid(axis="y", color=EMPTY)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    return Picture(figure, f"{title}. Lines by {along}. " + "; ".join(said) + ".")


def lines(points_by_name: dict[str, tuple[Any, Any]], x: str, y: str, title: str, log: str = "") -> Picture:
    """Draw one line for each name through its points, a pair (xs, ys). `x` and `y` label the axes.

    Axes named in `log`, "x", "y" or "xy", are logarithmic.
    """
    figure, (axes,) = sheet(7.5, 3.6)
    said = []
    for place, (name, (xs, ys)) in enumerate(points_by_name.items()):
        axes.plot(xs, ys, color=hue(place), marker=MARKERS[place % len(MARKERS)], markersize=4, label=name)
        said.append(f"{name}: from {text(float(ys[0]))} at {xs[0]:g} to {text(float(ys[-1]))} at {xs[-1]:g}")
    for axis in log:
        getattr(axes, f"set_{axis}scale")("log")
    axes.set_xlabel(x + (", logarithmic" if "x" in log else ""))
    axes.set_ylabel(y + (", logarithmic" if "y" in log else ""))
    titled(axes, title)
    axes.grid(color=EMPTY)
    axes.legend(frameon=False, fontsize=9)
    return Picture(figure, f"{title}. {x} against {y}. " + "; ".join(said) + ".")


def bars(values_by_name: dict[str, Any], labels: list[str], title: str) -> Picture:
    """Draw a group of bars for each label, with one bar for each name."""
    figure, (axes,) = sheet(7, 3)
    wide = 0.8 / len(values_by_name)
    said = []
    for place, (name, values) in enumerate(values_by_name.items()):
        values = np.asarray(values, float)
        left = np.arange(len(values)) + (place - (len(values_by_name) - 1) / 2) * wide
        drawn = axes.bar(left, values, width=wide * 0.94, color=hue(place), label=name)
        axes.bar_label(drawn, [f"{v:.2f}" for v in values], fontsize=9, color=INK, padding=2)
        said.append(f"{name}: {', '.join(f'{v:.2f}' for v in values)}")
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.margins(y=0.18)
    axes.set_xticks(range(len(labels)), labels)
    titled(axes, title)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    return Picture(figure, f"{title}. Bars for {', '.join(labels)}. " + "; ".join(said) + ".")


def by_depth(sizes_by_name: dict[str, Any], label: str = "root of the mean square") -> Picture:
    """Draw how a size changes from layer to layer, one line for each name, on a logarithmic scale."""
    figure, (axes,) = sheet(7.5, 3.6)
    said = []
    for place, (name, sizes) in enumerate(sizes_by_name.items()):
        axes.plot(range(len(sizes)), sizes, color=hue(place), marker="o", markersize=3)
        axes.annotate(name, (len(sizes) - 1, sizes[-1]), xytext=(6, 0), textcoords="offset points", va="center",
                      color=INK, fontsize=10)  # fmt: skip
        said.append(f"{name}: from {text(float(sizes[0]))} to {text(float(sizes[-1]))}")
    axes.set_yscale("log")
    last = max(len(sizes) - 1 for sizes in sizes_by_name.values())
    axes.set_xlim(0, 1.28 * last)
    axes.set_xticks(range(0, last + 1, 5 if last > 10 else 1))
    axes.set_xlabel("layer")
    axes.set_ylabel(f"{label}, logarithmic")
    titled(axes, "Size of the values, layer by layer")
    axes.grid(axis="y", color=EMPTY)
    return Picture(figure, "Size of the values, layer by layer, on a logarithmic scale. " + "; ".join(said) + ".")


def histograms(values_by_title: dict[str, Any], bins: int = 60, span: tuple[float, float] | None = None) -> Picture:
    """Draw how values are distributed, one histogram for each title, side by side with the same axes.

    `span` is the range (low, high) that is drawn. Each title also gets mean and standard deviation.
    """
    arrays = {title: np.asarray(values).ravel() for title, values in values_by_title.items()}
    low, high = span or (min(a.min() for a in arrays.values()), max(a.max() for a in arrays.values()))
    figure, grid = sheet(3.1 * len(arrays), 2.6, 1, len(arrays), sharex=True, sharey=True)
    said = []
    for place, (axes, (title, array)) in enumerate(zip(grid, arrays.items())):
        axes.hist(array, bins=bins, range=(low, high), color=hue(place))
        about = f"mean {array.mean():.2f}, std {array.std():.2f}"
        axes.set_title(f"{title}\n{about}", fontsize=10, color=INK)
        axes.set_xlabel("value")
        said.append(f"{title}: {about}")
    grid[0].set_ylabel("how many")
    return Picture(figure, "Histograms. " + "; ".join(said) + ".")


def images(images_by_title: dict[str, Any]) -> Picture:
    """Draw images (rows, columns) side by side: white is the lowest value of each, black the highest."""
    figure, grid = sheet(2.1 * len(images_by_title), 2.4, 1, len(images_by_title))
    for axes, (title, image) in zip(grid, images_by_title.items()):
        axes.imshow(np.asarray(image), cmap="gray_r")
        axes.set_title(title, fontsize=10, color=INK)
        axes.axis("off")
    shapes = ", ".join(f"{title} {np.shape(image)}" for title, image in images_by_title.items())
    return Picture(figure, f"Images, dark where values are high: {shapes}.")


def boxes(places: dict[str, tuple[int, int, list[str]]], arrows: list[tuple[str, str]], title: str) -> Picture:
    """Draw boxes with lines of text, and arrows between them.

    `places` says for each box its column, its row and its lines; `arrows` are pairs of names. Arrows between the same
    two boxes are drawn side by side. A line that begins with "grad" is what flows back, and has another colour.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    wide, high = 1.5, 0.3 + 0.3 * max(len(lines) for _, _, lines in places.values())
    columns, rows = (max(place[i] for place in places.values()) + 1 for i in (0, 1))
    apart, below = wide + 0.9, high + 0.4
    figure = Figure(figsize=(columns * apart * 0.75, (rows * below + 0.6) * 0.75))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.3, columns * apart - 0.6)
    axes.set_ylim(rows * below, -0.8)
    axes.set_aspect("equal")
    axes.axis("off")
    corners = {name: (column * apart, row * below) for name, (column, row, _) in places.items()}
    for name, (_, _, lines) in places.items():
        left, top = corners[name]
        style = {"boxstyle": "round,pad=0,rounding_size=0.12", "facecolor": EMPTY, "edgecolor": FAINT}
        axes.add_patch(FancyBboxPatch((left, top), wide, high, **style))
        for number, line in enumerate(lines):
            written = axes.text(left + wide / 2, top + 0.3 + 0.3 * number, line, ha="center", va="center", fontsize=10)
            written.set_color(COLOURS[5] if line.startswith("grad") else INK)
            written.set_fontweight("normal" if number else "bold")
    for pair in dict.fromkeys(arrows):
        (x0, y0), (x1, y1) = (corners[name] for name in pair)
        count = arrows.count(pair)
        for number in range(count):
            shift = 0.35 * (number - (count - 1) / 2)
            ends = (x0 + wide, y0 + high / 2 + shift), (x1, y1 + high / 2 + shift)
            axes.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=12, color=INK, shrinkA=1, shrinkB=1))
    axes.text(0, -0.4, title, color=INK, fontsize=12, fontweight="bold")
    said = "; ".join(f"{', '.join(lines)}" for _, _, lines in places.values())
    ways = ", ".join(f"{one} to {other}" for one, other in arrows)
    return Picture(figure, f"{title}. Boxes: {said}. Arrows: {ways}.")
