"""eye is the identity matrix: ones where row and column number are equal."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, logged, on_student_side


@on_student_side
def logged_eye(Logged, n, m):
    return Logged.eye(n, m)


def test_there_are_ones_on_the_diagonal(rng):
    assert_close(Tensor.eye(2), [[1, 0], [0, 1]])
    assert_close(Tensor.eye(1), [[1]])
    n = int(rng.integers(3, 60))
    assert_close(Tensor.eye(n), np.identity(n))


@pytest.mark.parametrize(("n", "m"), [(2, 3), (3, 2), (3, 3), (1, 5), (2, 0), (0, 2)])
def test_there_are_n_rows_and_m_columns(n, m, rng):
    assert_close(Tensor.eye(n, m), np.eye(n, m))
    n, m = rng.integers(3, 60, 2).tolist()
    assert_close(Tensor.eye(n, m), np.eye(n, m))


def test_the_values_are_float32(rng):
    n, m = rng.integers(3, 60, 2).tolist()
    assert_close(Tensor.eye(2), [[1, 0], [0, 1]], dtype=np.float32)
    assert_close(Tensor.eye(n), np.eye(n), dtype=np.float32)
    assert_close(Tensor.eye(n, m), np.eye(n, m), dtype=np.float32)


def test_a_subclass_makes_its_own_kind(rng):
    n, m = rng.integers(3, 60, 2).tolist()
    _, kind, values = logged(logged_eye, Tensor, n, m)
    assert kind == "Logged"
    assert_close(values, np.eye(n, m))
