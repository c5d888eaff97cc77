"""unfold writes every window as a column of a matrix, channel by channel, in the order of the places."""

import numpy as np
import pytest

from tinytorch.layers import unfold
from tito.testing import assert_close, on_student_side


@on_student_side
def image_after(unfold, x):
    unfold(x, (1, 1), (1, 1))[...] = 0
    return x


def by_windows(x, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    n, c, rows, cols = windows.shape[:4]
    return np.moveaxis(windows.reshape(n, c, rows * cols, -1), 2, 3).reshape(n, -1, rows * cols)


def test_each_column_is_a_window():
    image = np.arange(1, 10).reshape(1, 1, 3, 3)
    expected = [[[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]]
    assert_close(unfold(image, (2, 2), (1, 1)), expected)
    assert_close(unfold(image, (1, 2), (1, 1)), [[[1, 2, 4, 5, 7, 8], [2, 3, 5, 6, 8, 9]]])
    assert_close(unfold(image, (3, 3), (1, 1)), np.arange(1, 10).reshape(1, 9, 1))


def test_channel_follows_channel_in_a_column():
    image = np.array([[[[1, 2]], [[3, 4]], [[5, 6]]]])
    assert_close(unfold(image, (1, 1), (1, 1)), [[[1, 2], [3, 4], [5, 6]]])
    assert_close(unfold(image, (1, 2), (1, 1)), [[[1], [2], [3], [4], [5], [6]]])


def test_with_strides_there_are_fewer_columns():
    image = np.arange(16).reshape(1, 1, 4, 4)
    assert_close(unfold(image, (2, 2), (2, 2)), [[[0, 2, 8, 10], [1, 3, 9, 11], [4, 6, 12, 14], [5, 7, 13, 15]]])
    assert_close(unfold(image, (1, 1), (3, 2)), [[[0, 2, 12, 14]]])


@pytest.mark.parametrize(("kernel", "stride"), [((3, 3), (1, 1)), ((2, 3), (1, 1)), ((3, 2), (2, 1)), ((1, 4), (1, 2))])
def test_a_batch_gives_a_matrix_for_each_image(kernel, stride, rng):
    x = rng.standard_normal((2, 3, 6, 5))
    assert_close(unfold(x, kernel, stride), by_windows(x, kernel, stride))
    assert_close(unfold(x[:0], kernel, stride), by_windows(x, kernel, stride)[:0])


def test_the_matrix_is_new_memory_of_the_same_dtype():
    assert_close(unfold(np.ones((1, 1, 2, 2), np.float32), (2, 1), (1, 1)), np.ones((1, 2, 2)), dtype=np.float32)
    assert_close(image_after(unfold, np.ones((1, 1, 2, 2))), np.ones((1, 1, 2, 2)))
