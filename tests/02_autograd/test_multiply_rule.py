"""The rule of a * b: each factor gets the gradient of the product, times the other factor."""

import numpy as np

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, rule, sizes


def test_each_factor_gets_the_other(rng):
    assert_close(gradient("a", "(a * b).backward()", a=3, b=4), 4)
    assert_close(gradient("b", "(a * b).backward()", a=3, b=4), 3)
    a, b = rng.standard_normal(2).tolist()
    assert_close(gradient("a", "(a * b).backward()", a=a, b=b), b)
    assert_close(gradient("b", "(a * b).backward()", a=a, b=b), a)


def test_the_gradient_of_the_product_counts(rng):
    assert_close(gradient("a", "(a * b).backward([10, 100])", a=[3, 5], b=[4, 6]), [40, 600])
    assert_close(gradient("b", "(a * b).backward([10, 100])", a=[3, 5], b=[4, 6]), [30, 500])
    a, b, weights = rng.standard_normal((3, *sizes(rng, 2)))
    for dtype in (np.float32, np.float64):
        given = weights.astype(dtype), a.astype(dtype), b.astype(dtype)
        (by_a, by_b), after = rule(derivatives, np.multiply, *given)
        assert_close(by_a, weights * b, dtype=dtype)
        assert_close(by_b, weights * a, dtype=dtype)
        for array, before in zip(after, (given[0], given[1] * given[2], *given[1:])):
            assert_close(array, before)


def test_a_factor_may_be_0(rng):
    assert_close(gradient("a", "(a * b).backward([10, 100])", a=[0, 5], b=[4, 0]), [40, 0])
    assert_close(gradient("b", "(a * b).backward([10, 100])", a=[0, 5], b=[4, 0]), [0, 500])
    a, b, weights = rng.standard_normal((3, 4, 5)) * (rng.random((3, 4, 5)) < 0.5)
    assert_close(gradient("a", "(a * b).backward(np.ones((4, 5)))", a=a, b=b), b)
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    (x * y).backward(weights)
    assert_close(x.grad, weights * b)
    assert_close(y.grad, weights * a)


def test_a_number_or_an_array_may_be_a_factor(rng):
    assert_close(gradient("x", "(x * 2).backward([1, 10])", x=[3, 5]), [2, 20])
    assert_close(gradient("x", "(np.array([4, 6]) * x).backward([1, 10])", x=[3, 5]), [4, 60])
    array, weights = rng.standard_normal((2, *sizes(rng, 2)))
    for factor in (float(rng.standard_normal()), rng.standard_normal(array.shape)):
        x = Tensor(array, requires_grad=True)
        (factor * x - x * factor - x * factor).backward(weights)
        assert_close(x.grad, -weights * factor)


def test_products_of_products(rng):
    values, weights = rng.uniform(0.5, 2, (3, 5)), rng.uniform(0.5, 2, 5)
    x, y, z = (Tensor(row, requires_grad=True) for row in values)
    (x * y * x * z).backward(weights)
    assert_close(x.grad, 2 * values[0] * values[1] * values[2] * weights)
    assert_close(y.grad, values[0] ** 2 * values[2] * weights)
    assert_close(z.grad, values[0] ** 2 * values[1] * weights)
