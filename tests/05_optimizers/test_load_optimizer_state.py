"""An optimizer takes over a copy of a saved state, by the parameters' numbers, and the options of its groups."""

import numpy as np

from tinytorch.layers import Parameter
from tinytorch.optimizers import SGD, Adam
from tito.testing import assert_close, on_student_side, raises


def saved(state, *groups):
    return {"state": state, "param_groups": [{"lr": lr, "params": numbers} for lr, numbers in groups]}


@on_student_side
def buffers_after(*states, numbers=(0, 1)):
    """The momentum buffers of two parameters, after states have been loaded in which they have these numbers."""
    p, q = Parameter([1.0]), Parameter([2.0])
    optimizer = SGD([p, q], momentum=0.9)
    for state in states:
        arrays = {number: {"momentum_buffer": np.array([float(value)])} for number, value in state.items()}
        optimizer.load_state_dict({"state": arrays, "param_groups": [{"lr": 0.1, "params": list(numbers)}]})
    return [float(optimizer.state[x]["momentum_buffer"][0]) if x in optimizer.state else None for x in (p, q)]


@on_student_side
def change_after_loading(state):
    """What the saved array is after the optimizer's own has been written."""
    p = Parameter([0.0, 0.0])
    optimizer = SGD([p], momentum=0.9)
    optimizer.load_state_dict(state)
    optimizer.state[p]["momentum_buffer"][...] = 7
    return state["state"][0]["momentum_buffer"]


def test_each_parameter_gets_what_was_saved_under_its_number():
    assert buffers_after({0: 5, 1: 7}) == [5, 7]


def test_the_options_of_each_group_are_taken_over_and_its_parameters_stay():
    p, q = Parameter([1]), Parameter([2])
    optimizer = SGD([{"params": [p]}, {"params": [q], "lr": 3}], lr=2, momentum=0.9)
    optimizer.load_state_dict(saved({}, (0.25, [0]), (0.5, [1])))
    first, second = optimizer.param_groups
    assert (first["lr"], second["lr"], second["momentum"]) == (0.25, 0.5, 0.9)
    assert first["params"][0] is p and second["params"][0] is q


def test_the_numbers_may_be_any_as_long_as_the_lists_agree():
    assert buffers_after({3: 30, 8: 80}, numbers=(8, 3)) == [80, 30]


def test_a_parameter_without_a_saved_entry_has_none_afterwards():
    assert buffers_after({0: 5, 1: 6}, {1: 4}) == [None, 4]


def test_step_counts_become_numbers_again():
    p = Parameter([1])
    optimizer = Adam([p])
    means = {"step": np.array(12, np.float32), "exp_avg": np.array([0.5]), "exp_avg_sq": np.array([0.25])}
    optimizer.load_state_dict(saved({0: means}, (0.1, [0])))
    assert optimizer.state[p]["step"] == 12
    assert_close(optimizer.state[p]["exp_avg_sq"], [0.25], dtype=np.float32)


def test_the_arrays_are_copies():
    state = saved({0: {"momentum_buffer": np.array([1, 2], np.float32)}}, (0.1, [0]))
    assert_close(change_after_loading(state), [1, 2])


def test_what_does_not_fit_is_refused_and_nothing_is_changed():
    p = Parameter([1])
    optimizer = SGD([p], lr=2, momentum=0.9)
    optimizer.load_state_dict(saved({0: {"momentum_buffer": np.array([5.0])}}, (3, [0])))
    with raises(ValueError, "[1]", "[2]"):
        optimizer.load_state_dict(saved({}, (0.1, [0, 1])))
    with raises(ValueError, "parameter 0 has shape (1,), but its momentum_buffer (2,)"):
        optimizer.load_state_dict(saved({0: {"momentum_buffer": np.array([5.0, 6.0])}}, (0.1, [0])))
    assert_close(optimizer.state[p]["momentum_buffer"], [5])
    assert optimizer.param_groups[0]["lr"] == 3
