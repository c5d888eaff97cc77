"""An optimizer takes over a copy of a saved state, by the parameters' numbers, and the options of its groups."""

import numpy as np

from tinytorch.layers import Parameter
from tinytorch.optimizers import SGD, Adam
from tito.testing import assert_close, on_student_side, raises, type_name


def saved(state, *groups):
    return {"state": state, "param_groups": [{"lr": lr, "params": numbers} for lr, numbers in groups]}


@on_student_side
def buffers_after(*states, numbers=(0, 1)):
    """The momentum buffers of two parameters, after states have been loaded in which they have these numbers."""
    p, q = Parameter([0.0, 0.0]), Parameter([0.0, 0.0])
    optimizer = SGD([p, q], momentum=0.9)
    for state in states:
        arrays = {number: {"momentum_buffer": np.array(value, float)} for number, value in state.items()}
        optimizer.load_state_dict({"state": arrays, "param_groups": [{"lr": 0.1, "params": list(numbers)}]})
    return [optimizer.state[x]["momentum_buffer"].tolist() if x in optimizer.state else None for x in (p, q)]


@on_student_side
def groups_after(groups, saved):
    """The options of Adam's groups after saved ones have been loaded, and whether the parameters are their own."""
    mine = [{**group, "params": [Parameter([5.0])]} for group in groups]
    optimizer = Adam(mine)
    groups = [{**group, "params": [number]} for number, group in enumerate(saved)]
    optimizer.load_state_dict({"state": {}, "param_groups": groups})
    both = zip(optimizer.param_groups, mine)
    return [{**group, "params": group["params"][0] is own["params"][0]} for group, own in both]


@on_student_side
def remembered_after(state, shape):
    """What Adam remembers of a parameter of this shape after a state has been loaded, and the dtypes."""
    p = Parameter(np.zeros(shape, np.float32))
    optimizer = Adam([p])
    optimizer.load_state_dict(state)
    remembered = optimizer.state[p]
    return remembered, {name: np.asarray(value).dtype.name for name, value in remembered.items()}


@on_student_side
def saved_after_changes(state):
    """What is left in a saved state when all that the optimizer took over has been changed."""
    optimizer = Adam([Parameter([0.0, 0.0, 0.0])])
    optimizer.load_state_dict(state)
    optimizer.param_groups[0]["lr"] = 7
    for remembered in optimizer.state.values():
        remembered["exp_avg"][...] = remembered["exp_avg_sq"][...] = remembered["step"] = 7
    return state


def agree(groups, saved):
    """Compare option by option."""
    default = {"params": True, "lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}
    for found, own, taken in zip(groups_after(groups, saved), groups, saved, strict=True):
        for name, value in {**default, **own, **taken}.items():
            assert found.get(name, "not there") == value


def test_each_parameter_gets_what_was_saved_under_its_number(rng):
    assert buffers_after({0: [5, 5], 1: [7, 7]}) == [[5, 5], [7, 7]]
    first, second = rng.integers(0, 100, (2, 2)).tolist()
    assert buffers_after({0: first, 1: second}) == [first, second]


def test_the_options_of_each_group_are_taken_over_and_its_parameters_stay(rng):
    agree([{"lr": 2}, {"lr": 3}], [{"lr": 0.25}, {"lr": 0.5}])
    agree([{"lr": 2}], [{"weight_decay": 0.5, "eps": 0.1, "betas": (0.5, 0.5), "initial_lr": 4}])
    lr, eps, decay, beta, initial = rng.uniform(size=5).round(3).tolist()
    saved = {"betas": (beta, 0.5), "lr": lr, "weight_decay": decay, "initial_lr": initial, "from_elsewhere": [eps]}
    agree([{"lr": 2}, {"weight_decay": 3}, {"lr": 5}], [{"lr": initial}, saved, {"eps": eps}])


def test_the_numbers_may_be_any_as_long_as_the_lists_agree(rng):
    assert buffers_after({3: [30, 0], 8: [80, 0]}, numbers=(8, 3)) == [[80, 0], [30, 0]]
    first, second = rng.choice(100, 2, replace=False).tolist()
    assert buffers_after({first: [first, 1], second: [second, 2]}, numbers=(second, first)) == [[second, 2], [first, 1]]


def test_a_parameter_without_a_saved_entry_has_none_afterwards(rng):
    assert buffers_after({0: [5, 5], 1: [6, 6]}, {1: [4, 4]}) == [None, [4, 4]]
    values = rng.integers(0, 100, (3, 2)).tolist()
    assert buffers_after({0: values[0], 1: values[1]}, {0: values[2]}) == [values[2], None]
    assert buffers_after({0: values[0], 1: values[1]}, {1: [0, 0]}) == [None, [0, 0]]


def test_step_counts_become_numbers_again(rng):
    step, shape = int(rng.integers(2, 10_000)), (2, int(rng.integers(2, 5)))
    mean, square = rng.uniform(size=(2, *shape))
    means = {"step": np.array(step, np.float32), "exp_avg": mean, "exp_avg_sq": square}
    remembered, dtypes = remembered_after(saved({0: means}, (0.1, [0])), shape)
    assert sorted(remembered) == ["exp_avg", "exp_avg_sq", "step"]
    assert type_name(remembered["step"]) == "int"
    assert remembered["step"] == step
    assert_close(remembered["exp_avg"], mean, dtype=np.float32)
    assert_close(remembered["exp_avg_sq"], square, dtype=np.float32)
    assert dtypes["exp_avg"] == dtypes["exp_avg_sq"] == "float32"


def test_the_saved_state_stays_as_it_is(rng):
    step, lr, (mean, square) = int(rng.integers(8, 10_000)), rng.uniform(), rng.uniform(size=(2, 3)).astype(np.float32)
    state = saved_after_changes(saved({0: {"step": step, "exp_avg": mean, "exp_avg_sq": square}}, (lr, [0])))
    assert list(state["state"]) == [0]
    assert_close(state["state"][0]["exp_avg"], mean, rtol=0, atol=0)
    assert_close(state["state"][0]["exp_avg_sq"], square, rtol=0, atol=0)
    assert state["state"][0]["step"] == step
    assert state["param_groups"] == [{"lr": lr, "params": [0]}]


def test_what_does_not_fit_is_refused_and_nothing_is_changed(rng):
    p = Parameter([1])
    optimizer = SGD([p], lr=2, momentum=0.9)
    value, lr = rng.uniform(size=2)
    optimizer.load_state_dict(saved({0: {"momentum_buffer": np.array([value])}}, (lr, [0])))
    with raises(ValueError, "[1]", "[2]"):
        optimizer.load_state_dict(saved({}, (0.1, [0, 1])))
    with raises(ValueError, "parameter 0 has shape (1,), but its momentum_buffer (2,)"):
        optimizer.load_state_dict(saved({0: {"momentum_buffer": np.array([5.0, 6.0])}}, (0.1, [0])))
    assert_close(optimizer.state[p]["momentum_buffer"], [value])
    assert optimizer.param_groups[0]["lr"] == lr
