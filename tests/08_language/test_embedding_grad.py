"""embedding_grad adds up what comes back to each row."""

import numpy as np
import pytest

from tinytorch.language import embedding_grad
from tito.testing import assert_close


def test_a_row_that_was_looked_up_twice_gets_both():
    grad = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    assert_close(embedding_grad(grad, np.array([2, 0, 2]), 3), [[2, 2], [0, 0], [4, 4]])


def test_rows_that_were_not_looked_up_get_zero():
    assert_close(embedding_grad(np.ones((1, 2)), np.array([1]), 4), [[0, 0], [1, 1], [0, 0], [0, 0]])


@pytest.mark.parametrize("shape", [(7,), (3, 5), (2, 3, 4)])
def test_ids_may_have_any_shape(shape, rng):
    ids, grad = rng.integers(0, 6, shape), rng.standard_normal((*shape, 3))
    expected = np.zeros((6, 3))
    for place in np.ndindex(shape):
        expected[ids[place]] += grad[place]
    assert_close(embedding_grad(grad, ids, 6), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_has_the_dtype_of_the_gradient(dtype):
    assert_close(embedding_grad(np.ones((2, 1), dtype), np.array([0, 0]), 2), [[2], [0]], dtype=dtype)
