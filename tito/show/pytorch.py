"""The graph of PyTorch's tensors, read from autograd's own record (`grad_fn`); PyTorch only where the user has it.

Autograd keeps of the values what its rules need, and no more. What a forward pass under `recording` was seen to
compute is known too. The gradients are played with PyTorch's own rules, node by node.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tito.show.computation import Graph, Operation, Value, group, layers_of, variable_names
from tito.show.lines import place

# PyTorch's backward functions, by the name under which the debugger knows what they do
NAMES = {
    "addmm": "linear",
    "mm": "matmul",
    "bmm": "matmul",
    "mul": "multiply",
    "sub": "subtract",
    "div": "divide",
    "neg": "negative",
    "pow": "power",
    "abs": "absolute",
    "view": "reshape",
    "unsafeview": "reshape",
    "permute": "transpose",
    "expand": "broadcast_to",
    "clamp": "clip",
    "nllloss": "nll_loss",
    "logsoftmax": "log_softmax",
    "convolution": "conv2d",
    "nativelayernorm": "normalize",
    "nativebatchnorm": "normalize",
    "mean": "mean",
    "masked_fill": "where",
    "maskedfill": "where",
    "scaleddotproductflashattentionforcpu": "scaled_dot_product_attention",
}
# What autograd calls an input that it kept, and which input that is
KEPT = {"self": 0, "input": 0, "mat1": 1, "mat2": 2, "other": 1, "weight": 1, "exponent": 1}


@dataclass
class _Seen:
    """What was seen while a node was made."""

    value: np.ndarray
    layer: str
    place: str
    function: Any = field(repr=False)  # keeps the node's wrapper, by which it is found, alive


_seen: dict[int, _Seen] = {}  # by the node's id; of the last recording


@contextlib.contextmanager
def recording(model: Any) -> Iterator[None]:
    """Keep the value, the layer and the line of every operation of PyTorch inside the block."""
    import torch
    from torch.overrides import TorchFunctionMode

    inside: list[str] = []
    _seen.clear()

    class Look(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = function(*args, **(kwargs or {}))
            for one in out if isinstance(out, (tuple, list)) else (out,):
                made = one.grad_fn if isinstance(one, torch.Tensor) else None
                if made is not None and id(made) not in _seen:
                    array = _array(one)
                    line = place(sys._getframe(1), "torch")
                    _seen[id(made)] = _Seen(array.copy(), inside[-1] if inside else "", line, made)
            return out

    hooks = []
    for path, module in model.named_modules():
        if path:
            hooks.append(module.register_forward_pre_hook(lambda *_, path=path: inside.append(path)))
            hooks.append(module.register_forward_hook(lambda *_: inside.pop() and None, always_call=True))
    try:
        with Look():
            yield
    finally:
        for hook in hooks:
            hook.remove()


def read(result: Any, model: Any = None, variables: dict[str, Any] | None = None) -> Graph:
    """The graph behind a PyTorch tensor. A ValueError if there is none, or if backward() has given its memory back."""
    if result.grad_fn is None:
        raise ValueError("nothing is recorded for this tensor: no operation on a tensor with requires_grad made it")
    names = {id(p): name for name, p in model.named_parameters()} if model is not None else {}
    called = variable_names(variables or {}, lambda x: id(getattr(x, "grad_fn", None) or x))
    graph = Graph(layers=layers_of(model))
    made: dict[int, Operation] = {}
    leaves: dict[int, Value] = {}

    def value(function: Any) -> Value:
        """The leaf behind AccumulateGrad, or the result of another node."""
        if id(function) in made:
            return made[id(function)].out
        tensor = function.variable
        if id(tensor) not in leaves:
            name = names.get(id(tensor)) or called.get(id(tensor), "leaf")
            leaves[id(tensor)] = Value(len(graph.values), name, "parameter", _array(tensor), True, tensor)
            graph.values.append(leaves[id(tensor)])
        return leaves[id(tensor)]

    for function in _in_order(result.grad_fn):
        kept = _kept(function)
        seen = _seen.get(id(function))
        operation = Operation(len(graph.operations), _name(function), [])
        sources: list[Value | None] = []
        for before, _ in function.next_functions:
            sources.append(value(before) if before is not None else None)
        for at, source in enumerate(sources):
            if source is not None:
                operation.inputs.append(source)
                if source.array is None and at in kept:
                    source.array = kept[at]
            elif at in kept:  # it needs no gradient: an input
                constant = Value(len(graph.values), "input", "input", kept[at], False)
                graph.values.append(constant)
                operation.inputs.append(constant)
        array = seen.value if seen else kept.get("result")
        if function is result.grad_fn:
            array = _array(result)
        out = Value(len(graph.values), called.get(id(function), ""), "result", array, True, function, operation)
        graph.values.append(out)
        operation.out, made[id(function)] = out, operation
        if seen:
            operation.group, operation.place = seen.layer, seen.place
        operation.back = _rule(function, sources)
        graph.operations.append(operation)
    lacking = sum(operation.out.array is None for operation in graph.operations)
    if lacking:
        graph.lacks = (
            f"Of {lacking} of {len(graph.operations)} results autograd kept no values, as its rules need none. "
            "`with show.recording(model):` around the forward pass keeps them."
        )
    graph.result.tensor, graph.result.name = result, graph.result.name or "result"
    used = {value.name for value in graph.values if value.kind == "parameter"}
    graph.missing = [name for name in names.values() if name not in used]
    if not any(operation.place for operation in graph.operations):
        group(graph)
    return graph


def _rule(function: Any, sources: list[Value | None]) -> Any:
    """The node's own rule: the gradient that comes in -> what each of its inputs gets."""

    def back(incoming: np.ndarray) -> list[tuple[Value, np.ndarray]]:
        import torch

        try:
            with torch.no_grad():
                parts = function(torch.from_numpy(np.ascontiguousarray(incoming)))
        except RuntimeError as error:
            if "freed" in str(error) or "second time" in str(error):
                raise ValueError(
                    "backward() has given this graph's memory back; look at it before, or keep it with retain_graph=True"
                ) from None
            raise
        parts = parts if isinstance(parts, tuple) else (parts,)
        found = []
        for source, part, (before, output) in zip(sources, parts, function.next_functions):
            if (
                source is not None and part is not None
            ):  # the engine sums over what broadcasting copied, the rule does not
                shape = before.variable.shape if hasattr(before, "variable") else before._input_metadata[output].shape
                found.append((source, _array(part.sum_to_size(shape))))
        return found

    return back


