"""contiguous_strides says how many bytes one step along each axis is, for values that stand in reading order."""

import numpy as np
import pytest

from tinytorch.tensor import contiguous_strides
from tito.testing import sizes


def test_one_step_along_the_last_axis_is_one_item(rng):
    assert contiguous_strides((3,), 4) == (4,)
    assert contiguous_strides((3,), 8) == (8,)
    size, itemsize = rng.integers(2, 1000, 2).tolist()
    assert contiguous_strides((size,), itemsize) == (itemsize,)
    assert contiguous_strides((1, size), itemsize) == (size * itemsize, itemsize)


def test_one_step_along_an_axis_walks_over_all_that_follows(rng):
    assert contiguous_strides((2, 3), 4) == (12, 4)
    assert contiguous_strides((2, 3, 4), 4) == (48, 16, 4)
    assert contiguous_strides((5, 1, 2), 1) == (2, 2, 1)
    n, m, k, item = rng.integers(2, 100, 4).tolist()
    assert contiguous_strides((n, m, k), item) == (m * k * item, k * item, item)


def test_no_axes_have_no_strides(rng):
    assert contiguous_strides((), 4) == ()
    itemsize = int(rng.integers(2, 1000))
    assert contiguous_strides((), itemsize) == ()
    assert contiguous_strides((1, 1), itemsize) == (itemsize, itemsize)


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32, np.float64])
def test_they_are_those_that_numpy_uses(dtype, rng):
    shape = sizes(rng, 5)
    strides = contiguous_strides(shape, np.dtype(dtype).itemsize)
    assert strides == np.zeros(shape, dtype).strides
    assert np.asarray(strides).dtype.kind == "i"
