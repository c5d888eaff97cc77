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
def gpt(size, longest, features, heads, layers, values, head, norm):
    """A GPT whose parameters are far from where they start, so that each part of it counts; head and last norm are given."""
    model = GPT(size, longest, features, heads, layers)
    place = 0
    for parameter in model.parameters():
        count = parameter.numel()
        parameter.array[...] = values[place : place + count].reshape(parameter.shape)
        place += count
    model.tokens.weight.array[...] = head
    model.norm.weight.array[...], model.norm.bias.array[...] = norm
    return model


@on_student_side
def gradients(model, ids):
    model(Tensor(ids)).sum().backward()
    return {name: parameter.grad.numpy() for name, parameter in model.named_parameters()}


def model_of(rng, size=11, longest=6, features=8, heads=2, layers=2):
    """A model, its head and its last norm."""
    head, norm = (rng.normal(0, 0.3, shape).astype(np.float32) for shape in ((size, features), (2, features)))
    values = rng.normal(0, 0.3, 20_000).astype(np.float32)
    return gpt(size, longest, features, heads, layers, values, head, norm), head, norm


def before_the_head(model, head, norm, ids):
    """The model up to its last norm, part by part, the sums and norms in NumPy."""
    x = head[ids] + np.asarray(model.positions.table.weight)[: ids.shape[1]]
    x = np.asarray(model.blocks(Tensor(x)))
    away = x - x.mean(-1, keepdims=True)
    normed = away / np.sqrt((away**2).mean(-1, keepdims=True) + 1e-5)
    return normed * norm[0] + norm[1]


def assert_scores(model, head, norm, ids):
    assert_close(model(Tensor(ids)), before_the_head(model, head, norm, ids) @ head.T, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("batch", "n"), [(1, 1), (2, 4), (3, 6)])
def test_the_parts_in_their_order(batch, n, rng):
    assert_scores(*model_of(rng), rng.integers(0, 11, (batch, n)))


@pytest.mark.parametrize("layers", [1, 3])
def test_for_any_number_of_layers_and_tokens(layers, rng):
    size = int(rng.integers(5, 30))
    assert_scores(*model_of(rng, size, layers=layers), rng.integers(0, size, (2, 5)))


def test_no_score_depends_on_a_later_token(rng):
    (model, head, norm), ids = model_of(rng), rng.integers(0, 11, (1, 6))
    other = ids.copy()
    other[:, 3:] = (other[:, 3:] + 1) % 11
    assert_close(np.asarray(model(Tensor(other)))[:, :3], np.asarray(model(Tensor(ids)))[:, :3], rtol=1e-4, atol=1e-4)
    assert_scores(model, head, norm, other)


def test_the_same_token_means_something_else_in_another_place(rng):
    (model, head, norm), ids = model_of(rng), np.full((1, 3), rng.integers(0, 11))
    scores = np.asarray(model(Tensor(ids)))
    assert abs(scores[0, 0] - scores[0, 2]).max() > 1e-3
    assert_scores(model, head, norm, ids)


def test_the_embedding_gets_gradients_from_both_ends(rng):
    (model, head, norm), ids = model_of(rng), rng.integers(0, 5, (2, 4))  # tokens 5 to 10 occur nowhere
    found = np.asarray(gradients(model, ids)["tokens.weight"])
    from_the_head = np.tile(before_the_head(model, head, norm, ids).sum((0, 1)), (11, 1))
    assert_close(found[5:], from_the_head[5:], rtol=1e-3, atol=1e-3)
    assert all(abs(found[i] - from_the_head[i]).max() > 1e-3 for i in np.unique(ids))


def test_every_parameter_gets_a_gradient(rng):
    model, head, _ = model_of(rng)
    found = gradients(model, rng.integers(0, 11, (2, 6)))
    for name, grad in found.items():
        assert abs(np.asarray(grad)).max() > 0, name
    assert_close(found["norm.bias"], 12 * head.sum(0), rtol=1e-3, atol=1e-4)


def test_more_tokens_than_places_are_refused_with_both_numbers(rng):
    with raises(ValueError, "7", "6"):
        model_of(rng)[0](Tensor(np.zeros((1, 7), np.int64)))
    longest = int(rng.integers(10, 40))
    more = longest + int(rng.integers(1, 50))
    with raises(ValueError, str(more), str(longest)):
        model_of(rng, longest=longest)[0](Tensor(np.zeros((1, more), np.int64)))
