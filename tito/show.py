"""Pictures for the lessons: what broadcasting repeats, how a view walks through memory, how long things take."""

import base64
import html
import io

import numpy as np

INK = "#1f2933"
FAINT = "#6b7680"
EMPTY = "#eef1f4"
# Colours that differ in lightness as well as in hue (after Okabe and Ito).
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d31", "#7b68a6"]
DARK = {"#0072b2", "#009e73", "#d55e00", "#8c6d31"}  # with white letters
MOST = 32  # values in one picture


class Picture:
    """A figure with a description in words, which notebooks show as an image with alt text."""

    def __init__(self, figure, alt):
        self.figure = figure
        self.alt = alt

    def png(self):
        """The image as bytes."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=110, bbox_inches="tight", facecolor="white")
        return file.getvalue()

    def save(self, path):
        """Write the image to `path`."""
        with open(path, "wb") as file:
            file.write(self.png())

    def _repr_html_(self):
        data = base64.b64encode(self.png()).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        return f'<img alt="{alt}" style="max-width: 100%" src="data:image/png;base64,{data}">'

    def __repr__(self):
        return self.alt


def broadcast(a, b):
    """Draw `a + b`, both of at most two axes: solid cells exist, pale cells are repeats.

    A ValueError if the shapes do not broadcast or have more than two axes.
    """
    a, b = np.asarray(a), np.asarray(b)
    out = a + b
    if out.ndim > 2:
        raise ValueError(f"broadcast draws at most two axes, not shapes {a.shape} and {b.shape}")
    _few(out)
    panels = [("a", a, COLOURS[0]), ("b", b, COLOURS[1]), ("a + b", out, COLOURS[2])]
    rows, columns = _grid(out).shape
    gap = 1.4
    figure, axes = _canvas(3 * columns + 2 * gap, rows, below=0.2)
    for number, (name, array, colour) in enumerate(panels):
        left = number * (columns + gap)
        own = _grid(array).shape
        values = np.broadcast_to(_grid(array), (rows, columns))
        for i, j in np.ndindex(rows, columns):
            real = i < own[0] and j < own[1]
            _cell(axes, left + j, i, values[i, j], colour, alpha=1 if real else 0.18, bold=real)
        axes.text(left + columns / 2, -0.25, f"{name}  {array.shape}", ha="center", color=INK, fontsize=11)
        if number:
            axes.text(left - gap / 2, rows / 2, "+="[number - 1], ha="center", va="center", fontsize=16)
    title = f"Broadcasting {a.shape} and {b.shape} gives {out.shape}"
    _title(axes, title)
    alt = (
        f"{title}. Three grids of {rows} by {columns} cells: a, b and their sum. "
        f"{a.size} cells of a and {b.size} of b are solid, the others are pale repeats."
    )
    return Picture(figure, alt)


def memory(x):
    """Draw the memory behind `x`, at most two axes, and the order in which `x` reads it.

    Give it a Tensor or an array. Grey cells are in the same memory but are not reached by `x`.
    """
    x = x.data if isinstance(getattr(x, "data", None), np.ndarray) else np.asarray(x)
    owner = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    _few(owner)
    _few(x)
    if x.ndim > 2:
        raise ValueError(f"memory draws at most two axes, not shape {x.shape}")
    places = _places(x, owner)  # for each value of x, its cell in memory
    values = owner.ravel(order="K")
    grid, where = _grid(x), places.reshape(_grid(x).shape)
    rows, columns = grid.shape
    cells = len(values)
    top = rows + 1.3
    figure, axes = _canvas(max(cells, columns + 6), top + 1, below=0.9)
    for i, j in np.ndindex(rows, columns):
        _cell(axes, j, i, grid[i, j], COLOURS[i % len(COLOURS)])
    steps = [f"one step {way}: {stride} bytes" for way, stride in zip(("right", "down"), x.strides[::-1])]
    note = "\n".join([f"{x.dtype}, {x.itemsize} bytes each", *reversed(steps)])
    axes.text(columns + 0.6, rows / 2, note, va="center", color=INK, fontsize=11, linespacing=1.6)
    axes.text(0, top - 0.25, "the same, in memory", color=INK, fontsize=11)
    readers = [[] for _ in range(cells)]  # for each cell: when it is read, and for which row
    for order, (i, j) in enumerate(np.ndindex(rows, columns)):
        readers[where[i, j]].append((order, i))
    for place, reads in enumerate(readers):
        colours = [COLOURS[i % len(COLOURS)] for _, i in reads] or [EMPTY]
        _cell(axes, place, top, values[place], colours, bold=bool(reads))
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
        f"{', '.join(_text(v) for v in values)}. Read in order, the tensor visits bytes "
        f"{', '.join(str(p * owner.itemsize) for p in where.ravel())}."
    )
    return Picture(figure, alt)


def reduction(x, axis):
    """Draw which values of `x`, of two axes, are added up by `x.sum(axis=axis)`, an int."""
    x = np.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"reduction draws two axes, not shape {x.shape}")
    _few(x)
    out = x.sum(axis=axis)
    kept = _grid(out) if axis % 2 == 0 else out[:, None]
    rows, columns = x.shape
    gap = 2.2
    figure, axes = _canvas(columns + gap + max(kept.shape[1], 2), rows, below=0.1)
    for i, j in np.ndindex(rows, columns):
        _cell(axes, j, i, x[i, j], COLOURS[j if axis % 2 == 0 else i])
    for i, j in np.ndindex(kept.shape):
        _cell(axes, columns + gap + j, i, kept[i, j], COLOURS[j if axis % 2 == 0 else i])
    axes.text(columns + gap / 2, rows / 2, "→", ha="center", va="center", fontsize=16, color=INK)
    axes.text(columns / 2, -0.25, f"{x.shape}", ha="center", color=INK, fontsize=11)
    axes.text(
        columns + gap + kept.shape[1] / 2,
        -0.25,
        f"{out.shape}",
        ha="center",
        color=INK,
        fontsize=11,
    )
    title = f"sum(axis={axis}): each colour becomes one value"
    _title(axes, title)
    alt = f"{title}. A grid of {rows} by {columns} becomes {out.size} sums: {', '.join(map(_text, out))}."
    return Picture(figure, alt)


def ladder(seconds_by_name, flops=None):
    """Draw timings as bars on a logarithmic scale, each with how many times faster it is than the slowest.

    `flops` is the number of floating-point operations that all of them do; with it, each bar also says how many
    of them it does in a second.
    """
    from matplotlib.figure import Figure

    names, seconds = list(seconds_by_name), list(seconds_by_name.values())
    slowest = max(seconds)
    figure = Figure(figsize=(8, 0.8 + 0.5 * len(names)))
    axes = figure.subplots()
    low, high = min(seconds) / 3, slowest * 40
    labels = []
    for place, (name, time) in enumerate(zip(names, seconds)):
        axes.barh(place, time - low, left=low, height=0.6, color=COLOURS[place % len(COLOURS)])
        label = _time(time)
        if flops:
            label += f", {_amount(flops / time)}flop/s"
        if time < slowest:
            label += f", {_ratio(slowest / time)} times faster"
        axes.text(time * 1.15, place, label, va="center", color=INK, fontsize=10)
        labels.append(f"{name}: {label}")
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("seconds, logarithmic")
    axes.set_title("Time on this machine", loc="left", color=INK, fontsize=12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return Picture(figure, "Time on this machine. " + "; ".join(labels) + ".")


def _places(x, owner):
    """For each value of `x`, which value of `owner`'s memory it is, in the shape of `x`."""
    start = x.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    steps = sum(
        (index * stride for index, stride in zip(np.indices(x.shape), x.strides)),
        start=np.zeros(x.shape, int),
    )
    return (start + steps) // owner.itemsize


