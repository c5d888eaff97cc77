"""unbroadcast undoes broadcasting: the gradient gets its input's shape back, and nothing is lost on the way."""

import numpy as np
import pytest

from tinytorch.autograd import unbroadcast
from tito.testing import assert_close, inputs_after, sizes


def test_every_copy_is_counted(rng):
    assert_close(unbroadcast(np.ones((4, 3)), (3,)), [4, 4, 4])
    assert_close(unbroadcast(np.array([[1, 2], [30, 40], [500, 600]]), (2,)), [531, 642])
    assert_close(unbroadcast(np.array([1, 20, 300]), ()), 321)
    n, m = sizes(rng, 2)
    grad = rng.standard_normal((n, m))
    assert_close(unbroadcast(grad, (m,)), grad.sum(axis=0))
    assert_close(unbroadcast(grad, ()), grad.sum())


def test_a_stretched_axis_stays_with_size_1(rng):
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (2, 1)), [[21], [43]])
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (1, 2)), [[4, 60]])
    assert_close(unbroadcast(np.array([[1, 20], [3, 40]]), (1, 1)), [[64]])
    n, m = sizes(rng, 2)
    grad = rng.standard_normal((n, m))
    assert_close(unbroadcast(grad, (n, 1)), grad.sum(axis=1, keepdims=True))
    assert_close(unbroadcast(grad, (1, m)), grad.sum(axis=0, keepdims=True))


@pytest.mark.parametrize(
    ("full", "pattern"),
    [
        ("xnm", "n1"),
        ("xnm", "1m"),
        ("xnm", "x1m"),
        ("yxnm", "x11"),
        ("nn", "n1"),
        ("nn", "n"),
        ("nnn", ""),
        ("xn1", "n1"),
        ("1n", "1"),
    ],
)
def test_each_value_gets_the_sum_of_its_own_copies(full, pattern, rng):
    size = dict(zip("nmxy", sizes(rng, 4))) | {"1": 1}
    full, shape = (tuple(size[letter] for letter in letters) for letters in (full, pattern))
    grad = rng.standard_normal(full)
    expected = np.zeros(shape)
    for index in np.ndindex(full):
        kept = index[len(full) - len(shape) :]
        expected[tuple(0 if n == 1 else i for i, n in zip(kept, shape))] += grad[index]
    found, (after, _) = inputs_after(unbroadcast, grad, shape)
    assert_close(found, expected)
    assert_close(after, grad)


@pytest.mark.parametrize("axes", [0, 1, 2, 3])
def test_what_was_not_broadcast_stays_as_it_is(axes, rng):
    for shape in (sizes(rng, axes), (1,) * axes):
        grad = rng.standard_normal(shape).astype(np.float32)
        assert_close(unbroadcast(grad, shape), grad, dtype=np.float32)


def test_empty_tensors_have_gradients_too(rng):
    for n, m in ((2, 3), rng.integers(2, 100, 2).tolist()):
        assert_close(unbroadcast(np.zeros((0, m)), (m,)), np.zeros(m))
        assert_close(unbroadcast(np.zeros((n, 0)), (n, 1)), np.zeros((n, 1)))
        assert_close(unbroadcast(np.zeros((n, 0)), (0,)), np.zeros(0))
        assert_close(unbroadcast(np.zeros((n, m, 0)), (m, 1)), np.zeros((m, 1)))
