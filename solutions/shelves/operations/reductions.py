"""Reductions and running sums."""

import functools
import math

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.tensor import elementwise, floats, operation
from tinytorch.operations.shared import method, where


@operation(only_floats=True)
def _norm(x, *, dim, keepdim):
    return np.sqrt(np.sum(x * x, axis=dim, keepdims=keepdim))


@derivative(_norm)
def _(grad, out, x, dim, keepdim):  # x / out, and 0 where all values are 0
    if dim is not None and not keepdim:
        grad, out = np.expand_dims(grad, dim), np.expand_dims(out, dim)
    return x * (grad / np.where(out == 0, 1, out))


def _dims(dim):
    return tuple(dim) if isinstance(dim, list) else dim


@method
def norm(x, p="fro", dim=None, keepdim=False):
    """The p-norm over `dim`: (Σ |x|^p)^(1/p), by default with p = 2."""
    dim = _dims(dim)
    if p in ("fro", 2):
        return _norm(x, dim=dim, keepdim=keepdim)
    if p in (math.inf, -math.inf):
        return x.abs().amax(dim, keepdim) if p > 0 else x.abs().amin(dim, keepdim)
    if p == 0:
        return (x != 0).to(x.dtype).sum(dim, keepdim)
    return x.abs().sum(dim, keepdim) if p == 1 else (x.abs() ** p).sum(dim, keepdim) ** (1 / p)


def vector_norm(x, ord=2, dim=None, keepdim=False):
    """The norm of vectors: as `norm`, whose `p` is called `ord`."""
    return x.norm(ord, dim, keepdim)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False):
    """The root of the sum of squares of matrices, the only `ord` here."""
    if ord != "fro":
        raise ValueError(f'matrix_norm knows ord="fro", not {ord!r}')
    return A.norm("fro", tuple(dim), keepdim)


def matrix_or_vector_norm(A, ord=None, dim=None, keepdim=False):
    """The norm of all values, of matrices if `ord` is given for one or `dim` names two dimensions, else of vectors."""
    if dim is None and ord is not None and A.ndim == 2:
        dim = (0, 1)
    if np.iterable(dim) and len(dim) == 2 and ord is not None:
        return matrix_norm(A, ord, dim, keepdim)
    return A.norm(2 if ord is None else ord, dim, keepdim)


