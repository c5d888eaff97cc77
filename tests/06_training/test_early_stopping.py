"""After each epoch EarlyStopping keeps the best weights, and asks for an end when nothing better has come for a while."""

import math

import pytest

from tinytorch.backprop import MSELoss
from tinytorch.layers import Linear
from tinytorch.training import EarlyStopping, Trainer
from tito.testing import assert_close, on_student_side


def expected(values, patience, sign=1, min_delta=0.0):
    """What is asked for after each epoch, the best value, the number of its epoch, and how long it was waited since."""
    best, at, waited, asked = math.inf, 0, 0, []
    for epoch, value in enumerate(values, 1):
        waited += 1
        if best - sign * value > min_delta:
            best, at, waited = sign * value, epoch, 0
        asked.append(waited >= patience or (bool(asked) and asked[-1]))
    return asked, sign * best, at, waited


def agree(values, patience, name="validation_loss", sign=1, min_delta=0.0):
    mode = "min" if sign == 1 else "max"
    stopper = EarlyStopping(patience=patience, monitor=name, mode=mode, min_delta=min_delta)
    trainer, asked = after_each(stopper, values, name)
    wanted, best, at, waited = expected(values, patience, sign, min_delta)
    assert asked == wanted
    assert (stopper.best, stopper.waited) == (best, waited)
    assert_close(trainer.model.weight, [[at]])


def drawn(rng, count=9):
    return rng.uniform(1, 2, count).round(3).tolist()


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


def test_it_asks_for_an_end_after_as_many_epochs_as_it_has_patience(rng):
    _, asked = after_each(EarlyStopping(patience=2), [0.9, 0.7, 0.8, 0.6, 0.7, 0.65])
    assert asked == [False, False, False, False, False, True]
    _, asked = after_each(EarlyStopping(patience=1), [3.0, 2.0, 2.5])
    assert asked == [False, False, True]
    agree([2.0, 3.0, 3.0, 3.0, 3.0, 1.0, 3.0], patience=10)
    agree(drawn(rng), patience=int(rng.integers(1, 5)))


@pytest.mark.parametrize(("values", "best"), [([3.0, 1.0, 2.0, 2.5], 2), ([1.0, 2.0, 3.0], 1), ([3.0, 2.0, 1.0], 3)])
def test_the_model_gets_the_weights_of_its_best_epoch_back(values, best, rng):
    stopper = EarlyStopping(patience=5)
    trainer, _ = after_each(stopper, values)
    assert_close(trainer.model.weight, [[best]])
    assert stopper.best == min(values)
    agree([value + add for value, add in zip(values * 3, drawn(rng, 12))], patience=20)


def test_the_weights_that_it_keeps_are_a_copy(rng):
    trainer, stopper = Trainer(Linear(1, 1), MSELoss(), None), EarlyStopping()
    for value in (5.0, *drawn(rng, 2)):
        trainer.model.weight.array[...], trainer.model.bias.array[...] = value, value + 1
        trainer.history = {"validation_loss": [1 / value]}
        stopper.best = math.inf
        stopper.on_epoch_end(trainer)
        trainer.model.weight.array[...], trainer.model.bias.array[...] = 6, 7
        assert_close(stopper.weights["weight"], [[value]])
        assert_close(stopper.weights["bias"], [value + 1])


@pytest.mark.parametrize(
    ("values", "asked"),
    [([2.0, 2.0, 2.0], [False, False, True]), ([2.0, math.nan, math.nan], [False, False, True])],
)
def test_an_equal_value_is_no_improvement_and_neither_is_nan(values, asked, rng):
    assert after_each(EarlyStopping(patience=2), values)[1] == asked
    one, two, three = drawn(rng, 3)
    agree([one, values[1], one, two, values[1], two, three], patience=int(rng.integers(2, 5)))


def test_it_can_watch_another_column_that_is_best_when_high(rng):
    stopper = EarlyStopping(patience=2, monitor="validation_accuracy", mode="max", min_delta=0.05)
    trainer, asked = after_each(stopper, [0.5, 0.7, 0.72, 0.74, 0.76], "validation_accuracy")
    assert asked == [False, False, False, True, True]
    assert_close(stopper.best, 0.76)
    assert_close(trainer.model.weight, [[5]])
    agree(drawn(rng), patience=3, name="validation_recall", sign=-1, min_delta=rng.uniform(0.05, 0.2))
    agree(drawn(rng), patience=3, name="train_loss", min_delta=rng.uniform(0.05, 0.2))


def test_an_end_that_another_callback_asked_for_stays_asked_for(rng):
    for first, second in ((2.0, 3.0), sorted(drawn(rng, 2))):
        trainer = Trainer(Linear(1, 1), MSELoss(), None)
        stopper = EarlyStopping(patience=3)
        trainer.history, trainer.should_stop = {"validation_loss": [first]}, True
        stopper.on_epoch_end(trainer)
        assert trainer.should_stop is True
        trainer.history = {"validation_loss": [first, second]}
        stopper.on_epoch_end(trainer)
        assert (trainer.should_stop, stopper.best, stopper.waited) == (True, first, 1)
