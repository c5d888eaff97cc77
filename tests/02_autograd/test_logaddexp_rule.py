"""The rule of logaddexp: the slopes are shares of the two exponentials, computed so that nothing overflows."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives, logaddexp
from tito.testing import assert_close, on_student_side, rule, sizes


@on_student_side
def gradient(of, a, b, grad):
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    logaddexp(a, b).backward(grad)
    return {"a": a, "b": b}[of].grad


@on_student_side
def gradients_without_a_warning(a, b, grad):
    import warnings

    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    out = logaddexp(a, b)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out.backward(grad)
    return a.grad.array, b.grad.array


def shares(a, b):
    """The share of exp(a) and that of exp(b), by way of a tanh, which cannot overflow."""
    return (1 + np.tanh((a - b) / 2)) / 2, (1 + np.tanh((b - a) / 2)) / 2


def test_each_gets_its_share_of_the_exponentials(rng):
    a, b = [0, 0], [0, math.log(3)]
    assert_close(gradient("a", a, b, [1, 1]), [0.5, 0.25])
    assert_close(gradient("b", a, b, [1, 1]), [0.5, 0.75])
    p = rng.uniform(0.1, 0.9, 5)
    assert_close(gradient("a", np.log(p), np.log(1 - p), np.ones(5)), p)
    assert_close(gradient("b", np.log(p), np.log(1 - p), np.ones(5)), 1 - p)


def test_the_gradient_of_the_output_counts(rng):
    a, b = [0, 0], [0, math.log(3)]
    assert_close(gradient("a", a, b, [10, 100]), [5, 25])
    assert_close(gradient("b", a, b, [10, 100]), [5, 75])
    weights, a, b = given = rng.standard_normal((3, *sizes(rng, 2))).astype(np.float32)
    (by_a, by_b), after = rule(derivatives, np.logaddexp, *given)
    assert_close(by_a, weights * shares(a, b)[0], dtype=np.float32)
    assert_close(by_b, weights * shares(a, b)[1], dtype=np.float32)
    for array, before in zip(after, (weights, np.logaddexp(a, b), a, b)):
        assert_close(array, before)


def test_large_numbers_do_not_overflow(rng):
    a, b = [100, -100, 500], [100, 100, -500]
    assert_close(gradient("a", a, b, [1, 1, 1]), [0.5, 0, 1], rtol=1e-3)
    assert_close(gradient("b", a, b, [1, 1, 1]), [0.5, 1, 0], rtol=1e-3)
    weights = rng.standard_normal(4)
    a = rng.uniform(500, 9000, 4) * [1, -1, 1, -1]
    b = a + rng.standard_normal(4)
    by_a, by_b = shares(a, b)
    assert_close(gradient("a", a, b, weights), weights * by_a)
    assert_close(gradient("b", a, b, weights), weights * by_b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_warns_of_nothing(dtype, rng):
    a, b = np.array([100, -100, 900, 0], dtype), np.array([100, 100, -900, 0], dtype)
    weights = rng.standard_normal(4).astype(dtype)
    by_a, by_b = gradients_without_a_warning(a, b, weights)
    assert_close(by_a, weights * [0.5, 0, 1, 0.5], dtype=dtype)
    assert_close(by_b, weights * [0.5, 1, 0, 0.5], dtype=dtype)
    a = rng.uniform(-9000, 9000, 4).astype(dtype)
    by_a, by_b = gradients_without_a_warning(a, a[::-1].copy(), weights)
    assert_close(by_a, weights * shares(a, a[::-1])[0])
    assert_close(by_b, weights * shares(a, a[::-1])[1])


def test_random_numbers_and_shapes(rng):
    n, m = sizes(rng, 2)
    a, b, weights = (rng.standard_normal(shape) for shape in [(n, 1), (m,), (n, m)])
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    logaddexp(x, y).backward(weights)
    by_a, by_b = shares(a, b)
    assert_close(x.grad, (weights * by_a).sum(axis=1, keepdims=True))
    assert_close(y.grad, (weights * by_b).sum(axis=0))
    x = Tensor(a, requires_grad=True)
    logaddexp(0, x).backward(np.ones((n, 1)))
    assert_close(x.grad, shares(a, 0)[0])
