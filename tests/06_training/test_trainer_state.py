"""A trainer's state_dict holds all that the next epoch depends on, as a copy: from it, another one goes on exactly."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import MSELoss
from tinytorch.layers import BatchNorm1d, Dropout, Linear, Sequential
from tinytorch.optimizers import Adam, StepLR
from tinytorch.tensor import manual_seed
from tinytorch.training import EarlyStopping, Trainer
from tito.testing import assert_close, on_student_side, type_name


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


def trainer_of(seed, schedule=True, callbacks=()):
    manual_seed(seed)
    model = Sequential(Linear(3, 4), BatchNorm1d(4), Dropout(0.5), Linear(4, 1))
    optimizer = Adam(model.parameters(), lr=0.05)
    scheduler = StepLR(optimizer, 2, gamma=0.5) if schedule else None
    return Trainer(model, MSELoss(), optimizer, scheduler, callbacks=callbacks)


def batches():
    rng = np.random.default_rng(0)
    return [tuple(Tensor(rng.standard_normal(shape, np.float32)) for shape in ((8, 3), (8, 1))) for _ in range(3)]


@on_student_side
def draws_of(state, generator):
    """What the default generator gives from the place that the state names."""
    generator.bit_generator.state = state
    return generator.random(3)


@on_student_side
def parts_of(state):
    """Names and shapes of what a state holds of the model, and of each parameter in the optimizer."""
    shapes = {name: np.shape(value) for name, value in state["model"].items()}
    remembered = {number: sorted(entry) for number, entry in state["optimizer"]["state"].items()}
    return shapes, remembered


@on_student_side
def before_and_after(trainer, batches):
    """Of a state, before and after another epoch: its epoch, losses, and whether its weights are the first ones."""
    state = trainer.state_dict()
    weights = trainer.model.state_dict()["0.weight"].numpy().copy()
    found = []
    for epochs in (0, 1):
        trainer.fit(batches, epochs=epochs)
        same = (np.asarray(state["model"]["0.weight"]) == weights).all()
        found.append((state["epoch"], len(state["history"]["train_loss"]), bool(same)))
    return found


def test_it_has_the_counts_and_what_was_measured():
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=2)
    state = trainer.state_dict()
    names = ["epoch", "history", "model", "optimizer", "scheduler", "callbacks", "default_generator"]
    assert sorted(state) == sorted(names)
    assert state["epoch"] == 2
    assert state["history"] == trainer.history


def test_it_has_the_whole_state_of_model_optimizer_and_scheduler():
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=2)
    state = trainer.state_dict()
    shapes, remembered = parts_of(state)
    assert shapes["0.weight"] == (4, 3)
    assert shapes["1.running_mean"] == (4,)
    assert remembered == {number: ["exp_avg", "exp_avg_sq", "step"] for number in range(6)}
    assert state["scheduler"]["last_epoch"] == 2
    assert trainer_of(0, schedule=False).state_dict()["scheduler"] is None


def test_it_has_the_place_where_the_default_generator_stands():
    trainer = trainer_of(7)
    manual_seed(7)
    state = trainer.state_dict()
    assert state["default_generator"] == np.random.default_rng(7).bit_generator.state
    assert_close(draws_of(state["default_generator"], np.random.default_rng(0)), np.random.default_rng(7).random(3))


def test_of_the_callbacks_it_has_those_that_remember_something():
    from tinytorch.training import Callback

    trainer = trainer_of(0, callbacks=[Callback(), EarlyStopping(3, monitor="train_loss"), Callback()])
    trainer.fit(batches(), epochs=1)
    states = trainer.state_dict()["callbacks"]
    assert [sorted(state) for state in states] == [["best", "waited", "weights"]]
    state = states[0]
    assert state["best"] == trainer.history["train_loss"][0]
    assert type_name(state["weights"]["0.weight"]) == "Tensor"


def test_it_does_not_change_when_the_training_goes_on():
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=1)
    assert before_and_after(trainer, batches()) == [(1, 1, True), (1, 1, True)]


@pytest.mark.parametrize("schedule", [True, False])
def test_a_trainer_that_goes_on_from_it_makes_the_same_losses_to_the_last_bit(schedule):
    whole = trainer_of(1, schedule)
    losses = whole.fit(batches(), batches(), epochs=5)
    half = trainer_of(1, schedule)
    half.fit(batches(), batches(), epochs=2)
    state = half.state_dict()
    resumed = trainer_of(2, schedule)
    resumed.load_state_dict(state)
    assert resumed.fit(batches(), batches(), epochs=3) == losses
