"""state_dict has every parameter and buffer of the tree, by its path, in its own memory."""

from tinytorch.autograd import Tensor
from tinytorch.layers import Module, Parameter
from tito.testing import on_student_side, sizes


@on_student_side
def planted(tree):
    """A module from dicts: a dict is a part, a list a parameter, and a tuple a buffer with what it holds."""
    made = Module()
    for name, value in tree.items():
        if isinstance(value, dict):
            setattr(made, name, planted(value))
        elif isinstance(value, tuple):
            made.register_buffer(name, Tensor(value[0]))
        else:
            setattr(made, name, Parameter(value))
    return made


@on_student_side
def found(module):
    return [(path, tensor.tolist()) for path, tensor in module.state_dict().items()]


@on_student_side
def after_writing(module, value):
    """What a state holds after the model has changed, and the model after its state was written to."""
    state = module.state_dict()
    module.weight.array[0] = value
    state["mean"].array[0] = value
    return state["weight"].tolist(), module.mean.tolist()


@on_student_side
def kinds(module):
    return [(type(tensor).__name__, tensor.requires_grad) for tensor in module.state_dict().values()]


@on_student_side
def with_a_shared_part(values, other):
    """A part that stands in two places, and a parameter that two parts share."""
    part, model, last = planted({"weight": values}), Module(), planted({"bias": other})
    last.tied = part.weight
    model.first, model.again, model.last = part, part, last
    return model


def listed(tree, path=""):
    """What should be found: a module's parameters, its buffers, and then what its parts have."""
    own = [(path + name, value) for name, value in tree.items() if isinstance(value, list)]
    own += [(path + name, value[0]) for name, value in tree.items() if isinstance(value, tuple)]
    parts = [(name, value) for name, value in tree.items() if isinstance(value, dict)]
    return own + [pair for name, part in parts for pair in listed(part, f"{path}{name}.")]


def grown(rng, levels):
    """A tree of drawn numbers under drawn names, with parts, parameters and buffers."""
    tree = {}
    for name in rng.permutation(list("abcdefgh"))[: rng.integers(3, 6)].tolist():
        values = rng.integers(1000, size=2).tolist()
        kinds = [values, (values,)] + ([grown(rng, levels - 1)] if levels else [])
        tree[name] = kinds[rng.integers(len(kinds))]
    return tree


def test_each_parameter_is_there_by_its_path(rng):
    assert found(planted({"slope": [2], "offset": [1]})) == [("slope", [2]), ("offset", [1])]
    tree = {"first": {"slope": [1], "offset": [0]}, "scale": [10]}
    assert found(planted(tree)) == [("scale", [10]), ("first.slope", [1]), ("first.offset", [0])]
    assert found(planted({})) == []
    values = rng.integers(1000, size=(3, *sizes(rng, 2))).tolist()
    tree = {"part": {"deeper": {"a": values[0]}, "b": values[1]}, "c": values[2]}
    assert found(planted(tree)) == listed(tree)


def test_buffers_come_after_the_parameters_of_their_module(rng):
    tree = {"mean": ([7],), "weight": [1], "part": {"var": ([8],), "bias": [2]}}
    assert found(planted(tree)) == [("weight", [1]), ("mean", [7]), ("part.bias", [2]), ("part.var", [8])]
    for tree in (grown(rng, 2), {"z": {"one": [1], "two": ([2],)}} | grown(rng, 1)):
        assert found(planted(tree)) == listed(tree)


def test_nothing_else_is_in_it(rng):
    module = planted({"weight": [1]})
    module.name, module.size, module.bias, module.constant = "model", 3, None, Tensor(rng.standard_normal(2))
    assert found(module) == [("weight", [1])]


def test_what_is_shared_is_there_by_each_of_its_paths(rng):
    for values, other in (([1, 2], [5]), rng.integers(1000, size=(2, 3)).tolist()):
        expected = [("first.weight", values), ("again.weight", values), ("last.bias", other), ("last.tied", values)]
        assert found(with_a_shared_part(values, other)) == expected


def test_it_lies_in_the_models_own_memory(rng):
    assert after_writing(planted({"weight": [1, 2], "mean": ([3, 4],)}), 9) == ([9, 2], [9, 4])
    weight, mean = rng.integers(1000, size=(2, 4)).tolist()
    value = int(rng.integers(1000, 2000))
    expected = [value, *weight[1:]], [value, *mean[1:]]
    assert after_writing(planted({"weight": weight, "mean": (mean,)}), value) == expected


def test_its_tensors_have_no_past(rng):
    for values in ([1, 2], rng.integers(1000, size=3).tolist()):
        module = planted({"weight": values, "mean": (values,), "part": {"bias": values}})
        assert kinds(module) == [("Tensor", False)] * 3
