"""mean_nats measures how surprised a table is by a text."""

import math

import numpy as np
import pytest

from tinytorch.language import mean_nats
from tito.testing import assert_close, type_name


def test_a_guess_among_27_is_log_27():
    assert_close(mean_nats(np.full((27, 27), 1 / 27), [0, 5, 3, 26, 0]), math.log(27))


def test_it_is_the_mean_of_minus_log_at_each_pair():
    table = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert_close(mean_nats(table, [0, 1, 0]), (math.log(2) + math.log(4)) / 2)
    assert_close(mean_nats(table, [1, 1]), -math.log(0.75))


def test_what_was_certain_costs_nothing():
    assert_close(mean_nats(np.array([[0.0, 1.0], [1.0, 0.0]])[:, :], [0, 1, 0, 1]), 0)


def test_it_is_a_python_number():
    assert type_name(mean_nats(np.full((2, 2), 0.5), [0, 1])) == "float"


@pytest.mark.parametrize("size", [2, 9])
def test_it_is_right_for_any_table_and_text(size, rng):
    table = rng.dirichlet(np.ones(size), size)
    ids = rng.integers(0, size, 50)
    expected = np.mean([-math.log(table[i, j]) for i, j in zip(ids, ids[1:])])
    assert_close(mean_nats(table, ids), expected)
