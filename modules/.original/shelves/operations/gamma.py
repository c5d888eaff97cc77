"""The logarithm of the gamma function with its slopes, and the inverse of the error function."""

import math

import numpy as np

from tinytorch.autograd import derivative
from tinytorch.tensor import operation
from tinytorch.operations.shared import method

_log_gamma = np.frompyfunc(lambda x: math.lgamma(x) if x > 0 or x % 1 else math.inf, 1, 1)
_erf = np.frompyfunc(math.erf, 1, 1)


@method
@operation(only_floats=True)
def lgamma(x):
    """The logarithm of the gamma function's size, which at n + 1 is the factorial of n."""
    return np.asarray(_log_gamma(x.astype(np.float64)), np.float64).astype(x.dtype)


def _far(x, term):
    """The sum of `term` at x, x + 1, … before 8, and where the next one is: from there on, few terms of a series do."""
    total = np.zeros(x.shape)
    for step in range(8):
        total += np.where(x + step < 8, term(x + step), 0)
    return total, x + np.clip(np.ceil(8 - x), 0, 8)


def _digamma(x):
    """The slope of lgamma, in float64 (Abramowitz and Stegun 1964, 6.3.18; below 0 by reflection, 6.3.7)."""
    up = np.where(x > 0, x, 1 - x)
    near, y = _far(up, lambda t: -1 / t)
    square = 1 / (y * y)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    found = near + np.log(y) - 1 / (2 * y) - series
    with np.errstate(divide="ignore"):
        return np.where(x > 0, found, found - np.pi / np.tan(np.pi * x))


def _trigamma(x):
    """The slope of digamma, in float64 (Abramowitz and Stegun 1964, 6.4.12)."""
    up = np.where(x > 0, x, 1 - x)
    near, y = _far(up, lambda t: 1 / (t * t))
    square = 1 / (y * y)
    series = square / y * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
    found = near + 1 / y + square / 2 + series
    with np.errstate(divide="ignore"):
        return np.where(x > 0, found, (np.pi / np.sin(np.pi * x)) ** 2 - found)


@method
@operation(only_floats=True)
def digamma(x):
    """How fast the logarithm of the gamma function grows."""
    return _digamma(x.astype(np.float64)).astype(x.dtype)


@method
@operation(only_floats=True)
def erfinv(x):
    """The number whose erf is x: a first guess (Winitzki 2008), and two steps of Newton's, in float64."""
    wide = x.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log1p(-wide * wide)
        half = 2 / (np.pi * 0.147) + log / 2
        out = np.copysign(np.sqrt(np.sqrt(half * half - log / 0.147) - half), wide)
        for _ in range(2):
            wrong = np.asarray(_erf(out), np.float64) - wide
            out = out - wrong * math.sqrt(np.pi) / 2 * np.exp(out * out)
    return np.where(np.abs(wide) == 1, np.copysign(np.inf, wide), out).astype(x.dtype)


derivative(lgamma)(lambda grad, out, x: grad * _digamma(x.astype(np.float64)).astype(x.dtype))
derivative(digamma)(lambda grad, out, x: grad * _trigamma(x.astype(np.float64)).astype(x.dtype))
derivative(erfinv)(lambda grad, out, x: grad * (math.sqrt(np.pi) / 2 * np.exp(out * out)))
