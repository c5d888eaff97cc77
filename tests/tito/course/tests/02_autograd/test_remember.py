"""apply notes down what was done."""

import numpy as np

from tinytorch import tensor
from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def kinds(x):
    op, inputs = x.made_by
    return op.__name__, [type(i).__name__ for i in inputs], isinstance(x, tensor.Tensor)


def test_the_result_is_as_before():
    x = Tensor([1, 2])
    assert_close(x * 3, [3, 6])
    assert isinstance(x * 3, Tensor) and isinstance(x * 3, tensor.Tensor)


def test_the_operation_and_its_inputs_are_noted_down():
    x = Tensor([1, 2])
    op, (first, second) = (x * 3).made_by
    assert first is x and second == 3 and op.__name__ == "multiply"
    assert kinds(x * 3) == ("multiply", ["Tensor", "int"], True)


def test_a_gradient_comes_back():
    x = Tensor([1, 2], requires_grad=True)
    y = x * 3
    y.backward(np.ones(2))
    assert_close(x.grad, [3, 3])
    assert x.requires_grad and not y.requires_grad
