"""softmax_rule sends a gradient back through softmax: s_j (g_j - sum of g_i s_i)."""

import numpy as np
import pytest

from tinytorch.backprop import softmax_rule
from tito.testing import assert_close, inputs_after


def probabilities(x, dim):
    e = np.exp(x)
    return e / e.sum(dim, keepdims=True)


def expected(grad, x, dim):
    """By the whole matrix of slopes, one row of scores after the other."""
    rows, grads = np.moveaxis(probabilities(x, dim), dim, -1), np.moveaxis(grad, dim, -1)
    result = np.empty(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        s = rows[place]
        result[place] = (np.diag(s) - np.outer(s, s)) @ grads[place]
    return np.moveaxis(result, -1, dim)


def test_one_row_of_scores(rng):
    s = np.array([0.2, 0.3, 0.5])
    assert_close(softmax_rule(np.array([1.0, 0.0, 0.0]), s, np.log(s), dim=0), [0.16, -0.06, -0.1])
    assert_close(softmax_rule(np.array([1.0, 0.0, 2.0]), s, np.log(s), dim=0), [-0.04, -0.36, 0.4])
    x, grad = rng.standard_normal((2, rng.integers(2, 7)))
    assert_close(softmax_rule(grad, probabilities(x, 0), x, dim=0), expected(grad, x, 0))


def test_a_gradient_that_is_the_same_for_all_has_no_effect(rng):
    s = np.array([0.2, 0.3, 0.5])
    assert_close(softmax_rule(np.array([5.0, 5.0, 5.0]), s, np.log(s), dim=0), [0, 0, 0])
    x, grad = rng.standard_normal((5, 4)), np.repeat(rng.standard_normal((5, 1)), 4, axis=1)
    grad[rng.integers(1, 5)] = rng.standard_normal(4)
    assert_close(softmax_rule(grad, probabilities(x, 1), x, dim=1), expected(grad, x, 1))


def test_a_probability_of_0_gets_0_and_disturbs_no_other(rng):
    x = np.append(rng.standard_normal(3), -1000.0)
    grad, s = rng.standard_normal(4), probabilities(x, 0)
    assert_close(softmax_rule(grad, s, x, dim=0), [*expected(grad[:3], x[:3], 0), 0])


@pytest.mark.parametrize(("shape", "dim"), [((2, 3), 1), ((2, 3), -1), ((3, 3), 1), ((3, 3), 0), ((2, 3, 4), 1)])
def test_each_row_along_the_axis_is_for_itself(shape, dim, rng):
    x, grad = rng.standard_normal(shape), rng.standard_normal(shape)
    assert_close(softmax_rule(grad, probabilities(x, dim), x, dim=dim), expected(grad, x, dim))


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    s = np.array([0.2, 0.3, 0.5], np.float32)
    grad = np.array([1, 0, 2], np.float32)
    assert_close(softmax_rule(grad, s, np.log(s), dim=0), [-0.04, -0.36, 0.4], dtype=np.float32)
    x, grad = (rng.standard_normal((3, 4)).astype(np.float32) for _ in range(2))
    s = probabilities(x, 1)
    assert_close(softmax_rule(grad, s, x, dim=1), expected(grad, x, 1), dtype=np.float32)
    _, after = inputs_after(softmax_rule, grad, s, x, dim=1)
    assert [a.tolist() for a in after] == [a.tolist() for a in (grad, s, x)]
