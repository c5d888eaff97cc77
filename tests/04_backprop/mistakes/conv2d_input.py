# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "conv2d_input",
    "`target = target + ...` makes a new array and leaves the image at 0. `target` is a view of `padded`: `+=` writes "
    "into it.",
)
def leaves_the_view_alone(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target = target + back[:, :, i, j]


@mistake(
    "conv2d_input",
    "A value that is in several windows keeps only what came back from the last. It gets the sum: add, do not assign.",
)
def overwrites(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target[...] = back[:, :, i, j]


@mistake(
    "conv2d_input",
    "The pattern is turned by half a turn. The value that met weight (i, j) gets what comes back from weight (i, j).",
)
def turns_the_pattern(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target += back[:, :, kernel[0] - 1 - i, kernel[1] - 1 - j]


@mistake(
    "conv2d_input",
    "The first part of the batch gets everything, the others nothing. Both `padded` and `grad` are cut by `part`.",
)
def writes_to_the_first_images(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[: len(back)], kernel, stride):
        target += back[:, :, i, j]


@mistake(
    "conv2d_input",
    "What came back is spread over places side by side. The windows were `stride` apart, so `window_slices` needs it too.",
)
def takes_small_steps(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, (1, 1)):
        target[..., :rows, :cols] += back[:, :, i, j]


@mistake(
    "conv2d_input",
    "The axes of the product are `(channels, kernel rows, kernel columns)`, in the order in which the weight was made "
    "a matrix. Reshaped in another order the values land in the wrong channels.",
)
def channels_last(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(-1, *kernel, c, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target += back[:, i, j]


@mistake(
    "conv2d_input",
    "The weight is not turned over. `flat` is (f, c·kh·kw) and `grad[part]` (images, f, places): what has f columns is "
    "`flat.T`.",
)
def forgets_to_turn_the_weight(shape, weight, grad, stride, padding):
    back = (flat @ grad[part]).reshape(-1, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target += back[:, :, i, j]


@mistake(
    "conv2d_input",
    "The reshape counts on all `n` images, but a part has only a few of them. -1 lets NumPy count.",
)
def reshapes_to_the_whole_batch(shape, weight, grad, stride, padding):
    back = (flat.T @ grad[part]).reshape(n, c, *kernel, rows, cols)
    for i, j, target in window_slices(padded[part], kernel, stride):
        target += back[:, :, i, j]


@right("conv2d_input")
def place_by_place(shape, weight, grad, stride, padding):
    for i, j, target in window_slices(padded[part], kernel, stride):
        back = weight[:, :, i, j].T @ grad[part]
        target += back.reshape(target.shape)


@right("conv2d_input")
def with_einsum(shape, weight, grad, stride, padding):
    back = np.einsum("fcij,nfp->nijcp", weight, grad[part])
    for i, j, target in window_slices(padded[part], kernel, stride):
        np.add(target, back[:, i, j].reshape(target.shape), out=target)
