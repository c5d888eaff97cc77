"""is_contiguous says whether the values stand in memory in reading order, without gaps."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import on_student_side, sizes


@on_student_side
def asked(shape, way, dtype="float32"):
    """What a tensor on a view of an array of this shape says."""
    array = np.zeros(shape, dtype)
    answer = Tensor.wrap(eval(way, {"np": np, "a": array})).is_contiguous()
    return answer if isinstance(answer, bool) else repr(answer)


@pytest.mark.parametrize("dtype", ["bool", "float32", "float64"])
def test_a_fresh_array_is(dtype, rng):
    for shape in ((3,), (2, 3), (), sizes(rng, 3), sizes(rng, 5)):
        assert asked(shape, "a", dtype) is True


def test_exchanged_axes_are_not(rng):
    assert asked((2, 3), "a.T") is False
    assert asked(sizes(rng, 2), "a.T") is False
    assert asked(sizes(rng, 4), "a.swapaxes(1, 2)") is False
    assert asked(sizes(rng, 4), "a.swapaxes(0, 1)") is False
    assert asked(sizes(rng, 3), "a.swapaxes(0, 1).swapaxes(0, 1)") is True


def test_gaps_are_not(rng):
    rows, columns = (2 * size for size in sizes(rng, 2))
    for shape in ((4, 4), (rows, columns)):
        assert asked(shape, "a[::2]") is False
        assert asked(shape, "a[:, ::2]") is False
        assert asked(shape, "a[:, :1]") is False
        assert asked(shape, "a[::-1]") is False
        assert asked(shape, "a[1:]") is True
        assert asked(shape, "a[1]") is True
        assert asked(shape, "a[:, 1]") is False
        assert asked(shape, "np.broadcast_to(a[0], a.shape)") is False


def test_the_stride_of_an_axis_of_size_1_does_not_matter(rng):
    n = int(rng.integers(2, 9))
    for shape in ((4, 3), (2 * n, n)):
        assert asked(shape, "a[:1]") is True
        assert asked(shape, "a[::99]") is True
        assert asked(shape, "a[0][None]") is True
        assert asked(shape, "a[:1, :1]") is True
        assert asked(shape, "a[:1].T") is True
        assert asked(shape, "a[:, :1].T") is False


def test_where_nothing_is_all_is_in_order(rng):
    n = int(rng.integers(2, 9))
    for shape in ((4, 3), (2 * n, n)):
        assert asked(shape, "a[:0].T") is True
        assert asked(shape, "a[::2, :0]") is True
        assert asked(shape, "a.T[:, 1:1]") is True
        assert asked(shape, "a.T[:, :2]") is False
