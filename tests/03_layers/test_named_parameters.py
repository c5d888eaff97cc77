"""named_parameters finds every parameter of the tree, with its path, in order, each once."""

import itertools

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
    return [any(a is b for b in given) for a in parameters], len(given)


@on_student_side
def planted(tree):
    """A module with a part for each dict, and a parameter for each number, in this order."""
    made = Module()
    for name, value in tree.items():
        setattr(made, name, planted(value) if isinstance(value, dict) else Parameter(value))
    return made


def grown(rng, levels):
    """A tree of drawn numbers under drawn names."""
    tree = {}
    for name in rng.permutation(list("abcdefgh"))[: rng.integers(2, 5)].tolist():
        is_part = levels and rng.random() < 0.5
        tree[name] = grown(rng, levels - 1) if is_part else int(rng.integers(1000))
    return tree


def listed(tree, path=""):
    """What `named_parameters` should find in it: a module's own, and then those of its parts."""
    own = [(path + name, value) for name, value in tree.items() if not isinstance(value, dict)]
    parts = [listed(value, f"{path}{name}.") for name, value in tree.items() if isinstance(value, dict)]
    return own + list(itertools.chain(*parts))


def test_a_modules_own_parameters_come_in_the_order_in_which_they_were_set(rng):
    assert found(module(weight=Parameter(1), bias=Parameter(2))) == [("weight", 1), ("bias", 2)]
    assert found(module(bias=Parameter(2), a=Parameter(3), weight=Parameter(1))) == [
        ("bias", 2),
        ("a", 3),
        ("weight", 1),
    ]
    assert found(Module()) == []
    model = module(weight=Parameter(1), bias=Parameter(2))
    assert the_same_objects(model, model.weight, model.bias, Parameter(1)) == ([True, True, False], 2)
    flat = grown(rng, 0)
    assert found(planted(flat)) == list(flat.items())


def test_those_of_its_parts_follow_with_their_paths(rng):
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
    tree = {"top": grown(rng, 1)} | grown(rng, 2) | {"deep": {"deep": grown(rng, 1)}}
    assert found(planted(tree)) == listed(tree)


def test_a_parameter_is_known_by_its_class_alone(rng):
    one, two = rng.integers(1000, size=2).tolist()
    model = module(name="model", size=3, bias=None, mean=Tensor(7), weight=Parameter(one))
    model.part = module(input=Tensor(8, requires_grad=True), scale=Parameter(two))
    model.count = Tensor(9)
    assert found(model) == [("weight", one), ("part.scale", two)]
    frozen = module(weight=Parameter(one, requires_grad=False), bias=Parameter(two))
    assert found(frozen) == [("weight", one), ("bias", two)]


def test_a_parameter_that_two_parts_share_comes_once(rng):
    for values, five in (([1, 2], 5), (rng.integers(1000, size=3).tolist(), int(rng.integers(1000)))):
        shared = Parameter(values)
        first, second = module(weight=shared), module(bias=Parameter(five), tied=shared)
        assert found(module(first=first, second=second)) == [("first.weight", values), ("second.bias", five)]
        assert found(module(a=shared, b=shared)) == [("a", values)]
        assert found(module(left=first, right=first)) == [("left.weight", values)]
        assert found(module(part=first, own=shared)) == [("own", values)]


def test_equal_values_do_not_make_two_parameters_one(rng):
    for values in ([1, 2], rng.integers(1000, size=3).tolist()):
        model = module(a=Parameter(values), b=Parameter(values), part=module(a=Parameter(values)))
        assert found(model) == [("a", values), ("b", values), ("part.a", values)]
