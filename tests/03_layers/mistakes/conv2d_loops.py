# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "conv2d_loops",
    "The pattern is turned by 180 degrees. That is what mathematicians call a convolution. In deep learning it is laid on "
    "as it is.",
)
def turns_the_pattern(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, :, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window * weight[pattern, :, ::-1, ::-1]).sum() + bias[pattern]


@mistake(
    "conv2d_loops",
    "The stride is ignored: window (1, 0) begins at row 1 instead of at row `stride[0]`.",
)
def ignores_the_stride(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    window = x[image, :, i : i + kh, j : j + kw]
                    out[image, pattern, i, j] = (window * weight[pattern]).sum() + bias[pattern]


@mistake("conv2d_loops", "The bias is missing. Each pattern has one, which is added to each of its answers.")
def forgets_the_bias(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, :, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window * weight[pattern]).sum()


@mistake(
    "conv2d_loops",
    "The bias is added to every product before the sum, so it counts as often as the window has values. It is added once.",
)
def adds_the_bias_inside_the_sum(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, :, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window * weight[pattern] + bias[pattern]).sum()


@mistake(
    "conv2d_loops",
    "Only the first channel is looked at. A window goes through all channels, and the pattern is as deep.",
)
def looks_at_the_first_channel(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, 0, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window * weight[pattern, 0]).sum() + bias[pattern]


@mistake(
    "conv2d_loops",
    "Each channel overwrites what the one before it gave, so that only the last is left. They should add up.",
)
def overwrites_from_channel_to_channel(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    for channel in range(x.shape[1]):
                        window = x[image, channel, top : top + kh, left : left + kw]
                        out[image, pattern, i, j] = (window * weight[pattern, channel]).sum() + bias[pattern]


@mistake(
    "conv2d_loops",
    "`@` is a matrix product: it takes rows with columns. Here each value of the window meets the one value of the pattern "
    "that lies on it.",
)
def takes_a_matrix_product(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, :, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window @ weight[pattern].swapaxes(1, 2)).sum() + bias[pattern]


@mistake(
    "conv2d_loops",
    "The loops skip places of the result, which stay 0. Every place has a window: `range(rows)`. The stride says where in "
    "the image that begins, at row `i * stride[0]`.",
)
def skips_places_of_the_result(x, weight, bias, stride):
    for image in range(n):
        for pattern in range(f):
            for i in range(0, rows, stride[0]):
                for j in range(0, cols, stride[1]):
                    window = x[image, :, i : i + kh, j : j + kw]
                    out[image, pattern, i, j] = (window * weight[pattern]).sum() + bias[pattern]


@right("conv2d_loops")
def product_by_product(x, weight, bias, stride):
    for image, pattern, i, j in np.ndindex(out.shape):
        total = bias[pattern]
        for channel, k, l in np.ndindex(weight.shape[1:]):  # noqa: E741
            pixel = x[image, channel, i * stride[0] + k, j * stride[1] + l]
            total = total + weight[pattern, channel, k, l] * pixel
        out[image, pattern, i, j] = total


@right("conv2d_loops")
def all_images_and_patterns_at_once(x, weight, bias, stride):
    for i in range(rows):
        for j in range(cols):
            window = x[:, :, i * stride[0] :, j * stride[1] :][:, :, :kh, :kw]
            out[:, :, i, j] = np.tensordot(window, weight, axes=([1, 2, 3], [1, 2, 3])) + bias
