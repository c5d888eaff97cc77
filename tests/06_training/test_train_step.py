"""train_step moves the parameters once, by the gradients of one batch alone, and returns its loss."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import CrossEntropyLoss, MSELoss
from tinytorch.layers import Linear
from tinytorch.optimizers import SGD
from tinytorch.tensor import manual_seed
from tinytorch.training import Trainer
from tito.testing import assert_close, on_student_side


def expected(weight, batches, lr, clip=None):
    """The weight after a step for each batch, and the losses before them."""
    losses = []
    for inputs, targets in batches:
        apart = np.asarray(inputs) @ weight.T - targets
        losses.append((apart**2).mean())
        grad = 2 * apart.T @ inputs / apart.size
        norm = np.sqrt((grad**2).sum())
        weight = weight - lr * grad * (1 if clip is None else min(1, clip / (norm + 1e-6)))
    return weight, losses


def drawn(rng, count=1):
    """A weight, and batches for it."""
    rows, n, m = rng.integers(2, 5, 3)
    return rng.standard_normal((m, n)), [
        (rng.standard_normal((rows, n)), rng.standard_normal((rows, m))) for _ in range(count)
    ]


def agree(rng, count=1, lr=0.1, clip=None, **options):
    weight, batches = drawn(rng, count)
    found = weight_after(*batches, weight=weight, lr=lr, clip=clip, **options)
    assert_close(found, expected(weight, batches, lr, clip)[0], atol=1e-5)


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


@on_student_side
def weight_after(*batches, weight, lr, clip=None, gradient_before=None):
    """The weight of a linear layer without a bias, after a step for each batch: inputs and targets."""
    model = Linear(len(weight[0]), len(weight), bias=False)
    model.weight.array[...] = weight
    if gradient_before is not None:
        model.weight.grad = Tensor(np.array(gradient_before, np.float32))
    trainer = Trainer(model, MSELoss(), SGD(model.parameters(), lr=lr), clip=clip)
    for inputs, targets in batches:
        trainer.train_step(Tensor(np.array(inputs, np.float32)), Tensor(np.array(targets, np.float32)))
    return np.asarray(model.weight)


FIRST, SECOND = ([[1, 2]], [[0]]), ([[1, 0]], [[0]])


def test_the_parameters_move_against_their_gradients(rng):
    # 1 + 2 = 3, the loss is 3², its gradient 2 * 3 * [1, 2]
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1), [[0.4, -0.2]])
    agree(rng, lr=rng.uniform(0.1, 0.5))


def test_it_returns_the_loss_before_the_step_as_a_python_number(rng):
    model = Linear(2, 1, bias=False)
    model.weight.array[...] = 1
    loss = Trainer(model, MSELoss(), SGD(model.parameters(), lr=0.1)).train_step(Tensor([[1, 2]]), Tensor([[0]]))
    assert loss == 9
    assert isinstance(loss, float)
    weight, batches = drawn(rng, 2)
    model = Linear(*weight.shape[::-1], bias=False)
    model.weight.array[...] = weight
    trainer = Trainer(model, MSELoss(), SGD(model.parameters(), lr=0.1))
    for (inputs, targets), before in zip(batches, expected(weight, batches, 0.1)[1]):
        loss = trainer.train_step(Tensor(inputs.astype(np.float32)), Tensor(targets.astype(np.float32)))
        assert isinstance(loss, float)
        assert_close(loss, before)


def test_each_step_goes_by_the_gradients_of_its_own_batch(rng):
    # the second gradient is 2 * 0.4 * [1, 0]
    assert_close(weight_after(FIRST, SECOND, weight=[[1, 1]], lr=0.1), [[0.32, -0.2]])
    agree(rng, count=4)


def test_gradients_that_were_there_before_have_no_part_in_it(rng):
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, gradient_before=[[100, 100]]), [[0.4, -0.2]])
    weight, batches = drawn(rng, 2)
    found = weight_after(*batches, weight=weight, lr=0.1, gradient_before=rng.standard_normal(weight.shape))
    assert_close(found, expected(weight, batches, 0.1)[0], atol=1e-5)


def test_with_clip_the_norm_of_the_gradients_is_limited_first(rng):
    clipped = 1 - 0.1 * np.array([[1, 2]]) / np.sqrt(5)
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, clip=1), clipped)
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, clip=1000), [[0.4, -0.2]])
    agree(rng, count=2, lr=0.5, clip=float(rng.uniform(0.1, 0.5)))


@pytest.mark.parametrize("classes", [2, 5])
def test_any_model_and_loss_will_do(classes, rng):
    model = Linear(3, classes)
    weight, bias = np.array(model.weight, np.float64), np.array(model.bias, np.float64)
    inputs, targets = rng.standard_normal((4, 3)), rng.integers(0, classes, 4)
    model.bias.grad = Tensor(np.ones(classes, np.float32))
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), lr=0.5))
    loss = trainer.train_step(Tensor(inputs.astype(np.float32)), Tensor(targets))
    shares = np.exp(inputs @ weight.T + bias)
    shares /= shares.sum(axis=1, keepdims=True)
    slopes = (shares - np.eye(classes)[targets]) / 4
    assert_close(loss, -np.log(shares[np.arange(4), targets]).mean())
    assert_close(model.weight, weight - 0.5 * slopes.T @ inputs, atol=1e-5)
    assert_close(model.bias, bias - 0.5 * slopes.sum(axis=0), atol=1e-5)
