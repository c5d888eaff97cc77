"""take gives windows of a text, and as targets the same windows one place further."""

import numpy as np
import pytest

from tinytorch.language import Windows
from tinytorch.tensor import manual_seed
from tinytorch.training import DataLoader
from tito.testing import assert_close, type_name


def agree(rng, length, size=60, count=7):
    ids, at = rng.integers(0, 50, size), rng.integers(0, size - length, count)
    inputs, targets = Windows(ids, length).take(at)
    assert_close(inputs, [ids[i : i + length] for i in at], dtype=np.int64)
    assert_close(targets, [ids[i + 1 : i + length + 1] for i in at], dtype=np.int64)


def test_targets_are_the_window_one_place_further(rng):
    inputs, targets = Windows(np.arange(10, 20), 4).take(np.array([0, 3]))
    assert_close(inputs, [[10, 11, 12, 13], [13, 14, 15, 16]])
    assert_close(targets, [[11, 12, 13, 14], [14, 15, 16, 17]])
    agree(rng, int(rng.integers(2, 9)))


def test_the_last_window_ends_with_the_text(rng):
    windows = Windows(np.arange(6), 4)
    assert len(windows) == 2
    inputs, targets = windows.take(np.array([1]))
    assert_close(inputs, [[1, 2, 3, 4]])
    assert_close(targets, [[2, 3, 4, 5]])
    ids, length = rng.integers(0, 50, 20), int(rng.integers(2, 9))
    inputs, targets = Windows(ids, length).take(np.array([20 - length - 1]))
    assert_close(inputs, [ids[-length - 1 : -1]])
    assert_close(targets, [ids[-length:]])


def test_both_are_tensors_of_whole_numbers(rng):
    for ids in ([5, 6, 7], rng.integers(0, 50, 3).tolist()):
        inputs, targets = Windows(ids, 1).take(np.array([1]))
        assert (type_name(inputs), type_name(targets)) == ("Tensor", "Tensor")
        assert_close(inputs, [[ids[1]]], dtype=np.int64)
        assert_close(targets, [[ids[2]]], dtype=np.int64)


@pytest.mark.parametrize("length", [1, 8])
def test_it_is_right_anywhere_in_any_text(length, rng):
    agree(rng, length)


def test_a_loader_makes_batches_of_them(rng):
    manual_seed(0)
    for inputs, targets in DataLoader(Windows(np.arange(30), 5), batch_size=6, drop_last=True):
        assert inputs.shape == targets.shape == (6, 5)
        assert_close(np.asarray(targets), np.asarray(inputs) + 1)
    ids = rng.integers(0, 50, 18)
    batches = list(DataLoader(Windows(ids, 5), batch_size=6))
    assert_close(np.concatenate([inputs for inputs, _ in batches]), [ids[i : i + 5] for i in range(13)])
    assert_close(np.concatenate([targets for _, targets in batches]), [ids[i + 1 : i + 6] for i in range(13)])
