"""split_heads gives each head its part of every position's features."""

import numpy as np
import pytest

from tinytorch.attention import split_heads
from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(x, heads, weights):
    leaf = Tensor(x, requires_grad=True)
    (split_heads(leaf, heads) * Tensor(weights)).sum().backward()
    return leaf.grad.numpy()


def test_the_first_features_belong_to_head_0(rng):
    x = np.arange(16.0).reshape(1, 2, 8)
    assert_close(split_heads(Tensor(x), 2), [[[[0, 1, 2, 3], [8, 9, 10, 11]], [[4, 5, 6, 7], [12, 13, 14, 15]]]])
    x = rng.standard_normal((1, 3, 8))
    assert_close(split_heads(Tensor(x), 2), np.stack([x[..., :4], x[..., 4:]], axis=1))


def test_one_head_has_all_features(rng):
    x = np.arange(6.0).reshape(1, 2, 3)
    assert_close(split_heads(Tensor(x), 1), x[:, None])
    x = rng.standard_normal((2, 3, int(rng.integers(2, 6))))
    assert_close(split_heads(Tensor(x), 1), x[:, None])


@pytest.mark.parametrize(("heads", "size"), [(2, 3), (4, 2), (3, 1)])
def test_it_is_right_for_any_shape(heads, size, rng):
    x = rng.standard_normal((2, 5, heads * size)).astype(np.float32)
    expected = np.stack([x[..., h * size : (h + 1) * size] for h in range(heads)], axis=1)
    assert_close(split_heads(Tensor(x), heads), expected)


def test_gradients_go_back_to_their_places(rng):
    weights = rng.standard_normal((2, 2, 3, 4)).astype(np.float32)
    expected = np.concatenate([weights[:, 0], weights[:, 1]], axis=-1)
    assert_close(gradient(np.zeros((2, 3, 8), np.float32), 2, weights), expected)
