"""Every operation of tensors gives PyTorch's values and gradients."""

import operator

import numpy as np
import pytest
import torch
from draw import CASES, MANY, arrays
from hypothesis import given
from hypothesis import strategies as st
from sides import LAYOUTS, TOLERANCE, compare, run_op
from table import fill, operations

import tinytorch

OPERATIONS = operations(tinytorch, torch)


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_listed(op, dtype, ours, theirs, record):
    for shapes, options in op.listed:
        for numbers in ("any", "positive", "ties", "special"):
            inputs = [fill(shape, numbers, dtype, seed=n) for n, shape in enumerate(shapes)]
            for layout in LAYOUTS:
                sides = [run_op(side, op, inputs, options, layout) for side in (ours, theirs)]
                if op.apart and numbers == "special":
                    sides = [{"out": results["out"]} for results in sides]
                try:
                    found = compare(*sides, TOLERANCE[dtype])
                except AssertionError as error:
                    pytest.fail(f"{op.name} on {shapes} {options}, {numbers}, {layout}: {error}")
                record.note("Tensors", op.name, dtype, found, op.why, op.apart)


@pytest.mark.parametrize("op", [op for op in OPERATIONS if op.drawn], ids=lambda op: op.name)
@MANY
@given(data=st.data())
def test_drawn(op, ours, theirs, record, data):
    shapes, options = data.draw(CASES[op.drawn])
    dtype, layout = data.draw(st.sampled_from(list(TOLERANCE))), data.draw(st.sampled_from(LAYOUTS))
    inputs = data.draw(arrays(shapes, dtype))
    sides = [run_op(side, op, inputs, options, layout) for side in (ours, theirs)]
    record.note("Tensors", op.name, dtype, compare(*sides, TOLERANCE[dtype]), op.why, op.apart)


KINDS = {
    "x + y": lambda x, y: x + y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x // 2": lambda x, y: x // 2,
    "x * 1.5": lambda x, y: x * 1.5,
    "x + 1": lambda x, y: x + 1,
    "x < y": lambda x, y: x < y,
    "x.sum()": lambda x, y: x.sum(),
    "x @ y": lambda x, y: x @ y,
}
TYPES = ["int64", "int32", "float32", "float64"]


@pytest.mark.parametrize("name", KINDS)
def test_dtypes(name, theirs, ours):
    """Which dtype comes of which."""
    for a in TYPES:
        for b in TYPES:
            if "@" in name and a != b:
                continue  # PyTorch wants one dtype
            x, y = np.array([3, 1], dtype=a), np.array([2, 5], dtype=b)
            results = [side.array(KINDS[name](side.tensor(x), side.tensor(y))) for side in (ours, theirs)]
            assert results[0].dtype == results[1].dtype, f"{a}, {b}: {results[0].dtype}, {results[1].dtype}"
            np.testing.assert_allclose(*results, rtol=1e-6)


MADE = {
    "zeros(2, 3)": lambda lib: lib.zeros(2, 3),
    "ones((2, 3))": lambda lib: lib.ones((2, 3)),
    "full((2, 3), 0.5)": lambda lib: lib.full((2, 3), 0.5),
    "arange(5)": lambda lib: lib.arange(5),
    "arange(5, 1, -2)": lambda lib: lib.arange(5, 1, -2),
    "arange(0, 1, 0.1)": lambda lib: lib.arange(0, 1, 0.1),
    "eye(3)": lambda lib: lib.eye(3),
    "eye(2, 4)": lambda lib: lib.eye(2, 4),
}


@pytest.mark.parametrize("name", MADE)
def test_creation(name, ours, theirs, record):
    results = [{"out": side.array(MADE[name](lib))} for side, lib in [(ours, tinytorch), (theirs, torch)]]
    record.note("Tensors", "zeros, ones, full, arange, eye", "float32", compare(*results, 1e-6))


def index_of_two(x, y):
    x[1:, 0] = y[0, 0]
    return x


IN_PLACE = {"x += y": operator.iadd, "x -= y": operator.isub, "x *= y": operator.imul, "x /= y": operator.itruediv}
IN_PLACE |= {"x //= y": operator.ifloordiv, "x **= y": operator.ipow, "x[1:, 0] = y": index_of_two}


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_in_place(name, dtype, ours, theirs, record):
    """The result stands in the memory of x, and a view of x sees it."""
    for shape in [(3, 4), (1, 4), (4,), ()]:
        if shape != (3, 4) and "[" in name:
            continue
        results = []
        for side in (ours, theirs):
            x, y = (side.tensor(fill(size, "positive", dtype, seed)) for seed, size in enumerate([(3, 4), shape]))
            view = x[0]
            assert IN_PLACE[name](x, y) is x
            results.append({"out": side.array(x), "view": side.array(view)})
        record.note("Tensors", name, dtype, compare(*results, TOLERANCE[dtype]))


def test_a_scalar_takes_part_in_promotion(ours, theirs):
    """On purpose: a float64 tensor of shape () makes the result float64, as in NumPy, and not as in PyTorch."""
    results = []
    for side in (ours, theirs):
        results.append(side.array(side.tensor(np.ones(2, np.float32)) * side.tensor(np.array(2.0))).dtype.name)
    assert results == ["float64", "float32"]
