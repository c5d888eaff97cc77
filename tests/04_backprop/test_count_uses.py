"""count_uses says how often each operation and each leaf behind a result is read."""

from tinytorch.autograd import Tensor
from tinytorch.backprop import count_uses
from tito.testing import on_student_side


@on_student_side
def uses(program, of):
    names = {"x": Tensor(3, requires_grad=True), "Tensor": Tensor}
    exec(program, names)
    source_names = {t.node or t: name for name, t in names.items() if isinstance(t, Tensor)}
    counted = count_uses(names[of])
    return {source_names.get(source, f"a {type(source).__name__}"): n for source, n in counted.items()}


@on_student_side
def how_many_sources_after(doublings):
    y = Tensor(1, requires_grad=True)
    for _ in range(doublings):
        y = y + y
    return len(count_uses(y))


@on_student_side
def how_many_sources_in_a_chain_of(length):
    y = Tensor(1, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return len(count_uses(y))


def test_a_value_that_is_read_once_counts_1_and_the_result_0():
    assert uses("y = x * 2", of="y") == {"y": 0, "x": 1}
    assert uses("y = x * 2; z = y + 1", of="z") == {"z": 0, "y": 1, "x": 1}


def test_reading_a_value_twice_counts_2():
    assert uses("y = x * x", of="y") == {"y": 0, "x": 2}
    assert uses("y = x * 2; z = y + y", of="z") == {"z": 0, "y": 2, "x": 1}


def test_all_that_read_a_value_are_counted():
    assert uses("a = x * x; b = a + x; c = a * b", of="c") == {"c": 0, "b": 1, "a": 2, "x": 3}


def test_only_what_requires_a_gradient_counts():
    program = "k = Tensor(2); d = x.detach(); y = x * k; z = y + d"
    assert uses(program, of="z") == {"z": 0, "y": 1, "x": 1}


def test_what_the_result_was_not_made_from_does_not_count():
    assert uses("a = x * 2; b = a + 1; c = a + 2", of="b") == {"b": 0, "a": 1, "x": 1}


def test_a_leaf_by_itself_is_read_0_times():
    assert uses("", of="x") == {"x": 0}


def test_a_released_operation_has_no_inputs():
    assert uses("y = x * 2; z = y + 1; z.node.inputs = None", of="z") == {"z": 0}


def test_each_operation_is_looked_at_once_however_many_paths_lead_there():
    assert how_many_sources_after(doublings=3) == 4
    assert how_many_sources_after(doublings=40) == 41


def test_a_long_chain_needs_no_recursion():
    assert how_many_sources_in_a_chain_of(length=5000) == 5001
