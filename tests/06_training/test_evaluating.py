"""Inside `with evaluating(model)` the model is in evaluation mode and nothing is recorded; afterwards all is as before."""

import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Dropout, Linear, Sequential
from tinytorch.training import evaluating
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def modes(model):
    return [module.training for module in model.modules()]


def test_inside_the_model_and_all_its_parts_are_in_evaluation_mode():
    model = Sequential(Linear(2, 2), Sequential(Dropout(0.9)))
    with evaluating(model):
        assert modes(model) == [False, False, False, False]
        assert_close(model[1](Tensor([[1, 2, 3, 4]])), [[1, 2, 3, 4]])


def test_inside_nothing_is_recorded_and_afterwards_it_is_again():
    model = Linear(2, 2)
    with evaluating(model):
        assert model(Tensor([[1, 2]])).requires_grad is False
    assert model(Tensor([[1, 2]])).requires_grad is True


def test_afterwards_it_is_in_training_mode_if_it_was_before():
    model = Sequential(Linear(2, 2), Dropout(0.5))
    with evaluating(model):
        pass
    assert modes(model) == [True, True, True]
    model.eval()
    with evaluating(model):
        pass
    assert modes(model) == [False, False, False]


def test_each_part_gets_its_own_mode_back():
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


@pytest.mark.parametrize("mode", [True, False])
def test_also_after_an_error(mode):
    model = Sequential(Linear(2, 2)).train(mode)
    with raises(ValueError), evaluating(model):
        Tensor([[1, 2], [3]])
    assert modes(model) == [mode, mode]
    assert model(Tensor([[1, 2]])).requires_grad is True
