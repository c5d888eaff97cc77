"""The rule of linear gives each input its gradient: weighted sums for x, products for the weight, sums for the bias."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import linear
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, x, weight, bias, grad):
    inputs = {"x": x, "weight": weight, "bias": bias}
    inputs = {name: Tensor(np.array(value, np.float64), requires_grad=True) for name, value in inputs.items()}
    inputs["x"].apply(linear, *inputs.values()).backward(np.array(grad, np.float64))
    return inputs[of].grad.array


def test_x_gets_the_gradients_of_the_outputs_weighted_as_it_was_used():
    assert_close(gradient("x", [[5, 6]], [[1, 2], [3, 4]], [0, 0], [[1, 10]]), [[31, 42]])
    assert_close(gradient("x", [[1, 2, 3]], [[1, 0, 0], [0, 1, 1]], [10, 20], [[1, 10]]), [[1, 10, 10]])


def test_each_weight_gets_the_gradient_of_its_output_times_its_input():
    assert_close(gradient("weight", [[5, 6]], [[1, 2], [3, 4]], [0, 0], [[1, 10]]), [[5, 6], [50, 60]])
    expected = [[1, 2, 3], [10, 20, 30]]
    assert_close(gradient("weight", [[1, 2, 3]], [[1, 0, 0], [0, 1, 1]], [10, 20], [[1, 10]]), expected)


def test_weight_and_bias_add_up_what_comes_from_all_rows():
    three_rows = [[1, 0], [2, 0], [0, 3]], [[1, 2], [3, 4]], [0, 0], [[1, 10], [1, 10], [2, 20]]
    assert_close(gradient("bias", *three_rows), [4, 40])
    assert_close(gradient("weight", *three_rows), [[3, 6], [30, 60]])


@pytest.mark.parametrize("axes", [(), (4,), (2, 3), (2, 1, 3), (0,)])
def test_every_input_gets_a_gradient_of_its_own_shape(axes, rng):
    x, weight, bias = rng.standard_normal((*axes, 5)), rng.standard_normal((3, 5)), rng.standard_normal(3)
    grad = rng.standard_normal((*axes, 3))
    assert_close(gradient("x", x, weight, bias, grad), np.einsum("...o,oi->...i", grad, weight))
    expected = np.einsum("no,ni->oi", grad.reshape(-1, 3), x.reshape(-1, 5))
    assert_close(gradient("weight", x, weight, bias, grad), expected)
    assert_close(gradient("bias", x, weight, bias, grad), grad.reshape(-1, 3).sum(axis=0))


def test_it_works_without_a_bias_and_for_data_that_needs_no_gradient():
    x, weight = Tensor([[5, 6]]), Tensor([[1, 2], [3, 4]], requires_grad=True)
    x.apply(linear, x, weight, None).backward(np.array([[1, 10]]))
    assert_close(weight.grad, [[5, 6], [50, 60]], dtype=np.float32)
    assert x.grad is None
