"""Distributions to draw from, and the logarithms of how likely what was drawn is."""

import math

import numpy as np

from tinytorch.autograd import Tensor, no_grad, rand, randn
from tinytorch.layers import sigmoid
from tinytorch.nn.activations import log_softmax, logsigmoid
from tinytorch.nn.losses import binary_cross_entropy_with_logits
from tinytorch.nn.parts import one_hot
from tinytorch.operations import cholesky


def _tensor(x):
    return x if isinstance(x, Tensor) else Tensor(x)


class Distribution:
    """Numbers by lot: `sample` draws, `log_prob` says how likely a draw is, and `entropy` how uncertain it is."""

    def sample(self, sample_shape=()):
        """Draws, of which no gradient is known."""
        with no_grad():
            return self.draw(tuple(sample_shape)).detach()


class Categorical(Distribution):
    """One of several classes, from their probabilities or from logits (..., classes)."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        if (probs is None) == (logits is None):
            raise ValueError(f"{type(self).__name__} takes either probs or logits")
        self.logits = (
            (probs / probs.sum(-1, keepdim=True)).log()
            if logits is None
            else log_softmax(logits, dim=-1)
        )

    @property
    def probs(self):
        """The probability of each class."""
        return self.logits.exp()

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

    def draw(self, shape):
        """Rows (*shape, ..., classes)."""
        return one_hot(super().draw(shape), self.logits.shape[-1]).to(self.logits.dtype)

    def log_prob(self, value):
        """The logarithm of the probability of each row."""
        return super().log_prob(value.argmax(-1))


class Bernoulli(Distribution):
    """1 or 0, from the probability of a 1 or from its logit."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        self.logits = (
            (_tensor(probs).log() - (1 - _tensor(probs)).log())
            if logits is None
            else _tensor(logits)
        )

    @property
    def probs(self):
        """The probability of a 1."""
        return sigmoid(self.logits)

    mean = probs

    def draw(self, shape):
        """Zeros and ones (*shape, ...)."""
        return self.probs.expand(*shape, *self.logits.shape).bernoulli()

    def log_prob(self, value):
        """The logarithm of the probability of each value."""
        logits, value = self.logits.expand(value.shape), value
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self):
        """-Σ p log p."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Normal(Distribution):
    """Normal numbers of means `loc` and standard deviations `scale`."""

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = _tensor(loc), _tensor(scale)
        self.mean, self.stddev, self.variance = self.loc, self.scale, self.scale * self.scale

    def draw(self, shape):
        """Numbers (*shape, ...), through which gradients reach loc and scale."""
        return self.loc + self.scale * randn(
            *shape, *np.broadcast_shapes(self.loc.shape, self.scale.shape)
        )

    def rsample(self, sample_shape=()):
        """Draws through which gradients reach loc and scale."""
        return self.draw(tuple(sample_shape))

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return (
            -((value - self.loc) ** 2) / (2 * self.variance)
            - self.scale.log()
            - math.log(math.sqrt(2 * math.pi))
        )

    def entropy(self):
        """The logarithm of the scale, and half of 1 + log 2π."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log() + 0 * self.loc


class LogNormal(Normal):
    """Numbers whose logarithms are normal, of means `loc` and standard deviations `scale`."""

    def __init__(self, loc, scale, validate_args=None):
        super().__init__(loc, scale)
        self.logs = Normal(loc, scale)
        self.mean = (self.loc + self.logs.variance / 2).exp()
        self.variance = (self.logs.variance.exp() - 1) * self.mean * self.mean
        self.stddev = self.variance.sqrt()

    def draw(self, shape):
        """Numbers (*shape, ...), through which gradients reach loc and scale."""
        return self.logs.draw(shape).exp()

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return self.logs.log_prob(value.log()) - value.log()

    def entropy(self):
        """That of the logarithms, moved by their means."""
        return self.logs.entropy() + self.loc


class Laplace(Distribution):
    """Numbers around `loc`, whose distances from it are exponential with the mean `scale`."""

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = _tensor(loc), _tensor(scale)
        self.mean, self.variance = self.loc, 2 * self.scale * self.scale

    def draw(self, shape):
        """Numbers (*shape, ...), through which gradients reach loc and scale."""
        u = 2 * rand(*shape, *np.broadcast_shapes(self.loc.shape, self.scale.shape)) - 1
        return self.loc - self.scale * u.sign() * (1 - u.abs()).log()

    rsample = Normal.rsample

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def entropy(self):
        """1 and the logarithm of twice the scale."""
        return 1 + (2 * self.scale).log() + 0 * self.loc


