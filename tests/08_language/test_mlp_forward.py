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


def test_there_is_a_score_for_every_token():
    model = MLP(11, length=3, features=4, hidden=8)
    assert model(Tensor(np.zeros((5, 3), np.int64))).shape == (5, 11)


@pytest.mark.parametrize(("length", "batch"), [(1, 4), (3, 6)])
def test_scores_are_those_of_the_network(length, batch, rng):
    model = MLP(7, length=length, features=4, hidden=6)
    ids = rng.integers(0, 7, (batch, length))
    assert_close(model(Tensor(ids)), scores_of(model, ids), rtol=1e-3, atol=1e-5)


def test_the_order_of_the_tokens_matters(rng):
    model = MLP(7, length=2, features=4, hidden=6)
    one, other = (np.asarray(model(Tensor(np.array([ids])))) for ids in ([1, 2], [2, 1]))
    assert abs(one - other).max() > 1e-3


def test_every_parameter_gets_a_gradient():
    model = MLP(5, length=2, features=3, hidden=4)
    model(Tensor(np.array([[0, 1], [2, 3]]))).sum().backward()
    for p in (model.embedding.weight, model.hidden.weight, model.output.weight):
        assert p.grad.shape == p.shape
        assert abs(np.asarray(p.grad)).max() > 0
