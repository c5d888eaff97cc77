"""Operations that programs need and no lesson teaches, with their derivative rules; and PyTorch's names for the rest.

What is a function of one tensor first is set on `Tensor` as a method, too. Given: nothing here is an exercise.
"""

import functools
import math
import sys

import numpy as np

from tinytorch.autograd import Tensor, arange, derivative, full, no_grad, ones, rand, randn, zeros
from tinytorch.tensor import Picked, default_generator, elementwise, leader, operation, unwrap


lesson = sys.modules["tinytorch.tensor"]  # as an attribute of the package, `tensor` is the function


def method(function):
    """Set `function` on Tensor under its own name; returns it."""
    setattr(Tensor, function.__name__, function)
    return function


def cat(tensors, dim=0, *, axis=None):
    """Tensors end to end along `dim`."""
    return lesson.cat(tensors, dim if axis is None else axis)


def stack(tensors, dim=0, *, axis=None):
    """Tensors side by side along a new dimension."""
    return lesson.stack(tensors, dim if axis is None else axis)


def where(condition, input=None, other=None):
    """`input` where the condition is true and `other` elsewhere; without them, where it is true."""
    return (
        condition.nonzero(as_tuple=True) if input is None else lesson.where(condition, input, other)
    )


# Value by value. The rule is the gradient of the output times what stands here, a function of output and input.
_SLOPES = {
    "sin": (np.sin, lambda out, x: np.cos(x)),
    "cos": (np.cos, lambda out, x: -np.sin(x)),
    "tan": (np.tan, lambda out, x: 1 + out * out),
    "asin": (np.arcsin, lambda out, x: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda out, x: -1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda out, x: 1 / (1 + x * x)),
    "sinh": (np.sinh, lambda out, x: np.cosh(x)),
    "cosh": (np.cosh, lambda out, x: np.sinh(x)),
    "asinh": (np.arcsinh, lambda out, x: 1 / np.sqrt(x * x + 1)),
    "acosh": (np.arccosh, lambda out, x: 1 / np.sqrt(x * x - 1)),
    "atanh": (np.arctanh, lambda out, x: 1 / (1 - x * x)),
    "log1p": (np.log1p, lambda out, x: 1 / (1 + x)),
    "log2": (np.log2, lambda out, x: 1 / (x * np.float32(math.log(2)))),
    "log10": (np.log10, lambda out, x: 1 / (x * np.float32(math.log(10)))),
    "expm1": (np.expm1, lambda out, x: out + 1),
    "exp2": (np.exp2, lambda out, x: out * np.float32(math.log(2))),
    "reciprocal": (np.reciprocal, lambda out, x: -out * out),
    "square": (np.square, lambda out, x: 2 * x),
    "floor": (np.floor, lambda out, x: 0),
    "ceil": (np.ceil, lambda out, x: 0),
    "trunc": (np.trunc, lambda out, x: 0),
    "rint": (np.rint, lambda out, x: 0),
    "sign": (np.sign, lambda out, x: 0),
}


def _value_by_value(name, function, slope=None):
    """Make the operation, enter its rule and set the method; returns the operation."""

    def made(x):
        return function(x)

    made.__name__, made.__doc__ = name, f"`{function.__name__}` of each value."
    made = operation(only_floats=True)(made)
    if slope is not None:
        derivative(made)(lambda grad, out, x: grad * slope(out, x))
    setattr(Tensor, name, made)
    return made


globals().update({name: _value_by_value(name, *row) for name, row in _SLOPES.items()})


@method
def round(x, decimals=0):
    """The nearest whole number, of two as near the even one; or with so many decimals."""
    return (x * 10**decimals).rint() / 10**decimals if decimals else x.rint()


@method
def rsqrt(x):
    """1 / sqrt(x), value by value."""
    return x.sqrt().reciprocal()


