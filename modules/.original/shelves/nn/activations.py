"""Activations that no lesson teaches, or not in this form. Functions first, and from a table the layers that call them."""

import math

import numpy as np

import tinytorch.layers as layers
from tinytorch.autograd import Tensor, derivative, no_grad, rand
from tinytorch.layers import Module, Parameter, sigmoid, tanh
from tinytorch.operations import erf, where
from tinytorch.tensor import floats, operation


Tensor.sigmoid, Tensor.tanh = sigmoid, tanh


def relu(input, inplace=False):
    """max(x, 0); `inplace` is accepted, here and below, and the result is computed anew."""
    return layers.relu(input)


def softmax(input, dim=None, dtype=None, _stacklevel=3):
    """Shares of 1 along `dim`: exp(x) / Σ exp(x)."""
    return layers.softmax(input if dtype is None else input.to(dtype), _last(input, dim))


def log_softmax(input, dim=None, dtype=None, _stacklevel=3):
    """The logarithm of softmax; nothing overflows."""
    return layers.log_softmax(input if dtype is None else input.to(dtype), _last(input, dim))


def _last(input, dim):
    """The dimension meant by None: the second of two or four, else the first."""
    return (0 if input.ndim in (0, 1, 3) else 1) if dim is None else dim


Tensor.relu, Tensor.softmax, Tensor.log_softmax = relu, softmax, log_softmax


@operation(only_floats=True)
def _gelu(x):
    out = erf.function(x * math.sqrt(0.5))
    out += 1
    out *= x
    out *= 0.5
    return out


@derivative(_gelu)
def _(grad, out, x):
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(np.abs(x) < 1e-30, 0.5, out / x)  # the share that is below x
    slope = np.exp(x * x * -0.5)
    slope *= x
    slope *= 1 / math.sqrt(2 * math.pi)
    slope += below
    slope *= grad
    return slope


def gelu(input, approximate="none"):
    """x times the share of a normal distribution that is below x; with approximate="tanh", module 03's formula."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate is "none" or "tanh", not {approximate!r}')
    return layers.gelu(input) if approximate == "tanh" else _gelu(input)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where it is positive, negative_slope * x elsewhere."""
    return layers.leaky_relu(input, negative_slope=negative_slope)


def _written(name):
    """The function `name` with its result in the input's own memory."""

    def function(input, *args, **options):
        input._check_may_write(None, f"write x = {name}(x) instead of {name}_(x)")
        with no_grad():
            return input.copy_(globals()[name](input, *args, **options))

    function.__name__, function.__doc__ = (
        f"{name}_",
        f"`{name}`, written into the tensor's own memory.",
    )
    return function


relu_, leaky_relu_, elu_, selu_, celu_, hardtanh_ = (
    _written(name) for name in ("relu", "leaky_relu", "elu", "selu", "celu", "hardtanh")
)


def elu(input, alpha=1.0, inplace=False):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
    return where(input > 0, input, alpha * input.clamp(max=0).expm1())


def selu(input, inplace=False):
    """elu with the factors under which means and variances settle (Klambauer et al. 2017)."""
    return 1.0507009873554805 * elu(input, 1.6732632423543772)


def silu(input, inplace=False):
    """x * sigmoid(x), also called swish."""
    return input * sigmoid(input)


@operation(only_floats=True)
def _softplus(x):
    return np.logaddexp(x, 0)


@derivative(_softplus)
def _(grad, out, x):
    return grad * -np.expm1(-out)


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + exp(beta * x)) / beta: a smooth relu."""
    if beta == 1 and threshold >= 20:  # a line from there on, as far as float32 can tell
        return _softplus(input)
    return where(input * beta > threshold, input, _softplus(input * beta) / beta)


def mish(input, inplace=False):
    """x * tanh(softplus(x)) (Misra 2019)."""
    return input * _softplus(input).tanh()


def softsign(input):
    """x / (1 + |x|)."""
    return input / (1 + input.abs())


def softmin(input, dim=-1):
    """softmax of -x."""
    return softmax(-floats(input), dim=dim)


def logsigmoid(input):
    """log(sigmoid(x)); nothing overflows."""
    return -_softplus(-floats(input))


def celu(input, alpha=1.0, inplace=False):
    """max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0) (Barron 2017)."""
    return where(input > 0, input, alpha * (input.clamp(max=0) / alpha).expm1())


def tanhshrink(input):
    """x - tanh(x)."""
    return input - tanh(input)


def softshrink(input, lambd=0.5):
    """x, nearer to 0 by lambd."""
    return input - input.clamp(-lambd, lambd)


def hardshrink(input, lambd=0.5):
    """x where it is further than lambd from 0, else 0."""
    return where(input.abs() > lambd, input, 0.0)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x, but at least min_val and at most max_val."""
    return input.clamp(min_val, max_val)