def _few(array):
    if array.size > MOST:
        raise ValueError(f"pictures show at most {MOST} values; this has {array.size}, of shape {array.shape}")


def _grid(array):
    """The array with two axes, as it is drawn: one axis is a row."""
    return array.reshape((1,) * (2 - array.ndim) + array.shape)


def _canvas(width, height, below):
    """A figure of `width` by `height` cells with the row numbers growing downwards, and room for titles."""
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


def _title(axes, text):
    axes.text(0, -1, text, color=INK, fontsize=12, fontweight="bold")


def _cell(axes, left, top, value, colours, alpha=1, bold=True):
    """One cell with its value, in one colour or in bands of several."""
    from matplotlib.patches import Rectangle

    colours = [colours] if isinstance(colours, str) else colours
    height = 1 / len(colours)
    for band, colour in enumerate(colours):
        box = Rectangle((left, top + band * height), 1, height, facecolor=colour, alpha=alpha, linewidth=0)
        axes.add_patch(box)
    axes.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor="white", linewidth=1.5))
    dark = bold and set(colours) <= DARK
    text = axes.text(left + 0.5, top + 0.5, _text(value), ha="center", va="center", fontsize=11)
    text.set_color("white" if dark else INK if bold or alpha < 1 else FAINT)
    text.set_fontweight("bold" if bold else "normal")
    if len(colours) > 1:
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.15"})


def _text(value):
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def _time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _amount(number):
    for prefix, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {prefix}"
    return f"{number:.3g} "


def _ratio(number):
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"
