"""attention_rule gives the gradients of query, key and value: those that nudging the inputs shows."""

import math

import numpy as np
import pytest

from tinytorch.attention import attention_rule
from tito.testing import assert_close, inputs_after


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    inputs = [x.astype(np.float32) for x in three(rng, 3, 2)]
    grad = rng.standard_normal((3, 2)).astype(np.float32)
    asked = [grad, forward(*inputs, None), *inputs]
    found, after = inputs_after(attention_rule, *asked)
    for which in range(3):
        expected = slopes(which, [x.astype(float) for x in inputs], grad, None)
        assert_close(found[which], expected, atol=1e-4, dtype=np.float32)
    assert [a.tolist() for a in after] == [a.tolist() for a in asked]


def forward(query, key, value, mask):
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True) @ value


def slopes(which, inputs, grad, mask, eps=1e-6):
    """How fast the sum of output times `grad` changes with each value of one input, measured by nudging it."""
    result = np.zeros_like(inputs[which])
    for place in np.ndindex(result.shape):
        ends = []
        for nudge in (eps, -eps):
            nudged = [x.copy() for x in inputs]
            nudged[which][place] += nudge
            ends.append((forward(*nudged, mask) * grad).sum())
        result[place] = (ends[0] - ends[1]) / (2 * eps)
    return result


def gradients(inputs, grad, mask=None):
    with np.errstate(invalid="ignore"):  # of a row that is all masked, the plain formula is nan
        out = forward(*inputs, mask)
    return attention_rule(grad, np.nan_to_num(out), *inputs, mask)


def three(rng, *shape):
    return [rng.standard_normal(shape) for _ in range(3)]


def test_the_gradient_of_the_values(rng):
    inputs, grad = three(rng, 3, 4), rng.standard_normal((3, 4))
    assert_close(gradients(inputs, grad)[2], slopes(2, inputs, grad, None), atol=1e-5)


def test_the_gradient_of_the_queries(rng):
    inputs, grad = three(rng, 3, 4), rng.standard_normal((3, 4))
    assert_close(gradients(inputs, grad)[0], slopes(0, inputs, grad, None), atol=1e-5)


def test_the_gradient_of_the_keys(rng):
    inputs, grad = three(rng, 3, 4), rng.standard_normal((3, 4))
    assert_close(gradients(inputs, grad)[1], slopes(1, inputs, grad, None), atol=1e-5)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_with_a_mask_samples_and_heads(which, rng):
    inputs, grad, mask = three(rng, 2, 2, 3, 2), rng.standard_normal((2, 2, 3, 2)), np.tri(3, dtype=bool)
    assert_close(gradients(inputs, grad, mask)[which], slopes(which, inputs, grad, mask), atol=1e-5)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_with_fewer_queries_than_keys_and_values_of_another_size(which, rng):
    inputs = [rng.standard_normal(shape) for shape in [(2, 3), (4, 3), (4, 5)]]
    grad = rng.standard_normal((2, 5))
    assert_close(gradients(inputs, grad)[which], slopes(which, inputs, grad, None), atol=1e-5)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_query_that_may_look_at_nothing_has_no_part_in_it(which, rng):
    inputs, grad = three(rng, 3, 4), rng.standard_normal((3, 4))
    mask, allowed = np.array([[True, False, True], [False, False, False], [True, True, True]]), [0, 2]
    others = [inputs[0][allowed], *inputs[1:]]
    wanted = slopes(which, others, grad[allowed], mask[allowed])
    if which == 0:
        wanted = np.stack([wanted[0], np.zeros(4), wanted[1]])
    assert_close(gradients(inputs, grad, mask)[which], wanted, atol=1e-5)
