"""Devices, dtypes, and what takes them: creation functions, `x.to(device)`. There is one device, the computer's memory."""

import contextlib
import functools
import inspect
import math

import numpy as np

import tinytorch.autograd as autograd
import tinytorch.operations as operations
from tinytorch.operations import lesson as _lesson
from tinytorch.autograd import Tensor
from tinytorch.tensor import default_generator, unwrap

dtype = np.dtype
float64 = double = np.dtype("float64")
float32 = np.dtype("float32")
float16 = half = np.dtype("float16")
int64 = long = np.dtype("int64")
int32 = np.dtype("int32")
int16 = short = np.dtype("int16")
int8 = np.dtype("int8")
uint8 = np.dtype("uint8")


class Size(tuple):
    """A shape made by its name: a tuple that knows how many values it has room for."""

    __slots__ = ()

    def numel(self):
        """How many values."""
        return math.prod(self)


class _Absent:
    """A dtype that NumPy does not have: it can be named, and making a tensor of it is an error."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"{self.name}, which NumPy does not have"


bfloat16 = _Absent("bfloat16")


class device:
    """Where a tensor is: "cpu". Another is a RuntimeError, since NumPy computes in the computer's memory only."""

    def __init__(self, type, index=None):
        name = str(type).partition(":")[0]
        if name != "cpu":
            raise RuntimeError(
                f'there is one device here, "cpu", and no "{name}": NumPy computes in the computer\'s memory'
            )
        self.type, self.index = "cpu", index

    def __repr__(self):
        return "device(type='cpu')"

    def __str__(self):
        return "cpu"

    def __eq__(self, other):
        return str(other) == "cpu"

    def __hash__(self):
        return hash("cpu")


CPU = device("cpu")
_PLACES = {"device", "non_blocking", "memory_format", "pin_memory", "layout"}


def _checked(options):
    """The options without those about the device, which must be the one there is."""
    if options.get("device") is not None:
        device(options["device"])
    return {name: value for name, value in options.items() if name not in _PLACES}


# Creation.
def full(size, fill_value, *, dtype=None):
    """A tensor filled with one value, whose dtype it has."""
    return autograd.full(
        tuple(size), unwrap(fill_value), dtype=dtype or autograd.tensor(fill_value).dtype
    )


def arange(start=0, end=None, step=1, *, dtype=None):
    """start, start + step, … up to but not including end; arange(n) starts at 0."""
    return autograd.arange(start, end, step, dtype=dtype)


def as_tensor(data, *, dtype=None, copy=None):
    """A tensor itself, one on the memory of an array, or one made of numbers; with `copy`, in memory of its own."""
    made = (
        data
        if isinstance(data, Tensor)
        else Tensor.wrap(data)
        if isinstance(data, np.ndarray)
        else tensor(data)
    )
    return made.to(made.dtype if dtype is None else dtype, copy=bool(copy))


def _placed(make):
    """`make`, which makes a tensor, with PyTorch's options: device, dtype, requires_grad, and `size` for its sizes."""
    knows = inspect.signature(make).parameters

    @functools.wraps(make)
    def made(*args, dtype=None, requires_grad=False, size=None, **options):
        if size is not None and "size" in knows:
            options["size"] = tuple(size)
        elif size is not None:
            args = (*args, tuple(size))
        if dtype is not None and "dtype" in knows:
            options["dtype"] = dtype
        out = make(*args, **_checked(options))
        if dtype is not None and out.dtype != dtype:
            out = out.to(dtype)
        return out.requires_grad_() if requires_grad else out

    return made


zeros, ones, eye, rand, randn, tensor = (
    _placed(getattr(autograd, name)) for name in "zeros ones eye rand randn tensor".split()
)
empty, randint, randperm, linspace, logspace, full_like, normal = (
    _placed(getattr(operations, name))
    for name in "empty randint randperm linspace logspace full_like normal".split()
)
zeros_like, ones_like, empty_like, rand_like, randn_like = (
    _placed(getattr(operations, f"{name}_like")) for name in "zeros ones empty rand randn".split()
)
scalar_tensor = tensor
full, as_tensor, arange = _placed(full), _placed(as_tensor), _placed(arange)
asarray = as_tensor


