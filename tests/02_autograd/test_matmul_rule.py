"""The rule of a @ b: the gradient of each side is a product of grad with the other side, turned over."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


def gradients(a, b, weights):
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    (a @ b).backward(weights)
    return a.grad, b.grad


def test_two_small_matrices():
    product, a, b = "(a @ b).backward([[1, 0], [0, 10]])", [[1, 2], [3, 4]], [[5, 6], [7, 8]]
    assert_close(gradient("a", product, a=a, b=b), [[5, 7], [60, 80]])
    assert_close(gradient("b", product, a=a, b=b), [[1, 30], [2, 40]])


@pytest.mark.parametrize(("n", "k", "m"), [(2, 3, 4), (4, 1, 2), (1, 3, 1), (3, 3, 3)])
def test_matrices_of_any_shape(n, k, m, rng):
    a, b, weights = (rng.standard_normal(shape) for shape in [(n, k), (k, m), (n, m)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("nm,km->nk", weights, b))
    assert_close(by_b, np.einsum("nk,nm->km", a, weights))


def test_batches_are_multiplied_one_by_one(rng):
    a, b, weights = (rng.standard_normal(shape) for shape in [(5, 2, 3), (5, 3, 4), (5, 2, 4)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("xnm,xkm->xnk", weights, b))
    assert_close(by_b, np.einsum("xnk,xnm->xkm", a, weights))


def test_a_side_without_a_batch_gets_the_sum(rng):
    a, b, weights = (rng.standard_normal(shape) for shape in [(6, 5, 2, 3), (3, 4), (6, 5, 2, 4)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("xynm,km->xynk", weights, b))
    assert_close(by_b, np.einsum("xynk,xynm->km", a, weights))


@pytest.mark.parametrize(
    ("a", "b"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4))]
)
def test_vectors_get_vectors(a, b, rng):
    a, b = rng.standard_normal(a), rng.standard_normal(b)
    weights = rng.standard_normal((a @ b).shape)
    by_a, by_b = gradients(a, b, weights)
    rows, columns = np.atleast_2d(a), b if b.ndim > 1 else b[:, None]
    grad = weights.reshape(np.matmul(rows, columns).shape)
    expected = np.einsum("...nm,...km->...nk", grad, columns), np.einsum("...nk,...nm->...km", rows, grad)
    for actual, full, shape in zip((by_a, by_b), expected, (a.shape, b.shape)):
        wanted = full.sum(axis=tuple(range(full.ndim - 2))) if len(shape) == 1 else full
        assert_close(actual, wanted.reshape(shape))
