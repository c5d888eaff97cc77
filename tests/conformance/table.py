"""The table of what is compared with PyTorch: operation, shapes, options; nearly one line a case.

A row's function works on the tensors of both libraries where names agree. Where they do not, `theirs` is PyTorch's side
of it, and `why` says what differs on purpose. Nothing here imports PyTorch: `operations(tt)` without it gives rows that
can run on our side, beside values that PyTorch gave earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Op:
    """A function of tensors, on inputs of these shapes with these options."""

    name: str
    listed: list[tuple[tuple, dict]]  # (shapes of the inputs, options)
    ours: Callable
    theirs: Callable | None = None  # the same function, if None
    drawn: str = ""  # how Hypothesis finds more cases, see draw.py
    gradient: bool = True
    why: str = ""  # what differs on purpose
    apart: str = ""  # why gradients are not compared where inputs are ±inf or nan

    def call(self, ours: bool, inputs: Iterable, options: dict) -> Any:
        """The result on our tensors or on PyTorch's."""
        if ours:
            return self.ours(*inputs, **options)
        return (self.theirs or self.ours)(*inputs, **options)


@dataclass(frozen=True)
class Layer:
    """A module that both libraries make from the same arguments, on an input of each of these shapes.

    For a loss, `target` says what it is compared with, and `shapes` holds pairs.
    """

    name: str
    args: tuple
    shapes: list
    options: dict = field(default_factory=dict)
    also: dict = field(default_factory=dict)  # options for PyTorch alone
    numbers: str = "any"  # what the inputs hold, see `fill`
    target: str = ""
    evaluate: bool = False
    why: str = ""
    apart: str = ""

    @property
    def title(self) -> str:
        said = [repr(arg) for arg in self.args] + [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join(said)}){'.eval()' if self.evaluate else ''} on {self.numbers}"

    @property
    def theirs(self) -> dict:
        return self.options | self.also


@dataclass(frozen=True)
class Rule:
    """An optimizer, with `groups` of parameters that have options of their own, or one group if there are none."""

    name: str
    options: dict = field(default_factory=dict)
    groups: tuple[dict, ...] = ()

    @property
    def title(self) -> str:
        said = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join(said)})" + (f" in {len(self.groups)} groups" if self.groups else "")


@dataclass(frozen=True)
class Schedule:
    """A schedule of learning rates, over an optimizer that is made with `rule`."""

    name: str
    options: dict
    rule: Rule = Rule("SGD", dict(lr=0.1), (dict(lr=0.5), dict()))

    @property
    def title(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.options.items())})"


def fill(shape: tuple, numbers: str, dtype: type | str, seed: int) -> np.ndarray:
    """An array of `shape` that holds the kind of numbers a row asks for. `RandomState` gives the same ones for ever."""
    rng = np.random.RandomState(seed)
    if numbers.startswith("below "):  # whole numbers, as indices are
        return np.asarray(rng.randint(0, int(numbers[6:]), shape), np.int64)
    values = {
        "any": lambda: rng.standard_normal(shape),
        "positive": lambda: rng.uniform(0.5, 2.5, shape),
        "ties": lambda: rng.randint(-2, 3, shape),
        "special": lambda: rng.choice([np.inf, -np.inf, np.nan, 0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0], shape),
        "large": lambda: rng.choice([-1000.0, -999.0, -1.0, 0.0, 1.0, 500.0, 1000.0], shape),
        "shares": lambda: rng.uniform(0, 1, shape),
    }
    return np.asarray(values[numbers]()).astype(dtype)


def one(*shapes, **options):
    """A case for each shape, of one input."""
    return [((shape,), options) for shape in shapes]


def each(shape, *options):
    """A case for each of `options`, of one input."""
    return [((shape,), option) for option in options]


def pairs(*shapes):
    """A case for each pair of shapes, of two inputs."""
    return [(pair, {}) for pair in shapes]


def over_axes(*shapes):
    """Every axis from both ends, all axes, and pairs of neighbours; with and without keepdims."""
    cases = []
    for shape in shapes:
        n = len(shape)
        axes = [None, *range(-n, n), *((i, i + 1) for i in range(n - 1))]
        cases += each(shape, *(dict(dim=dim, keepdim=keep) for dim in axes for keep in (False, True)))
    return cases


def axes(*values, **options):
    return [dict(dim=value, **options) for value in values]


def shapes(*values):
    return [dict(shape=value) for value in values]


