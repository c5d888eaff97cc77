"""Changes of shape, triangles, diagonals."""

import itertools

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.tensor import operation, unwrap
from tinytorch.operations.shared import by_name, cat, method, stack, where


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
def repeat(x, *repeats):
    """x side by side with itself, so many times along each dimension."""
    return x.apply(_tiled.function, x, sizes=_listed(repeats))


@method
def tile(x, *dims):
    """As repeat, where dimensions on the left may be left out."""
    dims = _listed(dims)
    return x.repeat(*(1,) * (x.ndim - len(dims)), *dims)


@method
def repeat_interleave(x, repeats=None, dim=None, *, output_size=None):
    """Each slice along `dim` so many times, one behind the other; with `repeats` alone, the numbers of the slices."""
    if repeats is None:
        x, repeats = Tensor.wrap(np.arange(len(x))), x
    x, dim = (x.flatten(), 0) if dim is None else (x, dim)
    return x.index_select(dim, np.repeat(np.arange(x.shape[dim]), unwrap(repeats)))


@operation
def _diagonal(x, *, offset, dim1, dim2):
    view = np.diagonal(x, offset, dim1, dim2)
    view.flags.writeable = x.flags.writeable  # NumPy's is not, PyTorch's is
    return view


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
def diag_embed(x, offset=0, dim1=-2, dim2=-1):
    """Matrices, along two new dimensions, with the last dimension on their diagonals, or `offset` above."""
    n = x.shape[-1] + abs(offset)
    places = np.arange(x.shape[-1]) * (n + 1) + max(-offset, 0) * n + max(offset, 0)
    flat = Tensor.wrap(np.zeros((*x.shape[:-1], n * n), x.dtype))
    return flat.index_copy(-1, places, x).unflatten(-1, (n, n)).movedim((-2, -1), (dim1, dim2))


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
    """x with the dimension `source`, or several, moved to `destination`."""
    source, destination = (np.atleast_1d(dims) % x.ndim for dims in (source, destination))
    order = [d for d in range(x.ndim) if d not in source]
    for to, place in sorted(zip(destination.tolist(), source.tolist())):
        order.insert(to, place)
    return x.permute(*order)


moveaxis = Tensor.moveaxis = movedim


@method
def unflatten(x, dim, sizes):
    """One dimension cut into several."""
    dim, sizes = dim % x.ndim, _listed((sizes,))
    return x.reshape(*x.shape[:dim], *sizes, *x.shape[dim + 1 :])


def _as(change):
    def function(x, other):
        return getattr(x, change)(other.shape)

    function.__name__, function.__doc__ = f"{change}_as", f"x.{change}(other.shape)."
    return method(function)


view_as, reshape_as, expand_as = _as("view"), _as("reshape"), _as("expand")


@method
def swapaxes(x, axis0, axis1):
    """A view with two dimensions swapped."""
    return x.transpose(axis0, axis1)


@method
def swapdims(x, dim0, dim1):
    """A view with two dimensions swapped."""
    return x.transpose(dim0, dim1)


Tensor.mT = Tensor.mH = property(
    lambda x: x.transpose(-2, -1), doc="A view with the last two dimensions swapped."
)
Tensor.H = Tensor.T


for _change, _name in {
    "reshape": "shape", "view": "size", "expand": "size", "permute": "dims", "repeat": "repeats", "tile": "dims",
}.items():  # fmt: skip
    by_name(_change, _name)
by_name("split", "split_size", "split_size_or_sections")


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
def tensor_split(x, indices_or_sections, dim=0):
    """So many pieces along `dim`, as equal as can be, or those between the places listed."""
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    pieces = np.array_split(np.arange(x.shape[dim]), indices_or_sections)
    return tuple(x.narrow(dim, int(p[0]) if len(p) else 0, len(p)) for p in pieces)


@method
def hsplit(x, sections):
    """Pieces side by side."""
    return x.tensor_split(sections, 0 if x.ndim == 1 else 1)


@method
def vsplit(x, sections):
    """Pieces one below the other."""
    return x.tensor_split(sections, 0)


@method
def unfold(x, dimension, size, step):
    """The windows of so many values along a dimension, one every `step`; a last dimension holds their values."""
    starts = np.arange(0, x.shape[dimension] - size + 1, step)[:, None]
    dim = dimension % x.ndim
    return x[(*(slice(None),) * dim, starts + np.arange(size))].movedim(dim + 1, -1)


@method
def rot90(x, k=1, dims=(0, 1)):
    """x turned by k quarters of a circle, from the first of two dimensions towards the second."""
    a, b = dims
    if k % 4 == 2:
        return x.flip(a, b)
    return {
        0: lambda: x,
        1: lambda: x.flip(b).transpose(a, b),
        3: lambda: x.flip(a).transpose(a, b),
    }[k % 4]()


@method
def argwhere(x):
    """The positions of values that are not 0, one a row."""
    return x.nonzero()


def tril_indices(row, col, offset=0):
    """The positions of a matrix's lower triangle: (2, how many)."""
    return Tensor.wrap(np.stack(np.tril_indices(row, offset, col)))


def triu_indices(row, col, offset=0):
    """The positions of a matrix's upper triangle: (2, how many)."""
    return Tensor.wrap(np.stack(np.triu_indices(row, offset, col)))


def column_stack(tensors):
    """Tensors side by side; vectors are columns."""
    return hstack([x.reshape(-1, 1) if x.ndim < 2 else x for x in tensors])


def block_diag(*tensors):
    """A matrix with these matrices along its diagonal, and zeros elsewhere."""
    tensors = [atleast_2d(x) for x in tensors]
    width, rows, before = sum(x.shape[1] for x in tensors), [], 0
    for x in tensors:
        left, right = (
            np.zeros((len(x), n), x.dtype) for n in (before, width - before - x.shape[1])
        )
        rows.append(cat([Tensor.wrap(left), x, Tensor.wrap(right)], 1))
        before += x.shape[1]
    return cat(rows)


def combinations(input, r=2, with_replacement=False):
    """All choices of r of a vector's values, one a row."""
    chosen = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = list(chosen(range(len(input)), r))
    return input[np.array(places, np.int64).reshape(-1, r)]


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


@method
def fliplr(x):
    """Columns in the other order."""
    return x.flip(1)


@method
def flipud(x):
    """Rows in the other order."""
    return x.flip(0)


@method
def diagflat(x, offset=0):
    """The matrix with all values of x as its diagonal."""
    return x.flatten().diag(offset)


@method
def adjoint(x):
    """x with the last two dimensions swapped."""
    return x.mT


def vander(x, N=None, increasing=False):
    """The powers of each value of a vector, one a row."""
    powers = np.arange(len(x) if N is None else N)
    return x.unsqueeze(-1) ** (powers if increasing else powers[::-1]).astype(x.dtype)


def trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The area below a line through the values along `dim`, which are `dx` apart, or stand at `x`."""
    n = y.shape[dim]
    means = (y.narrow(dim, 1, n - 1) + y.narrow(dim, 0, n - 1)) / 2
    return (means * (dx if x is None else x.diff(dim=-1))).sum(dim)


trapz = trapezoid
row_stack = vstack