@method
def std(x, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """The root of the variance over `dim`, which divides by n - `correction`, 1 by default."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    correction = int(unbiased) if correction is None else correction
    apart = x - x.mean(dim, keepdim=True)
    length = apart.norm(dim=dim, keepdim=keepdim)
    count = x.numel() // max(length.numel(), 1)
    return length / math.sqrt(count - correction) if count > correction else length * math.nan


def _total_dtype(x):
    """The dtype of sums and products: that of floats, and int64 for the rest."""
    return x.dtype if x.dtype.kind == "f" else np.int64


@operation
def _prod(x, *, dim):
    return np.prod(x, axis=dim, keepdims=True, dtype=_total_dtype(x))


@derivative(_prod)
def _(
    grad, out, x, dim
):  # the product of those before and of those behind: no division, so zeros may be there
    one = np.ones_like(np.take(x, [0], dim))
    rest = np.flip(np.take(x, range(1, x.shape[dim]), dim), dim)
    before = np.cumprod(np.concatenate([one, np.take(x, range(x.shape[dim] - 1), dim)], dim), dim)
    behind = np.flip(np.cumprod(np.concatenate([one, rest], dim), dim), dim)
    return grad * before * behind


@method
def prod(x, dim=None, keepdim=False):
    """The product over `dim`, or of all values."""
    if dim is None:
        return x.flatten().apply(_prod.function, x.flatten(), dim=0).reshape(())
    out = x.apply(_prod.function, x, dim=dim)
    return out if keepdim else out.squeeze(dim)


@method
def logsumexp(x, dim, keepdim=False):
    """log Σ exp(x) over `dim`; nothing overflows."""
    x = floats(x)
    if x.numel():
        top = x.detach().amax(dim, keepdim=True)
        top = where(top.isfinite(), top, 0)
    else:
        top = 0
    with np.errstate(divide="ignore"):  # the logarithm of no sum is -inf
        out = (x - top).exp().sum(dim, keepdim=True).log() + top
    return out if keepdim else out.squeeze(dim)


@method
def all(x, dim=None, keepdim=False):
    """Whether all values over `dim` are true."""
    return x.apply(np.all, x, axis=_dims(dim), keepdims=keepdim)


@method
def any(x, dim=None, keepdim=False):
    """Whether one of the values over `dim` is true."""
    return x.apply(np.any, x, axis=_dims(dim), keepdims=keepdim)


@method
def count_nonzero(x, dim=None):
    """How many values over `dim` are not 0."""
    return (x != 0).sum(dim)


@operation
def cumsum(x, *, dim):
    """The sum of each value and those before it along `dim`."""
    return np.cumsum(x, axis=dim, dtype=_total_dtype(x))


@derivative(cumsum)
def _(grad, out, x, dim):
    return np.flip(np.cumsum(np.flip(grad, dim), axis=dim), dim)


@operation
def cumprod(x, *, dim):
    """The product of each value and those before it along `dim`; its rule divides, so there must be no 0."""
    return np.cumprod(x, axis=dim, dtype=_total_dtype(x))


@derivative(cumprod)
def _(grad, out, x, dim):
    if not np.all(x):
        raise NotImplementedError("cumprod has no derivative where a value is 0")
    return np.flip(np.cumsum(np.flip(grad * out, dim), axis=dim), dim) / x


Tensor.cumsum, Tensor.cumprod = cumsum, cumprod


@method
def logcumsumexp(x, dim):
    """log of the running sum of exp(x) along `dim`."""
    top = x.detach().amax(dim, keepdim=True)
    return (x - top).exp().cumsum(dim).log() + top


@method
def histc(x, bins=100, min=0, max=0):
    """How many values lie in each of so many equal stretches from min to max, or between the smallest and the largest."""
    ends = (x.min().item(), x.max().item()) if min == max else (min, max)
    return Tensor.wrap(np.histogram(x.array, bins, ends)[0].astype(x.dtype))


_plain_var, _plain_max, _plain_min = Tensor.var, Tensor.max, Tensor.min


@method
def var(x, dim=None, unbiased=True, keepdim=False, *, correction=None):
    """The mean squared distance from the mean over `dim`, which divides by n - `correction`, 1 by default."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return _plain_var(x, _dims(dim), int(unbiased) if correction is None else correction, keepdim)


Tensor.max = lambda x, dim=None, keepdim=False: (
    elementwise(np.maximum, x, dim) if isinstance(dim, Tensor) else _plain_max(x, dim, keepdim)
)
Tensor.min = lambda x, dim=None, keepdim=False: (
    elementwise(np.minimum, x, dim) if isinstance(dim, Tensor) else _plain_min(x, dim, keepdim)
)


@method
def var_mean(x, dim=None, **options):
    """Variance and mean."""
    return x.var(dim, **options), x.mean(dim, keepdim=options.get("keepdim", False))


@method
def std_mean(x, dim=None, **options):
    """Standard deviation and mean."""
    return x.std(dim, **options), x.mean(dim, keepdim=options.get("keepdim", False))


def _also_axis(name):
    """The method `name`, which NumPy's words for its arguments reach as well, and a dtype."""
    plain = getattr(Tensor, name)

    @functools.wraps(plain)
    def method(self, *args, **options):
        if (
            options and "out" not in options
        ):  # NumPy's own functions say `out`, and do not take tensors
            for numpys, ours in (("axis", "dim"), ("keepdims", "keepdim")):
                if numpys in options:
                    options[ours] = options.pop(numpys)
            if (dtype := options.pop("dtype", None)) is not None:
                return plain(self.to(dtype), *args, **options).to(dtype)
        return plain(self, *args, **options)

    setattr(Tensor, name, method)


for _name in "sum mean var std prod max min amax amin argmax argmin all any cumsum cumprod norm logsumexp".split():
    _also_axis(_name)


@method
def nansum(x, dim=None, keepdim=False):
    """The sum over `dim` of what is no nan."""
    return where(x.isnan(), 0.0, x).sum(dim, keepdim)


@method
def nanmean(x, dim=None, keepdim=False):
    """The mean over `dim` of what is no nan."""
    return x.nansum(dim, keepdim) / (~x.isnan()).sum(dim, keepdim)


_also_axis("nansum"), _also_axis("nanmean")


@method
def aminmax(x, *, dim=None, keepdim=False):
    """The smallest and the largest value."""
    return x.amin(dim, keepdim), x.amax(dim, keepdim)


@method
def dist(x, other, p=2):
    """The p-norm of the difference."""
    return (x - other).norm(p)
