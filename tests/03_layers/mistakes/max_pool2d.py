# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "max_pool2d",
    "The search starts from zeros, so a window with nothing above 0 gives 0. Start from values that are in the window.",
)
def starts_from_zeros(x, kernel, stride):
    out = np.zeros((*x.shape[:-2], *window_counts(x.shape, kernel, stride)), x.dtype)
    for _, _, view in window_slices(x, kernel, stride):
        np.maximum(out, view, out=out)
    return out


@mistake(
    "max_pool2d",
    "The first slice is a view of `x`, and what you write into it is written into the image. Copy it first.",
)
def writes_into_the_image(x, kernel, stride):
    (_, _, out), *others = window_slices(x, kernel, stride)
    for _, _, view in others:
        np.maximum(out, view, out=out)
    return out


@mistake("max_pool2d", "That is the mean of each window, not its largest value.")
def takes_the_mean(x, kernel, stride):
    views = [view for _, _, view in window_slices(x, kernel, stride)]
    return (sum(views) / len(views)).astype(x.dtype)


@mistake(
    "max_pool2d",
    "The maximum of two slices is computed and then forgotten: `np.maximum` returns it, and changes neither of them unless "
    "it is given `out`.",
)
def forgets_the_maximum(x, kernel, stride):
    (_, _, first), *others = window_slices(x, kernel, stride)
    out = first.copy()
    for _, _, view in others:
        np.maximum(out, view)
    return out


@mistake(
    "max_pool2d",
    "The image is cut into tiles, which works as long as the stride is the window's size and nothing is left over.",
)
def cuts_tiles(x, kernel, stride):
    rows, cols = x.shape[-2] // kernel[0], x.shape[-1] // kernel[1]
    tiles = x[..., : rows * kernel[0], : cols * kernel[1]]
    return tiles.reshape(*x.shape[:-2], rows, kernel[0], cols, kernel[1]).max(axis=(-3, -1))


@mistake(
    "max_pool2d",
    "You compare each slice with the one before it, and keep the last comparison. The largest so far has to be carried "
    "along.",
)
def keeps_the_last_comparison(x, kernel, stride):
    before = None
    for _, _, view in window_slices(x, kernel, stride):
        out = view.copy() if before is None else np.maximum(before, view)
        before = view
    return out


@mistake(
    "max_pool2d",
    "The search starts from zeros, so a window with nothing above 0 gives 0. (And `np.zeros` is float64 unless it is told "
    "a dtype.) Start from a copy of the first slice.",
)
def starts_from_zeros_of_float64(x, kernel, stride):
    out = np.zeros((*x.shape[:-2], *window_counts(x.shape, kernel, stride)))
    for _, _, view in window_slices(x, kernel, stride):
        np.maximum(out, view, out=out)
    return out


@mistake(
    "max_pool2d",
    "Minus infinity is a float, and makes floats of whole numbers. Start from a copy of the first slice: it has the dtype "
    "of `x`.",
)
def starts_from_minus_infinity(x, kernel, stride):
    out = -np.inf
    for _, _, view in window_slices(x, kernel, stride):
        out = np.maximum(out, view)
    return out


@mistake(
    "max_pool2d",
    "`window_slices` yields three things at a time: i, j, and the slice. Only the third has values to compare: `for _, _, "
    "view in …`.",
)
def compares_the_positions_too(x, kernel, stride):
    first, *others = window_slices(x, kernel, stride)
    out = first
    for view in others:
        out = np.maximum(out, view)
    return out


@right("max_pool2d")
def of_all_slices_at_once(x, kernel, stride):
    return np.max([view for _, _, view in window_slices(x, kernel, stride)], axis=0)


@right("max_pool2d")
def with_where(x, kernel, stride):
    out = None
    for _, _, view in window_slices(x, kernel, stride):
        out = view.copy() if out is None else np.where(view > out, view, out)
    return out
