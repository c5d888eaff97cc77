"""autograd.Function: operations with a backward pass of one's own; autograd.grad; and switches for recording."""

import contextlib
import math

import numpy as np

import tinytorch.autograd as autograd
from tinytorch.autograd import Tensor, derivative, no_grad
from tinytorch.shelf import known_as
from tinytorch.tensor import leader, unwrap


class set_grad_enabled:
    """Record from here on, or with False do not; `with set_grad_enabled(mode):` until the block ends."""

    def __init__(self, mode):
        self.before, autograd._recording = autograd._recording, bool(mode)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        autograd._recording = self.before


@contextlib.contextmanager
def enable_grad():
    """Inside `with enable_grad():`, operations are recorded."""
    with set_grad_enabled(True):
        yield


class Context:
    """What `forward` notes down for `backward`: tensors to save, and anything else as attributes."""

    saved_tensors = ()

    def save_for_backward(self, *tensors):
        """Keep tensors; `saved_tensors` has them."""
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *tensors):
        """Say that an output has no gradient: its gradient then counts for nothing."""


class Function:
    """An operation with a backward pass of its own, for a subclass to write; `apply(*inputs)` calls it.

    `forward(ctx, *inputs)` computes a tensor, and `backward(ctx, grad)` gives a gradient for each
    input, None for what is no tensor. Where there is `setup_context(ctx, inputs, output)`, that
    notes down what is needed, and forward has no `ctx`.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)

        def op(*arrays, ctx):
            return ctx.run()

        op.__name__ = cls.__name__
        cls._op = staticmethod(op)
        derivative(op)(lambda grad, out, *arrays, ctx: ctx.gradients(grad))

    @classmethod
    def apply(cls, *inputs):
        """Compute the operation, and record it."""
        ctx = Call()
        ctx.function, ctx.inputs = cls, inputs
        ctx.needs_input_grad = tuple(getattr(x, "requires_grad", False) for x in inputs)
        ours = [x for x in inputs if isinstance(x, Tensor)]
        return ctx.cut(leader(*ours).apply(cls._op, *ours, ctx=ctx))


class Call(Context):
    """One call of a Function, from forward to backward."""

    shapes = None  # of the outputs, if there are several: they are recorded end to end, as one

    def run(self):
        """The output, an array."""
        function, inputs = self.function, self.inputs
        with no_grad():
            if hasattr(function, "setup_context"):
                out = function.forward(*inputs)
                function.setup_context(self, inputs, out)
            else:
                out = function.forward(self, *inputs)
        if not isinstance(out, tuple):
            return unwrap(out)
        self.shapes = [x.shape for x in out]
        return np.concatenate([x.array.ravel() for x in out])

    def cut(self, whole):
        """The outputs, or their gradients, from what stands for all of them."""
        if self.shapes is None:
            return whole
        pieces, start = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            pieces.append(whole[start : start + size].reshape(shape))
            start += size
        return tuple(pieces)

    def gradients(self, grad):
        """What `backward` gives for those inputs that are tensors, as arrays."""
        grads = self.cut(Tensor.wrap(grad))
        with no_grad():
            results = self.function.backward(
                self, *(grads if isinstance(grads, tuple) else (grads,))
            )
        results = results if isinstance(results, tuple) else (results,)
        if len(results) != len(self.inputs):
            name = self.function.__name__
            raise RuntimeError(
                f"{name}.backward gives {len(results)} gradients for {len(self.inputs)} inputs"
            )
        return tuple(unwrap(g) for x, g in zip(self.inputs, results) if isinstance(x, Tensor))


_NO_HIGHER = (
    "there are no gradients of gradients here: the rules work on arrays, so create_graph=False"
)
_to_all_leaves = Tensor.backward


def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
    """As module 02 wrote it. With `inputs`, only these tensors get what is added to their `grad`."""
    if create_graph:
        raise RuntimeError(_NO_HIGHER)
    if inputs is None:
        _to_all_leaves(self, gradient, **({"retain_graph": True} if retain_graph else {}))
        return
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    found = grad(self, inputs, gradient, retain_graph, allow_unused=True)
    for x, more in zip(inputs, found):
        if more is not None and x.grad is not None:
            x.grad.add_(more)
        elif more is not None:
            x.grad = more


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=None,
    is_grads_batched=False,
    materialize_grads=False,
):
    """The gradients of `outputs` by `inputs`, a tuple; no tensor's `grad` changes. There are no gradients of gradients."""
    if is_grads_batched:
        raise ValueError("grad takes one gradient for each output here: call it in a loop")
    if create_graph:
        raise RuntimeError(_NO_HIGHER)
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    starts = (
        [grad_outputs]
        if grad_outputs is None or isinstance(grad_outputs, Tensor)
        else list(grad_outputs)
    )
    starts = starts + [None] * (len(outputs) - len(starts))
    found = {}

    def note(i):
        return lambda g: found.__setitem__(i, found[i] + g if i in found else g.clone())

    handles = [x.register_hook(note(i)) for i, x in enumerate(inputs)]
    leaves = {leaf: leaf.grad for out in outputs for leaf in _leaves(out)}
    for leaf in leaves:
        leaf.grad = None  # else what is there would be added to
    try:
        for i, (out, start) in enumerate(zip(outputs, starts)):
            out.backward(start, retain_graph=retain_graph or i < len(outputs) - 1)
    finally:
        for handle in handles:
            handle.remove()
        for leaf, before in leaves.items():
            leaf.grad = before
    unused = [i for i in range(len(inputs)) if i not in found]
    if materialize_grads:
        found |= {i: Tensor.wrap(np.zeros_like(inputs[i].array)) for i in unused}
    elif unused and not allow_unused:
        raise RuntimeError(
            f"input {unused[0]} was not used to compute the outputs: allow_unused=True gives None for it"
        )
    return tuple(found.get(i) for i in range(len(inputs)))


