"""Operations value by value, of one tensor or of two."""

import math

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.tensor import elementwise, floats, operation
from tinytorch.operations.shared import by_name, lesson, method, where


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


# Of integers these are integers; of anything else, floats come first.
_WHOLE = {"floor", "ceil", "trunc", "rint", "sign", "square"}


def _value_by_value(name, function, slope=None):
    """Make the operation, enter its rule and set the method; returns the operation."""

    def made(x):
        out = function(x)
        return out.astype(x.dtype, copy=False) if name in _WHOLE else out

    made.__name__, made.__doc__ = name, f"`{function.__name__}` of each value."
    made = operation(only_floats=name not in _WHOLE)(made)
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


# erf(x) is tanh of an odd function of x that is nearly a line: these are its coefficients of x, x³, x⁵, … They were
# fitted so that the largest error is as small as can be, 6e-8 where it is computed in float64.
_ERF = (
    1.12837971, 0.102765482, -1.84383767e-4, -6.25719799e-4, 8.97127662e-5, -5.98573385e-6, 1.58963445e-7,
)  # fmt: skip
_erf64 = np.frompyfunc(math.erf, 1, 1)


@method
@operation(only_floats=True)
def erf(x):
    """The error function: of float64 Python's own, value by value, and in float32 right to 2e-7."""
    if x.dtype == np.float64:
        return np.asarray(_erf64(x), np.float64)
    squares = x * x
    out = squares * _ERF[-1]
    for coefficient in _ERF[-2:0:-1]:  # in place, as memory costs more than arithmetic here
        out += coefficient
        out *= squares
    out += _ERF[0]
    out *= x
    return np.tanh(out)


@derivative(erf)
def _(grad, out, x):
    return grad * (2 / math.sqrt(math.pi) * np.exp(-x * x))


@method
def erfc(x):
    """1 - erf(x)."""
    return 1 - erf(x)


@method
def frac(x):
    """What is behind the point."""
    return x - x.trunc()


@method
def xlogy(x, other):
    """x * log(other), and 0 where x is 0."""
    return where(x == 0, 0.0, x * where(x == 0, 1.0, other).log())


@method
def deg2rad(x):
    """Degrees as radians."""
    return x * (math.pi / 180)


@method
def rad2deg(x):
    """Radians as degrees."""
    return x * (180 / math.pi)


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


@derivative(np.copysign)
def _(grad, out, a, b):
    return grad * np.sign(a) * np.copysign(np.ones_like(out), b), lambda: np.zeros_like(grad)


for _op, _first in (
    (np.fmax, np.greater_equal),
    (np.fmin, np.less_equal),
):  # what is a number, beside a nan

    @derivative(_op)
    def _(grad, out, a, b, first=_first):
        chosen = first(a, b) | np.isnan(b)
        return grad * chosen, grad * ~chosen


_PAIRS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "true_divide": np.true_divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "pow": lesson.power.function,
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
    "copysign": np.copysign,
    "fmax": np.fmax,
    "fmin": np.fmin,
    "heaviside": np.heaviside,
    "gcd": np.gcd,
    "lcm": np.lcm,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_left_shift": np.left_shift,
    "bitwise_right_shift": np.right_shift,
}


def _pair(name, op):
    """The function of two tensors or numbers; `alpha` of add and sub is a factor of the second."""

    def function(input, other, *, alpha=1):
        if name in ("atan2", "logaddexp"):
            input, other = floats(input), floats(other)
        return elementwise(op, input, other if alpha == 1 else other * alpha)

    function.__name__ = name
    function.__doc__ = f"`{op.__name__}` of each two values; broadcasts."
    return method(function)


globals().update({name: _pair(name, op) for name, op in _PAIRS.items()})
by_name("pow", "exponent")
by_name("heaviside", "values")
subtract, multiply, Tensor.subtract, Tensor.multiply = sub, mul, sub, mul


def rsub(input, other, *, alpha=1):
    """other - alpha * input."""
    return sub(other, input, alpha=alpha)


greater, less, not_equal, greater_equal, less_equal = gt, lt, ne, ge, le
Tensor.greater, Tensor.less, Tensor.not_equal = gt, lt, ne
Tensor.greater_equal, Tensor.less_equal = ge, le
Tensor.__and__ = Tensor.__rand__ = bitwise_and
Tensor.__or__ = Tensor.__ror__ = bitwise_or
Tensor.__xor__ = Tensor.__rxor__ = bitwise_xor
Tensor.__lshift__, Tensor.__rshift__ = bitwise_left_shift, bitwise_right_shift


@method
def div(input, other, *, rounding_mode=None):
    """input / other; with rounding_mode "floor" or "trunc", without what is behind the point."""
    if rounding_mode not in (None, "floor", "trunc"):
        raise ValueError(f'rounding_mode is None, "floor" or "trunc", not {rounding_mode!r}')
    quotient = elementwise(np.true_divide, input, other)
    if rounding_mode is None:
        return quotient
    kinds = {x.dtype.kind for x in (input, other) if isinstance(x, Tensor)}
    whole = getattr(quotient, rounding_mode)()
    return whole if "f" in kinds or isinstance(other, float) else whole.to(np.int64)


divide = Tensor.divide = div

for _op in (np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.signbit):
    globals()[_op.__name__] = _value_by_value(_op.__name__, _op)

# NumPy's older names, which PyTorch knows as well.
for _new in "sin cos tan sinh cosh tanh".split():
    if hasattr(Tensor, f"a{_new}"):
        setattr(Tensor, f"arc{_new}", getattr(Tensor, f"a{_new}"))
Tensor.arctan2, Tensor.fix, Tensor.sgn = Tensor.atan2, Tensor.trunc, Tensor.sign


@method
def sinc(x):
    """sin(πx) / πx, and 1 at 0."""
    angle = x * math.pi
    return where(x == 0, 1.0, angle.sin() / where(x == 0, 1.0, angle))


@method
def float_power(x, exponent):
    """x to a power, in float64."""
    return x.to(np.float64) ** exponent


@method
def logaddexp2(x, other):
    """log2(2**x + 2**other)."""
    return (x * math.log(2)).logaddexp(other * math.log(2)) / math.log(2)


@method
def ldexp(x, other):
    """x * 2**other."""
    return x * 2.0**other


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
def positive(x):
    """x itself."""
    return x


Tensor.__pos__ = positive


@method
def clone(x, *, memory_format=None):
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
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """x with finite values in the place of those that are not numbers or infinite: the largest, if it is not said which."""
    most = np.finfo(x.dtype).max if x.dtype.kind == "f" else 0
    x = where(x.isnan(), nan, x)
    x = where(x.isposinf(), most if posinf is None else posinf, x)
    return where(x.isneginf(), -most if neginf is None else neginf, x)


@method
def lerp(x, end, weight):
    """x + weight * (end - x)."""
    return floats(x) + weight * (floats(end) - floats(x))


@method
def addcmul(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 * tensor2."""
    return x + value * tensor1 * tensor2


@method
def addcdiv(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 / tensor2."""
    return x + value * tensor1 / tensor2


@method
def logit(x, eps=None):
    """log(x / (1 - x))."""
    x = x if eps is None else x.clamp(eps, 1 - eps)
    return (x / (1 - x)).log()


@method
def hypot(x, other):
    """sqrt(x² + other²)."""
    return (x * x + other * other).sqrt()
