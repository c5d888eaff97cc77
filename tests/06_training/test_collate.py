"""collate makes a batch of a list of samples: tensors are stacked, numbers gathered, and of pairs comes a pair."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import collate
from tito.testing import assert_close, raises, type_name


def drawn(dtype, rng):
    """Samples that are numbers and whose batch has this dtype."""
    numbers = rng.integers(0, 200, rng.integers(3, 7))
    if dtype is bool:
        return (rng.integers(0, 2, 12) == 1).tolist()
    if dtype is np.float32:
        return (numbers / 8).tolist()
    return numbers.tolist() if dtype is int else list(numbers.astype(dtype))


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
        ([np.float16(0.5), np.float16(2)], np.float16),
        ([5], int),
        ([0, 0, 0], int),
    ],
)
def test_numbers_become_a_tensor(samples, dtype, rng):
    for numbers in (samples, drawn(dtype, rng)):
        batch = collate(numbers)
        assert type_name(batch) == "Tensor"
        assert_close(batch, numbers, dtype=dtype)


def test_tensors_are_stacked_along_a_new_first_axis(rng):
    assert_close(collate([Tensor([1, 2]), Tensor([3, 4]), Tensor([5, 6])]), [[1, 2], [3, 4], [5, 6]])
    assert_close(collate([Tensor(7), Tensor(8)]), [7, 8])
    arrays = rng.standard_normal((3, 1, 2, 4)).astype(np.float32)
    assert_close(collate([Tensor(array) for array in arrays]), arrays, dtype=np.float32)
    assert_close(collate([Tensor(arrays[0])]), arrays[:1], dtype=np.float32)


def test_arrays_are_stacked_too_and_keep_their_dtype(rng):
    arrays = rng.integers(0, 9, (3, 2, 2))
    batch = collate(list(arrays))
    assert type_name(batch) == "Tensor"
    assert_close(batch, arrays, dtype=np.int64)
    assert_close(collate([np.array([0.5], np.float16)] * 2), [[0.5], [0.5]], dtype=np.float16)


def test_pairs_become_a_pair_of_batches(rng):
    images, labels = collate([(Tensor([1, 2]), 7), (Tensor([3, 4]), 0)])
    assert_close(images, [[1, 2], [3, 4]], dtype=np.float32)
    assert_close(labels, [7, 0], dtype=int)
    assert isinstance(collate([(1, 2.5), (3, 4.5)]), tuple)
    assert isinstance(collate([[1, 2.5], [3, 4.5]]), tuple)
    arrays, classes = rng.standard_normal((4, 2, 3)).astype(np.float32), rng.integers(0, 99, 4)
    for kind in (tuple, list):
        batch = collate([kind([Tensor(array), int(label)]) for array, label in zip(arrays, classes)])
        assert isinstance(batch, tuple) and len(batch) == 2
        assert_close(batch[0], arrays, dtype=np.float32)
        assert_close(batch[1], classes, dtype=int)


def test_tuples_may_be_nested_and_of_any_length(rng):
    (a, (b, c)), (d,) = collate([(1, (2.5, True)), (3, (4.5, False))]), collate([(5,), (6,)])
    assert_close(a, [1, 3], dtype=int)
    assert_close(b, [2.5, 4.5], dtype=np.float32)
    assert_close(c, [True, False], dtype=bool)
    assert_close(d, [5, 6])
    numbers = rng.integers(0, 99, (3, 4)).tolist()
    (a,), b, (c, d) = collate([((p,), q / 2, [r, s]) for p, q, r, s in numbers])
    for found, expected, scale in zip((a, b, c, d), zip(*numbers), (1, 2, 1, 1)):
        assert_close(found, np.array(expected) / scale)


def test_samples_of_different_lengths_are_refused(rng):
    with raises(ValueError):
        collate([(1, 2), (3,)])
    with raises(ValueError):
        collate([(1,), (2, 3)])
    numbers = rng.integers(0, 99, (5, 3)).tolist()
    for found, expected in zip(collate([tuple(sample) for sample in numbers]), zip(*numbers), strict=True):
        assert_close(found, expected)
    numbers[rng.integers(1, 5)].append(1)
    with raises(ValueError):
        collate([tuple(sample) for sample in numbers])


@pytest.mark.parametrize(("samples", "name"), [(["a", "b"], "str"), ([None, None], "NoneType"), ([(1, "a")], "str")])
def test_what_has_no_batch_is_refused_with_a_sentence(samples, name, rng):
    with raises(TypeError, f"cannot make a batch of {name}"):
        collate(samples)
    numbers = rng.integers(0, 99, 5).tolist()
    with raises(TypeError, f"cannot make a batch of {name}"):
        collate([(number, sample) for number, sample in zip(numbers, samples * 3)])
    assert_close(collate(numbers), numbers)
