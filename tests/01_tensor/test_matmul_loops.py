"""matmul_loops multiplies two matrices: each row of the first with each column of the second."""

import numpy as np
import pytest

from tinytorch.tensor import matmul_loops
from tito.testing import assert_close, on_student_side


@on_student_side
def inputs_after(matmul_loops, a, b):
    matmul_loops(a, b)
    return a, b


def test_each_row_meets_each_column():
    assert_close(matmul_loops(np.array([[2]]), np.array([[3]])), [[6]])
    assert_close(matmul_loops(np.array([[1, 2]]), np.array([[3], [4]])), [[11]])
    assert_close(matmul_loops(np.array([[1], [2]]), np.array([[3, 4]])), [[3, 4], [6, 8]])
    assert_close(matmul_loops(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [10, 0]])), [[20, 1], [40, 3]])
    assert_close(matmul_loops(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 0], [2, 1], [3, 0]])), [[14, 2], [32, 5]])


@pytest.mark.parametrize(("n", "k", "m"), [(3, 3, 3), (2, 4, 3), (4, 2, 5), (5, 6, 1), (1, 7, 2)])
def test_matrices_need_not_be_square(n, k, m, rng):
    a, b = rng.standard_normal((n, k)), rng.standard_normal((k, m))
    assert_close(matmul_loops(a, b), np.einsum("nk,km->nm", a, b))


def test_nothing_to_add_up_gives_zeros():
    assert_close(matmul_loops(np.ones((2, 0)), np.ones((0, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_the_result_has_the_dtype_of_a(dtype):
    a, b = np.array([[1, 2]], dtype), np.array([[3], [4]], dtype)
    assert_close(matmul_loops(a, b), [[11]], dtype=dtype)


def test_the_inputs_stay_as_they_are():
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [2.0, 0.0]])
    a_after, b_after = inputs_after(matmul_loops, a, b)
    assert_close(a_after, a)
    assert_close(b_after, b)
