"""The rule of linear gives each input its gradient: weighted sums for x, products for the weight, sums for the bias."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tinytorch.layers import linear
from tito.testing import assert_close, on_student_side, rule, sizes


@on_student_side
def gradient(of, x, weight, bias, grad):
    inputs = {"x": x, "weight": weight, "bias": bias}
    inputs = {name: Tensor(np.array(value, np.float64), requires_grad=True) for name, value in inputs.items()}
    inputs["x"].apply(linear, *inputs.values()).backward(np.array(grad, np.float64))
    return inputs[of].grad.array


def drawn(rng, *axes):
    """x with these axes before its last, a weight, a bias, and a gradient of their output."""
    into, out = sizes(rng, 2)
    return [rng.standard_normal(shape) for shape in ((*axes, into), (out, into), (out,), (*axes, out))]


def test_x_gets_the_gradients_of_the_outputs_weighted_as_it_was_used(rng):
    assert_close(gradient("x", [[5, 6]], [[1, 2], [3, 4]], [0, 0], [[1, 10]]), [[31, 42]])
    assert_close(gradient("x", [[1, 2, 3]], [[1, 0, 0], [0, 1, 1]], [10, 20], [[1, 10]]), [[1, 10, 10]])
    x, weight, bias, grad = drawn(rng, 3)
    assert_close(gradient("x", x, weight, bias, grad), grad @ weight)


def test_each_weight_gets_the_gradient_of_its_output_times_its_input(rng):
    assert_close(gradient("weight", [[5, 6]], [[1, 2], [3, 4]], [0, 0], [[1, 10]]), [[5, 6], [50, 60]])
    expected = [[1, 2, 3], [10, 20, 30]]
    assert_close(gradient("weight", [[1, 2, 3]], [[1, 0, 0], [0, 1, 1]], [10, 20], [[1, 10]]), expected)
    x, weight, bias, grad = drawn(rng, 1)
    assert_close(gradient("weight", x, weight, bias, grad), np.outer(grad, x))


def test_weight_and_bias_add_up_what_comes_from_all_rows(rng):
    three_rows = [[1, 0], [2, 0], [0, 3]], [[1, 2], [3, 4]], [0, 0], [[1, 10], [1, 10], [2, 20]]
    assert_close(gradient("bias", *three_rows), [4, 40])
    assert_close(gradient("weight", *three_rows), [[3, 6], [30, 60]])
    x, weight, bias, grad = drawn(rng, 5)
    assert_close(gradient("bias", x, weight, bias, grad), grad.sum(axis=0))
    assert_close(gradient("weight", x, weight, bias, grad), grad.T @ x)


@pytest.mark.parametrize("axes", [(), (4,), (1,), (2, 3), (2, 1, 3), (0,)])
def test_every_input_gets_a_gradient_of_its_own_shape(axes, rng):
    x, weight, bias, grad = drawn(rng, *axes)
    assert_close(gradient("x", x, weight, bias, grad), np.einsum("...o,oi->...i", grad, weight))
    flat = grad.reshape(-1, len(bias)), x.reshape(-1, x.shape[-1])
    assert_close(gradient("weight", x, weight, bias, grad), np.einsum("no,ni->oi", *flat))
    assert_close(gradient("bias", x, weight, bias, grad), flat[0].sum(axis=0))


def test_grad_and_inputs_stay_as_they_are(rng):
    x, weight, bias, grad = (array.astype(np.float32) for array in drawn(rng, 2, 3))
    (by_x, by_weight, by_bias), after = rule(derivatives, linear, grad, x, weight, bias)
    assert_close(by_x, grad @ weight, dtype=np.float32, rtol=1e-3, atol=1e-5)
    assert_close(by_weight, np.einsum("abo,abi->oi", grad, x), dtype=np.float32, rtol=1e-3, atol=1e-5)
    assert_close(by_bias, grad.sum(axis=(0, 1)), dtype=np.float32, rtol=1e-3, atol=1e-5)
    for array, before in zip(after, (grad, x @ weight.T + bias, x, weight, bias)):
        assert_close(array, before, rtol=1e-3, atol=1e-5)


def test_it_works_without_a_bias_and_for_data_that_needs_no_gradient(rng):
    for x, weight, grad in (([[5, 6]], [[1, 2], [3, 4]], [[1, 10]]), rng.standard_normal((3, 3, 3))):
        data, parameter = Tensor(x), Tensor(weight, requires_grad=True)
        data.apply(linear, data, parameter, None).backward(np.array(grad))
        assert_close(parameter.grad, np.transpose(grad) @ x)
        assert data.grad is None
        data, parameter = Tensor(x, requires_grad=True), Tensor(weight)
        data.apply(linear, data, parameter, None).backward(np.array(grad))
        assert_close(data.grad, grad @ np.array(weight))
