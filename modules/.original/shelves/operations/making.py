"""New tensors: of numbers by lot, and of numbers in a row."""

import numpy as np

from tinytorch.autograd import Tensor, full, ones, rand, randn, zeros
from tinytorch.tensor import default_generator, unwrap
from tinytorch.operations.shared import method


def _drawn(shape, generator):
    return (generator or default_generator).random(shape, np.float32)


@method
def multinomial(x, num_samples, replacement=False, *, generator=None):
    """Positions drawn by lot, where each value says how likely its position is: (..., n) -> (..., num_samples)."""
    weights = x.array.astype(np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum(-1).all():
        raise ValueError(
            "multinomial needs weights of 0 or more, none infinite or nan, and not all of them 0"
        )
    if replacement:
        edges = np.cumsum(weights, -1)[..., None, :]
        drawn = _drawn((*x.shape[:-1], num_samples, 1), generator) * edges[..., -1:]
        return Tensor.wrap((drawn >= edges).sum(-1).astype(np.int64))
    if num_samples > (weights > 0).sum(-1).min():
        raise ValueError(
            f"cannot draw {num_samples} without replacement from fewer that can be drawn"
        )
    with np.errstate(divide="ignore"):  # the first to come, of events that come at these rates
        waits = -np.log1p(-_drawn(x.shape, generator).astype(np.float64)) / weights
    return Tensor.wrap(np.argsort(waits, -1)[..., :num_samples])


@method
def bernoulli(x, p=None, *, generator=None):
    """1 with the probability that each value says, or with probability `p`, and 0 otherwise."""
    chance = x.array if p is None else np.asarray(unwrap(p))
    if chance.size and not (chance.min() >= 0 and chance.max() <= 1):
        raise ValueError("a probability is from 0 to 1")
    return Tensor.wrap((_drawn(x.shape, generator) < chance).astype(x.dtype))


def normal(mean=0.0, std=1.0, size=None, *, generator=None):
    """Normal numbers with these means and standard deviations, tensors or numbers."""
    shape = (
        np.broadcast_shapes(np.shape(unwrap(mean)), np.shape(unwrap(std)))
        if size is None
        else tuple(size)
    )
    return randn(*shape, generator=generator) * std + mean


def randint(low=0, high=None, size=None, *, generator=None, dtype=np.int64, requires_grad=False):
    """Whole numbers from low up to but not including high; randint(high, size) starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if low >= high:
        raise ValueError(f"there is no whole number from {low} to below {high}")
    return Tensor.wrap(
        (generator or default_generator).integers(low, high, tuple(size)).astype(dtype)
    )


@method
def poisson(x, *, generator=None):
    """How many events come in a time in which so many are expected, by lot."""
    return Tensor.wrap((generator or default_generator).poisson(x.array).astype(x.dtype))


def unravel_index(indices, shape):
    """Where the values at these positions in a row stand in `shape`: a tensor for each dimension."""
    return tuple(map(Tensor.wrap, np.unravel_index(unwrap(indices), shape)))


def randperm(n, *, generator=None):
    """The numbers from 0 to n - 1 in an order by lot."""
    return Tensor.wrap((generator or default_generator).permutation(n))


def linspace(start, end, steps, *, dtype=np.float32, requires_grad=False):
    """So many numbers from start to end, both included, at equal distances."""
    return Tensor(np.linspace(float(start), float(end), int(steps)), dtype, requires_grad)


def logspace(start, end, steps, base=10.0, *, dtype=np.float32, requires_grad=False):
    """`base` to the power of so many numbers from start to end."""
    return Tensor(
        np.logspace(float(start), float(end), int(steps), base=base), dtype, requires_grad
    )


def from_numpy(array):
    """A tensor on the memory of `array`."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes a NumPy array, not {type(array).__name__}")
    return Tensor.wrap(array)


def _like(name, make):
    def function(input, *, dtype=None, requires_grad=False, **options):
        return make(input, np.dtype(dtype or input.dtype), requires_grad, **options)

    function.__name__, function.__doc__ = (
        name,
        f"As `{name.removesuffix('_like')}`, with the shape and dtype of a tensor.",
    )
    return function


zeros_like = _like(
    "zeros_like", lambda x, dtype, grad: zeros(x.shape, dtype=dtype, requires_grad=grad)
)
ones_like = _like(
    "ones_like", lambda x, dtype, grad: ones(x.shape, dtype=dtype, requires_grad=grad)
)
empty_like = _like(
    "empty_like", lambda x, dtype, grad: zeros(x.shape, dtype=dtype, requires_grad=grad)
)
rand_like = _like("rand_like", lambda x, dtype, grad: Tensor(rand(*x.shape), dtype, grad))
randn_like = _like("randn_like", lambda x, dtype, grad: Tensor(randn(*x.shape), dtype, grad))


def randint_like(input, low, high=None, *, dtype=None):
    """Whole numbers from low up to but not including high, with the shape and dtype of a tensor."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input.shape, dtype=dtype or input.dtype)


def full_like(input, fill_value, *, dtype=None, requires_grad=False):
    """A tensor with the shape and dtype of another, filled with one value."""
    return full(input.shape, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad)


def empty(*sizes, dtype=np.float32, requires_grad=False):
    """A tensor whose values are still to be set; here they are 0."""
    return zeros(*sizes, dtype=dtype, requires_grad=requires_grad)


for _name, _make in {"zeros": zeros, "ones": ones, "empty": empty}.items():
    setattr(
        Tensor,
        f"new_{_name}",
        lambda self, *sizes, dtype=None, make=_make, **options: make(
            *sizes, dtype=dtype or self.dtype, **options
        ),
    )
Tensor.new_full = lambda self, size, value, dtype=None, **o: full(
    size, value, dtype=dtype or self.dtype, **o
)
Tensor.new_tensor = lambda self, data, dtype=None, **o: Tensor(data, dtype or self.dtype, **o)
