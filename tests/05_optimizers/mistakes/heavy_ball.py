# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "heavy_ball",
    "The velocity is not put back into the state, so the next step starts without one: that is plain gradient descent.",
)
def forgets_the_velocity(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    return p - lr * velocity


@mistake(
    "heavy_ball",
    "That is a running mean: the gradient counts for (1 - momentum) only. In the ball's velocity it counts in full, so "
    "that equal pushes add up.",
)
def takes_a_mean(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + (1 - momentum) * grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity


@mistake(
    "heavy_ball",
    "The learning rate is inside the velocity. As long as it stays the same the path is right, but when it changes, the "
    "old steps keep the old rate, and a saved velocity means something else than PyTorch's.",
)
def keeps_the_learning_rate_in_the_velocity(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + lr * grad
    state["momentum_buffer"] = velocity
    return p - velocity


@mistake(
    "heavy_ball",
    "The velocity never loses anything: `momentum` is the share that is kept from step to step, and it is not used on "
    "the old velocity.",
)
def keeps_all_of_it(p, grad, state, lr, momentum=0.9):
    velocity = state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity


@mistake(
    "heavy_ball",
    "The step goes up the slope: the velocity is added to p. The loss falls against the gradient.",
)
def goes_uphill(p, grad, state, lr, momentum=0.9):
    state["momentum_buffer"] = momentum * state.get("momentum_buffer", 0) + grad
    return p + lr * state["momentum_buffer"]


@mistake(
    "heavy_ball",
    "The values are right, but `-=` changes the array that was passed in. This version returns a new one and leaves `p` "
    "as it is.",
)
def changes_p(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    p -= lr * velocity
    return np.copy(p)


@mistake(
    "heavy_ball",
    "The first gradient counts twice: as the old velocity, and as the gradient. Where there is no velocity yet, the old one "
    "is 0.",
)
def starts_with_the_gradient_and_adds_it(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state.get("momentum_buffer", grad) + grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity


@mistake(
    "heavy_ball",
    'The first time there is no velocity, and asking for it is a KeyError. `state.get("momentum_buffer", 0)` is 0 then.',
)
def expects_a_velocity(p, grad, state, lr, momentum=0.9):
    velocity = momentum * state["momentum_buffer"] + grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity


@right("heavy_ball")
def with_a_condition(p, grad, state, lr, momentum=0.9):
    if "momentum_buffer" in state:
        state["momentum_buffer"] = momentum * state["momentum_buffer"] + grad
    else:
        state["momentum_buffer"] = grad
    return p - lr * state["momentum_buffer"]


@right("heavy_ball")
def with_zeros_first(p, grad, state, lr, momentum=0.9):
    velocity = state.setdefault("momentum_buffer", np.zeros_like(p))
    velocity = np.add(np.multiply(velocity, momentum), grad)
    state["momentum_buffer"] = velocity
    return np.subtract(p, np.multiply(velocity, lr))
