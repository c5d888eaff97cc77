"""apply runs an operation on the arrays of its inputs and wraps what comes out, in the class of `self`."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side, type_name


@on_student_side
def what_apply_returns_in_a_class_Logged(Tensor):
    class Logged(Tensor):
        pass

    x = Logged([4, 9])
    return type(x.apply(np.sqrt, x)).__name__


@on_student_side
def transposed_shares_memory(x):
    return np.shares_memory(x.apply(np.transpose, x).array, x.array)


def test_the_operation_runs_on_the_arrays():
    x = Tensor([1, 4])
    assert_close(x.apply(np.sqrt, x), [1, 2])
    assert_close(x.apply(np.add, x, 10), [11, 14])
    assert_close(x.apply(np.add, x, Tensor([2, 3])), [3, 7])
    assert_close(x.apply(np.add, x, np.array([2, 3])), [3, 7])


def test_inputs_and_options_all_reach_the_operation(rng):
    x = Tensor([1, 2])
    assert_close(x.apply(np.subtract, 10, x), [9, 8])
    assert_close(x.apply(np.subtract, [5, 6], [1, 1]), [4, 5])
    assert_close(x.apply(np.where, [True, False], x, -1), [1, -1])
    assert_close(x.apply(np.sum, [[1, 2], [3, 4]], axis=1), [3, 7])
    array = rng.standard_normal((2, 3, 4))
    assert_close(x.apply(np.max, array, axis=(0, 2), keepdims=True), array.max(axis=(0, 2), keepdims=True))


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.float32])
def test_a_float64_that_nobody_asked_for_becomes_float32(dtype):
    array = np.array([1, 4], dtype)
    assert_close(Tensor(array).apply(np.divide, array, 2), [0.5, 2], dtype=np.float32)
    assert_close(Tensor(array).apply(np.divide, array, np.float64(2)), [0.5, 2], dtype=np.float32)


@pytest.mark.parametrize(
    ("op", "values", "dtype"),
    [
        (np.add, np.array([1, 4]), int),
        (np.less, np.array([1.5, 4.5]), bool),
        (np.add, np.array([1, 4], np.float16), np.float16),
        (np.divide, np.array([1.0, 4.0]), np.float64),
    ],
)
def test_any_other_dtype_stays_as_the_operation_gave_it(op, values, dtype):
    assert_close(Tensor([1]).apply(op, values, 2), op(values, 2), dtype=dtype)
    if dtype == np.float64:
        assert_close(Tensor([1]).apply(np.sum, [1, 4], dtype=dtype), 5, dtype=dtype)


def test_the_result_is_a_tensor_of_the_class_of_self():
    x = Tensor([4, 9])
    assert type_name(x.apply(np.sqrt, x)) == "Tensor"
    assert type_name(x.apply(np.sum, x)) == "Tensor"
    assert what_apply_returns_in_a_class_Logged(Tensor) == "Logged"


def test_a_view_is_wrapped_and_not_copied():
    assert transposed_shares_memory(Tensor([[1, 2], [3, 4]])) is True
