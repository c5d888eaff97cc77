"""Layers with options that no lesson needs, and layers that no lesson teaches, made of operations that are there."""

import math

import numpy as np

import tinytorch.layers as layers
from tinytorch.autograd import Tensor, derivative, rand
from tinytorch.layers import Module, Parameter
from tinytorch.nn.activations import layer, softmax
from tinytorch.nn.containers import lazy
from tinytorch.operations import cat, stack, where
from tinytorch.tensor import floats, operation

try:
    from tinytorch.attention import attend
except Exception:  # module 09 is not there yet, or stops where something is not written
    attend = None


def _two(size):
    return tuple(size) if np.iterable(size) else (size, size)


def _one(size):
    return tuple(size) if np.iterable(size) else (size,)


def linear(input, weight, bias=None):
    """x @ weight.T + bias: (..., in), (out, in), (out,) -> (..., out)."""
    return layers.linear(input, weight, bias)


def bilinear(input1, input2, weight, bias=None):
    """x1 @ weight[k] @ x2 for each k: (n, a), (n, b), (k, a, b) -> (n, k)."""
    out = ((input1 @ weight) * input2).sum(-1).T
    return out if bias is None else out + bias


def _check_plain_rows(max_norm, scale_grad_by_freq):
    """A ValueError names an option of embeddings that is not there."""
    if max_norm is not None or scale_grad_by_freq:
        name = "max_norm" if max_norm is not None else "scale_grad_by_freq"
        raise ValueError(f"embeddings have no {name} here: rows are given as they are")


def embedding(
    input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False
):  # fmt: skip
    """Rows of `weight`; the one at padding_idx gets no gradient."""
    _check_plain_rows(max_norm, scale_grad_by_freq)
    if padding_idx is not None:
        kept = np.arange(len(weight)) != padding_idx % len(weight)
        weight = where(kept[:, None], weight, weight.detach())
    return weight[input]


