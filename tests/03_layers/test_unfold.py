"""unfold writes every window as a column of a matrix, channel by channel, in the order of the places."""

import numpy as np
import pytest

from tinytorch.layers import unfold
from tito.testing import assert_close, inputs_after, on_student_side, sizes


@on_student_side
def image_after_writing_into_the_matrix(unfold, x, kernel):
    unfold(x, kernel, (1, 1))[...] = 0
    return x


def by_windows(x, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    n, c, rows, cols = windows.shape[:4]
    return np.moveaxis(windows.reshape(n, c, rows * cols, -1), 2, 3).reshape(n, -1, rows * cols)


def test_each_column_is_a_window(rng):
    image = np.arange(1, 10).reshape(1, 1, 3, 3)
    expected = [[[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]]
    assert_close(unfold(image, (2, 2), (1, 1)), expected)
    assert_close(unfold(image, (1, 2), (1, 1)), [[[1, 2, 4, 5, 7, 8], [2, 3, 5, 6, 8, 9]]])
    assert_close(unfold(image, (3, 3), (1, 1)), np.arange(1, 10).reshape(1, 9, 1))
    image = rng.standard_normal((1, 1, *sizes(rng, 2)))
    assert_close(unfold(image, (2, 2), (1, 1)), by_windows(image, (2, 2), (1, 1)))


def test_channel_follows_channel_in_a_column(rng):
    image = np.array([[[[1, 2]], [[3, 4]], [[5, 6]]]])
    assert_close(unfold(image, (1, 1), (1, 1)), [[[1, 2], [3, 4], [5, 6]]])
    assert_close(unfold(image, (1, 2), (1, 1)), [[[1], [2], [3], [4], [5], [6]]])
    channels, rows, columns = sizes(rng, 3)
    image = rng.standard_normal((1, channels, rows, columns))
    assert_close(unfold(image, (1, 1), (1, 1)), image.reshape(1, channels, -1))
    assert_close(unfold(image, (2, 2), (1, 1)), by_windows(image, (2, 2), (1, 1)))


def test_with_strides_there_are_fewer_columns(rng):
    image = np.arange(16).reshape(1, 1, 4, 4)
    assert_close(unfold(image, (2, 2), (2, 2)), [[[0, 2, 8, 10], [1, 3, 9, 11], [4, 6, 12, 14], [5, 7, 13, 15]]])
    assert_close(unfold(image, (1, 1), (3, 2)), [[[0, 2, 12, 14]]])
    image = rng.standard_normal((1, 1, *rng.integers(4, 8, 2)))
    for stride in ((2, 2), (3, 1), (1, 3)):
        assert_close(unfold(image, (2, 2), stride), by_windows(image, (2, 2), stride))


@pytest.mark.parametrize(("kernel", "stride"), [((3, 3), (1, 1)), ((2, 3), (1, 1)), ((3, 2), (2, 1)), ((1, 4), (1, 2))])
def test_a_batch_gives_a_matrix_for_each_image(kernel, stride, rng):
    x = rng.standard_normal((*rng.integers(2, 5, 2), *rng.integers(4, 8, 2)))
    assert_close(unfold(x, kernel, stride), by_windows(x, kernel, stride))
    assert_close(unfold(x[:0], kernel, stride), by_windows(x, kernel, stride)[:0])


def test_the_matrix_is_new_memory_of_the_same_dtype(rng):
    assert_close(unfold(np.ones((1, 1, 2, 2), np.float32), (2, 1), (1, 1)), np.ones((1, 2, 2)), dtype=np.float32)
    for dtype in (np.float32, np.float64, np.int64):
        x = rng.integers(0, 1000, (2, 1, *sizes(rng, 2))).astype(dtype)
        found, (after, *_) = inputs_after(unfold, x, (2, 2), (1, 1))
        assert_close(found, by_windows(x, (2, 2), (1, 1)), dtype=dtype)
        assert_close(after, x)
        for kernel in ((1, 1), x.shape[2:]):
            assert_close(image_after_writing_into_the_matrix(unfold, x, kernel), x)
