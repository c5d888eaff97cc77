"""`a @ b` is the matrix product, with batches and vectors, and a sentence where the shapes do not fit."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side, raises


@on_student_side
def operations_with_a_Logged_on_the(side, Tensor):
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    x, y = Tensor([[1, 2], [3, 4]]), Logged([[1, 2], [3, 4]])
    y @ x if side == "left" else x @ y
    return names


def test_rows_meet_columns():
    assert_close(Tensor([[1, 2]]) @ Tensor([[3], [4]]), [[11]])
    assert_close(Tensor([[1], [2]]) @ Tensor([[3, 4]]), [[3, 4], [6, 8]])
    assert_close(Tensor([[1, 2], [3, 4]]) @ np.array([[0, 1], [10, 0]]), [[20, 1], [40, 3]])


@pytest.mark.parametrize(
    ("a", "b"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((4, 2, 3), (3,)), ((3,), (4, 3, 2))]
)
def test_a_vector_is_a_row_on_the_left_and_a_column_on_the_right(a, b, rng):
    a, b = rng.integers(1, 5, size=a), rng.integers(1, 5, size=b)
    assert_close(Tensor(a) @ Tensor(b), np.matmul(a, b))


@pytest.mark.parametrize(
    ("a", "b", "shape"),
    [
        ((5, 2, 3), (5, 3, 4), (5, 2, 4)),
        ((5, 2, 3), (3, 4), (5, 2, 4)),
        ((2, 3), (5, 3, 4), (5, 2, 4)),
        ((6, 1, 2, 3), (5, 3, 4), (6, 5, 2, 4)),
    ],
)
def test_axes_before_the_last_two_are_batches(a, b, shape, rng):
    a, b = rng.standard_normal(a), rng.standard_normal(b)
    assert (Tensor(a) @ Tensor(b)).shape == shape
    assert_close(Tensor(a) @ Tensor(b), np.einsum("...nk,...km->...nm", a, b))


@pytest.mark.parametrize(
    ("a", "b", "inner"),
    [
        ((2, 3), (4, 5), "3 and 4"),
        ((2, 3), (2, 3), "3 and 2"),
        ((2, 3), (4,), "3 and 4"),
        ((3,), (4,), "3 and 4"),
        ((5, 2, 3), (5, 4, 3), "3 and 4"),
    ],
)
def test_inner_dimensions_that_differ_are_refused_with_a_sentence(a, b, inner):
    with raises(ValueError, f"cannot multiply {a} @ {b}: the inner dimensions, {inner}, must be equal"):
        Tensor(np.ones(a)) @ Tensor(np.ones(b))


def test_a_number_is_refused_with_a_sentence():
    with raises(ValueError, "cannot multiply (2,) @ (): a number has no rows and columns; use *"):
        Tensor([1, 2]) @ 3
    with raises(ValueError, "cannot multiply () @ (2,): a number has no rows and columns; use *"):
        Tensor(3) @ Tensor([1, 2])


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_subclass_on_either_side_applies_the_product(side):
    assert operations_with_a_Logged_on_the(side, Tensor) == ["matmul"]
