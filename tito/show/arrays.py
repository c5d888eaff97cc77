"""Arrays as grids of cells: what broadcasting repeats, how a view walks through memory, what a window sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tito.show.picture import COLOURS, DARK, EMPTY, FAINT, INK, Picture, hue, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 32  # values in one picture


def broadcast(a: Any, b: Any) -> Picture:
    """Draw `a + b`, both of at most two axes: solid cells exist, pale cells are repeats.

    A ValueError if the shapes do not broadcast or have more than two axes.
    """
    a, b = np.asarray(a), np.asarray(b)
    out = _drawable(a + b, "broadcast")
    rows, columns = _grid(out).shape
    gap = 1.4
    figure, axes = _canvas(3 * columns + 2 * gap, rows, below=0.2)
    for number, (name, array) in enumerate({"a": a, "b": b, "a + b": out}.items()):
        left, own = number * (columns + gap), _grid(array).shape
        values = np.broadcast_to(_grid(array), (rows, columns))
        repeats = [(i, j) for i, j in np.ndindex(rows, columns) if i >= own[0] or j >= own[1]]
        _block(axes, left, 0, values, lambda i, j, n=number: COLOURS[n], f"{name}  {array.shape}", pale=repeats)
        if number:
            _sign(axes, left - gap / 2, rows / 2, "+="[number - 1])
    title = f"Broadcasting {a.shape} and {b.shape} gives {out.shape}"
    _title(axes, title)
    alt = (
        f"{title}. Three grids of {rows} by {columns} cells: a, b and their sum. "
        f"{a.size} cells of a and {b.size} of b are solid, the others are pale repeats."
    )
    return Picture(figure, alt)


def layout(x: Any) -> Picture:
    """Draw the memory behind `x`, at most two axes, and the order in which `x` reads it.

    Give it a Tensor or an array. Grey cells are in the same memory but are not reached by `x`.
    """
    x = x.array if isinstance(getattr(x, "array", None), np.ndarray) else np.asarray(x)
    owner = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    _drawable(x, "layout")
    _few(owner)
    places = _places(x, owner)  # for each value of x, its cell in memory
    values = owner.ravel(order="K")
    grid, where = _grid(x), places.reshape(_grid(x).shape)
    rows, columns = grid.shape
    cells = len(values)
    top = rows + 1.3
    figure, axes = _canvas(max(cells, columns + 6), top + 1, below=0.9)
    _block(axes, 0, 0, grid, lambda i, j: hue(i))
    steps = [f"one step {way}: {stride} bytes" for way, stride in zip(("right", "down"), x.strides[::-1])]
    note = "\n".join([f"{x.dtype}, {x.itemsize} bytes each", *reversed(steps)])
    axes.text(columns + 0.6, rows / 2, note, va="center", color=INK, fontsize=11, linespacing=1.6)
    axes.text(0, top - 0.25, "the same, in memory", color=INK, fontsize=11)
    readers = [[] for _ in range(cells)]  # for each cell: when it is read, and for which row
    for order, (i, j) in enumerate(np.ndindex(rows, columns)):
        readers[where[i, j]].append((order, i))
    for place, reads in enumerate(readers):
        colours = [hue(i) for _, i in reads] or [EMPTY]
        _cell(axes, place, top, values[place], colours)
        label = ", ".join(str(order + 1) for order, _ in reads)
        axes.text(place + 0.5, top + 1.3, label, ha="center", va="center", fontsize=9, color=INK)
        axes.text(place + 0.5, top + 1.7, f"+{place * owner.itemsize}", ha="center", va="center",
                  fontsize=8, color=FAINT)  # fmt: skip
    axes.text(-0.2, top + 1.3, "order read", ha="right", va="center", fontsize=9, color=INK)
    axes.text(-0.2, top + 1.7, "byte", ha="right", va="center", fontsize=8, color=FAINT)
    title = f"Shape {x.shape}, strides {x.strides}"
    _title(axes, title)
    alt = (
        f"{title}. Below the values as a grid, a row of {cells} cells of memory holding "
        f"{', '.join(text(v) for v in values)}. Read in order, the tensor visits bytes "
        f"{', '.join(str(p * owner.itemsize) for p in where.ravel())}."
    )
    return Picture(figure, alt)


def reduction(x: Any, dim: int) -> Picture:
    """Draw which values of `x`, of two axes, are added up by `x.sum(dim=dim)`."""
    x = np.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"reduction draws two axes, not shape {x.shape}")
    _drawable(x, "reduction")
    out = x.sum(axis=dim)
    down = dim % 2 == 0
    kept = out[None, :] if down else out[:, None]
    title = f"sum(dim={dim}): each colour becomes one value"
    figure = _becomes(title, x, kept, lambda i, j: j if down else i, (x.shape, out.shape))
    alt = f"{title}. A grid of {x.shape[0]} by {x.shape[1]} becomes {out.size} sums: {', '.join(map(text, out))}."
    return Picture(figure, alt)


def unbroadcast(grad: Any, shape: tuple[int, ...]) -> Picture:
    """Draw how `grad`, of at most two axes, is added up to `shape`, from which broadcasting had made its shape."""
    grad = _drawable(np.asarray(grad), "unbroadcast")
    owner = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), grad.shape)
    sums = np.zeros(shape, grad.dtype)
    np.add.at(sums.reshape(-1), owner.ravel(), grad.ravel())
    copies, owners, kept = _grid(grad), _grid(owner), _grid(sums)
    title = f"{grad.shape} back to {shape}: add up the copies"
    everywhere = list(np.ndindex(copies.shape))
    figure = _becomes(title, copies, kept, lambda i, j: owners[i, j], (grad.shape, shape), pale=everywhere)
    alt = (
        f"{title}. A grid of {copies.shape[0]} by {copies.shape[1]} pale cells, in one colour for each value that was "
        f"copied, becomes {sums.size} sums: {', '.join(map(text, sums.ravel()))}."
    )
    return Picture(figure, alt)


def walk(image: Any, kernel: tuple[int, int], stride: int = 1) -> Picture:
    """Draw a window of size `kernel` (rows, columns) at each of its places in an image, and the value it fills."""
    image = np.asarray(image)
    _few(image)
    rows, cols = (1 + (size - k) // stride for size, k in zip(image.shape, kernel))
    if rows * cols > 6:
        raise ValueError(f"walk draws at most 6 places; this has {rows} × {cols}")
    high, wide = image.shape
    gap = 1.2
    figure, axes = _canvas(rows * cols * (wide + gap) - gap, high + 0.8 + rows, below=0.2)
    for place, (i, j) in enumerate(np.ndindex(rows, cols)):
        left, colour = place * (wide + gap), COLOURS[place]
        window = (i * stride, i * stride + kernel[0]), (j * stride, j * stride + kernel[1])
        _block(axes, left, 0, image, _inside(*window, colour))
        for y, x in np.ndindex(rows, cols):
            number = y * cols + x
            label, filled = (f"{y},{x}", COLOURS[number]) if number <= place else ("", EMPTY)
            _cell(axes, left + (wide - cols) / 2 + x, high + 0.8 + y, label, [filled])
        _sign(axes, left + wide / 2, high + 0.45, "↓")
    size, step = f"{kernel[0]} × {kernel[1]}", f", {stride} steps at a time" if stride > 1 else ""
    title = f"A window of {size} walks over an image of {high} × {wide}{step}"
    _title(axes, title)
    alt = (
        f"{title}. {rows * cols} panels, one for each place of the window: above, the image with the window "
        f"coloured; below, the output of {rows} × {cols}, in which the window fills its value."
    )
    return Picture(figure, alt)


def unfolding(image: Any, kernel: tuple[int, int]) -> Picture:
    """Draw the windows of an image as columns of a matrix, and each of its rows as the slice of the image it is."""
    image = np.asarray(image)
    rows, cols = (1 + size - k for size, k in zip(image.shape, kernel))
    places = list(np.ndindex(*kernel))
    _few(np.empty((len(places), rows * cols)))
    high, wide = image.shape
    gap = 1
    width = max(len(places) * (wide + gap) - gap, rows * cols + 7)
    top = high + 2.4
    figure, axes = _canvas(width, top + len(places), below=0.1)
    left = (width - rows * cols) / 2
    for row, (i, j) in enumerate(places):
        colour = COLOURS[row]
        _block(axes, row * (wide + gap), 0, image, _inside((i, i + rows), (j, j + cols), colour))
        name = f"place {i},{j}"
        axes.text(row * (wide + gap) + wide / 2, high + 0.45, name, ha="center", va="center", fontsize=10, color=INK)
        axes.text(left - 0.3, top + row + 0.5, name, ha="right", va="center", fontsize=10, color=INK)
        for column, (y, x) in enumerate(np.ndindex(rows, cols)):
            _cell(axes, left + column, top + row, image[y + i, x + j], [colour])
    for column, (y, x) in enumerate(np.ndindex(rows, cols)):
        axes.text(left + column + 0.5, top - 0.2, f"{y},{x}", ha="center", fontsize=10, color=INK)
    axes.text(left - 0.3, top - 0.2, "window at", ha="right", fontsize=10, color=INK)
    size = f"{kernel[0]} × {kernel[1]}"
    title = f"All windows of {size} in an image of {high} × {wide}, a column each"
    _title(axes, title)
    lines = "; ".join(
        f"place {i},{j}: {' '.join(text(v) for v in image[i : i + rows, j : j + cols].ravel())}" for i, j in places
    )
    alt = (
        f"{title}. Each row of the matrix, below, is one slice of the image: above, the image once for each place in "
        f"a window, with the slice coloured. {lines}."
    )
    return Picture(figure, alt)


def batches(passes: list[list[list[int]]]) -> Picture:
    """Draw passes over data: a row for each, the samples' numbers in the order they came, a colour for each batch."""
    _few(np.concatenate([np.concatenate(batches) for batches in passes[:1]]))
    longest = max(sum(map(len, batches)) for batches in passes)
    figure, axes = _canvas(longest + 3, 1.25 * len(passes), below=0.1)
    said = []
    for row, batches in enumerate(passes):
        top, left = 1.25 * row, 3
        axes.text(0, top + 0.5, f"pass {row + 1}", va="center", color=INK, fontsize=11)
        for number, batch in enumerate(batches):
            for value in batch:
                _cell(axes, left, top, int(value), [hue(number)])
                left += 1
        said.append(f"pass {row + 1}: " + " | ".join(" ".join(str(int(v)) for v in batch) for batch in batches))
    title = "The samples in each batch, one colour a batch"
    _title(axes, title)
    return Picture(figure, f"{title}. " + "; ".join(said) + ".")


