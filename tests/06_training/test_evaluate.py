"""evaluate measures the model on held-out data: means over all samples, and no trace of it afterwards."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import Dropout, Linear, Sequential
from tinytorch.tensor import manual_seed
from tinytorch.training import DataLoader, TensorDataset, Trainer, accuracy
from tito.testing import assert_close, on_student_side, raises

BOTH_RIGHT, BOTH_WRONG = [[9, 0], [0, 9]], [[0, 9], [9, 0]]


def drawn(rng, samples=10):
    """Scores and targets of so many samples, and the means over them all."""
    scores, targets = rng.standard_normal((samples, 3)).astype(np.float32), rng.integers(0, 3, samples)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(shares[np.arange(samples), targets]).mean()
    return scores, targets, {"loss": loss, "accuracy": (scores.argmax(axis=1) == targets).mean()}


def agree(result, expected):
    assert list(result) == list(expected)
    for name, value in expected.items():
        assert_close(result[name], value)


def batch(scores, targets):
    return Tensor(scores), Tensor(np.array(targets))


@on_student_side
def in_training(model, metric):
    """A metric that says whether the model is in training mode while it is measured."""

    def mode(scores, targets):
        return float(model.training)

    def recorded(scores, targets):
        return float(scores.requires_grad)

    return [mode, recorded, metric]


def test_every_sample_counts_the_same_however_large_its_batch(rng):
    trainer = Trainer(Sequential(), CrossEntropyLoss(), None, metrics=[accuracy])
    data = [batch(BOTH_RIGHT * 2, [0, 1, 0, 1]), batch(BOTH_WRONG, [0, 1])]
    assert_close(trainer.evaluate(data)["accuracy"], 4 / 6)
    scores, targets, expected = drawn(rng, 17)
    ends = sorted(rng.choice(np.arange(1, 17), 3, replace=False))
    batches = list(zip(np.split(scores, ends), np.split(targets, ends)))
    agree(trainer.evaluate([batch(*one) for one in batches]), expected)


@pytest.mark.parametrize("size", [1, 4, 7, 10, 30])
def test_the_results_are_those_of_all_samples_together(size, rng):
    scores, targets, expected = drawn(rng)
    trainer = Trainer(Sequential(), CrossEntropyLoss(), None, metrics=[accuracy])
    agree(trainer.evaluate(DataLoader(TensorDataset(Tensor(scores), Tensor(targets)), size)), expected)


def test_the_model_is_measured_in_evaluation_mode_without_recording(rng):
    manual_seed(0)
    model = Sequential(Linear(2, 2), Dropout(0.9))
    model[0].weight.array[...] = [[1, 0], [0, 1]]
    model[0].bias.array[...] = 0
    trainer = Trainer(model, CrossEntropyLoss(), None, metrics=in_training(model, accuracy))
    result = trainer.evaluate([batch(BOTH_RIGHT * 10, [0, 1] * 10)])
    assert result["accuracy"] == 1
    assert (result["mode"], result["recorded"]) == (0, 0)
    scores, targets, expected = drawn(rng)
    model = Sequential(Dropout(0.9))
    trainer = Trainer(model, CrossEntropyLoss(), None, metrics=in_training(model, accuracy))
    agree(trainer.evaluate([batch(scores, targets)]), {"loss": expected["loss"], "mode": 0, "recorded": 0, **expected})


def test_afterwards_the_model_is_in_the_mode_it_was_in(rng):
    model = Sequential(Dropout(0.5))
    trainer = Trainer(model, CrossEntropyLoss(), None)
    assert_close(trainer.evaluate([batch([[0, 0]], [1])])["loss"], np.log(2))
    assert (model.training, model[0].training) == (True, True)
    model.eval()
    trainer.evaluate([batch([[0, 0]], [1])])
    assert (model.training, model[0].training) == (False, False)
    model = Sequential(*(Dropout(0.5) for _ in range(8)))
    modes = (rng.permutation(8) % 2 == 0).tolist()
    for part, mode in enumerate(modes):
        model[part].training = mode
    scores, targets, expected = drawn(rng)
    result = Trainer(model, CrossEntropyLoss(), None, metrics=[accuracy]).evaluate([batch(scores, targets)])
    assert [model[part].training for part in range(8)] == modes
    agree(result, expected)


def test_it_draws_no_random_numbers(rng):
    trainer = Trainer(Sequential(Dropout(0.5)), CrossEntropyLoss(), None, metrics=[accuracy])
    for seed in (4, int(rng.integers(10**6))):
        manual_seed(seed)
        first = Tensor.rand(3).tolist()
        manual_seed(seed)
        scores, targets, expected = drawn(rng)
        agree(trainer.evaluate([batch(scores, targets)]), expected)
        assert Tensor.rand(3).tolist() == first


def test_no_data_is_an_error(rng):
    trainer = Trainer(Sequential(), CrossEntropyLoss(), None)
    assert list(trainer.evaluate([batch(BOTH_RIGHT, [0, 1])])) == ["loss"]
    with raises(ValueError, "there is no data"):
        trainer.evaluate([])
    scores, targets, expected = drawn(rng)
    agree(trainer.evaluate([batch(scores, targets)]), {"loss": expected["loss"]})
