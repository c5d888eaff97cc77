"""gradient_flow gives the root mean square of each parameter's gradient, by name."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import gradient_flow
from tinytorch.layers import Linear, Sequential
from tito.testing import on_student_side


@on_student_side
def flow(*weights):
    model = Sequential(*(Linear(2, 2, bias=False) for _ in weights))
    for parameter, grad in zip(model.parameters(), weights):
        parameter.array[...] = 10
        parameter.grad = None if grad is None else Tensor(grad)
    return gradient_flow(model)


@on_student_side
def kinds_of_value(*weights):
    return [type(value).__name__ for value in flow(*weights).values()]


@on_student_side
def flow_of_weight_and_bias(weight, bias):
    layer = Linear(2, 2)
    layer.weight.array[...], layer.bias.array[...] = 10, 10
    layer.weight.grad, layer.bias.grad = Tensor(weight), Tensor(bias)
    return gradient_flow(layer)


def test_it_is_the_root_of_the_mean_of_the_squares():
    assert flow([[3, 3], [3, 3]]) == {"0.weight": 3}
    assert flow([[3, -3], [-3, 3]]) == {"0.weight": 3}
    assert flow([[6, 0], [0, 8]]) == {"0.weight": 5}


def test_every_parameter_is_there_by_its_name_in_order():
    assert list(flow_of_weight_and_bias([[6, 0], [0, 8]], [2, 2]).items()) == [("weight", 5), ("bias", 2)]
    assert list(flow([[2, 2], [2, 2]], [[4, 4], [4, 4]]).items()) == [("0.weight", 2), ("1.weight", 4)]


def test_a_parameter_without_a_gradient_is_left_out():
    assert flow([[2, 2], [2, 2]], None, [[4, 4], [4, 4]]) == {"0.weight": 2, "2.weight": 4}


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_tiny_and_huge_gradients_survive_being_squared(size):
    found = flow(np.full((2, 2), size, np.float32))
    assert found == {"0.weight": pytest.approx(size, rel=1e-4, abs=0)}


def test_the_sizes_are_python_floats():
    assert kinds_of_value([[6, 0], [0, 8]], [[2, 2], [2, 2]]) == ["float", "float"]
