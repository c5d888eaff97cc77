"""masked_softmax gives no weight to what is masked, and all of it to the rest."""

import numpy as np
import pytest

from tinytorch.attention import masked_softmax
from tito.testing import assert_close, inputs_after


def agree(scores, mask, dtype=None):
    found, (after, mask_after) = inputs_after(masked_softmax, scores, mask)
    assert_close(found, expected(scores, mask), dtype=dtype)
    assert_close(after, scores, rtol=0, atol=0)
    assert_close(mask_after, mask, dtype=bool)


def drawn_mask(rng, *shape):
    """A mask by lot; in each of its rows something is allowed, and something is not."""
    return rng.permuted(np.arange(np.prod(shape)).reshape(shape) % 2 == 0, axis=-1)


def expected(scores, mask):
    result = np.zeros(np.broadcast_shapes(scores.shape, mask.shape))
    scores, mask = np.broadcast_to(scores, result.shape), np.broadcast_to(mask, result.shape)
    for row in np.ndindex(result.shape[:-1]):
        allowed = mask[row]
        if allowed.any():
            powers = np.exp(scores[row][allowed] - scores[row][allowed].max())
            result[row][allowed] = powers / powers.sum()
    return result


def test_what_is_masked_has_no_weight_and_the_rest_adds_up_to_one(rng):
    assert_close(masked_softmax(np.array([[1.0, 1, 5]]), np.array([[True, True, False]])), [[0.5, 0.5, 0]])
    scores, mask = rng.standard_normal((1, 7)), drawn_mask(rng, 1, 7)
    assert_close(masked_softmax(scores, mask), expected(scores, mask))


def test_each_row_has_a_mask_of_its_own(rng):
    for mask in (np.tri(4, dtype=bool), drawn_mask(rng, 4, 4)):
        scores = rng.standard_normal((4, 4))
        assert_close(masked_softmax(scores, mask), expected(scores, mask))


def test_one_mask_serves_all_samples_and_heads(rng):
    for mask in (np.tri(4, dtype=bool), drawn_mask(rng, 2, 1, 1, 4)):
        scores = rng.standard_normal((2, 3, 4, 4))
        assert_close(masked_softmax(scores, mask), expected(scores, mask))


def test_a_row_in_which_nothing_is_allowed_is_zero(rng):
    mask = np.array([[True, False], [False, False]])
    assert_close(masked_softmax(np.array([[1.0, 2], [3, 4]]), mask), [[1, 0], [0, 0]])
    scores, mask = rng.standard_normal((5, 6)), drawn_mask(rng, 5, 6)
    mask[rng.permutation(5)[:2]] = False
    assert_close(masked_softmax(scores, mask), expected(scores, mask))


def test_what_is_masked_may_be_of_any_size(rng):
    scores = np.array([[1000.0, 0.0, 1.0], [-1000.0, -1001.0, 5000.0]])
    mask = np.array([[False, True, True], [True, True, False]])
    assert_close(masked_softmax(scores, mask), expected(scores, mask))
    mask = drawn_mask(rng, 3, 6)
    scores = np.where(
        mask, rng.standard_normal((3, 6)) + 1000 * rng.integers(-3, 4, (3, 1)), 1e6 * rng.standard_normal((3, 6))
    )
    assert_close(masked_softmax(scores, mask), expected(scores, mask))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype, rng):
    scores = rng.standard_normal((2, 3)).astype(dtype)
    mask = np.array([[True, False, True], [False, False, False]])
    assert_close(masked_softmax(scores, mask), expected(scores, mask), dtype=dtype)


def test_the_scores_stay_as_they_were(rng):
    agree(np.array([[1.0, 2.0]]), np.array([[True, False]]))
    agree(rng.standard_normal((3, 5)), drawn_mask(rng, 3, 5))
