"""eye is the identity matrix: ones where row and column number are equal."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def eye_of_a_Logged_is_a(Tensor):
    class Logged(Tensor):
        pass

    return type(Logged.eye(2)).__name__


def test_there_are_ones_on_the_diagonal():
    assert_close(Tensor.eye(2), [[1, 0], [0, 1]])
    assert_close(Tensor.eye(1), [[1]])
    assert_close(Tensor.eye(20), np.identity(20))


@pytest.mark.parametrize(("n", "m"), [(2, 3), (3, 2), (3, 3), (1, 5), (2, 0), (0, 2)])
def test_there_are_n_rows_and_m_columns(n, m):
    assert_close(Tensor.eye(n, m), np.eye(n, m))


def test_the_values_are_float32():
    assert_close(Tensor.eye(2), [[1, 0], [0, 1]], dtype=np.float32)
    assert_close(Tensor.eye(2, 2), [[1, 0], [0, 1]], dtype=np.float32)


def test_a_subclass_makes_its_own_kind():
    assert eye_of_a_Logged_is_a(Tensor) == "Logged"
