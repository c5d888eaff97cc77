"""Distributions to draw from, and the logarithms of how likely what was drawn is."""

import math

import numpy as np

from tinytorch.autograd import Tensor, no_grad, rand, randn
from tinytorch.layers import sigmoid
from tinytorch.nn.activations import log_softmax
from tinytorch.nn.losses import binary_cross_entropy_with_logits


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

    def __init__(self, probs=None, logits=None):
        if (probs is None) == (logits is None):
            raise ValueError("Categorical takes either probs or logits")
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


class Bernoulli(Distribution):
    """1 or 0, from the probability of a 1 or from its logit."""

    def __init__(self, probs=None, logits=None):
        self.logits = (
            (_tensor(probs).log() - (1 - _tensor(probs)).log())
            if logits is None
            else _tensor(logits)
        )

    @property
    def probs(self):
        """The probability of a 1."""
        return sigmoid(self.logits)

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

    def __init__(self, loc, scale):
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


class Uniform(Distribution):
    """Numbers from low up to high."""

    def __init__(self, low, high):
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
    raise NotImplementedError(
        f"there is no kl_divergence of {type(p).__name__} and {type(q).__name__}"
    )
