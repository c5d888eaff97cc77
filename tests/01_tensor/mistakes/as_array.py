# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "as_array",
    "Of Python numbers NumPy makes int64 and float64, and that is what you return. A Python list did not choose a "
    "dtype, so here it becomes float32; only what comes from NumPy, and bools, keep theirs.",
)
def keeps_what_numpy_chose(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        dtype = array.dtype
    return array.astype(dtype)


@mistake(
    "as_array",
    "Without `dtype` you make float32 of everything. Someone who hands over an array has chosen its dtype already, "
    "and True and False are not measurements: look at the table again.",
)
def makes_everything_float32(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        dtype = np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "You narrow every float64 to float32 and leave the rest. The array's dtype alone cannot tell a Python list from "
    "an array that was float64 on purpose, and Python integers should become float32 too. Ask what `data` is.",
)
def goes_by_the_dtype_alone(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        dtype = np.float32 if array.dtype == np.float64 else array.dtype
    return array.astype(dtype)


@mistake(
    "as_array",
    "Bools are lost: [True, False] became numbers. They are a row of the table of their own.",
)
def forgets_the_bools(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        dtype = array.dtype if isinstance(data, (np.ndarray, np.generic)) else np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "Arrays keep their dtype, but a single NumPy number such as np.float64(2) does not: it is an np.generic, "
    "not an np.ndarray.",
)
def forgets_numpy_numbers(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        keep = isinstance(data, np.ndarray) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "The array that you return is, or shares memory with, the one that came in: whoever writes into one changes the "
    "other. np.asarray, and astype(copy=False), hand back what they got if there is nothing to convert.",
)
def shares_the_memory(data, dtype=None):
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        keep = isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype, copy=False)


@mistake(
    "as_array",
    "The array that you return is, or shares memory with, the one that came in: whoever writes into one changes the "
    "other. np.asarray, and astype(copy=False), hand back what they got if there is nothing to convert.",
)
def returns_an_array_as_it_came(data, dtype=None):
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtype):
        return data
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        keep = isinstance(data, np.generic) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "Ragged lists still end in NumPy's own message about an inhomogeneous shape. Catch that ValueError where it "
    "arises, and raise the one with the sentence.",
)
def leaves_ragged_data_to_numpy(data, dtype=None):
    array = np.array(data)
    _check_numbers(array)
    if dtype is None:
        keep = isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "Nothing asks whether the array holds numbers, so text and other objects get through, or fail later with a "
    "message from NumPy. `_check_numbers` is there for that.",
)
def lets_text_in(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    if dtype is None:
        keep = isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "With `dtype` given, text is called ragged: np.array(data, dtype) raises a ValueError for both. Make the array "
    "first, look at it, and convert at the end.",
)
def calls_text_ragged(data, dtype=None):
    try:
        array = np.array(data, dtype)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)) and array.dtype != bool:
        array = array.astype(np.float32)
    return array


@mistake(
    "as_array",
    "`dtype` is used only where the input has no dtype of its own. It should win over all other rows of the table.",
)
def numpy_wins_over_dtype(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool:
        return array
    return array.astype(dtype or np.float32)


@mistake(
    "as_array",
    "`np.asarray` gives back the very array that came in. Whoever changes the result then changes the data too: `np.array` "
    "copies.",
)
def keeps_the_array_that_came_in(data, dtype=None):
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None:
        if isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool:
            return array
        dtype = np.float32
    return array.astype(dtype)


@mistake(
    "as_array",
    "Without a `dtype`, everything becomes float32. Bools stay bools, and what comes from NumPy keeps its dtype: see the "
    "table. And ragged data needs a sentence of its own.",
)
def makes_everything_float32_and_lets_numpy_complain(data, dtype=None):
    array = np.array(data)
    _check_numbers(array)
    return array.astype(np.float32 if dtype is None else dtype)


@mistake(
    "as_array",
    "Two things. Bools become float32: what is all bools stays so. And with `dtype`, `np.array` raises a ValueError for "
    "text too, which you then call ragged: convert at the end, by `astype`.",
)
def hands_on_the_dtype_and_forgets_the_bools(data, dtype=None):
    try:
        array = np.array(data, dtype=dtype)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)):
        array = array.astype(np.float32)
    return array


@right("as_array")
def row_by_row_of_the_table(data, dtype=None):
    try:
        array = np.array(data)
    except ValueError:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from None
    _check_numbers(array)
    if dtype is not None:
        return array.astype(dtype)
    if isinstance(data, np.ndarray):
        return array
    if isinstance(data, np.generic):
        return array
    if array.dtype == np.bool_:
        return array
    return array.astype("float32")


@right("as_array")
def asks_whether_it_has_a_dtype(data, dtype=None):
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ValueError("cannot make a tensor of ragged data: the rows have different lengths") from error
    _check_numbers(array)
    chosen = getattr(data, "dtype", np.dtype("float32"))
    if array.dtype.kind == "b":
        chosen = array.dtype
    return np.array(array, dtype=dtype or chosen, copy=True)
