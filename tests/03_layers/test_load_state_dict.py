"""load_state_dict checks all of a state, and only then copies its values into the module's tensors."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Module, Parameter
from tito.testing import on_student_side, raises


@on_student_side
def model():
    module, part = Module(), Module()
    module.weight, module.bias, module.part = Parameter([1, 2]), Parameter([0]), part
    part.scale = Parameter([[5, 6]])
    part.register_buffer("mean", Tensor(7))
    return module


def state(changed=None):
    """A state that fits `model()`, with some values changed; None takes one out."""
    values = {"weight": [4, 5], "bias": [3], "part.scale": [[8, 9]], "part.mean": 2} | (changed or {})
    return {path: np.array(value, float) for path, value in values.items() if value is not None}


@on_student_side
def values_in(module):
    part = module.part
    return [tensor.tolist() for tensor in (module.weight, module.bias, part.scale, part.mean)]


@on_student_side
def values_after(module, state):
    module.load_state_dict(state)
    part = module.part
    return [tensor.tolist() for tensor in (module.weight, module.bias, part.scale, part.mean)]


@on_student_side
def weight_held_elsewhere_after(module, state):
    weight, mean = module.weight, module.part.mean
    module.load_state_dict(state)
    return weight.tolist(), mean.tolist(), weight is module.weight, weight.requires_grad, weight.is_leaf


@on_student_side
def weight_after_the_state_was_changed(module, state):
    module.load_state_dict(state)
    state["weight"][...] = 100
    return module.weight.tolist()


LOADED = [[4, 5], [3], [[8, 9]], 2]
BEFORE = [[1, 2], [0], [[5, 6]], 7]


def test_each_value_goes_where_its_path_says():
    assert values_after(model(), state()) == LOADED
    assert values_after(model(), dict(reversed(state().items()))) == LOADED
    assert values_after(model(), {path: Tensor(value) for path, value in state().items()}) == LOADED


def test_the_values_are_copied_into_the_tensors_that_are_there():
    expected = ([4, 5], 2, True, True, True)
    assert weight_held_elsewhere_after(model(), state()) == expected
    assert weight_after_the_state_was_changed(model(), state()) == [4, 5]


def test_a_missing_path_is_a_key_error():
    with raises(KeyError, "lacks bias"):
        model().load_state_dict(state({"bias": None}))
    with raises(KeyError, "lacks part.mean, part.scale"):
        model().load_state_dict(state({"part.mean": None, "part.scale": None}))


def test_an_unknown_path_is_a_key_error():
    with raises(KeyError, "has no extra"):
        model().load_state_dict(state({"extra": [1]}))
    with raises(KeyError, "lacks bias", "has no part.bias"):
        model().load_state_dict(state({"bias": None, "part.bias": [1]}))


@pytest.mark.parametrize(
    ("path", "shape", "wrong"),
    [("weight", (2,), (1,)), ("weight", (2,), (1, 2)), ("bias", (1,), ()), ("part.scale", (1, 2), (2, 1))],
)
def test_another_shape_is_a_value_error(path, shape, wrong):
    with raises(ValueError, path, str(shape), str(wrong)):
        model().load_state_dict(state({path: np.ones(wrong)}))


def test_after_an_error_nothing_has_changed():
    for wrong in (state({"part.mean": [1, 1]}), state({"extra": [1]}), state({"part.mean": None})):
        module = model()
        with raises(Exception):
            module.load_state_dict(wrong)
        assert values_in(module) == BEFORE