def _in_order(root: Any) -> list[Any]:
    """All nodes behind `root` but those of leaves, each after those it depends on; without recursion."""
    order, state, todo = [], {}, [root]
    while todo:
        node = todo[-1]
        if state.get(node) is None:
            state[node] = "open"
            before = [other for other, _ in node.next_functions if other is not None and not hasattr(other, "variable")]
            todo += [other for other in before if other not in state]
        else:
            todo.pop()
            if state[node] == "open":
                state[node] = "done"
                order.append(node)
    return order


def _kept(function: Any) -> dict[int | str, np.ndarray]:
    """The values that autograd kept for this node's rule, by the input they are, and the `result`."""
    import torch

    found: dict[int | str, np.ndarray] = {}
    for name in dir(function):
        if not name.startswith("_saved_"):
            continue
        try:
            saved = getattr(function, name)
        except RuntimeError as error:
            if "freed" in str(error) or "released" in str(error):
                raise ValueError(
                    "backward() has given this graph's memory back; look at it before, or keep it with retain_graph=True"
                ) from None
            continue
        key = name.removeprefix("_saved_")
        if isinstance(saved, torch.Tensor):
            if key in ("result", "output", "out"):
                found["result"] = _array(saved)
            elif key in KEPT:
                found[KEPT[key]] = _array(saved)
        elif key in KEPT and isinstance(saved, (int, float)) and not isinstance(saved, bool) and key == "exponent":
            found[KEPT[key]] = np.asarray(float(saved))
    return found


def _name(function: Any) -> str:
    """`AddmmBackward0` is addmm, and that is what the debugger calls linear."""
    bare = re.sub(r"Backward\d*$", "", function.name().rpartition("::")[2])
    plain = bare.lower().rstrip("0123456789") or bare.lower()
    return NAMES.get(plain, plain)


def _array(tensor: Any) -> np.ndarray:
    found = tensor.detach().cpu()
    return found.float().numpy() if str(found.dtype) == "torch.bfloat16" else found.numpy()
