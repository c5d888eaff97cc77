"""contiguous_strides says how many bytes one step along each axis is, for values that stand in reading order."""

import numpy as np
import pytest

from tinytorch.tensor import contiguous_strides


def test_one_step_along_the_last_axis_is_one_item():
    assert contiguous_strides((3,), 4) == (4,)
    assert contiguous_strides((3,), 8) == (8,)


def test_one_step_along_an_axis_walks_over_all_that_follows():
    assert contiguous_strides((2, 3), 4) == (12, 4)
    assert contiguous_strides((2, 3, 4), 4) == (48, 16, 4)
    assert contiguous_strides((5, 1, 2), 1) == (2, 2, 1)


def test_no_axes_have_no_strides():
    assert contiguous_strides((), 4) == ()


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32, np.float64])
def test_they_are_those_that_numpy_uses(dtype, rng):
    shape = tuple(rng.integers(2, 7, size=5).tolist())
    assert contiguous_strides(shape, np.dtype(dtype).itemsize) == np.zeros(shape, dtype).strides
