"""Distributions to draw from, and the logarithms of how likely what was drawn is."""

import math

import numpy as np

from tinytorch.autograd import Tensor, no_grad, rand, randn
from tinytorch.layers import sigmoid
from tinytorch.nn.activations import log_softmax, logsigmoid
from tinytorch.nn.losses import binary_cross_entropy_with_logits
from tinytorch.nn.parts import one_hot
from tinytorch.operations import cholesky

_ABOVE_0 = {"scale", "rate", "concentration", "concentration0", "concentration1", "df"}


def tensor_of(x):
    """A tensor itself, or one of a number."""
    return x if isinstance(x, Tensor) else Tensor(x)


class Distribution:
    """Numbers by lot: `sample` draws, `log_prob` says how likely a draw is, and `entropy` how uncertain it is.

    There are `batch_shape` of them side by side, and a draw of one has `event_shape`. A subclass passes its
    parameters on, tensors or numbers; unless validate_args=False, a ValueError names one that cannot be.
    """

    has_rsample = False
    event_shape = ()

    def __init__(self, validate_args=None, **parameters):
        self.parameters = {name: tensor_of(value) for name, value in parameters.items()}
        vars(self).update(self.parameters)
        for name, value in self.parameters.items() if validate_args is not False else ():
            if np.isnan(value.array).any():
                raise ValueError(f"{type(self).__name__}: {name} has values that are not numbers")
            if name in _ABOVE_0 and (value.array <= 0).any():
                raise ValueError(f"{type(self).__name__}: {name} has values that are not above 0")

    @property
    def batch_shape(self):
        """How many distributions there are side by side."""
        return np.broadcast_shapes(*(value.shape for value in self.parameters.values()))

    @property
    def stddev(self):
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape=()):
        """Draws, of which no gradient is known."""
        with no_grad():
            return self.draw(tuple(sample_shape)).detach()

    def rsample(self, sample_shape=()):
        """Draws through which gradients reach the parameters; not every distribution has them."""
        if not self.has_rsample:
            raise NotImplementedError(f"gradients do not go through draws of {type(self).__name__}")
        return self.draw(tuple(sample_shape))

    def __repr__(self):
        shapes = ", ".join(f"{name}: {value.shape}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({shapes})"


def _clamped(probs):
    eps = float(np.finfo(np.float32).eps)
    return probs.clamp(eps, 1 - eps)


class Categorical(Distribution):
    """One of several classes, from their probabilities or from logits (..., classes)."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError(f"{type(self).__name__} takes either probs or logits")
        if logits is None:
            super().__init__(validate_args, probs=probs / probs.sum(-1, keepdim=True))
            self.logits = _clamped(self.probs).log()
        else:
            super().__init__(validate_args, logits=log_softmax(logits, dim=-1))
            self.probs = self.logits.exp()

    @property
    def batch_shape(self):
        """How many distributions there are side by side."""
        return self.logits.shape[:-1]

    @property
    def mode(self):
        """The likeliest class."""
        return self.probs.argmax(-1)

    def draw(self, shape):
        """Class numbers (*shape, ...)."""
        flat = self.probs.reshape(-1, self.logits.shape[-1])
        drawn = flat.multinomial(math.prod(shape), replacement=True)  # (distributions, draws)
        return drawn.T.reshape(*shape, *self.logits.shape[:-1])

    def log_prob(self, value):
        """The logarithm of the probability of each class number."""
        shape = np.broadcast_shapes(value.shape, self.logits.shape[:-1])
        logits = self.logits.expand(*shape, self.logits.shape[-1])
        return logits.gather(-1, value.expand(shape).to(np.int64).unsqueeze(-1)).squeeze(-1)

    def entropy(self):
        """-Σ p log p."""
        return -(self.probs * self.logits.clamp(min=np.finfo(np.float32).min)).sum(-1)


class OneHotCategorical(Categorical):
    """As Categorical, with a row of zeros and a 1 in the place of each class number."""

    event_shape = property(lambda self: self.logits.shape[-1:], doc="The shape of a draw.")
    mean = property(lambda self: self.probs, doc="The probabilities.")

    def draw(self, shape):
        """Rows (*shape, ..., classes)."""
        return one_hot(super().draw(shape), self.logits.shape[-1]).to(self.logits.dtype)

    def log_prob(self, value):
        """The logarithm of the probability of each row."""
        return super().log_prob(value.argmax(-1))


class Bernoulli(Distribution):
    """1 or 0, from the probability of a 1 or from its logit."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError(f"{type(self).__name__} takes either probs or logits")
        if logits is None:
            super().__init__(validate_args, probs=probs)
            inside = _clamped(self.probs)
            self.logits = inside.log() - (-inside).log1p()
        else:
            super().__init__(validate_args, logits=logits)
            self.probs = sigmoid(self.logits)

    @property
    def mean(self):
        """The probability of a 1."""
        return self.probs

    @property
    def variance(self):
        """p (1 - p)."""
        return self.probs * (1 - self.probs)

    def draw(self, shape):
        """Zeros and ones (*shape, ...)."""
        return self.probs.expand(*shape, *self.logits.shape).bernoulli()

    def log_prob(self, value):
        """The logarithm of the probability of each value."""
        shape = np.broadcast_shapes(self.logits.shape, value.shape)
        logits, value = self.logits.expand(shape), value.expand(shape)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self):
        """-Σ p log p."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Normal(Distribution):
    """Normal numbers of means `loc` and standard deviations `scale`."""

    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(validate_args, loc=loc, scale=scale)

    @property
    def mean(self):
        """The middle."""
        return self.loc

    @property
    def variance(self):
        """The square of the scale."""
        return self.scale * self.scale

    mode, stddev = mean, property(lambda self: self.scale, doc="The scale.")

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        return self.loc + self.scale * randn(*shape, *self.batch_shape)

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        square = (value - self.loc) ** 2 / (2 * self.scale * self.scale)
        return -square - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value):
        """How likely it is that a number is at most `value`."""
        return 0.5 * (1 + ((value - self.loc) / (self.scale * math.sqrt(2))).erf())

    def icdf(self, value):
        """The number at most which others are with this probability."""
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self):
        """The logarithm of the scale, and half of 1 + log 2π."""
        return (0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()).expand(self.batch_shape)


class LogNormal(Normal):
    """Numbers whose logarithms are normal, of means `loc` and standard deviations `scale`."""

    @property
    def mean(self):
        """The mean of the numbers, not of their logarithms."""
        return (self.loc + self.scale * self.scale / 2).exp()

    @property
    def variance(self):
        """The variance of the numbers, not of their logarithms."""
        return ((self.scale * self.scale).exp() - 1) * self.mean * self.mean

    stddev = Distribution.stddev

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        return super().draw(shape).exp()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return super().log_prob(value.log()) - value.log()

    def entropy(self):
        """That of the logarithms, moved by their means."""
        return super().entropy() + self.loc


class Laplace(Distribution):
    """Numbers around `loc`, whose distances from it are exponential with the mean `scale`."""

    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(validate_args, loc=loc, scale=scale)
        self.mean, self.variance = self.loc, (2 * self.scale * self.scale).expand(self.batch_shape)

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        u = 2 * rand(*shape, *self.batch_shape) - 1
        return self.loc - self.scale * u.sign() * (1 - u.abs()).log()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def entropy(self):
        """1 and the logarithm of twice the scale."""
        return (1 + (2 * self.scale).log()).expand(self.batch_shape)


class Exponential(Distribution):
    """Waiting times for events that come at a rate."""

    has_rsample = True

    def __init__(self, rate, validate_args=None):
        super().__init__(validate_args, rate=rate)
        self.mean = 1 / self.rate
        self.variance = self.mean * self.mean

    def draw(self, shape):
        """Times (*shape, ...)."""
        return -(1 - rand(*shape, *self.batch_shape)).log() / self.rate

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return self.rate.log() - self.rate * value

    def entropy(self):
        """1 less the logarithm of the rate."""
        return 1 - self.rate.log()


class Uniform(Distribution):
    """Numbers from low up to high."""

    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        super().__init__(validate_args, low=low, high=high)
        self.mean, self.variance = (self.low + self.high) / 2, (self.high - self.low) ** 2 / 12

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        return self.low + (self.high - self.low) * rand(*shape, *self.batch_shape)

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        inside = (value >= self.low) & (value < self.high)
        return inside.to(np.float32).log() - (self.high - self.low).log()

    def entropy(self):
        """The logarithm of the range."""
        return (self.high - self.low).log()


class MultivariateNormal(Distribution):
    """Normal vectors around `loc` (..., n), from their covariances, their inverses, or `scale_tril`, their lower roots."""

    has_rsample = True

    def __init__(
        self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None
    ):  # fmt: skip
        if sum(x is not None for x in (covariance_matrix, precision_matrix, scale_tril)) != 1:
            raise ValueError(
                "MultivariateNormal takes one of covariance_matrix, precision_matrix and scale_tril"
            )
        if precision_matrix is not None:
            covariance_matrix = precision_matrix.inverse()
        super().__init__(validate_args, loc=loc)
        self.mean = self.mode = self.loc
        self.scale_tril = cholesky(covariance_matrix) if scale_tril is None else scale_tril
        self.covariance_matrix = (
            scale_tril @ scale_tril.mT if covariance_matrix is None else covariance_matrix
        )
        self.variance = self.covariance_matrix.diagonal(0, -2, -1)

    @property
    def batch_shape(self):
        """How many distributions there are side by side."""
        return np.broadcast_shapes(self.loc.shape[:-1], self.scale_tril.shape[:-2])

    event_shape = property(lambda self: self.loc.shape[-1:], doc="The shape of a draw.")

    def draw(self, shape):
        """Vectors (*shape, ..., n)."""
        noise = randn(*shape, *self.batch_shape, self.loc.shape[-1], 1)
        return self.loc + (self.scale_tril @ noise).squeeze(-1)

    def _log_volume(self):
        """The logarithm of the covariances' determinant, and n log 2π."""
        return self.covariance_matrix.det().log() + self.loc.shape[-1] * math.log(2 * math.pi)

    def log_prob(self, value):
        """The logarithm of the density at each vector."""
        apart = (value - self.loc).unsqueeze(-1)
        square = (apart.mT @ self.covariance_matrix.inverse() @ apart).squeeze(-1).squeeze(-1)
        return -0.5 * (square + self._log_volume())

    def entropy(self):
        """Half of n, and of the logarithm of the volume."""
        return 0.5 * (self.loc.shape[-1] + self._log_volume())