def _places(x: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """For each value of `x`, which value of `owner`'s memory it is, in the shape of `x`."""
    start = x.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    steps = sum(
        (index * stride for index, stride in zip(np.indices(x.shape), x.strides)),
        start=np.zeros(x.shape, int),
    )
    return (start + steps) // owner.itemsize


def _few(array: np.ndarray) -> None:
    if array.size > MOST:
        raise ValueError(f"pictures show at most {MOST} values; this has {array.size}, of shape {array.shape}")


def _drawable(array: np.ndarray, picture: str) -> np.ndarray:
    """The array, if it has at most two axes and few values; else a ValueError."""
    if array.ndim > 2:
        raise ValueError(f"{picture} draws at most two axes, not shape {array.shape}")
    _few(array)
    return array


def _grid(array: np.ndarray) -> np.ndarray:
    """The array with two axes, as it is drawn: one axis is a row."""
    return array.reshape((1,) * (2 - array.ndim) + array.shape)


# Drawing: one unit is one cell, and rows are counted downwards.
def _canvas(width: float, height: float, below: float) -> tuple[Figure, Axes]:
    """A figure of `width` by `height` cells, with room for titles."""
    from matplotlib.figure import Figure

    size = min(0.5, 9 / (width + 1))  # inches a cell
    above = 1.3
    figure = Figure(figsize=((width + 1) * size, (height + above + below) * size))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.5, width + 0.5)
    axes.set_ylim(height + below, -above)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def _title(axes: Axes, title: str) -> None:
    axes.text(0, -1, title, color=INK, fontsize=12, fontweight="bold")


