"""conv2d multiplies patterns with columns, a few images at a time."""

import numpy as np
import pytest

from tinytorch.layers import conv2d
from tito.testing import assert_close, inputs_after, on_student_side, sizes


@on_student_side
def megabytes_at_once(conv2d, x, weight, bias):
    """The most memory that was in use at a time, in a convolution of these arrays."""
    import tracemalloc

    conv2d(x[:1], weight, bias)
    tracemalloc.start()
    try:
        out = conv2d(x, weight, bias)
        return tracemalloc.get_traced_memory()[1] / 1e6, out
    finally:
        tracemalloc.stop()


def by_windows(x, weight, bias, stride=(1, 1), padding=(0, 0)):
    (rows, cols), kernel = padding, weight.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (rows, rows), (cols, cols)))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    out = np.einsum("ncijkl,fckl->nfij", windows, weight)
    return out if bias is None else out + bias[:, None, None]


def drawn(rng, n, c, f, high, wide, kernel):
    return rng.standard_normal((n, c, high, wide)), rng.standard_normal((f, c, *kernel)), rng.standard_normal(f)


def test_a_pattern_meets_each_window(rng):
    image, pattern = np.arange(1.0, 10).reshape(1, 1, 3, 3), np.array([[[[1.0, 0], [0, 1]]]])
    assert_close(conv2d(image, pattern), [[[[6, 8], [12, 14]]]])
    assert_close(conv2d(image, np.ones((1, 1, 3, 3))), [[[[45]]]])
    image, pattern = rng.standard_normal((1, 1, *sizes(rng, 2))), rng.standard_normal((1, 1, 2, 2))
    assert_close(conv2d(image, pattern), by_windows(image, pattern, None))


def test_each_pattern_has_its_bias(rng):
    image, patterns = np.arange(1.0, 5).reshape(1, 1, 2, 2), np.array([[[[1.0]]], [[[10.0]]]])
    assert_close(conv2d(image, patterns, np.array([0.5, 100])), [[[[1.5, 2.5], [3.5, 4.5]], [[110, 120], [130, 140]]]])
    c, f, high, wide = sizes(rng, 4)
    x, weight, bias = drawn(rng, 1, c, f, high + 2, wide + 2, (3, 2))
    assert_close(conv2d(x, weight, bias), by_windows(x, weight, bias))
    assert_close(conv2d(x, weight, None), by_windows(x, weight, None))


def test_all_channels_of_all_images(rng):
    images = np.array([[[[1.0]], [[10.0]]], [[[2.0]], [[20.0]]]])
    assert_close(conv2d(images, np.array([[[[1.0]], [[3.0]]]])), [[[[31]]], [[[62]]]])
    n, c, f, high, wide = sizes(rng, 5)
    x, weight, bias = drawn(rng, n, c, f, high + 2, wide + 2, (2, 3))
    assert_close(conv2d(x, weight, bias), by_windows(x, weight, bias))


@pytest.mark.parametrize("stride, padding", [((2, 2), (0, 0)), ((1, 1), (1, 1)), ((1, 2), (2, 0)), ((3, 1), (0, 1))])
def test_strides_and_padding(stride, padding, rng):
    n, c, f = sizes(rng, 3)
    x, weight, bias = drawn(rng, n, c, f, 7, 9, (3, 2))
    found = conv2d(x, weight, bias, stride=stride, padding=padding)
    assert_close(found, by_windows(x, weight, bias, stride, padding))


def test_the_columns_of_a_few_images_are_there_at_a_time(rng):
    n = int(rng.integers(150, 200))  # whose columns are n times 46 kB
    x, weight, bias = (array.astype(np.float32) for array in drawn(rng, n, 4, 2, 20, 20, (3, 3)))
    most, out = megabytes_at_once(conv2d, x, weight, bias)
    assert_close(out, by_windows(x, weight, bias), atol=1e-4)
    assert most < 4


@pytest.mark.parametrize("dtype, other", [(np.float32, np.float32), (np.float64, np.float64), (np.float32, np.float64)])
def test_the_dtype_is_what_both_together_have(dtype, other, rng):
    x, weight, bias = drawn(rng, *sizes(rng, 3), 5, 5, (2, 2))
    x, weight, bias = x.astype(dtype), weight.astype(other), bias.astype(other)
    assert_close(conv2d(x, weight, bias), by_windows(x, weight, bias), dtype=other, atol=1e-4)


def test_an_empty_batch(rng):
    for c, f in ((1, 2), sizes(rng, 2)):
        _, weight, bias = drawn(rng, 1, c, f, 4, 4, (2, 2))
        assert_close(conv2d(np.ones((0, c, 4, 5)), weight, bias), np.ones((0, f, 3, 4)))


def test_inputs_stay_as_they_are(rng):
    given = drawn(rng, *sizes(rng, 3), 5, 6, (2, 3))
    out, after = inputs_after(conv2d, *given)
    assert_close(out, by_windows(*given))
    for array, before in zip(after, given):
        assert_close(array, before)
