# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "sgd",
    "`velocity = …` makes a new array and gives it the name; the one in the state stays at zero. So there is no "
    "momentum at all. `velocity *= …` and `velocity += …` change the array itself.",
)
def makes_another_velocity(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity = momentum * velocity + push
        direction = velocity
    if nesterov:
        np.multiply(velocity, momentum, out=scratch)
        scratch += grad
        direction = scratch
    np.multiply(direction, lr, out=scratch)
    p -= scratch


@mistake(
    "sgd",
    "`p = p - …` makes a new array and gives it the name `p`. The parameter's array stays as it was, so nothing moves. "
    "`p -= …` changes the array itself.",
)
def makes_another_p(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        direction = velocity
    if nesterov:
        direction = grad + momentum * velocity
    p = p - lr * direction


@mistake(
    "sgd",
    "The values are right, but `lr * direction` makes a new array in every step. Let `np.multiply` write into `scratch`.",
)
def makes_new_arrays(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        direction = velocity
    if nesterov:
        direction = grad + momentum * velocity
    p -= lr * direction


@mistake(
    "sgd",
    "The gradient is used as scratch memory. It is not yours: another parameter may have the same array, and would be "
    "moved by what you left in it.",
)
def writes_into_the_gradient(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        direction = velocity
    if nesterov:
        grad += momentum * velocity
        direction = grad
    direction = direction if direction is velocity else grad
    if direction is grad:
        grad *= lr
        p -= grad
    else:
        np.multiply(direction, lr, out=scratch)
        p -= scratch


@mistake(
    "sgd",
    "The velocity itself is multiplied by the learning rate, and stays so in the state. The learning rate belongs to "
    "the step: multiply into `scratch`.",
)
def shrinks_the_velocity(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    if not momentum:
        np.multiply(grad, lr, out=scratch)
        p -= scratch
        return
    velocity *= momentum
    velocity += push
    if nesterov:
        np.multiply(velocity, momentum, out=scratch)
        scratch += grad
        scratch *= lr
        p -= scratch
    else:
        velocity *= lr
        p -= velocity


@mistake(
    "sgd",
    "With Nesterov, the velocity is overwritten by grad + momentum · velocity, and is no velocity any more in the next "
    "step. Compute the direction in `scratch`.",
)
def overwrites_the_velocity(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        direction = velocity
    if nesterov:
        velocity *= momentum
        velocity += grad
    np.multiply(direction, lr, out=scratch)
    p -= scratch


@mistake(
    "sgd",
    "The velocity takes up all of `grad`. With dampening, it is `push` that is added.",
)
def ignores_the_dampening(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += grad
        direction = velocity
    if nesterov:
        np.multiply(velocity, momentum, out=scratch)
        scratch += grad
        direction = scratch
    np.multiply(direction, lr, out=scratch)
    p -= scratch


@mistake(
    "sgd",
    "Without momentum, the gradient is used as scratch memory. It is not yours: another parameter may have the same array. "
    "`np.multiply(grad, lr, out=scratch)` leaves it as it is.",
)
def scales_the_gradient_without_momentum(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        np.multiply(velocity, lr, out=scratch)
        if nesterov:
            np.multiply(velocity, momentum, out=scratch)
            scratch += grad
            scratch *= lr
        p -= scratch
    else:
        direction *= lr
        p -= direction


@mistake(
    "sgd",
    "Without momentum there is no velocity: it is None. The direction is the gradient itself then.",
)
def expects_a_velocity(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    velocity *= momentum
    velocity += push
    np.multiply(velocity, lr, out=scratch)
    p -= scratch


@right("sgd")
def in_two_moves(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    if momentum:
        np.multiply(velocity, momentum, out=velocity)
        np.add(velocity, push, out=velocity)
    if nesterov or not momentum:
        np.multiply(grad, lr, out=scratch)
        np.subtract(p, scratch, out=p)
    if momentum:
        np.multiply(velocity, lr * momentum if nesterov else lr, out=scratch)
        np.subtract(p, scratch, out=p)


@right("sgd")
def with_the_scratch_memory_first(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    if momentum:
        velocity *= momentum
        velocity += push
        scratch[...] = velocity
        if nesterov:
            scratch *= momentum
            scratch += grad
    else:
        scratch[...] = grad
    scratch *= -lr
    p += scratch
