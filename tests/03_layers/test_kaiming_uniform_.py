"""kaiming_uniform_ fills a weight with uniform numbers of variance 2 / ((1 + a²) fan_in)."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor, rand
from tinytorch.layers import Parameter, kaiming_uniform_
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side


@on_student_side
def filled(kaiming_uniform_, Parameter, shape, rng):
    weight = Parameter(np.zeros(shape, np.float32))
    returned = kaiming_uniform_(weight, generator=rng)
    kept = returned is weight, weight.requires_grad, weight.is_leaf, str(weight.dtype)
    return kept, np.abs(weight.array).min(axis=1) > 0


@on_student_side
def largest_in(kaiming_uniform_, shape, rng, a=0):
    weight = kaiming_uniform_(Tensor.zeros(*shape), a, rng)
    return float(np.abs(weight.array).max())


@on_student_side
def numbers(kaiming_uniform_, shape, seeds):
    """A weight filled from a generator of each seed."""
    return [kaiming_uniform_(Tensor.zeros(*shape), generator=np.random.default_rng(seed)).array for seed in seeds]


@on_student_side
def numbers_of_the_course(kaiming_uniform_, shape, seeds):
    """A weight filled for each seed of the default generator."""
    weights = []
    for seed in seeds:
        manual_seed(seed)
        weights.append(kaiming_uniform_(Tensor.zeros(*shape)).array)
    return weights


@on_student_side
def drawn_after(kaiming_uniform_, seed, generator):
    """What the default generator gives next, after a weight was filled from another one."""
    manual_seed(seed)
    kaiming_uniform_(Tensor.zeros(4, 4), generator=generator)
    return rand(3).array


def test_the_numbers_are_spread_evenly_up_to_the_bound(rng):
    assert_close(largest_in(kaiming_uniform_, (4000, 6), rng), 1, rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (1000, 24), rng), 0.5, rtol=0.01)
    values = kaiming_uniform_(Tensor.zeros(4000, 6), generator=rng).array
    assert_close(values.mean(), 0, atol=0.02)
    assert_close(values.var(), 1 / 3, rtol=0.03)
    fan_in = int(rng.integers(7, 500))
    assert_close(largest_in(kaiming_uniform_, (9000 // fan_in, fan_in), rng), math.sqrt(6 / fan_in), rtol=0.01)


def test_the_fan_in_is_the_number_of_inputs_on_all_axes_but_the_first(rng):
    assert_close(largest_in(kaiming_uniform_, (6, 3000), rng), math.sqrt(6 / 3000), rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (100, 6, 2, 2), rng), 0.5, rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (300, 6, 4), rng), 0.5, rtol=0.01)
    into, rows, columns = rng.integers(2, 9, 3).tolist()
    bound = math.sqrt(6 / (into * rows * columns))
    assert_close(largest_in(kaiming_uniform_, (1000, into, rows, columns), rng), bound, rtol=0.01)


@pytest.mark.parametrize("a", [1, math.sqrt(5), 0.5])
def test_a_slope_below_zero_makes_the_bound_smaller(a, rng):
    assert_close(largest_in(kaiming_uniform_, (4000, 6), rng, a=a), 1 / math.sqrt(1 + a * a), rtol=0.01)
    slope, fan_in = rng.uniform(0.3, 3), int(rng.integers(7, 99))
    bound = math.sqrt(6 / fan_in / (1 + slope**2))
    assert_close(largest_in(kaiming_uniform_, (1000, fan_in), rng, a=slope), bound, rtol=0.01)


def test_the_weight_itself_is_filled_and_returned(rng):
    outputs = int(rng.integers(2, 99))
    kept, rows = filled(kaiming_uniform_, Parameter, (outputs, 6), rng)
    assert kept == (True, True, True, "float32")
    assert_close(rows, np.ones(outputs, bool))


def test_the_generator_decides(rng):
    shape, (one, other) = rng.integers(2, 20, 2).tolist(), rng.choice(10**6, 2, replace=False).tolist()
    first, second, third = numbers(kaiming_uniform_, shape, [one, other, one])
    assert first.shape == tuple(shape)
    assert_close(first, third)
    assert bool((first == second).any()) is False
    first, second, third = numbers_of_the_course(kaiming_uniform_, shape, [one, other, one])
    assert first.shape == tuple(shape)
    assert_close(first, third)
    assert bool((first == second).any()) is False
    expected = np.random.default_rng(one).random(3, np.float32)
    assert_close(drawn_after(kaiming_uniform_, one, rng), expected)
