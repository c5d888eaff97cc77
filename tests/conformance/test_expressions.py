"""Each line of expressions.txt gives the same values, dtypes and gradients under both names."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributions
import torch.nn.functional

import tinytorch
import tinytorch.distributions
import tinytorch.nn.functional

FLOATS = dict(
    x=(3, 4), y=(3, 4), v=(4,), w=(4,), a=(2, 3, 4), b=(2, 4, 5), q=(4, 4), img=(2, 3, 6, 6), k=(4, 3, 3, 3), k1=(6, 1, 3, 3)
)  # fmt: skip
LINES = Path(__file__).with_name("expressions.txt").read_text(encoding="utf-8").splitlines()
LINES = [line for line in LINES if line.strip() and not line.startswith("#")]


def inputs(lib):
    """The tensors that the lines speak of, the same in both libraries."""
    rng = np.random.default_rng(5)
    arrays = {name: rng.standard_normal(shape) for name, shape in FLOATS.items()} | {"p": rng.uniform(0.5, 2, (3, 4))}
    found = {name: lib.tensor(array.astype(np.float32)).requires_grad_() for name, array in arrays.items()}
    others = {"i": rng.integers(0, 3, (3, 4)), "j": rng.integers(0, 4, 3), "m": rng.random((3, 4)) < 0.5}
    return found | {name: lib.tensor(array) for name, array in others.items()}


def flat(value):
    """The results in nested tuples and lists, in a row."""
    return [part for item in value for part in flat(item)] if isinstance(value, (tuple, list)) else [value]


def run(lib, line):
    """What the line gives, and the gradients of a weighted sum of it by what it used."""
    used = inputs(lib)
    names = {"torch": lib, "nn": lib.nn, "F": lib.nn.functional, "D": lib.distributions}
    results = flat(eval(line, names | used))
    loss = 0
    for result in results:
        if isinstance(result, lib.Tensor) and result.requires_grad and not result.is_leaf:
            weights = (np.arange(result.numel()).reshape(tuple(result.shape)) * 5 % 17 - 6.5).astype(np.float32)
            loss = loss + (result * lib.tensor(weights).to(result.dtype)).sum()
    if isinstance(loss, lib.Tensor):
        loss.backward()
    values = [np.array(r.detach().numpy()) if isinstance(r, lib.Tensor) else r for r in results]
    return values, {name: np.array(t.grad.numpy()) for name, t in used.items() if t.grad is not None}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:50])
def test_the_same_as_in_pytorch(line):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (ours, our_grads), (theirs, their_grads) = run(tinytorch, line), run(torch, line)
    assert len(ours) == len(theirs)
    for number, (mine, wanted) in enumerate(zip(ours, theirs)):
        if not isinstance(wanted, np.ndarray):
            assert mine == wanted or str(mine) == str(wanted).removeprefix("torch.")
            continue
        assert (mine.shape, mine.dtype) == (wanted.shape, wanted.dtype), f"result {number}"
        np.testing.assert_allclose(mine, wanted, rtol=2e-5, atol=2e-5, err_msg=f"result {number}")
    assert our_grads.keys() == their_grads.keys()
    for name in their_grads:
        np.testing.assert_allclose(our_grads[name], their_grads[name], rtol=2e-4, atol=2e-5, err_msg=f"grad {name}")