def _sign(axes: Axes, x: float, y: float, sign: str) -> None:
    axes.text(x, y, sign, ha="center", va="center", fontsize=16, color=INK)


def _block(
    axes: Axes,
    left: float,
    top: float,
    values: np.ndarray,
    colour: Callable[[int, int], str],
    label: str = "",
    pale: Iterable[tuple[int, int]] = (),
) -> None:
    """A grid of cells, each in the colour of its place, below a label; those at the places in `pale` are pale."""
    pale = set(pale)
    for i, j in np.ndindex(values.shape):
        _cell(axes, left + j, top + i, values[i, j], [colour(i, j)], pale=(i, j) in pale)
    axes.text(left + values.shape[1] / 2, top - 0.25, label, ha="center", color=INK, fontsize=11)


def _inside(rows: tuple[int, int], columns: tuple[int, int], colour: str) -> Callable[[int, int], str]:
    """For each place of a block: the colour within these limits, and none outside them."""
    return lambda i, j: colour if rows[0] <= i < rows[1] and columns[0] <= j < columns[1] else EMPTY


def _becomes(
    title: str,
    before: np.ndarray,
    after: np.ndarray,
    owner: Callable[[int, int], int],
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    pale: Iterable[tuple[int, int]] = (),
) -> Figure:
    """Two grids with an arrow between them: `owner` says which value of `after` each place of `before` goes into."""
    gap = 2.2
    rows, columns = before.shape
    figure, axes = _canvas(columns + gap + max(after.shape[1], 2), rows, below=0.1)
    _block(axes, 0, 0, before, lambda i, j: hue(owner(i, j)), f"{shapes[0]}", pale)
    _sign(axes, columns + gap / 2, rows / 2, "→")
    _block(axes, columns + gap, 0, after, lambda i, j: hue(i * after.shape[1] + j), f"{shapes[1]}")
    _title(axes, title)
    return figure


def _cell(axes: Axes, left: float, top: float, value: Any, colours: list[str], pale: bool = False) -> None:
    """One cell with its value, in one colour or in bands of several."""
    from matplotlib.patches import Rectangle

    height = 1 / len(colours)
    for band, colour in enumerate(colours):
        alpha = 0.25 if pale else 1
        box = Rectangle((left, top + band * height), 1, height, facecolor=colour, alpha=alpha, linewidth=0)
        axes.add_patch(box)
    axes.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor="white", linewidth=1.5))
    empty = colours == [EMPTY]
    written = axes.text(left + 0.5, top + 0.5, text(value), ha="center", va="center", fontsize=11)
    written.set_color("white" if set(colours) <= DARK and not pale else FAINT if empty else INK)
    written.set_fontweight("normal" if pale or empty else "bold")
    if len(colours) > 1:
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.15"})
