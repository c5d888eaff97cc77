"""The rule of a @ b: the gradient of each side is a product of grad with the other side, turned over."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, rule, sizes


def gradients(a, b, weights):
    a, b = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    (a @ b).backward(weights)
    return a.grad, b.grad


def test_two_small_matrices(rng):
    product, a, b = "(a @ b).backward([[1, 0], [0, 10]])", [[1, 2], [3, 4]], [[5, 6], [7, 8]]
    assert_close(gradient("a", product, a=a, b=b), [[5, 7], [60, 80]])
    assert_close(gradient("b", product, a=a, b=b), [[1, 30], [2, 40]])
    a, b = rng.integers(-9, 10, (2, 2, 2))
    assert_close(gradient("a", product, a=a.astype(float), b=b.astype(float)), np.diag([1, 10]) @ b.T)
    assert_close(gradient("b", product, a=a.astype(float), b=b.astype(float)), a.T @ np.diag([1, 10]))


@pytest.mark.parametrize("pattern", ["nkm", "nk1", "1k1", "n1m", "nnn"])
def test_matrices_of_any_shape(pattern, rng):
    size = dict(zip("nkm", sizes(rng, 3))) | {"1": 1}
    n, k, m = (size[letter] for letter in pattern)
    a, b, weights = (rng.standard_normal(shape) for shape in [(n, k), (k, m), (n, m)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("nm,km->nk", weights, b))
    assert_close(by_b, np.einsum("nk,nm->km", a, weights))


def test_batches_are_multiplied_one_by_one(rng):
    x, n, k, m = sizes(rng, 4)
    a, b, weights = (rng.standard_normal(shape) for shape in [(x, n, k), (x, k, m), (x, n, m)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("xnm,xkm->xnk", weights, b))
    assert_close(by_b, np.einsum("xnk,xnm->xkm", a, weights))


def test_a_side_without_a_batch_gets_the_sum(rng):
    x, y, n, k, m = sizes(rng, 5)
    a, b, weights = (rng.standard_normal(shape) for shape in [(x, y, n, k), (k, m), (x, y, n, m)])
    by_a, by_b = gradients(a, b, weights)
    assert_close(by_a, np.einsum("xynm,km->xynk", weights, b))
    assert_close(by_b, np.einsum("xynk,xynm->km", a, weights))
    by_b, by_a = gradients(b.T, a.swapaxes(2, 3), weights.swapaxes(2, 3))
    assert_close(by_b, np.einsum("xynk,xynm->mk", a, weights))
    assert_close(by_a, np.einsum("xynm,km->xykn", weights, b))


@pytest.mark.parametrize("pattern", ["k k", "nk k", "k km", "xnk k", "k xkm"])
def test_vectors_get_vectors(pattern, rng):
    size = dict(zip("nkmx", sizes(rng, 4)))
    a, b = (rng.standard_normal([size[letter] for letter in letters]) for letters in pattern.split())
    weights = rng.standard_normal((a @ b).shape)
    by_a, by_b = gradients(a, b, weights)
    rows, columns = np.atleast_2d(a), b if b.ndim > 1 else b[:, None]
    grad = weights.reshape(np.matmul(rows, columns).shape)
    expected = np.einsum("...nm,...km->...nk", grad, columns), np.einsum("...nk,...nm->...km", rows, grad)
    for actual, full, shape in zip((by_a, by_b), expected, (a.shape, b.shape)):
        wanted = full.sum(axis=tuple(range(full.ndim - 2))) if len(shape) == 1 else full
        assert_close(actual, wanted.reshape(shape))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_grad_and_inputs_stay_as_they_are(dtype, rng):
    n, k, m = sizes(rng, 3)
    weights, a, b = given = [rng.standard_normal(shape).astype(dtype) for shape in [(n, m), (n, k), (k, m)]]
    (by_a, by_b), after = rule(derivatives, np.matmul, *given)
    assert_close(by_a, weights @ b.T, dtype=dtype)
    assert_close(by_b, a.T @ weights, dtype=dtype)
    for array, before in zip(after, (weights, a @ b, a, b)):
        assert_close(array, before, rtol=1e-3)
