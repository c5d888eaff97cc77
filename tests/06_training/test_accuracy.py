"""accuracy is the share of samples whose highest score is that of their class."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import accuracy
from tito.testing import assert_close, raises


def drawn(rng, samples=97, classes=5):
    """Scores, targets, and the share of rows whose highest score is the target's."""
    scores, targets = rng.standard_normal((samples, classes)), rng.integers(0, classes, samples)
    return Tensor(scores), targets, sum(row.argmax() == target for row, target in zip(scores, targets)) / samples


def test_it_is_the_share_of_right_answers(rng):
    scores = Tensor([[2.0, 0.5, 0.1], [0.3, 0.2, 0.9], [0.1, 0.4, 3.0]])
    assert_close(accuracy(scores, Tensor(np.array([0, 1, 2]))), 2 / 3)
    assert accuracy(scores, Tensor(np.array([0, 2, 2]))) == 1
    assert accuracy(scores, Tensor(np.array([1, 1, 1]))) == 0
    scores, targets, share = drawn(rng)
    assert_close(accuracy(scores, Tensor(targets)), share)


@pytest.mark.parametrize(("samples", "classes"), [(50, 4), (7, 7), (3, 8), (1, 2)])
def test_it_is_right_for_any_numbers_of_samples_and_classes(samples, classes, rng):
    for count in (samples, 100 + samples):
        scores, targets, share = drawn(rng, count, classes)
        assert_close(accuracy(scores, Tensor(targets)), share)
        assert_close(accuracy(scores, targets), share)


def test_it_is_a_python_number(rng):
    assert isinstance(accuracy(Tensor([[1, 2]]), Tensor(np.array([1]))), float)
    scores, targets, share = drawn(rng)
    found = accuracy(scores, Tensor(targets))
    assert isinstance(found, float)
    assert_close(found, share)


def test_targets_of_another_shape_are_refused(rng):
    with raises(ValueError, "scores (samples, classes) need targets (samples,)", "(3, 2) and (3, 1)"):
        accuracy(Tensor(np.ones((3, 2))), Tensor(np.zeros((3, 1), int)))
    assert accuracy(Tensor(np.eye(3)), Tensor(np.arange(3))) == 1
    count, classes = rng.integers(50, 99), rng.integers(2, 9)
    scores, targets, share = drawn(rng, count, classes)
    with raises(
        ValueError, "scores (samples, classes) need targets (samples,)", f"({count}, {classes}) and ({count}, 1)"
    ):
        accuracy(scores, Tensor(targets[:, None]))
    assert_close(accuracy(scores, Tensor(targets)), share)