def embedding_bag(
    input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean", sparse=False,
    per_sample_weights=None, include_last_offset=False, padding_idx=None,
):  # fmt: skip
    """The sum, mean or largest values of some rows of `weight`: (n, rows), or all in one row that `offsets` cuts.

    `per_sample_weights` has a factor for each row of a sum.
    """
    rows = embedding(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if per_sample_weights is not None:
        if mode != "sum":
            raise ValueError(f'per_sample_weights go with mode="sum", not {mode!r}')
        rows = rows * per_sample_weights.unsqueeze(-1)
    if include_last_offset:
        offsets = offsets[:-1]
    if offsets is None:
        return rows.amax(1) if mode == "max" else getattr(rows, mode)(1)
    if mode == "max":
        raise ValueError('embedding_bag with offsets has mode "mean" or "sum", not "max"')
    bags = np.searchsorted(offsets.array, np.arange(len(rows)), side="right") - 1
    out = Tensor.wrap(np.zeros((len(offsets), weight.shape[1]), weight.dtype))
    out = out.index_add(0, Tensor.wrap(bags), rows)
    counts = np.bincount(bags, minlength=len(offsets)).clip(1 if mode == "mean" else None)
    return out / counts[:, None].astype(out.dtype) if mode == "mean" else out


def one_hot(tensor, num_classes=-1):
    """A row for each class number: 1 at that position, 0 elsewhere."""
    classes = int(tensor.max()) + 1 if num_classes == -1 else num_classes
    if tensor.numel() and not 0 <= int(tensor.min()) <= int(tensor.max()) < classes:
        raise ValueError(
            f"one_hot of {classes} classes takes 0 to {classes - 1}, not other numbers"
        )
    return Tensor.wrap(np.eye(classes, dtype=np.int64)[tensor.array])


def _dropped(x, shape, p, training):
    if not 0 <= p <= 1:
        raise ValueError(f"a probability is from 0 to 1, not {p}")
    if not training or p == 0:
        return x
    return x * ((rand(*shape).array < 1 - p) / np.float32(1 - p or 1))


def dropout(input, p=0.5, training=True, inplace=False):
    """In training, each value is 0 with probability `p`, and divided by 1 - p otherwise."""
    return _dropped(input, input.shape, p, training)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """As dropout, for whole channels of (n, channels, length)."""
    return _dropped(input, (*input.shape[:-1], 1), p, training)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """As dropout, for whole channels of (n, channels, ...)."""
    return _dropped(input, input.shape[:2] + (1,) * (input.ndim - 2), p, training)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout after which selu's means and variances are as before (Klambauer et al. 2017)."""
    if not training or p == 0:
        return input
    low = -1.7580993408473766  # what selu gives to the smallest numbers
    kept = (rand(*input.shape).array < 1 - p).astype(input.dtype)
    scale = 1 / math.sqrt((1 - p) * (1 + p * low**2)) if p < 1 else 0.0
    return (input * kept + low * (1 - kept)) * scale - scale * p * low


# Images.
@operation
def _spread(x, *, steps):
    """Zeros between the values of the last two dimensions."""
    (high, wide), (down, right) = x.shape[-2:], steps
    out = np.zeros((*x.shape[:-2], (high - 1) * down + 1, (wide - 1) * right + 1), x.dtype)
    out[..., ::down, ::right] = x
    return out


derivative(_spread)(lambda grad, out, x, steps: grad[..., :: steps[0], :: steps[1]])


@operation
def _padded(x, *, sides, value):
    return np.pad(x, sides, constant_values=value)


@derivative(_padded)
def _(grad, out, x, sides, value):
    return grad[tuple(slice(before, before + n) for (before, _), n in zip(sides, x.shape))]


def pad(input, pad, mode="constant", value=None):
    """x with more values on both sides of the last dimensions: (left, right, top, bottom, …); "reflect", "replicate" or
    "circular" take them from x, and negative numbers cut off.
    """
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise ValueError(f"pad has two numbers for each of the last dimensions, not {tuple(pad)}")
    pairs = [tuple(pad[i : i + 2]) for i in range(0, len(pad), 2)][::-1]
    sides = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    if mode != "constant":
        numpys = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
        for dim, side in enumerate(sides):
            input = (
                input.index_select(dim, np.pad(np.arange(input.shape[dim]), side, numpys))
                if any(side)
                else input
            )
        return input
    for dim, (before, behind) in enumerate(sides):
        if before < 0 or behind < 0:
            first = max(-before, 0)
            input = input.narrow(dim, first, input.shape[dim] - first - max(-behind, 0))
    sides = tuple((max(before, 0), max(behind, 0)) for before, behind in sides)
    return input.apply(_padded.function, input, sides=sides, value=0.0 if value is None else value)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution: (n, c, h, w), (f, c / groups, kh, kw), (f,) -> (n, f, rows, columns); padding may be "same"."""
    if input.ndim == 3:
        return conv2d(input.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(
            0
        )
    dilation = _two(dilation)
    if padding == "same":
        more = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
        high, wide = more
        input = pad(input, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    padding = (0, 0) if padding in ("same", "valid") else _two(padding)
    if dilation != (1, 1):
        weight = _spread(weight, steps=dilation)  # the same kernel, with zeros between its values
    options = dict(stride=_two(stride), padding=padding)
    if groups == 1:
        return layers.conv2d(input, weight, bias, **options)
    if input.shape[1] % groups or len(weight) % groups:
        raise ValueError(
            f"{input.shape[1]} channels to {len(weight)} cannot be put into {groups} groups"
        )
    biases = [None] * groups if bias is None else bias.chunk(groups)
    parts = zip(input.chunk(groups, 1), weight.chunk(groups), biases)
    return cat([layers.conv2d(*part, **options) for part in parts], 1)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution along one dimension: (n, c, length), (f, c / groups, k), (f,) -> (n, f, length)."""
    padding = padding if isinstance(padding, str) else (0, *np.atleast_1d(padding))
    sizes = [(1, *np.atleast_1d(size)) for size in (stride, dilation)]
    out = conv2d(input.unsqueeze(2), weight.unsqueeze(2), bias, sizes[0], padding, sizes[1], groups)
    return out.squeeze(2)


def conv_transpose2d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """What conv2d does to gradients, as a layer: (n, c, h, w), (c, f / groups, kh, kw), (f,) -> (n, f, …)."""
    stride, padding, extra, dilation = (
        _two(stride),
        _two(padding),
        _two(output_padding),
        _two(dilation),
    )
    kernel = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:])]
    spread = input if stride == (1, 1) else _spread(input, steps=stride)
    (top, left), (low, right) = ([k - p for k, p in zip(kernel, padding)] for _ in range(2))
    spread = pad(spread, (left, right + extra[1], top, low + extra[0]))
    turned = [part.flip(2, 3).transpose(0, 1) for part in weight.chunk(groups)]
    return conv2d(
        spread, turned[0] if groups == 1 else cat(turned, 0), bias, dilation=dilation, groups=groups
    )


def conv_transpose1d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """As conv_transpose2d, along one dimension."""
    sizes = [
        (one, *np.atleast_1d(n))
        for one, n in ((1, stride), (0, padding), (0, output_padding), (1, dilation))
    ]
    return conv_transpose2d(
        input.unsqueeze(2),
        weight.unsqueeze(2),
        bias,
        sizes[0],
        sizes[1],
        sizes[2],
        groups,
        sizes[3],
    ).squeeze(2)


def _ends(sizes, kernel, stride, padding):
    """How far the last windows that begin inside, or in the padding before, end outside."""
    ends = []
    for n, k, step, p in zip(sizes, kernel, stride, padding):
        short = -(n + 2 * p - k) % step
        ends.append(short if n + 2 * p + short - k < n + p else 0)
    return ends


