"""each_once visits each operation once, when the gradient of its output is whole."""

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.backprop import each_once
from tito.testing import on_student_side


@on_student_side
def gradients(program, of):
    names = {"x": Tensor([3], requires_grad=True), "w": Tensor([5], requires_grad=True)}
    exec(program, names)
    each_once(names[of], np.ones(1, np.float32))
    return {name: names[name].grad.tolist() for name in ("x", "w") if names[name].grad is not None}


@on_student_side
def visits(program, of):
    arrived = []

    def same(x):
        return x * 1

    @derivative(same)
    def same_rule(grad, _out, x):
        arrived.append(grad.tolist())
        return grad

    x = Tensor([3], requires_grad=True)
    names = {"x": x, "watched": lambda t: t.apply(same, t)}
    exec(program, names)
    each_once(names[of], np.ones(1, np.float32))
    return arrived


@on_student_side
def hook_of_the_leaf_is_called_with(program, of):
    called = []
    x = Tensor([3], requires_grad=True)
    x.hooks = (lambda grad: called.append(grad.tolist()),)
    names = {"x": x}
    exec(program, names)
    each_once(names[of], np.ones(1, np.float32))
    return called


@on_student_side
def visits_in_a_chain_of(length):
    count = [0]

    def same(x):
        return x * 1

    @derivative(same)
    def same_rule(grad, _out, x):
        count[0] += 1
        return grad

    x = y = Tensor([1], requires_grad=True)
    for _ in range(length):
        y = y.apply(same, y)
    each_once(y, np.ones(1, np.float32))
    return count[0], x.grad.tolist()


def test_along_a_chain_the_slopes_are_multiplied():
    assert gradients("z = x * 2", of="z") == {"x": [2]}
    assert gradients("y = x * 2; z = y * 5", of="z") == {"x": [10]}
    assert gradients("z = x * w", of="z") == {"x": [5], "w": [3]}


def test_a_leaf_gets_the_sum_of_all_its_parts():
    assert gradients("z = x + x", of="z") == {"x": [2]}
    assert gradients("z = x * x", of="z") == {"x": [6]}
    assert gradients("z = x * x * x * x", of="z") == {"x": [108]}


def test_an_operation_gets_the_sum_of_all_its_parts():
    assert gradients("y = x * 2; z = y + y", of="z") == {"x": [4]}
    assert gradients("a = x * x; b = a + x; c = a * b", of="c") == {"x": [135]}


def test_an_operation_is_visited_once_with_its_whole_gradient():
    assert visits("a = watched(x); z = a + a", of="z") == [[2]]
    assert visits("a = watched(x * x); b = a + x; c = a * b", of="c") == [[21]]
    assert visits("a = watched(x); b = watched(a + a); z = a * b", of="z") == [[3], [12]]


def test_two_inputs_that_get_the_same_array_do_not_disturb_each_other():
    program = "a = x * 1; b = w * 1; s = a + b; t = a * b; z = t + s"
    assert gradients(program, of="z") == {"x": [6], "w": [4]}


def test_a_leaf_too_is_visited_once_with_its_whole_gradient():
    assert hook_of_the_leaf_is_called_with("z = x + x", of="z") == [[2]]
    assert hook_of_the_leaf_is_called_with("a = x * x; b = a + x; c = a * b", of="c") == [[135]]


def test_twice_the_operations_take_twice_the_visits():
    assert visits_in_a_chain_of(2000) == (2000, [1])
    assert visits_in_a_chain_of(4000) == (4000, [1])


def test_a_million_million_paths_take_forty_visits():
    program = "y = x\nfor _ in range(40):\n    y = watched(y); y = y + y"
    assert len(visits(program, of="y")) == 40
