"""The MLP looks its tokens up, puts their rows side by side, and scores every token."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.language import MLP
from tinytorch.tensor import manual_seed
from tito.testing import assert_close


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


def scores_of(model, ids):
    rows = np.asarray(model.embedding.weight)[ids].reshape(len(ids), -1)
    hidden = np.tanh(rows @ np.asarray(model.hidden.weight).T + np.asarray(model.hidden.bias))
    return hidden @ np.asarray(model.output.weight).T + np.asarray(model.output.bias)


def test_there_is_a_score_for_every_token(rng):
    model = MLP(11, length=3, features=4, hidden=8)
    assert model(Tensor(np.zeros((5, 3), np.int64))).shape == (5, 11)
    tokens, length, batch = rng.integers(2, 9, 3).tolist()
    model = MLP(tokens, length=length, features=3, hidden=5)
    ids = rng.integers(0, tokens, (batch, length))
    found = model(Tensor(ids))
    assert found.shape == (batch, tokens)
    assert_close(found, scores_of(model, ids), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("length", "batch"), [(1, 4), (3, 6)])
def test_scores_are_those_of_the_network(length, batch, rng):
    model = MLP(7, length=length, features=4, hidden=6)
    model.embedding.weight.array[...] = rng.standard_normal((7, 4))
    ids = rng.integers(0, 7, (batch, length))
    assert_close(model(Tensor(ids)), scores_of(model, ids), rtol=1e-3, atol=1e-5)


def test_the_order_of_the_tokens_matters(rng):
    model = MLP(7, length=2, features=4, hidden=6)
    pairs = [[1, 2], [2, 1], *rng.choice(7, (3, 2)).tolist()]
    one, other = (np.asarray(model(Tensor(np.array([ids])))) for ids in pairs[:2])
    assert abs(one - other).max() > 1e-3
    assert_close(model(Tensor(np.array(pairs))), scores_of(model, np.array(pairs)), rtol=1e-3, atol=1e-5)


def test_every_parameter_gets_a_gradient(rng):
    model = MLP(5, length=2, features=3, hidden=4)
    model(Tensor(np.array([[0, 1], [2, 3]]))).sum().backward()
    for p in (model.embedding.weight, model.hidden.weight, model.output.weight):
        assert p.grad.shape == p.shape
        assert abs(np.asarray(p.grad)).max() > 0
    model, ids, grad = MLP(5, length=2, features=3, hidden=4), rng.integers(0, 5, (4, 2)), rng.standard_normal((4, 5))
    model(Tensor(ids)).backward(grad.astype(np.float32))
    rows = np.asarray(model.embedding.weight)[ids].reshape(4, -1)
    hidden = np.tanh(rows @ np.asarray(model.hidden.weight).T + np.asarray(model.hidden.bias))
    by_hidden = grad @ np.asarray(model.output.weight) * (1 - hidden**2)
    by_rows = (by_hidden @ np.asarray(model.hidden.weight)).reshape(4, 2, 3)
    assert_close(model.output.weight.grad, grad.T @ hidden, rtol=1e-3, atol=1e-4)
    assert_close(model.hidden.bias.grad, by_hidden.sum(0), rtol=1e-3, atol=1e-4)
    expected = np.zeros((5, 3))
    np.add.at(expected, ids, by_rows)
    assert_close(model.embedding.weight.grad, expected, rtol=1e-3, atol=1e-4)