def together(x, dims):
    """The sum over so many last dimensions."""
    return x.sum(tuple(range(-dims, 0))) if dims else x


class Independent(Distribution):
    """A distribution whose last `reinterpreted_batch_ndims` dimensions are one event."""

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist, self.reinterpreted_batch_ndims = (
            base_distribution,
            reinterpreted_batch_ndims,
        )
        self.draw, self.has_rsample = base_distribution.draw, base_distribution.has_rsample
        self.parameters = base_distribution.parameters
        shape = base_distribution.batch_shape
        cut = len(shape) - reinterpreted_batch_ndims
        self.event_shape, self._batch = shape[cut:] + base_distribution.event_shape, shape[:cut]

    batch_shape = property(lambda self: self._batch, doc="How many there are side by side.")
    mean = property(lambda self: self.base_dist.mean, doc="Of what is inside.")
    mode = property(lambda self: self.base_dist.mode, doc="Of what is inside.")
    variance = property(lambda self: self.base_dist.variance, doc="Of what is inside.")

    def log_prob(self, value):
        """The logarithm of how likely each event is."""
        return together(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self):
        """The sum over each event."""
        return together(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self):
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"


_DIVERGENCES = {}


def register_kl(type_p, type_q):
    """Say how kl_divergence is computed for two kinds: the function that this decorates."""

    def register(function):
        _DIVERGENCES[type_p, type_q] = function
        return function

    return register


