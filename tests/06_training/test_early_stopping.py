"""After each epoch EarlyStopping keeps the best weights, and asks for an end when nothing better has come for a while."""

import math

import pytest

from tinytorch.backprop import MSELoss
from tinytorch.layers import Linear
from tinytorch.training import EarlyStopping, Trainer
from tito.testing import assert_close, on_student_side


@on_student_side
def after_each(stopper, values, name="validation_loss"):
    """What a trainer's `should_stop` is after epochs with these values; the model's weight is the epoch's number."""
    trainer, asked = Trainer(Linear(1, 1, bias=False), MSELoss(), None), []
    for epoch in range(1, len(values) + 1):
        trainer.model.weight.array[...] = epoch
        trainer.history = {name: values[:epoch]}
        stopper.on_epoch_end(trainer)
        asked.append(trainer.should_stop)
    stopper.on_fit_end(trainer)
    return trainer, asked


def test_it_asks_for_an_end_after_as_many_epochs_as_it_has_patience():
    _, asked = after_each(EarlyStopping(patience=2), [0.9, 0.7, 0.8, 0.6, 0.7, 0.65])
    assert asked == [False, False, False, False, False, True]
    _, asked = after_each(EarlyStopping(patience=1), [3.0, 2.0, 2.5])
    assert asked == [False, False, True]


@pytest.mark.parametrize(("values", "best"), [([3.0, 1.0, 2.0, 2.5], 2), ([1.0, 2.0, 3.0], 1), ([3.0, 2.0, 1.0], 3)])
def test_the_model_gets_the_weights_of_its_best_epoch_back(values, best):
    stopper = EarlyStopping(patience=5)
    trainer, _ = after_each(stopper, values)
    assert_close(trainer.model.weight, [[best]])
    assert stopper.best == min(values)


def test_the_weights_that_it_keeps_are_a_copy():
    trainer, stopper = Trainer(Linear(1, 1, bias=False), MSELoss(), None), EarlyStopping()
    trainer.model.weight.array[...] = 5
    trainer.history = {"validation_loss": [2.0]}
    stopper.on_epoch_end(trainer)
    trainer.model.weight.array[...] = 6
    assert_close(stopper.weights["weight"], [[5]])


@pytest.mark.parametrize(
    ("values", "asked"),
    [([2.0, 2.0, 2.0], [False, False, True]), ([2.0, math.nan, math.nan], [False, False, True])],
)
def test_an_equal_value_is_no_improvement_and_neither_is_nan(values, asked):
    assert after_each(EarlyStopping(patience=2), values)[1] == asked


def test_it_can_watch_another_column_that_is_best_when_high():
    stopper = EarlyStopping(patience=2, monitor="validation_accuracy", mode="max", min_delta=0.05)
    trainer, asked = after_each(stopper, [0.5, 0.7, 0.72, 0.74, 0.76], "validation_accuracy")
    assert asked == [False, False, False, True, True]
    assert_close(stopper.best, 0.76)
    assert_close(trainer.model.weight, [[5]])


def test_an_end_that_another_callback_asked_for_stays_asked_for():
    trainer = Trainer(Linear(1, 1), MSELoss(), None)
    stopper = EarlyStopping(patience=3)
    trainer.history, trainer.should_stop = {"validation_loss": [2.0]}, True
    stopper.on_epoch_end(trainer)
    assert trainer.should_stop is True
    trainer.history = {"validation_loss": [2.0, 3.0]}
    stopper.on_epoch_end(trainer)
    assert (trainer.should_stop, stopper.waited) == (True, 1)
