"""`other - x`, where `x` is a tensor and `other` is not, subtracts `x` from `other`."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side, raises, type_name


@on_student_side
def operations_in_ten_minus(Tensor, data):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    10 - Logged(data)
    return names


def test_the_tensor_is_subtracted_from_the_number():
    assert_close(10 - Tensor([1, 2]), [9, 8])
    assert_close(0 - Tensor([[1.5], [-2]]), [[-1.5], [2]])


def test_the_tensor_is_subtracted_from_the_array(rng):
    assert_close(np.array([10, 20]) - Tensor([1, 2]), [9, 18])
    a, b = rng.standard_normal((2, 3, 4))
    assert_close(a - Tensor(b), a - b)


def test_both_sides_broadcast(rng):
    assert_close(np.array([[10], [20]]) - Tensor([1, 2, 3]), [[9, 8, 7], [19, 18, 17]])
    a, b = rng.standard_normal((3, 1, 4)), rng.standard_normal((2, 1))
    assert_close(a - Tensor(b), a - b)


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.float32, np.float64])
def test_a_number_leaves_the_dtype_as_it_is(dtype):
    assert_close(10 - Tensor(np.array([1, 2], dtype)), [9, 8], dtype=dtype)


def test_the_operation_passes_through_apply():
    assert type_name(10 - Tensor([1, 2])) == "Tensor"
    assert type_name(np.array([10, 20]) - Tensor([1, 2])) == "Tensor"
    assert operations_in_ten_minus(Tensor, [1, 2]) == ["subtract"]


def test_shapes_that_do_not_fit_are_refused_with_a_sentence():
    with raises(ValueError, "cannot subtract (2, 3) and (4,): counted from the right, dim -1 is 3 and 4"):
        np.array([[1, 2, 3], [4, 5, 6]]) - Tensor([1, 2, 3, 4])
