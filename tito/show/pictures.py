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


def unbroadcast(grad, shape):
    """Draw how `grad`, of at most two axes, is added up to `shape`, from which broadcasting had made its shape."""
    grad = np.asarray(grad)
    if grad.ndim > 2:
        raise ValueError(f"unbroadcast draws at most two axes, not shape {grad.shape}")
    _few(grad)
    owner = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), grad.shape)
    sums = np.zeros(shape, grad.dtype)
    np.add.at(sums.reshape(-1), owner.ravel(), grad.ravel())
    copies, owners, kept = _grid(grad), _grid(owner), _grid(sums)
    rows, columns = copies.shape
    gap = 2.2
    right = columns + gap
    figure, axes = _canvas(right + max(kept.shape[1], 2), rows, below=0.1)
    for i, j in np.ndindex(rows, columns):
        _cell(axes, j, i, copies[i, j], COLOURS[owners[i, j] % len(COLOURS)], alpha=0.3, bold=False)
    for number, (i, j) in enumerate(np.ndindex(kept.shape)):
        _cell(axes, right + j, i, kept[i, j], COLOURS[number % len(COLOURS)])
    axes.text(columns + gap / 2, rows / 2, "→", ha="center", va="center", fontsize=16, color=INK)
    for left, width, label in ((0, columns, grad.shape), (right, kept.shape[1], shape)):
        axes.text(left + width / 2, -0.25, f"{label}", ha="center", color=INK, fontsize=11)
    title = f"{grad.shape} back to {shape}: add up the copies"
    _title(axes, title)
    alt = (
        f"{title}. A grid of {rows} by {columns} pale cells, in one colour for each value that was copied, becomes "
        f"{sums.size} sums: {', '.join(map(_text, sums.ravel()))}."
    )
    return Picture(figure, alt)


def tangent(function, x, slope, name="f(x)", of="x", reach=2.0):
    """Draw `function` of one number around `x`, and through that point a line with this slope.

    `name` is what the function is called, and `of` what the number is.
    """
    from matplotlib.figure import Figure

    here = function(x)
    along = np.linspace(x - reach, x + reach, 101)
    figure = Figure(figsize=(6, 3.6))
    axes = figure.subplots()
    axes.plot(along, [function(value) for value in along], color=COLOURS[0], linewidth=2, label=name)
    line = here + slope * (along - x)
    axes.plot(along, line, color=COLOURS[1], linewidth=2, linestyle="--", label=f"tangent, slope {slope:.4g}")
    axes.plot([x], [here], "o", color=INK)
    axes.annotate(f"({x:.4g}, {here:.4g})", (x, here), (8, -14), textcoords="offset points", color=INK)
    axes.set_xlabel(of)
    axes.legend(frameon=False)
    title = f"At {of} = {x:.4g} the slope is {slope:.4g}"
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    alt = f"{title}. The curve {name} and the straight line that touches it at ({x:.4g}, {here:.4g})."
    return Picture(figure, alt)


def boxes(places, arrows, title):
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
            text = axes.text(left + wide / 2, top + 0.3 + 0.3 * number, line, ha="center", va="center", fontsize=10)
            text.set_color(COLOURS[5] if line.startswith("grad") else INK)
            text.set_fontweight("normal" if number else "bold")
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


def ladder(seconds_by_name, flops=None):
    """Draw timings as bars on a logarithmic scale, each with how many times faster it is than the slowest.

    `flops` is the number of floating-point operations that all of them do; with it, each bar also says how many
    of them it does in a second.
    """
    from matplotlib.figure import Figure

    names, seconds = list(seconds_by_name), list(seconds_by_name.values())
    slowest = max(seconds)
    figure = Figure(figsize=(7, 0.8 + 0.5 * len(names)))
    axes = figure.subplots()
    low, high = min(seconds) / 3, slowest * 40
    labels = []
    for place, (name, time) in enumerate(zip(names, seconds)):
        axes.barh(place, time - low, left=low, height=0.6, color=COLOURS[place % len(COLOURS)])
        label = f"{_amount(time)}s"
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


