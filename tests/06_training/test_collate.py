"""collate makes a batch of a list of samples: tensors are stacked, numbers gathered, and of pairs comes a pair."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import collate
from tito.testing import assert_close, raises, type_name


@pytest.mark.parametrize(
    ("samples", "dtype"),
    [
        ([7, 0, 4], int),
        ([0.5, 1, 2], np.float32),
        ([1, 0.5], np.float32),
        ([True, False], bool),
        ([np.float32(0.5), np.float32(2)], np.float32),
        ([np.float64(0.5), np.float64(2)], np.float32),
        ([np.uint8(3), np.uint8(250)], np.uint8),
    ],
)
def test_numbers_become_a_tensor(samples, dtype):
    batch = collate(samples)
    assert type_name(batch) == "Tensor"
    assert_close(batch, samples, dtype=dtype)


def test_tensors_are_stacked_along_a_new_first_axis(rng):
    assert_close(collate([Tensor([1, 2]), Tensor([3, 4]), Tensor([5, 6])]), [[1, 2], [3, 4], [5, 6]])
    assert_close(collate([Tensor(7), Tensor(8)]), [7, 8])
    arrays = rng.standard_normal((3, 1, 2, 4)).astype(np.float32)
    assert_close(collate([Tensor(array) for array in arrays]), arrays, dtype=np.float32)


def test_arrays_are_stacked_too_and_keep_their_dtype(rng):
    arrays = rng.integers(0, 9, (3, 2, 2))
    batch = collate(list(arrays))
    assert type_name(batch) == "Tensor"
    assert_close(batch, arrays, dtype=np.int64)
    assert_close(collate([np.array([0.5], np.float16)] * 2), [[0.5], [0.5]], dtype=np.float16)


def test_pairs_become_a_pair_of_batches():
    images, labels = collate([(Tensor([1, 2]), 7), (Tensor([3, 4]), 0)])
    assert_close(images, [[1, 2], [3, 4]], dtype=np.float32)
    assert_close(labels, [7, 0], dtype=int)
    assert isinstance(collate([(1, 2.5), (3, 4.5)]), tuple)
    assert isinstance(collate([[1, 2.5], [3, 4.5]]), tuple)


def test_tuples_may_be_nested_and_of_any_length():
    (a, (b, c)), (d,) = collate([(1, (2.5, True)), (3, (4.5, False))]), collate([(5,), (6,)])
    assert_close(a, [1, 3], dtype=int)
    assert_close(b, [2.5, 4.5], dtype=np.float32)
    assert_close(c, [True, False], dtype=bool)
    assert_close(d, [5, 6])


@pytest.mark.parametrize(("samples", "name"), [(["a", "b"], "str"), ([None, None], "NoneType"), ([(1, "a")], "str")])
def test_what_has_no_batch_is_refused_with_a_sentence(samples, name):
    with raises(TypeError, f"cannot make a batch of {name}"):
        collate(samples)
