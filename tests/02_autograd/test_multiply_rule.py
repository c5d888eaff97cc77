"""The rule of a * b: each factor gets the gradient of the product, times the other factor."""

import numpy as np

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


def test_each_factor_gets_the_other():
    assert_close(gradient("a", "(a * b).backward()", a=3, b=4), 4)
    assert_close(gradient("b", "(a * b).backward()", a=3, b=4), 3)


def test_the_gradient_of_the_product_counts():
    assert_close(gradient("a", "(a * b).backward([10, 100])", a=[3, 5], b=[4, 6]), [40, 600])
    assert_close(gradient("b", "(a * b).backward([10, 100])", a=[3, 5], b=[4, 6]), [30, 500])


def test_a_number_or_an_array_may_be_a_factor():
    assert_close(gradient("x", "(x * 2).backward([1, 10])", x=[3, 5]), [2, 20])
    assert_close(gradient("x", "(np.array([4, 6]) * x).backward([1, 10])", x=[3, 5]), [4, 60])


def test_products_of_products(rng):
    values, weights = rng.uniform(0.5, 2, (3, 5)), rng.uniform(0.5, 2, 5)
    x, y, z = (Tensor(row, requires_grad=True) for row in values)
    (x * y * x * z).backward(weights)
    assert_close(x.grad, 2 * values[0] * values[1] * values[2] * weights)
    assert_close(y.grad, values[0] ** 2 * values[2] * weights)
    assert_close(z.grad, values[0] ** 2 * values[1] * weights)