class Exponential(Distribution):
    """Waiting times for events that come at a rate."""

    def __init__(self, rate, validate_args=None):
        self.rate = _tensor(rate)
        self.mean = self.stddev = 1 / self.rate
        self.variance = self.mean * self.mean

    def draw(self, shape):
        """Times (*shape, ...), through which gradients reach the rate."""
        return -(1 - rand(*shape, *self.rate.shape)).log() / self.rate

    rsample = Normal.rsample

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        return self.rate.log() - self.rate * value

    def entropy(self):
        """1 less the logarithm of the rate."""
        return 1 - self.rate.log()


class MultivariateNormal(Distribution):
    """Normal vectors around `loc` (..., n), from their covariances or from `scale_tril`, its lower triangular root."""

    def __init__(self, loc, covariance_matrix=None, scale_tril=None, validate_args=None):
        if (covariance_matrix is None) == (scale_tril is None):
            raise ValueError("MultivariateNormal takes either covariance_matrix or scale_tril")
        self.loc = self.mean = loc
        self.scale_tril = cholesky(covariance_matrix) if scale_tril is None else scale_tril
        self.covariance_matrix = (
            scale_tril @ scale_tril.mT if covariance_matrix is None else covariance_matrix
        )
        self.variance = self.covariance_matrix.diagonal(0, -2, -1)

    def draw(self, shape):
        """Vectors (*shape, ..., n), through which gradients reach loc and scale_tril."""
        batch = np.broadcast_shapes(self.loc.shape[:-1], self.scale_tril.shape[:-2])
        noise = randn(*shape, *batch, self.loc.shape[-1], 1)
        return self.loc + (self.scale_tril @ noise).squeeze(-1)

    rsample = Normal.rsample

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


class Independent(Distribution):
    """A distribution whose last `reinterpreted_batch_ndims` dimensions are one event."""

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist, self.reinterpreted_batch_ndims = (
            base_distribution,
            reinterpreted_batch_ndims,
        )
        self.draw = base_distribution.draw
        self.mean = getattr(base_distribution, "mean", None)
        self.variance = getattr(base_distribution, "variance", None)

    rsample = Normal.rsample

    def _together(self, x):
        dims = tuple(range(-self.reinterpreted_batch_ndims, 0))
        return x.sum(dims) if dims else x

    def log_prob(self, value):
        """The logarithm of how likely each event is."""
        return self._together(self.base_dist.log_prob(value))

    def entropy(self):
        """The sum over each event."""
        return self._together(self.base_dist.entropy())


class Uniform(Distribution):
    """Numbers from low up to high."""

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = _tensor(low), _tensor(high)

    def draw(self, shape):
        """Numbers (*shape, ...), through which gradients reach low and high."""
        return self.low + (self.high - self.low) * rand(
            *shape, *np.broadcast_shapes(self.low.shape, self.high.shape)
        )

    rsample = Normal.rsample

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        inside = (value >= self.low) & (value < self.high)
        return inside.to(np.float32).log() - (self.high - self.low).log()

    def entropy(self):
        """The logarithm of the range."""
        return (self.high - self.low).log()


def kl_divergence(p, q):
    """How far q is from p, for two of one kind."""
    if isinstance(p, Normal) and isinstance(q, Normal):
        ratio, apart = p.variance / q.variance, (p.loc - q.loc) ** 2 / q.variance
        return 0.5 * (ratio + apart - 1 - ratio.log())
    if isinstance(p, Categorical) and isinstance(q, Categorical):
        return (p.probs * (p.logits - q.logits)).sum(-1)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        gain = p.probs * (p.logits - q.logits)
        return gain + logsigmoid(-p.logits) - logsigmoid(-q.logits)
    if isinstance(p, Independent) and isinstance(q, Independent):
        return p._together(kl_divergence(p.base_dist, q.base_dist))
    raise NotImplementedError(
        f"there is no kl_divergence of {type(p).__name__} and {type(q).__name__}"
    )
