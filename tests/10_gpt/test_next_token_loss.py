"""next_token_loss is the mean surprise over all positions of all samples."""

import math

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import next_token_loss
from tito.testing import assert_close, on_student_side


@on_student_side
def with_gradient(scores, targets):
    leaf = Tensor(scores, requires_grad=True)
    next_token_loss(leaf, Tensor(targets)).backward()
    return leaf.grad.numpy()


def shares_of(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def expected(scores, targets):
    shares = shares_of(scores)
    found = [-math.log(shares[b, t, targets[b, t]]) for b in range(len(targets)) for t in range(targets.shape[1])]
    return np.mean(found)


def test_equal_scores_are_a_guess(rng):
    loss = next_token_loss(Tensor(np.zeros((2, 3, 5), np.float32)), Tensor(np.array([[0, 1, 2], [3, 4, 0]])))
    assert_close(loss, math.log(5))
    size = int(rng.integers(6, 200))
    assert_close(next_token_loss(Tensor(np.ones((1, 2, size))), Tensor(np.array([[0, size - 1]]))), math.log(size))


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 3, 5), (4, 7, 3)])
def test_it_is_the_mean_over_all_positions(shape, rng):
    scores, targets = 2 * rng.standard_normal(shape).astype(np.float32), rng.integers(0, shape[-1], shape[:2])
    assert_close(next_token_loss(Tensor(scores), Tensor(targets)), expected(scores, targets))


def test_as_many_positions_as_tokens_are_not_mixed_up(rng):
    scores, targets = 3 * rng.standard_normal((2, 4, 4)).astype(np.float32), rng.integers(0, 4, (2, 4))
    assert_close(next_token_loss(Tensor(scores), Tensor(targets)), expected(scores, targets))


def test_its_gradient_is_share_minus_one_hot(rng):
    scores, targets = rng.standard_normal((2, 3, 5)).astype(np.float32), rng.integers(0, 5, (2, 3))
    assert_close(with_gradient(scores, targets), (shares_of(scores) - np.eye(5)[targets]) / 6, atol=1e-5)
