"""every_path sends the gradient down each path to a leaf, and adds up what arrives."""

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side, type_name


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, names)
    return names[of].grad


def test_the_gradient_reaches_every_leaf():
    assert_close(gradient("a", "(a - b).backward()", a=3, b=2), 1)
    assert_close(gradient("b", "(a - b).backward()", a=3, b=2), -1)
    c = Tensor([1, 2], requires_grad=True)
    (5 - (c - 1)).backward([10, 20])
    assert_close(c.grad, [-10, -20])
    assert type_name(c.grad) == "Tensor"


def test_what_arrives_over_several_paths_is_added():
    assert_close(gradient("x", "(x + x).backward()", x=3), 2)
    assert_close(gradient("x", "y = x + x; (y + y).backward()", x=3), 4)
    program = "c = a - b; (c + c + a).backward([1, 10])"
    assert_close(gradient("a", program, a=[1, 2], b=[3, 4]), [3, 30])
    assert_close(gradient("b", program, a=[1, 2], b=[3, 4]), [-2, -20])


def test_what_is_there_already_is_added_to():
    program = "y = x + x; y.backward([1, 10]); y.backward([1, 10]); (-x).backward([1, 1])"
    assert_close(gradient("x", program, x=[1, 2]), [3, 39])


def test_each_leaf_has_memory_of_its_own():
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    (a + 1).backward([5, 5])
    assert_close(b.grad, [1, 10])
    assert_close(a.grad, [6, 15])
    a, b = Tensor([1, 2], requires_grad=True), Tensor([3, 4], requires_grad=True)
    (a + b).backward([1, 10])
    a.grad.array[...] = 7
    assert_close(b.grad, [1, 10])


def test_only_leaves_that_require_a_gradient_get_one():
    x, constant = Tensor([1, 2], requires_grad=True), Tensor([3, 4])
    y = x + constant
    (y + y).backward([1, 1])
    assert_close(x.grad, [2, 2])
    assert y.grad is None
    assert constant.grad is None