def relu6(input, inplace=False):
    """x, but at least 0 and at most 6."""
    return input.clamp(0, 6)


def hardsigmoid(input, inplace=False):
    """A sigmoid of three straight lines."""
    return relu6(input + 3) / 6


def hardswish(input, inplace=False):
    """x * hardsigmoid(x) (Howard et al. 2019)."""
    return input * hardsigmoid(input)


def threshold(input, threshold, value, inplace=False):
    """x where it is above the threshold, `value` elsewhere."""
    return where(input > threshold, input, value)


def rrelu(input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
    """x where it is positive, and x times a number from lower to upper elsewhere: by lot in training, their mean in use."""
    slope = (lower + upper) / 2
    if training:
        slope = rand(*input.shape) * (upper - lower) + lower
    return where(input > 0, input, slope * input)


def glu(input, dim=-1):
    """One half of x times the sigmoid of the other (Dauphin et al. 2017)."""
    a, b = input.chunk(2, dim)
    return a * sigmoid(b)


def prelu(input, weight):
    """x where it is positive, and a learnt multiple of x, one for all or for each channel, elsewhere."""
    shape = (1, -1) + (1,) * (input.ndim - 2) if weight.numel() > 1 else (1,)
    return where(input > 0, input, weight.reshape(shape) * input)


def gumbel_softmax(logits, tau=1.0, hard=False, dim=-1):
    """Draws from softmax(logits), softened by `tau` so that gradients go through (Jang et al. 2017)."""
    soft = softmax((logits - (-(1 - rand(*logits.shape)).log()).log()) / tau, dim=dim)
    if not hard:
        return soft
    places = soft.argmax(dim, keepdim=True)
    one = Tensor.wrap(np.zeros_like(soft.array)).scatter(dim, places, 1.0)
    return one - soft.detach() + soft


def layer(name, function, **defaults):
    """The module that calls `function` with the options it was made with; `inplace` is accepted and changes nothing."""

    def __init__(self, *args, inplace=False, **options):
        unknown = sorted(options.keys() - defaults.keys())
        if unknown or len(args) > len(defaults) + 1:
            raise TypeError(
                f"{name} takes {', '.join(defaults) or 'no options'}, not {', '.join(unknown) or args}"
            )
        vars(self).update(defaults | dict(zip(defaults, args)) | options, inplace=inplace)

    def forward(self, x):
        return function(x, **{name: getattr(self, name) for name in defaults})

    def extra_repr(self):
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in defaults)

    body = {
        "__init__": __init__,
        "forward": forward,
        "extra_repr": extra_repr,
        "__doc__": function.__doc__,
    }
    return type(name, (Module,), body | {"__module__": __name__})


GELU = layer("GELU", gelu, approximate="none")
ELU = layer("ELU", elu, alpha=1.0)
SELU = layer("SELU", selu)
SiLU = layer("SiLU", silu)
CELU = layer("CELU", celu, alpha=1.0)
Tanhshrink = layer("Tanhshrink", tanhshrink)
Softshrink = layer("Softshrink", softshrink, lambd=0.5)
Hardshrink = layer("Hardshrink", hardshrink, lambd=0.5)
Mish = layer("Mish", mish)
Softplus = layer("Softplus", softplus, beta=1.0, threshold=20.0)
Softsign = layer("Softsign", softsign)
Softmin = layer("Softmin", softmin, dim=-1)
LogSigmoid = layer("LogSigmoid", logsigmoid)
Hardtanh = layer("Hardtanh", hardtanh, min_val=-1.0, max_val=1.0)
ReLU6 = layer("ReLU6", relu6)
Hardsigmoid = layer("Hardsigmoid", hardsigmoid)
Hardswish = layer("Hardswish", hardswish)
Threshold = layer("Threshold", threshold, threshold=0.0, value=0.0)
GLU = layer("GLU", glu, dim=-1)
Softmax2d = type(
    "Softmax2d",
    (Module,),
    {
        "forward": lambda self, x: softmax(x, dim=-3),
        "__doc__": "Of images: channels sum to 1 at each place.",
        "__module__": __name__,
    },
)


class PReLU(Module):
    """x where it is positive, and a learnt multiple of x elsewhere (He et al. 2015)."""

    def __init__(self, num_parameters=1, init=0.25):
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(np.full(num_parameters, init, np.float32))

    def forward(self, x):
        return prelu(x, self.weight)


class RReLU(Module):
    """x where it is positive, and x times a number by lot elsewhere (Xu et al. 2015)."""

    def __init__(self, lower=1 / 8, upper=1 / 3, inplace=False):
        self.lower, self.upper = lower, upper

    def forward(self, x):
        return rrelu(x, self.lower, self.upper, self.training)


Tensor.prelu, Tensor.hardshrink = prelu, hardshrink
