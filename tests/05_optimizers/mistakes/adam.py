# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "adam",
    "`mean = …` and `square = …` make new arrays; the ones in the state stay at zero, and every step is like a first. "
    "Change the arrays themselves, with `*=` and `+=`.",
)
def makes_other_means(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    mean = beta1 * mean + (1 - beta1) * grad
    square = beta2 * square + (1 - beta2) * grad * grad
    np.sqrt(square, out=scratch)
    scratch += small
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    p -= scratch


@mistake(
    "adam",
    "The root is taken in `square` itself, which shall be a mean of squares in the next step too. Let `np.sqrt` write "
    "into `scratch`.",
)
def takes_the_root_in_the_state(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    np.multiply(grad, 1 - beta1, out=scratch)
    mean *= beta1
    mean += scratch
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - beta2
    square *= beta2
    square += scratch
    np.sqrt(square, out=square)
    np.add(square, small, out=scratch)
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    p -= scratch


@mistake(
    "adam",
    "The mean is divided and scaled in its own memory, so the state no longer holds the mean of the gradients. Let "
    "`np.divide` write into `scratch`.",
)
def divides_in_the_state(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    np.multiply(grad, 1 - beta1, out=scratch)
    mean *= beta1
    mean += scratch
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - beta2
    square *= beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    mean /= scratch
    np.multiply(mean, scale, out=scratch)
    p -= scratch


@mistake(
    "adam",
    "The gradient is squared in its own memory. It is not yours: another parameter may have the same array. Let "
    "`np.multiply` write into `scratch`.",
)
def squares_the_gradient_in_place(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    np.multiply(grad, 1 - beta1, out=scratch)
    mean *= beta1
    mean += scratch
    np.multiply(grad, grad, out=grad)
    np.multiply(grad, 1 - beta2, out=scratch)
    square *= beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    p -= scratch


@mistake(
    "adam",
    "The square is made of (1 - beta1) · grad, which still lies in `scratch`, and not of grad. After a result has been "
    "used, scratch memory must be filled anew.",
)
def squares_what_lies_in_scratch(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    np.multiply(grad, 1 - beta1, out=scratch)
    mean *= beta1
    mean += scratch
    scratch *= scratch
    scratch *= 1 - beta2
    square *= beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    p -= scratch


@mistake(
    "adam",
    "The values are right, but formulas such as `beta1 * mean + …` make new arrays in every step. Let each operation "
    "write into `scratch` or into the array that it changes.",
)
def makes_new_arrays(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    mean[...] = beta1 * mean + (1 - beta1) * grad
    square[...] = beta2 * square + (1 - beta2) * grad**2
    p -= scale * mean / (np.sqrt(square) + small)


@right("adam")
def moves_towards_the_new_values(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    np.subtract(grad, mean, out=scratch)
    scratch *= 1 - beta1
    mean += scratch
    np.square(grad, out=scratch)
    scratch -= square
    scratch *= 1 - beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    np.divide(mean, scratch, out=scratch)
    np.multiply(scratch, -scale, out=scratch)
    np.add(p, scratch, out=p)


@right("adam")
def goes_on_from_the_share_of_the_gradient(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    mean *= beta1
    np.multiply(grad, 1 - beta1, out=scratch)
    mean += scratch
    scratch *= scratch
    scratch *= (1 - beta2) / (1 - beta1) ** 2
    square *= beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    scratch /= scale
    np.divide(mean, scratch, out=scratch)
    p -= scratch
