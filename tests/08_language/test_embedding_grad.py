"""embedding_grad adds up what comes back to each row."""

import numpy as np
import pytest

from tinytorch.language import embedding_grad
from tito.testing import assert_close, inputs_after


def agree(rng, ids, rows, dtype=np.float64):
    """Compare with what is added up place by place."""
    grad = rng.standard_normal((*ids.shape, 3)).astype(dtype)
    expected = np.zeros((rows, 3))
    for place in np.ndindex(ids.shape):
        expected[ids[place]] += grad[place]
    found, (after, ids_after, _) = inputs_after(embedding_grad, grad, ids, rows)
    assert_close(found, expected, dtype=dtype, atol=1e-5)
    assert_close(after, grad, rtol=0, atol=0)
    assert_close(ids_after, ids)


def test_a_row_that_was_looked_up_twice_gets_both(rng):
    grad = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    assert_close(embedding_grad(grad, np.array([2, 0, 2]), 3), [[2, 2], [0, 0], [4, 4]])
    agree(rng, rng.integers(0, 3, 12), 3)


def test_rows_that_were_not_looked_up_get_zero(rng):
    assert_close(embedding_grad(np.ones((1, 2)), np.array([1]), 4), [[0, 0], [1, 1], [0, 0], [0, 0]])
    agree(rng, rng.choice(9, 3), int(rng.integers(9, 15)))


@pytest.mark.parametrize("shape", [(7,), (3, 5), (2, 3, 4)])
def test_ids_may_have_any_shape(shape, rng):
    agree(rng, rng.integers(0, 6, shape), 6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_has_the_dtype_of_the_gradient(dtype, rng):
    assert_close(embedding_grad(np.ones((2, 1), dtype), np.array([0, 0]), 2), [[2], [0]], dtype=dtype)
    agree(rng, rng.integers(0, 4, 8), 4, dtype)
