"""start_values lets a model begin as GPT-2 does: biases 0, small matrices, smaller ones where many are added up."""

import math

import numpy as np
import pytest

from tinytorch.gpt import GPT, start_values
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@on_student_side
def values(layers, features=32, before=7):
    """All parameters of a GPT, by name, after start_values on a model in which all were something else."""
    model = GPT(50, 16, features, 2, layers)
    for parameter in model.parameters():
        parameter.array[...] = before
    start_values(model, layers)
    return {name: parameter.numpy() for name, parameter in model.named_parameters()}


@on_student_side
def keeps_its_parameters(value):
    """Whether each can have a gradient, and what is in them once the first of each is set in those that were there before."""
    model = GPT(20, 8, 8, 2, 1)
    before = list(model.parameters())
    start_values(model, 1)
    for parameter in before:
        parameter.array.flat[0] = value
    return [[parameter.requires_grad, float(parameter.array.flat[0])] for parameter in model.parameters()]


def drawn_width(rng):
    return 8 * int(rng.integers(4, 10))


def deviation(arrays):
    return math.sqrt(np.mean(np.concatenate([np.asarray(a, np.float64).ravel() ** 2 for a in arrays])))


def test_biases_are_zero(rng):
    width = drawn_width(rng)
    found = values(2, width)
    assert np.shape(found["norm.bias"]) == (width,)
    for name, value in found.items():
        if name.endswith("bias"):
            assert_close(value, np.zeros(np.shape(value)))


def test_the_weights_of_the_norms_are_left_alone(rng):
    before = round(float(rng.uniform(2, 9)), 3)
    for name, value in values(2, 32, before).items():
        if name.endswith("weight") and np.ndim(value) == 1:
            assert_close(value, np.full(np.shape(value), before))


@pytest.mark.parametrize("layers", [1, 3])
def test_matrices_and_tables_have_a_deviation_of_0_02(layers, rng):
    width = drawn_width(rng)
    found = values(layers, width)
    assert np.shape(found["tokens.weight"]) == (50, width)
    for ending in ("tokens.weight", "table.weight", "qkv.weight", "up.weight"):
        matrices = [value for name, value in found.items() if name.endswith(ending)]
        assert_close(deviation(matrices), 0.02, rtol=0.12)


@pytest.mark.parametrize("layers", [1, 2, 8])
@pytest.mark.parametrize("ending", ["out.weight", "down.weight"])
def test_what_adds_to_the_line_is_smaller_the_more_of_it_there_is(ending, layers, rng):
    width = drawn_width(rng)
    matrices = [value for name, value in values(layers, width).items() if name.endswith(ending)]
    assert [len(matrix) for matrix in matrices] == [width] * layers
    assert_close(deviation(matrices), 0.02 / math.sqrt(2 * layers), rtol=0.12)


def test_the_numbers_are_normal_and_all_different(rng):
    width = 2 * drawn_width(rng)
    table = np.asarray(values(1, width)["tokens.weight"], np.float64).ravel()
    assert table.size == 50 * width
    assert len(np.unique(table)) > 0.99 * table.size
    assert abs(table.mean()) < 0.002
    assert 0.28 < (abs(table) > 0.02).mean() < 0.36  # 0.317 of normal numbers, 0.42 of even ones
    assert (abs(table) > 0.04).any()


def test_they_come_from_the_default_generator(rng):
    width, name = drawn_width(rng), "tokens.weight"
    manual_seed(3)
    once = values(1, width)
    other = values(1, width)
    manual_seed(3)
    again = values(1, width)
    assert np.shape(once[name]) == (50, width)
    assert_close(once[name], again[name])
    assert not np.allclose(once[name], other[name])


def test_the_parameters_stay_the_same_objects(rng):
    value = int(rng.integers(2, 10_000))
    found = keeps_its_parameters(value)
    assert found == [[True, value]] * len(found) and len(found) > 10


def test_for_any_size_and_depth(rng):
    features, layers = 8 * int(rng.integers(4, 10)), int(rng.integers(1, 6))
    found = values(layers, features)
    for ending, expected in (("qkv.weight", 0.02), ("down.weight", 0.02 / math.sqrt(2 * layers))):
        matrices = [value for name, value in found.items() if name.endswith(ending)]
        assert [np.shape(matrix)[-1] for matrix in matrices] == [features * (4 if "down" in ending else 1)] * layers
        assert_close(deviation(matrices), expected, rtol=0.12)
