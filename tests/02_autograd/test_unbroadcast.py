"""unbroadcast undoes broadcasting: the gradient gets its input's shape back, and nothing is lost on the way."""

import numpy as np
import pytest

from tinytorch.autograd import unbroadcast
from tito.testing import assert_close


def test_every_copy_is_counted():
    assert_close(unbroadcast(np.ones((4, 3)), (3,)), [4, 4, 4])
    assert_close(unbroadcast(np.array([[1, 2], [30, 40], [500, 600]]), (2,)), [531, 642])
    assert_close(unbroadcast(np.array([1, 20, 300]), ()), 321)


def test_a_stretched_axis_stays_with_size_1():
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (2, 1)), [[21], [43]])
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (1, 2)), [[4, 60]])
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (1, 1)), [[64]])


@pytest.mark.parametrize(
    ("full", "shape"),
    [
        ((2, 4, 3), (4, 1)),
        ((2, 4, 3), (1, 3)),
        ((2, 4, 3), (2, 1, 3)),
        ((5, 2, 4, 3), (2, 1, 1)),
        ((3, 3), (3, 1)),
        ((3, 3), (3,)),
        ((2, 2, 2), ()),
    ],
)
def test_each_value_gets_the_sum_of_its_own_copies(full, shape, rng):
    grad = rng.standard_normal(full)
    expected = np.zeros(shape)
    for index in np.ndindex(full):
        kept = index[len(full) - len(shape) :]
        expected[tuple(0 if n == 1 else i for i, n in zip(kept, shape))] += grad[index]
    assert_close(unbroadcast(grad, shape), expected)


@pytest.mark.parametrize("shape", [(2, 3), (1, 3), (2, 1), (1,), ()])
def test_what_was_not_broadcast_stays_as_it_is(shape, rng):
    grad = rng.standard_normal(shape).astype(np.float32)
    assert_close(unbroadcast(grad, shape), grad, dtype=np.float32)


def test_empty_tensors_have_gradients_too():
    assert_close(unbroadcast(np.zeros((0, 3)), (3,)), [0, 0, 0])
    assert_close(unbroadcast(np.zeros((2, 0)), (2, 1)), [[0], [0]])
    assert_close(unbroadcast(np.zeros((2, 0)), (0,)), np.zeros(0))
