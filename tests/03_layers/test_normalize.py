"""normalize shifts values to mean 0 and scales them to variance 1 over an axis, then by weight and bias."""

import numpy as np

from tinytorch.layers import normalize
from tito.testing import assert_close, inputs_after, sizes


def expected(x, weight, bias, dim, eps):
    return (x - x.mean(axis=dim, keepdims=True)) / np.sqrt(x.var(axis=dim, keepdims=True) + eps) * weight + bias


def test_the_mean_becomes_0_and_the_variance_1(rng):
    assert_close(normalize(np.array([[1.0, 3, 8]]), 1, 0, dim=1, eps=0), np.array([[-3, -1, 4]]) / (26 / 3) ** 0.5)
    assert_close(normalize(np.array([[1.0, 5.0]]), 1, 0, dim=1, eps=0), [[-1, 1]])
    assert_close(normalize(np.array([[0.0, 0, 3, 3, 3, 3]]), 1, 0, dim=1, eps=0), [[-(2**0.5)] * 2 + [0.5**0.5] * 4])
    x = rng.standard_normal((1, *sizes(rng, 1))) * 7 + 2
    assert_close(normalize(x, 1, 0, dim=1, eps=0), expected(x, 1, 0, 1, 0))


def test_each_row_column_or_channel_is_taken_by_itself(rng):
    x = np.array([[1.0, 5.0], [10.0, 50.0]])
    assert_close(normalize(x, 1, 0, dim=1, eps=0), [[-1, 1], [-1, 1]])
    assert_close(normalize(x, 1, 0, dim=0, eps=0), [[-1, -1], [1, 1]])
    x = rng.standard_normal(sizes(rng, 3)) * 7 + 2
    for dim in (0, -1, (0, 2), (1, 2), (-2, -1), (0, 1, 2)):
        assert_close(normalize(x, 1, 0, dim=dim, eps=0), expected(x, 1, 0, dim, 0))


def test_weight_and_bias_come_last(rng):
    x, weight, bias = np.array([[1.0, 5.0], [10.0, 50.0]]), np.array([2.0, 3.0]), np.array([100.0, 200.0])
    assert_close(normalize(x, weight, bias, dim=1, eps=0), [[98, 203], [98, 203]])
    assert_close(normalize(x, weight[:, None], bias[:, None], dim=1, eps=0), [[98, 102], [197, 203]])
    n, m = sizes(rng, 2)
    x, weight, bias = rng.standard_normal((n, m)), rng.standard_normal(m), rng.standard_normal(m)
    assert_close(normalize(x, weight, bias, dim=1, eps=1e-5), expected(x, weight, bias, 1, 1e-5))
    assert_close(normalize(x, weight, bias, dim=0, eps=1e-5), expected(x, weight, bias, 0, 1e-5))


def test_eps_is_added_to_the_variance(rng):
    assert_close(normalize(np.array([[0.0, 2.0]]), 1, 0, dim=1, eps=3), [[-0.5, 0.5]])
    assert_close(normalize(np.array([[4.0, 4.0]]), 2, 7, dim=1, eps=1e-5), [[7, 7]])
    x, eps = rng.standard_normal(sizes(rng, 2)), rng.uniform(1, 9)
    assert_close(normalize(x, 1, 0, dim=1, eps=eps), expected(x, 1, 0, 1, eps))
    same, bias = np.full((2, *sizes(rng, 1)), rng.integers(1, 99)), rng.standard_normal(2)[:, None]
    assert_close(normalize(same, 2, bias, dim=1, eps=eps), np.broadcast_to(bias, same.shape))
    assert_close(normalize(x[:, :1], 2, 7, dim=1, eps=eps), np.full((len(x), 1), 7))


def test_float32_is_enough_far_from_zero_and_x_stays_as_it_is(rng):
    x = np.array([[10_001, 10_003]], np.float32)
    assert_close(normalize(x, 1, 0, dim=1, eps=0), [[-1, 1]], rtol=1e-3)
    x, one = np.array([[1, 5]], np.float32), np.ones(2, np.float32)
    assert_close(normalize(x, one, one, dim=1, eps=0), [[0, 2]], dtype=np.float32)
    x = rng.integers(10_000, 10_010, (4, 5)).astype(np.float32)
    x[:, 0] += 20
    given = x, *rng.standard_normal((2, 5)).astype(np.float32)
    found, after = inputs_after(normalize, *given, dim=1, eps=1e-5)
    assert_close(
        found, expected(*(array.astype(float) for array in given), 1, 1e-5), dtype=np.float32, rtol=1e-2, atol=1e-3
    )
    for array, before in zip(after, given):
        assert_close(array, before)