def _pooled(pool, input, kernel_size, stride, padding, value, ceil_mode=False):
    kernel, padding = _two(kernel_size), _two(padding)
    stride = kernel if stride is None else _two(stride)
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(
            f"padding is at most half of the window, so {padding} is too much for {kernel}"
        )
    ends = _ends(input.shape[-2:], kernel, stride, padding) if ceil_mode else (0, 0)
    if any(padding) or any(ends):
        (top, left), (low, right) = padding, ends
        input = pad(input, (left, left + right, top, top + low), value=value)
    return pool(input, kernel=kernel, stride=stride)


def max_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """The largest value of each window: (..., h, w) -> (..., rows, columns)."""
    if _two(dilation) != (1, 1):
        raise ValueError("max_pool2d has windows without gaps only: dilation=1")
    if return_indices:
        raise ValueError("max_pool2d gives the values, not where they stood: return_indices=False")
    return _pooled(layers.max_pool2d, input, kernel_size, stride, padding, -math.inf, ceil_mode)


def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):  # fmt: skip
    """The mean of each window: (..., h, w) -> (..., rows, columns); padding counts as zeros, or not at all.

    With `divisor_override`, the sum over that. With `ceil_mode`, windows may end outside, which does not count.
    """
    mean = _pooled(layers.avg_pool2d, input, kernel_size, stride, padding, 0.0, ceil_mode)
    kernel, (top, left), (high, wide) = _two(kernel_size), _two(padding), input.shape[-2:]
    if divisor_override:
        return mean * (math.prod(kernel) / divisor_override)
    if not ceil_mode and (count_include_pad or not top + left):
        return mean
    step = kernel if stride is None else _two(stride)
    low, right = _ends((high, wide), kernel, step, (top, left)) if ceil_mode else (0, 0)
    counted = np.zeros((high + 2 * top + low, wide + 2 * left + right), input.dtype)
    if count_include_pad:
        counted[: high + 2 * top, : wide + 2 * left] = 1
    else:
        counted[top : top + high, left : left + wide] = 1
    return mean / layers.avg_pool2d(Tensor.wrap(counted[None, None]), kernel=kernel, stride=step)


def _flat(pool):
    """A pool along one dimension, from one of images of one row."""

    def function(input, kernel_size, stride=None, padding=0, **options):
        kernel, padding = (1, *np.atleast_1d(kernel_size)), (0, *np.atleast_1d(padding))
        stride = None if stride is None else (1, *np.atleast_1d(stride))
        return pool(input.unsqueeze(-2), kernel, stride, padding, **options).squeeze(-2)

    function.__name__, function.__doc__ = (
        pool.__name__.replace("2", "1"),
        pool.__doc__.replace("h, w", "length"),
    )
    return function


max_pool1d, avg_pool1d = _flat(max_pool2d), _flat(avg_pool2d)


def _adaptive(reduce, input, output_size, dims):
    """`reduce` of as many windows as `output_size` says, which share the dimensions between them evenly."""
    sizes = tuple(output_size) if np.iterable(output_size) else (output_size,) * dims
    for dim, size in zip(range(-dims, 0), sizes):
        n = input.shape[dim]
        size = n if size is None else size
        windows = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
        input = stack([reduce(input.narrow(dim, a, b - a), dim) for a, b in windows], dim)
    return input


def adaptive_avg_pool2d(input, output_size):
    """The means of so many windows in each direction: (..., h, w) -> (..., *output_size)."""
    return _adaptive(lambda x, dim: x.mean(dim), input, output_size, 2)


def adaptive_max_pool2d(input, output_size):
    """The largest values of so many windows in each direction: (..., h, w) -> (..., *output_size)."""
    return _adaptive(lambda x, dim: x.max(dim).values, input, output_size, 2)


def adaptive_max_pool1d(input, output_size):
    """The largest values of so many windows: (..., length) -> (..., output_size)."""
    return _adaptive(lambda x, dim: x.max(dim).values, input, output_size, 1)


def adaptive_avg_pool1d(input, output_size):
    """The means of so many windows: (..., length) -> (..., output_size)."""
    return _adaptive(lambda x, dim: x.mean(dim), input, output_size, 1)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """The windows of images as columns: (n, c, h, w) -> (n, c * kh * kw, windows)."""
    (high, wide), (down, right), (top, left) = _two(kernel_size), _two(stride), _two(padding)
    step = _two(dilation)
    x = pad(input, (left, left, top, top))
    rows = np.arange(0, x.shape[2] - step[0] * (high - 1), down)[:, None] + step[0] * np.arange(
        high
    )
    columns = np.arange(0, x.shape[3] - step[1] * (wide - 1), right)[:, None] + step[1] * np.arange(
        wide
    )
    flat = x.reshape(*x.shape[:2], -1)
    places = (
        rows.T[:, None, :, None] * x.shape[3] + columns.T[None, :, None, :]
    )  # (kh, kw, rows, columns)
    return flat.index_select(2, places.reshape(-1)).reshape(
        len(x), -1, rows.shape[0] * columns.shape[0]
    )


