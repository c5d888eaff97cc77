"""register_hook has a function called with a tensor's gradient, until it is removed."""

import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import register_hook
from tito.testing import drawn_names, on_student_side


@on_student_side
def hooks_called(names, removed=(), on="a result", passes=1):
    called, x = [], Tensor([1], requires_grad=True)
    tensor = x if on == "a leaf" else x * 2
    remove = {}
    for name in names:
        remove[name] = register_hook(tensor, lambda grad, name=name: called.append(name))
    for name in removed:
        remove[name]()
    for _ in range(passes):
        for hook in getattr(tensor.node or tensor, "hooks", ()):
            hook(Tensor([1]))
    return called


@on_student_side
def what_hooks_give(numbers):
    tensor = Tensor([1], requires_grad=True) * 2
    for number in numbers:
        register_hook(tensor, lambda grad, number=number: grad * number)
    return [hook(Tensor([1])).item() for hook in tensor.node.hooks]


@on_student_side
def calls_of_one_function_registered_and_removed(registered, removed, grad=1):
    called, tensor = [], Tensor([1], requires_grad=True)

    def hook(grad):
        called.append(grad.item())

    removers = [register_hook(tensor, hook) for _ in range(registered)]
    for remove in removers[:removed]:
        remove()
    for registered in tensor.hooks:
        registered(Tensor([grad]))
    return called


@on_student_side
def calls_when_removing_twice(first, second):
    called, tensor = [], Tensor([1], requires_grad=True)
    remove = register_hook(tensor, lambda grad: called.append(first))
    register_hook(tensor, lambda grad: called.append(second))
    remove()
    remove()
    for hook in tensor.hooks:
        hook(Tensor([1]))
    return called


@on_student_side
def hook_on_one_of_two_tensors_is_called_for_the_other():
    called, one, other = [], Tensor([1], requires_grad=True), Tensor([1], requires_grad=True)
    register_hook(one, called.append)
    for hook in getattr(other, "hooks", ()):
        hook(Tensor([1]))
    return len(called) > 0


@on_student_side
def hooks_seen_by_a_loop_while_one_removes_itself(first, second):
    called, tensor, remove = [], Tensor([1], requires_grad=True), {}

    def once(grad):
        called.append(first)
        remove["once"]()

    remove["once"] = register_hook(tensor, once)
    register_hook(tensor, lambda grad: called.append(second))
    for _ in range(2):
        for hook in tensor.hooks:
            hook(Tensor([1]))
    return called


@pytest.mark.parametrize("on", ["a result", "a leaf"])
def test_the_hook_is_called(on, rng):
    assert hooks_called(["print"], on=on) == ["print"]
    name = drawn_names(rng, 1)
    assert hooks_called(name, on=on, passes=3) == name * 3
    numbers = rng.integers(2, 1000, 3).tolist()
    assert what_hooks_give(numbers) == numbers


def test_several_are_called_in_the_order_of_registration(rng):
    assert hooks_called(["first", "second", "third"]) == ["first", "second", "third"]
    assert hook_on_one_of_two_tensors_is_called_for_the_other() is False
    names = drawn_names(rng, rng.integers(3, 7))
    assert hooks_called(names, on="a leaf", passes=2) == names * 2


def test_a_removed_hook_is_not_called_and_the_others_are(rng):
    assert hooks_called(["first", "second", "third"], removed=["second"]) == ["first", "third"]
    assert hooks_called(["first", "second", "third"], removed=["third", "first"]) == ["second"]
    assert hooks_called(["first"], removed=["first"], on="a leaf") == []
    names = drawn_names(rng, rng.integers(4, 8))
    removed = [str(name) for name in rng.permutation(names)[:3]]
    assert hooks_called(names, removed, passes=2) == [name for name in names if name not in removed] * 2


def test_removing_again_does_nothing(rng):
    assert calls_when_removing_twice("first", "second") == ["second"]
    first, second = drawn_names(rng, 2)
    assert calls_when_removing_twice(first, second) == [second]


def test_a_function_registered_twice_can_be_removed_once(rng):
    assert calls_of_one_function_registered_and_removed(2, removed=0) == [1, 1]
    assert calls_of_one_function_registered_and_removed(2, removed=1) == [1]
    times, grad = int(rng.integers(3, 9)), int(rng.integers(2, 1000))
    assert calls_of_one_function_registered_and_removed(times, times - 2, grad) == [grad, grad]


def test_a_hook_may_remove_itself_while_it_is_called(rng):
    assert hooks_seen_by_a_loop_while_one_removes_itself("once", "always") == ["once", "always", "always"]
    first, second = drawn_names(rng, 2)
    assert hooks_seen_by_a_loop_while_one_removes_itself(first, second) == [first, second, second]
