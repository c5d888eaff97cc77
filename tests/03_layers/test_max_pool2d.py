"""max_pool2d keeps the largest value of each window."""

import numpy as np
import pytest

from tinytorch.layers import max_pool2d
from tito.testing import assert_close, inputs_after, on_student_side, sizes


@on_student_side
def x_after_writing_into_the_result(max_pool2d, x, kernel):
    max_pool2d(x, kernel, (1, 1))[...] = 0
    return x


@on_student_side
def in_fewer_steps_than_windows(max_pool2d, x, kernel, stride, windows):
    taken = []

    class Image(np.ndarray):
        """Counts the parts that are taken of it, and of them, and refuses when there is one for each window."""

        def __getitem__(self, index):
            taken.append(index)
            if len(taken) >= windows:
                raise RuntimeError(
                    f"there are {windows} windows, and a part was taken for each: that is a loop over windows"
                )
            return super().__getitem__(index)

    return np.asarray(max_pool2d.function(x.view(Image), kernel=kernel, stride=stride))


def by_windows(x, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(-2, -1))
    return windows[..., :: stride[0], :: stride[1], :, :].max(axis=(-2, -1))


def test_of_each_window_the_largest_is_kept(rng):
    image = np.array([[1, 3, 5, 4], [2, 0, 8, 7], [9, 9, 6, 1], [0, 2, 3, 4]])
    assert_close(max_pool2d(image, (2, 2), (2, 2)), [[3, 8], [9, 6]])
    assert_close(max_pool2d(image, (4, 1), (4, 1)), [[9, 9, 8, 7]])
    assert_close(max_pool2d(image, (4, 4), (4, 4)), [[9]])
    image = rng.standard_normal(2 * np.array(sizes(rng, 2)))
    assert_close(max_pool2d(image, (2, 2), (2, 2)), by_windows(image, (2, 2), (2, 2)))


def test_the_largest_may_be_below_zero(rng):
    assert_close(max_pool2d(np.array([[-5, -3], [-2, -4]]), (2, 2), (2, 2)), [[-2]])
    assert_close(max_pool2d(np.array([[-5, -np.inf]]), (1, 2), (1, 2)), [[-5]])
    image = -rng.uniform(1, 9, 2 * np.array(sizes(rng, 2)))
    assert_close(max_pool2d(image, (2, 2), (2, 2)), by_windows(image, (2, 2), (2, 2)))
    image[0] = -np.inf
    assert_close(max_pool2d(image, (2, 2), (2, 2)), by_windows(image, (2, 2), (2, 2)))


def test_windows_may_overlap_and_what_is_left_over_does_not_count(rng):
    image = np.array([[1, 2, 3, 4, 5], [9, 8, 7, 6, 0]])
    assert_close(max_pool2d(image, (2, 2), (1, 1)), [[9, 8, 7, 6]])
    assert_close(max_pool2d(image, (1, 2), (1, 2)), [[2, 4], [9, 7]])
    image = rng.standard_normal(2 * np.array(sizes(rng, 2)) + 1)
    for stride in ((1, 1), (2, 2), (1, 3)):
        assert_close(max_pool2d(image, (2, 2), stride), by_windows(image, (2, 2), stride))


@pytest.mark.parametrize("axes", [0, 1, 2, 3])
def test_images_may_come_in_batches(axes, rng):
    x = rng.standard_normal((*sizes(rng, axes), *rng.integers(4, 8, 2)))
    for kernel, stride in (((2, 2), (2, 2)), ((3, 2), (1, 2)), ((2, 3), (3, 1))):
        assert_close(max_pool2d(x, kernel, stride), by_windows(x, kernel, stride))
        if axes:
            assert_close(max_pool2d(x[:0], kernel, stride), by_windows(x, kernel, stride)[:0])


def test_it_goes_through_slices_and_not_through_windows(rng):
    rows, columns = rng.integers(8, 13, 2).tolist()
    image = rng.standard_normal((rows, columns))
    found = in_fewer_steps_than_windows(max_pool2d, image, (2, 2), (1, 1), (rows - 1) * (columns - 1))
    assert_close(found, by_windows(image, (2, 2), (1, 1)))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_the_result_is_new_and_the_image_stays_as_it_is(dtype, rng):
    small = np.array([[1, 3], [2, 0]], dtype)
    assert_close(max_pool2d(small, (2, 2), (2, 2)), [[3]], dtype=dtype)
    for image in (small, rng.integers(-99, 99, sizes(rng, 2)).astype(dtype)):
        found, (after, *_) = inputs_after(max_pool2d, image, (2, 2), (1, 1))
        assert_close(found, by_windows(image, (2, 2), (1, 1)), dtype=dtype)
        assert_close(after, image)
        for kernel in ((1, 1), (2, 1)):
            assert_close(x_after_writing_into_the_result(max_pool2d, image, kernel), image)