def functions(functions_by_name):
    """Draw functions of one number from -4 to 4, each with its slope, which is measured on the drawn points."""
    from matplotlib.figure import Figure

    x = np.linspace(-4, 4, 401)
    columns = min(len(functions_by_name), 5)
    rows = -(-len(functions_by_name) // columns)
    figure = Figure(figsize=(2.1 * columns, 2.2 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, (name, function) in zip(grid, functions_by_name.items()):
        y = np.asarray(function(x))
        axes.axhline(0, color=EMPTY, linewidth=1)
        axes.axvline(0, color=EMPTY, linewidth=1)
        axes.plot(x, y, color=COLOURS[0], linewidth=2, label="function")
        axes.plot(x, np.gradient(y, x), color=COLOURS[5], linewidth=1.2, linestyle="--", label="slope")
        axes.set_title(name, fontsize=11, color=INK)
        axes.set_ylim(-1.5, 3)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for axes in grid[len(functions_by_name) :]:
        axes.axis("off")
    figure.supxlabel("input", fontsize=10, color=INK)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    slopes = "; ".join(
        f"{name} goes from {_text(np.asarray(f(x))[0])} to {_text(np.asarray(f(x))[-1])}"
        for name, f in functions_by_name.items()
    )
    return Picture(figure, f"Functions from -4 to 4, solid, with their slopes, dashed. {slopes}.")


def by_depth(sizes_by_name, label="root of the mean square"):
    """Draw how a size changes from layer to layer, one line for each name, on a logarithmic scale."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    axes = figure.subplots()
    said = []
    for place, (name, sizes) in enumerate(sizes_by_name.items()):
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(range(len(sizes)), sizes, color=colour, marker="o", markersize=3)
        axes.annotate(name, (len(sizes) - 1, sizes[-1]), xytext=(6, 0), textcoords="offset points", va="center",
                      color=INK, fontsize=10)  # fmt: skip
        said.append(f"{name}: from {_text(float(sizes[0]))} to {_text(float(sizes[-1]))}")
    axes.set_yscale("log")
    last = max(len(sizes) - 1 for sizes in sizes_by_name.values())
    axes.set_xlim(0, 1.28 * last)
    axes.set_xticks(range(0, last + 1, 5 if last > 10 else 1))
    axes.set_xlabel("layer")
    axes.set_ylabel(f"{label}, logarithmic")
    axes.set_title("Size of the values, layer by layer", loc="left", color=INK, fontsize=12)
    axes.grid(axis="y", color=EMPTY)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return Picture(figure, "Size of the values, layer by layer, on a logarithmic scale. " + "; ".join(said) + ".")


def walk(image, kernel, stride=1):
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
        for y, x in np.ndindex(high, wide):
            inside = 0 <= y - i * stride < kernel[0] and 0 <= x - j * stride < kernel[1]
            _cell(axes, left + x, y, image[y, x], colour if inside else EMPTY, bold=inside)
        for y, x in np.ndindex(rows, cols):
            shown = y * cols + x <= place
            text = f"{y},{x}" if shown else ""
            _cell(axes, left + (wide - cols) / 2 + x, high + 0.8 + y, text, COLOURS[y * cols + x] if shown else EMPTY)
        axes.text(left + wide / 2, high + 0.45, "↓", ha="center", va="center", fontsize=12, color=INK)
    size, step = f"{kernel[0]} × {kernel[1]}", f", {stride} steps at a time" if stride > 1 else ""
    title = f"A window of {size} walks over an image of {high} × {wide}{step}"
    _title(axes, title)
    alt = (
        f"{title}. {rows * cols} panels, one for each place of the window: above, the image with the window "
        f"coloured; below, the output of {rows} × {cols}, in which the window fills its value."
    )
    return Picture(figure, alt)


def unfolding(image, kernel):
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
        for y, x in np.ndindex(high, wide):
            inside = 0 <= y - i < rows and 0 <= x - j < cols
            _cell(axes, row * (wide + gap) + x, y, image[y, x], colour if inside else EMPTY, bold=inside)
        name = f"place {i},{j}"
        axes.text(row * (wide + gap) + wide / 2, high + 0.45, name, ha="center", va="center", fontsize=10, color=INK)
        axes.text(left - 0.3, top + row + 0.5, name, ha="right", va="center", fontsize=10, color=INK)
        for column, (y, x) in enumerate(np.ndindex(rows, cols)):
            _cell(axes, left + column, top + row, image[y + i, x + j], colour)
    for column, (y, x) in enumerate(np.ndindex(rows, cols)):
        axes.text(left + column + 0.5, top - 0.2, f"{y},{x}", ha="center", fontsize=10, color=INK)
    axes.text(left - 0.3, top - 0.2, "window at", ha="right", fontsize=10, color=INK)
    size = f"{kernel[0]} × {kernel[1]}"
    title = f"All windows of {size} in an image of {high} × {wide}, a column each"
    _title(axes, title)
    lines = "; ".join(
        f"place {i},{j}: {' '.join(_text(v) for v in image[i : i + rows, j : j + cols].ravel())}" for i, j in places
    )
    alt = (
        f"{title}. Each row of the matrix, below, is one slice of the image: above, the image once for each place in "
        f"a window, with the slice coloured. {lines}."
    )
    return Picture(figure, alt)


def histograms(values_by_title, bins=60, span=None):
    """Draw how values are distributed, one histogram for each title, side by side with the same axes.

    `span` is the range (low, high) that is drawn. Each title also gets mean and standard deviation.
    """
    from matplotlib.figure import Figure

    arrays = {title: np.asarray(values).ravel() for title, values in values_by_title.items()}
    low, high = span or (min(a.min() for a in arrays.values()), max(a.max() for a in arrays.values()))
    figure = Figure(figsize=(3.1 * len(arrays), 2.6), layout="constrained")
    grid = figure.subplots(1, len(arrays), sharex=True, sharey=True, squeeze=False).ravel()
    said = []
    for place, (axes, (title, array)) in enumerate(zip(grid, arrays.items())):
        axes.hist(array, bins=bins, range=(low, high), color=COLOURS[place % len(COLOURS)])
        about = f"mean {array.mean():.2f}, std {array.std():.2f}"
        axes.set_title(f"{title}\n{about}", fontsize=10, color=INK)
        axes.set_xlabel("value")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        said.append(f"{title}: {about}")
    grid[0].set_ylabel("how many")
    return Picture(figure, "Histograms. " + "; ".join(said) + ".")


def images(images_by_title):
    """Draw images (rows, columns) side by side: white is the lowest value of each, black the highest."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.1 * len(images_by_title), 2.4), layout="constrained")
    grid = figure.subplots(1, len(images_by_title), squeeze=False).ravel()
    for axes, (title, image) in zip(grid, images_by_title.items()):
        axes.imshow(np.asarray(image), cmap="gray_r")
        axes.set_title(title, fontsize=10, color=INK)
        axes.axis("off")
    shapes = ", ".join(f"{title} {np.shape(image)}" for title, image in images_by_title.items())
    return Picture(figure, f"Images, dark where values are high: {shapes}.")


def slides(function, paths_by_title, span=(-2, 2)):
    """Draw a function of one number over `span`, and on it the points of each path, a panel for each title."""
    from matplotlib.figure import Figure

    x = np.linspace(*span, 201)
    figure = Figure(figsize=(3.1 * len(paths_by_title), 2.9), layout="constrained")
    grid = figure.subplots(1, len(paths_by_title), sharex=True, sharey=True, squeeze=False).ravel()
    said = []
    for axes, (title, path) in zip(grid, paths_by_title.items()):
        path = np.asarray(path, dtype=float)
        axes.plot(x, function(x), color=FAINT, linewidth=1)
        axes.plot(path, function(path), color=COLOURS[5], linewidth=1, marker="o", markersize=4)
        axes.plot(path[:1], function(path[:1]), color=INK, marker="o", markersize=7)
        axes.set_title(title, fontsize=10, color=INK)
        axes.set_xlabel("x")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        said.append(f"{title}: x goes {', '.join(_text(float(v)) for v in path[:6])} …")
    grid[0].set_ylabel("f(x)")
    grid[0].set_xlim(span)
    grid[0].set_ylim(np.min(function(x)) - 0.05 * np.ptp(function(x)), np.max(function(x)))
    return Picture(figure, "Steps on a curve, from the large dot on. " + "; ".join(said) + ".")


def valley(function, paths_by_name, across=(-4.5, 1), up=(-1.5, 1.5), levels=12, title="Paths over a valley"):
    """Draw the contours of a function of two numbers, and paths over it, each an array of points (n, 2)."""
    from matplotlib.figure import Figure

    x, y = np.meshgrid(np.linspace(*across, 200), np.linspace(*up, 200))
    heights = np.asarray(function(x, y))
    shown = heights - heights.min()
    low = max(shown.max() * 1e-4, 1e-12)
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.contour(x, y, shown, levels=np.geomspace(low, shown.max(), levels), colors=FAINT, linewidths=0.5)
    said = []
    for place, (name, path) in enumerate(paths_by_name.items()):
        path = np.asarray(path)
        axes.plot(*path.T, color=COLOURS[place % len(COLOURS)], linewidth=1.6, marker="o", markersize=3, label=name)
        start, end = (f"({_text(float(a))}, {_text(float(b))})" for a, b in (path[0], path[-1]))
        said.append(f"{name}: {len(path) - 1} steps from {start} to {end}")
    axes.set(xlim=across, ylim=up, xlabel="x", ylabel="y")
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.legend(loc="upper right", fontsize=9)
    return Picture(figure, f"{title}, which is drawn as lines of equal height. " + "; ".join(said) + ".")


def curves(values_by_name, title, label, log=False, along="step"):
    """Draw rows of numbers as lines over 0, 1, 2, …; `label` and `along` say what the two axes are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.4), layout="constrained")
    axes = figure.subplots()
    said = []
    for place, (name, values) in enumerate(values_by_name.items()):
        values = np.asarray(values, dtype=float)
        axes.plot(values, color=COLOURS[place % len(COLOURS)], linewidth=1.8, label=name)
        said.append(
            f"{name}: from {_text(float(values[0]))} to {_text(float(values[-1]))}, "
            f"least {_text(float(np.nanmin(values)))}, most {_text(float(np.nanmax(values)))}"
        )
    if log:
        axes.set_yscale("log")
    axes.set_xlabel(along)
    axes.set_ylabel(f"{label}, logarithmic" if log else label)
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.grid(axis="y", color=EMPTY)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return Picture(figure, f"{title}. Lines by {along}. " + "; ".join(said) + ".")


def lines(points_by_name, x, y, title, log=""):
    """Draw one line for each name through its points, a pair (xs, ys). `x` and `y` label the axes.

    Axes named in `log`, "x", "y" or "xy", are logarithmic.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    axes = figure.subplots()
    said = []
    for place, (name, (xs, ys)) in enumerate(points_by_name.items()):
        axes.plot(xs, ys, color=COLOURS[place % len(COLOURS)], marker="os^Dv"[place % 5], markersize=4, label=name)
        said.append(f"{name}: from {_text(float(ys[0]))} at {xs[0]:g} to {_text(float(ys[-1]))} at {xs[-1]:g}")
    for axis in log:
        getattr(axes, f"set_{axis}scale")("log")
    axes.set_xlabel(x + (", logarithmic" if "x" in log else ""))
    axes.set_ylabel(y + (", logarithmic" if "y" in log else ""))
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.grid(color=EMPTY)
    axes.legend(frameon=False, fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return Picture(figure, f"{title}. {x} against {y}. " + "; ".join(said) + ".")


def bars(values_by_name, labels, title):
    """Draw a group of bars for each label, with one bar for each name."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    wide = 0.8 / len(values_by_name)
    said = []
    for place, (name, values) in enumerate(values_by_name.items()):
        values = np.asarray(values, float)
        left = np.arange(len(values)) + (place - (len(values_by_name) - 1) / 2) * wide
        drawn = axes.bar(left, values, width=wide * 0.94, color=COLOURS[place % len(COLOURS)], label=name)
        axes.bar_label(drawn, [f"{v:.2f}" for v in values], fontsize=9, color=INK, padding=2)
        said.append(f"{name}: {', '.join(f'{v:.2f}' for v in values)}")
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.margins(y=0.18)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return Picture(figure, f"{title}. Bars for {', '.join(labels)}. " + "; ".join(said) + ".")


def batches(passes):
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
                _cell(axes, left, top, int(value), COLOURS[number % len(COLOURS)])
                left += 1
        said.append(f"pass {row + 1}: " + " | ".join(" ".join(str(int(v)) for v in batch) for batch in batches))
    title = "The samples in each batch, one colour a batch"
    _title(axes, title)
    return Picture(figure, f"{title}. " + "; ".join(said) + ".")


def confusion(matrix, names=None):
    """Draw a confusion matrix: rows are the true classes, columns the answers; dark cells off the diagonal are errors."""
    from matplotlib.figure import Figure

    matrix = np.asarray(matrix)
    names = [str(n) for n in range(len(matrix))] if names is None else list(names)
    figure = Figure(figsize=(1.6 + 0.42 * len(matrix), 1.3 + 0.42 * len(matrix)), layout="constrained")
    axes = figure.subplots()
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
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    errors = [(matrix[i, j], names[i], names[j]) for i, j in np.ndindex(matrix.shape) if i != j and matrix[i, j]]
    worst = ", ".join(f"{n} times {a} was called {b}" for n, a, b in sorted(errors, reverse=True)[:5])
    alt = f"A confusion matrix of {len(names)} classes. {title}. Most frequent errors: {worst or 'none'}."
    return Picture(figure, alt)


def shares(parts_by_name, title):
    """Draw a bar of length 1 for each name, cut into its parts by seconds: where the time goes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.3 + 0.55 * len(parts_by_name)), layout="constrained")
    axes = figure.subplots()
    labels, said, drawn = [], [], {}
    for place, (name, parts) in enumerate(parts_by_name.items()):
        total, left = sum(parts.values()), 0.0
        labels.append(f"{name}\n{_amount(total)}s")
        for number, (part, seconds) in enumerate(parts.items()):
            colour, share = COLOURS[number % len(COLOURS)], seconds / total
            drawn[part] = axes.barh(place, share, left=left, height=0.7, color=colour, label=part)
            if share > 0.045:
                ink = "white" if colour in DARK else INK
                axes.text(left + share / 2, place, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=10)
            left += share
        said.append(f"{name}, {_amount(total)}s: " + ", ".join(f"{part} {s / total:.0%}" for part, s in parts.items()))
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.legend(drawn.values(), drawn, ncols=len(drawn), loc="upper left", bbox_to_anchor=(0, 0), frameon=False)
    axes.spines[:].set_visible(False)
    return Picture(figure, f"{title}. " + "; ".join(said) + ".")


def checkpoint(path):
    """Draw what is in a file of arrays, an .npz: one bar for each, as long as its bytes, on a logarithmic scale."""
    from matplotlib.figure import Figure

    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    figure = Figure(figsize=(8.5, 1 + 0.27 * len(arrays)), layout="constrained")
    axes = figure.subplots()
    groups = list(dict.fromkeys("/".join(name.split("/")[1:3]) for name in arrays))
    for place, (name, array) in enumerate(arrays.items()):
        colour = COLOURS[groups.index("/".join(name.split("/")[1:3])) % len(COLOURS)]
        axes.barh(place, array.nbytes, color=colour, height=0.75)
        text = "text" if name == "json" else f"{array.dtype} {array.shape}"
        axes.text(array.nbytes * 1.2, place, f"{array.nbytes:,} B, {text}", va="center", fontsize=8, color=INK)
    most = max(array.nbytes for array in arrays.values())
    axes.set_xscale("log")
    axes.set_xlim(1, most * 100)
    axes.set_yticks(range(len(arrays)), arrays, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("bytes, logarithmic")
    title = f"What is in the file: {len(arrays)} arrays"
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    said = "; ".join(f"{name} {array.nbytes:,} bytes" for name, array in arrays.items())
    return Picture(figure, f"{title}. {said}.")


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


def _amount(number):
    """A number in engineers' units, to which the unit's name is to be added: 0.0012 is `1.2 m`."""
    prefixes = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9}
    prefix = next((prefix for prefix, size in prefixes.items() if number >= size), "n")
    return f"{number / prefixes[prefix]:.3g} {prefix}"


def _ratio(number):
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"
