"""Distributions made of others: mixtures of several, and what becomes of one by a function."""

import math

from tinytorch.chances import Distribution, tensor_of, together
from tinytorch.nn.activations import log_softmax, softplus


class MixtureSameFamily(Distribution):
    """One of several distributions, the last dimension of a batch of them, which a Categorical chooses."""

    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        self.event_shape = component_distribution.event_shape
        self.parameters = {"logits": mixture_distribution.logits}

    @property
    def batch_shape(self):
        """How many mixtures there are side by side."""
        return self.component_distribution.batch_shape[:-1]

    def _weighted(self, x):
        """The mean of x over the components: (..., components, *event) -> (..., *event)."""
        events = len(self.event_shape)
        weights = self.mixture_distribution.probs
        weights = weights.reshape(*weights.shape, *(1,) * events)
        return (weights * x).sum(-1 - events)

    @property
    def mean(self):
        """The mean of the components' means."""
        return self._weighted(self.component_distribution.mean)

    @property
    def variance(self):
        """The mean of the components' variances, and how far their means vary."""
        apart = self.component_distribution.mean - self.mean.unsqueeze(-1 - len(self.event_shape))
        return self._weighted(self.component_distribution.variance + apart * apart)

    def draw(self, shape):
        """Numbers (*shape, ..., *event)."""
        events = len(self.event_shape)
        drawn = self.component_distribution.draw(shape)
        chosen = self.mixture_distribution.draw(shape)
        chosen = chosen.reshape(*chosen.shape, *(1,) * (1 + events))
        return drawn.take_along_dim(chosen, -1 - events).squeeze(-1 - events)

    def log_prob(self, value):
        """The logarithm of how likely each event is."""
        own = self.component_distribution.log_prob(value.unsqueeze(-1 - len(self.event_shape)))
        return (own + log_softmax(self.mixture_distribution.logits, dim=-1)).logsumexp(-1)


class Transform:
    """A function of each value that can be turned back; `log_abs_det_jacobian(x, y)` says how much it stretches."""

    def __init__(self, cache_size=0):
        self.cache_size, self._last = cache_size, (None, None)

    def __call__(self, x):
        y = self._call(x)
        if self.cache_size:
            self._last = (x, y)
        return y

    def inv(self, y):
        """What became y; with a cache, the x that was given last, if it became this y."""
        return self._last[0] if y is self._last[1] and y is not None else self._inverse(y)


class TanhTransform(Transform):
    """tanh(x)."""

    def _call(self, x):
        return x.tanh()

    def _inverse(self, y):
        return y.atanh()

    def log_abs_det_jacobian(self, x, y):
        """The logarithm of 1 - tanh²(x), in a form that stays right far from 0."""
        return 2 * (math.log(2) - x - softplus(-2 * x))


class SigmoidTransform(Transform):
    """1 / (1 + exp(-x))."""

    def _call(self, x):
        return x.sigmoid()

    def _inverse(self, y):
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x, y):
        """The logarithm of the slope."""
        return -softplus(-x) - softplus(x)


class ExpTransform(Transform):
    """exp(x)."""

    def _call(self, x):
        return x.exp()

    def _inverse(self, y):
        return y.log()

    def log_abs_det_jacobian(self, x, y):
        """x itself."""
        return x


class AffineTransform(Transform):
    """loc + scale * x."""

    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        super().__init__(cache_size)
        self.loc, self.scale = tensor_of(loc), tensor_of(scale)

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x, y):
        """The logarithm of the scale's size."""
        return self.scale.abs().log() + 0 * x


class ComposeTransform(Transform):
    """One transform after the other."""

    def __init__(self, parts, cache_size=0):
        super().__init__(cache_size)
        self.parts = list(parts)

    def _call(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y):
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x, y):
        """The sum of what each part stretches."""
        total = 0
        for part in self.parts:
            x, before = part(x), x
            total = total + part.log_abs_det_jacobian(before, x)
        return total


class TransformedDistribution(Distribution):
    """What becomes of the draws of a distribution by one transform, or by several, one after the other."""

    def __init__(self, base_distribution, transforms, validate_args=None):
        self.base_dist, self.parameters = base_distribution, base_distribution.parameters
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        self.has_rsample = base_distribution.has_rsample
        self.event_shape = base_distribution.event_shape

    batch_shape = property(lambda self: self.base_dist.batch_shape, doc="As below.")

    def draw(self, shape):
        """Numbers (*shape, ...)."""
        x = self.base_dist.draw(shape)
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value):
        """The logarithm of the density at each value."""
        total, y = 0.0, value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            stretch = transform.log_abs_det_jacobian(x, y)
            total, y = total - together(stretch, len(self.event_shape)), x
        return total + self.base_dist.log_prob(y)
