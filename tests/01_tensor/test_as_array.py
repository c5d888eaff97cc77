"""as_array makes a new array of numbers from whatever holds numbers, and refuses the rest with a sentence."""

import numpy as np
import pytest

from tinytorch.tensor import as_array
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def change_the_array_of(as_array, data, dtype=None):
    as_array(data, dtype)[...] = 7
    return data


@pytest.mark.parametrize("data", [[1, 2], 3, 2.5, [[1, 2], [3, 4]], [0.5, 2], [True, 2], []])
def test_python_numbers_and_lists_of_them_become_float32(data):
    assert_close(as_array(data), data, dtype=np.float32)


@pytest.mark.parametrize("data", [[True, False], True, np.array([1, 2]), np.array([1.5]), np.float64(2), np.uint8(3)])
def test_bools_and_what_comes_from_numpy_keep_their_dtype(data):
    assert_close(as_array(data), data, dtype=np.asarray(data).dtype)


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1, 2], np.int8),
        ([1, 0], bool),
        ([True, False], np.float32),
        (2, "float64"),
        (np.array([1.5, 2.5]), "float32"),
        (np.float64(0.5), np.float16),
    ],
)
def test_a_given_dtype_overrides_the_rest(data, dtype):
    assert_close(as_array(data, dtype=dtype), data, dtype=dtype)


@pytest.mark.parametrize("dtype", [None, np.float32])
def test_the_array_is_new_memory(dtype):
    data = np.array([1, 2], np.float32)
    assert_close(change_the_array_of(as_array, data, dtype), [1, 2])


@pytest.mark.parametrize("data", [[[1, 2], [3]], [1, [2, 3]], [[[1], [2]], [[3]]]])
def test_ragged_data_is_refused_with_a_sentence(data):
    with raises(ValueError, "cannot make a tensor of ragged data: the rows have different lengths"):
        as_array(data)


@pytest.mark.parametrize("dtype", [None, np.float32])
@pytest.mark.parametrize(("data", "kind"), [("text", "str"), (["1", "2"], "str"), (None, "object")])
def test_what_is_not_numbers_is_refused_with_a_sentence(data, kind, dtype):
    with raises(TypeError, f"a tensor holds numbers, not {kind}"):
        as_array(data, dtype)