SHAPES = [(), (1,), (5,), (3, 4), (1, 4), (2, 1, 3), (0,), (2, 0, 3)]
ONE = one(*SHAPES)
PAIRS = pairs(*((shape, shape) for shape in SHAPES))
PAIRS += pairs(((3, 4), ()), ((), (3, 4)), ((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((2, 1, 3), (4, 1)))
PAIRS += pairs(((1, 1), (2, 3, 4)), ((0, 3), (1, 3)), ((1,), (0,)))
FULL = over_axes((5,), (3, 4), (2, 1, 3), (4, 1)) + one((), dim=None, keepdim=False)
EMPTY = [*each((0,), *axes(None, 0, keepdim=False)), *each((2, 0, 3), *axes(0, 1, (0, 1), keepdim=True))]
SINGLE = [case for case in FULL if not isinstance(case[1]["dim"], tuple)]
ALONG = [case for case in SINGLE if case[1]["dim"] is not None]
PRODUCTS = pairs(((3, 4), (4, 5)), ((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((1, 1), (1, 1)), ((2, 3, 4), (4, 5)))
PRODUCTS += pairs(
    ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((4,), (2, 4, 5)), ((2, 3, 4), (4,)), ((3, 0), (0, 2))
)
CUBE = (2, 3, 4)
RESHAPED = each((3, 4), *shapes((12,), (2, -1), (-1,), (1, 4, 3))) + each((0, 3), *shapes((3, 0)))
VIEWED = each((2, 6), *shapes((3, 4), (12,), (-1, 2)))
SWAPPED = each(CUBE, *(dict(a=a, b=b) for a, b in [(0, 1), (-1, 0), (1, 1)]))
ORDERED = each(CUBE, *(dict(order=order) for order in [(2, 0, 1), (-1, 0, 1)]))
SQUEEZED = one((1, 3, 1), (1,), (3,), (), (1, 0)) + each((1, 3, 1), *axes(0, -1, 1))
UNSQUEEZED = each((2, 3), *axes(0, 1, 2, -1, -3)) + each((), *axes(0))
EXPANDED = each((3, 1), *shapes((3, 4), (2, -1, 4))) + each((), *shapes((2, 3))) + each((1,), *shapes((0,)))
FLATTENED = one(CUBE, (), (0, 2)) + each(CUBE, dict(start_dim=1), dict(end_dim=1), dict(start_dim=-2))
INDEXED = each((3, 4), dict(index=(slice(0, 2), [0, 0, 3])))
JOINED = [(((2, 3), (4, 3)), dict(dim=0)), (((2, 3), (2, 1), (2, 0)), dict(dim=-1)), (((0,), (2,)), dict(dim=0))]
STACKED = [(((2, 3), (2, 3)), option) for option in axes(0, 1, 2, -1)] + [(((), ()), dict(dim=0))]
SPLIT = each((5, 3), *(dict(size=size, dim=dim) for size, dim in [(2, 0), (3, 1), ([1, 4], 0), ((1, 0, 2), -1)]))

TIES = "values that tie share the gradient, as in `torch.amax`; `torch.max(dim=)` gives it to one of them"
FLAT = "has a derivative, which is 0"
NAME = "NumPy's name"

ABS = "the slope at nan is nan; PyTorch's is 0"
CLIP = "an infinite gradient times a slope of 0 is nan; PyTorch's is 0"
VAR = "where one value is ±inf, all slopes are nan; some of PyTorch's are ±inf"
RELU = "the slope at nan is 0; PyTorch's is 1"
ROOT = "the slope of a root at -inf is 0; PyTorch's is nan"
POOL = "a window with nan in it passes no gradient on; PyTorch's gives it to the nan"


def operations(tt, torch=None) -> list[Op]:
    """Everything that tensors can do."""

    def dims(x, dim):  # torch.amax takes all axes only one by one
        return tuple(range(x.ndim)) if dim is None else dim

    def amax(x, dim, keepdim):
        return torch.amax(x, dims(x, dim), keepdim)

    def amin(x, dim, keepdim):
        return torch.amin(x, dims(x, dim), keepdim)

    def parts(pieces):
        return sum(piece.sum() * (n + 1) for n, piece in enumerate(pieces))

    rows = [[0, 2], [2, 2]]
    return [
        # Arithmetic.
        Op("x + y", PAIRS, lambda x, y: x + y, drawn="pair"),
        Op("x - y", PAIRS, lambda x, y: x - y, drawn="pair"),
        Op("x * y", PAIRS, lambda x, y: x * y, drawn="pair"),
        Op("x / y", PAIRS, lambda x, y: x / y, drawn="pair"),
        Op("x // y", PAIRS, lambda x, y: x // y, drawn="pair", gradient=False, why=FLAT),
        Op("x % y", PAIRS, lambda x, y: x % y, drawn="pair"),
        Op("x ** y", PAIRS, lambda x, y: x**y, drawn="pair"),
        Op("-x", ONE, lambda x: -x, drawn="one"),
        Op("x and a number", ONE, lambda x: (x + 2) * (x - 2) + (x * 2) * (x / 2) + x % 3, drawn="one"),
        Op("a number and x", ONE, lambda x: (2 + x) * (2 - x) + (2 * x) * (2 / x), drawn="one"),
        Op("7 % x, 7 // x", ONE, lambda x: (7 % x) + (7 // x), drawn="one", gradient=False),
        Op("x ** 2", ONE, lambda x: x**2, drawn="one"),
        Op("x ** 0, x ** 3.0", ONE, lambda x: x**0 + x**3.0, drawn="one"),
        Op("x ** 0.5, x ** -1", ONE, lambda x: x**0.5 + x**-1, drawn="one", apart=ROOT),
        Op("2 ** x", ONE, lambda x: 2**x, drawn="one"),
        Op("x used twice", ONE, lambda x: x * x + x, drawn="one"),
        Op("x == y", PAIRS, lambda x, y: x == y, drawn="pair", gradient=False),
        Op("x != y", PAIRS, lambda x, y: x != y, drawn="pair", gradient=False),
        Op("x < y", PAIRS, lambda x, y: x < y, drawn="pair", gradient=False),
        Op("x <= y", PAIRS, lambda x, y: x <= y, drawn="pair", gradient=False),
        Op("x > y", PAIRS, lambda x, y: x > y, drawn="pair", gradient=False),
        Op("x >= y", PAIRS, lambda x, y: x >= y, drawn="pair", gradient=False),
        # Functions, value by value.
        Op("exp", ONE, lambda x: x.exp(), drawn="one"),
        Op("log", ONE, lambda x: x.log(), drawn="one"),
        Op("sqrt", ONE, lambda x: x.sqrt(), drawn="one"),
        Op("abs", ONE, lambda x: x.abs() + abs(x), drawn="one", apart=ABS),
        Op("clip", ONE, lambda x: x.clamp(-0.5, 0.5), drawn="one"),
        Op("clip, one limit", ONE, lambda x: x.clamp(min=0) * x.clamp(max=1), drawn="one", apart=CLIP),
        Op("maximum", PAIRS, lambda *xs: tt.maximum(*xs), lambda *xs: torch.maximum(*xs), "pair"),
        Op("logaddexp", PAIRS, lambda *xs: tt.logaddexp(*xs), lambda *xs: torch.logaddexp(*xs), "pair"),
        Op("where", PAIRS, lambda x, y: tt.where(x > y, x, y), lambda x, y: torch.where(x > y, x, y), "pair"),
        Op("astype", ONE, lambda x: x.to(np.float64) * 1.5, lambda x: x.to(torch.float64) * 1.5, why=NAME),
        # Reductions.
        Op("sum", FULL + EMPTY, lambda x, **o: x.sum(**o), drawn="reduced"),
        Op("mean", FULL + EMPTY, lambda x, **o: x.mean(**o), drawn="reduced"),
        Op("max", FULL, lambda x, **o: x.amax(**o), amax, "full", why=TIES),
        Op("min", FULL, lambda x, **o: x.amin(**o), amin, "full", why=TIES),
        Op("max(dim)", ALONG, lambda x, **o: x.max(**o).values),
        Op("min(dim)", ALONG, lambda x, **o: x.min(**o).values),
        Op("argmax", SINGLE, lambda x, **o: x.argmax(**o), drawn="full axis", gradient=False),
        Op("var", FULL, lambda x, **o: x.var(**o), drawn="reduced", apart=VAR),
        Op("var, correction=0", FULL, lambda x, **o: x.var(correction=0, **o), drawn="reduced", apart=VAR),
        # Shape and memory.
        Op("contiguous", ONE, lambda x: x.contiguous()),
        Op("contiguous, of a transpose", one((3, 4), CUBE), lambda x: x.transpose(0, -1).contiguous()),
        Op("reshape", RESHAPED, lambda x, shape: x.reshape(shape), drawn="reshape"),
        Op("view", VIEWED, lambda x, shape: x.contiguous().view(shape)),
        Op("transpose", SWAPPED, lambda x, a, b: x.transpose(a, b), drawn="two axes"),
        Op("permute", ORDERED, lambda x, order: x.permute(*order), drawn="order"),
        Op("T", one((3, 4), (1, 4), (0, 2)), lambda x: x.T),
        Op("squeeze", SQUEEZED, lambda x, **o: x.squeeze(**o)),
        Op("unsqueeze", UNSQUEEZED, lambda x, **o: x.unsqueeze(**o)),
        Op("expand", EXPANDED, lambda x, shape: x.expand(*shape) * 1),
        Op("flatten", FLATTENED, lambda x, **o: x.flatten(**o)),
        # Indexing.
        Op("x[i], x[i, j]", one((3, 4)), lambda x: x[0] * x[-1] + x[1, 2]),
        Op("x[slices]", one((4, 6)), lambda x: x[1:, ::2] * x[:3, 3:] + x[..., None, -1][:3]),
        Op("x[mask]", one((3, 4), (0, 3)), lambda x: x[x > 0]),
        Op("x[list]", one((4, 3)), lambda x: x[[0, 2, 2, -1]]),
        Op("x[list, list]", one((4, 3)), lambda x: x[[0, 2, 2], [1, 1, 1]]),
        Op("x[tensor]", one((4, 3)), lambda x: x[tt.Tensor(rows, dtype=int)], lambda x: x[torch.tensor(rows)]),
        Op("x[anything]", INDEXED, lambda x, index: x[index], drawn="index"),
        Op("for row in x", one((3, 4)), lambda x: parts(x)),
        # Joining and cutting.
        Op(
            "concatenate",
            JOINED,
            lambda *xs, dim: tt.cat(xs, dim),
            lambda *xs, dim: torch.cat(xs, dim),
            "joined",
            why=NAME,
        ),
        Op("stack", STACKED, lambda *xs, dim: tt.stack(xs, dim), lambda *xs, dim: torch.stack(xs, dim)),
        Op(
            "split",
            SPLIT,
            lambda x, size, dim: parts(tt.split(x, size, dim)),
            lambda x, size, dim: parts(torch.split(x, size, dim)),
        ),
        # Matrix product.
        Op("x @ y", PRODUCTS, lambda x, y: x @ y, drawn="matmul"),
    ]


IMAGES = [(2, 3, 6, 5), (1, 3, 7, 9)]
ROWS = [(5, 4), (4,), CUBE, (0, 4), (1, 4)]
ALIKE = [((5, 4), (5, 4)), ((3,), (3,)), ((), ()), ((2, 1, 3), (2, 1, 3)), ((0, 4), (0, 4))]
SCORES = [((5, 3), (5,)), ((1, 3), (1,)), ((2, 3, 4), (2, 4)), ((2, 3, 4, 5), (2, 4, 5)), ((0, 3), (0,))]
GELU = 'the formula of the paper with tanh, PyTorch\'s `approximate="tanh"`'
BAD = ("any", "large")


def layers() -> list[Layer]:
    """Layers and losses."""
    table = [
        Layer("Linear", (4, 3), ROWS),
        Layer("Linear", (4, 1), ROWS, dict(bias=False)),
        *(Layer(name, (), SHAPES, numbers=n) for name in ("ReLU", "Sigmoid", "Tanh") for n in BAD),
        *(Layer(name, (), SHAPES, numbers="special") for name in ("Sigmoid", "Tanh")),
        Layer("ReLU", (), SHAPES, numbers="special", apart=RELU),
        *(Layer("LeakyReLU", args, SHAPES, numbers=n) for args in [(), (0.2,)] for n in ("any", "special")),
        *(Layer("GELU", (), SHAPES, also=dict(approximate="tanh"), numbers=n, why=GELU) for n in BAD),
        *(
            Layer(name, (), [(3, 4), (4,), (2, 1, 3)], dict(dim=a), numbers=n)
            for name in ("Softmax", "LogSoftmax")
            for a in (-1, 0)
            for n in BAD
        ),
        *(Layer("Conv2d", (3, 4, 3), IMAGES, dict(stride=s, padding=p)) for s in (1, 2, 3) for p in (0, 1, 2)),
        Layer("Conv2d", (3, 4, 1), IMAGES),
        Layer("Conv2d", (3, 4, (2, 3)), IMAGES, dict(stride=(2, 1), padding=(0, 2), bias=False)),
        Layer("Conv2d", (1, 2, 3), [(2, 1, 28, 28), (0, 1, 5, 5), (1, 1, 3, 3)]),
        *(Layer(name, args, IMAGES) for name in ("MaxPool2d", "AvgPool2d") for args in [(2,), ((2, 3),)]),
        *(Layer(name, (3,), IMAGES, dict(stride=s)) for name in ("MaxPool2d", "AvgPool2d") for s in (1, 2, (1, 2))),
        *(Layer("MaxPool2d", (2,), IMAGES, dict(stride=s), numbers="ties") for s in (1, 2)),
        *(Layer("MaxPool2d", (2,), IMAGES, dict(stride=s), numbers="special", apart=POOL) for s in (1, 2)),
        Layer("Flatten", (), [CUBE, (2, 3), (0, 3, 4), (2, 0, 3)]),
        Layer("Dropout", (0.5,), SHAPES, evaluate=True),
        *(Layer("Dropout", (p,), SHAPES) for p in (0.0, 1.0)),
        Layer("LayerNorm", (4,), ROWS),
        Layer("LayerNorm", ((3, 4),), [CUBE, (3, 4), (0, 3, 4)], dict(eps=1e-3)),
        *(
            Layer("BatchNorm1d", (4,), [(5, 4), (2, 4, 3)], dict(momentum=m), evaluate=e)
            for m in (0.1, 0.5)
            for e in (False, True)
        ),
        *(Layer("BatchNorm2d", (3,), IMAGES, dict(eps=1e-3), evaluate=e) for e in (False, True)),
        Layer("Embedding", (7, 3), [(5,), (2, 3), (), (0,)], numbers="below 7"),
    ]
    for option in (dict(reduction=r) for r in ("mean", "sum", "none")):
        table += [
            *(Layer(name, (), ALIKE, option, target="any") for name in ("MSELoss", "L1Loss")),
            Layer("L1Loss", (), ALIKE, option, numbers="ties", target="ties"),
            *(Layer("BCEWithLogitsLoss", (), ALIKE, option, numbers=n, target="shares") for n in BAD),
            *(Layer("CrossEntropyLoss", (), SCORES, option, numbers=n, target="below 3") for n in BAD),
            Layer("NLLLoss", (), SCORES, option, target="below 3"),
        ]
    return table


LOSSES = ("MSELoss", "L1Loss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss")
DECAY = dict(weight_decay=0.1)


def rules() -> list[Rule]:
    """Optimizers, each with the options that change what it does."""
    heavy = dict(lr=0.05, momentum=0.9)
    return [
        Rule("SGD", dict(lr=0.1)),
        Rule("SGD", dict(lr=0.1, **DECAY)),
        Rule("SGD", heavy),
        Rule("SGD", dict(**heavy, dampening=0.3)),
        Rule("SGD", dict(**heavy, nesterov=True)),
        Rule("SGD", dict(**heavy, **DECAY, nesterov=True)),
        Rule("SGD", heavy, (dict(lr=0.01, momentum=0.0), DECAY)),
        Rule("RMSprop", dict(lr=0.01)),
        Rule("RMSprop", dict(lr=0.01, alpha=0.9, eps=1e-3, **DECAY)),
        Rule("RMSprop", dict(lr=0.01, momentum=0.9)),
        Rule("RMSprop", dict(lr=0.01), (dict(alpha=0.5), dict(lr=0.1))),
        *(
            Rule(name, *rest)
            for name in ("Adam", "AdamW")
            for rest in [
                (dict(),),
                (dict(lr=0.1),),
                (dict(lr=0.1, betas=(0.5, 0.9), eps=1e-3),),
                (dict(lr=0.05, **DECAY),),
                (dict(lr=0.05), (dict(betas=(0.0, 0.5)), dict(lr=0.2, **DECAY))),
            ]
        ),
    ]


def schedules() -> list[Schedule]:
    """Schedules, over 50 steps."""
    heavy, adam = Rule("SGD", dict(lr=0.1, momentum=0.9)), Rule("Adam", dict(lr=0.1))
    return [
        *(Schedule("StepLR", option) for option in [dict(step_size=7), dict(step_size=1, gamma=0.9)]),
        *(Schedule("CosineAnnealingLR", option) for option in [dict(T_max=50), dict(T_max=20, eta_min=0.01)]),
        *(Schedule("LinearLR", option) for option in [{}, dict(start_factor=1.0, end_factor=0.1, total_iters=30)]),
        *(Schedule("OneCycleLR", dict(max_lr=1.0, total_steps=51), rule) for rule in (heavy, adam)),
        Schedule("OneCycleLR", dict(max_lr=1.0, total_steps=51, pct_start=0.5, anneal_strategy="linear"), heavy),
        Schedule(
            "OneCycleLR", dict(max_lr=0.5, epochs=17, steps_per_epoch=3, div_factor=10.0, final_div_factor=100.0), heavy
        ),
        Schedule("OneCycleLR", dict(max_lr=1.0, total_steps=60, three_phase=True), heavy),
        Schedule("OneCycleLR", dict(max_lr=[1.0, 0.5], total_steps=51, cycle_momentum=False)),
    ]