def _typed(kind):
    """The function that makes a tensor of one dtype, of numbers or of sizes: FloatTensor([1, 2]), FloatTensor(2, 3)."""

    def made(*data):
        if len(data) == 1 and not isinstance(data[0], int):
            return tensor(data[0], dtype=kind)
        return zeros(*data, dtype=kind)

    made.kind = kind
    return made


_KINDS = {
    "float16": "Half", "float32": "Float", "float64": "Double", "int8": "Char", "int16": "Short", "int32": "Int",
    "int64": "Long", "uint8": "Byte", "bool": "Bool",
}  # fmt: skip
globals().update({f"{kind}Tensor": _typed(np.dtype(name)) for name, kind in _KINDS.items()})


class Generator(np.random.Generator):
    """A source of random numbers of its own: `Generator().manual_seed(0)`."""

    def __init__(self, device=None):
        _checked({"device": device})
        super().__init__(np.random.PCG64())

    def manual_seed(self, seed):
        """Start anew: the same seed gives the same numbers. Returns the generator."""
        self.bit_generator.state = np.random.PCG64(seed).state
        return self

    def get_state(self):
        """Where it stands."""
        return self.bit_generator.state

    def set_state(self, state):
        """Go on where another stood."""
        self.bit_generator.state = state


def get_rng_state():
    """Where the default generator stands."""
    return default_generator.bit_generator.state


def set_rng_state(state):
    """Let the default generator go on there."""
    default_generator.bit_generator.state = state


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True):
    """A block after which the default generator stands where it stood before."""
    before = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(before)


def manual_seed(seed):
    """Start the default generator anew: the same seed gives the same numbers. Returns the generator."""
    global _started
    _started = seed
    _lesson.manual_seed(seed)
    return default_generator


_started = None  # the seed that manual_seed was given last


def initial_seed():
    """The seed that the default generator started with, or None if it was not given any."""
    return _started


def seed():
    """Start the default generator anew, by a number that nobody knows; returns it."""
    found = int(np.random.default_rng().integers(2**31))
    manual_seed(found)
    return found


def is_complex(x):
    """False: there are no complex numbers here."""
    return False


def result_type(a, b):
    """The dtype of what comes of two tensors or numbers."""
    return (tensor(a) + tensor(b) if not isinstance(a, Tensor) else a + b).dtype


def promote_types(type1, type2):
    """The dtype that holds the values of both."""
    return (zeros(1, dtype=type1) + zeros(1, dtype=type2)).dtype


def can_cast(from_, to):
    """Whether a dtype becomes another without losing its kind."""
    order = "biuf"
    return order.index(from_.kind.replace("u", "i")) <= order.index(to.kind.replace("u", "i"))


def set_default_device(device_):
    """An error, unless it is the one there is."""
    device(device_)


def get_default_device():
    """The one there is."""
    return CPU


def get_num_threads():
    """1: how many threads NumPy uses, only NumPy knows."""
    return 1


def typename(x):
    """The name of a tensor's kind."""
    return f"torch.{type(x).__name__}"


contiguous_format, preserve_format, channels_last, strided = (
    "contiguous_format", "preserve_format", "channels_last", "strided",
)  # fmt: skip


def is_tensor(x):
    """Whether x is a tensor."""
    return isinstance(x, Tensor)


def is_floating_point(x):
    """Whether x holds fractions."""
    return x.dtype.kind == "f"


def compile(model=None, **options):
    """The model as it is: there is nothing that would compile it."""
    return (lambda function: function) if model is None else model


def set_num_threads(n):
    """Nothing: how many threads NumPy uses is decided when Python starts."""


def set_float32_matmul_precision(precision):
    """Nothing: products are float32."""


def set_printoptions(**options):
    """Nothing: tensors are printed with four digits."""


