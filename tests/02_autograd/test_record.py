"""apply runs an operation as before, and notes down what somebody may want the gradient of."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, no_grad
from tito.testing import assert_close, on_student_side, sizes, type_name


@on_student_side
def switch_on():
    import sys

    sys.modules["tinytorch.autograd"]._recording = True


@pytest.fixture(autouse=True)
def leave_it_on_for_the_other_tests():
    yield
    switch_on()


@on_student_side
def apply_soft(x, *inputs, **options):
    def soft(*arrays, scale=1):
        return sum(arrays) * scale

    return x.apply(soft, *inputs, **options)


@on_student_side
def holds_the_result(node, tensor):
    return node.out is tensor.array, node.out


@on_student_side
def recorded(ways, values, dtype):
    """Whether a result is recorded, and requires a gradient, for each way to make it, and its first value."""
    made = {
        "x * 2": lambda x, c: x * 2,
        "2 * x": lambda x, c: 2 * x,
        "x * c": lambda x, c: x * c,
        "c * x": lambda x, c: c * x,
        "x * x": lambda x, c: x * x,
        "in two steps": lambda x, c: (x * 2).exp() + c,
        "array * x": lambda x, c: values * x,
        "c * 2": lambda x, c: c * 2,
        "c * c": lambda x, c: c * c,
        "detached": lambda x, c: x.detach() * c,
        "x > 2": lambda x, c: x > 2,
        "argmax": lambda x, c: x.argmax(),
        "to int": lambda x, c: x.to(int),
        "inside no_grad": lambda x, c: x * 2,
    }
    results = []
    for way in ways:
        x, c = Tensor(values, dtype, requires_grad=True), Tensor(values, dtype)
        if way == "inside no_grad":
            with no_grad():
                y = made[way](x, c)
        else:
            y = made[way](x, c)
        results.append((y.node is not None, y.requires_grad, float(y.array.flat[0])))
    return results


FIRST = {"in two steps": lambda a: np.exp(2 * a) + a, "x > 2": lambda a: a > 2, "to int": int} | dict.fromkeys(
    ["x * c", "c * x", "x * x", "array * x", "c * c", "detached"], lambda a: a * a
)


def firsts(ways, values):
    return [float(FIRST.get(way, lambda a: a * 2)(values[0])) if way != "argmax" else 1.0 for way in ways]


def test_the_result_is_as_before(rng):
    x = Tensor([1, 4], requires_grad=True)
    assert_close(x * 2, [2, 8])
    assert_close((x * 2).sum(dim=0, keepdim=True), [10])
    assert type_name(x * 2) == "Tensor"
    assert_close(Tensor([1, 4]) * 2, [2, 8])
    array = rng.standard_normal(sizes(rng, 2))
    assert_close((Tensor(array, requires_grad=True) * array).sum(dim=1, keepdim=True), (array**2).sum(1, keepdims=True))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_made_of_it_requires_a_gradient_too(dtype, rng):
    ways = rng.permutation(["x * 2", "2 * x", "x * c", "c * x", "x * x", "in two steps", "array * x"]).tolist()
    values = np.sort(rng.uniform(0.5, 3, 2)).astype(dtype)
    results = recorded(ways, values, dtype)
    assert [result[:2] for result in results] == [(True, True)] * len(ways)
    assert_close([result[2] for result in results], firsts(ways, values), rtol=1e-2)


def test_the_node_holds_the_operation_its_inputs_its_options_and_the_array(rng):
    n, m = sizes(rng, 2)
    for values, number, dim in (([[1, 4]], 2, 1), (rng.standard_normal((n, m)), float(rng.standard_normal()), -2)):
        x = Tensor(values, requires_grad=True)
        y = number * x
        assert y.node.op.__name__ == "multiply"
        first, second = y.node.inputs
        assert first == number and second is x
        assert y.node.options == {}
        total = y.sum(dim=dim)
        assert len(total.node.inputs) == 1 and total.node.inputs[0] is y
        assert total.node.options == {"axis": dim, "keepdims": False}
        same, out = holds_the_result(y.node, y)
        assert_close(out, number * np.array(values))
        assert same is True
        weighted = apply_soft(x, x, np.array(values), 1, scale=number)
        assert weighted.node.op.__name__ == "soft" and len(weighted.node.inputs) == 3
        assert weighted.node.options == {"scale": number}
        assert_close(weighted.node.inputs[1], values)


def test_nothing_is_noted_where_there_can_be_no_gradient(rng):
    nothing = ["c * 2", "c * c", "detached", "x > 2", "argmax", "to int"]
    for ways in (nothing, rng.permutation([*nothing, "x * 2", "c * x", "x * x", "2 * x"]).tolist()):
        values = np.sort(rng.uniform(0.5, 3, 2))
        results = recorded(ways, values, "float64")
        assert [result[:2] for result in results] == [(way not in nothing,) * 2 for way in ways]
        assert_close([result[2] for result in results], firsts(ways, values))


def test_nothing_is_noted_inside_no_grad(rng):
    x = Tensor([1, 4], requires_grad=True)
    assert (x * 2).node is not None
    with no_grad():
        y = x * 2
    assert y.node is None
    assert y.requires_grad is False
    ways, values = rng.choice(["inside no_grad", "x * 2"], 20).tolist(), rng.uniform(0.5, 3, 2)
    results = recorded(ways, values, "float64")
    assert [result[:2] for result in results] == [(way == "x * 2",) * 2 for way in ways]
    assert_close([result[2] for result in results], firsts(ways, values))
