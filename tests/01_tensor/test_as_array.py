"""as_array makes a new array of numbers from whatever holds numbers, and refuses the rest with a sentence."""

import numpy as np
import pytest

from tinytorch.tensor import as_array
from tito.testing import assert_close, on_student_side, raises, sizes

KINDS = [bool, np.int8, np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64]


@on_student_side
def change_the_array_of(as_array, data, dtype=None):
    array = as_array(data, dtype)
    was = array.copy()
    array[...] = 7
    return was, data


def drawn(rng, dtype, shape):
    """Random numbers of a kind, with more digits than a float32 has where there is room for them."""
    most = 1 << 40 if np.dtype(dtype).itemsize == 8 else 100
    return rng.integers(0, most, shape).astype(dtype)


@pytest.mark.parametrize("data", [[1, 2], 3, 2.5, [[1, 2], [3, 4]], [0.5, 2], [True, 2], [1, 0], (1, 2), []])
def test_python_numbers_and_lists_of_them_become_float32(data, rng):
    assert_close(as_array(data), data, dtype=np.float32)
    whole, parts = rng.integers(2, 100, sizes(rng, 2)), rng.uniform(-9, 9, sizes(rng, 3))
    for array in (whole, parts):
        assert_close(as_array(array.tolist()), array, dtype=np.float32)
        assert_close(as_array(array.flat[0].item()), array.flat[0], dtype=np.float32)


@pytest.mark.parametrize("data", [[True, False], [[True], [False]], True, np.array([1, 2]), np.array([1.5])])
def test_bools_and_what_comes_from_numpy_keep_their_dtype(data, rng):
    assert_close(as_array(data), data, dtype=np.asarray(data).dtype)
    bools = rng.random((4, 7)) < 0.5
    assert_close(as_array(bools.tolist()), bools, dtype=bool)
    for dtype in KINDS:
        array = drawn(rng, dtype, sizes(rng, 2))
        assert_close(as_array(array), array, dtype=dtype, rtol=0)
        assert_close(as_array(array[:0]), array[:0], dtype=dtype)
        assert_close(as_array(array[0, 0]), array[0, 0], dtype=dtype)


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
def test_a_given_dtype_overrides_the_rest(data, dtype, rng):
    assert_close(as_array(data, dtype=dtype), data, dtype=dtype)
    for kind in rng.permutation(KINDS[1:]):
        array = rng.integers(0, 100, sizes(rng, 2)).astype(kind)
        assert_close(as_array(array, dtype), array.astype(dtype), dtype=dtype)
        assert_close(as_array(array.tolist(), dtype), array.astype(dtype), dtype=dtype)


@pytest.mark.parametrize("dtype", [None, np.float32])
def test_the_array_is_new_memory(dtype, rng):
    array = rng.integers(0, 100, sizes(rng, 2)).astype(np.float32)
    for data in (np.array([1, 2], np.float32), np.array(3, np.float32), array):
        made, after = change_the_array_of(as_array, data, dtype)
        assert_close(made, data)
        assert_close(after, data)


@pytest.mark.parametrize("data", [[[1, 2], [3]], [1, [2, 3]], [[[1], [2]], [[3]]]])
def test_ragged_data_is_refused_with_a_sentence(data, rng):
    with raises(ValueError, "cannot make a tensor of ragged data: the rows have different lengths"):
        as_array(data)
    rows = rng.integers(0, 100, sizes(rng, 2)).tolist()
    assert_close(as_array(rows), rows)
    with raises(ValueError, "cannot make a tensor of ragged data: the rows have different lengths"):
        as_array([*rows, rows[0][1:]], np.float32)


@pytest.mark.parametrize("dtype", [None, np.float32])
@pytest.mark.parametrize(("data", "kind"), [("text", "str"), (["1", "2"], "str"), (None, "object")])
def test_what_is_not_numbers_is_refused_with_a_sentence(data, kind, dtype, rng):
    with raises(TypeError, f"a tensor holds numbers, not {kind}"):
        as_array(data, dtype)
    numbers = rng.integers(0, 100, 3).tolist()
    assert_close(as_array(numbers, dtype), numbers)
    with raises(TypeError, "a tensor holds numbers, not str"):
        as_array(list(map(str, numbers)), dtype)