def use_deterministic_algorithms(mode, **options):
    """Nothing: the same program gives the same numbers anyway."""


def get_default_dtype():
    """float32."""
    return float32


def set_default_dtype(d):
    """An error, unless it is float32."""
    if d != float32:
        raise ValueError(
            f"what is not said otherwise is float32 here, not {d}: give tensors a dtype, models .double()"
        )


# Conversion.
_plain_to = Tensor.to


def _to(self, *args, **options):
    """The tensor with another dtype, or with that of another tensor; to the only device there is, it is the same."""
    before, options = self, _checked(options)
    copy = options.pop("copy", False)
    for arg in (*args, *options.values()):
        if isinstance(arg, Tensor):
            arg = arg.dtype
        if isinstance(arg, (device, str)) and str(arg).partition(":")[0] not in _NAMES:
            device(arg)
        elif arg is not None and not isinstance(arg, (device, bool)):
            self = _plain_to(self, np.dtype(arg))
    return self.clone() if copy and self is before else self


_NAMES = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"}


def _type(self, dtype=None):
    """The tensor with another dtype; without one, the name of its kind, such as "torch.FloatTensor"."""
    if dtype is None:
        return f"torch.{_KINDS[self.dtype.name]}Tensor"
    if isinstance(dtype, str) and dtype.startswith("torch."):
        dtype = globals()[dtype.removeprefix("torch.")]
    return self.to(dtype.kind if callable(dtype) and hasattr(dtype, "kind") else dtype)


_plain_init = Tensor.__init__


@functools.wraps(_plain_init)
def _init(self, data, dtype=None, requires_grad=False, *sizes):
    if isinstance(dtype, int) and not isinstance(dtype, bool):
        wanted = ", ".join(
            map(str, (data, dtype, *([requires_grad] if requires_grad else []), *sizes))
        )
        raise TypeError(f"Tensor takes numbers, not sizes: write empty({wanted})")
    _plain_init(self, data, dtype, requires_grad)


Tensor.__init__ = _init
_plain_contiguous = Tensor.contiguous
Tensor.contiguous = lambda self, memory_format=None: _plain_contiguous(self)
Tensor.to, Tensor.type = _to, _type
Tensor.type_as = lambda self, other: self.to(other.dtype)
Tensor.device = property(lambda self: CPU, doc="Where the tensor is: there is one device.")
for _name in "is_cuda is_sparse is_quantized is_mps is_meta is_xpu is_mkldnn is_nested".split():
    setattr(Tensor, _name, property(lambda self: False, doc="False."))
Tensor.is_cpu = property(lambda self: True, doc="True.")
Tensor.layout = property(lambda self: strided, doc="How values lie in memory.")
Tensor.nbytes = property(lambda self: self.array.nbytes, doc="How much memory the values take.")
Tensor.itemsize = property(lambda self: self.array.itemsize, doc="How much memory a value takes.")
Tensor.get_device = lambda self: -1
Tensor.pin_memory = Tensor.share_memory_ = Tensor.coalesce = Tensor.to_dense = lambda self: self
Tensor.is_pinned = Tensor.is_shared = Tensor.is_complex = is_complex
Tensor.is_signed = lambda self: self.dtype.kind in "if"
Tensor.is_nonzero = lambda self: bool(self)
Tensor.new = lambda self, *sizes: zeros(*sizes, dtype=self.dtype)
Tensor.bfloat16 = lambda self: self.to(bfloat16)
Tensor.cpu = lambda self: self
Tensor.cuda = lambda self, device=None, **options: self.to("cuda")
Tensor.is_floating_point = is_floating_point
Tensor.element_size = lambda self: self.array.itemsize
Tensor.data_ptr = lambda self: self.array.ctypes.data
for _name, _dtype in {"float": float32, "double": float64, "half": float16, "long": int64, "int": int32, "bool": "bool",
                      "short": int16, "byte": uint8, "char": int8}.items():  # fmt: skip
    setattr(Tensor, _name, functools.partialmethod(Tensor.to, np.dtype(_dtype)))