@method
@operation(only_floats=True)
def erf(x):
    """The error function, right to 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    p = (
        (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592
    ) * t
    return np.copysign(1 - p * np.exp(-x * x), x)


@derivative(erf)
def _(grad, out, x):
    return grad * (2 / math.sqrt(math.pi) * np.exp(-x * x))


@derivative(np.minimum)
def _(grad, out, a, b):  # half of the gradient each where they tie
    share = np.less(a, b) + np.equal(a, b) * np.float32(0.5)
    return grad * share, grad * (1 - share)


@derivative(np.arctan2)
def _(grad, out, a, b):
    square = a * a + b * b
    return grad * (b / square), -grad * (a / square)


@derivative(np.fmod)
def _(grad, out, a, b):  # a - b * trunc(a / b)
    return grad, lambda: -grad * np.trunc(a / b)


_PAIRS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "true_divide": np.true_divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "pow": np.power,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "atan2": np.arctan2,
    "logaddexp": np.logaddexp,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
}


def _pair(name, op):
    """The function of two tensors or numbers; `alpha` of add and sub is a factor of the second."""

    def function(input, other, *, alpha=1):
        return elementwise(op, input, other if alpha == 1 else other * alpha)

    function.__name__ = name
    function.__doc__ = f"`{op.__name__}` of each two values; broadcasts."
    return method(function)


globals().update({name: _pair(name, op) for name, op in _PAIRS.items()})
subtract, multiply, Tensor.subtract, Tensor.multiply = sub, mul, sub, mul
greater, less, not_equal = gt, lt, ne
Tensor.__and__ = Tensor.__rand__ = bitwise_and
Tensor.__or__ = Tensor.__ror__ = bitwise_or
Tensor.__xor__ = Tensor.__rxor__ = bitwise_xor


@method
def div(input, other, *, rounding_mode=None):
    """input / other; with rounding_mode "floor" or "trunc", without what is behind the point."""
    if rounding_mode not in (None, "floor", "trunc"):
        raise ValueError(f'rounding_mode is None, "floor" or "trunc", not {rounding_mode!r}')
    quotient = elementwise(np.true_divide, input, other)
    return quotient if rounding_mode is None else getattr(quotient, rounding_mode)()


divide = Tensor.divide = div

for _op in (np.isnan, np.isinf, np.isfinite):
    globals()[_op.__name__] = _value_by_value(_op.__name__, _op)


@method
def logical_not(x):
    """Whether each value is 0."""
    return x.apply(np.logical_not, x)


@method
def bitwise_not(x):
    """Each bool turned round, or each integer's bits."""
    return x.apply(np.invert, x)


Tensor.__invert__ = bitwise_not


@method
def neg(x):
    """-x."""
    return -x


negative = Tensor.negative = neg


@method
def clone(x):
    """The same values in memory of their own; gradients go through."""
    return x.apply(_copied, x)


def _copied(array):
    return array.copy()


@derivative(_copied)
def _(grad, out, x):
    return grad


@method
def clamp_min(x, min):
    """Each value, but at least `min`."""
    return x.clamp(min=min)


@method
def clamp_max(x, max):
    """Each value, but at most `max`."""
    return x.clamp(max=max)


@method
def masked_fill(x, mask, value):
    """`value` where `mask` is true, and x elsewhere."""
    return where(mask, value, x)


@method
def nan_to_num(x, nan=0.0):
    """x with `nan` in the place of values that are not numbers."""
    return where(x.isnan(), nan, x)


@method
def lerp(x, end, weight):
    """x + weight * (end - x)."""
    return x + weight * (end - x)


