"""Both libraries behind the same few functions, so that one row of the table runs on either; and how far results are apart."""

from __future__ import annotations

import math

import numpy as np
from table import Layer, Op, Rule, Schedule, fill

LAYOUTS = ("plain", "transposed", "strided")  # how the inputs lie in memory
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


class TinyTorch:
    """Our side."""

    ours = True

    def __init__(self, tt):
        self.layers = self.optimizers = self.schedules = self.tools = tt
        self.tt = tt

    def tensor(self, array, requires_grad=False):
        return self.tt.Tensor(array, requires_grad=requires_grad)

    def parameter(self, array):
        return self.tt.Parameter(array)

    def array(self, tensor) -> np.ndarray:
        return np.array(self.tt.Tensor(tensor).array)

    def flip(self, tensor):
        return tensor.T

    def wide(self, module):
        """Give the module's numbers float64."""
        for part in module.modules():
            for value in vars(part).values():
                if isinstance(value, self.tt.Tensor) and value.dtype.kind == "f":
                    value.data = value.to(np.float64)
        return module


class PyTorch:
    """Their side."""

    ours = False

    def __init__(self, torch):
        self.torch = torch
        self.layers, self.optimizers, self.schedules = torch.nn, torch.optim, torch.optim.lr_scheduler
        self.tools = torch.nn.utils

    def tensor(self, array, requires_grad=False):
        return self.torch.tensor(array, requires_grad=requires_grad)

    def parameter(self, array):
        return self.torch.nn.Parameter(self.torch.tensor(array))

    def array(self, tensor) -> np.ndarray:
        return np.array(self.torch.as_tensor(tensor).detach().numpy())

    def flip(self, tensor):
        return tensor.permute(*reversed(range(tensor.ndim)))

    def wide(self, module):
        return module.double()


def place(side, array: np.ndarray, layout: str):
    """A leaf, and the tensor with the values of `array` that an operation gets: the leaf itself, or a view of it."""
    floats = array.dtype.kind == "f"
    if layout == "transposed":
        leaf = side.tensor(np.ascontiguousarray(array.T), floats)
        return leaf, side.flip(leaf)
    if layout == "strided":
        leaf = side.tensor(np.repeat(array[..., None], 2, axis=-1), floats)
        return leaf, leaf[..., 1]
    leaf = side.tensor(array, floats)
    return leaf, leaf


def weights(shape: tuple, dtype) -> np.ndarray:
    """How much each value of a result counts when going backward: all different, some negative."""
    return (np.arange(math.prod(shape)).reshape(shape) * 5 % 17 - 6.5).astype(dtype)


def finish(side, out, leaves: dict) -> dict[str, np.ndarray]:
    """The result, and, where it has any, the gradients of `leaves` by their names."""
    found = {"out": side.array(out)}
    if out.requires_grad:
        out.backward(side.tensor(weights(tuple(out.shape), found["out"].dtype)))
        for name, leaf in leaves.items():
            if leaf.grad is not None:
                found[f"grad {name}"] = side.array(leaf.grad)
    return found


def run_op(side, op: Op, arrays: list[np.ndarray], options: dict, layout: str = "plain") -> dict[str, np.ndarray]:
    """What an operation gives on these arrays: "out", and "grad 0", "grad 1", …"""
    placed = [place(side, array, layout) for array in arrays]
    out = op.call(side.ours, [tensor for _, tensor in placed], options)
    if not op.gradient:
        return {"out": side.array(out)}
    return finish(side, out, {str(n): leaf for n, (leaf, _) in enumerate(placed)})


def make_layer(side, layer: Layer, dtype: str = "float32"):
    """The module, with parameters and buffers that are the same on both sides."""
    module = getattr(side.layers, layer.name)(*layer.args, **(layer.options if side.ours else layer.theirs))
    if dtype == "float64":
        module = side.wide(module)
    if layer.evaluate:
        module.eval()
    state = {}
    for n, (name, value) in enumerate(module.state_dict().items()):
        array = side.array(value)
        if array.dtype.kind == "f":
            array = fill(array.shape, "positive" if "var" in name else "any", array.dtype, seed=n)
        state[name] = side.tensor(array)
    module.load_state_dict(state)
    return module


