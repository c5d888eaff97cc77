"""Products of matrices and of more, and comparisons of whole tensors."""

import functools
import math
from collections import namedtuple

import numpy as np

from tinytorch.autograd import Tensor, derivative, is_grad_enabled
from tinytorch.tensor import floats, leader, operation, unwrap
from tinytorch.operations.shared import method


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


vdot = Tensor.vdot = dot


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


@method
def addmv(x, mat, vec, *, beta=1, alpha=1):
    """beta * x + alpha * mat @ vec."""
    return beta * x + alpha * (mat @ vec)


@method
def addr(x, vec1, vec2, *, beta=1, alpha=1):
    """beta * x + alpha * outer(vec1, vec2)."""
    return beta * x + alpha * vec1.outer(vec2)


@method
def addbmm(x, batch1, batch2, *, beta=1, alpha=1):
    """beta * x + alpha * the sum of the products of two batches of matrices."""
    return beta * x + alpha * (batch1 @ batch2).sum(0)


@method
def kron(x, other):
    """Each value of x times all of `other`, side by side: vectors or matrices."""
    a, b = (t.reshape(1, -1) if t.ndim < 2 else t for t in (x, other))
    out = a[:, None, :, None] * b[None, :, None, :]
    out = out.reshape(len(a) * len(b), -1)
    return out if max(x.ndim, other.ndim) > 1 else out[0]


@method
def cross(x, other, dim=-1):
    """The vector at right angles to two of three values along `dim`."""
    if x.shape[dim] != 3 or other.shape[dim] != 3:
        raise ValueError(f"cross takes 3 values along dim {dim}, not {x.shape} and {other.shape}")
    return x.roll(-1, dim) * other.roll(-2, dim) - x.roll(-2, dim) * other.roll(-1, dim)


# Square matrices.
@method
@operation(only_floats=True)
def inverse(x):
    """The matrix that gives the identity times x."""
    return np.linalg.inv(x)


@derivative(inverse)
def _(grad, out, x):
    turned = out.swapaxes(-1, -2)
    return -turned @ grad @ turned


@method
@operation(only_floats=True)
def det(x):
    """The determinant."""
    return np.linalg.det(x)


@derivative(det)
def _(grad, out, x):
    return (grad * out)[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)


def solve(A, B):
    """The X of A @ X = B."""
    return A.inverse() @ B


@operation(only_floats=True)
def _logabsdet(x):
    return np.linalg.slogdet(x).logabsdet


@derivative(_logabsdet)
def _(grad, out, x):
    return grad[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)


_Determinant = namedtuple("slogdet", "sign logabsdet")


@method
def slogdet(x):
    """The determinant's sign, and the logarithm of its size: (sign, logabsdet)."""
    return _Determinant(Tensor.wrap(np.linalg.slogdet(floats(x).array).sign), _logabsdet(x))


@method
def logdet(x):
    """The logarithm of the determinant."""
    return x.det().log()


def solve_triangular(A, B, *, upper, left=True, unitriangular=False):
    """The X of A @ X = B, or with left=False of X @ A = B, where only one triangle of A counts."""
    A = A.triu() if upper else A.tril()
    if unitriangular:
        A = A - A.diagonal(0, -2, -1).diag_embed() + np.eye(A.shape[-1], dtype=A.dtype)
    return A.inverse() @ B if left else B @ A.inverse()


@method
@operation(only_floats=True)
def cholesky(x):
    """The lower triangular matrix whose product with its transpose is x, symmetric and positive."""
    return np.linalg.cholesky(x)


@derivative(cholesky)
def _(grad, out, x):  # Murray 2016, equation 10
    inner = np.tril(out.swapaxes(-1, -2) @ grad)
    inner -= 0.5 * inner * np.eye(x.shape[-1], dtype=x.dtype)
    back = np.linalg.inv(out)
    found = back.swapaxes(-1, -2) @ inner @ back
    return (found + found.swapaxes(-1, -2)) / 2


def _decomposition(name, function, fields=()):
    """`function` of a matrix, as a tensor or several by name; there is no derivative rule."""
    results = namedtuple(name, fields) if fields else None

    def made(A, *args, **options):
        if A.requires_grad and is_grad_enabled():
            raise NotImplementedError(f"{name} has no derivative rule here: give it A.detach()")
        found = function(floats(A).array, *args, **options)
        return results(*map(Tensor.wrap, found)) if fields else Tensor.wrap(np.asarray(found))

    made.__name__, made.__doc__ = (
        name,
        f"NumPy's `{function.__name__}`, of which no gradient is known.",
    )
    return made


svd = _decomposition("svd", np.linalg.svd, "U S Vh")
qr = _decomposition("qr", np.linalg.qr, "Q R")
eigh = _decomposition("eigh", np.linalg.eigh, "eigenvalues eigenvectors")
lstsq = _decomposition(
    "lstsq",
    lambda A, B: np.linalg.lstsq(A, unwrap(B), None),
    "solution residuals rank singular_values",
)
eigvalsh = _decomposition("eigvalsh", np.linalg.eigvalsh)
svdvals = _decomposition("svdvals", lambda A: np.linalg.svd(A, compute_uv=False))
pinv = _decomposition("pinv", np.linalg.pinv)
matrix_rank = _decomposition("matrix_rank", np.linalg.matrix_rank)
cond = _decomposition("cond", np.linalg.cond)


@method
def matrix_power(x, n):
    """x @ x @ … with n factors, or that of its inverse."""
    x, n = (x.inverse(), -n) if n < 0 else (x, n)
    whole = Tensor.wrap(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape))
    return functools.reduce(lambda a, b: a @ b, [x] * n) if n else whole


def chain_matmul(*matrices):
    """The product of several matrices."""
    return multi_dot(matrices)


def matrix_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices."""
    return A.diagonal(offset, dim1, dim2)


def vecdot(x, y, *, dim=-1):
    """The sum of the products along a dimension."""
    return (x * y).sum(dim)


def cov(x, *, correction=1):
    """How much each two rows vary together: (rows, values) -> (rows, rows)."""
    apart = x - x.mean(-1, keepdim=True)
    return apart @ apart.T / (x.shape[-1] - correction)


def corrcoef(x):
    """As cov, over both standard deviations."""
    found = cov(x)
    scale = found.diagonal().sqrt()
    return found / scale[:, None] / scale


Tensor.cov, Tensor.corrcoef = cov, corrcoef


def multi_dot(tensors):
    """The product of several matrices."""
    return functools.reduce(lambda a, b: a @ b, tensors)


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
                f"einsum has no derivative where a letter stands twice in one input, {equation}: use x.diagonal()"
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
