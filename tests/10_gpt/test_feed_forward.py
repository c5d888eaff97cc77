"""FeedForward goes up, bends, and comes down again, at each position by itself."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import FeedForward
from tinytorch.tensor import manual_seed
from tito.testing import assert_close


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


def expected(layer, x):
    up, up_bias, down, down_bias = (
        np.asarray(p, np.float64) for p in (layer.up.weight, layer.up.bias, layer.down.weight, layer.down.bias)
    )
    wide = x @ up.T + up_bias
    bent = 0.5 * wide * (1 + np.tanh(math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)))
    return bent @ down.T + down_bias


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 3, 4), (3, 5, 6)])
def test_it_is_two_layers_with_a_bend_between_them(shape, rng):
    layer, x = FeedForward(shape[-1]), rng.standard_normal(shape).astype(np.float32)
    assert_close(layer(Tensor(x)), expected(layer, x), rtol=1e-3, atol=1e-5)


def test_positions_do_not_mix(rng):
    layer, x = FeedForward(4), rng.standard_normal((1, 3, 4)).astype(np.float32)
    other = x.copy()
    other[:, 1] += 1
    assert_close(np.asarray(layer(Tensor(other)))[:, [0, 2]], np.asarray(layer(Tensor(x)))[:, [0, 2]], atol=1e-6)


def test_every_parameter_gets_a_gradient(rng):
    layer, x = FeedForward(4), rng.standard_normal((2, 3, 4)).astype(np.float32)
    out = expected(layer, x)
    (layer(Tensor(x)) ** 2).sum().backward()
    for p in (layer.up.weight, layer.up.bias, layer.down.weight, layer.down.bias):
        assert abs(np.asarray(p.grad)).max() > 0
    assert_close(layer.down.bias.grad, 2 * out.sum((0, 1)), rtol=1e-3, atol=1e-4)
