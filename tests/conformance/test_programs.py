"""The programs of tests/programs give the same losses and gradients under both imports, step by step.

Both sides get the same random numbers: the n-th draw of a kind and shape is the same, whichever library asks.
"""

import collections
import importlib.util
import sys
import types
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

import tinytorch

HERE = Path(__file__).parents[1] / "programs"
spec = importlib.util.spec_from_file_location("porting", HERE / "porting.py")
porting = importlib.util.module_from_spec(spec)
spec.loader.exec_module(porting)


class Draws:
    """Random numbers by kind and shape: what a generator of NumPy has, for all generators of both libraries."""

    def __init__(self):
        self.counts = collections.Counter()
        self.bit_generator = types.SimpleNamespace(state=None)

    def _rng(self, *what):
        self.counts[what] += 1
        return np.random.default_rng(zlib.crc32(repr((what, self.counts[what])).encode()))  # the same in each run

    def random(self, size=(), dtype=np.float32):
        return self._rng("uniform", tuple(np.atleast_1d(size))).random(size, np.float32)

    def standard_normal(self, size=(), dtype=np.float32):
        return self._rng("normal", tuple(np.atleast_1d(size))).standard_normal(size, np.float32)

    def permutation(self, n):
        return self._rng("order", n).permutation(n)

    def integers(self, low, high, size):
        return self._rng("integers", low, high, tuple(size)).integers(low, high, size)


def _sizes(args, size):
    args = args if size is None else (size,)
    return tuple(args[0]) if len(args) == 1 and np.iterable(args[0]) else args


def _random_sources_of_torch(draws, monkeypatch):
    """Let PyTorch's random numbers be `draws`."""
    Tensor, of = torch.Tensor, torch.from_numpy

    def creator(draw):
        def make(*args, size=None, generator=None, requires_grad=False, **options):
            return of(np.asarray(draw(_sizes(args, size)))).requires_grad_(requires_grad)

        return make

    def randint(low, high=None, size=None, generator=None, dtype=torch.int64, **options):
        low, high, size = (0, low, high) if size is None else (low, high, size)
        return of(draws.integers(low, high, tuple(size))).to(dtype)

    def multinomial(x, num_samples, replacement=False, generator=None):
        return of(tinytorch.Tensor(x.detach().numpy()).multinomial(num_samples, replacement).numpy())

    def dropout(x, p=0.5, training=True, inplace=False):
        return x * of((draws.random(tuple(x.shape)) < 1 - p) / np.float32(1 - p)) if training and p else x

    with_like = {"rand_like": draws.random, "randn_like": draws.standard_normal}
    for name, draw in with_like.items():
        monkeypatch.setattr(torch, name, lambda x, draw=draw, **options: of(np.asarray(draw(tuple(x.shape)))))
    monkeypatch.setattr(torch, "rand", creator(draws.random))
    monkeypatch.setattr(torch, "randn", creator(draws.standard_normal))
    monkeypatch.setattr(torch, "randint", randint)
    for module in (torch, torch.utils.data.dataset):
        monkeypatch.setattr(module, "randperm", lambda n, generator=None, **options: of(draws.permutation(n)))
    sampler = torch.utils.data.RandomSampler  # it draws twice, and throws the second order away
    monkeypatch.setattr(sampler, "__iter__", lambda self: iter(draws.permutation(len(self.data_source)).tolist()))
    monkeypatch.setattr(torch, "multinomial", multinomial)
    monkeypatch.setattr(torch.nn.functional, "dropout", dropout)
    monkeypatch.setattr(
        Tensor,
        "uniform_",
        lambda x, a=0.0, b=1.0, generator=None: x.copy_(of(draws.random(tuple(x.shape))) * (b - a) + a),
    )
    monkeypatch.setattr(
        Tensor,
        "normal_",
        lambda x, mean=0.0, std=1.0, generator=None: x.copy_(of(draws.standard_normal(tuple(x.shape))) * std + mean),
    )


def _random_sources_of_ours(draws, monkeypatch):
    """Let TinyTorch's random numbers be `draws`."""
    for name, module in list(sys.modules.items()):
        if name.startswith("tinytorch") and "default_generator" in vars(module):
            monkeypatch.setattr(module, "default_generator", draws)
    for name in ("random", "standard_normal", "permutation", "integers"):
        bound = getattr(draws, name)
        monkeypatch.setattr(tinytorch.Generator, name, lambda self, *args, bound=bound: bound(*args), raising=False)


def _leaves_of_torch(root):
    """The leaves that a tensor was made of."""
    found, todo = {}, [root.grad_fn]
    seen = set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        todo += [parent for parent, _ in node.next_functions]
    return list(found.values())


def _leaves_of_ours(root):
    """The leaves that a tensor was made of."""
    found, todo, seen = {}, [root], set()
    while todo:
        x = todo.pop()
        if x.node is None:
            found[id(x)] = x
        elif id(x.node) not in seen:
            seen.add(id(x.node))
            todo += [y for y in x.node.inputs if isinstance(y, tinytorch.Tensor) and y.requires_grad]
    return list(found.values())


def _noting(lib, leaves_of, monkeypatch):
    """Note down, at each `backward`, the loss and the gradients of the leaves."""
    notes, plain = [], lib.Tensor.backward

    def backward(self, *args, **options):
        leaves = leaves_of(self)
        plain(self, *args, **options)
        notes.append((float(self.detach()), [np.array(leaf.grad.numpy()) for leaf in leaves]))

    monkeypatch.setattr(lib.Tensor, "backward", backward)
    return notes


def run(path, ours, monkeypatch):
    """What the program returns, and what was noted at each step."""
    with monkeypatch.context() as patch:
        draws = Draws()
        _random_sources_of_ours(draws, patch)
        if not ours:
            _random_sources_of_torch(draws, patch)
        lib, leaves_of = (tinytorch, _leaves_of_ours) if ours else (torch, _leaves_of_torch)
        notes = _noting(lib, leaves_of, patch)
        text = path.read_text(encoding="utf-8")
        return porting.load(path, porting.ported(text) if ours else text).main(), notes


def assert_same_gradients(ours, theirs, step):
    """Each of their gradients is the nearest of ours of its shape, and none is left."""
    assert len(ours) == len(theirs), f"step {step}: {len(ours)} gradients, but PyTorch has {len(theirs)}"
    floor = 0.3 if step else 0.01  # where a sum cancels, only rounding is left, and later steps carry it on
    rest, largest = list(ours), max(np.abs(grad).max() for grad in theirs)
    for grad in theirs:
        same = [i for i, other in enumerate(rest) if other.shape == grad.shape]
        assert same, f"step {step}: no gradient of shape {grad.shape}"
        nearest = min(same, key=lambda i: np.abs(rest[i] - grad).max())
        scale = max(floor * largest, np.abs(grad).max())
        np.testing.assert_allclose(rest.pop(nearest) / scale, grad / scale, atol=1e-3, err_msg=f"step {step}")


@pytest.mark.parametrize("path", porting.PROGRAMS, ids=lambda path: path.stem)
def test_the_same_losses_and_gradients(path, monkeypatch, capsys):
    theirs, their_steps = run(path, False, monkeypatch)
    ours, our_steps = run(path, True, monkeypatch)
    assert len(our_steps) == len(their_steps)
    for number, ((loss, grads), (their_loss, their_grads)) in enumerate(zip(our_steps, their_steps)):
        assert loss == pytest.approx(their_loss, rel=1e-3, abs=1e-4), f"step {number}"
        assert_same_gradients(grads, their_grads, number)
    assert ours == pytest.approx(theirs, rel=2e-3, abs=1e-4)
