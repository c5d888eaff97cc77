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


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


@on_student_side
def weight_after(*batches, weight, lr, clip=None, gradient_before=None):
    """The weight of a linear layer without a bias, after a step for each batch: inputs and targets."""
    model = Linear(len(weight[0]), len(weight), bias=False)
    model.weight.array[...] = weight
    model.weight.grad = gradient_before and Tensor(gradient_before)
    trainer = Trainer(model, MSELoss(), SGD(model.parameters(), lr=lr), clip=clip)
    for inputs, targets in batches:
        trainer.train_step(Tensor(inputs), Tensor(targets))
    return np.asarray(model.weight)


FIRST, SECOND = ([[1, 2]], [[0]]), ([[1, 0]], [[0]])


def test_the_parameters_move_against_their_gradients():
    # 1 + 2 = 3, the loss is 3², its gradient 2 * 3 * [1, 2]
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1), [[0.4, -0.2]])


def test_it_returns_the_loss_before_the_step_as_a_python_number():
    model = Linear(2, 1, bias=False)
    model.weight.array[...] = 1
    loss = Trainer(model, MSELoss(), SGD(model.parameters(), lr=0.1)).train_step(Tensor([[1, 2]]), Tensor([[0]]))
    assert loss == 9
    assert isinstance(loss, float)


def test_each_step_goes_by_the_gradients_of_its_own_batch():
    # the second gradient is 2 * 0.4 * [1, 0]
    assert_close(weight_after(FIRST, SECOND, weight=[[1, 1]], lr=0.1), [[0.32, -0.2]])


def test_gradients_that_were_there_before_have_no_part_in_it():
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, gradient_before=[[100, 100]]), [[0.4, -0.2]])


def test_with_clip_the_norm_of_the_gradients_is_limited_first():
    clipped = 1 - 0.1 * np.array([[1, 2]]) / np.sqrt(5)
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, clip=1), clipped)
    assert_close(weight_after(FIRST, weight=[[1, 1]], lr=0.1, clip=1000), [[0.4, -0.2]])


@pytest.mark.parametrize("classes", [2, 5])
def test_any_model_and_loss_will_do(classes, rng):
    model = Linear(3, classes)
    weight, bias = np.array(model.weight, np.float64), np.array(model.bias, np.float64)
    inputs, targets = rng.standard_normal((4, 3)), rng.integers(0, classes, 4)
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), lr=0.5))
    loss = trainer.train_step(Tensor(inputs.astype(np.float32)), Tensor(targets))
    shares = np.exp(inputs @ weight.T + bias)
    shares /= shares.sum(axis=1, keepdims=True)
    slopes = (shares - np.eye(classes)[targets]) / 4
    assert_close(loss, -np.log(shares[np.arange(4), targets]).mean())
    assert_close(model.weight, weight - 0.5 * slopes.T @ inputs, atol=1e-5)
    assert_close(model.bias, bias - 0.5 * slopes.sum(axis=0), atol=1e-5)
