"""merge_heads puts the heads' features side by side again."""

import numpy as np
import pytest

from tinytorch.attention import merge_heads
from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(x, weights):
    leaf = Tensor(x, requires_grad=True)
    (merge_heads(leaf) * Tensor(weights)).sum().backward()
    return leaf.grad.numpy()


def test_each_position_gets_its_features_of_all_heads(rng):
    x = np.array([[[[0.0, 1], [4, 5]], [[2, 3], [6, 7]]]])  # two heads, two positions, two features
    assert_close(merge_heads(Tensor(x)), [[[0, 1, 2, 3], [4, 5, 6, 7]]])
    x = rng.standard_normal((1, 2, 3, int(rng.integers(2, 6)))).astype(np.float32)
    assert_close(merge_heads(Tensor(x)), np.concatenate([x[:, 0], x[:, 1]], axis=-1))


@pytest.mark.parametrize(("heads", "size"), [(2, 3), (4, 2), (1, 5)])
def test_it_is_right_for_any_shape(heads, size, rng):
    x = rng.standard_normal((2, heads, 5, size)).astype(np.float32)
    assert_close(merge_heads(Tensor(x)), np.concatenate([x[:, h] for h in range(heads)], axis=-1))


def test_gradients_go_back_to_their_places(rng):
    weights = rng.standard_normal((2, 3, 8)).astype(np.float32)
    expected = np.stack([weights[..., :4], weights[..., 4:]], axis=1)
    assert_close(gradient(np.zeros((2, 2, 3, 4), np.float32), weights), expected)
