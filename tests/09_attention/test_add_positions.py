"""Positions adds a learnt row to each place."""

import numpy as np
import pytest

from tinytorch.attention import Positions
from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def what_rows_learn(x, grad, length):
    layer = Positions(length, x.shape[-1])
    leaf = Tensor(x, requires_grad=True)
    layer(leaf).backward(Tensor(grad))
    return layer.table.weight.grad, leaf.grad


def agree(rng, longest, n):
    layer, x = Positions(longest, 3), rng.standard_normal((2, n, 3)).astype(np.float32)
    layer.table.weight.array[...] = rng.standard_normal((longest, 3))
    assert_close(layer(Tensor(x)), x + np.asarray(layer.table.weight)[:n], dtype=np.float32)


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@pytest.mark.parametrize("n", [1, 4, 6])
def test_each_place_gets_its_row_in_every_sample(n, rng):
    agree(rng, 6, n)


def test_a_sequence_that_is_too_long_is_refused_with_both_numbers(rng):
    with raises(ValueError, "7", "6"):
        Positions(6, 3)(Tensor(np.zeros((1, 7, 3), np.float32)))
    longest = int(rng.integers(20, 60))
    with raises(ValueError, f"{longest + 3}", f"{longest}"):
        Positions(longest, 3)(Tensor(np.zeros((1, longest + 3, 3), np.float32)))
    agree(rng, longest, longest)


def test_a_table_of_one_row_is_not_stretched(rng):
    with raises(ValueError, "3", "1"):
        Positions(1, 4)(Tensor(np.zeros((2, 3, 4), np.float32)))
    with raises(ValueError, "2", "1"):
        Positions(1, 4)(Tensor(np.zeros((2, 2, 4), np.float32)))
    agree(rng, 1, 1)


def test_the_rows_learn(rng):
    layer = Positions(4, 2)
    layer(Tensor(np.zeros((3, 2, 2), np.float32))).sum().backward()
    assert_close(layer.table.weight.grad, [[3, 3], [3, 3], [0, 0], [0, 0]])
    x, grad = rng.standard_normal((2, 3, 4, 2)).astype(np.float32)
    by_rows, by_x = what_rows_learn(x, grad, 6)
    assert_close(by_rows, np.concatenate([grad.sum(0), np.zeros((2, 2))]), atol=1e-5)
    assert_close(by_x, grad)
