"""each_once visits each operation once, when the gradient of its output is whole."""

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.backprop import each_once
from tito.testing import assert_close, on_student_side


@on_student_side
def gradients(program, of, x=(3,), w=(5,), grad=(1,)):
    names = {"x": Tensor(x, requires_grad=True), "w": Tensor(w, requires_grad=True)}
    exec(program, names)
    each_once(names[of], np.array(grad, np.float32))
    return {name: names[name].grad.tolist() for name in ("x", "w") if names[name].grad is not None}


@on_student_side
def visits(program, of, x=3, grad=1):
    arrived = []

    def same(x):
        return x * 1

    @derivative(same)
    def same_rule(grad, _out, x):
        arrived.append(grad.tolist())
        return grad

    names = {"x": Tensor([x], requires_grad=True), "watched": lambda t: t.apply(same, t)}
    exec(program, names)
    each_once(names[of], np.full(1, grad, np.float32))
    return arrived


@on_student_side
def hook_of_the_leaf_is_called_with(program, of, x=3):
    called = []
    x = Tensor([x], requires_grad=True)
    x.hooks = (lambda grad: called.append(grad.tolist()),)
    names = {"x": x}
    exec(program, names)
    each_once(names[of], np.ones(1, np.float32))
    return called


@on_student_side
def visits_in_a_chain_of(length, grad=1):
    count = [0]

    def same(x):
        return x * 1

    @derivative(same)
    def same_rule(grad, _out, x):
        count[0] += 1
        return grad

    x = y = Tensor([1], requires_grad=True)
    for _ in range(length):
        y = y.apply(same, y)
    each_once(y, np.full(1, grad, np.float32))
    return count[0], x.grad.tolist()


def agree(program, of, rng, names=("x", "w"), zero=()):
    """Compare with slopes found by a step in the imaginary direction, for several values, one of them 0."""
    values = {name: rng.uniform(0.5, 2, 3) * [1, 0, 1] for name in names}
    grad = rng.uniform(0.5, 2, 3)
    found = gradients(program, of, grad=grad, **values)
    assert sorted(found) == sorted(names)
    for name in names:
        moved = {other: value + 1e-20j * (other == name) for other, value in values.items()}
        exec(program, moved)
        assert_close(found[name], grad * np.imag(moved[of]) * 1e20)


def drawn(rng, steps):
    """A program of sums and products of x, w and what is above; the last one adds up all that was made."""
    names, lines = ["x", "w"], []
    for step in range(steps):
        left, right = rng.choice(names[-4:], 2)
        names.append(f"v{step}")
        lines.append(f"v{step} = {left} {'*' if rng.random() < 0.4 else '+'} {right}")
    return "; ".join([*lines, f"z = {' + '.join(rng.permutation(names))}"])


def test_along_a_chain_the_slopes_are_multiplied(rng):
    assert gradients("z = x * 2", of="z") == {"x": [2]}
    assert gradients("y = x * 2; z = y * 5", of="z") == {"x": [10]}
    assert gradients("z = x * w", of="z") == {"x": [5], "w": [3]}
    a, b, c = rng.uniform(0.5, 3, 3).round(2)
    agree(f"y = x * {a}; y = y * w; y = y * {b}; z = y * {c}", "z", rng)


def test_a_leaf_gets_the_sum_of_all_its_parts(rng):
    assert gradients("z = x + x", of="z") == {"x": [2]}
    assert gradients("z = x * x", of="z") == {"x": [6]}
    assert gradients("z = x * x * x * x", of="z") == {"x": [108]}
    agree(f"z = {' * '.join(['x'] * int(rng.integers(3, 7)))} + w * w * x", "z", rng)


def test_an_operation_gets_the_sum_of_all_its_parts(rng):
    assert gradients("y = x * 2; z = y + y", of="z") == {"x": [4]}
    assert gradients("a = x * x; b = a + x; c = a * b", of="c") == {"x": [135]}
    agree(drawn(rng, steps=8), "z", rng)


def test_an_operation_is_visited_once_with_its_whole_gradient(rng):
    assert visits("a = watched(x); z = a + a", of="z") == [[2]]
    assert visits("a = watched(x * x); b = a + x; c = a * b", of="c") == [[21]]
    assert visits("a = watched(x); b = watched(a + a); z = a * b", of="z") == [[3], [12]]
    x, k = rng.uniform(1, 2, 2).round(3)
    found = visits(f"a = watched(x * {k}); b = watched(a + x); c = a * b", of="c", x=x)
    assert_close(found, [[k * x], [2 * k * x + x]])


def test_two_inputs_that_get_the_same_array_do_not_disturb_each_other(rng):
    program = "a = x * 1; b = w * 1; s = a + b; t = a * b; z = t + s"
    assert gradients(program, of="z") == {"x": [6], "w": [4]}
    agree(program, "z", rng)


def test_a_part_that_is_0_is_a_part_too(rng):
    assert gradients("z = x * 0", of="z") == {"x": [0]}
    assert gradients("y = x * 0; z = y + x", of="z") == {"x": [1]}
    a, b = rng.uniform(0.5, 3, 2).round(2)
    agree(f"y = x * 0; u = y + w * {a}; v = u * 0; z = v + y + u * {b} + x * w", "z", rng)


def test_a_leaf_too_is_visited_once_with_its_whole_gradient(rng):
    assert hook_of_the_leaf_is_called_with("z = x + x", of="z") == [[2]]
    assert hook_of_the_leaf_is_called_with("a = x * x; b = a + x; c = a * b", of="c") == [[135]]
    x = rng.uniform(1, 2)
    assert_close(hook_of_the_leaf_is_called_with("a = x * x; b = a + x; c = a * b", "c", x), [[4 * x**3 + 3 * x**2]])


def test_twice_the_operations_take_twice_the_visits(rng):
    length, grad = int(rng.integers(700, 1500)), int(rng.integers(2, 1000)) / 4
    assert visits_in_a_chain_of(length, grad) == (length, [grad])
    assert visits_in_a_chain_of(2 * length, grad) == (2 * length, [grad])


def test_a_million_million_paths_take_forty_visits(rng):
    program, grad = "y = x\nfor _ in range(40):\n    y = watched(y); y = y + y", int(rng.integers(2, 1000)) / 4
    assert len(visits(program, of="y")) == 40
    assert visits(program, of="y", grad=grad) == [[grad * 2**k] for k in range(1, 41)]