_LINEAR = {
    "linear": 3,
    "bilinear": 4,
    "trilinear": 5,
}  # the modes that mix neighbours, with their dimensions


def interpolate(
    input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False
):  # fmt: skip
    """Images in another size: each new pixel is the nearest one, a mixture of its neighbours ("bilinear"), or a mean ("area")."""
    if antialias:
        raise ValueError("interpolate smoothes nothing before: antialias=False")
    if mode == "area" and input.ndim == 4:
        factors = scale_factor if np.iterable(scale_factor) else (scale_factor,) * 2
        sizes = (
            [int(n * factor) for n, factor in zip(input.shape[2:], factors)]
            if size is None
            else size
        )
        return adaptive_avg_pool2d(input, sizes)
    if input.ndim < 3:
        raise ValueError(f"interpolate takes (n, channels, ...), not {input.shape}")
    nearest = mode in ("nearest", "nearest-exact")
    if not nearest and _LINEAR.get(mode) != input.ndim:
        known = "".join(f" or {name!r}" for name, ndim in _LINEAR.items() if ndim == input.ndim)
        raise ValueError(
            f"interpolate of a shape {input.shape} has mode 'nearest'{known}, not {mode!r}"
        )
    for dim in range(2, input.ndim):
        n = input.shape[dim]
        if size is not None:
            wanted = size[dim - 2] if np.iterable(size) else size
            step = n / wanted
        else:
            factor = scale_factor[dim - 2] if np.iterable(scale_factor) else scale_factor
            wanted, step = int(n * factor), 1 / factor
            step = n / wanted if recompute_scale_factor else step
        at = np.arange(wanted)
        if nearest:
            at = (at + 0.5 if mode == "nearest-exact" else at) * step
            input = input.index_select(dim, np.minimum(at.astype(int), n - 1))
            continue
        at = at * (n - 1) / max(wanted - 1, 1) if align_corners else (at + 0.5) * step - 0.5
        at = at.clip(0, n - 1)
        below = at.astype(int)
        share = (at - below).reshape(-1, *(1,) * (input.ndim - dim - 1)).astype(input.dtype)
        above = input.index_select(dim, np.minimum(below + 1, n - 1))
        input = input.index_select(dim, below) * (1 - share) + above * share
    return input


