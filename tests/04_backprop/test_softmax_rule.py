"""softmax_rule sends a gradient back through softmax: s_j (g_j - sum of g_i s_i)."""

import numpy as np
import pytest

from tinytorch.backprop import softmax_rule
from tito.testing import assert_close, on_student_side


@on_student_side
def inputs_after(grad, out, x):
    softmax_rule(grad, out, x, dim=0)
    return grad, out


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


def test_one_row_of_scores():
    s = np.array([0.2, 0.3, 0.5])
    assert_close(softmax_rule(np.array([1.0, 0.0, 0.0]), s, np.log(s), dim=0), [0.16, -0.06, -0.1])
    assert_close(softmax_rule(np.array([1.0, 0.0, 2.0]), s, np.log(s), dim=0), [-0.04, -0.36, 0.4])


def test_a_gradient_that_is_the_same_for_all_has_no_effect():
    s = np.array([0.2, 0.3, 0.5])
    assert_close(softmax_rule(np.array([5.0, 5.0, 5.0]), s, np.log(s), dim=0), [0, 0, 0])


@pytest.mark.parametrize(("shape", "dim"), [((2, 3), 1), ((2, 3), -1), ((3, 3), 1), ((3, 3), 0), ((2, 3, 4), 1)])
def test_each_row_along_the_axis_is_for_itself(shape, dim, rng):
    x, grad = rng.standard_normal(shape), rng.standard_normal(shape)
    assert_close(softmax_rule(grad, probabilities(x, dim), x, dim=dim), expected(grad, x, dim))


def test_float32_stays_float32_and_the_inputs_as_they_are():
    s = np.array([0.2, 0.3, 0.5], np.float32)
    grad = np.array([1, 0, 2], np.float32)
    assert_close(softmax_rule(grad, s, np.log(s), dim=0), [-0.04, -0.36, 0.4], dtype=np.float32)
    grad_after, s_after = inputs_after(grad, s, np.log(s))
    assert grad_after.tolist() == grad.tolist() and s_after.tolist() == s.tolist()
