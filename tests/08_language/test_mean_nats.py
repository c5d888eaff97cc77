"""mean_nats measures how surprised a table is by a text."""

import math

import numpy as np
import pytest

from tinytorch.language import mean_nats
from tito.testing import assert_close, type_name


def agree(rng, size, length=50):
    table, ids = rng.dirichlet(np.ones(size), size), rng.integers(0, size, length)
    expected = np.mean([-math.log(table[i, j]) for i, j in zip(ids, ids[1:])])
    assert_close(mean_nats(table, ids), expected)
    assert_close(mean_nats(table, ids.tolist()), expected)


def test_a_guess_among_27_is_log_27(rng):
    assert_close(mean_nats(np.full((27, 27), 1 / 27), [0, 5, 3, 26, 0]), math.log(27))
    size = int(rng.integers(3, 99))
    assert_close(mean_nats(np.full((size, size), 1 / size), rng.integers(0, size, 9)), math.log(size))


def test_it_is_the_mean_of_minus_log_at_each_pair(rng):
    table = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert_close(mean_nats(table, [0, 1, 0]), (math.log(2) + math.log(4)) / 2)
    assert_close(mean_nats(table, [1, 1]), -math.log(0.75))
    agree(rng, 4, length=2)
    agree(rng, 4, length=7)


def test_what_was_certain_costs_nothing(rng):
    assert_close(mean_nats(np.array([[0.0, 1.0], [1.0, 0.0]])[:, :], [0, 1, 0, 1]), 0)
    share = rng.uniform(0.1, 0.9)
    table = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [share, 1 - share, 0.0]])
    assert_close(mean_nats(table, [0, 1, 2, 0, 1, 2, 0, 1]), -2 * math.log(share) / 7)


def test_it_is_a_python_number(rng):
    assert type_name(mean_nats(np.full((2, 2), 0.5), [0, 1])) == "float"
    table = rng.dirichlet(np.ones(3), 3)
    found = mean_nats(table, [0, 1])
    assert type_name(found) == "float"
    assert_close(found, -math.log(table[0, 1]))


@pytest.mark.parametrize("size", [2, 9])
def test_it_is_right_for_any_table_and_text(size, rng):
    agree(rng, size)
