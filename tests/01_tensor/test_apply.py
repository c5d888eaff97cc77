"""apply runs an operation on the arrays of its inputs and wraps what comes out, in the class of `self`."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, beside, type_name


@beside
def type_from_a_subclass(Tensor):
    class Logged(Tensor):
        pass

    x = Logged([4, 9])
    return type(x.apply(np.sqrt, x)).__name__


@beside
def transposed_shares_memory(x):
    return np.shares_memory(x.apply(np.transpose, x).data, x.data)


def test_the_operation_runs_on_the_arrays():
    x = Tensor([1, 4])
    assert_close(x.apply(np.sqrt, x), [1, 2])
    assert_close(x.apply(np.add, x, 10), [11, 14])
    assert_close(x.apply(np.add, x, Tensor([2, 3])), [3, 7])
    assert_close(x.apply(np.add, x, np.array([2, 3])), [3, 7])


def test_the_inputs_are_all_given_and_in_order():
    x = Tensor([1, 2])
    assert_close(x.apply(np.subtract, 10, x), [9, 8])
    assert_close(x.apply(np.subtract, Tensor([5, 6]), Tensor([1, 1])), [4, 5])
    assert_close(x.apply(np.where, Tensor([True, False]), x, -1), [1, -1])


def test_options_reach_the_operation(rng):
    x = Tensor([[1, 2], [3, 4]])
    assert_close(x.apply(np.sum, x, axis=1), [3, 7])
    array = rng.standard_normal((2, 3, 4))
    x = Tensor(array)
    assert_close(x.apply(np.max, x, axis=(0, 2), keepdims=True), array.max(axis=(0, 2), keepdims=True))


@pytest.mark.parametrize("array", [np.array([1, 4]), np.array([1, 4], np.uint16), np.array([1, 4], np.float32)])
def test_a_float64_that_nobody_asked_for_becomes_float32(array):
    x = Tensor(array)
    assert_close(x.apply(np.divide, x, x), [1, 1], dtype=np.float32)
    assert_close(x.apply(np.divide, x, 2.0), [0.5, 2], dtype=np.float32)


def test_any_other_dtype_stays_as_the_operation_gave_it():
    x = Tensor(np.array([1, 4]))
    assert_close(x.apply(np.add, x, x), [2, 8], dtype=np.int64)
    assert_close(x.apply(np.less, x, 2), [True, False], dtype=bool)
    half = Tensor(np.array([1, 4], np.float16))
    assert_close(half.apply(np.sqrt, half), [1, 2], dtype=np.float16)
    double = Tensor(np.array([1.0, 4.0]))
    assert_close(double.apply(np.sqrt, double), [1, 2], dtype=np.float64)
    assert_close(x.apply(np.add, x, np.array([0.5, 0.5])), [1.5, 4.5], dtype=np.float64)
    assert_close(x.apply(np.sum, x, dtype=np.float64), 5, dtype=np.float64)


def test_the_result_is_a_tensor_of_the_class_of_self():
    x = Tensor([4, 9])
    assert type_name(x.apply(np.sqrt, x)) == "Tensor"
    assert type_name(x.apply(np.sum, x)) == "Tensor"
    assert type_from_a_subclass(Tensor) == "Logged"


def test_a_view_is_wrapped_and_not_copied():
    assert transposed_shares_memory(Tensor([[1, 2], [3, 4]])) is True
