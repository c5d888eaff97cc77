"""conv2d_loops sums, at each place, the window times the pattern, for every image and every pattern."""

import numpy as np

from tinytorch.layers import conv2d_loops
from tito.testing import assert_close, inputs_after


def by_windows(x, weight, bias, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1]]
    return np.einsum("ncijkl,fckl->nfij", windows, weight) + bias[:, None, None]


IMAGE = np.arange(1.0, 10).reshape(1, 1, 3, 3)


def drawn(rng, images=1, channels=1, patterns=1):
    """Images, patterns and a bias for each; windows and images of several sizes."""
    rows, columns, *kernel = (rng.integers(4, 7), rng.integers(4, 7), *rng.integers(1, 4, 2))
    x, weight = rng.standard_normal((images, channels, rows, columns)), (patterns, channels, *kernel)
    return x, rng.standard_normal(weight), rng.standard_normal(patterns)


def test_each_window_is_multiplied_by_the_pattern_and_summed(rng):
    assert_close(conv2d_loops(IMAGE, np.array([[[[1, 0], [0, 1]]]]), np.zeros(1), (1, 1)), [[[[6, 8], [12, 14]]]])
    assert_close(conv2d_loops(IMAGE, np.array([[[[0, 1], [0, 0]]]]), np.zeros(1), (1, 1)), [[[[2, 3], [5, 6]]]])
    assert_close(conv2d_loops(IMAGE, np.array([[[[1, 2, 4]]]]), np.zeros(1), (1, 1)), [[[[17], [38], [59]]]])
    x, weight, _ = drawn(rng)
    assert_close(conv2d_loops(x, weight, np.zeros(1), (1, 1)), by_windows(x, weight, np.zeros(1), (1, 1)))


def test_each_pattern_has_a_bias_of_its_own(rng):
    weight = np.array([[[[1, 0], [0, 1]]], [[[0, 0], [0, 0]]]])
    expected = [[[[16, 18], [22, 24]], [[20, 20], [20, 20]]]]
    assert_close(conv2d_loops(IMAGE, weight, np.array([10, 20]), (1, 1)), expected)
    x, weight, bias = drawn(rng, patterns=3)
    assert_close(conv2d_loops(x, weight, bias, (1, 1)), by_windows(x, weight, bias, (1, 1)))


def test_all_channels_of_a_window_count(rng):
    image = np.concatenate([IMAGE, 100 * IMAGE], axis=1)
    weight = np.array([[[[1, 0], [0, 0]], [[0, 0], [0, 1]]]])
    assert_close(conv2d_loops(image, weight, np.array([0.5]), (1, 1)), [[[[501.5, 602.5], [804.5, 905.5]]]])
    x, weight, bias = drawn(rng, channels=3)
    assert_close(conv2d_loops(x, weight, bias, (1, 1)), by_windows(x, weight, bias, (1, 1)))


def test_the_window_walks_in_strides(rng):
    image = np.arange(20.0).reshape(1, 1, 4, 5)
    weight = np.array([[[[1, 0], [0, 0]]]])
    assert_close(conv2d_loops(image, weight, np.zeros(1), (2, 1)), [[[[0, 1, 2, 3], [10, 11, 12, 13]]]])
    assert_close(conv2d_loops(image, weight, np.zeros(1), (1, 3)), [[[[0, 3], [5, 8], [10, 13]]]])
    x, weight, bias = drawn(rng)
    for stride in ((1, 2), (2, 1), (3, 2)):
        assert_close(conv2d_loops(x, weight, bias, stride), by_windows(x, weight, bias, stride))


def test_batches_patterns_and_channels_together(rng):
    for stride in ((1, 1), (2, 1), (3, 2)):
        x, weight, bias = drawn(rng, 2, 3, 4)
        assert_close(conv2d_loops(x, weight, bias, stride), by_windows(x, weight, bias, stride))
        assert_close(conv2d_loops(x[:0], weight, bias, stride), by_windows(x, weight, bias, stride)[:0])


def test_the_dtype_and_the_inputs_stay_as_they_are(rng):
    for dtype in (np.float32, np.float64):
        given = [array.astype(dtype) for array in drawn(rng, 2, 2, 2)]
        found, (x, weight, bias, _) = inputs_after(conv2d_loops, *given, (1, 2))
        assert_close(found, by_windows(*given, (1, 2)), dtype=dtype, rtol=1e-3, atol=1e-5)
        for array, before in zip((x, weight, bias), given):
            assert_close(array, before)
