"""Starting values that no lesson writes; each fills a tensor in place and returns it."""

import math

import numpy as np

import tinytorch.layers as layers
from tinytorch.autograd import Tensor, eye, no_grad, rand, randn


def _start(fill):
    """`fill`, which writes into the tensor that is its first argument, without being recorded."""

    def started(tensor, *args, **options):
        with no_grad():
            fill(tensor, *args, **options)
        return tensor

    started.__name__, started.__doc__ = fill.__name__, fill.__doc__
    return started


@_start
def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Fill with numbers from a up to b."""
    tensor.uniform_(a, b, generator=generator)


@_start
def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Fill with normal numbers of this mean and standard deviation."""
    tensor.normal_(mean, std, generator=generator)


@_start
def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Fill with normal numbers, drawn anew until they lie from a to b."""
    values = randn(*tensor.shape, generator=generator).array * std + mean
    while (outside := (values < a) | (values > b)).any():
        values[outside] = randn(int(outside.sum()), generator=generator).array * std + mean
    tensor.copy_(Tensor.wrap(values))


@_start
def constant_(tensor, val):
    """Fill with one value."""
    tensor.fill_(val)


@_start
def zeros_(tensor):
    """Fill with 0."""
    tensor.fill_(0)


@_start
def ones_(tensor):
    """Fill with 1."""
    tensor.fill_(1)


@_start
def eye_(tensor):
    """Make a matrix the identity."""
    tensor.copy_(eye(*tensor.shape))


@_start
def orthogonal_(tensor, gain=1, generator=None):
    """Fill with orthogonal rows or columns, times `gain` (Saxe et al. 2014)."""
    rows = len(tensor)
    values = randn(rows, tensor.numel() // rows, generator=generator).array
    q, r = np.linalg.qr(values.T if rows < values.shape[1] else values)
    q = q * np.sign(np.diagonal(r))
    tensor.copy_(Tensor.wrap(gain * (q.T if rows < values.shape[1] else q).reshape(tensor.shape)))


def calculate_gain(nonlinearity, param=None):
    """The factor by which a start makes up for what an activation takes away."""
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    return gains.get(nonlinearity, 1)


def _calculate_fan_in_and_fan_out(tensor):
    """From how many numbers each output of a weight comes, and to how many each input goes."""
    outputs, inputs, *window = tensor.shape
    return inputs * math.prod(window), outputs * math.prod(window)


def _calculate_correct_fan(tensor, mode):
    """The one of them that `mode` names: "fan_in" or "fan_out"."""
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def _kaiming(tensor, a, mode, nonlinearity, generator, name):
    """By module 03's function, which looks at the inputs; or at the outputs, with mode="fan_out"."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode is "fan_in" or "fan_out", not {mode!r}')
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    if mode == "fan_in" and nonlinearity in ("leaky_relu", "relu"):
        return getattr(layers, name)(tensor, a if nonlinearity == "leaky_relu" else 0, generator)
    if "uniform" in name:
        return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Uniform numbers so large that outputs, or gradients, keep their size through the activation (He et al. 2015)."""
    return _kaiming(tensor, a, mode, nonlinearity, generator, "kaiming_uniform_")


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """As kaiming_uniform_, with normal numbers."""
    return _kaiming(tensor, a, mode, nonlinearity, generator, "kaiming_normal_")


@_start
def dirac_(tensor, groups=1):
    """Let a convolution pass its channels on as they are, as many as it has outputs for."""
    tensor.fill_(0)
    middle = tuple(n // 2 for n in tensor.shape[2:])
    each = len(tensor) // groups
    for group in range(groups):
        for i in range(min(each, tensor.shape[1])):
            tensor[(group * each + i, i, *middle)] = 1


@_start
def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Fill a matrix with normal numbers, and this share of each column with 0 (Martens 2010)."""
    rows, columns = tensor.shape
    tensor.normal_(0, std, generator=generator)
    for column in range(columns):
        tensor[
            np.argsort(rand(rows, generator=generator).array)[: math.ceil(sparsity * rows)], column
        ] = 0