@method
def addcmul(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 * tensor2."""
    return x + value * tensor1 * tensor2


@method
def addcdiv(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 / tensor2."""
    return x + value * tensor1 / tensor2


# Reductions.
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
        return x.apply(_norm.function, x, dim=dim, keepdim=keepdim)
    if p in (math.inf, -math.inf):
        return x.abs().amax(dim, keepdim) if p > 0 else x.abs().amin(dim, keepdim)
    if p == 0:
        return (x != 0).to(x.dtype).sum(dim, keepdim)
    return x.abs().sum(dim, keepdim) if p == 1 else (x.abs() ** p).sum(dim, keepdim) ** (1 / p)


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


@operation
def _prod(x, *, dim):
    return np.prod(x, axis=dim, keepdims=True)


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
    top = x.detach().amax(dim, keepdim=True)
    top = where(top.isfinite(), top, 0)
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
    return np.cumsum(x, axis=dim, dtype=None if x.dtype.kind == "f" else np.int64)


@derivative(cumsum)
def _(grad, out, x, dim):
    return np.flip(np.cumsum(np.flip(grad, dim), axis=dim), dim)


@operation
def cumprod(x, *, dim):
    """The product of each value and those before it along `dim`; its rule divides, so there must be no 0."""
    return np.cumprod(x, axis=dim)


@derivative(cumprod)
def _(grad, out, x, dim):
    if not np.all(x):
        raise NotImplementedError("cumprod has no derivative where a value is 0")
    return np.flip(np.cumsum(np.flip(grad * out, dim), axis=dim), dim) / x


Tensor.cumsum, Tensor.cumprod = cumsum, cumprod


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
                self = self.to(dtype)
        return plain(self, *args, **options)

    setattr(Tensor, name, method)


for (
    _name
) in "sum mean var std prod max min amax amin argmax argmin all any cumsum norm logsumexp".split():
    _also_axis(_name)


# Order.
@method
def argsort(x, dim=-1, descending=False, stable=False):
    """The positions of the values along `dim`, from the smallest to the largest, or the other way round."""
    return x.detach().apply(_order, x.detach(), dim=dim, descending=descending)


def _order(array, *, dim, descending):
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    backward = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return np.flip(array.shape[dim] - 1 - backward, dim)


@method
def sort(x, dim=-1, descending=False, stable=False):
    """The values along `dim` in order, and where they stood: (values, indices)."""
    order = x.argsort(dim, descending)
    return Picked(x.gather(dim, order), order)


@method
def topk(x, k, dim=-1, largest=True, sorted=True):
    """The k largest values along `dim`, the largest first, and where they stand: (values, indices)."""
    if not 0 <= k <= x.shape[dim]:
        raise ValueError(
            f"there are {x.shape[dim]} values along dim {dim} of {x.shape}, so no {k} largest"
        )
    order = x.argsort(dim, descending=largest).narrow(dim, 0, k)
    return Picked(x.gather(dim, order), order)


@method
def kthvalue(x, k, dim=-1, keepdim=False):
    """The k-th smallest value along `dim`, and where it stands: (values, indices)."""
    order = x.argsort(dim).narrow(dim, k - 1, 1)
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (x.gather(dim, order), order)))


@method
def quantile(x, q, dim=None, keepdim=False):
    """The value below which the share `q` of the values lies, between two of them along a line."""
    ordered, dim = (x.flatten().sort(0).values, 0) if dim is None else (x.sort(dim).values, dim)
    at = q * (ordered.shape[dim] - 1)
    low = ordered.narrow(dim, math.floor(at), 1)
    out = low + (ordered.narrow(dim, math.ceil(at), 1) - low) * (at - math.floor(at))
    return out if keepdim else out.squeeze(dim)


@method
def cummax(x, dim):
    """The largest value up to each place along `dim`, and where it stands: (values, indices)."""
    places = np.arange(x.shape[dim]).reshape(
        [-1 if d == dim % x.ndim else 1 for d in range(x.ndim)]
    )
    new = x.array >= np.maximum.accumulate(x.array, dim)
    found = Tensor.wrap(np.maximum.accumulate(np.where(new, places, 0), dim))
    return Picked(x.gather(dim, found), found)


@method
def diff(x, n=1, dim=-1):
    """The difference of each two neighbours along `dim`."""
    for _ in range(n):
        x = x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1)
    return x


@method
def isin(x, test_elements):
    """Whether each value is one of those."""
    return Tensor.wrap(np.isin(unwrap(x), unwrap(test_elements)))


@method
def median(x, dim=None, keepdim=False):
    """The value in the middle, the lower one of two; along `dim` also where it stands: (values, indices)."""
    if dim is None:
        return x.flatten().median(0).values
    order = x.argsort(dim).narrow(dim, (x.shape[dim] - 1) // 2, 1)
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (x.gather(dim, order), order)))


