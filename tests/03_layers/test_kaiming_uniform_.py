"""kaiming_uniform_ fills a weight with uniform numbers of variance 2 / ((1 + a²) fan_in)."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Parameter, kaiming_uniform_
from tito.testing import assert_close, on_student_side


@on_student_side
def filled(kaiming_uniform_, Parameter, shape, rng):
    weight = Parameter(np.zeros(shape, np.float32))
    returned = kaiming_uniform_(weight, generator=rng)
    return returned is weight, weight.requires_grad, weight.is_leaf, bool((weight.array != 0).all()), str(weight.dtype)


@on_student_side
def largest_in(kaiming_uniform_, shape, rng, a=0):
    weight = kaiming_uniform_(Tensor.zeros(*shape), a, rng)
    return float(np.abs(weight.array).max())


@on_student_side
def same_numbers(kaiming_uniform_, seed, other_seed):
    generators = np.random.default_rng(seed), np.random.default_rng(other_seed)
    first, second = (kaiming_uniform_(Tensor.zeros(2, 3), generator=generator) for generator in generators)
    return first.tolist() == second.tolist()


def test_the_numbers_are_spread_evenly_up_to_the_bound(rng):
    assert_close(largest_in(kaiming_uniform_, (4000, 6), rng), 1, rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (1000, 24), rng), 0.5, rtol=0.01)
    values = kaiming_uniform_(Tensor.zeros(4000, 6), generator=rng).array
    assert_close(values.mean(), 0, atol=0.02)
    assert_close(values.var(), 1 / 3, rtol=0.03)


def test_the_fan_in_is_the_number_of_inputs_on_all_axes_but_the_first(rng):
    assert_close(largest_in(kaiming_uniform_, (6, 3000), rng), math.sqrt(6 / 3000), rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (100, 6, 2, 2), rng), 0.5, rtol=0.01)
    assert_close(largest_in(kaiming_uniform_, (300, 6, 4), rng), 0.5, rtol=0.01)


@pytest.mark.parametrize("a", [1, math.sqrt(5), 0.5])
def test_a_slope_below_zero_makes_the_bound_smaller(a, rng):
    assert_close(largest_in(kaiming_uniform_, (4000, 6), rng, a=a), 1 / math.sqrt(1 + a * a), rtol=0.01)


def test_the_weight_itself_is_filled_and_returned(rng):
    assert filled(kaiming_uniform_, Parameter, (20, 6), rng) == (True, True, True, True, "float32")


def test_the_generator_decides():
    assert same_numbers(kaiming_uniform_, 5, 5) is True
    assert same_numbers(kaiming_uniform_, 5, 6) is False
