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


def data(batches=1, to=2.0):
    """Batches of y = `to` · x."""
    inputs, targets = ONE_BATCH
    return [(Tensor(inputs), Tensor(np.array(targets, np.float32) * (to / 2))) for _ in range(batches)]


@on_student_side
def mean_score(scores, targets):
    return scores.mean().item()


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
            lengths = {name: len(values) for name, values in trainer.history.items()}
            self.found.append((trainer.epoch, lengths, trainer.learning_rate()))
            trainer.should_stop = trainer.epoch >= stop_after

        def on_fit_end(self, trainer):
            self.found.append("end")

    return Listener()


def slopes(lrs, batches=1, slope=0.0, to=2.0):
    """The slope after each epoch with these learning rates, and the loss in it, by hand."""
    after, losses = [], []
    for lr in lrs:
        epoch = []
        for _ in range(batches):
            epoch.append(2.5 * (slope - to) ** 2)  # the mean of (slope x - to x)² over x = 1, 2
            slope -= lr * 5 * (slope - to)
        after.append(slope)
        losses.append(np.mean(epoch))
    return after, losses


def when_told(ear, what):
    """What a listener found at the end of each epoch."""
    place = ["epoch", "lengths of history", "learning rate"].index(what)
    return [heard[place] for heard in ear.found if isinstance(heard, tuple)]


def drawn(rng):
    """Where the slope begins, the learning rate, and how many epochs there will be."""
    return *rng.uniform(0.01, 0.1, 2).tolist(), int(rng.integers(3, 7))


def test_each_epoch_is_a_pass_over_the_data_and_its_loss_is_written_down(rng):
    for slope, lr, epochs in ((0.0, 0.1, 3), drawn(rng)):
        trainer = trainer_of(slope, lr)
        history = trainer.fit(data(batches=2), epochs=epochs)
        after, losses = slopes([lr] * epochs, batches=2, slope=slope)
        assert_close(trainer.model.weight, [[after[-1]]])
        assert_close(history["train_loss"], losses)
        assert_close(history["lr"], [lr] * epochs)
        assert trainer.epoch == epochs
        assert sorted(history) == ["lr", "train_loss"]


def test_after_each_epoch_it_measures_on_the_validation_data(rng):
    trainer = trainer_of()
    history = trainer.fit(data(), data(), epochs=3)
    after, _ = slopes([0.1] * 3)
    assert_close(history["validation_loss"], [2.5 * (slope - 2) ** 2 for slope in after])
    slope, lr, epochs = drawn(rng)
    trainer, to = trainer_of(slope, lr, metrics=[mean_score]), rng.uniform(2, 3)
    history = trainer.fit(data(), data(to=to), epochs=epochs)
    after, losses = slopes([lr] * epochs, slope=slope)
    assert sorted(history) == ["lr", "train_loss", "validation_loss", "validation_mean_score"]
    assert_close(history["train_loss"], losses)
    assert_close(history["validation_loss"], [2.5 * (slope - to) ** 2 for slope in after])
    assert_close(history["validation_mean_score"], [1.5 * slope for slope in after])


@pytest.mark.parametrize(
    ("schedule", "lrs", "last"),
    [("epoch", [0.1, 0.01, 0.001], 0.0001), ("batch", [0.1, 0.001, 0.00001], 0.0000001)],
)
def test_the_learning_rate_is_the_one_the_epoch_began_with(schedule, lrs, last, rng):
    trainer = trainer_of(schedule=schedule)
    assert_close(trainer.fit(data(batches=2), epochs=3)["lr"], lrs, atol=1e-9)
    assert_close(trainer.optimizer.param_groups[0]["lr"], last, atol=1e-12)
    slope, lr, epochs = drawn(rng)
    trainer = trainer_of(slope, lr, schedule)
    steps = 1 if schedule == "epoch" else 3
    history = trainer.fit(data(batches=3), epochs=epochs)
    assert_close(history["lr"], [lr / 10 ** (steps * epoch) for epoch in range(epochs)], atol=0)
    assert_close(trainer.optimizer.param_groups[0]["lr"], lr / 10 ** (steps * epochs), atol=0)
    if schedule == "epoch":
        assert_close(history["train_loss"], slopes(history["lr"], batches=3, slope=slope)[1])


def test_callbacks_are_told_when_everything_of_the_epoch_is_done(rng):
    ear = listener(Callback)
    trainer = trainer_of(callbacks=[ear], schedule="epoch")
    trainer.fit(data(), data(), epochs=2)
    assert [ear.found[0], *ear.found[3:]] == ["begin", "end"]
    assert when_told(ear, "epoch") == [1, 2]
    columns = ["lr", "train_loss", "validation_loss"]
    assert when_told(ear, "lengths of history") == [dict.fromkeys(columns, 1), dict.fromkeys(columns, 2)]
    assert_close(when_told(ear, "learning rate"), [0.01, 0.001])
    ear, other, before, after = (
        listener(Callback),
        listener(Callback),
        int(rng.integers(3, 30)),
        int(rng.integers(1, 5)),
    )
    trainer = trainer_of(callbacks=[ear, other])
    trainer.fit(data(), epochs=before)
    trainer.fit(data(), epochs=after)
    counts = [*range(1, before + 1), *range(before + 1, before + after + 1)]
    for one in (ear, other):
        assert when_told(one, "epoch") == counts
        assert when_told(one, "lengths of history") == [dict.fromkeys(["lr", "train_loss"], epoch) for epoch in counts]
        assert [place for place, heard in enumerate(one.found) if heard == "begin"] == [0, before + 2]


def test_a_callback_can_make_this_epoch_the_last(rng):
    trainer = trainer_of(callbacks=[listener(Callback, stop_after=2)])
    history = trainer.fit(data(), epochs=10)
    assert (trainer.epoch, len(history["train_loss"])) == (2, 2)
    (slope, lr, _), last = drawn(rng), int(rng.integers(2, 9))
    trainer = trainer_of(slope, lr, callbacks=[listener(Callback, stop_after=last)])
    history, (after, losses) = trainer.fit(data(), data(), epochs=10), slopes([lr] * last, slope=slope)
    assert_close(history["train_loss"], losses)
    assert len(history["validation_loss"]) == last
    assert_close(trainer.model.weight, [[after[-1]]])


def test_called_again_it_goes_on(rng):
    trainer, twice = trainer_of(), trainer_of()
    history = trainer.fit(data(), data(), epochs=5)
    twice.fit(data(), data(), epochs=2)
    assert_close(twice.fit(data(), data(), epochs=3)["train_loss"], history["train_loss"])
    assert twice.epoch == 5
    assert len(twice.fit(data(), epochs=0)["lr"]) == 5
    slope, lr, epochs = drawn(rng)
    trainer = trainer_of(slope, lr)
    trainer.fit(data(), epochs=epochs)
    assert_close(trainer.fit(data(), epochs=2)["train_loss"], slopes([lr] * (epochs + 2), slope=slope)[1])
    assert trainer.epoch == epochs + 2