@method
def unique(x, sorted=True, return_inverse=False, return_counts=False):
    """Each value once, in order; and where each value went, and how often it was there."""
    found = np.unique(x.array, return_inverse=True, return_counts=True)
    values, inverse, counts = (Tensor.wrap(a) for a in found)
    more = [
        t
        for t, wanted in [(inverse.reshape(x.shape), return_inverse), (counts, return_counts)]
        if wanted
    ]
    return (values, *more) if more else values


@method
def bincount(x, weights=None, minlength=0):
    """How often each of the integers 0, 1, 2, … is there, or the sum of its weights."""
    return Tensor.wrap(np.bincount(x.array, unwrap(weights), minlength))


@method
def nonzero(x, as_tuple=False):
    """Where the values are not 0: one row for each, or with `as_tuple` a tensor for each dimension."""
    if as_tuple:
        return tuple(Tensor.wrap(places) for places in np.nonzero(x.array))
    return Tensor.wrap(np.argwhere(x.array))


@method
def searchsorted(x, values, *, right=False):
    """Where in the sorted x each value would stand."""
    return Tensor.wrap(np.searchsorted(x.array, unwrap(values), side="right" if right else "left"))


def bucketize(values, boundaries, *, right=False):
    """In which bucket between the sorted boundaries each value lies."""
    return searchsorted(boundaries, values, right=right)


# By position.
def _along(shape, dim, index):
    """The index that picks, for each place of `index`, the value at that position along `dim`."""
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    wrong = index[(index < 0) | (index >= shape[dim])]
    if wrong.size:
        raise IndexError(f"dim {dim} of {shape} has no position {wrong[0]}")
    return tuple(places)


@method
@operation
def gather(x, *, dim, index):
    """The value at each position in `index`, counted along `dim`; the result has the shape of `index`."""
    return x[_along(x.shape, dim, unwrap(index))]


@derivative(gather)
def _(grad, out, x, dim, index):
    result = np.zeros(x.shape, grad.dtype)
    np.add.at(result, _along(x.shape, dim, unwrap(index)), grad)
    return result


@operation
def _scattered(x, src, *, dim, index):
    result, places = x.copy(), _along(x.shape, dim, index)
    result[places] = src[tuple(slice(n) for n in index.shape)] if np.ndim(src) else src
    return result


@derivative(_scattered)
def _(grad, out, x, src, dim, index):
    def by_x():
        result, places = grad.copy(), _along(x.shape, dim, index)
        result[places] = 0
        return result

    return by_x, lambda: _padded(grad[_along(x.shape, dim, index)], src)


@operation
def _scatter_added(x, src, *, dim, index):
    result = x.copy()
    np.add.at(result, _along(x.shape, dim, index), src[tuple(slice(n) for n in index.shape)])
    return result


@derivative(_scatter_added)
def _(grad, out, x, src, dim, index):
    return grad, lambda: _padded(grad[_along(x.shape, dim, index)], src)


def _padded(part, like):
    """`part` in a corner of zeros with the shape of `like`."""
    if part.shape == np.shape(like):
        return part
    result = np.zeros(np.shape(like), part.dtype)
    result[tuple(slice(n) for n in part.shape)] = part
    return result


@method
def scatter(x, dim, index, src=None, *, value=None):
    """x with the values of `src`, or one value, at the positions in `index` along `dim`."""
    src = value if src is None else src
    return leader(x, src).apply(_scattered.function, x, src, dim=dim, index=unwrap(index))


@method
def scatter_add(x, dim, index, src):
    """x plus the values of `src`, each at its position in `index` along `dim`."""
    return leader(x, src).apply(_scatter_added.function, x, src, dim=dim, index=unwrap(index))


@method
def index_select(x, dim, index):
    """The slices of x at these positions along `dim`."""
    return x[(*(slice(None),) * (dim % x.ndim), index)]


@method
def index_add(x, dim, index, source, *, alpha=1):
    """x plus the slices of `source`, each added at its position along `dim`."""
    index = np.expand_dims(unwrap(index), [d for d in range(x.ndim) if d != dim % x.ndim])
    return x.scatter_add(dim, Tensor.wrap(np.broadcast_to(index, source.shape)), source * alpha)


