"""Distributions of times, shares, counts and extremes: most have to do with the gamma function."""

import math

import numpy as np

from tinytorch.autograd import Tensor, rand, randn
from tinytorch.chances import Bernoulli, Distribution, Normal, register_kl, tensor_of
from tinytorch.tensor import default_generator


def _gammas(concentration, shape):
    """Numbers of the gamma distributions with these concentrations and the rate 1: (*shape, ...)."""
    sizes = (*shape, *concentration.shape)
    drawn = default_generator.standard_gamma(concentration.array, sizes)
    return Tensor.wrap(np.asarray(drawn, concentration.dtype))


class Gamma(Distribution):
    """Waiting times for `concentration` events, which come at a rate."""

    def __init__(self, concentration, rate, validate_args=None):
        super().__init__(validate_args, concentration=concentration, rate=rate)
        self.mean = self.concentration / self.rate
        self.variance = self.mean / self.rate

    def draw(self, shape):
        """Times (*shape, ...)."""
        return _gammas(self.concentration.expand(self.batch_shape), shape) / self.rate

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        value, c = tensor_of(value), self.concentration
        return c * self.rate.log() + (c - 1).xlogy(value) - self.rate * value - c.lgamma()

    def entropy(self):
        """How uncertain the time is."""
        c = self.concentration
        return c - self.rate.log() + c.lgamma() + (1 - c) * c.digamma()


class Chi2(Gamma):
    """The sum of the squares of `df` normal numbers."""

    def __init__(self, df, validate_args=None):
        super().__init__(0.5 * tensor_of(df), 0.5, validate_args)


class Dirichlet(Distribution):
    """Shares that add up to 1, from concentrations (..., n)."""

    def __init__(self, concentration, validate_args=None):
        super().__init__(validate_args, concentration=concentration)
        self.total = self.concentration.sum(-1)
        self.mean = self.concentration / self.total.unsqueeze(-1)
        self.variance = self.mean * (1 - self.mean) / (self.total.unsqueeze(-1) + 1)

    batch_shape = property(lambda self: self.total.shape, doc="How many there are side by side.")
    event_shape = property(lambda self: self.concentration.shape[-1:], doc="The shape of a draw.")

    def draw(self, shape):
        """Shares (*shape, ..., n)."""
        drawn = _gammas(self.concentration, shape)
        return drawn / drawn.sum(-1, keepdim=True)

    def _log_beta(self):
        return self.concentration.lgamma().sum(-1) - self.total.lgamma()

    def log_prob(self, value):
        """The logarithm of the density at each row of shares."""
        return (self.concentration - 1).xlogy(value).sum(-1) - self._log_beta()

    def entropy(self):
        """How uncertain the shares are."""
        c, n = self.concentration, self.concentration.shape[-1]
        own = ((c - 1) * c.digamma()).sum(-1)
        return self._log_beta() - (n - self.total) * self.total.digamma() - own


class Beta(Distribution):
    """A share between 0 and 1: the first of the two that Dirichlet draws from these concentrations."""

    def __init__(self, concentration1, concentration0, validate_args=None):
        super().__init__(
            validate_args, concentration1=concentration1, concentration0=concentration0
        )
        both = [c.expand(self.batch_shape) for c in (self.concentration1, self.concentration0)]
        self._pair = Dirichlet(
            both[0].unsqueeze(-1) * [1.0, 0.0] + both[1].unsqueeze(-1) * [0.0, 1.0]
        )
        self.mean, self.variance = self._pair.mean[..., 0], self._pair.variance[..., 0]

    def draw(self, shape):
        """Shares (*shape, ...)."""
        return self._pair.draw(shape)[..., 0]

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        value = tensor_of(value).unsqueeze(-1)
        return self._pair.log_prob(value * [1.0, -1.0] + [0.0, 1.0])

    def entropy(self):
        """How uncertain the share is."""
        return self._pair.entropy()


