"""SelfAttention projects, splits into heads, attends, merges and projects again."""

import math

import numpy as np
import pytest

from tinytorch.attention import SelfAttention
from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tito.testing import assert_close


def agree(rng, features, heads, n=5, causal=True, **options):
    layer, x = SelfAttention(features, heads, **options), rng.standard_normal((2, n, features)).astype(np.float32)
    found = layer(Tensor(x))
    assert found.shape == x.shape
    assert_close(found, expected(layer, x, heads, causal), rtol=1e-3, atol=1e-5)


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


def expected(layer, x, heads, causal):
    """The layer on arrays, head by head."""
    linear = {name: np.asarray(p) for name, p in [
        ("qkv", layer.qkv.weight), ("qkv_bias", layer.qkv.bias), ("out", layer.out.weight), ("out_bias", layer.out.bias)
    ]}  # fmt: skip
    features, n = x.shape[-1], x.shape[1]
    qkv = x @ linear["qkv"].T + linear["qkv_bias"]
    query, key, value = np.split(qkv, 3, axis=-1)
    size, found = features // heads, []
    for h in range(heads):
        part = slice(h * size, (h + 1) * size)
        scores = query[..., part] @ key[..., part].swapaxes(-1, -2) / math.sqrt(size)
        if causal:
            scores = np.where(np.tri(n, dtype=bool), scores, -1e30)
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        found.append(powers / powers.sum(-1, keepdims=True) @ value[..., part])
    return np.concatenate(found, axis=-1) @ linear["out"].T + linear["out_bias"]


def test_the_shape_stays(rng):
    assert SelfAttention(8, heads=2)(Tensor(np.zeros((3, 5, 8), np.float32))).shape == (3, 5, 8)
    heads, size, n = rng.integers(1, 5, 3).tolist()
    agree(rng, heads * size, heads, n)
    agree(rng, 6, 3, n=1)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_it_is_attention_head_by_head(heads, rng):
    layer, x = SelfAttention(8, heads, causal=False), rng.standard_normal((2, 5, 8)).astype(np.float32)
    assert_close(layer(Tensor(x)), expected(layer, x, heads, False), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("heads", [1, 2])
def test_by_default_nothing_later_is_seen(heads, rng):
    layer, x = SelfAttention(8, heads), rng.standard_normal((2, 5, 8)).astype(np.float32)
    assert_close(layer(Tensor(x)), expected(layer, x, heads, True), rtol=1e-3, atol=1e-5)
    other = x.copy()
    other[:, 3:] += 1
    assert_close(np.asarray(layer(Tensor(other)))[:, :3], np.asarray(layer(Tensor(x)))[:, :3], rtol=1e-5, atol=1e-6)


def test_every_parameter_gets_a_gradient(rng):
    layer = SelfAttention(4, heads=2)
    (layer(Tensor(rng.standard_normal((2, 3, 4)).astype(np.float32))) ** 2).sum().backward()
    for p in (layer.qkv.weight, layer.qkv.bias, layer.out.weight, layer.out.bias):
        assert p.grad.shape == p.shape
        assert abs(np.asarray(p.grad)).max() > 0
    layer, x = SelfAttention(4, heads=2), rng.standard_normal((2, 3, 4)).astype(np.float32)
    grad = rng.standard_normal((2, 3, 4)).astype(np.float32)
    layer(Tensor(x)).backward(grad)
    before = expected(layer, x, 2, True)
    assert_close(layer.out.bias.grad, grad.sum((0, 1)), rtol=1e-3, atol=1e-4)
    for p, step in ((layer.qkv.weight, rng.standard_normal((12, 4))), (layer.qkv.bias, rng.standard_normal(12))):
        kept, step = np.array(p), (1e-2 * step).astype(np.float32)
        p.array[...] = kept + step
        above = expected(layer, x, 2, True)
        p.array[...] = kept - step
        below = expected(layer, x, 2, True)
        p.array[...] = kept
        assert_close((np.asarray(p.grad) * step).sum(), ((above - below) * grad).sum() / 2, rtol=1e-2, atol=1e-3)
    assert_close(expected(layer, x, 2, True), before)
