"""matmul_loops multiplies two matrices: each row of the first with each column of the second."""

import numpy as np
import pytest

from tinytorch.tensor import matmul_loops
from tito.testing import assert_close, inputs_after, on_student_side, sizes


@on_student_side
def one_number_at_a_time(matmul_loops, a, b):
    class Numbers(np.lib.mixins.NDArrayOperatorsMixin):
        """A matrix that gives its numbers one by one, and refuses what works on a whole row or matrix."""

        def __init__(self, array):
            self.array = array

        def __len__(self):
            return len(self.array)

        def __getitem__(self, index):
            part = self.array[index]
            return Numbers(part) if isinstance(part, np.ndarray) else part

        def __getattr__(self, name):
            if name in ("shape", "ndim", "size", "dtype", "tolist"):
                return getattr(self.array, name)
            if name in ("copy", "astype"):
                return lambda *args, **options: Numbers(getattr(self.array, name)(*args, **options))
            if name == "T":
                return Numbers(self.array.T)
            if name.startswith("__"):
                raise AttributeError(name)
            self.refuse(name)

        def __array__(self, *args, **options):
            self.refuse("np.asarray")

        def __array_ufunc__(self, ufunc, *args, **options):
            self.refuse(ufunc.__name__)

        def __array_function__(self, function, types, args, options):
            if function.__name__ not in ("zeros_like", "empty_like", "result_type"):
                self.refuse(function.__name__)
            return function(*(arg.array if isinstance(arg, Numbers) else arg for arg in args), **options)

        def refuse(self, name):
            raise TypeError(f"{name} works on whole rows: with three loops, two numbers are multiplied at a time")

    return matmul_loops(Numbers(a), Numbers(b))


def test_each_row_meets_each_column(rng):
    assert_close(matmul_loops(np.array([[2]]), np.array([[3]])), [[6]])
    assert_close(matmul_loops(np.array([[1, 2]]), np.array([[3], [4]])), [[11]])
    assert_close(matmul_loops(np.array([[1], [2]]), np.array([[3, 4]])), [[3, 4], [6, 8]])
    assert_close(matmul_loops(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [10, 0]])), [[20, 1], [40, 3]])
    assert_close(matmul_loops(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 0], [2, 1], [3, 0]])), [[14, 2], [32, 5]])
    a, b = rng.integers(-9, 10, (2, 3, 3))
    assert_close(matmul_loops(a, b), a @ b)


@pytest.mark.parametrize("case", range(5))
def test_matrices_need_not_be_square(case, rng):
    n, k, m = sizes(rng, 3)
    a, b = rng.standard_normal((n, k)), rng.standard_normal((k, m))
    assert_close(matmul_loops(a, b), np.einsum("nk,km->nm", a, b))


def test_two_numbers_are_multiplied_at_a_time(rng):
    n, k, m = sizes(rng, 3)
    a, b = rng.standard_normal((n, k)), rng.standard_normal((k, m))
    assert_close(one_number_at_a_time(matmul_loops, a, b), a @ b)


def test_nothing_to_add_up_gives_zeros(rng):
    for n, m in ((2, 3), rng.integers(2, 60, 2)):
        assert_close(matmul_loops(np.ones((n, 0)), np.ones((0, m))), np.zeros((n, m)))


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_the_result_has_the_dtype_of_a(dtype, rng):
    a, b = np.array([[1, 2]], dtype), np.array([[3], [4]], dtype)
    assert_close(matmul_loops(a, b), [[11]], dtype=dtype)
    a, b = rng.integers(0, 10, (2, 3, 3)).astype(dtype)
    assert_close(matmul_loops(a, b), a @ b, dtype=dtype)
    assert_close(matmul_loops(a, b.astype(np.float64)), a @ b, dtype=dtype)


def test_the_inputs_stay_as_they_are(rng):
    n, k, m = sizes(rng, 3)
    for a, b in (
        (np.array([[1.0, 2], [3, 4]]), np.array([[0.0, 1], [2, 0]])),
        (rng.random((n, k)), rng.random((k, m))),
    ):
        product, (a_after, b_after) = inputs_after(matmul_loops, a, b)
        assert_close(product, a @ b)
        assert_close(a_after, a)
        assert_close(b_after, b)
