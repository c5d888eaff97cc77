"""Tensors: blocks of numbers with a shape, and the operations on them.

Written in modules/01_tensor/tensor.ipynb.
"""

import itertools
import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

__all__ = [
    "as_array",
    "Tensor",
    "unwrap",
    "leader",
    "broadcast_shapes",
    "elementwise",
    "cast",
    "maximum",
    "where",
    "contiguous_strides",
    "getitem",
    "join",
    "concatenate",
    "split",
    "stack",
    "default_generator",
    "manual_seed",
    "zeros",
    "ones",
    "full",
    "arange",
    "eye",
    "rand",
    "randn",
]


def _check_numbers(array):
    """A TypeError unless the values are bools, integers or floats."""
    if array.dtype.kind not in "biuf":
        name = array.dtype.type.__name__.rstrip("_")
        raise TypeError(f"a tensor holds numbers, not {name}")


def as_array(data, dtype=None):
    """An array with the numbers in `data`, always in new memory.

    Python numbers and lists of them become float32, or bool if they are all bools. What comes
    from NumPy keeps its dtype. `dtype` overrides both. Ragged data is a ValueError, anything
    that is not numbers a TypeError.
    """
    # Your code here
    raise NotImplementedError("as_array")


class Tensor:
    """A block of numbers with a shape; the numbers are in `data`, a NumPy array.

    `Tensor(data)` copies a number, nested lists, an array or a tensor. Python numbers become
    float32, arrays and tensors keep their dtype, and `dtype` overrides both.
    """

    # NumPy must not loop over a tensor's values on its own: with None here, `array + tensor`
    # is left to the tensor's own operators.
    __array_ufunc__ = None

    def __init__(self, data, dtype=None):
        self.data = as_array(data.data if isinstance(data, Tensor) else data, dtype)

    @classmethod
    def wrap(cls, array):
        """A tensor around `array` itself, not a copy."""
        tensor = cls.__new__(cls)
        tensor.data = np.asarray(array)
        return tensor

    @property
    def shape(self):
        """The size of each axis, as a tuple."""
        return self.data.shape

    @property
    def ndim(self):
        """How many axes there are."""
        return self.data.ndim

    @property
    def size(self):
        """How many values there are."""
        return self.data.size

    @property
    def dtype(self):
        """The kind of number, a NumPy dtype."""
        return self.data.dtype

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("a tensor of shape () has no length")
        return self.shape[0]

    def __repr__(self):
        head = f"{type(self).__name__}("
        values = np.array2string(self.data, separator=", ", prefix=head, precision=4, threshold=100)
        dtype = "" if self.dtype == np.float32 else f", dtype={self.dtype}"
        return f"{head}{values}, shape={self.shape}{dtype})"

    def item(self):
        """The only value, as a Python number; a ValueError if there are more or none."""
        if self.size != 1:
            raise ValueError(f"one value expected, but shape {self.shape} holds {self.size}")
        return self.data.item()

    def tolist(self):
        """The values as nested lists of Python numbers."""
        return self.data.tolist()

    def numpy(self):
        """The array itself: it shares its memory with the tensor."""
        return self.data

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __hash__(self):
        return id(self)

    def apply(self, op, *inputs, **options):
        """Run `op`, a function on arrays, and wrap its result: all operations pass through here.

        Inputs are tensors, arrays or numbers; options go to `op` as they are. The result has the
        class of `self` and shares memory with an input where `op` returns a view. It is float64
        only if an input is, or if the option `dtype` says so.
        """
        # Your code here
        raise NotImplementedError("apply")

    # Operators: the other side may be a tensor, an array or a number.
    def __add__(self, other):
        return elementwise(np.add, self, other)

    def __sub__(self, other):
        return elementwise(np.subtract, self, other)

    def __mul__(self, other):
        return elementwise(np.multiply, self, other)

    def __truediv__(self, other):
        return elementwise(np.true_divide, self, other)

    def __floordiv__(self, other):
        return elementwise(np.floor_divide, self, other)

    def __mod__(self, other):
        return elementwise(np.remainder, self, other)

    def __pow__(self, other):
        return elementwise(np.power, self, other)

    def __neg__(self):
        return elementwise(np.negative, self)

    # Reflected operators: `self` stands on the right, and the left side knows no tensors.
    def __rsub__(self, other):
        # Your code here
        raise NotImplementedError("rsub")

    def __radd__(self, other):
        return elementwise(np.add, other, self)

    def __rmul__(self, other):
        return elementwise(np.multiply, other, self)

    def __rtruediv__(self, other):
        return elementwise(np.true_divide, other, self)

    def __rfloordiv__(self, other):
        return elementwise(np.floor_divide, other, self)

    def __rmod__(self, other):
        return elementwise(np.remainder, other, self)

    def __rpow__(self, other):
        return elementwise(np.power, other, self)

    # Comparisons: a tensor of bools.
    def __eq__(self, other):
        return NotImplemented if other is None else elementwise(np.equal, self, other)

    def __ne__(self, other):
        return NotImplemented if other is None else elementwise(np.not_equal, self, other)

    def __lt__(self, other):
        return elementwise(np.less, self, other)

    def __le__(self, other):
        return elementwise(np.less_equal, self, other)

    def __gt__(self, other):
        return elementwise(np.greater, self, other)

    def __ge__(self, other):
        return elementwise(np.greater_equal, self, other)

    # Functions, value by value.
    def exp(self):
        """e to the power of each value."""
        return elementwise(np.exp, self)

    def log(self):
        """The natural logarithm of each value."""
        return elementwise(np.log, self)

    def sqrt(self):
        """The square root of each value."""
        return elementwise(np.sqrt, self)

    def abs(self):
        """Each value without its sign; also `abs(x)`."""
        return elementwise(np.absolute, self)

    def __abs__(self):
        return elementwise(np.absolute, self)

    def clip(self, min=None, max=None):
        """Each value, but at least `min` and at most `max`, which are numbers; None is no limit."""
        min, max = (None if limit is None else unwrap(limit) for limit in (min, max))
        return self.apply(np.clip, self, min=min, max=max)

    def astype(self, dtype):
        """The values as another dtype, in new memory."""
        return self.apply(cast, self, dtype=np.dtype(dtype))

    # Reductions: `axis` is an int, a tuple of ints, or None for all axes.
    def sum(self, axis=None, keepdims=False):
        """The sum over `axis`, which disappears, or stays with size 1 if `keepdims`."""
        return self.apply(np.sum, self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        """The largest value over `axis`."""
        return self.apply(np.max, self, axis=axis, keepdims=keepdims)

    def min(self, axis=None, keepdims=False):
        """The smallest value over `axis`."""
        return self.apply(np.min, self, axis=axis, keepdims=keepdims)

    def argmax(self, axis=None, keepdims=False):
        """The position of the largest value along `axis`, an int, or in all values if None."""
        return self.apply(np.argmax, self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        """The mean over `axis`; integers give float32."""
        # Your code here
        raise NotImplementedError("mean")

    def var(self, axis=None, correction=1, keepdims=False):
        """The variance over `axis`: squared distances from the mean, over n - `correction`."""
        # Your code here
        raise NotImplementedError("var")

    # Memory and shape.
    def is_contiguous(self):
        """Whether the values stand in memory in reading order, without gaps."""
        strides = contiguous_strides(self.shape, self.data.itemsize)
        walked = zip(self.shape, self.data.strides, strides)
        return self.size == 0 or all(has == wants for n, has, wants in walked if n > 1)

    def contiguous(self):
        """The tensor itself if it is contiguous, else a copy that is."""
        return self if self.is_contiguous() else self.apply(np.ascontiguousarray, self)

    def reshape(self, *shape):
        """The same values in the same order as `shape`, where one size may be -1: what is left.

        A view where strides allow it, else a copy. A ValueError if the number of values differs.
        """
        shape = _sizes(shape)
        if shape.count(-1) > 1 or min(shape, default=0) < -1:
            raise ValueError(f"sizes are 0 or more, and one may be -1; got {shape}")
        try:
            return self.apply(np.reshape, self, shape=shape)
        except ValueError:
            known = math.prod(size for size in shape if size != -1)
            wanted = f"a multiple of {known}" if -1 in shape else known
            raise ValueError(
                f"cannot reshape {self.shape} with {self.size} values into {shape} with {wanted}"
            ) from None

    def view(self, *shape):
        """As `reshape`, but always a view; a ValueError if that would take a copy."""
        result = self.reshape(*shape)
        if self.size and not np.may_share_memory(result.data, self.data):
            shapes = f"{self.shape} as {result.shape}"
            raise ValueError(f"cannot view {shapes} without copying; use reshape")
        return result

    def transpose(self, axis0, axis1):
        """A view with two axes swapped."""
        return self.apply(np.swapaxes, self, axis1=axis0, axis2=axis1)

    def permute(self, *axes):
        """A view with the axes in another order: shape (2, 3, 4) by (2, 0, 1) is (4, 2, 3)."""
        axes = _sizes(axes)
        if not len(axes) == len(set(axes)) == self.ndim:
            raise ValueError(f"cannot permute {self.shape} by {axes}: name each axis once")
        return self.apply(np.transpose, self, axes=axes)

    @property
    def T(self):
        """A view with all axes reversed: rows become columns."""
        return self.permute(*reversed(range(self.ndim)))

    def squeeze(self, axis=None):
        """A view without the axes of size 1, or without those in `axis` that have size 1."""
        axes = normalize_axis_tuple(range(self.ndim) if axis is None else axis, self.ndim)
        return self.apply(np.squeeze, self, axis=tuple(a for a in axes if self.shape[a] == 1))

    def unsqueeze(self, axis):
        """A view with a new axis of size 1 at position `axis`."""
        return self.apply(np.expand_dims, self, axis=axis)

    def expand(self, *shape):
        """A read-only view with axes of size 1 repeated to `shape`, where -1 keeps a size.

        New axes are added on the left. A ValueError if another size would have to change.
        """
        shape = _sizes(shape)
        own = (-1,) * (len(shape) - self.ndim) + self.shape
        full = tuple(has if size == -1 else size for has, size in zip(own, shape))
        try:
            return self.apply(np.broadcast_to, self, shape=full)
        except ValueError:
            message = f"cannot expand {self.shape} to {shape}: only sizes of 1 can be repeated"
            raise ValueError(message) from None

    def flatten(self, start_axis=0, end_axis=-1):
        """The axes from `start_axis` to `end_axis`, both included, merged into one."""
        start = normalize_axis_index(start_axis, max(self.ndim, 1))
        end = normalize_axis_index(end_axis, max(self.ndim, 1))
        if start > end:
            raise ValueError(f"cannot flatten {self.shape} from axis {start} back to axis {end}")
        # Your code here
        raise NotImplementedError("flatten")

    def __getitem__(self, index):
        """Index as in NumPy: a view for numbers and slices, a copy for lists, masks and tensors."""
        return self.apply(getitem, self, index=_plain(index))

    def __setitem__(self, index, value):
        """Write into this tensor's memory; every view of it sees the change."""
        self.data[_plain(index)] = unwrap(value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # Constructors: sizes as f(2, 3) or f((2, 3)).
    @classmethod
    def zeros(cls, *shape, dtype=np.float32):
        """A tensor of zeros."""
        return cls.wrap(np.zeros(_sizes(shape), dtype))

    @classmethod
    def ones(cls, *shape, dtype=np.float32):
        """A tensor of ones."""
        return cls.wrap(np.ones(_sizes(shape), dtype))

    @classmethod
    def full(cls, shape, value, dtype=np.float32):
        """A tensor filled with `value`."""
        return cls.wrap(np.full(shape, value, dtype))

    @classmethod
    def arange(cls, start, stop=None, step=1, dtype=None):
        """start, start + step, … up to but not including stop; arange(n) starts at 0.

        Integers give int64, other numbers float32.
        """
        array = np.arange(start, stop, step)
        if dtype is None:
            dtype = np.float32 if array.dtype.kind == "f" else np.int64
        return cls.wrap(array.astype(dtype))

    @classmethod
    def rand(cls, *shape, generator=None):
        """Random numbers, uniform from 0 up to but not including 1."""
        return cls.wrap((generator or default_generator).random(_sizes(shape), np.float32))

    @classmethod
    def randn(cls, *shape, generator=None):
        """Random numbers from the normal distribution with mean 0 and variance 1."""
        return cls.wrap((generator or default_generator).standard_normal(_sizes(shape), np.float32))

    @classmethod
    def eye(cls, n, m=None):
        """The (n, m) matrix with ones on the diagonal; m is n if None."""
        # Your code here
        raise NotImplementedError("eye")

    def __matmul__(self, other):
        """Matrix product, with batches: (..., n, k) @ (..., k, m) -> (..., n, m)."""
        a, b = self.shape, np.shape(unwrap(other))
        _check_batches(a, b)
        # Your code here
        raise NotImplementedError("matmul")

    def __rmatmul__(self, other):
        return self.wrap(unwrap(other)) @ self


def unwrap(x):
    """The array, or the Python number, in an input of an operation."""
    if isinstance(x, Tensor):
        return x.data
    if isinstance(x, np.generic):
        return x.item()  # a NumPy number would impose its dtype, a Python number does not
    return x if isinstance(x, (np.ndarray, int, float)) else as_array(x)


def _float64_asked_for(arrays, options):
    """Whether an input is float64, or the option `dtype` names it."""
    dtypes = [x.dtype for x in arrays if isinstance(x, np.ndarray)]
    if options.get("dtype") is not None:
        dtypes.append(options["dtype"])
    return np.dtype("float64") in dtypes


def leader(*inputs):
    """The input whose `apply` an operation uses: the tensor of the most specific class.

    So a subclass of `Tensor` stays in charge, whichever argument it is. Where no input is a
    tensor, a plain one leads.
    """
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    return max(tensors, key=_depth) if tensors else Tensor(0)


def _depth(x):
    """How many classes the class of `x` descends from."""
    return len(type(x).__mro__)


def _listed(items):
    """The items in a sentence: a, b and c."""
    *most, last = map(str, items)
    return f"{', '.join(most)} and {last}" if most else last


def _misfit(shapes, axis):
    """The sentence for shapes that do not broadcast; `axis` counts from the right: -1, -2, …"""
    sizes = _listed(shape[axis] for shape in shapes if len(shape) >= -axis)
    return (
        f"cannot broadcast {_listed(shapes)}: counted from the right, axis {axis} is {sizes}; "
        "sizes must be equal or one of them 1"
    )


def broadcast_shapes(*shapes):
    """The shape that `shapes` have after broadcasting; a ValueError says where they do not fit."""
    # Your code here
    raise NotImplementedError("broadcast_shapes")


_VERBS = {
    np.floor_divide: "divide",
    np.remainder: "take remainders of",
    np.power: "take powers of",
    np.maximum: "take the maximum of",
    np.where: "choose from",
} | dict.fromkeys(
    [np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal], "compare"
)


def elementwise(op, *inputs):
    """`op` value by value, with broadcasting; a ValueError says which shapes do not fit."""
    try:
        return leader(*inputs).apply(op, *inputs)
    except ValueError:
        try:
            broadcast_shapes(*(np.shape(unwrap(x)) for x in inputs))
        except ValueError as misfit:
            verb = _VERBS.get(op, op.__name__)
            raise ValueError(str(misfit).replace("broadcast", verb, 1)) from None
        raise  # the shapes fit, so something else is wrong


def cast(array, dtype):
    """`array.astype(dtype)`, as a function."""
    return array.astype(dtype)


def maximum(a, b):
    """The larger of `a` and `b`, value by value."""
    return elementwise(np.maximum, a, b)


def where(condition, a, b):
    """`a` where `condition` is true and `b` elsewhere, value by value."""
    return elementwise(np.where, condition, a, b)


def contiguous_strides(shape, itemsize):
    """The strides, in bytes, of values of `itemsize` bytes that fill memory in reading order."""
    # Your code here
    raise NotImplementedError("contiguous_strides")


def _sizes(args):
    """The sizes in f(2, 3) and in f((2, 3)), as a tuple."""
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


def getitem(array, index):
    """`array[index]`, as a function."""
    return array[index]


def _plain(index):
    """`index` with its tensors unwrapped."""
    if isinstance(index, tuple):
        return tuple(_plain(i) for i in index)
    return index.data if isinstance(index, Tensor) else index


def join(*arrays, axis):
    """`np.concatenate` with the arrays as arguments of their own."""
    return np.concatenate(arrays, axis=axis)


def concatenate(tensors, axis=0):
    """`tensors` end to end along `axis`; a ValueError if another axis differs in size."""
    tensors = list(tensors)
    if not tensors:
        raise ValueError("cannot concatenate an empty list of tensors")
    try:
        return leader(*tensors).apply(join, *tensors, axis=axis)
    except ValueError:
        shapes = [np.shape(unwrap(x)) for x in tensors]
        normalize_axis_index(axis, len(shapes[0]))  # the axis may be what is wrong
        raise ValueError(
            f"cannot concatenate {_listed(shapes)} along axis {axis}: the sizes of all other axes must be equal"
        ) from None


def split(tensor, size_or_sizes, axis=0):
    """A tuple of views: pieces of one size (the last may be smaller), or of the sizes listed.

    A ValueError if listed sizes do not add up to the size of `axis`.
    """
    axis = normalize_axis_index(axis, tensor.ndim)
    total = tensor.shape[axis]
    pieces = f"cannot split axis {axis} of {tensor.shape} into pieces of {size_or_sizes}"
    if isinstance(size_or_sizes, int):
        if size_or_sizes < 1:
            raise ValueError(f"{pieces}: the size must be at least 1")
        edges = [*range(0, max(total, 1), size_or_sizes), total]
    else:
        edges = [0, *itertools.accumulate(size_or_sizes)]
        if edges[-1] != total or min(size_or_sizes, default=0) < 0:
            raise ValueError(f"{pieces}: the sizes must add up to {total}")
    before = (slice(None),) * axis
    return tuple(tensor[(*before, slice(*ends))] for ends in itertools.pairwise(edges))


def stack(tensors, axis=0):
    """`tensors`, all of one shape, side by side along a new axis at position `axis`."""
    tensors = [t if isinstance(t, Tensor) else Tensor(t) for t in tensors]
    shapes = [t.shape for t in tensors]
    if len(set(shapes)) > 1:
        raise ValueError(f"cannot stack {_listed(shapes)}: the shapes must be equal")
    # Your code here
    raise NotImplementedError("stack")


default_generator = np.random.default_rng()


def manual_seed(seed):
    """Start the default generator anew: the same seed gives the same numbers."""
    default_generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state


zeros = Tensor.zeros
ones = Tensor.ones
full = Tensor.full
arange = Tensor.arange
eye = Tensor.eye
rand = Tensor.rand
randn = Tensor.randn


def _check_batches(a, b):
    """A ValueError unless the axes before the last two of the shapes `a` and `b` broadcast."""
    try:
        broadcast_shapes(a[:-2], b[:-2])
    except ValueError as misfit:
        raise ValueError(f"cannot multiply {a} @ {b}: the batches do not fit; {misfit}") from None
