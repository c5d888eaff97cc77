"""load_state_dict checks all of a state, and only then copies its values into the module's tensors."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, is_grad_enabled
from tinytorch.layers import Module, Parameter
from tito.testing import on_student_side, raises

SHAPES = {"weight": (2,), "bias": (1,), "part.scale": (1, 2), "part.mean": ()}
LOADED = {"weight": [4, 5], "bias": [3], "part.scale": [[8, 9]], "part.mean": 2}
BEFORE = {"weight": [1, 2], "bias": [0], "part.scale": [[5, 6]], "part.mean": 7}


@on_student_side
def model(values):
    module, part = Module(), Module()
    module.weight, module.bias, module.part = Parameter(values["weight"]), Parameter(values["bias"]), part
    part.scale = Parameter(values["part.scale"])
    part.register_buffer("mean", Tensor(values["part.mean"]))
    return module


def state(values, **changed):
    """A state with these values, some of them changed; None takes one out."""
    return {path: np.array(value, float) for path, value in (values | changed).items() if value is not None}


@on_student_side
def values_in(module):
    part = module.part
    tensors = {"weight": module.weight, "bias": module.bias, "part.scale": part.scale, "part.mean": part.mean}
    return {path: tensor.tolist() for path, tensor in tensors.items()}


@on_student_side
def values_after(module, state):
    module.load_state_dict(state)
    return values_in(module)


@on_student_side
def held_elsewhere_after(module, state):
    weight, mean, same_memory = module.weight, module.part.mean, module.weight.detach()
    module.load_state_dict(state)
    kept = weight is module.weight, weight.requires_grad, weight.is_leaf, is_grad_enabled(), str(weight.dtype)
    return weight.tolist(), same_memory.tolist(), mean.tolist(), kept


@on_student_side
def after_the_state_was_changed(module, state):
    module.load_state_dict(state)
    state["weight"][...] = 100
    state["part.mean"][...] = 100
    return values_in(module)


def drawn(rng):
    """Values for a state, whole numbers that float32 can hold."""
    return {path: rng.integers(1000, size=shape).tolist() for path, shape in SHAPES.items()}


def test_each_value_goes_where_its_path_says(rng):
    for before, values in ((BEFORE, LOADED), (drawn(rng), drawn(rng))):
        assert values_after(model(before), state(values)) == values
        assert values_after(model(before), dict(reversed(state(values).items()))) == values
        tensors = {path: Tensor(value) for path, value in state(values).items()}
        assert values_after(model(before), tensors) == values


def test_the_values_may_require_gradients(rng):
    for before, values in ((BEFORE, LOADED), (drawn(rng), drawn(rng))):
        parameters = {path: Parameter(value) for path, value in state(values).items()}
        assert values_after(model(before), parameters) == values


def test_the_values_are_copied_into_the_tensors_that_are_there(rng):
    for before, values in ((BEFORE, LOADED), (drawn(rng), drawn(rng))):
        weight, same_memory, mean, kept = held_elsewhere_after(model(before), state(values))
        assert (weight, mean) == (values["weight"], values["part.mean"])
        assert kept == (True, True, True, True, "float32")
        for dtype in (np.float32, np.float64):
            copied = {path: value.astype(dtype) for path, value in state(values).items()}
            assert after_the_state_was_changed(model(before), copied) == values
        assert same_memory == values["weight"]


def test_a_missing_path_is_a_key_error(rng):
    with raises(KeyError, "lacks bias"):
        model(BEFORE).load_state_dict(state(LOADED, bias=None))
    with raises(KeyError, "lacks part.mean, part.scale"):
        model(BEFORE).load_state_dict(state(LOADED, **{"part.mean": None, "part.scale": None}))
    values = drawn(rng)
    assert values_after(model(BEFORE), state(values)) == values
    path = str(rng.choice(list(values)))
    del values[path]
    with raises(KeyError, f"the state does not fit: it lacks {path}"):
        model(BEFORE).load_state_dict(state(values))


def test_an_unknown_path_is_a_key_error(rng):
    with raises(KeyError, "has no extra"):
        model(BEFORE).load_state_dict(state(LOADED, extra=[1]))
    with raises(KeyError, "lacks bias", "has no part.bias"):
        model(BEFORE).load_state_dict(state(LOADED, bias=None, **{"part.bias": [1]}))
    values = drawn(rng)
    assert values_after(model(BEFORE), state(values)) == values
    names = sorted("".join(rng.choice(list("xyz"), 8)) for _ in range(2))
    with raises(KeyError, "the state does not fit: the module has no " + ", ".join(names)):
        model(BEFORE).load_state_dict(state(LOADED, **dict.fromkeys(names, 1)))


@pytest.mark.parametrize(
    ("path", "wrong"), [("weight", (1,)), ("weight", (1, 2)), ("bias", ()), ("part.scale", (2, 1)), ("part.mean", (1,))]
)
def test_another_shape_is_a_value_error(path, wrong, rng):
    values = drawn(rng)
    assert values_after(model(BEFORE), state(values)) == values
    for shape in (wrong, (*wrong, int(rng.integers(2, 100)))):
        for made in (np.ones, lambda shape: Tensor(np.ones(shape))):
            with raises(ValueError, path, str(SHAPES[path]), str(shape)):
                model(BEFORE).load_state_dict(state(LOADED) | {path: made(shape)})


def test_after_an_error_nothing_has_changed(rng):
    for before, values in ((BEFORE, LOADED), (drawn(rng), drawn(rng))):
        for path in values:
            for wrong in ({path: np.ones(9)}, {path: None}, {path + "s": 1}):
                module = model(before)
                with raises(Exception):
                    module.load_state_dict(state(values, **wrong))
                assert values_in(module) == before
        assert values_after(model(before), state(values)) == values
