"""cross_entropy_rule is softmax minus one-hot, times each row's own gradient."""

import numpy as np
import pytest

from tinytorch.backprop import cross_entropy_rule
from tito.testing import assert_close, inputs_after, on_student_side


@on_student_side
def by_logits(grad, logits, *at):
    return cross_entropy_rule(grad, None, logits, at)


def index(classes):
    """Where the scores of these classes stand: (n, ...) gives an index with a part for each axis of the logits."""
    samples, *places = np.indices(classes.shape, sparse=True)
    return samples, classes, *places


def expected(grad, logits, classes):
    """Row by row."""
    result = np.zeros(logits.shape)
    for n, *place in np.ndindex(classes.shape):
        row = (n, slice(None), *place)
        result[row] = np.exp(logits[row]) / np.exp(logits[row]).sum()
        result[(n, classes[(n, *place)], *place)] -= 1
        result[row] *= grad[(n, *place)]
    return result


def test_softmax_minus_one_hot(rng):
    logits = np.log([[0.2, 0.3, 0.5]])
    assert_close(by_logits(np.array([1.0]), logits, *index(np.array([1]))), [[0.2, -0.7, 0.5]])
    assert_close(by_logits(np.array([1.0]), logits, *index(np.array([0]))), [[-0.8, 0.3, 0.5]])
    logits, classes = rng.standard_normal((1, 5)), rng.integers(0, 5, 1)
    assert_close(by_logits(np.ones(1), logits, *index(classes)), expected(np.ones(1), logits, classes))


def test_each_row_has_its_own_class_and_its_own_gradient(rng):
    logits = np.log([[0.2, 0.3, 0.5], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    grad, classes = np.array([1.0, 0.0, 10.0]), np.array([1, 2, 2])
    assert_close(by_logits(grad, logits, *index(classes)), [[0.2, -0.7, 0.5], [0, 0, 0], [1, 1, -2]])
    grad, logits, classes = rng.standard_normal(6), rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    assert_close(by_logits(grad, logits, *index(classes)), expected(grad, logits, classes))


@pytest.mark.parametrize("more", [(5,), (2, 3)])
def test_there_may_be_more_axes(more, rng):
    grad, logits = rng.standard_normal((2, *more)), rng.standard_normal((2, 4, *more))
    classes = rng.integers(0, 4, (2, *more))
    assert_close(by_logits(grad, logits, *index(classes)), expected(grad, logits, classes))


def test_scores_of_any_size_give_gradients_between_minus_1_and_1(rng):
    logits, classes = np.array([[1000, 0, -1000]] * 3, np.float32), np.array([0, 1, 2])
    found = by_logits(np.ones(3, np.float32), logits, *index(classes))
    assert_close(found, [[0, 0, 0], [1, -1, 0], [1, 0, -1]])
    logits, classes, grad = rng.standard_normal((4, 3)), rng.integers(0, 3, 4), rng.standard_normal(4)
    away = np.array([[1000.0], [0.0], [-1000.0], [0.0]])  # the same for all scores of a row, so it changes nothing
    assert_close(by_logits(grad, logits + away, *index(classes)), expected(grad, logits, classes))


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    grad, logits = np.array([1, 2], np.float32), np.log(np.array([[0.2, 0.3, 0.5]] * 2, np.float32))
    at = index(np.array([1, 0]))
    assert_close(by_logits(grad, logits, *at), [[0.2, -0.7, 0.5], [-1.6, 0.6, 1]], dtype=np.float32)
    grad, logits = (rng.standard_normal(shape).astype(np.float32) for shape in ((2, 3), (2, 4, 3)))
    classes = rng.integers(0, 4, (2, 3))
    at = index(classes)
    assert_close(by_logits(grad, logits, *at), expected(grad, logits, classes), dtype=np.float32)
    _, (*after, at_after) = inputs_after(cross_entropy_rule, grad, None, logits, at)
    assert [a.tolist() for a in (after[0], after[2], *at_after)] == [a.tolist() for a in (grad, logits, *at)]
