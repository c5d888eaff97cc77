"""`a @ b` is the matrix product, with batches and vectors, and a sentence where the shapes do not fit."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side, raises, sizes


@on_student_side
def product_with_a_Logged_on_the(Logged, side, Tensor, a, b):
    return Logged(a) @ Tensor(b) if side == "left" else Tensor(a) @ Logged(b)


def shapes(rng, pattern):
    """Two shapes, drawn for a pattern such as `xnk km`: each letter stands for a size."""
    size = dict(zip("nkmxy", sizes(rng, 5))) | {"1": 1}
    return [tuple(size[letter] for letter in letters) for letters in pattern.split()]


def test_rows_meet_columns(rng):
    assert_close(Tensor([[1, 2]]) @ Tensor([[3], [4]]), [[11]])
    assert_close(Tensor([[1], [2]]) @ Tensor([[3, 4]]), [[3, 4], [6, 8]])
    assert_close(Tensor([[1, 2], [3, 4]]) @ np.array([[0, 1], [10, 0]]), [[20, 1], [40, 3]])
    a, b = (rng.integers(-9, 10, shape) for shape in shapes(rng, "nk km"))
    assert_close(Tensor(a) @ Tensor(b), np.einsum("nk,km->nm", a, b))
    assert_close(Tensor(a) @ b, np.einsum("nk,km->nm", a, b))


@pytest.mark.parametrize("pattern", ["k k", "nk k", "k km", "xnk k", "k xkm"])
def test_a_vector_is_a_row_on_the_left_and_a_column_on_the_right(pattern, rng):
    a, b = (rng.integers(-9, 10, size=shape) for shape in shapes(rng, pattern))
    assert_close(Tensor(a) @ Tensor(b), np.matmul(a, b))


@pytest.mark.parametrize("pattern", ["xnk xkm", "xnk km", "nk xkm", "y1nk xkm"])
def test_axes_before_the_last_two_are_batches(pattern, rng):
    a, b = (rng.standard_normal(shape) for shape in shapes(rng, pattern))
    assert_close(Tensor(a) @ Tensor(b), np.einsum("...nk,...km->...nm", a, b))


@pytest.mark.parametrize("pattern", ["nk xm", "nk nk", "nk x", "k x", "xnk xmk", "k ynm"])
def test_inner_dimensions_that_differ_are_refused_with_a_sentence(pattern, rng):
    right = rng.standard_normal((3, 3))
    assert_close(Tensor(right) @ Tensor(right), right @ right)
    for a, b in ((shapes(np.random.default_rng(0), pattern)), shapes(rng, pattern)):
        inner = f"{a[-1]} and {b[-2:][0]}"
        with raises(ValueError, f"cannot multiply {a} @ {b}: the inner dimensions, {inner}, must be equal"):
            Tensor(np.ones(a)) @ Tensor(np.ones(b))


def test_a_number_is_refused_with_a_sentence(rng):
    n, m = sizes(rng, 2)
    right = rng.standard_normal((n, m))
    assert_close(Tensor(right) @ Tensor(right[0]), right @ right[0])
    for shape in ((2,), (n, m)):
        with raises(ValueError, f"cannot multiply {shape} @ (): a number has no rows and columns; use *"):
            Tensor(np.ones(shape)) @ 3
        with raises(ValueError, f"cannot multiply () @ {shape}: a number has no rows and columns; use *"):
            Tensor(3) @ Tensor(np.ones(shape))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_subclass_on_either_side_applies_the_product(side, rng):
    a, b = (rng.standard_normal(shape) for shape in shapes(rng, "nk km"))
    names, kind, values = logged(product_with_a_Logged_on_the, Tensor, side, Tensor, a, b)
    assert (names, kind) == (["matmul"], "Logged")
    assert_close(values, a @ b)
