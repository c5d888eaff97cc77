"""A block adds what attention finds, and then what the network makes of it, to what was there."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import Block
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@on_student_side
def block_of(features, heads, scale):
    """A block whose norms have other weights than 1 and 0, so that no two of them are alike."""
    block = Block(features, heads)
    block.before_attention.weight.array[...] = scale[0]
    block.before_network.weight.array[...] = scale[1]
    block.before_attention.bias.array[...] = scale[2]
    block.before_network.bias.array[...] = scale[3]
    return block


@on_student_side
def silent(features, heads):
    """A block whose two parts have nothing to say."""
    block = Block(features, heads)
    for layer in (block.attention.out, block.network.down):
        layer.weight.array[...] = 0
        layer.bias.array[...] = 0
    return block


@on_student_side
def slope(block, x, weights):
    leaf = Tensor(x, requires_grad=True)
    (block(leaf) * Tensor(weights)).sum().backward()
    return leaf.grad.numpy()


def part(layer, norm, x):
    """What one of the two parts says of x, the norm before it taken in NumPy."""
    away = x - x.mean(-1, keepdims=True)
    normed = away / np.sqrt((away**2).mean(-1, keepdims=True) + 1e-5)
    normed = normed * np.asarray(norm.weight) + np.asarray(norm.bias)
    return np.asarray(layer(Tensor(normed.astype(np.float32))))


@pytest.mark.parametrize(("features", "heads"), [(4, 1), (8, 2), (6, 3)])
def test_both_parts_are_added_one_after_the_other(features, heads, rng):
    block = block_of(features, heads, rng.uniform(0.5, 2, (4, features)).astype(np.float32))
    x = rng.standard_normal((2, 5, features)).astype(np.float32)
    first = x + part(block.attention, block.before_attention, x)
    second = first + part(block.network, block.before_network, first)
    assert_close(block(Tensor(x)), second, rtol=1e-3, atol=1e-4)


def test_where_both_parts_say_nothing_x_comes_through_as_it_was(rng):
    x = (5 + 3 * rng.standard_normal((2, 3, 4))).astype(np.float32)
    assert_close(silent(4, 2)(Tensor(x)), x)


def test_and_so_does_the_gradient(rng):
    x, weights = (rng.standard_normal((1, 3, 4)).astype(np.float32) for _ in range(2))
    assert_close(slope(silent(4, 2), x, weights), weights)


def test_nothing_later_is_seen(rng):
    block, x = Block(8, 2), rng.standard_normal((1, 6, 8)).astype(np.float32)
    other = x.copy()
    other[:, 4:] += 1
    assert_close(np.asarray(block(Tensor(other)))[:, :4], np.asarray(block(Tensor(x)))[:, :4], rtol=1e-4, atol=1e-5)
