"""Positions adds a learnt row to each place."""

import numpy as np
import pytest

from tinytorch.attention import Positions
from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, raises


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@pytest.mark.parametrize("n", [1, 4, 6])
def test_each_place_gets_its_row_in_every_sample(n, rng):
    layer, x = Positions(6, 3), rng.standard_normal((2, n, 3)).astype(np.float32)
    assert_close(layer(Tensor(x)), x + np.asarray(layer.table.weight)[:n])


def test_a_sequence_that_is_too_long_is_refused_with_both_numbers():
    with raises(ValueError, "7", "6"):
        Positions(6, 3)(Tensor(np.zeros((1, 7, 3), np.float32)))


def test_a_table_of_one_row_is_not_stretched():
    with raises(ValueError, "3", "1"):
        Positions(1, 4)(Tensor(np.zeros((2, 3, 4), np.float32)))


def test_the_rows_learn():
    layer = Positions(4, 2)
    layer(Tensor(np.zeros((3, 2, 2), np.float32))).sum().backward()
    assert_close(layer.table.weight.grad, [[3, 3], [3, 3], [0, 0], [0, 0]])
