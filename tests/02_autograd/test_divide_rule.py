"""The rule of a / b: 1 / b by the numerator, and by the denominator minus the quotient, over b."""

import numpy as np

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, rule, sizes


def test_numerator_and_denominator(rng):
    assert_close(gradient("a", "(a / b).backward(8)", a=12, b=4), 2)
    assert_close(gradient("b", "(a / b).backward(8)", a=12, b=4), -6)
    a, b = rng.uniform(1, 3, 2).tolist()
    assert_close(gradient("a", "(a / b).backward()", a=a, b=b), 1 / b)
    assert_close(gradient("b", "(a / b).backward()", a=a, b=b), -a / (b * b))


def test_value_by_value_in_the_dtype_of_grad(rng):
    assert_close(gradient("a", "(a / b).backward([10, 100])", a=[3, 5], b=[4, -2]), [2.5, -50])
    assert_close(gradient("b", "(a / b).backward([16, 100])", a=[3, 5], b=[4, -2]), [-3, -125])
    for dtype in (np.float32, np.float64):
        shape = sizes(rng, 2)
        weights, a, b = (array.astype(dtype) for array in rng.uniform(0.5, 2, (3, *shape)))
        (by_a, by_b), after = rule(derivatives, np.true_divide, weights, a, -b)
        assert_close(by_a, -weights / b, dtype=dtype)
        assert_close(by_b, -weights * a / (b * b), dtype=dtype)
        for array, before in zip(after, (weights, -a / b, a, -b)):
            assert_close(array, before)


def test_the_numerator_may_be_0(rng):
    assert_close(gradient("a", "(a / b).backward([8, 100])", a=[0, 5], b=[4, 2]), [2, 50])
    assert_close(gradient("b", "(a / b).backward([8, 100])", a=[0, 8], b=[4, 2]), [0, -200])
    a, b = rng.standard_normal((4, 5)) * (rng.random((4, 5)) < 0.5), rng.uniform(1, 2, (4, 5))
    assert_close(gradient("a", "(a / b).backward(np.ones((4, 5)))", a=a, b=b), 1 / b)
    assert_close(gradient("b", "(a / b).backward(np.ones((4, 5)))", a=a, b=b), -a / (b * b))


def test_a_large_denominator_is_not_squared(rng):
    for dtype, large in ((np.float32, 1e20), (np.float64, 1e200), (np.float32, float(rng.uniform(1e21, 1e25)))):
        a, b = np.array([2 * large], dtype), np.array([large], dtype)
        (_, by_b), _ = rule(derivatives, np.true_divide, np.array([large], dtype), a, b)
        assert_close(by_b, [-2], dtype=dtype)


def test_a_number_or_an_array_may_be_either(rng):
    assert_close(gradient("x", "(x / 4).backward([1, 10])", x=[3, 5]), [0.25, 2.5])
    assert_close(gradient("x", "(np.array([8, 50]) / x).backward([1, 10])", x=[2, 5]), [-2, -20])
    values, array, weights = rng.uniform(1, 2, (3, *sizes(rng, 2)))
    number = float(rng.uniform(1, 2))
    for other in (number, array):
        x = Tensor(values, requires_grad=True)
        (x / other).backward(weights)
        (other / x).backward(weights)
        assert_close(x.grad, weights / other - weights * other / (values * values))