def pixel_shuffle(input, upscale_factor):
    """Channels become pixels: (n, c * r * r, h, w) -> (n, c, h * r, w * r) (Shi et al. 2016)."""
    n, c, h, w = input.shape
    r = upscale_factor
    return (
        input.reshape(n, c // r**2, r, r, h, w)
        .permute(0, 1, 4, 2, 5, 3)
        .reshape(n, c // r**2, h * r, w * r)
    )


def pixel_unshuffle(input, downscale_factor):
    """Pixels become channels: (n, c, h * r, w * r) -> (n, c * r * r, h, w)."""
    n, c, h, w = input.shape
    r = downscale_factor
    x = input.reshape(n, c, h // r, r, w // r, r).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(n, c * r * r, h // r, w // r)


def channel_shuffle(input, groups):
    """The channels of groups, taken from each in turn: (n, groups * c, ...) (Zhang et al. 2018)."""
    return input.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns put back as windows of images, summed where they overlap: (n, c * kh * kw, windows) -> (n, c, h, w)."""
    (high, wide), (top, left) = (_two(size) for size in (output_size, padding))
    sizes = high + 2 * top, wide + 2 * left
    numbers = Tensor.wrap(np.arange(math.prod(sizes)).reshape(1, 1, *sizes))
    places = unfold(numbers, kernel_size, dilation, 0, stride)[0]  # (kh * kw, windows)
    n, c = len(input), input.shape[1] // len(places)
    out = Tensor.wrap(np.zeros((n, c, numbers.numel()), input.dtype))
    out = out.index_add(2, places.flatten(), input.reshape(n, c, -1)).reshape(n, c, *sizes)
    return out.narrow(2, top, high).narrow(3, left, wide)


# Normalisation.
def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """x over a power of the mean square of channels beside each other (Krizhevsky et al. 2012)."""
    square = (input * input).unsqueeze(1).flatten(3)  # (n, 1, channels, values)
    square = pad(square, (0, 0, size // 2, (size - 1) // 2))
    return input / (avg_pool2d(square, (size, 1), 1).reshape(input.shape) * alpha + k) ** beta


def _normalized(x, weight, bias, dims, eps, shape=None):
    """Mean 0 and variance 1 over `dims`, by module 03's operation; `weight` and `bias` may be None."""
    ones, zeros = (Tensor.wrap(np.full((1,) * x.ndim, value, x.dtype)) for value in (1, 0))
    weight = ones if weight is None else weight.reshape(shape or weight.shape)
    bias = zeros if bias is None else bias.reshape(shape or bias.shape)
    return layers.normalize(x, weight, bias, dim=tuple(dims), eps=eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 over the last dimensions, then a scale and a shift, where they are given."""
    shape = tuple(normalized_shape) if np.iterable(normalized_shape) else (normalized_shape,)
    if input.shape[input.ndim - len(shape) :] != shape:
        raise ValueError(f"a LayerNorm of {shape} takes shapes that end so, not {input.shape}")
    return _normalized(input, weight, bias, range(-len(shape), 0), eps)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """x over the root of its mean square over the last dimensions (Zhang & Sennrich 2019)."""
    dims = tuple(range(-len(tuple(normalized_shape)), 0))
    input = floats(input)
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    out = input / ((input * input).mean(dims, keepdim=True) + eps).sqrt()
    return out if weight is None else out * weight


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 for each sample and group of channels (Wu & He 2018)."""
    n, c = input.shape[:2]
    if c % num_groups:
        raise ValueError(f"{c} channels cannot be put into {num_groups} groups")
    grouped = input.reshape(n, num_groups, -1)
    out = _normalized(grouped, None, None, (2,), eps).reshape(input.shape)
    shape = (1, -1) + (1,) * (input.ndim - 2)
    out = out if weight is None else out * weight.reshape(shape)
    return out if bias is None else out + bias.reshape(shape)


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):  # fmt: skip
    """Mean 0 and variance 1 for each sample and channel, or with use_input_stats=False by running averages."""
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if running_mean is not None:
        raise ValueError("instance_norm keeps no running averages here: running_mean=None")
    return group_norm(input, input.shape[1], weight, bias, eps)


def batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    """Mean 0 and variance 1 for each channel, over the batch or, in use, by the running averages."""
    shape = (1, -1) + (1,) * (input.ndim - 2)
    dims = (0, *range(2, input.ndim))
    if not training and running_mean is not None:
        out = (input - running_mean.reshape(shape)) / (running_var.reshape(shape) + eps).sqrt()
        out = out if weight is None else out * weight.reshape(shape)
        return out if bias is None else out + bias.reshape(shape)
    if input.numel() < 2 * input.shape[1]:
        raise ValueError(
            f"to train, a batch norm needs more than one value for each channel, and {input.shape} has one"
        )
    if running_mean is not None:
        x = input.detach()
        running_mean.add_(momentum * (x.mean(dims) - running_mean))
        running_var.add_(momentum * (x.var(dims) - running_var))
    return _normalized(input, weight, bias, dims, eps, shape)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """x over its p-norm along `dim`, or over `eps` where the norm is less."""
    return input / input.norm(p, dim, keepdim=True).clamp(min=eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between vectors along `dim`."""
    x1, x2 = floats(x1), floats(x2)
    return (x1 * x2).sum(dim) / (x1.norm(dim=dim).clamp(min=eps) * x2.norm(dim=dim).clamp(min=eps))


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of the difference of vectors along the last dimension."""
    return (floats(x1) - floats(x2) + eps).norm(p, -1, keepdim)


def pdist(input, p=2.0):
    """The p-norm of the difference of each two rows."""
    first, second = np.triu_indices(len(input), 1)
    return (input[first] - input[second]).norm(p, -1)


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None
):
    """softmax(query @ keyᵀ * scale) @ value: (..., q, d), (..., k, d), (..., k, v) -> (..., q, v).

    Without dropout and with a mask of bools, or none, it is module 09's operation, once that is written.
    """
    root = math.sqrt(query.shape[-1])
    if attend and not dropout_p and (attn_mask is None or attn_mask.dtype == np.bool_):
        mask = None if attn_mask is None else attn_mask.array
        if is_causal:
            before = np.tri(query.shape[-2], key.shape[-2], dtype=bool)
            mask = before if mask is None else mask & before
        return attend(query if scale is None else query * (scale * root), key, value, mask=mask)
    scores = query @ key.transpose(-2, -1) * (1 / root if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(~np.tri(*scores.shape[-2:], dtype=bool), -math.inf)
    if attn_mask is not None:
        ban = attn_mask.dtype == np.bool_
        scores = scores.masked_fill(~attn_mask, -math.inf) if ban else scores + attn_mask
    return dropout(softmax(scores, dim=-1), dropout_p) @ value


# The layers. Where a lesson has one, this is it, with more options.
def _has_bias(shape, bias):
    return Parameter(np.zeros(shape, np.float32)) if bias else None


_MODES = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


def _framed(conv, x, padding, window):
    """x with its frame, if that is not of zeros, and the padding that is left to do."""
    if conv.padding_mode == "zeros":
        return x, padding
    if padding == "same":
        total = [d * (k - 1) for d, k in zip(conv.dilation, window)]
        sides = [(n // 2, n - n // 2) for n in total]
    else:
        sides = [(n, n) for n in (0,) * len(window) if padding == "valid"] or [
            (n, n) for n in (padding if np.iterable(padding) else (padding,) * len(window))
        ]
    return pad(x, [n for side in sides[::-1] for n in side], _MODES[conv.padding_mode]), 0


class Conv2d(layers.Conv2d):
    """Module 03's convolution, with holes in its kernel (`dilation`) and channels in `groups` that do not mix."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
    ):
        if padding_mode not in _MODES:
            raise ValueError(f"padding_mode is one of {', '.join(_MODES)}, not {padding_mode!r}")
        self.padding_mode = padding_mode
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{in_channels} channels to {out_channels} cannot be put into {groups} groups"
            )
        super().__init__(in_channels // groups, out_channels, kernel_size, stride, 0, bias)
        self.padding = padding if isinstance(padding, str) else _two(padding)
        self.dilation, self.groups = _two(dilation), groups
        self.in_channels, self.out_channels, self.kernel_size = (
            in_channels,
            out_channels,
            _two(kernel_size),
        )

    def forward(self, x):
        x, padding = _framed(self, x, self.padding, self.weight.shape[2:])
        return conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(Conv2d):
    """A convolution along one dimension: (n, in_channels, length) -> (n, out_channels, …)."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
    ):
        kernel = (1, *_one(kernel_size))
        super().__init__(in_channels, out_channels, kernel, 1, 0, 1, groups, bias, padding_mode)
        self.weight = Parameter(self.weight.detach().squeeze(2))
        self.kernel_size, self.stride, self.dilation = map(_one, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else _one(padding)

    def forward(self, x):
        x, padding = _framed(self, x, self.padding, self.weight.shape[2:])
        return conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self):
        out, into, kernel = self.weight.shape
        return f"{into * self.groups}, {out}, {kernel}"


class ConvTranspose2d(Module):
    """What a convolution does to gradients, as a layer: images get larger."""

    _function = staticmethod(conv_transpose2d)

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
    ):
        like = layers.Conv2d(
            out_channels // groups, in_channels, kernel_size, bias=False
        )  # for its starting values
        self.weight = Parameter(like.weight.detach())
        bound = 1 / math.sqrt(self.weight[0].numel())
        self.bias = Parameter((2 * rand(out_channels) - 1) * bound) if bias else None
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding = map(_two, (kernel_size, stride, padding))
        self.output_padding, self.dilation = _two(output_padding), _two(dilation)
        self.groups = groups

    def forward(self, x):
        options = {
            n: getattr(self, n) for n in "stride padding output_padding groups dilation".split()
        }
        return self._function(x, self.weight, self.bias, **options)

    def extra_repr(self):
        return f"{self.in_channels}, {self.out_channels}, {self.kernel_size}, stride={self.stride}"


class ConvTranspose1d(ConvTranspose2d):
    """As ConvTranspose2d, along one dimension: rows get longer."""

    _function = staticmethod(conv_transpose1d)

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
    ):
        kernel = (1, *_one(kernel_size))
        super().__init__(in_channels, out_channels, kernel, groups=groups, bias=bias)
        self.weight = Parameter(self.weight.detach().squeeze(2))
        self.kernel_size, self.stride, self.padding = kernel[1:], _one(stride), _one(padding)
        self.output_padding, self.dilation = _one(output_padding), _one(dilation)


class _Pool(Module):
    """One value for each window."""

    def __init__(self, kernel_size, stride=None, padding=0, *more, **options):
        wrong = sorted(options.keys() - self.defaults.keys())
        if wrong or len(more) > len(self.defaults):
            takes = ", ".join(["kernel_size", "stride", "padding", *self.defaults])
            raise TypeError(f"{type(self).__name__} takes {takes}, not {[*wrong, *more][-1]}")
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride
        vars(self).update(self.defaults | dict(zip(self.defaults, more)) | options)

    def forward(self, x):
        options = {name: getattr(self, name) for name in self.defaults}
        return self.pool(x, self.kernel_size, self.stride, self.padding, **options)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


def _pool(name, function, **defaults):
    body = {"pool": staticmethod(function), "defaults": defaults, "__module__": __name__}
    return type(name, (_Pool,), body | {"__doc__": function.__doc__})


_LARGEST = dict(dilation=1, return_indices=False, ceil_mode=False)
_MEAN = dict(ceil_mode=False, count_include_pad=True)
MaxPool1d, MaxPool2d = (
    _pool("MaxPool1d", max_pool1d, **_LARGEST),
    _pool("MaxPool2d", max_pool2d, **_LARGEST),
)
AvgPool1d = _pool("AvgPool1d", avg_pool1d, **_MEAN)
AvgPool2d = _pool("AvgPool2d", avg_pool2d, **_MEAN, divisor_override=None)
AdaptiveAvgPool2d = layer("AdaptiveAvgPool2d", adaptive_avg_pool2d, output_size=1)
AdaptiveMaxPool2d = layer("AdaptiveMaxPool2d", adaptive_max_pool2d, output_size=1)
AdaptiveMaxPool1d = layer("AdaptiveMaxPool1d", adaptive_max_pool1d, output_size=1)
AdaptiveAvgPool1d = layer("AdaptiveAvgPool1d", adaptive_avg_pool1d, output_size=1)
_SIZES = dict(size=None, scale_factor=None)
Upsample = layer("Upsample", interpolate, **_SIZES, mode="nearest", align_corners=None)
UpsamplingNearest2d = layer("UpsamplingNearest2d", interpolate, **_SIZES)
UpsamplingBilinear2d = layer(
    "UpsamplingBilinear2d",
    lambda x, **options: interpolate(x, **options, mode="bilinear", align_corners=True),
    **_SIZES,
)
PixelShuffle = layer("PixelShuffle", pixel_shuffle, upscale_factor=1)
ChannelShuffle = layer("ChannelShuffle", channel_shuffle, groups=1)
PixelUnshuffle = layer("PixelUnshuffle", pixel_unshuffle, downscale_factor=1)
LocalResponseNorm = layer(
    "LocalResponseNorm", local_response_norm, size=1, alpha=1e-4, beta=0.75, k=1.0
)
Fold = layer("Fold", fold, output_size=1, kernel_size=1, dilation=1, padding=0, stride=1)
Unfold = layer("Unfold", unfold, kernel_size=1, dilation=1, padding=0, stride=1)
PairwiseDistance = type(
    "PairwiseDistance",
    (layer("PairwiseDistance", pairwise_distance, p=2.0, eps=1e-6, keepdim=False),),
    {"forward": lambda self, x1, x2: pairwise_distance(x1, x2, self.p, self.eps, self.keepdim)},
)
CosineSimilarity = type(
    "CosineSimilarity",
    (layer("CosineSimilarity", cosine_similarity, dim=1, eps=1e-8),),
    {"forward": lambda self, x1, x2: cosine_similarity(x1, x2, self.dim, self.eps)},
)


def _pads(name, mode, sides=4):
    def __init__(self, padding, value=0.0):
        padding = (padding,) * sides if isinstance(padding, int) else tuple(padding)
        self.padding, self.value = padding, value

    def forward(self, x):
        return pad(x, self.padding, mode, self.value)

    doc = f"Images, or rows, with {name[:-5].lower()} values around them."
    return type(
        name,
        (Module,),
        {"__init__": __init__, "forward": forward, "__doc__": doc, "__module__": __name__},
    )


ZeroPad2d, ConstantPad2d = _pads("ZeroPad2d", "constant"), _pads("ConstantPad2d", "constant")
ReflectionPad2d, ReplicationPad2d = (
    _pads("ReflectionPad2d", "reflect"),
    _pads("ReplicationPad2d", "replicate"),
)
CircularPad2d, ConstantPad1d = (
    _pads("CircularPad2d", "circular"),
    _pads("ConstantPad1d", "constant", 2),
)
ZeroPad1d, CircularPad1d = (
    _pads("ZeroPad1d", "constant", 2),
    _pads("CircularPad1d", "circular", 2),
)
ReflectionPad1d, ReplicationPad1d = (
    _pads("ReflectionPad1d", "reflect", 2),
    _pads("ReplicationPad1d", "replicate", 2),
)


def _dropouts(name, function):
    body = {"forward": lambda self, x: function(x, self.p, self.training)}

    def __init__(self, p=0.5, inplace=False):
        layers.Dropout.__init__(self, p)

    body |= {"__init__": __init__, "__doc__": function.__doc__, "__module__": __name__}
    return type(name, (layers.Dropout,), body)


Dropout1d, Dropout2d = _dropouts("Dropout1d", dropout1d), _dropouts("Dropout2d", dropout2d)
AlphaDropout = _dropouts("AlphaDropout", alpha_dropout)


class Bilinear(Module):
    """x1 @ weight[k] @ x2 + bias[k] for each output k."""

    def __init__(self, in1_features, in2_features, out_features, bias=True):
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features, bound = out_features, 1 / math.sqrt(in1_features)
        self.weight = Parameter((2 * rand(out_features, in1_features, in2_features) - 1) * bound)
        self.bias = Parameter((2 * rand(out_features) - 1) * bound) if bias else None

    def forward(self, input1, input2):
        return bilinear(input1, input2, self.weight, self.bias)


class LayerNorm(layers.LayerNorm):
    """Module 03's layer norm; without a shift (`bias=False`), or without a scale as well (`elementwise_affine=False`)."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True):
        super().__init__(normalized_shape, eps)
        self.normalized_shape, self.elementwise_affine = self.weight.shape, elementwise_affine
        if not elementwise_affine:
            self.weight = None
        if not (elementwise_affine and bias):
            self.bias = None

    def forward(self, x):
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return str(self.normalized_shape)


class RMSNorm(Module):
    """x over the root of its mean square, times a learnt scale."""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True):
        shape = tuple(normalized_shape) if np.iterable(normalized_shape) else (normalized_shape,)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.weight = Parameter(np.ones(shape, np.float32)) if elementwise_affine else None

    def forward(self, x):
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)


class GroupNorm(Module):
    """Mean 0 and variance 1 for each sample and group of channels; then a learnt scale and shift."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True):
        if num_channels % num_groups:
            raise ValueError(f"{num_channels} channels cannot be put into {num_groups} groups")
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        self.affine = affine
        self.weight = Parameter(np.ones(num_channels, np.float32)) if affine else None
        self.bias = _has_bias(num_channels, affine)

    def forward(self, x):
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


class InstanceNorm2d(GroupNorm):
    """Mean 0 and variance 1 for each sample and channel."""

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False
    ):
        if track_running_stats:
            raise ValueError("InstanceNorm keeps no running averages: track_running_stats=False")
        super().__init__(num_features, num_features, eps, affine)
        self.num_features, self.momentum, self.track_running_stats = num_features, momentum, False


class InstanceNorm1d(InstanceNorm2d):
    __doc__ = InstanceNorm2d.__doc__


class _BatchNorm:
    """Module 03's batch norm; without scale and shift (`affine`), without running averages (`track_running_stats`), or
    with the mean of all batches in their place (`momentum=None`).
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__(num_features, eps, momentum)
        self.num_features, self.affine, self.track_running_stats = (
            num_features,
            affine,
            track_running_stats,
        )
        if not affine:
            self.weight = self.bias = None
        if not track_running_stats:
            self._buffers = ()
            self.running_mean = self.running_var = self.num_batches_tracked = None

    def forward(self, x):
        if self.affine and self.track_running_stats and self.momentum is not None:
            return super().forward(x)
        if x.ndim not in self.ndims or x.shape[1] != self.num_features:
            raise ValueError(
                f"a {type(self).__name__} of {self.num_features} channels cannot take a shape {x.shape}"
            )
        momentum = self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked += 1
            momentum = 1 / self.num_batches_tracked.item() if momentum is None else momentum
        training = self.training or not self.track_running_stats
        return batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training,
            momentum,
            self.eps,
        )

    def extra_repr(self):
        return str(self.num_features)


class BatchNorm1d(_BatchNorm, layers.BatchNorm1d):
    __doc__ = _BatchNorm.__doc__


class BatchNorm2d(_BatchNorm, layers.BatchNorm2d):
    __doc__ = _BatchNorm.__doc__


class Embedding(layers.Embedding):
    """Module 03's table, whose row `padding_idx` is 0 and stays so; `sparse` changes nothing."""

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
    ):
        if max_norm is not None or scale_grad_by_freq:
            raise ValueError(
                "rows are as long as they are here: max_norm=None and scale_grad_by_freq=False"
            )
        super().__init__(num_embeddings, embedding_dim)
        self.num_embeddings, self.embedding_dim, self.padding_idx = (
            num_embeddings,
            embedding_dim,
            padding_idx,
        )
        if padding_idx is not None:
            self.weight.array[padding_idx] = 0

    def forward(self, indices):
        if self.padding_idx is None:
            return super().forward(indices)
        return embedding(indices, self.weight, self.padding_idx)

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None):
        """A table with these rows, which are not learnt unless `freeze` is False."""
        made = cls(*embeddings.shape, padding_idx)
        made.weight = Parameter(embeddings, requires_grad=not freeze)
        return made


