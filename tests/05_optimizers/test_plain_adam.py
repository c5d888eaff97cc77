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
def state_after(grads, name):
    state, p = {}, 0.0
    for grad in grads:
        p = plain_adam(p, grad, state, lr=0.1)
    return state[name]


@on_student_side
def p_and_grad_after(p, grad):
    state = {}
    for _ in range(3):
        plain_adam(p, grad, state, lr=0.5)
    return p, grad


@pytest.mark.parametrize("grad", [3.0, 0.003, 3000.0, -3.0])
def test_the_first_step_is_the_learning_rate_whatever_the_gradient(grad):
    assert_close(plain_adam(0.0, grad, {}, lr=0.01), -0.01 * np.sign(grad))


def test_equal_gradients_give_equal_steps():
    assert_close(places(0.0, [2.0, 2.0, 2.0], lr=0.01), [-0.01, -0.02, -0.03])


def test_when_the_gradient_turns_the_steps_become_short():
    assert_close(places(0.0, [3.0, -3.0, 3.0], lr=0.01), [-0.01, -0.00947368, -0.012832], rtol=1e-3)


def test_the_state_keeps_the_number_of_steps_and_the_uncorrected_means():
    assert state_after([2.0, 2.0], "step") == 2
    assert_close(state_after([2.0, 2.0], "exp_avg"), 0.38)
    assert_close(state_after([2.0, 2.0], "exp_avg_sq"), 0.007996)


def test_eps_is_added_to_the_root():
    assert_close(plain_adam(0.0, 3.0, {}, lr=1, eps=1), -0.75)


def test_arrays_and_other_betas_agree_with_numpy(rng):
    p, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    at, expected, powers = p, [], np.arange(4)
    for t in range(1, 5):  # the corrected means, as weighted means of all gradients so far
        weights1, weights2 = 0.5 ** powers[:t][::-1], 0.8 ** powers[:t][::-1]
        mean = np.average(grads[:t], axis=0, weights=weights1)
        square = np.average(grads[:t] ** 2, axis=0, weights=weights2)
        at = at - 0.1 * mean / (np.sqrt(square) + 1e-3)
        expected.append(at)
    assert_close(places(p, grads, lr=0.1, betas=(0.5, 0.8), eps=1e-3), expected)
    assert_close(p_and_grad_after(np.ones(2), np.ones(2)), np.ones((2, 2)))
