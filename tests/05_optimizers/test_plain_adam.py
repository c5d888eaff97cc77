"""plain_adam steps by the corrected mean of the gradient, divided by the root of the corrected mean square."""

import numpy as np
import pytest

from tinytorch.optimizers import plain_adam
from tito.testing import assert_close, on_student_side


@on_student_side
def places(p, grads, **options):
    """Where plain_adam goes from p with these gradients."""
    state, found = {}, []
    for grad in grads:
        p = plain_adam(p, grad, state, **options)
        found.append(p)
    return np.array(found)


@on_student_side
def state_after(grads, name, p=0.0, **options):
    state = {}
    for grad in grads:
        p = plain_adam(p, grad, state, lr=0.1, **options)
    return state[name]


@on_student_side
def p_and_grad_after(p, grad):
    state = {}
    for _ in range(3):
        plain_adam(p, grad, state, lr=0.5)
    return [p, grad]


def expected(p, grads, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    mean, square, found = 0, 0, []
    for t, grad in enumerate(grads, 1):
        mean, square = betas[0] * mean + (1 - betas[0]) * grad, betas[1] * square + (1 - betas[1]) * grad**2
        p = p - lr * (mean / (1 - betas[0] ** t)) / (np.sqrt(square / (1 - betas[1] ** t)) + eps)
        found.append(p)
    return found


def agree(p, grads, **options):
    assert_close(places(p, grads, **options), expected(p, grads, **options))


@pytest.mark.parametrize("grad", [3.0, 0.003, 3000.0, -3.0])
def test_the_first_step_is_the_learning_rate_whatever_the_gradient(grad, rng):
    assert_close(plain_adam(0.0, grad, {}, lr=0.01), -0.01 * np.sign(grad))
    p, lr = rng.uniform(0.1, 1, 2).tolist()
    assert_close(plain_adam(p, grad * rng.uniform(1, 2), {}, lr=lr), p - lr * np.sign(grad))


def test_equal_gradients_give_equal_steps(rng):
    assert_close(places(0.0, [2.0, 2.0, 2.0], lr=0.01), [-0.01, -0.02, -0.03])
    agree(rng.standard_normal(), [rng.standard_normal()] * 4, lr=rng.uniform(0.1, 1))


def test_when_the_gradient_turns_the_steps_become_short(rng):
    assert_close(places(0.0, [3.0, -3.0, 3.0], lr=0.01), [-0.01, -0.00947368, -0.012832], rtol=1e-3)
    grad = rng.uniform(1, 5)
    agree(rng.standard_normal(), [grad, -grad, 0.0, grad], lr=rng.uniform(0.1, 1))


def test_the_state_keeps_the_number_of_steps_and_the_uncorrected_means(rng):
    assert state_after([2.0, 2.0], "step") == 2
    assert_close(state_after([2.0, 2.0], "exp_avg"), 0.38)
    assert_close(state_after([2.0, 2.0], "exp_avg_sq"), 0.007996)
    first, second = rng.standard_normal((2, 3))
    asked = {"grads": [first, second], "p": rng.standard_normal(3), "betas": (0.6, 0.8)}
    assert_close(state_after(name="exp_avg", **asked), 0.6 * 0.4 * first + 0.4 * second)
    assert_close(state_after(name="exp_avg_sq", **asked), 0.8 * 0.2 * first**2 + 0.2 * second**2)
    steps = int(rng.integers(3, 60))
    assert state_after([0.0] * steps, "step") == steps


def test_eps_is_added_to_the_root(rng):
    assert_close(plain_adam(0.0, 3.0, {}, lr=1, eps=1), -0.75)
    agree(rng.standard_normal(), [0.0, *rng.standard_normal(3).tolist()], lr=1, eps=rng.uniform(0.1, 1))


def test_arrays_and_other_betas_agree_with_numpy(rng):
    p, grads, betas = (
        rng.standard_normal((2, 3)),
        rng.standard_normal((4, 2, 3)),
        tuple(rng.uniform(0.5, 0.9, 2).tolist()),
    )
    agree(p, grads, lr=0.1, betas=betas, eps=1e-3)
    assert_close(p_and_grad_after(p, grads[0]), [p, grads[0]], rtol=0, atol=0)
