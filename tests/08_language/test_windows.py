"""take gives windows of a text, and as targets the same windows one place further."""

import numpy as np
import pytest

from tinytorch.language import Windows
from tinytorch.tensor import manual_seed
from tinytorch.training import DataLoader
from tito.testing import assert_close, type_name


def test_targets_are_the_window_one_place_further():
    inputs, targets = Windows(np.arange(10, 20), 4).take(np.array([0, 3]))
    assert_close(inputs, [[10, 11, 12, 13], [13, 14, 15, 16]])
    assert_close(targets, [[11, 12, 13, 14], [14, 15, 16, 17]])


def test_the_last_window_ends_with_the_text():
    windows = Windows(np.arange(6), 4)
    assert len(windows) == 2
    inputs, targets = windows.take(np.array([1]))
    assert_close(inputs, [[1, 2, 3, 4]])
    assert_close(targets, [[2, 3, 4, 5]])


def test_both_are_tensors_of_whole_numbers():
    inputs, targets = Windows([5, 6, 7], 1).take(np.array([1]))
    assert (type_name(inputs), type_name(targets)) == ("Tensor", "Tensor")
    assert_close(inputs, [[6]], dtype=np.int64)
    assert_close(targets, [[7]], dtype=np.int64)


@pytest.mark.parametrize("length", [1, 8])
def test_it_is_right_anywhere_in_any_text(length, rng):
    ids, at = rng.integers(0, 50, 60), rng.integers(0, 60 - length, 7)
    inputs, targets = Windows(ids, length).take(at)
    assert_close(inputs, [ids[i : i + length] for i in at])
    assert_close(targets, [ids[i + 1 : i + length + 1] for i in at])


def test_a_loader_makes_batches_of_them():
    manual_seed(0)
    for inputs, targets in DataLoader(Windows(np.arange(30), 5), batch_size=6, drop_last=True):
        assert inputs.shape == targets.shape == (6, 5)
        assert_close(np.asarray(targets), np.asarray(inputs) + 1)
