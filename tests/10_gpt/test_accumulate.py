"""accumulate gives the loss and the gradient of the whole batch, a part at a time."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import Trainer
from tinytorch.layers import Linear, Module
from tinytorch.optimizers import SGD
from tito.testing import assert_close, on_student_side


@on_student_side
def lopsided(scores, targets):
    """A loss in which scores and targets cannot be exchanged."""
    return ((scores - targets * 2) ** 2).mean()


@on_student_side
def accumulated(weight, inputs, targets, parts, before=None):
    """The loss, and of a linear layer without bias: the gradient, how many samples went through it at once, and whether
    there was a gradient by then; and its weight."""

    class Noting(Module):
        def __init__(self):
            self.linear = Linear(len(weight[0]), len(weight), bias=False)
            self.linear.weight.array[...] = weight

        def forward(self, x):
            sizes.append(len(x))
            there.append(self.linear.weight.grad is not None)
            return self.linear(x)

    sizes, there = [], []
    model = Noting()
    if before is not None:
        model.linear.weight.grad = Tensor(before)
    trainer = Trainer(model, lopsided, SGD(model.parameters(), lr=0.1), parts=parts)
    loss = trainer.accumulate(Tensor(inputs), Tensor(targets))
    return loss, model.linear.weight.grad.numpy(), sizes, there, np.array(model.linear.weight)


def expected(weight, inputs, targets):
    """The loss of the whole batch, and its gradient."""
    away = inputs @ weight.T - 2 * targets
    return (away**2).mean(), 2 * away.T @ inputs / away.size


def three(rng, n, features=3, outputs=2):
    shapes = [(outputs, features), (n, features), (n, outputs)]
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def assert_is_of_the_whole_batch(loss, grad, *batch):
    wanted_loss, wanted_grad = expected(*batch)
    assert_close(loss, wanted_loss)
    assert_close(grad, wanted_grad, atol=1e-5)


def test_by_hand_for_two_samples_in_two_parts(rng):
    # the losses are 3² and 1², their gradients 2 * 3 * [1, 2] and 2 * 1 * [1, 0]
    loss, grad, sizes, *_ = accumulated([[1.0, 1.0]], [[1.0, 2.0], [1.0, 0.0]], [[0.0], [0.0]], 2)
    assert_close(loss, 5)
    assert_close(grad, [[4, 6]])
    assert sizes == [1, 1]
    batch = three(rng, 2)
    assert_is_of_the_whole_batch(*accumulated(*batch, 2)[:2], *batch)


@pytest.mark.parametrize(("n", "parts"), [(4, 1), (6, 2), (6, 3), (8, 8)])
def test_it_is_the_gradient_of_the_whole_batch(n, parts, rng):
    batch = three(rng, n)
    assert_is_of_the_whole_batch(*accumulated(*batch, parts)[:2], *batch)


@pytest.mark.parametrize(("n", "parts"), [(7, 2), (5, 3), (9, 4)])
def test_also_where_the_parts_are_not_of_one_size(n, parts, rng):
    batch = three(rng, n)
    loss, grad, sizes, *_ = accumulated(*batch, parts)
    assert_is_of_the_whole_batch(loss, grad, *batch)
    assert sum(sizes) == n


@pytest.mark.parametrize(("n", "parts"), [(6, 3), (8, 2), (7, 3), (9, 4), (5, 5)])
def test_no_more_than_a_part_goes_through_the_model_at_once(n, parts, rng):
    batch = three(rng, n)
    loss, grad, sizes, *_ = accumulated(*batch, parts)
    assert len(sizes) == parts
    assert max(sizes) == -(-n // parts)
    assert_is_of_the_whole_batch(loss, grad, *batch)


def test_each_part_goes_back_before_the_next_goes_forward(rng):
    batch = three(rng, 6)
    loss, grad, _, there, _ = accumulated(*batch, 3)
    assert there == [False, True, True]
    assert_is_of_the_whole_batch(loss, grad, *batch)


def test_parts_without_a_sample_are_left_out(rng):
    batch = three(rng, 2)
    loss, grad, sizes, *_ = accumulated(*batch, 5)
    assert_is_of_the_whole_batch(loss, grad, *batch)
    assert sizes == [1, 1]


def test_it_adds_to_the_gradients_that_are_there_and_moves_nothing(rng):
    weight, inputs, targets = three(rng, 4)
    before = np.full((2, 3), 10, np.float32)
    _, grad, _, _, after = accumulated(weight, inputs, targets, 2, before)
    assert_close(grad, expected(weight, inputs, targets)[1] + 10, atol=1e-5)
    assert_close(after, weight)


def test_the_loss_is_a_python_number(rng):
    batch = three(rng, 4)
    loss, *_ = accumulated(*batch, 2)
    assert isinstance(loss, float)
    assert_close(loss, expected(*batch)[0])
