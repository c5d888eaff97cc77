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
        parameter.grad = None if grad is None else Tensor(grad, dtype=np.float32)
    gradient_flow(model)  # looking at the gradients leaves them as they are: the second time it is the same
    return gradient_flow(model)


def agree(found, grads):
    """Compare with the sizes of these gradients, in their order."""
    assert list(found) == list(grads)
    for name, grad in grads.items():
        assert found[name] == pytest.approx(np.sqrt((np.asarray(grad, float) ** 2).mean()), rel=1e-4, abs=0)


@on_student_side
def kinds_of_value(*weights):
    return [type(value).__name__ for value in flow(*weights).values()]


@on_student_side
def flow_of_weight_and_bias(weight, bias):
    layer = Linear(2, 2)
    layer.weight.array[...], layer.bias.array[...] = 10, 10
    layer.weight.grad, layer.bias.grad = Tensor(weight, np.float32), Tensor(bias, np.float32)
    return gradient_flow(layer)


def test_it_is_the_root_of_the_mean_of_the_squares(rng):
    assert flow([[3, 3], [3, 3]]) == {"0.weight": 3}
    assert flow([[3, -3], [-3, 3]]) == {"0.weight": 3}
    assert flow([[6, 0], [0, 8]]) == {"0.weight": 5}
    agree(flow(grad := rng.standard_normal((2, 2))), {"0.weight": grad})


def test_every_parameter_is_there_by_its_name_in_order(rng):
    assert list(flow_of_weight_and_bias([[6, 0], [0, 8]], [2, 2]).items()) == [("weight", 5), ("bias", 2)]
    assert list(flow([[2, 2], [2, 2]], [[4, 4], [4, 4]]).items()) == [("0.weight", 2), ("1.weight", 4)]
    weight, bias = rng.standard_normal((2, 2)), rng.standard_normal(2)
    agree(flow_of_weight_and_bias(weight, bias), {"weight": weight, "bias": bias})
    grads = rng.standard_normal((12, 2, 2))
    agree(flow(*grads), {f"{k}.weight": grad for k, grad in enumerate(grads)})


def test_a_parameter_without_a_gradient_is_left_out(rng):
    assert flow([[2, 2], [2, 2]], None, [[4, 4], [4, 4]]) == {"0.weight": 2, "2.weight": 4}
    assert flow([[2, 2], [2, 2]], [[0, 0], [0, 0]]) == {"0.weight": 2, "1.weight": 0}
    grads = {f"{k}.weight": None if k % 2 else rng.standard_normal((2, 2)) for k in range(rng.integers(4, 9))}
    agree(flow(*grads.values()), {name: grad for name, grad in grads.items() if grad is not None})


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_tiny_and_huge_gradients_survive_being_squared(size, rng):
    found = flow(np.full((2, 2), size, np.float32))
    assert found == {"0.weight": pytest.approx(size, rel=1e-4, abs=0)}
    agree(flow(grad := (size * rng.standard_normal((2, 2))).astype(np.float32)), {"0.weight": grad})


def test_the_sizes_are_python_floats(rng):
    assert kinds_of_value([[6, 0], [0, 8]], [[2, 2], [2, 2]]) == ["float", "float"]
    count = int(rng.integers(3, 40))
    assert kinds_of_value(*rng.standard_normal((count, 2, 2))) == ["float"] * count