def backward_of_all(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """`backward` of several tensors, one after the other."""
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    starts = (
        [grad_tensors]
        if grad_tensors is None or isinstance(grad_tensors, Tensor)
        else list(grad_tensors)
    )
    starts += [None] * (len(tensors) - len(starts))
    for i, (x, start) in enumerate(zip(tensors, starts)):
        x.backward(start, retain_graph or i < len(tensors) - 1, create_graph, inputs)


def gradcheck(func, inputs, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, **options):
    """Module 04's; with raise_exception=False, False in the place of an error."""
    from tinytorch.backprop import gradcheck

    try:
        return gradcheck(func, inputs, eps, atol, rtol)
    except AssertionError:
        if raise_exception:
            raise
        return False


def jacobian(func, inputs, create_graph=False):
    """How fast each output changes with each input: the shape of the output, then that of the input."""
    several = isinstance(inputs, tuple)
    points = [x.detach().requires_grad_() for x in (inputs if several else (inputs,))]
    out = func(*points)
    rows = [
        grad(
            out[place], points, retain_graph=True, create_graph=create_graph, materialize_grads=True
        )
        for place in np.ndindex(out.shape)
    ]
    found = tuple(
        Tensor.wrap(np.stack([row[i].array for row in rows]).reshape(*out.shape, *x.shape))
        for i, x in enumerate(points)
    )
    return found if several else found[0]


@contextlib.contextmanager
def set_detect_anomaly(mode=True, check_nan=True):
    """A block in which nothing is different: rules that fail say which operation they belong to anyway."""
    yield


def _leaves(root):
    """The leaves that `root` was made of."""
    seen, found, todo = set(), [], [root]
    while todo:
        x = todo.pop()
        if x.node is None:
            found.append(x)
        elif x.node not in seen:
            seen.add(x.node)
            todo += [y for y in x.node.inputs or () if isinstance(y, Tensor) and y.requires_grad]
    return found


def Variable(data, requires_grad=False, **options):
    """The tensor itself."""
    return data.requires_grad_() if requires_grad else data


Tensor.backward = backward
for (
    _name
) in "Function Variable grad gradcheck set_detect_anomaly set_grad_enabled enable_grad".split():
    setattr(autograd, _name, globals()[_name])
autograd.backward, autograd.detect_anomaly = backward_of_all, set_detect_anomaly
autograd.inference_mode = no_grad
known_as(autograd.__name__, "functional function grad_mode", __name__)
