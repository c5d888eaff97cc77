"""apply runs an operation on the arrays of its inputs and wraps what comes out, in the class of `self`."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, sizes, type_name


@on_student_side
def logged_root(Logged, data):
    return Logged(data).apply(np.sqrt, data)


@on_student_side
def root_of_a_Logged_by_a_Tensor(Logged, Tensor, data):
    return Tensor(0).apply(np.sqrt, Logged(data))


@on_student_side
def change_the_transpose_of(x, to):
    x.apply(np.transpose, x).array[1, 0] = to
    return x.array


def test_the_operation_runs_on_the_arrays(rng):
    x = Tensor([1, 4])
    assert_close(x.apply(np.sqrt, x), [1, 2])
    assert_close(x.apply(np.add, x, 10), [11, 14])
    assert_close(x.apply(np.add, x, Tensor([2, 3])), [3, 7])
    assert_close(x.apply(np.add, x, np.array([2, 3])), [3, 7])
    a, b = rng.uniform(1, 9, (2, *sizes(rng, 2)))
    assert_close(Tensor(a).apply(np.hypot, Tensor(a), Tensor(b)), np.hypot(a, b))
    assert_close(Tensor(a).apply(np.hypot, b, Tensor(a)), np.hypot(a, b))


def test_inputs_and_options_all_reach_the_operation(rng):
    x = Tensor([1, 2])
    assert_close(x.apply(np.subtract, 10, x), [9, 8])
    assert_close(x.apply(np.subtract, [5, 6], [1, 1]), [4, 5])
    assert_close(x.apply(np.where, [True, False], x, -1), [1, -1])
    assert_close(x.apply(np.sum, [[1, 2], [3, 4]], axis=1), [3, 7])
    assert_close(x.apply(np.sum, [[1, 2], [3, 4]], axis=0), [4, 6])
    array = rng.standard_normal(sizes(rng, 3))
    assert_close(x.apply(np.max, array, axis=(0, 2), keepdims=True), array.max(axis=(0, 2), keepdims=True))


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.float32])
def test_a_float64_that_nobody_asked_for_becomes_float32(dtype, rng):
    for array in (np.array([1, 4], dtype), rng.integers(1, 100, sizes(rng, 2)).astype(dtype)):
        assert_close(Tensor(array).apply(np.divide, array, 2), array / 2, dtype=np.float32)
        assert_close(Tensor(array).apply(np.divide, array, np.float64(2)), array / 2, dtype=np.float32)
        assert_close(Tensor(array).apply(np.divide, 7, 2), 3.5, dtype=np.float32)


@pytest.mark.parametrize(
    ("op", "values", "dtype"),
    [
        (np.add, np.array([1, 4]), int),
        (np.less, np.array([1.5, 4.5]), bool),
        (np.add, np.array([1, 4], np.float16), np.float16),
        (np.divide, np.array([1.0, 4.0]), np.float64),
    ],
)
def test_any_other_dtype_stays_as_the_operation_gave_it(op, values, dtype, rng):
    drawn = rng.integers(1, 100, sizes(rng, 2)).astype(values.dtype)
    for array in (values, drawn):
        assert_close(Tensor([1]).apply(op, array, 2), op(array, 2), dtype=dtype)
        assert_close(Tensor([1]).apply(op, 2, Tensor(array)), op(2, array), dtype=dtype)
    if dtype == np.float64:
        assert_close(Tensor([1]).apply(np.sum, [1, 4], dtype=dtype), 5, dtype=dtype)
        assert_close(Tensor([1]).apply(np.sum, drawn.tolist(), dtype="float64"), drawn.sum(), dtype=dtype)


def test_the_result_is_a_tensor_of_the_class_of_self(rng):
    x = Tensor([4, 9])
    assert type_name(x.apply(np.sqrt, x)) == "Tensor"
    assert type_name(x.apply(np.sum, x)) == "Tensor"
    data = rng.uniform(1, 9, sizes(rng, 1))
    names, kind, values = logged(logged_root, Tensor, data)
    assert (names, kind) == (["sqrt"], "Logged")
    assert_close(values, np.sqrt(data))
    names, kind, values = logged(root_of_a_Logged_by_a_Tensor, Tensor, Tensor, data)
    assert (names, kind) == ([], "Tensor")
    assert_close(values, np.sqrt(data))


def test_a_view_is_wrapped_and_not_copied(rng):
    assert_close(change_the_transpose_of(Tensor([[1, 2], [3, 4]]), 7), [[1, 7], [3, 4]])
    array = rng.standard_normal(sizes(rng, 2))
    changed = array.copy()
    changed[0, 1] = rng.standard_normal()
    assert_close(change_the_transpose_of(Tensor(array), changed[0, 1]), changed)
