"""GPT.forward: tokens and places, the blocks, the norm, and a head that is the embedding once more."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import GPT
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side, raises


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@on_student_side
def gpt(size, longest, features, heads, layers, values):
    """A GPT whose parameters are far from where they start, so that each part of it counts."""
    model = GPT(size, longest, features, heads, layers)
    place = 0
    for parameter in model.parameters():
        count = parameter.numel()
        parameter.array[...] = values[place : place + count].reshape(parameter.shape)
        place += count
    return model


@on_student_side
def gradients(model, ids):
    model(Tensor(ids)).sum().backward()
    return {name: parameter.grad.numpy() for name, parameter in model.named_parameters()}


def model_of(rng, size=11, longest=6, features=8, heads=2, layers=2):
    return gpt(size, longest, features, heads, layers, rng.normal(0, 0.3, 20_000).astype(np.float32))


def before_the_head(model, ids):
    """The model up to its last norm, part by part, the sums and norms in NumPy."""
    x = np.asarray(model.tokens.weight)[ids] + np.asarray(model.positions.table.weight)[: ids.shape[1]]
    x = np.asarray(model.blocks(Tensor(x)))
    away = x - x.mean(-1, keepdims=True)
    normed = away / np.sqrt((away**2).mean(-1, keepdims=True) + 1e-5)
    return normed * np.asarray(model.norm.weight) + np.asarray(model.norm.bias)


@pytest.mark.parametrize(("batch", "n"), [(1, 1), (2, 4), (3, 6)])
def test_the_parts_in_their_order(batch, n, rng):
    model, ids = model_of(rng), rng.integers(0, 11, (batch, n))
    scores = before_the_head(model, ids) @ np.asarray(model.tokens.weight).T
    assert_close(model(Tensor(ids)), scores, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("layers", [1, 3])
def test_for_any_number_of_layers_and_tokens(layers, rng):
    size = int(rng.integers(5, 30))
    model, ids = model_of(rng, size, layers=layers), rng.integers(0, size, (2, 5))
    scores = before_the_head(model, ids) @ np.asarray(model.tokens.weight).T
    assert_close(model(Tensor(ids)), scores, rtol=1e-3, atol=1e-4)


def test_no_score_depends_on_a_later_token(rng):
    model, ids = model_of(rng), rng.integers(0, 11, (1, 6))
    other = ids.copy()
    other[:, 3:] = (other[:, 3:] + 1) % 11
    assert_close(np.asarray(model(Tensor(other)))[:, :3], np.asarray(model(Tensor(ids)))[:, :3], rtol=1e-4, atol=1e-4)


def test_the_same_token_means_something_else_in_another_place(rng):
    scores = np.asarray(model_of(rng)(Tensor(np.array([[4, 4, 4]]))))
    assert abs(scores[0, 0] - scores[0, 2]).max() > 1e-3


def test_the_embedding_gets_gradients_from_both_ends(rng):
    model, ids = model_of(rng), rng.integers(0, 5, (2, 4))  # tokens 5 to 10 occur nowhere
    found = np.asarray(gradients(model, ids)["tokens.weight"])
    from_the_head = np.tile(before_the_head(model, ids).sum((0, 1)), (11, 1))
    assert_close(found[5:], from_the_head[5:], rtol=1e-3, atol=1e-3)
    assert all(abs(found[i] - from_the_head[i]).max() > 1e-3 for i in np.unique(ids))


def test_every_parameter_gets_a_gradient(rng):
    for name, grad in gradients(model_of(rng), rng.integers(0, 11, (2, 6))).items():
        assert abs(np.asarray(grad)).max() > 0, name


def test_more_tokens_than_places_are_refused_with_both_numbers(rng):
    with raises(ValueError, "7", "6"):
        model_of(rng)(Tensor(np.zeros((1, 7), np.int64)))
