"""AdamW shrinks the weight itself, in place, and takes Adam's step with the gradient as it is."""

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.optimizers import Adam, AdamW
from tito.testing import assert_close, on_student_side


@on_student_side
def places(kind, p, grads, **options):
    """Where an optimizer of this kind goes from p with these gradients."""
    optimizer = kind([Parameter(p)], **options)
    p, state, found = np.array(p, np.float32), {}, []
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
        found.append(p.copy())
    return np.array(found)


def test_without_a_gradient_the_weight_shrinks_by_lr_times_decay():
    assert_close(places(AdamW, [1.0], [[0]], lr=0.1, weight_decay=0.1), [[0.99]])
    assert_close(places(AdamW, [1.0], [[0], [0]], lr=0.5, weight_decay=1), [[0.5], [0.25]])


def test_the_weight_shrinks_before_the_step():
    assert_close(places(AdamW, [1.0], [[1]], lr=0.1, weight_decay=0.5), [[0.85]])


@pytest.mark.parametrize("grad", [1000, 1, -0.001])
def test_the_decay_does_not_depend_on_the_gradient(grad):
    assert_close(places(AdamW, [4.0], [[grad]], lr=0.1, weight_decay=1), [[3.6 - 0.1 * np.sign(grad)]])


def test_the_other_options_reach_adam(rng):
    p, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    at, mean, square, expected = p, 0, 0, []
    for t, grad in enumerate(grads, 1):
        mean, square = 0.8 * mean + 0.2 * grad, 0.95 * square + 0.05 * grad**2
        at = at * 0.97 - 0.1 * (mean / (1 - 0.8**t)) / (np.sqrt(square / (1 - 0.95**t)) + 1e-2)
        expected.append(at)
    assert_close(places(AdamW, p, grads, lr=0.1, betas=(0.8, 0.95), eps=1e-2, weight_decay=0.3), expected)


def test_without_decay_it_is_adam(rng):
    p, grads = rng.standard_normal(5), rng.standard_normal((4, 5))
    expected = np.asarray(places(Adam, p, grads, lr=0.1))
    assert_close(places(AdamW, p, grads, lr=0.1, weight_decay=0), expected)
