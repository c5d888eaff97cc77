# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "rmsprop",
    "eps is added before the root is taken. That is another number: the root of 1e-8 is 0.0001. PyTorch adds eps to the "
    "root.",
)
def adds_eps_inside_of_the_root(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - alpha
    square *= alpha
    square += scratch
    np.add(square, eps, out=scratch)
    np.sqrt(scratch, out=scratch)
    np.divide(grad, scratch, out=scratch)


@mistake(
    "rmsprop",
    "The gradient is divided by the mean square, not by its root. Then small gradients make large steps: the units do "
    "not even fit.",
)
def forgets_the_root(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - alpha
    square *= alpha
    square += scratch
    np.add(square, eps, out=scratch)
    np.divide(grad, scratch, out=scratch)


@mistake(
    "rmsprop",
    "The root is taken in `square` itself, which shall be a mean of squares in the next step too. Let `np.sqrt` write "
    "into `scratch`.",
)
def takes_the_root_in_the_state(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - alpha
    square *= alpha
    square += scratch
    np.sqrt(square, out=square)
    np.add(square, eps, out=scratch)
    np.divide(grad, scratch, out=scratch)


@mistake(
    "rmsprop",
    "The new square is added in full, so `square` is a sum that grows to 100 times the mean. In a running mean, what is "
    "kept and what is new add up to 1: alpha and 1 - alpha.",
)
def adds_the_square_in_full(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.multiply(grad, grad, out=scratch)
    square *= alpha
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += eps
    np.divide(grad, scratch, out=scratch)


@mistake(
    "rmsprop",
    "The two shares are exchanged: `alpha`, 0.99, is what is kept of the old mean, and 1 - alpha is the share of the "
    "new square.",
)
def exchanges_the_shares(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.multiply(grad, grad, out=scratch)
    scratch *= alpha
    square *= 1 - alpha
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += eps
    np.divide(grad, scratch, out=scratch)


@mistake(
    "rmsprop",
    "The values are right, but formulas like `alpha * square + …` make new arrays in every step. Let each operation "
    "write into `scratch` or `square`.",
)
def makes_new_arrays(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    square[...] = alpha * square + (1 - alpha) * grad**2
    scratch[...] = grad / (np.sqrt(square) + eps)


@mistake(
    "rmsprop",
    "`square = …` and `scratch = …` make new arrays and give them the names. The square in the state stays 0, and the lines "
    "below yours see only your `scratch`. `square *= …` and `out=scratch` change the arrays themselves.",
)
def makes_other_arrays(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    square = alpha * square + (1 - alpha) * grad**2
    scratch = grad / (np.sqrt(square) + eps)


@mistake(
    "rmsprop",
    "The root is taken in `square` itself, which shall be a mean of squares in the next step too. Let `np.sqrt` write into "
    "`scratch`.",
)
def takes_the_root_and_adds_eps_in_the_state(
    p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay
):
    square *= alpha
    square += (1 - alpha) * grad**2
    np.sqrt(square, out=square)
    square += eps
    np.divide(grad, square, out=scratch)


@mistake(
    "rmsprop",
    "`p` is moved twice: by your last line, and by the given one below it. Leave the quotient in `scratch`.",
)
def moves_p_itself(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    square *= alpha
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - alpha
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += eps
    np.divide(grad, scratch, out=scratch)
    p -= lr * scratch


@right("rmsprop")
def moves_towards_the_new_square(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    np.square(grad, out=scratch)
    np.subtract(scratch, square, out=scratch)
    np.multiply(scratch, 1 - alpha, out=scratch)
    np.add(square, scratch, out=square)
    np.sqrt(square, out=scratch)
    np.add(scratch, eps, out=scratch)
    np.divide(grad, scratch, out=scratch)
