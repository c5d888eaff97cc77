"""fit trains epoch after epoch, measures, writes it down, and tells whoever listens."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import MSELoss
from tinytorch.layers import Linear
from tinytorch.optimizers import SGD, StepLR
from tinytorch.training import Callback, Trainer
from tito.testing import assert_close, on_student_side

ONE_BATCH = ([[1.0], [2.0]], [[2.0], [4.0]])  # y = 2x


def data(batches=1):
    inputs, targets = ONE_BATCH
    return [(Tensor(inputs), Tensor(targets)) for _ in range(batches)]


def trainer_of(slope=0.0, lr=0.1, schedule=None, **options):
    """A trainer of y = slope * x, and its schedule, if any, divides the learning rate by 10 in each step."""
    model = Linear(1, 1, bias=False)
    model.weight.array[...] = slope
    optimizer = SGD(model.parameters(), lr=lr)
    if schedule:
        options |= {"scheduler": StepLR(optimizer, 1, gamma=0.1), "schedule_each": schedule}
    return Trainer(model, MSELoss(), optimizer, **options)


@on_student_side
def listener(Callback, stop_after=1000):
    """A callback that writes down what it finds, and asks for an end."""

    class Listener(Callback):
        def __init__(self):
            self.found = []

        def on_fit_begin(self, trainer):
            self.found.append("begin")

        def on_epoch_end(self, trainer):
            self.found.append((trainer.epoch, {name: len(v) for name, v in trainer.history.items()}))
            trainer.should_stop = trainer.epoch >= stop_after

        def on_fit_end(self, trainer):
            self.found.append("end")

    return Listener()


@on_student_side
def per_epoch(trainer, epochs):
    """How far from 2 the slope is when each validation begins."""
    seen = []

    class Held(list):
        def __iter__(self):
            seen.append(abs(2 - trainer.model.weight.array.item()))
            return super().__iter__()

    trainer.fit(trainer.batches, Held(trainer.batches), epochs=epochs)
    return seen


def slopes(lrs, batches=1):
    """The slope after each epoch with these learning rates, and the loss in it, by hand."""
    slope, after, losses = 0.0, [], []
    for lr in lrs:
        epoch = []
        for _ in range(batches):
            epoch.append(2.5 * (slope - 2) ** 2)  # the mean of (slope x - 2 x)² over x = 1, 2
            slope -= lr * 5 * (slope - 2)
        after.append(slope)
        losses.append(np.mean(epoch))
    return after, losses


def test_each_epoch_is_a_pass_over_the_data_and_its_loss_is_written_down():
    trainer = trainer_of()
    history = trainer.fit(data(batches=2), epochs=3)
    after, losses = slopes([0.1] * 3, batches=2)
    assert_close(trainer.model.weight, [[after[-1]]])
    assert_close(history["train_loss"], losses)
    assert_close(history["lr"], [0.1] * 3)
    assert trainer.epoch == 3
    assert sorted(history) == ["lr", "train_loss"]


def test_after_each_epoch_it_measures_on_the_validation_data():
    trainer = trainer_of()
    history = trainer.fit(data(), data(), epochs=3)
    after, _ = slopes([0.1] * 3)
    assert_close(history["validation_loss"], [2.5 * (slope - 2) ** 2 for slope in after])
    trainer = trainer_of()
    trainer.batches = data()
    assert_close(per_epoch(trainer, 3), [2 - slope for slope in after])


@pytest.mark.parametrize(
    ("schedule", "lrs", "last"),
    [("epoch", [0.1, 0.01, 0.001], 0.0001), ("batch", [0.1, 0.001, 0.00001], 0.0000001)],
)
def test_the_learning_rate_is_the_one_the_epoch_began_with(schedule, lrs, last):
    trainer = trainer_of(schedule=schedule)
    assert_close(trainer.fit(data(batches=2), epochs=3)["lr"], lrs, atol=1e-9)
    assert_close(trainer.optimizer.param_groups[0]["lr"], last, atol=1e-12)


def test_callbacks_are_told_when_everything_of_the_epoch_is_done():
    ear = listener(Callback)
    trainer = trainer_of(callbacks=[ear])
    trainer.fit(data(), data(), epochs=2)
    columns = ["lr", "train_loss", "validation_loss"]
    assert ear.found == ["begin", (1, dict.fromkeys(columns, 1)), (2, dict.fromkeys(columns, 2)), "end"]


def test_a_callback_can_make_this_epoch_the_last():
    trainer = trainer_of(callbacks=[listener(Callback, stop_after=2)])
    history = trainer.fit(data(), epochs=10)
    assert (trainer.epoch, len(history["train_loss"])) == (2, 2)


def test_called_again_it_goes_on():
    trainer, twice = trainer_of(), trainer_of()
    history = trainer.fit(data(), data(), epochs=5)
    twice.fit(data(), data(), epochs=2)
    assert_close(twice.fit(data(), data(), epochs=3)["train_loss"], history["train_loss"])
    assert twice.epoch == 5
    assert len(twice.fit(data(), epochs=0)["lr"]) == 5
