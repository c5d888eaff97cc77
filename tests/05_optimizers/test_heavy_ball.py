"""heavy_ball steps by a velocity, which keeps a share of itself and takes up each gradient."""

import numpy as np

from tinytorch.optimizers import heavy_ball
from tito.testing import assert_close, on_student_side


@on_student_side
def places(p, grads, lr, momentum):
    state, found = {}, []
    for grad in grads:
        p = heavy_ball(p, grad, state, lr=lr, momentum=momentum)
        found.append(p)
    return np.array(found)


@on_student_side
def velocity_after(p, grads, lr, momentum):
    state = {}
    for grad in grads:
        p = heavy_ball(p, grad, state, lr=lr, momentum=momentum)
    return state["momentum_buffer"]


@on_student_side
def p_and_grad_after(p, grad):
    state = {}
    for _ in range(3):
        heavy_ball(p, grad, state, lr=0.5, momentum=0.7)
    return [p, grad]


def expected(p, grads, lr, momentum):
    """The places, and the velocity at the end."""
    velocity, found = 0, []
    for grad in grads:
        velocity = momentum * velocity + grad
        p = p - lr * (velocity)
        found.append(p)
    return found, velocity


def agree(rng, grads):
    """Compare the places with those expected, for a drawn start, rate and momentum."""
    p, lr, momentum = rng.uniform(0.1, 0.9, 3).tolist()
    assert_close(places(p, grads, lr, momentum), expected(p, grads, lr, momentum)[0])


def test_the_first_step_goes_by_the_gradient_alone(rng):
    assert_close(heavy_ball(1.0, 2.0, {}, lr=0.1, momentum=0.9), 0.8)
    agree(rng, rng.standard_normal(1).tolist())


def test_equal_gradients_add_up(rng):
    assert_close(places(0.0, [1.0, 1.0, 1.0], lr=1, momentum=0.9), [-1, -2.9, -5.61])
    agree(rng, [rng.standard_normal()] * 5)


def test_opposite_gradients_cancel(rng):
    assert_close(places(0.0, [1.0, -1.0, 0.0], lr=1, momentum=0.9), [-1, -0.9, -0.81])
    grad = rng.uniform(1, 5)
    agree(rng, [grad, -grad, 0.0, 0.0])


def test_the_velocity_is_made_of_gradients_without_the_learning_rate(rng):
    assert_close(velocity_after(0.0, [1.0, 1.0], lr=0.5, momentum=0.9), 1.9)
    grads = rng.standard_normal(3).tolist()
    assert_close(velocity_after(1.0, grads, lr=0.5, momentum=0.7), expected(1.0, grads, 0.5, 0.7)[1])


def test_it_works_on_arrays_and_leaves_them_as_they_are(rng):
    p, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    grads[:, 0, 0] = 0
    assert_close(places(p, grads, lr=0.3, momentum=0.7), expected(p, grads, 0.3, 0.7)[0])
    assert_close(p_and_grad_after(p, grads[0]), [p, grads[0]], rtol=0, atol=0)
