"""apply runs an operation as before, and notes down what somebody may want the gradient of."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, no_grad
from tito.testing import assert_close, on_student_side, type_name


@on_student_side
def switch_on():
    import sys

    sys.modules["tinytorch.autograd"]._recording = True


@pytest.fixture(autouse=True)
def leave_it_on_for_the_other_tests():
    yield
    switch_on()


@on_student_side
def apply_soft(x, *inputs, **options):
    def soft(*arrays, scale=1):
        return sum(arrays) * scale

    return x.apply(soft, *inputs, **options)


@on_student_side
def holds_the_result(node, tensor):
    return node.out is tensor.array


def test_the_result_is_as_before():
    x = Tensor([1, 4], requires_grad=True)
    assert_close(x * 2, [2, 8])
    assert_close((x * 2).sum(dim=0, keepdim=True), [10])
    assert type_name(x * 2) == "Tensor"
    assert_close(Tensor([1, 4]) * 2, [2, 8])


MADE_OF_X = {
    "x * 2": lambda x, constant: x * 2,
    "2 * x": lambda x, constant: 2 * x,
    "x * constant": lambda x, constant: x * constant,
    "constant * x": lambda x, constant: constant * x,
    "in two steps": lambda x, constant: (x * 2).exp() + constant,
}


@pytest.mark.parametrize("way", MADE_OF_X)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_made_of_it_requires_a_gradient_too(way, dtype):
    x, constant = Tensor([1, 4], dtype=dtype, requires_grad=True), Tensor([2, 3])
    assert MADE_OF_X[way](x, constant).requires_grad is True


def test_the_node_holds_the_operation_its_inputs_its_options_and_the_array():
    x = Tensor([[1, 4]], requires_grad=True)
    y = 2 * x
    assert y.node.op.__name__ == "multiply"
    first, second = y.node.inputs
    assert first == 2 and second is x
    assert y.node.options == {}
    total = y.sum(dim=1)
    assert len(total.node.inputs) == 1 and total.node.inputs[0] is y
    assert total.node.options == {"axis": 1, "keepdims": False}
    assert holds_the_result(y.node, y) is True
    weighted = apply_soft(x, x, np.array([1, 1]), 1, scale=3)
    assert weighted.node.op.__name__ == "soft" and len(weighted.node.inputs) == 3
    assert weighted.node.options == {"scale": 3}


@pytest.mark.parametrize("way", ["nothing requires one", "detached", "bool", "int"])
def test_nothing_is_noted_where_there_can_be_no_gradient(way):
    x = Tensor([1, 4], requires_grad=way != "nothing requires one")
    if way == "detached":
        x = x.detach()
    result = {"bool": lambda: x > 2, "int": lambda: x.argmax()}.get(way, lambda: x * 2)()
    assert result.node is None
    assert result.requires_grad is False


def test_nothing_is_noted_inside_no_grad():
    x = Tensor([1, 4], requires_grad=True)
    assert (x * 2).node is not None
    with no_grad():
        y = x * 2
    assert y.node is None
    assert y.requires_grad is False
