"""`other - x`, where `x` is a tensor and `other` is not, subtracts `x` from `other`."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, raises, sizes, type_name


@on_student_side
def minus_logged(Logged, other, data):
    return other - Logged(data)


def test_the_tensor_is_subtracted_from_the_number(rng):
    assert_close(10 - Tensor([1, 2]), [9, 8])
    assert_close(0 - Tensor([[1.5], [-2]]), [[-1.5], [2]])
    array, number = rng.integers(-9, 10, sizes(rng, 2)), int(rng.integers(10, 100))
    assert_close(number - Tensor(array), number - array)
    assert_close(number / 4 - Tensor(array), number / 4 - array)


def test_the_tensor_is_subtracted_from_the_array(rng):
    assert_close(np.array([10, 20]) - Tensor([1, 2]), [9, 18])
    a, b = rng.standard_normal((2, *sizes(rng, 2)))
    assert_close(a - Tensor(b), a - b)


def test_both_sides_broadcast(rng):
    assert_close(np.array([[10], [20]]) - Tensor([1, 2, 3]), [[9, 8, 7], [19, 18, 17]])
    k, n, m = sizes(rng, 3)
    a, b = rng.standard_normal((k, 1, m)), rng.standard_normal((n, 1))
    assert_close(a - Tensor(b), a - b)


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.float32, np.float64])
def test_a_number_leaves_the_dtype_as_it_is(dtype, rng):
    assert_close(10 - Tensor(np.array([1, 2], dtype)), [9, 8], dtype=dtype)
    array = rng.integers(0, 100, sizes(rng, 2)).astype(dtype)
    assert_close(10 - Tensor(array), 10 - array, dtype=dtype)


def test_the_operation_passes_through_apply(rng):
    assert type_name(10 - Tensor([1, 2])) == "Tensor"
    assert type_name(np.array([10, 20]) - Tensor([1, 2])) == "Tensor"
    a, b = rng.standard_normal((2, *sizes(rng, 2)))
    for other in (10, a):
        names, kind, values = logged(minus_logged, Tensor, other, b)
        assert (names, kind) == (["subtract"], "Logged")
        assert_close(values, other - b)


def test_shapes_that_do_not_fit_are_refused_with_a_sentence(rng):
    with raises(ValueError, "cannot subtract (2, 3) and (4,): counted from the right, dim -1 is 3 and 4"):
        np.array([[1, 2, 3], [4, 5, 6]]) - Tensor([1, 2, 3, 4])
    n, m, k = sizes(rng, 3)
    array = rng.standard_normal((n, m))
    assert_close(array - Tensor(array[0]), array - array[0])
    with raises(ValueError, f"cannot subtract ({n}, {m}) and ({k},): counted from the right, dim -1 is {m} and {k}"):
        np.ones((n, m)) - Tensor(np.ones(k))