def kl_divergence(p, q):
    """How far q is from p, for kinds that it is known of."""
    found = [(a, b) for a, b in _DIVERGENCES if isinstance(p, a) and isinstance(q, b)]
    if not found:
        kinds = f"{type(p).__name__} and {type(q).__name__}"
        raise NotImplementedError(f"there is no kl_divergence of {kinds}")
    nearest = max(found, key=lambda kinds: [len(kind.__mro__) for kind in kinds])
    return _DIVERGENCES[nearest](p, q)


@register_kl(Normal, Normal)
def _(p, q):
    ratio, apart = (p.scale / q.scale) ** 2, ((p.loc - q.loc) / q.scale) ** 2
    return 0.5 * (ratio + apart - 1 - ratio.log())


@register_kl(Categorical, Categorical)
def _(p, q):
    return (p.probs * (p.logits - q.logits)).sum(-1)


@register_kl(Bernoulli, Bernoulli)
def _(p, q):
    gain = p.probs * (p.logits - q.logits)
    return gain + logsigmoid(-p.logits) - logsigmoid(-q.logits)


@register_kl(Independent, Independent)
def _(p, q):
    return together(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(Laplace, Laplace)
def _(p, q):
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return apart / q.scale + ratio * (-apart / p.scale).exp() - ratio.log() - 1


@register_kl(Exponential, Exponential)
def _(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Uniform, Uniform)
def _(p, q):
    outside = (q.low > p.low) | (q.high < p.high)
    return ((q.high - q.low) / (p.high - p.low)).log().masked_fill(outside, math.inf)


@register_kl(MultivariateNormal, MultivariateNormal)
def _(p, q):
    back, apart = q.covariance_matrix.inverse(), (q.loc - p.loc).unsqueeze(-1)
    square = (apart.mT @ back @ apart).squeeze(-1).squeeze(-1)
    trace = (back @ p.covariance_matrix).diagonal(0, -2, -1).sum(-1)
    volumes = q.covariance_matrix.det().log() - p.covariance_matrix.det().log()
    return 0.5 * (volumes + trace + square - p.loc.shape[-1])