@method
def index_fill(x, dim, index, value):
    """x with one value in the slices at these positions along `dim`."""
    chosen = np.isin(np.arange(x.shape[dim]), unwrap(index))
    return x.masked_fill(
        np.expand_dims(chosen, [d for d in range(x.ndim) if d != dim % x.ndim]), value
    )


@method
def masked_select(x, mask):
    """The values where `mask` is true, in a row."""
    return x.expand(np.broadcast_shapes(x.shape, mask.shape))[
        mask.expand(np.broadcast_shapes(x.shape, mask.shape))
    ]


@method
def take(x, index):
    """The values at these positions, counted through all of x."""
    return x.flatten()[index]


@method
def narrow(x, dim, start, length):
    """A view of `length` slices along `dim`, from `start` on."""
    return x[(*(slice(None),) * (dim % x.ndim), slice(int(start), int(start) + length))]


@method
def select(x, dim, index):
    """A view of one slice along `dim`, which goes."""
    return x[(*(slice(None),) * (dim % x.ndim), index)]


@method
def unbind(x, dim=0):
    """A tuple of the slices along `dim`, which goes."""
    return tuple(x.select(dim, i) for i in range(x.shape[dim]))


@method
def chunk(x, chunks, dim=0):
    """At most so many pieces along `dim`, as equal as can be but for the last."""
    return x.split(max(1, -(-x.shape[dim] // chunks)), dim)


# Shape.
@operation
def tril(x, *, diagonal=0):
    """x with zeros above a diagonal."""
    return np.tril(x, diagonal)


@operation
def triu(x, *, diagonal=0):
    """x with zeros below a diagonal."""
    return np.triu(x, diagonal)


derivative(tril)(lambda grad, out, x, diagonal=0: np.tril(grad, diagonal))
derivative(triu)(lambda grad, out, x, diagonal=0: np.triu(grad, diagonal))
Tensor.tril, Tensor.triu = tril, triu


@operation
def _flipped(x, *, dims):
    return np.flip(x, dims)


derivative(_flipped)(lambda grad, out, x, dims: np.flip(grad, dims))


def _listed(args):
    """The arguments, which may have come as one list."""
    return tuple(args[0]) if len(args) == 1 and not isinstance(args[0], int) else args


@method
def flip(x, *places, dims=()):
    """x with the order along these dimensions turned round."""
    dims = _listed(places) or (dims if np.iterable(dims) else (dims,))
    return x.apply(_flipped.function, x, dims=tuple(dims))


@operation
def _rolled(x, *, shifts, dims):
    return np.roll(x, shifts, dims)


@derivative(_rolled)
def _(grad, out, x, shifts, dims):
    return np.roll(grad, -np.array(shifts), dims)


@method
def roll(x, shifts, dims=None):
    """x with its values moved along `dims`; what goes out at one end comes in at the other."""
    return x.apply(_rolled.function, x, shifts=shifts, dims=dims)


@operation
def _tiled(x, *, sizes):
    return np.tile(x, sizes)


@derivative(_tiled)
def _(grad, out, x, sizes):
    own = (1,) * (len(sizes) - x.ndim) + x.shape
    return (
        grad.reshape([n for pair in zip(sizes, own) for n in pair])
        .sum(tuple(range(0, 2 * len(own), 2)))
        .reshape(x.shape)
    )


@method
def repeat(x, *sizes):
    """x side by side with itself, so many times along each dimension."""
    return x.apply(_tiled.function, x, sizes=_listed(sizes))


@method
def tile(x, *dims):
    """As repeat, where dimensions on the left may be left out."""
    dims = _listed(dims)
    return x.repeat(*(1,) * (x.ndim - len(dims)), *dims)


@method
def repeat_interleave(x, repeats, dim=None):
    """Each slice along `dim` so many times, one behind the other."""
    x, dim = (x.flatten(), 0) if dim is None else (x, dim)
    return x.index_select(dim, np.repeat(np.arange(x.shape[dim]), unwrap(repeats)))


@operation
def _diagonal(x, *, offset, dim1, dim2):
    return np.diagonal(x, offset, dim1, dim2)


@derivative(_diagonal)
def _(grad, out, x, offset, dim1, dim2):
    result = np.zeros(x.shape, grad.dtype)
    np.put(result, np.diagonal(np.arange(x.size).reshape(x.shape), offset, dim1, dim2), grad)
    return result


@method
def diagonal(x, offset=0, dim1=0, dim2=1):
    """The values whose positions along two dimensions are equal, or `offset` apart; a last dimension holds them."""
    return x.apply(_diagonal.function, x, offset=offset, dim1=dim1, dim2=dim2)


@operation
def _on_diagonal(x, *, offset):
    return np.diag(x, offset)


derivative(_on_diagonal)(lambda grad, out, x, offset: np.diagonal(grad, offset))


@method
def diag(x, diagonal=0):
    """A matrix's diagonal, or the matrix with the vector x as its diagonal."""
    return x.diagonal(diagonal) if x.ndim == 2 else _on_diagonal(x, offset=diagonal)


@method
def diag_embed(x):
    """Matrices with the last dimension as their diagonals."""
    return x.unsqueeze(-1) * np.eye(x.shape[-1], dtype=x.dtype)


@method
def trace(x):
    """The sum of a matrix's diagonal."""
    return x.diagonal().sum()


@method
def t(x):
    """A matrix with rows and columns swapped; a vector as it is."""
    if x.ndim > 2:
        raise ValueError(
            f"t() takes a matrix, not {x.shape}: name the two with transpose(dim0, dim1)"
        )
    return x.T


@method
def ravel(x):
    """All values in a row."""
    return x.flatten()


@method
def movedim(x, source, destination):
    """x with the dimension `source` moved to `destination`."""
    order = [d for d in range(x.ndim) if d != source % x.ndim]
    order.insert(destination % x.ndim, source % x.ndim)
    return x.permute(*order)


@method
def unflatten(x, dim, sizes):
    """One dimension cut into several."""
    dim %= x.ndim
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])


def _as(change):
    def function(x, other):
        return getattr(x, change)(other.shape)

    function.__name__, function.__doc__ = f"{change}_as", f"x.{change}(other.shape)."
    return method(function)


view_as, reshape_as, expand_as = _as("view"), _as("reshape"), _as("expand")
Tensor.swapaxes = Tensor.swapdims = swapaxes = Tensor.transpose
Tensor.mT = property(
    lambda x: x.transpose(-2, -1), doc="A view with the last two dimensions swapped."
)


def vstack(tensors):
    """Tensors one below the other; vectors are rows."""
    return cat([x if x.ndim > 1 else x.reshape(1, -1) for x in tensors])


def hstack(tensors):
    """Tensors side by side."""
    tensors = list(tensors)
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


def dstack(tensors):
    """Tensors behind each other, along the third dimension."""
    return cat([atleast_3d(x) for x in tensors], 2)


def atleast_1d(x):
    """x with one dimension at least."""
    return x.reshape(1) if x.ndim == 0 else x


def atleast_2d(x):
    """x with two dimensions at least; a vector is a row."""
    return x.reshape(1, -1) if x.ndim < 2 else x


def atleast_3d(x):
    """x with three dimensions at least; a matrix gets the third."""
    return x if x.ndim > 2 else atleast_2d(x).unsqueeze(-1)


@method
def broadcast_to(x, size):
    """x, expanded to a shape."""
    return x.expand(size)


@method
def tensor_split(x, sections, dim=0):
    """So many pieces along `dim`, as equal as can be, or those between the places listed."""
    pieces = np.array_split(np.arange(x.shape[dim]), sections, axis=0)
    return tuple(x.narrow(dim, int(p[0]) if len(p) else 0, len(p)) for p in pieces)


@method
def hsplit(x, sections):
    """Pieces side by side."""
    return x.tensor_split(sections, 0 if x.ndim == 1 else 1)


def meshgrid(*tensors, indexing="ij"):
    """For each of some vectors, its values along a dimension of its own, all in the shape of the grid."""
    tensors = tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else tensors
    sizes = tuple(len(x) for x in tensors)
    made = [
        x.reshape((-1,) + (1,) * (len(sizes) - 1 - i)).expand(sizes) for i, x in enumerate(tensors)
    ]
    return tuple(x.transpose(0, 1) for x in made) if indexing == "xy" else tuple(made)


def cartesian_prod(*tensors):
    """All combinations of values of some vectors, one a row."""
    return stack([x.flatten() for x in meshgrid(*tensors)], dim=1)


def broadcast_tensors(*tensors):
    """The tensors, each expanded to the shape that they have together."""
    shape = np.broadcast_shapes(*(x.shape for x in tensors))
    return tuple(x.expand(shape) for x in tensors)


# Products.
@method
def matmul(x, other):
    """x @ other."""
    return x @ other


@method
def mm(x, mat2):
    """The product of two matrices."""
    return _product(x, mat2, 2)


spmm = mm


@method
def bmm(x, mat2):
    """The products of two batches of matrices."""
    return _product(x, mat2, 3)


def _product(a, b, ndim):
    if not a.ndim == b.ndim == ndim:
        raise ValueError(f"both must have {ndim} dimensions, not {a.shape} and {b.shape}: use @")
    return a @ b


@method
def mv(x, vec):
    """A matrix times a vector."""
    return x @ vec


@method
def dot(x, other):
    """The sum of the products of two vectors."""
    if not x.ndim == other.ndim == 1:
        raise ValueError(f"dot takes two vectors, not {x.shape} and {other.shape}: use @")
    return x @ other


@method
def inner(x, other):
    """The sum of the products along the last dimension."""
    return (x * other).sum(-1) if x.ndim == other.ndim == 1 else x @ other.transpose(-2, -1)


def tensordot(a, b, dims=2):
    """Products, summed over pairs of dimensions: the last of a and the first of b, or those listed."""
    left, right = (range(a.ndim - dims, a.ndim), range(dims)) if isinstance(dims, int) else dims
    left, right = [d % a.ndim for d in left], [d % b.ndim for d in right]
    rest = [d for d in range(a.ndim) if d not in left], [d for d in range(b.ndim) if d not in right]
    count = math.prod(a.shape[d] for d in left)
    product = a.permute(*rest[0], *left).reshape(-1, count) @ b.permute(*right, *rest[1]).reshape(
        count, -1
    )
    return product.reshape([a.shape[d] for d in rest[0]] + [b.shape[d] for d in rest[1]])


def cdist(x1, x2, p=2.0):
    """The distance of each row of one from each row of the other: (..., n, d), (..., m, d) -> (..., n, m)."""
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


@method
def outer(x, vec2):
    """Each value of one vector times each of another: (n,), (m,) -> (n, m)."""
    return x.unsqueeze(1) * vec2


@method
def addmm(x, mat1, mat2, *, beta=1, alpha=1):
    """beta * x + alpha * mat1 @ mat2."""
    return beta * x + alpha * (mat1 @ mat2)


@method
def baddbmm(x, batch1, batch2, *, beta=1, alpha=1):
    """As addmm, for batches."""
    return beta * x + alpha * (batch1 @ batch2)


def _terms(equation, shapes):
    """The letters of each input and of the output of an einsum, with letters in the place of an ellipsis."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in equation]
    rest = max(len(shape) - len(term.replace("...", "")) for term, shape in zip(inputs, shapes))
    if not arrow:
        once = sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
        right = ("..." if "..." in left else "") + "".join(once)
    named = []
    for term, shape in zip(inputs, shapes):
        here = len(shape) - len(term.replace("...", ""))
        named.append(term.replace("...", "".join(spare[rest - here : rest])))
    return named, right.replace("...", "".join(spare[:rest]))


def _einsum(*arrays, equation):
    inputs, output = _terms(equation, [a.shape for a in arrays])
    return np.einsum(f"{','.join(inputs)}->{output}", *arrays, optimize=len(arrays) > 1)


@derivative(_einsum)
def _(grad, out, *arrays, equation):
    inputs, output = _terms(equation, [a.shape for a in arrays])

    def by(i):
        others = [(t, a) for j, (t, a) in enumerate(zip(inputs, arrays)) if j != i]
        if len(set(inputs[i])) < len(inputs[i]):
            raise NotImplementedError(
                f"einsum has no derivative where a letter stands twice in one input: {equation}"
            )
        known = set(output).union(*(t for t, _ in others))
        kept = "".join(
            c for c in inputs[i] if c in known
        )  # the others were summed over: their gradient is spread
        terms = ",".join([output, *(t for t, _ in others)])
        part = np.einsum(f"{terms}->{kept}", grad, *(a for _, a in others), optimize=True)
        spread = part.reshape([n if c in known else 1 for c, n in zip(inputs[i], arrays[i].shape)])
        return np.broadcast_to(spread, arrays[i].shape)

    return tuple((lambda i=i: by(i)) for i in range(len(arrays)))


def einsum(equation, *tensors):
    """Sums of products, as the equation says: einsum("bij,bjk->bik", a, b) is a @ b."""
    tensors = tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else tensors
    return leader(*tensors).apply(_einsum, *tensors, equation=equation)


# Comparing whole tensors.
@method
def equal(x, other):
    """Whether two tensors have one shape and the same values."""
    return np.array_equal(unwrap(x), unwrap(other))


@method
def allclose(x, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether all values differ by at most atol + rtol * |other|."""
    return bool(np.allclose(unwrap(x), unwrap(other), rtol, atol, equal_nan))


@method
def isclose(x, other, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether each two values differ by at most atol + rtol * |other|."""
    return Tensor.wrap(np.isclose(unwrap(x), unwrap(other), rtol, atol, equal_nan))


# Chance.
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
    return Tensor.wrap((_drawn(x.shape, generator) < (x.array if p is None else p)).astype(x.dtype))


def normal(mean=0.0, std=1.0, size=None, *, generator=None):
    """Normal numbers with these means and standard deviations, tensors or numbers."""
    shape = (
        np.broadcast_shapes(np.shape(unwrap(mean)), np.shape(unwrap(std)))
        if size is None
        else tuple(size)
    )
    return randn(*shape, generator=generator) * std + mean


def randint(low, high=None, size=None, *, generator=None, dtype=np.int64, requires_grad=False):
    """Whole numbers from low up to but not including high; randint(high, size) starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    return Tensor.wrap(
        (generator or default_generator).integers(low, high, tuple(size)).astype(dtype)
    )


def randperm(n, *, generator=None):
    """The numbers from 0 to n - 1 in an order by lot."""
    return Tensor.wrap((generator or default_generator).permutation(n))


# In place. What is computed anew is written into the tensor's own memory.
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
    bernoulli nan_to_num cumsum
""".split():
    setattr(Tensor, f"{_name}_", _in_place(_name))


def _scaled(op):
    """`op` in place, with a factor `alpha` of the second."""

    def method(self, other, *, alpha=1):
        return self._in_place(op, other if alpha == 1 else other * alpha)

    return method


def _reshaped(name):
    """A change of shape in place."""

    def method(self, *args):
        if self.requires_grad:
            raise RuntimeError(
                f"cannot record a change in place: make a new tensor, with {name} instead of {name}_"
            )
        self.array = getattr(self, name)(*args).array
        return self

    setattr(Tensor, f"{name}_", method)


for _name in "unsqueeze squeeze t transpose".split():
    _reshaped(_name)
Tensor.detach_ = lambda self: setattr(self, "node", None) or self.requires_grad_(False)


def _fill_diagonal_(self, value):
    """Set the values on the diagonal in place."""
    self[np.arange(min(self.shape)), np.arange(min(self.shape))] = value
    return self


Tensor.fill_diagonal_ = _fill_diagonal_
Tensor.add_, Tensor.sub_ = _scaled(np.add), _scaled(np.subtract)


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

# Operations of other modules, as methods.
Tensor.clip, Tensor.absolute, Tensor.where = (
    Tensor.clamp,
    Tensor.abs,
    lambda self, condition, y: where(condition, self, y),
)
Tensor.nelement = Tensor.numel
Tensor.ndimension = Tensor.dim
Tensor.stride = lambda self, dim=None: _strides(self) if dim is None else _strides(self)[dim]
Tensor.grad_fn = property(lambda self: self.node, doc="The operation that made the tensor.")


def _strides(x):
    return tuple(step // x.array.itemsize for step in x.array.strides)
