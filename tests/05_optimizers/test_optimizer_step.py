"""Optimizer.step hands every parameter that has a gradient to update, with its state and its group's options."""

from tinytorch.autograd import Tensor
from tinytorch.layers import Parameter
from tinytorch.optimizers import Optimizer
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def longer_each_time(params, lr=0.1, momentum=0):
    class LongerEachTime(Optimizer):
        def update(self, p, grad, state, lr, momentum):
            state["steps"] = state.get("steps", 0) + 1
            p -= lr * state["steps"] * grad

    return LongerEachTime(params, {"lr": lr, "momentum": momentum})


@on_student_side
def parameter(value, grad):
    p = Parameter([float(value)])
    p.grad = None if grad is None else Tensor([float(grad)])
    return p


@on_student_side
def places_after(steps, values, grads, lr):
    """Where parameters with these gradients are after some steps, each longer than the one before."""
    parameters = [parameter(value, grad) for value, grad in zip(values, grads)]
    optimizer = longer_each_time(parameters, lr)
    for _ in range(steps):
        optimizer.step()
    return [p.item() for p in parameters]


@on_student_side
def place_of_each_group_after_a_step(groups, lr):
    """Each group gets a parameter that is 0 and has the gradient 1."""
    groups = [{**group, "params": [parameter(0, 1)]} for group in groups]
    longer_each_time(groups, lr).step()
    return [group["params"][0].item() for group in groups]


@on_student_side
def sizes_of_state_after_a_step(grads):
    parameters = [parameter(0, grad) for grad in grads]
    optimizer = longer_each_time(parameters)
    optimizer.step()
    return [len(optimizer.state.get(p, ())) for p in parameters]


@on_student_side
def loss_before_a_step(value):
    p = parameter(value, 1)
    loss = (p * p).sum()
    longer_each_time([p]).step()
    return loss


def test_every_parameter_moves_by_its_gradient():
    assert_close(places_after(1, [1, 5], [10, 20], lr=0.1), [0, 3])


def test_each_group_has_its_own_options():
    assert_close(place_of_each_group_after_a_step([{}, {"lr": 3}, {"lr": 4}], lr=0.5), [-0.5, -3, -4])


def test_a_parameter_without_a_gradient_stays_where_it_is_and_gets_no_state():
    assert_close(places_after(1, [1, 1, 1], [1, None, 1], lr=0.5), [0.5, 1, 0.5])
    assert sizes_of_state_after_a_step([1, None, 1]) == [1, 0, 1]


def test_each_parameter_keeps_its_state_from_step_to_step():
    assert_close(places_after(2, [0], [1], lr=1), [-3])
    assert_close(places_after(3, [0, 0], [1, 10], lr=1), [-6, -60])


def test_notes_in_a_group_that_are_no_options_are_not_passed_on():
    assert_close(place_of_each_group_after_a_step([{"initial_lr": 8}], lr=0.5), [-0.5])


def test_a_loss_from_before_the_step_cannot_be_differentiated_any_more():
    with raises(RuntimeError, "changed in place"):
        loss_before_a_step(3).backward()
