"""Values picked, and written, by their positions."""

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.tensor import leader, operation, unwrap
from tinytorch.operations.shared import method


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


@method
def take_along_dim(x, indices, dim=None):
    """The values at these positions along `dim`, or of all in a row; other dimensions broadcast."""
    if dim is None:
        return gather(x.flatten(), 0, indices.flatten())
    sizes = [list(t.shape) for t in (x, indices)]
    for size in sizes:
        size[dim] = 1
    both = np.broadcast_shapes(*sizes)
    for size, t in zip(sizes, (x, indices)):
        size[:] = both
        size[dim] = t.shape[dim]
    return gather(x.expand(sizes[0]), dim, indices.expand(sizes[1]))


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
def scatter(x, dim, index, src=None, *, value=None, reduce=None):
    """x with the values of `src`, or one value, at the positions in `index` along `dim`; reduce="add" adds them."""
    src = value if src is None else src
    if reduce is not None:
        if reduce != "add":
            raise ValueError(f'scatter knows reduce="add", not {reduce!r}')
        src = src if isinstance(src, Tensor) else Tensor.wrap(np.full(index.shape, src, x.dtype))
        return x.scatter_add(dim, index, src)
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
def index_copy(x, dim, index, source):
    """x with the slices of `source` at these positions along `dim`."""
    index = np.expand_dims(unwrap(index), [d for d in range(x.ndim) if d != dim % x.ndim])
    return x.scatter(dim, Tensor.wrap(np.broadcast_to(index, source.shape)), source)


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
    if chunks < 1:
        raise ValueError(f"there is 1 piece or more, not {chunks}")
    return x.split(max(1, -(-x.shape[dim] // chunks)), dim)


@operation
def _put(x, values, *, places, accumulate):
    result = x.copy()
    if accumulate:
        np.add.at(result, places, values)
    else:
        result[places] = values
    return result


@derivative(_put)
def _(grad, out, x, values, places, accumulate):
    def by_x():
        if accumulate:
            return grad
        result = grad.copy()
        result[places] = 0
        return result

    return by_x, lambda: grad[places]


@method
def index_put(x, indices, values, accumulate=False):
    """x with `values` at the places that a tuple of indices says, or with `accumulate` added to what is there."""
    places = tuple(i if isinstance(i, slice) else unwrap(i) for i in indices)
    return leader(x, values).apply(_put.function, x, values, places=places, accumulate=accumulate)


@method
def masked_scatter(x, mask, source):
    """x with the values of `source`, one after the other, where `mask` is true."""
    mask = np.broadcast_to(unwrap(mask), x.shape)
    return x.index_put((mask,), source.flatten()[: int(mask.sum())])


@operation
def _scattered_best(x, src, *, dim, index, best):
    result = x.copy()
    best.at(result, _along(x.shape, dim, index), src[tuple(slice(n) for n in index.shape)])
    return result


@derivative(_scattered_best)
def _(grad, out, x, src, dim, index, best):  # those that tie share the gradient
    places = _along(x.shape, dim, index)
    stays, comes = x == out, src[tuple(slice(n) for n in index.shape)] == out[places]
    count = stays.astype(grad.dtype)
    np.add.at(count, places, comes.astype(grad.dtype))
    share = grad / np.maximum(count, 1)
    return lambda: share * stays, lambda: _padded(share[places] * comes, src)


_NEUTRAL = {"sum": 0, "mean": 0, "amax": -np.inf, "amin": np.inf}


@method
def scatter_reduce(x, dim, index, src, reduce, *, include_self=True):
    """The sum, mean, amax or amin of the values of `src` that `index` sends to each place along `dim`, and of x."""
    if reduce not in _NEUTRAL:
        raise ValueError(f"scatter_reduce knows {', '.join(_NEUTRAL)}, not {reduce!r}")
    if not include_self:
        x = x.scatter(dim, index, _NEUTRAL[reduce])
    if reduce in ("sum", "mean"):
        total = x.scatter_add(dim, index, src)
        if reduce == "sum":
            return total
        counts = Tensor.wrap(np.ones(x.shape, x.dtype))
        counts = counts if include_self else counts.scatter(dim, index, 0)
        one = Tensor.wrap(np.ones(src.shape, x.dtype))
        return total / counts.scatter_add(dim, index, one)
    best = np.maximum if reduce == "amax" else np.minimum
    options = dict(dim=dim, index=unwrap(index), best=best)
    return leader(x, src).apply(_scattered_best.function, x, src, **options)


@method
def select_scatter(x, src, dim, index):
    """x with `src` in the place of one slice along `dim`."""
    return x.index_put((*(slice(None),) * (dim % x.ndim), index), src)


@method
def slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    """x with `src` in the place of some slices along `dim`."""
    return x.index_put((*(slice(None),) * (dim % x.ndim), slice(start, end, step)), src)


@method
def split_with_sizes(x, split_sizes, dim=0):
    """Pieces of these lengths along `dim`."""
    return x.split(list(split_sizes), dim)
