"""conv2d_loops sums, at each place, the window times the pattern, for every image and every pattern."""

import numpy as np

from tinytorch.layers import conv2d_loops
from tito.testing import assert_close, on_student_side


@on_student_side
def x_after(conv2d_loops, x, weight, bias, stride):
    conv2d_loops(x, weight, bias, stride)
    return x


def by_windows(x, weight, bias, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1]]
    return np.einsum("ncijkl,fckl->nfij", windows, weight) + bias[:, None, None]


IMAGE = np.arange(1.0, 10).reshape(1, 1, 3, 3)


def test_each_window_is_multiplied_by_the_pattern_and_summed():
    assert_close(conv2d_loops(IMAGE, np.array([[[[1, 0], [0, 1]]]]), np.zeros(1), (1, 1)), [[[[6, 8], [12, 14]]]])
    assert_close(conv2d_loops(IMAGE, np.array([[[[0, 1], [0, 0]]]]), np.zeros(1), (1, 1)), [[[[2, 3], [5, 6]]]])
    assert_close(conv2d_loops(IMAGE, np.array([[[[1, 2, 4]]]]), np.zeros(1), (1, 1)), [[[[17], [38], [59]]]])


def test_each_pattern_has_a_bias_of_its_own():
    weight = np.array([[[[1, 0], [0, 1]]], [[[0, 0], [0, 0]]]])
    expected = [[[[16, 18], [22, 24]], [[20, 20], [20, 20]]]]
    assert_close(conv2d_loops(IMAGE, weight, np.array([10, 20]), (1, 1)), expected)


def test_all_channels_of_a_window_count():
    image = np.concatenate([IMAGE, 100 * IMAGE], axis=1)
    weight = np.array([[[[1, 0], [0, 0]], [[0, 0], [0, 1]]]])
    assert_close(conv2d_loops(image, weight, np.array([0.5]), (1, 1)), [[[[501.5, 602.5], [804.5, 905.5]]]])


def test_the_window_walks_in_strides():
    image = np.arange(20.0).reshape(1, 1, 4, 5)
    weight = np.array([[[[1, 0], [0, 0]]]])
    assert_close(conv2d_loops(image, weight, np.zeros(1), (2, 1)), [[[[0, 1, 2, 3], [10, 11, 12, 13]]]])
    assert_close(conv2d_loops(image, weight, np.zeros(1), (1, 3)), [[[[0, 3], [5, 8], [10, 13]]]])


def test_batches_patterns_and_channels_together(rng):
    for kernel, stride in (((3, 2), (1, 1)), ((2, 3), (2, 1)), ((1, 1), (3, 2))):
        x, weight = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, *kernel))
        bias = rng.standard_normal(4)
        assert_close(conv2d_loops(x, weight, bias, stride), by_windows(x, weight, bias, stride))
        assert_close(x_after(conv2d_loops, x, weight, bias, stride), x)
