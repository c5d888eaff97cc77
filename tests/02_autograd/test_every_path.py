"""every_path sends the gradient down each path to a leaf, and adds up what arrives."""

from tinytorch.autograd import Tensor
from tito.testing import assert_close, type_name


def test_the_gradient_reaches_every_leaf():
    a, b = Tensor(3, requires_grad=True), Tensor(2, requires_grad=True)
    (a - b).backward()
    assert_close(a.grad, 1)
    assert_close(b.grad, -1)
    c = Tensor([1, 2], requires_grad=True)
    (5 - (c - 1)).backward([10, 20])
    assert_close(c.grad, [-10, -20])
    assert type_name(c.grad) == "Tensor"


def test_what_arrives_over_several_paths_is_added():
    x = Tensor(3, requires_grad=True)
    (x + x).backward()
    assert_close(x.grad, 2)
    x = Tensor(3, requires_grad=True)
    y = x + x
    (y + y).backward()
    assert_close(x.grad, 4)
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    c = a - b
    (c + c + a).backward([1, 10])
    assert_close(a.grad, [3, 30])
    assert_close(b.grad, [-2, -20])


def test_what_is_there_already_is_added_to():
    x = Tensor([1, 2], requires_grad=True)
    y = x + x
    y.backward([1, 10])
    y.backward([1, 10])
    (-x).backward([1, 1])
    assert_close(x.grad, [3, 39])


def test_each_leaf_has_memory_of_its_own():
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    (a + 1).backward([5, 5])
    assert_close(b.grad, [1, 10])
    assert_close(a.grad, [6, 15])
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    a.grad.data[...] = 7
    assert_close(b.grad, [1, 10])


def test_only_leaves_that_require_a_gradient_get_one():
    x, constant = Tensor([1, 2], requires_grad=True), Tensor([3, 4])
    y = x + constant
    (y + y).backward([1, 1])
    assert_close(x.grad, [2, 2])
    assert y.grad is None
    assert constant.grad is None