class StudentT(Distribution):
    """Numbers around `loc`, far ones more often than normal ones, the more so the smaller `df` is."""

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        super().__init__(validate_args, df=df, loc=loc, scale=scale)
        df = self.df.expand(self.batch_shape)
        self.mean = self.loc.expand(self.batch_shape).masked_fill(df <= 1, math.nan)
        spread = (self.scale * self.scale * df / (df - 2)).masked_fill(df <= 2, math.inf)
        self.variance = spread.masked_fill(df <= 1, math.nan)

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        squares = _gammas((self.df / 2).expand(self.batch_shape), shape) * 2
        normal = randn(*shape, *self.batch_shape)
        return self.loc + self.scale * normal * (squares / self.df).rsqrt()

    def _log_beta(self):
        return (self.df / 2).lgamma() + math.lgamma(0.5) - ((self.df + 1) / 2).lgamma()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        square = ((value - self.loc) / self.scale) ** 2
        tail = (self.df + 1) / 2 * (square / self.df).log1p()
        return -tail - self.scale.log() - self.df.log() / 2 - self._log_beta()

    def entropy(self):
        """How uncertain the number is."""
        half = (self.df + 1) / 2
        turn = half * (half.digamma() - (self.df / 2).digamma())
        out = self.scale.log() + turn + self.df.log() / 2 + self._log_beta()
        return out.expand(self.batch_shape)


class Poisson(Distribution):
    """How many events come in a time in which `rate` are expected."""

    def __init__(self, rate, validate_args=None):
        super().__init__(validate_args, rate=rate)
        self.mean = self.variance = self.rate

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        drawn = default_generator.poisson(self.rate.array, (*shape, *self.batch_shape))
        return Tensor.wrap(np.asarray(drawn, self.rate.dtype))

    def log_prob(self, value):
        """The logarithm of the probability of each number."""
        return value.xlogy(self.rate) - self.rate - (value + 1).lgamma()


class Geometric(Bernoulli):
    """How often something of a probability fails before it first happens."""

    mean = property(lambda self: 1 / self.probs - 1, doc="How many are expected.")
    variance = property(lambda self: self.mean / self.probs, doc="How far they vary.")

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        u = 1 - rand(*shape, *self.batch_shape)
        return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value):
        """The logarithm of the probability of each number."""
        return value * (-self.probs).log1p() + self.probs.log()

    def entropy(self):
        """How uncertain the number is."""
        return super().entropy() / self.probs


class Gumbel(Distribution):
    """The largest of many numbers."""

    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(validate_args, loc=loc, scale=scale)
        self.mean = self.loc + self.scale * np.euler_gamma
        self.variance = (self.scale * self.scale * (math.pi**2 / 6)).expand(self.batch_shape)

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        u = rand(*shape, *self.batch_shape).clamp(min=float(np.finfo(np.float32).tiny))
        return self.loc - self.scale * (-u.log()).log()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        y = (self.loc - value) / self.scale
        return y - y.exp() - self.scale.log()

    def entropy(self):
        """How uncertain the number is."""
        return (self.scale.log() + (1 + np.euler_gamma)).expand(self.batch_shape)


class Cauchy(Distribution):
    """Numbers around `loc` whose mean never settles: the quotients of two normal numbers."""

    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(validate_args, loc=loc, scale=scale)

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        return self.loc + self.scale * ((rand(*shape, *self.batch_shape) - 0.5) * math.pi).tan()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        square = ((value - self.loc) / self.scale) ** 2
        return -math.log(math.pi) - self.scale.log() - square.log1p()

    def entropy(self):
        """How uncertain the number is."""
        return (math.log(4 * math.pi) + self.scale.log()).expand(self.batch_shape)


class HalfNormal(Distribution):
    """How far normal numbers are from 0."""

    has_rsample = True

    def __init__(self, scale, validate_args=None):
        super().__init__(validate_args, scale=scale)
        self.mean = self.scale * math.sqrt(2 / math.pi)
        self.variance = self.scale * self.scale * (1 - 2 / math.pi)
        self._whole = Normal(0.0, self.scale, validate_args)

    def draw(self, shape):
        """Distances (*shape, ...)."""
        return self._whole.draw(shape).abs()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        value = tensor_of(value)
        density = self._whole.log_prob(value) + math.log(2)
        return density.masked_fill(value < 0, -math.inf)

    def entropy(self):
        """How uncertain the distance is."""
        return self._whole.entropy() - math.log(2)


@register_kl(Gamma, Gamma)
def _(p, q):
    c, d = p.concentration, q.concentration
    apart = (c - d) * c.digamma() + (q.rate - p.rate) * (c / p.rate)
    return d * (p.rate / q.rate).log() + d.lgamma() - c.lgamma() + apart


@register_kl(Dirichlet, Dirichlet)
def _shares_apart(p, q):
    c, d = p.concentration, q.concentration
    apart = ((c - d) * (c.digamma() - p.total.digamma().unsqueeze(-1))).sum(-1)
    return q._log_beta() - p._log_beta() + apart


@register_kl(Beta, Beta)
def _(p, q):
    return _shares_apart(p._pair, q._pair)


@register_kl(Poisson, Poisson)
def _(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)
