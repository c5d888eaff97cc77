"""stack puts tensors of one shape side by side along a new axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor, stack
from tito.testing import assert_close, logged, on_student_side, sizes


@on_student_side
def logged_stack(Logged, stack, a, b):
    return stack([Logged(a), Logged(b)])


@on_student_side
def stack_with_a_Logged(Logged, stack, Tensor, a, b):
    return stack([Tensor(a), Logged(b)])


def test_the_tensors_become_the_rows(rng):
    assert_close(stack([Tensor([1, 2, 3]), Tensor([4, 5, 6])]), [[1, 2, 3], [4, 5, 6]])
    assert_close(stack([Tensor(1), Tensor(2), Tensor(3)]), [1, 2, 3])
    assert_close(stack([Tensor([1, 2])]), [[1, 2]])
    array = rng.standard_normal(sizes(rng, 2))
    assert_close(stack([Tensor(row) for row in array]), array)
    assert_close(stack(tuple(Tensor(number) for number in array[0])), array[0])


def test_with_axis_1_they_become_the_columns(rng):
    assert_close(stack([Tensor([1, 2, 3]), Tensor([4, 5, 6])], dim=1), [[1, 4], [2, 5], [3, 6]])
    array = rng.standard_normal(sizes(rng, 2))
    assert_close(stack([Tensor(row) for row in array], 1), array.T)


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_the_new_axis_is_where_it_was_asked_for(dim, rng):
    a, b, c = rng.standard_normal((3, *sizes(rng, 2)))
    assert stack([Tensor(a), Tensor(b), Tensor(c)], dim=dim).shape == np.stack([a, b, c], dim).shape
    assert_close(stack([Tensor(a), Tensor(b), Tensor(c)], dim=dim), np.stack([a, b, c], dim))


@pytest.mark.parametrize("dim", [-1, -2, -3])
def test_a_negative_axis_counts_from_the_end_of_the_result(dim, rng):
    a, b = [[1, 2]], [[3, 4]]
    assert_close(stack([Tensor(a), Tensor(b)], dim=dim), np.stack([a, b], dim))
    a, b = rng.standard_normal((2, *sizes(rng, 2)))
    assert_close(stack([Tensor(a), Tensor(b)], dim=dim), np.stack([a, b], dim))


def test_it_is_composed_of_operations_that_are_there(rng):
    a, b = rng.standard_normal((2, *sizes(rng, 2)))
    names, kind, values = logged(logged_stack, Tensor, stack, a, b)
    assert [name for name in names if name in ("join", "stack")] == ["join"]
    assert kind == "Logged"
    assert_close(values, np.stack([a, b]))


def test_a_subclass_stays_in_charge(rng):
    a, b = rng.standard_normal((2, *sizes(rng, 2)))
    _, kind, values = logged(stack_with_a_Logged, Tensor, stack, Tensor, a, b)
    assert kind == "Logged"
    assert_close(values, np.stack([a, b]))
