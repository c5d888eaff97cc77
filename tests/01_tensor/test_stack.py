"""stack puts tensors of one shape side by side along a new axis."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor, stack
from tito.testing import assert_close, on_student_side


@on_student_side
def operations_in_stack(stack, Tensor):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    stack([Logged([1, 2]), Logged([3, 4])])
    return names


@on_student_side
def stacking_a_Tensor_and_a_Logged_gives_a(stack, Tensor):
    class Logged(Tensor):
        pass

    return type(stack([Tensor([1, 2]), Logged([3, 4])])).__name__


def test_the_tensors_become_the_rows():
    assert_close(stack([Tensor([1, 2, 3]), Tensor([4, 5, 6])]), [[1, 2, 3], [4, 5, 6]])
    assert_close(stack([Tensor(1), Tensor(2), Tensor(3)]), [1, 2, 3])
    assert_close(stack([Tensor([1, 2])]), [[1, 2]])


def test_with_axis_1_they_become_the_columns():
    assert_close(stack([Tensor([1, 2, 3]), Tensor([4, 5, 6])], dim=1), [[1, 4], [2, 5], [3, 6]])


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_the_new_axis_is_where_it_was_asked_for(dim, rng):
    a, b, c = rng.standard_normal((3, 4, 5))
    assert stack([Tensor(a), Tensor(b), Tensor(c)], dim=dim).shape == np.stack([a, b, c], dim).shape
    assert_close(stack([Tensor(a), Tensor(b), Tensor(c)], dim=dim), np.stack([a, b, c], dim))


@pytest.mark.parametrize("dim", [-1, -2, -3])
def test_a_negative_axis_counts_from_the_end_of_the_result(dim):
    a, b = [[1, 2]], [[3, 4]]
    assert_close(stack([Tensor(a), Tensor(b)], dim=dim), np.stack([a, b], dim))


def test_it_is_composed_of_operations_that_are_there():
    names = operations_in_stack(stack, Tensor)
    assert [name for name in names if name in ("join", "stack")] == ["join"]


def test_a_subclass_stays_in_charge():
    assert stacking_a_Tensor_and_a_Logged_gives_a(stack, Tensor) == "Logged"
