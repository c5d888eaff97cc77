"""binary_cross_entropy is -log of the probability given to the truth, exact for scores of any size."""

import numpy as np
import pytest

from tinytorch.backprop import binary_cross_entropy
from tito.testing import assert_close, on_student_side


@on_student_side
def inputs_after(logits, target):
    binary_cross_entropy(logits, target)
    return logits, target


def test_at_0_it_is_log_2_whatever_the_truth():
    assert_close(binary_cross_entropy(np.array([0.0]), np.array([1.0])), [np.log(2)])
    assert_close(binary_cross_entropy(np.array([0.0, 0.0]), np.array([0.0, 0.5])), [np.log(2), np.log(2)])


def test_scores_of_usual_size(rng):
    assert_close(binary_cross_entropy(np.array([1.0, 1.0]), np.array([1.0, 0.0])), [0.313262, 1.313262])
    z, t = rng.standard_normal((3, 4)), rng.integers(0, 2, (3, 4))
    s = 1 / (1 + np.exp(-z))
    assert_close(binary_cross_entropy(z, t), np.where(t == 1, -np.log(s), -np.log(1 - s)))


def test_targets_between_0_and_1_take_a_share_of_both(rng):
    z, t = rng.standard_normal(6), rng.uniform(size=6)
    s = 1 / (1 + np.exp(-z))
    assert_close(binary_cross_entropy(z, t), -t * np.log(s) - (1 - t) * np.log(1 - s))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_wrong_and_sure_costs_as_much_as_the_score(dtype):
    assert_close(binary_cross_entropy(np.array([1000], dtype), np.array([0], dtype)), [1000])
    assert_close(binary_cross_entropy(np.array([-1000], dtype), np.array([1], dtype)), [1000])
    assert_close(binary_cross_entropy(np.array([50, -50], dtype), np.array([0, 1], dtype)), [50, 50])


def test_right_and_sure_costs_nothing_or_exactly_the_little_that_is_left():
    assert_close(binary_cross_entropy(np.array([1000.0, -1000.0]), np.array([1.0, 0.0])), [0, 0])
    little = np.exp(-40.0)
    assert_close(binary_cross_entropy(np.array([-40.0]), np.array([0.0])), [little], atol=0)


def test_float32_stays_float32_and_the_inputs_as_they_are():
    z, t = np.array([1, -2], np.float32), np.array([1, 0], np.float32)
    assert_close(binary_cross_entropy(z, t), [0.313262, 0.126928], dtype=np.float32)
    z_after, t_after = inputs_after(z, t)
    assert z_after.tolist() == z.tolist() and t_after.tolist() == t.tolist()
