"""The rule of a * b: each factor gets the gradient of the product, times the other factor."""

import numpy as np

from tinytorch.autograd import Tensor
from tito.testing import assert_close


def test_each_factor_gets_the_other():
    a, b = Tensor(3, requires_grad=True), Tensor(4, requires_grad=True)
    (a * b).backward()
    assert_close(a.grad, 4)
    assert_close(b.grad, 3)


def test_the_gradient_of_the_product_counts():
    a, b = Tensor([3, 5], requires_grad=True), Tensor([4, 6], requires_grad=True)
    (a * b).backward([10, 100])
    assert_close(a.grad, [40, 600])
    assert_close(b.grad, [30, 500])


def test_a_number_or_an_array_may_be_a_factor():
    x = Tensor([3, 5], requires_grad=True)
    (x * 2).backward([1, 10])
    assert_close(x.grad, [2, 20])
    x = Tensor([3, 5], requires_grad=True)
    (np.array([4, 6]) * x).backward([1, 10])
    assert_close(x.grad, [4, 60])


def test_products_of_products(rng):
    values, weights = rng.uniform(0.5, 2, (3, 5)), rng.uniform(0.5, 2, 5)
    x, y, z = (Tensor(row, requires_grad=True) for row in values)
    (x * y * x * z).backward(weights)
    assert_close(x.grad, 2 * values[0] * values[1] * values[2] * weights)
    assert_close(y.grad, values[0] ** 2 * values[2] * weights)
    assert_close(z.grad, values[0] ** 2 * values[1] * weights)
