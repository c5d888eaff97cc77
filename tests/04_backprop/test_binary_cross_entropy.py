"""binary_cross_entropy is -log of the probability given to the truth, exact for scores of any size."""

import numpy as np
import pytest

from tinytorch.backprop import binary_cross_entropy
from tito.testing import assert_close, inputs_after


def test_at_0_it_is_log_2_whatever_the_truth(rng):
    assert_close(binary_cross_entropy(np.array([0.0]), np.array([1.0])), [np.log(2)])
    assert_close(binary_cross_entropy(np.array([0.0, 0.0]), np.array([0.0, 0.5])), [np.log(2), np.log(2)])
    z, t = rng.uniform(1, 5, 6), rng.uniform(size=6)
    z[rng.permutation(6)[:3]] = 0
    assert_close(binary_cross_entropy(z, t), np.log(1 + np.exp(z)) - t * z)


def test_scores_of_usual_size(rng):
    assert_close(binary_cross_entropy(np.array([1.0, 1.0]), np.array([1.0, 0.0])), [0.313262, 1.313262])
    for shape in ((3, 4), (2, 3, 2)):
        z, t = rng.standard_normal(shape), rng.integers(0, 2, shape)
        s = 1 / (1 + np.exp(-z))
        assert_close(binary_cross_entropy(z, t), np.where(t == 1, -np.log(s), -np.log(1 - s)))


def test_targets_between_0_and_1_take_a_share_of_both(rng):
    z, t = rng.standard_normal(6), rng.uniform(size=6)
    s = 1 / (1 + np.exp(-z))
    assert_close(binary_cross_entropy(z, t), -t * np.log(s) - (1 - t) * np.log(1 - s))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_wrong_and_sure_costs_as_much_as_the_score(dtype, rng):
    assert_close(binary_cross_entropy(np.array([1000], dtype), np.array([0], dtype)), [1000])
    assert_close(binary_cross_entropy(np.array([-1000], dtype), np.array([1], dtype)), [1000])
    assert_close(binary_cross_entropy(np.array([50, -50], dtype), np.array([0, 1], dtype)), [50, 50])
    z = (rng.choice([-1, 1], 5) * 10 ** rng.uniform(2, 30, 5)).astype(dtype)
    assert_close(binary_cross_entropy(z, (z < 0).astype(dtype)), np.abs(z))


def test_right_and_sure_costs_nothing_or_exactly_the_little_that_is_left(rng):
    assert_close(binary_cross_entropy(np.array([1000.0, -1000.0]), np.array([1.0, 0.0])), [0, 0])
    little = np.exp(-40.0)
    assert_close(binary_cross_entropy(np.array([-40.0]), np.array([0.0])), [little], atol=0)
    z = -rng.uniform(30, 300, 4)
    assert_close(binary_cross_entropy(z, np.zeros(4)), np.exp(z), atol=0)


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    z, t = np.array([1, -2], np.float32), np.array([1, 0], np.float32)
    assert_close(binary_cross_entropy(z, t), [0.313262, 0.126928], dtype=np.float32)
    _, (z_after, t_after) = inputs_after(binary_cross_entropy, z, t)
    assert z_after.tolist() == z.tolist() and t_after.tolist() == t.tolist()
    for dtype in (np.float32, np.float64):
        z, t = rng.standard_normal((2, 3)).astype(dtype), rng.uniform(size=(2, 3)).astype(dtype)
        assert_close(binary_cross_entropy(z, t), np.log(1 + np.exp(z)) - t * z, dtype=dtype)
        _, (z_after, t_after) = inputs_after(binary_cross_entropy, z, t)
        assert z_after.tolist() == z.tolist() and t_after.tolist() == t.tolist()
