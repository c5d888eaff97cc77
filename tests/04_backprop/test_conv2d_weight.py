"""conv2d_weight collects, for each weight, the gradient times what the weight met, over all places and images."""

import numpy as np
import pytest

from tinytorch.backprop import conv2d_weight
from tito.testing import assert_close, inputs_after


def drawn(rng, n=1, c=1):
    """n rows of values with c channels, and gradients for a pattern of two weights."""
    width = rng.integers(4, 8)
    return rng.standard_normal((n, c, 1, width)), rng.standard_normal((n, 1, 1, width - 1))


def row(*values):
    return np.array(values, np.float64).reshape(1, 1, 1, -1)


def expected(x, shape, grad, stride, padding):
    """Weight by weight."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    rows, cols = grad.shape[2:]
    result = np.zeros(shape)
    for f, c, i, j in np.ndindex(shape):
        met = x[:, c, i : i + rows * stride[0] : stride[0], j : j + cols * stride[1] : stride[1]]
        result[f, c, i, j] = (grad[:, f] * met[:, :rows, :cols]).sum()
    return result


def output(n, f, x, kernel, stride, padding):
    return (n, f, *((size + 2 * p - k) // s + 1 for size, k, s, p in zip(x.shape[2:], kernel, stride, padding)))


def test_two_weights_on_four_values(rng):
    x, grad = row(1, 2, 3, 4), row(1, 0, 2)
    assert_close(conv2d_weight(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)).ravel(), [7, 10])
    x, grad = drawn(rng)
    assert_close(conv2d_weight(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)), expected(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)))


def test_the_images_of_a_batch_add_up(rng):
    x, grad = np.concatenate([row(1, 2, 3, 4), row(10, 0, 0, 0)]), np.concatenate([row(1, 0, 2), row(1, 1, 1)])
    assert_close(conv2d_weight(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)).ravel(), [17, 10])
    x, grad = drawn(rng, n=rng.integers(2, 5), c=2)
    assert_close(conv2d_weight(x, (1, 2, 1, 2), grad, (1, 1), (0, 0)), expected(x, (1, 2, 1, 2), grad, (1, 1), (0, 0)))


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    x, grad = row(1, 2, 3, 4).astype(np.float32), row(1, 0, 2).astype(np.float32)
    assert_close(conv2d_weight(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)), [[[[7, 10]]]], dtype=np.float32)
    x, grad = (values.astype(np.float32) for values in drawn(rng, n=2))
    found = conv2d_weight(x, (1, 1, 1, 2), grad, (1, 1), (0, 0))
    assert_close(found, expected(x, (1, 1, 1, 2), grad, (1, 1), (0, 0)), dtype=np.float32)
    _, after = inputs_after(conv2d_weight, x, (1, 1, 1, 2), grad, (1, 1), (0, 0))
    assert [after[0].tolist(), after[2].tolist()] == [x.tolist(), grad.tolist()]


@pytest.mark.parametrize(
    ("stride", "padding"), [((1, 1), (0, 0)), ((2, 1), (0, 0)), ((2, 3), (0, 0)), ((1, 1), (1, 2)), ((2, 2), (1, 1))]
)
def test_channels_patterns_steps_and_borders(stride, padding, rng):
    x, shape = rng.standard_normal((2, 3, 5, 6)), (4, 3, 3, 2)
    grad = rng.standard_normal(output(2, 4, x, shape[2:], stride, padding))
    assert_close(conv2d_weight(x, shape, grad, stride, padding), expected(x, shape, grad, stride, padding))


def test_a_batch_that_is_taken_in_several_parts(rng):
    x, shape = rng.standard_normal((5, 2, 90, 90)), (1, 2, 3, 3)
    grad = rng.standard_normal((5, 1, 88, 88))
    assert_close(conv2d_weight(x, shape, grad, (1, 1), (0, 0)), expected(x, shape, grad, (1, 1), (0, 0)), rtol=1e-3)