class EmbeddingBag(Embedding):
    """The mean, sum or largest values of some rows of a table: (n, rows), or all in one row that offsets cut."""

    def __init__(
        self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean",
        sparse=False, _weight=None, include_last_offset=False, padding_idx=None,
    ):  # fmt: skip
        _check_plain_rows(max_norm, scale_grad_by_freq)
        super().__init__(num_embeddings, embedding_dim, padding_idx)
        if _weight is not None:
            self.weight = Parameter(_weight)
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(self, input, offsets=None, per_sample_weights=None):
        return embedding_bag(
            input, self.weight, offsets, mode=self.mode, per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset, padding_idx=self.padding_idx,
        )  # fmt: skip


class ReLU(layers.ReLU):
    """max(x, 0); `inplace` is accepted, and the result is computed anew."""

    def __init__(self, inplace=False):
        pass


class LeakyReLU(layers.LeakyReLU):
    """x where it is positive, and a little of x elsewhere; `inplace` is accepted, and the result is computed anew."""

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__(negative_slope)


class Dropout(layers.Dropout):
    """Module 03's dropout; `inplace` is accepted, and the result is computed anew."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__(p)


class Linear(layers.Linear):
    """Module 03's linear layer, which knows its sizes."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        self.in_features, self.out_features = in_features, out_features


LazyLinear = lazy("LazyLinear", Linear, -1)
LazyConv1d, LazyConv2d = lazy("LazyConv1d", Conv1d, 1), lazy("LazyConv2d", Conv2d, 1)
LazyBatchNorm1d = lazy("LazyBatchNorm1d", BatchNorm1d, 1)
LazyBatchNorm2d = lazy("LazyBatchNorm2d", BatchNorm2d, 1)
