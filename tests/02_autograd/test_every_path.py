"""every_path sends the gradient down each path to a leaf, and adds up what arrives."""

import numpy as np

from tinytorch.autograd import Tensor
from tito.testing import assert_close, gradient, on_student_side, sizes, type_name


@on_student_side
def after_two_rounds(Tensor, a, b, grad):
    """The gradients of a and b, and `grad`, which a rule or the caller may hold, after it was added twice."""
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    (a + b).backward(grad)
    (a + 1).backward(grad)
    return a.grad.array, b.grad.array, grad


def test_the_gradient_reaches_every_leaf(rng):
    assert_close(gradient("a", "(a - b).backward()", a=3, b=2), 1)
    assert_close(gradient("b", "(a - b).backward()", a=3, b=2), -1)
    c = Tensor([1, 2], requires_grad=True)
    (5 - (c - 1)).backward([10, 20])
    assert_close(c.grad, [-10, -20])
    assert type_name(c.grad) == "Tensor"
    a, b, weights = rng.standard_normal((3, *sizes(rng, 2)))
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    (a - (1 - b)).backward(weights)
    assert_close(a.grad, weights, dtype=np.float64)
    assert_close(b.grad, weights, dtype=np.float64)


def test_what_arrives_over_several_paths_is_added(rng):
    assert_close(gradient("x", "(x + x).backward()", x=3), 2)
    assert_close(gradient("x", "y = x + x; (y + y).backward()", x=3), 4)
    program = "c = a - b; (c + c + a).backward([1, 10])"
    assert_close(gradient("a", program, a=[1, 2], b=[3, 4]), [3, 30])
    assert_close(gradient("b", program, a=[1, 2], b=[3, 4]), [-2, -20])
    doubled, array, weights = int(rng.integers(2, 7)), *rng.standard_normal((2, *sizes(rng, 2)))
    y = x = Tensor(array, requires_grad=True)
    for _ in range(doubled):
        y = y + y
    (y - x).backward(weights)
    assert_close(x.grad, (2**doubled - 1) * weights)


def test_what_is_there_already_is_added_to(rng):
    program = "y = x + x; y.backward([1, 10]); y.backward([1, 10]); (-x).backward([1, 1])"
    assert_close(gradient("x", program, x=[1, 2]), [3, 39])
    x = Tensor(rng.standard_normal(sizes(rng, 2)), requires_grad=True)
    weights = rng.standard_normal((5, *x.shape))
    for weight in weights:
        (x + x).backward(weight)
    x.backward(weights[0])
    assert_close(x.grad, 2 * weights.sum(axis=0) + weights[0])


def test_each_leaf_has_memory_of_its_own(rng):
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    (a + 1).backward([5, 5])
    assert_close(b.grad, [1, 10])
    assert_close(a.grad, [6, 15])
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    a.grad.array[...] = 7
    assert_close(b.grad, [1, 10])
    a, b, weights = rng.standard_normal((3, *sizes(rng, 2)))
    by_a, by_b, after = after_two_rounds(Tensor, a, b, weights)
    assert_close(by_a, 2 * weights)
    assert_close(by_b, weights)
    assert_close(after, weights)


def test_only_leaves_that_require_a_gradient_get_one(rng):
    for values, weights in ((np.array([1.0, 2]), np.ones(2)), rng.standard_normal((2, *sizes(rng, 2)))):
        x, constant = Tensor(values, requires_grad=True), Tensor(values + 1)
        y = x + constant
        (y + y).backward(weights)
        assert_close(x.grad, 2 * weights)
        assert y.grad is None
        assert constant.grad is None
