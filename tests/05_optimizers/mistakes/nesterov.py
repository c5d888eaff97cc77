# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "nesterov",
    "The steps are the heavy ball's. Nesterov's step is the gradient plus the share `momentum` of the new velocity, the "
    "one that already holds this gradient.",
)
def rolls_like_a_ball(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity


@mistake(
    "nesterov",
    "The steps are the heavy ball's. Nesterov's step is the gradient plus the share `momentum` of the new velocity, the "
    "one that already holds this gradient.",
)
def looks_back(p, grad, state, lr, momentum=0.9):
    velocity = state.get("momentum_buffer", 0)
    state["momentum_buffer"] = momentum * velocity + grad
    return p - lr * (grad + momentum * velocity)


@mistake(
    "nesterov",
    "The velocity is added in full. Only its share `momentum` will be left in the next step, and that is what looking "
    "ahead may count on.",
)
def adds_all_of_the_velocity(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    return p - lr * (grad + velocity)


@mistake(
    "nesterov",
    "What is kept is the step that looked ahead, and so it is looked ahead upon again in the next step. Keep the "
    "velocity; the look ahead is for this step only.",
)
def keeps_the_step(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    step = grad + momentum * velocity
    state["momentum_buffer"] = step
    return p - lr * step


@right("nesterov")
def in_two_moves(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", np.zeros_like(p)) + grad
    state["momentum_buffer"] = velocity
    p = p - lr * grad
    return p - lr * momentum * velocity


@right("nesterov")
def written_out(p, grad, state, lr, momentum=0.9):
    old = state["momentum_buffer"] if state else 0
    state["momentum_buffer"] = grad + momentum * old
    return p - lr * ((1 + momentum) * grad + momentum**2 * old)
