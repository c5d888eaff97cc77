"""normalize shifts values to mean 0 and scales them to variance 1 over an axis, then by weight and bias."""

import numpy as np

from tinytorch.layers import normalize
from tito.testing import assert_close, on_student_side


@on_student_side
def x_after(normalize, x):
    normalize(x, 1, 0, dim=1, eps=0)
    return x


def test_the_mean_becomes_0_and_the_variance_1():
    assert_close(normalize(np.array([[1.0, 3, 8]]), 1, 0, dim=1, eps=0), np.array([[-3, -1, 4]]) / (26 / 3) ** 0.5)
    assert_close(normalize(np.array([[1.0, 5.0]]), 1, 0, dim=1, eps=0), [[-1, 1]])
    assert_close(normalize(np.array([[0.0, 0, 3, 3, 3, 3]]), 1, 0, dim=1, eps=0), [[-(2**0.5)] * 2 + [0.5**0.5] * 4])


def test_each_row_column_or_channel_is_taken_by_itself(rng):
    x = np.array([[1.0, 5.0], [10.0, 50.0]])
    assert_close(normalize(x, 1, 0, dim=1, eps=0), [[-1, 1], [-1, 1]])
    assert_close(normalize(x, 1, 0, dim=0, eps=0), [[-1, -1], [1, 1]])
    x = rng.standard_normal((3, 4, 5)) * 7 + 2
    for dim in (0, -1, (0, 2), (1, 2), (-2, -1), (0, 1, 2)):
        out = np.asarray(normalize(x, 1, 0, dim=dim, eps=0))
        assert_close(out * x.std(axis=dim, keepdims=True) + x.mean(axis=dim, keepdims=True), x)


def test_weight_and_bias_come_last():
    x, weight, bias = np.array([[1.0, 5.0], [10.0, 50.0]]), np.array([2.0, 3.0]), np.array([100.0, 200.0])
    assert_close(normalize(x, weight, bias, dim=1, eps=0), [[98, 203], [98, 203]])
    assert_close(normalize(x, weight[:, None], bias[:, None], dim=1, eps=0), [[98, 102], [197, 203]])


def test_eps_is_added_to_the_variance():
    assert_close(normalize(np.array([[0.0, 2.0]]), 1, 0, dim=1, eps=3), [[-0.5, 0.5]])
    assert_close(normalize(np.array([[4.0, 4.0]]), 2, 7, dim=1, eps=1e-5), [[7, 7]])


def test_float32_is_enough_far_from_zero_and_x_stays_as_it_is():
    x = np.array([[10_001, 10_003]], np.float32)
    assert_close(normalize(x, 1, 0, dim=1, eps=0), [[-1, 1]], rtol=1e-3)
    x, one = np.array([[1, 5]], np.float32), np.ones(2, np.float32)
    assert_close(normalize(x, one, one, dim=1, eps=0), [[0, 2]], dtype=np.float32)
    assert_close(x_after(normalize, x), [[1, 5]])
