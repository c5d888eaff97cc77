"""conv2d_input gives each value of the images the sum of what comes back from all windows it was in."""

import numpy as np
import pytest

from tinytorch.backprop import conv2d_input
from tito.testing import assert_close, inputs_after


def agree(rng, n=1, c=1, width=0, stride=1, dtype=float):
    """Compare with what comes back window by window, for a drawn pattern of two weights."""
    width = int(width or rng.integers(4, 8))
    weight = rng.standard_normal((1, c, 1, 2)).astype(dtype)
    grad = rng.standard_normal((n, 1, 1, (width - 2) // stride + 1)).astype(dtype)
    asked = (n, c, 1, width), weight, grad, (1, stride), (0, 0)
    assert_close(conv2d_input(*asked), expected(*asked), dtype=dtype)
    return asked


def row(*values):
    return np.array(values, np.float64).reshape(1, 1, 1, -1)


def expected(shape, weight, grad, stride, padding):
    """Window by window."""
    (n, c, h, w), (top, left) = shape, padding
    high, wide = weight.shape[2:]
    padded = np.zeros((n, c, h + 2 * top, w + 2 * left))
    for image, f, row, col in np.ndindex(grad.shape):
        y, x = row * stride[0], col * stride[1]
        padded[image, :, y : y + high, x : x + wide] += grad[image, f, row, col] * weight[f]
    return padded[:, :, top : top + h, left : left + w]


def output(n, f, shape, kernel, stride, padding):
    return (n, f, *((size + 2 * p - k) // s + 1 for size, k, s, p in zip(shape[2:], kernel, stride, padding)))


def test_two_weights_on_four_values(rng):
    assert_close(conv2d_input((1, 1, 1, 4), row(10, 1), row(1, 0, 2), (1, 1), (0, 0)).ravel(), [10, 1, 20, 2])
    agree(rng)


def test_each_image_gets_its_own(rng):
    grad = np.concatenate([row(1, 0, 2), row(0, 1, 0)])
    expected = [[10, 1, 20, 2], [0, 10, 1, 0]]
    assert_close(conv2d_input((2, 1, 1, 4), row(10, 1), grad, (1, 1), (0, 0)).reshape(2, 4), expected)
    agree(rng, n=int(rng.integers(2, 5)), c=2)


def test_values_that_no_window_reached_get_0(rng):
    grad = row(1, 2)
    assert_close(conv2d_input((1, 1, 1, 6), row(10, 1), grad, (1, 3), (0, 0)).ravel(), [10, 1, 0, 20, 2, 0])
    agree(rng, width=3 * rng.integers(2, 5) + rng.integers(0, 3), stride=3)


def test_float32_stays_float32_and_the_inputs_as_they_are(rng):
    weight, grad = row(10, 1).astype(np.float32), row(1, 0, 2).astype(np.float32)
    assert_close(conv2d_input((1, 1, 1, 4), weight, grad, (1, 1), (0, 0)), [[[[10, 1, 20, 2]]]], dtype=np.float32)
    asked = agree(rng, n=2, dtype=np.float32)
    _, after = inputs_after(conv2d_input, *asked)
    assert [a.tolist() for a in after[1:3]] == [a.tolist() for a in asked[1:3]]


@pytest.mark.parametrize(
    ("stride", "padding"), [((1, 1), (0, 0)), ((2, 1), (0, 0)), ((2, 3), (0, 0)), ((1, 1), (1, 2)), ((2, 2), (1, 1))]
)
def test_channels_patterns_steps_and_borders(stride, padding, rng):
    shape, weight = (2, 3, 5, 6), rng.standard_normal((4, 3, 3, 2))
    grad = rng.standard_normal(output(2, 4, shape, weight.shape[2:], stride, padding))
    assert_close(conv2d_input(shape, weight, grad, stride, padding), expected(shape, weight, grad, stride, padding))


def test_a_batch_that_is_taken_in_several_parts(rng):
    weight, grad = rng.standard_normal((1, 32, 2, 2)), rng.standard_normal((3, 1, 40, 40))
    shape = (3, 32, 41, 41)
    assert_close(conv2d_input(shape, weight, grad, (1, 1), (0, 0)), expected(shape, weight, grad, (1, 1), (0, 0)))
