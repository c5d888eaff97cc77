"""named_parameters finds every parameter of the tree, with its path, in order, each once."""

from tinytorch.autograd import Tensor
from tinytorch.layers import Module, Parameter
from tito.testing import on_student_side


@on_student_side
def module(**attributes):
    made = Module()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


@on_student_side
def found(module):
    return [(path, parameter.tolist()) for path, parameter in module.named_parameters()]


@on_student_side
def the_same_objects(module, *parameters):
    given = [parameter for _, parameter in module.named_parameters()]
    return len(given) == len(parameters) and all(a is b for a, b in zip(given, parameters))


def test_a_modules_own_parameters_come_in_the_order_in_which_they_were_set():
    assert found(module(weight=Parameter(1), bias=Parameter(2))) == [("weight", 1), ("bias", 2)]
    assert found(module(bias=Parameter(2), a=Parameter(3), weight=Parameter(1))) == [
        ("bias", 2),
        ("a", 3),
        ("weight", 1),
    ]
    assert found(Module()) == []
    model = module(weight=Parameter(1), bias=Parameter(2))
    assert the_same_objects(model, model.weight, model.bias) is True


def test_those_of_its_parts_follow_with_their_paths():
    assert found(module(a=module(x=Parameter(1), y=Parameter(2)))) == [("a.x", 1), ("a.y", 2)]
    assert found(module(a=module(x=Parameter(1)), y=Parameter(2))) == [("y", 2), ("a.x", 1)]
    assert found(module(a=module(b=module(x=Parameter(1))))) == [("a.b.x", 1)]
    inner = module(inner=module(weight=Parameter(5)), bias=Parameter(4))
    model = module(first=module(slope=Parameter(1), offset=Parameter(2)), second=inner, scale=Parameter(3))
    assert found(model) == [
        ("scale", 3),
        ("first.slope", 1),
        ("first.offset", 2),
        ("second.bias", 4),
        ("second.inner.weight", 5),
    ]


def test_a_parameter_is_known_by_its_class_alone():
    model = module(name="model", size=3, bias=None, mean=Tensor(7), weight=Parameter(1))
    model.part = module(input=Tensor(8, requires_grad=True), scale=Parameter(2))
    assert found(model) == [("weight", 1), ("part.scale", 2)]
    frozen = module(weight=Parameter(1, requires_grad=False), bias=Parameter(2))
    assert found(frozen) == [("weight", 1), ("bias", 2)]


def test_a_parameter_that_two_parts_share_comes_once():
    shared = Parameter([1, 2])
    first, second = module(weight=shared), module(bias=Parameter(5), tied=shared)
    assert found(module(first=first, second=second)) == [("first.weight", [1, 2]), ("second.bias", 5)]
    assert found(module(a=shared, b=shared)) == [("a", [1, 2])]
    assert found(module(left=first, right=first)) == [("left.weight", [1, 2])]


def test_equal_values_do_not_make_two_parameters_one():
    model = module(a=Parameter([1, 2]), b=Parameter([1, 2]), part=module(a=Parameter([1, 2])))
    assert found(model) == [("a", [1, 2]), ("b", [1, 2]), ("part.a", [1, 2])]
