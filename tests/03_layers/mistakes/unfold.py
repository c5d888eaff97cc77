# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "unfold",
    "The windows are the rows of your matrix. They should be its columns: the places in a window go down, the windows go "
    "across.",
)
def makes_rows_of_the_windows(x, kernel, stride):
    out = np.empty((n, c, *kernel, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols).swapaxes(1, 2)


@mistake(
    "unfold",
    "In a column, the channels of each place stand together. The weight has its first channel whole, then the second: so "
    "must the column.",
)
def mixes_the_channels(x, kernel, stride):
    out = np.empty((n, *kernel, c, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)


@mistake(
    "unfold",
    "The places in a window are taken column by column. They stand in reading order: `i`, the row, before `j`.",
)
def goes_down_the_columns_of_a_window(x, kernel, stride):
    out = np.empty((n, c, kernel[1], kernel[0], rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, j, i] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)


@mistake(
    "unfold",
    "Everything is there, but with six axes. The axes of the window belong together, and so do those of the places.",
)
def leaves_all_axes(x, kernel, stride):
    out = np.empty((n, c, *kernel, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, i, j] = view
    return out


@mistake(
    "unfold",
    "A -1 in the reshape is computed from the number of values. An empty batch has none, and NumPy cannot know what -1 "
    "should be.",
)
def leaves_a_size_to_reshape(x, kernel, stride):
    out = np.empty((n, c, *kernel, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, i, j] = view
    return out.reshape(n, -1, rows * cols)


@mistake("unfold", "The matrix is float64 whatever the image is: `np.empty` makes doubles unless it is told a dtype.")
def makes_doubles(x, kernel, stride):
    out = np.empty((n, c, *kernel, rows, cols))
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)


@mistake(
    "unfold",
    "The axes of the places stand before those of the window, and `reshape` then cuts the row of numbers in the wrong "
    "places. It reads them in the order in which they stand.",
)
def puts_the_places_first(x, kernel, stride):
    out = np.empty((n, c, rows, cols, *kernel), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[..., i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)


@mistake(
    "unfold",
    "`out[i, j]` is a place among images and channels: those are the first two axes. The places in the window are the next "
    "two: `out[:, :, i, j]`.",
)
def takes_the_first_two_axes(x, kernel, stride):
    out = np.empty((n, c, *kernel, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)


@right("unfold")
def window_by_window(x, kernel, stride):
    out = np.empty((n, c * kernel[0] * kernel[1], rows * cols), x.dtype)
    for i in range(rows):
        for j in range(cols):
            top, left = i * stride[0], j * stride[1]
            window = x[:, :, top : top + kernel[0], left : left + kernel[1]]
            out[:, :, i * cols + j] = window.reshape(n, c * kernel[0] * kernel[1])
    return out


@right("unfold")
def stacked(x, kernel, stride):
    slices = [view for _, _, view in window_slices(x, kernel, stride)]
    return np.stack(slices, axis=2).reshape(n, c * len(slices), rows * cols)
