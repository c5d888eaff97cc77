"""max_pool2d keeps the largest value of each window."""

import numpy as np
import pytest

from tinytorch.layers import max_pool2d
from tito.testing import assert_close, on_student_side


@on_student_side
def x_after(max_pool2d, x):
    max_pool2d(x, (2, 2), (2, 2))
    return x


@on_student_side
def x_after_writing_into_the_result(max_pool2d, x):
    max_pool2d(x, (1, 1), (1, 1))[...] = 0
    return x


def by_windows(x, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(-2, -1))
    return windows[..., :: stride[0], :: stride[1], :, :].max(axis=(-2, -1))


def test_of_each_window_the_largest_is_kept():
    image = np.array([[1, 3, 5, 4], [2, 0, 8, 7], [9, 9, 6, 1], [0, 2, 3, 4]])
    assert_close(max_pool2d(image, (2, 2), (2, 2)), [[3, 8], [9, 6]])
    assert_close(max_pool2d(image, (4, 1), (4, 1)), [[9, 9, 8, 7]])
    assert_close(max_pool2d(image, (4, 4), (4, 4)), [[9]])


def test_the_largest_may_be_below_zero():
    assert_close(max_pool2d(np.array([[-5, -3], [-2, -4]]), (2, 2), (2, 2)), [[-2]])
    assert_close(max_pool2d(np.array([[-5, -np.inf]]), (1, 2), (1, 2)), [[-5]])


def test_windows_may_overlap_and_what_is_left_over_does_not_count():
    image = np.array([[1, 2, 3, 4, 5], [9, 8, 7, 6, 0]])
    assert_close(max_pool2d(image, (2, 2), (1, 1)), [[9, 8, 7, 6]])
    assert_close(max_pool2d(image, (1, 2), (1, 2)), [[2, 4], [9, 7]])


@pytest.mark.parametrize("axes", [(), (3,), (2, 3), (0, 2)])
def test_images_may_come_in_batches(axes, rng):
    x = rng.standard_normal((*axes, 7, 6))
    for kernel, stride in (((2, 2), (2, 2)), ((3, 2), (1, 2)), ((2, 3), (3, 1))):
        assert_close(max_pool2d(x, kernel, stride), by_windows(x, kernel, stride))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_the_result_is_new_and_the_image_stays_as_it_is(dtype):
    image = np.array([[1, 3], [2, 0]], dtype)
    assert_close(max_pool2d(image, (2, 2), (2, 2)), [[3]], dtype=dtype)
    assert_close(x_after(max_pool2d, image), image)
    assert_close(x_after_writing_into_the_result(max_pool2d, image), image)
