"""Optimizer.step hands every parameter that has a gradient to update, with its state and its group's options."""

import numpy as np

from tinytorch.autograd import Tensor
from tinytorch.layers import Parameter
from tinytorch.optimizers import Optimizer
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def longer_each_time(params, lr=0.1, momentum=0):
    class LongerEachTime(Optimizer):
        def update(self, p, grad, state, lr, momentum):
            state["steps"] = state.get("steps", 0) + 1
            p -= lr * state["steps"] * grad + momentum

    return LongerEachTime(params, {"lr": lr, "momentum": momentum})


@on_student_side
def parameter(value, grad):
    p = Parameter(np.array(value, np.float32))
    p.grad = None if grad is None else Tensor(np.array(grad, np.float32))
    return p


@on_student_side
def places_after(steps, values, grads, lr):
    """Where parameters with these gradients are after some steps, each longer than the one before."""
    parameters = [parameter(value, grad) for value, grad in zip(values, grads)]
    optimizer = longer_each_time(parameters, lr)
    for _ in range(steps):
        optimizer.step()
    return [p.tolist() for p in parameters]


@on_student_side
def place_of_each_group_after_a_step(groups, lr, grad=1):
    """Each group gets a parameter that is 0 and has this gradient."""
    groups = [{**group, "params": [parameter(np.zeros_like(grad), grad)]} for group in groups]
    longer_each_time(groups, lr).step()
    return [group["params"][0].tolist() for group in groups]


@on_student_side
def sizes_of_state_after_a_step(grads):
    parameters = [parameter(np.zeros(np.shape(0 if grad is None else grad)), grad) for grad in grads]
    optimizer = longer_each_time(parameters)
    optimizer.step()
    return [len(optimizer.state.get(p, ())) for p in parameters]


@on_student_side
def loss_before_a_step(value):
    p = parameter(value, np.ones_like(value))
    loss = (p * p).sum()
    longer_each_time([p]).step()
    return loss


@on_student_side
def gradient_of_a_loss_after_a_step(value, grad, lr):
    p = parameter(value, grad)
    longer_each_time([p], lr).step()
    p.grad = None
    (p * p).sum().backward()
    return p.grad


def test_every_parameter_moves_by_its_gradient(rng):
    assert_close(places_after(1, [1, 5], [10, 20], lr=0.1), [0, 3])
    values, grads = rng.standard_normal((2, rng.integers(2, 5), 2, 3))
    assert_close(places_after(1, values, grads, lr=0.3), values - 0.3 * grads)


def test_each_group_has_its_own_options(rng):
    assert_close(place_of_each_group_after_a_step([{}, {"lr": 3}, {"lr": 4}], lr=0.5), [-0.5, -3, -4])
    default, *rates = rng.uniform(0.1, 2, 4).tolist()
    momentum = rng.uniform(0.1, 1)
    groups = [{"lr": rates[0]}, {"momentum": momentum}, {"lr": rates[1], "momentum": momentum}, {}, {"lr": rates[2]}]
    expected = [-rates[0], -default - momentum, -rates[1] - momentum, -default, -rates[2]]
    assert_close(place_of_each_group_after_a_step(groups, lr=default), expected)


def test_a_parameter_without_a_gradient_stays_where_it_is_and_gets_no_state(rng):
    assert_close(places_after(1, [1, 1, 1], [1, None, 1], lr=0.5), [0.5, 1, 0.5])
    assert sizes_of_state_after_a_step([1, None, 1]) == [1, 0, 1]
    values, grads = rng.standard_normal((2, 6, 3))
    there = rng.permutation([True, True, True, False, False, False])
    asked = [grad if one else None for grad, one in zip(grads, there)]
    assert_close(places_after(2, values, asked, lr=0.5), values - 1.5 * grads * there[:, None])
    assert sizes_of_state_after_a_step(asked) == there.astype(int).tolist()


def test_a_gradient_of_0_is_a_gradient(rng):
    assert_close(places_after(1, [1], [0], lr=0.5), [1])
    assert sizes_of_state_after_a_step([0, 1, None, [0, 0]]) == [1, 1, 0, 1]
    values, grads = rng.standard_normal((2, 4, 3)) * rng.permutation([0, 1, 1])
    assert_close(places_after(2, values, grads, lr=0.5), values - 1.5 * grads)
    group, momentum = [{"lr": 0.1, "momentum": rng.uniform(0.1, 1)}], [0, 0]
    assert_close(place_of_each_group_after_a_step(group, lr=1, grad=momentum), [2 * [-group[0]["momentum"]]])


def test_each_parameter_keeps_its_state_from_step_to_step(rng):
    assert_close(places_after(2, [0], [1], lr=1), [-3])
    assert_close(places_after(3, [0, 0], [1, 10], lr=1), [-6, -60])
    values, grads, steps = rng.standard_normal((3, 4)), rng.standard_normal((3, 4)), int(rng.integers(4, 8))
    assert_close(places_after(steps, values, grads, lr=0.1), values - 0.1 * grads * sum(range(steps + 1)))


def test_notes_in_a_group_that_are_no_options_are_not_passed_on(rng):
    assert_close(place_of_each_group_after_a_step([{"initial_lr": 8}], lr=0.5), [-0.5])
    default, own, noted = rng.uniform(0.1, 2, 3).tolist()
    groups = [{"initial_lr": noted, "lr": own}, {"initial_lr": noted}]
    assert_close(place_of_each_group_after_a_step(groups, lr=default), [-own, -default])


def test_a_loss_from_before_the_step_cannot_be_differentiated_any_more(rng):
    with raises(RuntimeError, "changed in place"):
        loss_before_a_step(3).backward()
    value, grad = rng.standard_normal((2, 3))
    with raises(RuntimeError, "changed in place"):
        loss_before_a_step(value).backward()
    assert_close(gradient_of_a_loss_after_a_step(value, grad, lr=0.5), 2 * (value - 0.5 * grad), atol=1e-5)
