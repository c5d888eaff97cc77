"""register_hook has a function called with a tensor's gradient, until it is removed."""

import pytest

from tinytorch.autograd import Tensor
from tinytorch.backprop import register_hook
from tito.testing import on_student_side


@on_student_side
def hooks_called(names, removed=(), on="a result"):
    called, x = [], Tensor([1], requires_grad=True)
    tensor = x if on == "a leaf" else x * 2
    remove = {}
    for name in names:
        remove[name] = register_hook(tensor, lambda grad, name=name: called.append(name))
    for name in removed:
        remove[name]()
    for hook in getattr(tensor.node or tensor, "hooks", ()):
        hook(Tensor([1]))
    return called


@on_student_side
def calls_of_one_function_registered_twice_and_removed(times):
    called, tensor = [], Tensor([1], requires_grad=True)

    def hook(grad):
        called.append(grad)

    removers = [register_hook(tensor, hook), register_hook(tensor, hook)]
    for remove in removers[:times]:
        remove()
    for registered in tensor.hooks:
        registered(Tensor([1]))
    return len(called)


@on_student_side
def calls_when_removing_twice():
    called, tensor = [], Tensor([1], requires_grad=True)
    remove = register_hook(tensor, lambda grad: called.append("first"))
    register_hook(tensor, lambda grad: called.append("second"))
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
def hooks_seen_by_a_loop_while_one_removes_itself():
    called, tensor, remove = [], Tensor([1], requires_grad=True), {}

    def once(grad):
        called.append("once")
        remove["once"]()

    remove["once"] = register_hook(tensor, once)
    register_hook(tensor, lambda grad: called.append("always"))
    for _ in range(2):
        for hook in tensor.hooks:
            hook(Tensor([1]))
    return called


@pytest.mark.parametrize("on", ["a result", "a leaf"])
def test_the_hook_is_called(on):
    assert hooks_called(["print"], on=on) == ["print"]


def test_several_are_called_in_the_order_of_registration():
    assert hooks_called(["first", "second", "third"]) == ["first", "second", "third"]
    assert hook_on_one_of_two_tensors_is_called_for_the_other() is False


def test_a_removed_hook_is_not_called_and_the_others_are():
    assert hooks_called(["first", "second", "third"], removed=["second"]) == ["first", "third"]
    assert hooks_called(["first", "second", "third"], removed=["third", "first"]) == ["second"]
    assert hooks_called(["first"], removed=["first"], on="a leaf") == []


def test_removing_again_does_nothing():
    assert calls_when_removing_twice() == ["second"]


def test_a_function_registered_twice_can_be_removed_once():
    assert calls_of_one_function_registered_twice_and_removed(times=0) == 2
    assert calls_of_one_function_registered_twice_and_removed(times=1) == 1


def test_a_hook_may_remove_itself_while_it_is_called():
    assert hooks_seen_by_a_loop_while_one_removes_itself() == ["once", "always", "always"]
