"""Methods with `_`: what is computed anew is written into the tensor's own memory."""

import math

import numpy as np

from tinytorch.autograd import Tensor, no_grad, rand, randn
from tinytorch.operations.making import randint


def _in_place(name):
    def method(self, *args, **options):
        instead = f"make a new tensor, such as x = x.{name}(…) instead of x.{name}_(…)"
        recorded = [
            x for x in (*args, *options.values()) if isinstance(x, Tensor) and x.requires_grad
        ]
        self._check_may_write(recorded[0] if recorded else None, instead)
        with no_grad():
            return self.copy_(getattr(self, name)(*args, **options))

    method.__name__, method.__doc__ = (
        f"{name}_",
        f"`{name}`, written into the tensor's own memory; returns the tensor.",
    )
    return method


for _name in """
    pow sqrt rsqrt exp log abs neg sin cos tanh sigmoid relu clamp clamp_min clamp_max masked_fill lerp
    addcmul addcdiv scatter scatter_add index_add index_fill tril triu round floor ceil reciprocal square remainder
    bernoulli nan_to_num cumsum trunc erf log1p expm1 log2 log10 exp2 tan asin acos atan sinh cosh sign fmod
    logical_not clip index_copy eq ne lt le gt ge index_put masked_scatter scatter_reduce floor_divide hypot xlogy
    logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor bitwise_not addmm addmv addr addbmm baddbmm
    absolute negative acosh asinh atanh atan2 erfc frac logit deg2rad rad2deg copysign cumprod not_equal less less_equal
    greater greater_equal arcsin arccos arctan arcsinh arccosh arctanh arctan2 fix sgn sinc float_power heaviside ldexp
    bitwise_left_shift bitwise_right_shift gcd lcm lgamma digamma erfinv
""".split():
    setattr(Tensor, f"{_name}_", _in_place(_name))


def _scaled(op):
    """`op` in place, with a factor `alpha` of the second."""

    def method(self, other, *, alpha=1):
        return self._in_place(op, other if alpha == 1 else other * alpha)

    return method


def _reshaped(name):
    """A change of shape in place."""

    def method(self, *args, **options):
        if self.requires_grad:
            raise RuntimeError(
                f"cannot record a change in place: make a new tensor, with {name} instead of {name}_"
            )
        self.array = getattr(self, name)(*args, **options).array
        return self

    setattr(Tensor, f"{name}_", method)


for _name in "unsqueeze squeeze t transpose swapaxes swapdims".split():
    _reshaped(_name)
Tensor.detach_ = lambda self: setattr(self, "node", None) or self.requires_grad_(False)


def _fill_diagonal_(self, value):
    """Set the values on the diagonal in place."""
    self[np.arange(min(self.shape)), np.arange(min(self.shape))] = value
    return self


def _copy_(self, src, non_blocking=False):
    """Take over the values of another tensor, which may broadcast, in place."""
    self[...] = src
    return self


Tensor.copy_ = _copy_
Tensor.fill_diagonal_ = _fill_diagonal_
Tensor.add_, Tensor.sub_ = _scaled(np.add), _scaled(np.subtract)
Tensor.subtract_, Tensor.multiply_, Tensor.true_divide_ = Tensor.sub_, Tensor.mul_, Tensor.div_


def _div_(self, other, *, rounding_mode=None):
    """Divide in place; with rounding_mode "floor" or "trunc", without what is behind the point."""
    self.true_divide_(other)
    return self if rounding_mode is None else getattr(self, f"{rounding_mode}_")()


Tensor.div_ = Tensor.divide_ = _div_


def _filled(draw):
    """A method that fills the tensor with what `draw` makes of its shape and the arguments."""

    def method(self, *args, generator=None, **options):
        self._check_may_write(None, f"call {draw.__name__} on x.data")
        return self.copy_(draw(self.shape, *args, generator=generator, **options))

    method.__name__, method.__doc__ = draw.__name__, draw.__doc__
    setattr(Tensor, draw.__name__, method)


@_filled
def normal_(shape, mean=0.0, std=1.0, generator=None):
    """Fill with normal numbers of this mean and standard deviation."""
    return randn(*shape, generator=generator) * std + mean


@_filled
def uniform_(shape, a=0.0, b=1.0, generator=None):
    """Fill with numbers from a up to b."""
    return rand(*shape, generator=generator) * (b - a) + a


@_filled
def random_(shape, low=0, high=None, generator=None):
    """Fill with whole numbers from low up to but not including high."""
    low, high = (low, high) if high is not None else (0, low or 2**24)
    return randint(low, high, shape, generator=generator)


@_filled
def exponential_(shape, lambd=1.0, generator=None):
    """Fill with waiting times for events that come at the rate lambd."""
    return -(1 - rand(*shape, generator=generator)).log() / lambd


@_filled
def log_normal_(shape, mean=1.0, std=2.0, generator=None):
    """Fill with numbers whose logarithms are normal, of this mean and standard deviation."""
    return (randn(*shape, generator=generator) * std + mean).exp()


@_filled
def geometric_(shape, p, generator=None):
    """Fill with how many tries it takes until something of probability p happens."""
    return ((1 - rand(*shape, generator=generator)).log() / math.log(1 - p)).ceil().clamp(min=1)


@_filled
def cauchy_(shape, median=0.0, sigma=1.0, generator=None):
    """Fill with numbers as a Cauchy distribution has them."""
    return ((rand(*shape, generator=generator) - 0.5) * math.pi).tan() * sigma + median
