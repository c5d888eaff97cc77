"""The rule of logaddexp: the slopes are shares of the two exponentials, computed so that nothing overflows."""

import math

import numpy as np

from tinytorch.autograd import Tensor, logaddexp
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, a, b, grad):
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    logaddexp(a, b).backward(grad)
    return {"a": a, "b": b}[of].grad


def test_each_gets_its_share_of_the_exponentials():
    a, b = [0, 0], [0, math.log(3)]
    assert_close(gradient("a", a, b, [1, 1]), [0.5, 0.25])
    assert_close(gradient("b", a, b, [1, 1]), [0.5, 0.75])


def test_the_gradient_of_the_output_counts():
    a, b = [0, 0], [0, math.log(3)]
    assert_close(gradient("a", a, b, [10, 100]), [5, 25])
    assert_close(gradient("b", a, b, [10, 100]), [5, 75])


def test_large_numbers_do_not_overflow():
    a, b = [100, -100, 500], [100, 100, -500]
    assert_close(gradient("a", a, b, [1, 1, 1]), [0.5, 0, 1], rtol=1e-3)
    assert_close(gradient("b", a, b, [1, 1, 1]), [0.5, 1, 0], rtol=1e-3)


def test_random_numbers_and_shapes(rng):
    a, b, weights = (rng.standard_normal(shape) for shape in [(4, 1), (3,), (4, 3)])
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    logaddexp(x, y).backward(weights)
    share = 1 / (1 + np.exp(b - a))
    assert_close(x.grad, (weights * share).sum(axis=1, keepdims=True))
    assert_close(y.grad, (weights * (1 - share)).sum(axis=0))
    x = Tensor(a, requires_grad=True)
    logaddexp(0, x).backward(np.ones((4, 1)))
    assert_close(x.grad, 1 / (1 + np.exp(-a)))
