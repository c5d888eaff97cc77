"""accuracy is the share of samples whose highest score is that of their class."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import accuracy
from tito.testing import assert_close, raises


def test_it_is_the_share_of_right_answers():
    scores = Tensor([[2.0, 0.5, 0.1], [0.3, 0.2, 0.9], [0.1, 0.4, 3.0]])
    assert_close(accuracy(scores, Tensor(np.array([0, 1, 2]))), 2 / 3)
    assert accuracy(scores, Tensor(np.array([0, 2, 2]))) == 1
    assert accuracy(scores, Tensor(np.array([1, 1, 1]))) == 0


@pytest.mark.parametrize(("samples", "classes"), [(50, 4), (7, 7), (3, 8), (1, 2)])
def test_it_is_right_for_any_numbers_of_samples_and_classes(samples, classes, rng):
    scores, targets = rng.standard_normal((samples, classes)), rng.integers(0, classes, samples)
    share = sum(int(np.argmax(row)) == target for row, target in zip(scores, targets)) / samples
    assert_close(accuracy(Tensor(scores), Tensor(targets)), share)
    assert_close(accuracy(Tensor(scores), targets), share)


def test_it_is_a_python_number():
    assert isinstance(accuracy(Tensor([[1, 2]]), Tensor(np.array([1]))), float)


def test_targets_of_another_shape_are_refused():
    with raises(ValueError, "scores (samples, classes) need targets (samples,)", "(3, 2) and (3, 1)"):
        accuracy(Tensor(np.ones((3, 2))), Tensor(np.zeros((3, 1), int)))
    assert accuracy(Tensor(np.eye(3)), Tensor(np.arange(3))) == 1
