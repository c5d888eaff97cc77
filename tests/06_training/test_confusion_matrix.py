"""confusion_matrix counts, for each true class, which answers it was given."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import confusion_matrix
from tito.testing import assert_close, type_name


def drawn(rng, samples, classes, known=None):
    """Scores, targets among the `known` classes, and the table of both."""
    scores, targets = rng.standard_normal((samples, classes)), rng.integers(0, known or classes, samples)
    expected = np.zeros((classes, classes), int)
    for row, target in zip(scores, targets):
        expected[target, np.argmax(row)] += 1
    return Tensor(scores), Tensor(targets), expected


def test_rows_are_true_classes_and_columns_are_answers(rng):
    scores = Tensor([[2.0, 0.5, 0.1], [0.3, 0.2, 0.9], [0.1, 0.4, 3.0]])
    matrix = confusion_matrix(scores, Tensor(np.array([0, 1, 2])))
    assert_close(matrix, [[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    scores, targets, expected = drawn(rng, 12, 4)
    assert_close(confusion_matrix(scores, targets), expected)


def test_what_happens_several_times_is_counted_several_times(rng):
    scores = Tensor([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    assert_close(confusion_matrix(scores, Tensor(np.array([0, 0, 1, 1, 1]))), [[2, 0], [1, 2]])
    scores, targets, expected = drawn(rng, rng.integers(40, 90), 2)
    assert_close(confusion_matrix(scores, targets), expected)


def test_there_is_a_row_for_every_class_also_for_those_that_do_not_occur(rng):
    matrix = confusion_matrix(Tensor([[5, 0, 0, 0], [0, 5, 0, 0]]), Tensor(np.array([0, 0])))
    assert_close(matrix, [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    scores, targets, expected = drawn(rng, 20, int(rng.integers(5, 9)), known=3)
    assert_close(confusion_matrix(scores, targets), expected)


def test_it_is_a_tensor_of_whole_numbers(rng):
    matrix = confusion_matrix(Tensor([[1, 0]]), Tensor(np.array([1])))
    assert type_name(matrix) == "Tensor"
    assert_close(matrix, [[0, 0], [1, 0]], dtype=np.int64)
    scores, targets, expected = drawn(rng, 30, 3)
    matrix = confusion_matrix(scores, targets)
    assert type_name(matrix) == "Tensor"
    assert_close(matrix, expected, dtype=np.int64)


@pytest.mark.parametrize(("samples", "classes"), [(200, 3), (20, 10)])
def test_it_is_right_for_any_scores(samples, classes, rng):
    scores, targets, expected = drawn(rng, samples, classes)
    assert_close(confusion_matrix(scores, targets), expected)
    assert_close(confusion_matrix(scores, np.asarray(targets)), expected)
