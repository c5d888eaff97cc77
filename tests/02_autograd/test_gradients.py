"""gradients asks the rule of a node, and says which inputs get what."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivative
from tito.testing import assert_close, on_student_side, raises, sizes, type_name


@on_student_side
def pairs(program, grad, wanting, **values):
    """The tensors that are in the pairs of what a program makes, by their names, and their gradients."""
    names = {name: Tensor(value, requires_grad=name in wanting) for name, value in values.items()}
    out = eval(program, {"np": np}, dict(names))
    found = out.node.gradients(grad)
    return [next(name for name in names if names[name] is x) for x, _ in found], [g for _, g in found]


@on_student_side
def asked(answers, wanting, grad, count=None, dtype=None, **options):
    """What a node makes of a rule with these answers: "array", "function" or "none" for each input.

    The gradient by input number n, from 0, is n + 1 times `grad`, and the input n holds n + 1. Returns the numbers of the
    inputs in the pairs, their gradients, which functions were called, and what the rule was called with, each time.
    """
    calls, called = [], []

    def mixed(*arrays, **options):
        return sum(arrays)

    @derivative(mixed)
    def _(grad, out, *arrays, **options):
        def given(n, kind):
            result = ((n + 1) * grad).astype(dtype or grad.dtype)
            return {"array": result, "function": lambda: (called.append(n), result)[1], "none": None}[kind]

        calls.append((grad, out, list(arrays), options))
        results = tuple(given(n, kind) for n, kind in enumerate(answers))
        return results[0] if len(results) == 1 else results

    count = len(answers) if count is None else count
    inputs = [Tensor(np.full(grad.shape, n + 1, grad.dtype), requires_grad=n in wanting) for n in range(count)]
    found = inputs[wanting[0]].apply(mixed, *inputs, **options).node.gradients(grad)
    numbers = [next(n for n, tensor in enumerate(inputs) if tensor is x) for x, _ in found]
    return numbers, [g for _, g in found], called, calls


def test_each_input_that_wants_a_gradient_is_in_a_pair(rng):
    for grad, a, b in ((np.array([10.0]), [3], [2]), rng.standard_normal((3, *sizes(rng, 2)))):
        names, (by_a, by_b) = pairs("a - b", grad, "ab", a=a, b=b)
        assert names == ["a", "b"]
        assert_close(by_a, grad)
        assert_close(by_b, -grad)
        names, both = pairs("a + a", grad, "a", a=a)
        assert names == ["a", "a"]
        assert_close(both, [grad, grad])


def test_others_are_left_out(rng):
    for grad, a, b in ((np.array([10.0]), [3], [2]), rng.standard_normal((3, *sizes(rng, 2)))):
        for program in ("a - 5", "a - b", "a - np.ones(1)"):
            names, (by_a,) = pairs(program, grad, "a", a=a, b=b)
            assert names == ["a"]
            assert_close(by_a, grad)
        for program in ("5 - b", "a - b", "np.ones(1) - b"):
            names, (by_b,) = pairs(program, grad, "b", a=a, b=b)
            assert names == ["b"]
            assert_close(by_b, -grad)


def test_a_single_array_needs_no_tuple(rng):
    for grad, a in ((np.array([10.0, 20]), [3, 4]), rng.standard_normal((2, *sizes(rng, 2)))):
        names, (by_a,) = pairs("-a", grad, "a", a=a)
        assert names == ["a"]
        assert_close(by_a, -grad)


def test_a_function_is_called_where_its_gradient_is_wanted(rng):
    some = sorted(rng.choice(5, 3, replace=False).tolist())
    mixed = rng.permutation(["function", "function", "function", "array", "array"]).tolist()
    for kinds, wanting in ((["function", "array", "function"], [0, 1]), (mixed, some)):
        grad = rng.standard_normal(sizes(rng, 2))
        numbers, gradients, called, _ = asked(kinds, wanting, grad)
        assert numbers == wanting
        assert called == [n for n in wanting if kinds[n] == "function"]
        assert_close(gradients, np.stack([(n + 1) * grad for n in wanting]))


def test_the_rule_is_asked_once_with_all_it_may_read(rng):
    for count, options in ((2, {"axis": 1}), (3, {}), (int(rng.integers(2, 6)), {"by": float(rng.random())})):
        grad = rng.standard_normal(sizes(rng, 2))
        *_, calls = asked(["array"] * count, list(range(count)), grad, **options)
        assert len(calls) == 1
        asked_with, out, arrays, given = calls[0]
        assert_close(asked_with, grad)
        assert_close(out, np.full(grad.shape, count * (count + 1) / 2))
        assert [type_name(array) for array in arrays] == ["ndarray"] * count
        assert_close(arrays, np.stack([np.full(grad.shape, n + 1) for n in range(count)]))
        assert given == options


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_gradient_fits_its_input(dtype, rng):
    other = {np.float32: np.float64, np.float64: np.float32}[dtype]
    for kind in ("array", "function"):
        grad = rng.standard_normal(sizes(rng, 2)).astype(dtype)
        _, gradients, _, _ = asked([kind, "array"], [0, 1], grad, dtype=other)
        for n, by_input in enumerate(gradients):
            assert_close(by_input, (n + 1) * grad, dtype=dtype)


def test_no_derivative_is_an_error_where_one_is_wanted(rng):
    grad = rng.standard_normal(sizes(rng, 2))
    numbers, (by_second,), _, _ = asked(["none", "array"], [1], grad)
    assert numbers == [1]
    assert_close(by_second, 2 * grad)
    with raises(NotImplementedError, "mixed has no derivative by its input of shape", str(grad.shape)):
        asked(["array", "none"], [0, 1], grad)


def test_a_rule_must_answer_for_each_input(rng):
    grad = rng.standard_normal(sizes(rng, 2))
    few, many = sorted(rng.choice(np.arange(2, 6), 2, replace=False).tolist())
    for answers, inputs in ((few, many), (many, few), (1, 2)):
        with raises(RuntimeError, f"gives {answers} gradients for {inputs} inputs"):
            asked(["array"] * answers, [0], grad, count=inputs)
