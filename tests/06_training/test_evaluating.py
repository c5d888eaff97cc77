"""Inside `with evaluating(model)` the model is in evaluation mode and nothing is recorded; afterwards all is as before."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Dropout, Linear, Sequential
from tinytorch.training import evaluating
from tito.testing import assert_close, on_student_side, raises


def drawn(rng):
    """A model in two levels, and the modes in which its parts are, by lot."""
    model = Sequential(*(Sequential(Dropout(0.9), Linear(2, 2)) for _ in range(3)), Linear(2, 2))
    parts = [model, *(part for k in range(3) for part in (model[k], model[k][0], model[k][1])), model[3]]
    drawn = (rng.permutation(len(parts)) % 2 == 0).tolist()
    for part, mode in zip(parts, drawn):
        part.training = mode
    return model, drawn


@on_student_side
def modes(model):
    return [module.training for module in model.modules()]


def test_inside_the_model_and_all_its_parts_are_in_evaluation_mode(rng):
    model = Sequential(Linear(2, 2), Sequential(Dropout(0.9)))
    with evaluating(model):
        assert modes(model) == [False, False, False, False]
        assert_close(model[1](Tensor([[1, 2, 3, 4]])), [[1, 2, 3, 4]])
    model, before = drawn(rng)
    assert modes(model) == before
    values = rng.standard_normal((2, 3)).astype(np.float32)
    with evaluating(model):
        assert modes(model) == [False] * len(before)
        assert_close(model[1][0](Tensor(values)), values)


def test_inside_nothing_is_recorded_and_afterwards_it_is_again(rng):
    model = Linear(2, 2)
    values = rng.standard_normal((3, 2)).astype(np.float32)
    expected = values @ np.asarray(model.weight).T + np.asarray(model.bias)
    with evaluating(model):
        inside = model(Tensor(values))
    after = model(Tensor(values))
    assert (inside.requires_grad, after.requires_grad) == (False, True)
    assert_close(inside, expected, atol=1e-5)
    assert_close(after, expected, atol=1e-5)


def test_afterwards_it_is_in_training_mode_if_it_was_before(rng):
    model = Sequential(Linear(2, 2), Dropout(0.5))
    with evaluating(model):
        pass
    assert modes(model) == [True, True, True]
    model.eval()
    with evaluating(model):
        pass
    assert modes(model) == [False, False, False]
    parts = int(rng.integers(3, 30))
    for training in rng.permutation([True, False]).tolist():
        model = Sequential(*(Dropout(0.5) for _ in range(parts))).train(training)
        with evaluating(model):
            pass
        assert modes(model) == [training] * (parts + 1)


def test_each_part_gets_its_own_mode_back(rng):
    model = Sequential(Linear(2, 2), Sequential(Dropout(0.5), Linear(2, 2)))
    model[1].eval()
    with evaluating(model):
        assert modes(model) == [False] * 5
    assert modes(model) == [True, True, False, False, False]
    model.eval()
    model[1][0].train()
    with evaluating(model):
        assert modes(model) == [False] * 5
    assert modes(model) == [False, False, False, True, False]
    model, before = drawn(rng)
    with evaluating(model):
        pass
    assert modes(model) == before


@pytest.mark.parametrize("error", [ValueError, KeyError, KeyboardInterrupt])
def test_also_after_an_error(error, rng):
    for mode in (True, False):
        model = Sequential(Linear(2, 2)).train(mode)
        with raises(error), evaluating(model):
            raise error("in the middle of the block")
        assert modes(model) == [mode, mode]
        assert model(Tensor([[1, 2]])).requires_grad is True
    model, before = drawn(rng)
    with raises(error), evaluating(model):
        raise error("in the middle of the block")
    assert modes(model) == before
