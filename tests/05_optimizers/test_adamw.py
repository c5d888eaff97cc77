"""AdamW shrinks the weight itself, in place, and takes Adam's step with the gradient as it is."""

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.optimizers import Adam, AdamW
from tito.testing import assert_close, on_student_side


def expected(p, grads, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    mean, square, found = 0, 0, []
    for t, grad in enumerate(np.asarray(grads), 1):
        mean, square = betas[0] * mean + (1 - betas[0]) * grad, betas[1] * square + (1 - betas[1]) * grad**2
        p = p * (1 - lr * weight_decay)
        p = p - lr * (mean / (1 - betas[0] ** t)) / (np.sqrt(square / (1 - betas[1] ** t)) + eps)
        found.append(p)
    return found


@on_student_side
def places(kind, p, grads, **options):
    """Where an optimizer of this kind goes from p with these gradients."""
    optimizer = kind([Parameter(p)], **options)
    p, state, found = np.array(p, np.float32), {}, []
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
        found.append(p.copy())
    return np.array(found)


def test_without_a_gradient_the_weight_shrinks_by_lr_times_decay(rng):
    assert_close(places(AdamW, [1.0], [[0]], lr=0.1, weight_decay=0.1), [[0.99]])
    assert_close(places(AdamW, [1.0], [[0], [0]], lr=0.5, weight_decay=1), [[0.5], [0.25]])
    p, (lr, decay) = rng.standard_normal((2, 3)), rng.uniform(0.1, 0.9, 2)
    assert_close(places(AdamW, p, np.zeros((1, 2, 3)), lr=lr, weight_decay=decay), [p * (1 - lr * decay)])


def test_the_weight_shrinks_before_the_step(rng):
    assert_close(places(AdamW, [1.0], [[1]], lr=0.1, weight_decay=0.5), [[0.85]])
    p, grads, options = (
        rng.standard_normal(4),
        rng.standard_normal((3, 4)),
        {"lr": 0.2, "weight_decay": rng.uniform(0.2, 1)},
    )
    assert_close(places(AdamW, p, grads, **options), expected(p, grads, **options), atol=1e-5)


@pytest.mark.parametrize("grad", [1000, 1, -0.001])
def test_the_decay_does_not_depend_on_the_gradient(grad, rng):
    assert_close(places(AdamW, [4.0], [[grad]], lr=0.1, weight_decay=1), [[3.6 - 0.1 * np.sign(grad)]])
    lr, decay = rng.uniform(0.1, 0.9, 2)
    found = places(AdamW, [4.0], [[grad * rng.uniform(1, 2)]], lr=lr, weight_decay=decay)
    assert_close(found, [[4 * (1 - lr * decay) - lr * np.sign(grad)]])


def test_the_other_options_reach_adam(rng):
    p, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    options = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2, "weight_decay": 0.3}
    assert_close(places(AdamW, p, grads, **options), expected(p, grads, **options))


def test_without_decay_it_is_adam(rng):
    p, grads = rng.standard_normal(5), rng.standard_normal((4, 5))
    assert_close(places(AdamW, p, grads, lr=0.1, weight_decay=0), expected(p, grads, lr=0.1, weight_decay=0), atol=1e-5)
    assert_close(np.asarray(places(Adam, p, grads, lr=0.1)), expected(p, grads, lr=0.1, weight_decay=0), atol=1e-5)
