"""A trainer's state_dict holds all that the next epoch depends on, as a copy: from it, another one goes on exactly."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import MSELoss
from tinytorch.layers import BatchNorm1d, Dropout, Linear, Sequential
from tinytorch.optimizers import SGD, Adam, StepLR
from tinytorch.tensor import manual_seed
from tinytorch.training import EarlyStopping, Trainer
from tito.testing import assert_close, on_student_side, type_name


@on_student_side
def with_values(trainer, values):
    """The trainer, whose parts hold these values: each parameter is full of one, and so is what is remembered of it."""
    for k, (p, value) in enumerate(zip(trainer.model.parameters(), values)):
        p.array[...] = value
        full = np.full(p.shape, value, np.float32)
        trainer.optimizer.state[p] = {"step": k + 1, "exp_avg": full, "exp_avg_sq": 2 * full}
    trainer.model[1].running_mean.array[...] = values[0]
    trainer.optimizer.param_groups[0]["lr"] = values[1]
    return trainer


@on_student_side
def values_of(state):
    """The first value of each array in a state, of the model and of the optimizer."""
    first = {name: np.asarray(value).flat[0].item() for name, value in state["model"].items()}
    remembered = {
        number: {name: np.asarray(value).flat[0].item() for name, value in entry.items()}
        for number, entry in state["optimizer"]["state"].items()
    }
    return first, remembered, state["optimizer"]["param_groups"][0]["lr"]


def hold(state, values):
    """Assert that a state is that of a trainer with these values."""
    first, remembered, lr = values_of(state)
    names = ["0.weight", "0.bias", "1.weight", "1.bias", "3.weight", "3.bias", "1.running_mean"]
    assert [first[name] for name in names] == [*values, values[0]]
    assert remembered == {k: {"step": k + 1, "exp_avg": v, "exp_avg_sq": 2 * v} for k, v in enumerate(values)}
    assert lr == values[1]


@on_student_side
def heavy_line(weight):
    """A trainer of a line through the origin, with momentum and a schedule."""
    model = Linear(2, 1, bias=False)
    model.weight.array[...] = weight
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.5)
    return Trainer(model, MSELoss(), optimizer, StepLR(optimizer, 2, gamma=0.5))


def losses_of_a_heavy_line(weight, batches, epochs):
    velocity, losses = 0, []
    for epoch in range(epochs):
        for inputs, targets in batches:
            apart = inputs @ weight.T - targets
            losses.append((apart**2).mean())
            velocity = 0.5 * velocity + 2 * apart.T @ inputs / apart.size
            weight = weight - 0.1 * 0.5 ** (epoch // 2) * velocity
    return np.reshape(losses, (epochs, -1)).mean(axis=1)


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


def test_it_has_the_counts_and_what_was_measured(rng):
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=2)
    state = trainer.state_dict()
    names = ["epoch", "history", "model", "optimizer", "scheduler", "callbacks", "default_generator"]
    assert sorted(state) == sorted(names)
    assert state["epoch"] == 2
    assert state["history"] == trainer.history
    epoch = int(rng.integers(3, 1000))
    history = {
        name: rng.uniform(size=4).tolist() for name in ("lr", "train_loss", "validation_loss", "validation_accuracy")
    }
    trainer.epoch, trainer.history = epoch, history
    state = trainer.state_dict()
    assert (state["epoch"], state["history"]) == (epoch, history)


def test_it_has_the_whole_state_of_model_optimizer_and_scheduler(rng):
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=2)
    state = trainer.state_dict()
    shapes, remembered = parts_of(state)
    assert shapes["0.weight"] == (4, 3)
    assert shapes["1.running_mean"] == (4,)
    assert remembered == {number: ["exp_avg", "exp_avg_sq", "step"] for number in range(6)}
    assert state["scheduler"]["last_epoch"] == 2
    assert trainer_of(0, schedule=False).state_dict()["scheduler"] is None
    values = (rng.integers(1, 1000, 6) / 8).tolist()
    trainer = with_values(trainer, values)
    trainer.scheduler.last_epoch = epoch = int(rng.integers(3, 1000))
    state = trainer.state_dict()
    hold(state, values)
    assert state["scheduler"]["last_epoch"] == epoch


def test_it_has_the_place_where_the_default_generator_stands(rng):
    for seed in (7, int(rng.integers(10**6))):
        trainer = trainer_of(seed)
        manual_seed(seed)
        state = trainer.state_dict()
        expected = np.random.default_rng(seed)
        assert state["default_generator"] == expected.bit_generator.state
        assert_close(draws_of(state["default_generator"], np.random.default_rng(0)), expected.random(3))


def test_of_the_callbacks_it_has_those_that_remember_something(rng):
    from tinytorch.training import Callback

    stoppers = [EarlyStopping(3, monitor="train_loss"), EarlyStopping(2, monitor="train_loss")]
    trainer = trainer_of(0, callbacks=[Callback(), stoppers[0], Callback(), stoppers[1]])
    trainer.fit(batches(), epochs=1)
    states = trainer.state_dict()["callbacks"]
    assert [sorted(state) for state in states] == [["best", "waited", "weights"]] * 2
    state = states[0]
    assert state["best"] == trainer.history["train_loss"][0]
    assert type_name(state["weights"]["0.weight"]) == "Tensor"
    values = [(*rng.uniform(size=1).tolist(), int(rng.integers(99))) for _ in stoppers]
    for stopper, (best, waited) in zip(stoppers, values):
        stopper.best, stopper.waited = best, waited
    assert [(state["best"], state["waited"]) for state in trainer.state_dict()["callbacks"]] == values


def test_it_does_not_change_when_the_training_goes_on(rng):
    trainer = trainer_of(0)
    trainer.fit(batches(), epochs=1)
    assert before_and_after(trainer, batches()) == [(1, 1, True), (1, 1, True)]
    history = {"lr": rng.uniform(size=3).tolist(), "train_loss": rng.uniform(size=3).tolist()}
    trainer = with_values(trainer, values := (rng.integers(1, 1000, 6) / 8).tolist())
    trainer.epoch, trainer.history = epoch, _ = int(rng.integers(3, 1000)), history
    state = trainer.state_dict()
    trainer.fit(batches(), epochs=1)
    assert (state["epoch"], state["history"]) == (epoch, history)
    hold(state, values)


@pytest.mark.parametrize("schedule", [True, False])
def test_a_trainer_that_goes_on_from_it_makes_the_same_losses_to_the_last_bit(schedule, rng):
    whole = trainer_of(1, schedule)
    losses = whole.fit(batches(), batches(), epochs=5)
    half = trainer_of(1, schedule)
    half.fit(batches(), batches(), epochs=2)
    state = half.state_dict()
    resumed = trainer_of(2, schedule)
    resumed.load_state_dict(state)
    assert resumed.fit(batches(), batches(), epochs=3) == losses
    weight, data = (
        rng.standard_normal((1, 2)),
        [(rng.standard_normal((4, 2)), rng.standard_normal((4, 1))) for _ in range(2)],
    )
    tensors = [tuple(Tensor(values.astype(np.float32)) for values in batch) for batch in data]
    half, resumed = heavy_line(weight), heavy_line(0 * weight)
    half.fit(tensors, epochs=3)
    resumed.load_state_dict(half.state_dict())
    assert_close(resumed.fit(tensors, epochs=2)["train_loss"], losses_of_a_heavy_line(weight, data, 5))