def run_layer(side, layer: Layer, arrays, dtype: str = "float32", layout: str = "plain") -> dict[str, np.ndarray]:
    """What a layer gives: "out", "grad 0" for the input, "grad weight", …, and "state running_mean", … afterwards."""
    module = make_layer(side, layer, dtype)
    placed = [place(side, array, layout) for array in arrays]
    leaves = {str(n): leaf for n, (leaf, _) in enumerate(placed)} | dict(module.named_parameters())
    found = finish(side, module(*(tensor for _, tensor in placed)), leaves)
    learnt = dict(module.named_parameters())
    return found | {f"state {k}": side.array(v) for k, v in module.state_dict().items() if k not in learnt}


STARTS = [(3, 4), (4,)]


def make_rule(side, rule: Rule, dtype="float32"):
    """Two parameters, and an optimizer of them."""
    parameters = [side.parameter(fill(shape, "any", dtype, seed=n)) for n, shape in enumerate(STARTS)]
    groups = [dict(params=[p], **options) for p, options in zip(parameters, rule.groups)] or parameters
    return parameters, getattr(side.optimizers, rule.name)(groups, **rule.options)


def step(side, parameters, optimizer, number: int) -> None:
    """One step, by gradients that depend on where the parameters are. The second has none in every fifth step."""
    for n, p in enumerate(parameters):
        value = side.array(p)
        grad = value * 0.5 + fill(value.shape, "any", value.dtype, seed=2 * number + n)
        p.grad = None if n == 1 and number % 5 == 4 else side.tensor(grad.astype(value.dtype))
    optimizer.step()


def run_rule(side, rule: Rule, dtype="float32", steps=50, every=1) -> dict[str, np.ndarray]:
    """Where the parameters are, each time after `every` steps."""
    parameters, optimizer = make_rule(side, rule, dtype)
    found = {}
    for number in range(steps):
        step(side, parameters, optimizer, number)
        if (number + 1) % every == 0:
            found |= {f"out {n} after {number + 1} steps": side.array(p) for n, p in enumerate(parameters)}
    return found


def run_schedule(side, schedule: Schedule, steps=50) -> dict[str, np.ndarray]:
    """The learning rates, and what else the groups hold that changes, before each step."""
    _, optimizer = make_rule(side, schedule.rule)
    scheduler = getattr(side.schedules, schedule.name)(optimizer, **schedule.options)
    rates = []
    for _ in range(steps):
        rates.append([(g["lr"], g.get("momentum", 0), *g.get("betas", ())) for g in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return {"out": np.array(rates, dtype=np.float64)}


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference, relative where values are above 1. An AssertionError if more differs than the digits."""
    assert ours.shape == theirs.shape, f"shape {ours.shape}, but PyTorch's is {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"dtype {ours.dtype}, but PyTorch's is {theirs.dtype}"
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    exact = ~(np.isfinite(a) & np.isfinite(b))
    assert np.array_equal(a[exact], b[exact], equal_nan=True), f"{ours.tolist()}, but PyTorch's is {theirs.tolist()}"
    apart = np.abs(a - b, where=~exact, out=np.zeros(a.shape)) if a.ndim else (0.0 if exact else abs(a - b))
    scale = np.maximum(1, np.abs(np.where(exact, 1, b)))
    return float(np.max(apart / scale, initial=0))


def compare(ours: dict, theirs: dict, tolerance: float) -> dict[str, float]:
    """The distance of each result by its name. An AssertionError names the first that is further than `tolerance`."""
    assert ours.keys() == theirs.keys(), f"{sorted(ours)}, but PyTorch gives {sorted(theirs)}"
    found = {}
    for name in ours:
        try:
            found[name] = distance(ours[name], theirs[name])
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
        assert found[name] <= tolerance, f"{name}: {ours[name]}, but PyTorch's is {theirs[name]}"
    return found
