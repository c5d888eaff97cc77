"""How Hypothesis finds cases of its own: shapes and options for an operation, and layers with options and inputs."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from table import Layer

MANY = settings(max_examples=60, derandomize=True, database=None, deadline=None)  # the same cases in every run

SIZES = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
FULL_SIZES = npst.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
NUMBERS = st.sampled_from([-3.0, -2.0, -1.5, -1.0, -0.25, 0.0, 0.5, 0.75, 1.0, 2.0, 2.5, 4.0])  # few, so that many tie


@st.composite
def one(draw):
    return (draw(SIZES),), {}


@st.composite
def pair(draw):
    return draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=4)).input_shapes, {}


@st.composite
def reduced(draw, sizes=SIZES):
    shape = draw(sizes)
    some = npst.valid_tuple_axes(len(shape), min_size=1) if shape else st.none()
    dim = draw(
        st.one_of(st.none(), some)
        if not shape
        else st.one_of(st.none(), some, st.integers(-len(shape), len(shape) - 1))
    )
    return (shape,), dict(dim=dim, keepdim=draw(st.booleans()))


@st.composite
def full_axis(draw):
    shape = draw(FULL_SIZES)
    dim = draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    return (shape,), dict(dim=dim, keepdim=draw(st.booleans()))


@st.composite
def reshape(draw):
    sizes = draw(st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4))
    target = draw(st.permutations([size for size in sizes if size != 1] + [1] * draw(st.integers(0, 2))))
    if target and draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = -1
    return (tuple(sizes),), dict(shape=tuple(target))


@st.composite
def two_axes(draw):
    shape = draw(npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    dim = st.integers(-len(shape), len(shape) - 1)
    return (shape,), dict(a=draw(dim), b=draw(dim))


@st.composite
def order(draw):
    shape = draw(npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    axes = draw(st.permutations(range(len(shape))))
    return (shape,), dict(order=tuple(dim - len(shape) if draw(st.booleans()) else dim for dim in axes))


@st.composite
def index(draw):
    """Numbers, slices, `...` and None; or slices and one list."""
    shape = draw(npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    listed = draw(st.none() | st.integers(0, len(shape) - 1))
    parts = []
    for dim, size in enumerate(shape[: draw(st.integers(0 if listed is None else listed + 1, len(shape)))]):
        place = st.integers(-size, size - 1)
        window = st.builds(slice, st.none() | place, st.none() | place, st.none() | st.integers(1, 3))
        if dim == listed:
            parts.append(draw(st.lists(place, min_size=1, max_size=5)))
        else:
            parts.append(draw(window if listed is not None else window | place))
    if listed is None and draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if len(parts) < len(shape) and None not in parts and draw(st.booleans()):
        parts.append(...)
    return (shape,), dict(index=tuple(parts))


@st.composite
def joined(draw):
    shape = draw(npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    place = dim % len(shape)
    return tuple((*shape[:place], size, *shape[place + 1 :]) for size in sizes), dict(dim=dim)


@st.composite
def matmul(draw):
    signature = "(n?,k),(k,m?)->(n?,m?)"
    return draw(
        npst.mutually_broadcastable_shapes(signature=signature, max_dims=2, min_side=0, max_side=4)
    ).input_shapes, {}


CASES = {
    "one": one(),
    "pair": pair(),
    "reduced": reduced(),
    "full": reduced(FULL_SIZES),
    "full axis": full_axis(),
    "reshape": reshape(),
    "two axes": two_axes(),
    "order": order(),
    "index": index(),
    "joined": joined(),
    "matmul": matmul(),
}


def arrays(shapes: tuple, dtype: str):
    """An array for each shape, of few numbers."""
    return st.tuples(*(npst.arrays(np.dtype(dtype), shape, elements=NUMBERS) for shape in shapes))


@st.composite
def convolution(draw):
    kernel, stride, padding = (draw(st.tuples(st.integers(low, 3), st.integers(low, 3))) for low in (1, 1, 0))
    into, out, n = (draw(st.integers(1, 4)) for _ in range(3))
    rows, cols = (draw(st.integers(max(k - 2 * p, 1), 9)) for k, p in zip(kernel, padding))
    options = dict(stride=stride, padding=padding, bias=draw(st.booleans()))
    return Layer("Conv2d", (into, out, kernel), [(n, into, rows, cols)], options)


@st.composite
def pooling(draw):
    kernel, stride = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(2))
    image = tuple(draw(st.integers(k, 9)) for k in kernel)
    numbers = draw(st.sampled_from(["any", "ties"]))
    name = draw(st.sampled_from(["MaxPool2d", "AvgPool2d"]))
    return Layer(name, (kernel,), [(draw(st.integers(1, 3)), 2, *image)], dict(stride=stride), numbers=numbers)


@st.composite
def linear(draw):
    into, out = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    front = draw(npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    return Layer("Linear", (into, out), [(*front, into)], dict(bias=draw(st.booleans())))


@st.composite
def normalisation(draw):
    name = draw(st.sampled_from(["LayerNorm", "BatchNorm1d", "BatchNorm2d"]))
    channels, n = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    eps = draw(st.sampled_from([1e-5, 1e-2]))
    if name == "LayerNorm":
        back = draw(npst.array_shapes(min_dims=0, max_dims=1, min_side=1, max_side=3))
        return Layer(name, ((channels, *back),), [(n, channels, *back)], dict(eps=eps))
    back = (
        draw(npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=4))
        if name[-2] == "2"
        else (3,) * draw(st.integers(0, 1))
    )
    return Layer(name, (channels,), [(n, channels, *back)], dict(eps=eps), evaluate=draw(st.booleans()))


@st.composite
def activation(draw):
    name = draw(st.sampled_from(["Softmax", "LogSoftmax", "ReLU", "LeakyReLU", "Sigmoid", "Tanh", "GELU"]))
    shape = draw(FULL_SIZES)
    options = dict(dim=draw(st.integers(-len(shape), len(shape) - 1))) if "Softmax" in name else {}
    also = dict(approximate="tanh") if name == "GELU" else {}
    return Layer(name, (), [shape], options, also, numbers=draw(st.sampled_from(["any", "ties", "large"])))


@st.composite
def loss(draw):
    name = draw(st.sampled_from(["MSELoss", "L1Loss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss"]))
    options = dict(reduction=draw(st.sampled_from(["mean", "sum", "none"])))
    numbers = draw(st.sampled_from(["any", "ties", "large"]))
    if name in ("CrossEntropyLoss", "NLLLoss"):
        n, classes, back = (
            draw(st.integers(0, 5)),
            draw(st.integers(1, 5)),
            draw(st.lists(st.integers(1, 3), max_size=2)),
        )
        shapes, target = ((n, classes, *back), (n, *back)), f"below {classes}"
    else:
        shapes, target = (draw(SIZES),) * 2, "shares"
    return Layer(name, (), [shapes], options, numbers=numbers, target=target)


LAYERS = dict(
    convolution=convolution(),
    pooling=pooling(),
    linear=linear(),
    normalisation=normalisation(),
    activation=activation(),
    loss=loss(),
)
