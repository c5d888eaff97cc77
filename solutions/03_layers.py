# %% [markdown]
# # 03 Layers
#
# You have tensors, and they know their derivatives. A model is made of such tensors: some come in, some are learnt,
# and in between there are formulas. A model worth training has dozens of learnt tensors, or thousands. Somebody must
# keep them, name them, save them and find them again.
#
# If you have written user interfaces, you know this problem and its answer: components.
#
# | a UI component | a layer |
# |---|---|
# | gets props | gets an input |
# | keeps state | keeps parameters |
# | renders | computes: `forward` |
# | is made of components, so a page is a tree | is made of layers, so a model is a tree |
#
# In this module you write the tree, and then the components that nearly all models are made of: linear layers,
# activations, convolutions, pooling, dropout, normalisation. PyTorch calls them by the same names, and their parameters
# too. What your models have learnt will fit into its models, and the other way round.
#
# It is a long module, in three parts: sections 1 to 4 are the tree, 5 to 7 layers for rows of numbers, 8 to 14 those for
# images and what keeps deep models in shape. Between the parts is a good place to stop for the day.

# %%
from timeit import repeat

from tito import show
from tito.datasets import digits
from tito.live import check, extend, hint

# %%
#| export
"""Layers: parts with parameters, that compose into models."""

import math

import numpy as np

from tinytorch.autograd import Tensor, derivative, no_grad, ones, rand, randn, zeros
from tinytorch.tensor import add_up, operation, unwrap

# %% [markdown]
# ## 1. A component
#
# First the state. A **parameter** is a tensor that a model learns. It differs from other tensors in two ways: it
# requires a gradient from the start, and it has a class of its own, by which it can be found.
#
# What is computed from a parameter is not a parameter: nobody learns `2 * weight`. Every result is made by `wrap`, so
# a parameter wraps its results as plain tensors.


# %%
#| export
class Parameter(Tensor):
    """A tensor that a model learns. It requires a gradient, and modules know it by its class."""

    def __init__(self, data, dtype=None, requires_grad=True):
        super().__init__(data, dtype, requires_grad)

    wrap = Tensor.wrap  # what is computed from a parameter is a plain tensor


# %%
weight = Parameter([1, 2, 3])
print(weight)
print(2 * weight)

# %% [markdown]
# Then the component. `Module` is the base of all of them. A subclass sets its state in `__init__` and says in
# `forward` what it does. Calling the module calls `forward`.
#
# Why not call `forward` directly? Because of the one place in between, where every call of every module can be looked
# at. Here it catches the most frequent slip: data that is still a NumPy array. (`training` and `_buffers` will be
# explained when they are used.)


# %%
#| export
class Module:
    """A part of a model, perhaps made of smaller parts.

    A subclass sets its parameters and parts as attributes in `__init__`, and says in `forward`
    what it does with its input. A call of the module is a call of `forward`.
    """

    training = True  # some modules do something else in training than in use
    _buffers = ()  # names of attributes that are saved with the model, but not learnt

    def __call__(self, *inputs, **options):
        if inputs and isinstance(inputs[0], np.ndarray):
            name = type(self).__name__
            raise TypeError(f"{name} takes a Tensor, not a NumPy array: wrap it with Tensor(...)")
        for x in inputs:
            if isinstance(x, Tensor) and x.array.dtype.char == "d":
                self._check_doubles()
        return self.forward(*inputs, **options)

    def _check_doubles(self):
        """A TypeError if float64 data would meet weights of float32."""
        if any(isinstance(p, Parameter) and p.dtype == np.float32 for p in vars(self).values()):
            raise TypeError(
                f"the weights of {type(self).__name__} are float32, and the data is float64, as "
                "NumPy makes it: convert it with x.to(np.float32)"
            )

    def forward(self, *inputs, **options):
        """What the module computes; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no method forward")


# %% [markdown]
# A first component, not for the package: the straight line y = slope · x + offset.


# %%
class Line(Module):
    def __init__(self, slope=2, offset=1):
        self.slope = Parameter(slope)
        self.offset = Parameter(offset)

    def forward(self, x):
        return self.slope * x + self.offset


line = Line()
y = line(Tensor([0, 1, 2]))
print(y)

# %% [markdown]
# It is made of operations that autograd knows. So going backward works, with nothing added. The sum of the three
# outputs changes by 0 + 1 + 2 if the slope changes by one, and by 3 if the offset does:

# %%
y.sum().backward()
print("slope.grad", line.slope.grad, " offset.grad", line.offset.grad)

for attempt in (lambda: line(np.ones(3)), lambda: line.slop):
    try:
        attempt()
    except (TypeError, AttributeError) as error:
        print(f"{type(error).__name__}: {error}")

# %% [markdown]
# The last line is worth a look. A typo in an attribute is an AttributeError, because attributes of a module are
# plain Python attributes. There is no magic behind the dot.
#
# ## 2. The tree
#
# Components are made of components. A module becomes a part of another one by being set as its attribute:


# %%
class Curve(Module):
    def __init__(self):
        self.first = Line(1, 0)
        self.second = Line(3, 4)
        self.scale = Parameter(10)

    def forward(self, x):
        return self.scale * self.second(self.first(x).exp())


curve = Curve()
print(curve(Tensor([0, 1])))
print(list(vars(curve)), list(vars(curve.first)))

# %% [markdown]
# This is the tree, with the path to each parameter, as in a file system:
#
# ```
# curve                      scale
# ├── first                  first.slope     first.offset
# └── second                 second.slope    second.offset
# ```
#
# How does a module know its parts? It looks. `vars(module)` is the dictionary of its attributes, in the order in which
# they were set. Those that are modules are its children. (PyTorch intercepts every assignment and keeps registers of
# its own. Looking is simpler, and can never be out of date.)
#
# One trap is left. Put modules into a **list**, and the attribute is a list, not a module. Its parts would not be
# found: not saved, not learnt, and nobody would say so. So we say so.


# %%
#| export
# Walking the tree: parts and parameters come in the order in which they were set.
@extend(Module)
def named_children(self):
    """The modules that are attributes of this one, with their names.

    A TypeError if an attribute is a list, a tuple or a dict of modules or parameters.
    """
    for name, value in vars(self).items():
        if isinstance(value, Module):
            yield name, value
        elif isinstance(value, (list, tuple, dict)):
            items = value.values() if isinstance(value, dict) else value
            if any(isinstance(item, (Module, Parameter)) for item in items):
                raise TypeError(
                    f"{type(self).__name__}.{name} is a {type(value).__name__}: what is in it "
                    "would not be found; set each part as an attribute, or use a Sequential"
                )


@extend(Module)
def children(self):
    """The modules that are attributes of this one."""
    return (child for _, child in self.named_children())


# %% [markdown]
# The whole tree is found by asking the children for theirs. A module may stand in two places of the tree, when two
# parts share it. `_walk` then comes by twice, once for each path. `named_modules` gives each module once, with the
# path by which it was found first.


# %%
#| export
def _below(path, name):
    """The path of `name` in the module at `path`, where "" is the root."""
    return f"{path}.{name}" if path else name


@extend(Module)
def _walk(self, path=""):
    """This module and all below it, with their paths; a shared one at each of its places."""
    yield path, self
    for name, child in self.named_children():
        yield from child._walk(_below(path, name))


@extend(Module)
def named_modules(self):
    """This module and all below it, with their paths "", "0", "0.norm", …, each once."""
    seen = set()
    for path, module in self._walk():
        if module not in seen:
            seen.add(module)
            yield path, module


@extend(Module)
def modules(self):
    """This module and all below it, each once."""
    return (module for _, module in self.named_modules())


# %%
for path, module in curve.named_modules():
    print(f"{path!r:10} {type(module).__name__}")

# %% [markdown]
# ### Exercise: `named_parameters`
#
# Yield every parameter of the tree with its path, in the order of `named_modules`, and in each module in the order in
# which the parameters were set. For `curve`: `scale`, `first.slope`, `first.offset`, `second.slope`, `second.offset`.
# (`scale` was set last but comes first: `named_modules` begins with the curve itself.)
#
# 1. For each path and module, look through `vars(module).items()`. What is a `Parameter` counts, other tensors do not.
# 2. `_below(path, name)` is its path.
# 3. Two modules may share one parameter. Yield it the first time only. Whoever goes through the parameters wants to do
#    something with each **once**.
#
# Equal values do not make two parameters one. `==` compares values, so `p in a_list` would compare values too, and
# then complain that several of them have no single truth. A set asks for the hash first, and that is the identity.
#
# <details><summary>Hint 1</summary>Two loops, one inside the other: over
# <code>self.named_modules()</code>, and over <code>vars(module).items()</code>.</details>
# <details><summary>Hint 2</summary>Look at <code>named_modules</code> above: it has the same problem with modules that
# come twice, and solves it with the set <code>seen</code>.</details>
# <details><summary>Hint 3</summary>Inside: <code>if isinstance(value, Parameter) and value not in seen:</code>, then
# <code>seen.add(value)</code> and <code>yield _below(path, name), value</code>.</details>


# %% exercise="named_parameters" points=2
#| export
@extend(Module)
def named_parameters(self):
    """The parameters of this module and of all below it, with their paths, each once."""
    ### BEGIN SOLUTION
    seen = set()
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield _below(path, name), value
    ### END SOLUTION


# %%
for path, parameter in curve.named_parameters():
    print(f"{path:14} {parameter.item()}")

# %% [markdown]
# Everything that is done to a whole model is now a short loop. `train` and `eval` set the flag `training` in every
# module: a few modules, such as dropout in section 10, do something else in training than in use.


# %%
#| export
@extend(Module)
def parameters(self):
    """The parameters of this module and of all below it, each once."""
    return (parameter for _, parameter in self.named_parameters())


# Modes.
@extend(Module)
def train(self, mode=True):
    """Switch this module and all below it to training, or with False to evaluation."""
    for module in self.modules():
        module.training = mode
    return self


@extend(Module)
def eval(self):
    """Switch this module and all below it to evaluation."""
    return self.train(False)


@extend(Module)
def zero_grad(self, set_to_none=True):
    """Forget the gradients of all parameters, or with False set those there are to 0."""
    for p in self.parameters():
        p.grad = None if set_to_none or p.grad is None else p.grad.zero_()


@extend(Module)
def requires_grad_(self, requires_grad=True):
    """Thaw all parameters, or with False freeze them."""
    for parameter in self.parameters():
        parameter.requires_grad_(requires_grad)
    return self


# %%
curve.first.requires_grad_(False)  # frozen: no gradient for its two parameters
curve(Tensor([0, 1])).sum().backward()
for path, parameter in curve.named_parameters():
    print(f"{path:14} {parameter.grad}")


class Hidden(Module):
    def __init__(self):
        self.lines = [Line(), Line()]


try:
    list(Hidden().parameters())
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ## 3. Saving and loading
#
# A model's knowledge is its parameters. `state_dict()` gives all of them, by path: a flat dictionary that can be
# written to a file. Its tensors lie in the parameters' own memory, without their past. Write into one, and the model
# has the new value. And when the model goes on learning, they change with it. So who keeps a snapshot takes a copy:
# `copy.deepcopy(model.state_dict())`.
#
# Some modules have state that is saved but not learnt, such as a running average. It is called a **buffer**.
# `register_buffer` sets the attribute and notes its name.


# %%
#| export
# Saving.
@extend(Module)
def register_buffer(self, name, tensor):
    """Set the attribute `name` to a tensor that is saved with the model, but not learnt."""
    setattr(self, name, tensor)
    self._buffers += (name,)


# %% [markdown]
# ### Exercise: `state_dict`
#
# Return the dictionary. For `line` it has two entries, `"slope"` and `"offset"`. For `curve` it has five, and their
# paths are those that `named_parameters` has. This must hold:
#
# - It has every parameter and every buffer of every module at which `self._walk()` comes by. A part that stands in two
#   places is there by both paths: whoever loads the file may have two parts there.
# - Of each module, its parameters come first, in the order in which they were set. Then its buffers, whose names are in
#   `module._buffers`.
# - The values are tensors in the **same memory**, without their past: `detach()` gives them.
#
# Check yourself: a module has a buffer `mean` and, set later, a parameter `weight`. What is the order? (`weight`,
# `mean`.)
#
# <details><summary>Hint 1</summary>Start with <code>state = {}</code>. The outer loop is <code>for path, module in
# self._walk():</code>. As in <code>named_parameters</code>, <code>vars(module).items()</code> has the attributes, and
# <code>_below(path, name)</code> is a path.</details>
# <details><summary>Hint 2</summary>In it, first collect the names: <code>own = [name for name, value in
# vars(module).items() if isinstance(value, Parameter)]</code>. Then <code>for name in (*own,
# *module._buffers):</code>.</details>
# <details><summary>Hint 3</summary>In the inner loop: <code>state[_below(path, name)] = getattr(module,
# name).detach()</code>.</details>


# %% exercise="state_dict" points=2
#| export
@extend(Module)
def state_dict(self):
    """Every parameter and buffer by its path, in its own memory; a shared one by each path."""
    ### BEGIN SOLUTION
    state = {}
    for path, module in self._walk():
        own = [name for name, value in vars(module).items() if isinstance(value, Parameter)]
        for name in (*own, *module._buffers):
            state[_below(path, name)] = getattr(module, name).detach()
    return state
    ### END SOLUTION


# %%
print({path: tensor.item() for path, tensor in curve.state_dict().items()})

# %% [markdown]
# Loading is the dangerous direction. A file may come from another model, or from an older version of this one. The
# worst outcome is not an error. It is a model that is half loaded, runs, and gives nonsense. So: **check everything
# first, then change something.**
#
# The sentence about paths that do not match is given:


# %%
#| export
def _misnamed(missing, unknown):
    """The sentence for the paths that a state lacks, and for those that it has too many."""

    def some(paths):
        first = sorted(paths)[:5]
        return ", ".join(first) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")

    lacks = f"it lacks {some(missing)}" if missing else ""
    has = f"the module has no {some(unknown)}" if unknown else ""
    return f"the state does not fit: {'; '.join(filter(None, (lacks, has)))}"


# %%
print(_misnamed({"first.offset"}, {"third.slope", "third.offset"}))

# %% [markdown]
# ### Exercise: `load_state_dict`
#
# `own` is given: your `state_dict`, tensors in the memory of the parameters and buffers. `state` is what is to be
# loaded: a dictionary of tensors or arrays.
#
# 1. If paths are missing in `state`, or are in it but not in `own`, raise `KeyError(_misnamed(missing, unknown))`,
#    with two sets.
# 2. If a shape differs, raise a ValueError such as
#    `first.slope has shape (), but in the state (3,)`. `np.shape(unwrap(value))` is the shape of a tensor and of an
#    array. Without this check, broadcasting would happily fill a matrix with one number.
# 3. Only then copy the values **into** the memory that is there: `tensor[...] = value`. What is loaded may require a
#    gradient, and writing in place cannot be recorded: do it inside `with no_grad():`.
#
# <details><summary>Hint 1</summary>The keys of dictionaries can be subtracted:
# <code>own.keys() - state.keys()</code> is the set of what is missing.</details>
# <details><summary>Hint 2</summary>Two loops over <code>own.items()</code>: the first compares shapes and raises, the
# second copies. If one loop did both, an error in the middle would leave half of the new values
# behind.</details>
# <details><summary>Hint 3</summary>The last three lines: <code>with no_grad():</code>,
# <code>for path, tensor in own.items():</code>, <code>tensor[...] = state[path]</code>.</details>


# %% exercise="load_state_dict" points=2
#| export
@extend(Module)
def load_state_dict(self, state):
    """Copy the values in `state`, by path, into the parameters and buffers.

    A KeyError names paths that are missing or unknown, a ValueError a shape that differs; then
    nothing is changed.
    """
    own = self.state_dict()
    ### BEGIN SOLUTION
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    with no_grad():
        for path, tensor in own.items():
            tensor[...] = state[path]
    ### END SOLUTION


# %%
other = Curve()
other.load_state_dict({path: 0 * tensor + 7 for path, tensor in curve.state_dict().items()})
print([p.item() for p in other.parameters()])
try:
    other.load_state_dict(line.state_dict())
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# ## 4. Printing
#
# What do you want to see of a model? The tree; how each part was made; the shapes of its parameters; and how many
# numbers it learns, since that is its size in memory. A subclass says with `extra_repr` what stands in its brackets.


# %%
#| export
# Printing.
@extend(Module)
def extra_repr(self):
    """What stands in the brackets of the module's line: the arguments it was made with."""
    return ""


@extend(Module)
def __repr__(self):
    """A line for each module: what it is, its own parameters, how many numbers it learns."""
    rows = []
    for path, module in self._walk():
        extra = module.extra_repr()
        brackets = f"({extra})" if extra or not list(module.children()) else ""
        label = type(module).__name__ + brackets
        own = [(n, p.shape) for n, p in vars(module).items() if isinstance(p, Parameter)]
        shapes = ", ".join(f"{name} {shape}" for name, shape in own)
        size = sum(parameter.numel() for parameter in module.parameters())
        count = f"{size:,}" if size else ""
        if path:
            label = f"{'  ' * path.count('.')}  {path.rpartition('.')[2]}: {label}"
        elif size:
            label, count = f"{label}, {count} parameters", ""
        rows.append((label, shapes, count))
    left, middle, right = (max(map(len, column)) for column in zip(*rows))
    return "\n".join(f"{a:{left}}  {b:{middle}}  {c:>{right}}".rstrip() for a, b, c in rows)


# %%
print(curve)

# %% [markdown]
# A `Line` holds two numbers, so the shapes are `()` here. Real layers will look better.
#
# **A place to stop.** Save the notebook; `tito check 03` in a terminal shows three exercises passed and remembers them.
# The tree stands. What follows are the layers that grow on it.

# %% [markdown]
# ## 5. Many lines at once
#
# An image of 28 × 28 pixels is 784 numbers. Make 256 new numbers of them, each a weighted sum of all 784, plus an
# offset of its own:
#
# ```
#   out[i] = weight[i, 0]·x[0] + weight[i, 1]·x[1] + … + weight[i, 783]·x[783] + bias[i]
# ```
#
# That is the workhorse of deep learning. PyTorch keeps the weights as `(out, in)`, one row for each output, and so do
# we. For a batch of inputs, one row each, it is one matrix product: `x @ weight.T + bias`, with shapes
# `(n, in) @ (in, out) + (out,)`.
#
# We could leave it at that. Autograd knows transposing, multiplying and adding. But written as **one operation** it is
# better in three ways: the bias is added in place, into the product that was just made; there is one step to go
# backward through instead of three; and inputs with more axes can be laid flat first. For `(64, 32, in)`, NumPy's `@`
# would do 64 small products. One large product of `64 · 32` rows does the same in less time.
#
# Two helpers are given: one lays inputs flat, the other has the sentence for inputs that do not fit.


# %%
#| export
# Linear.
def _rows(x):
    """`x` with all axes but the last merged into one: (..., n) -> (rows, n)."""
    return x.reshape(-1, x.shape[-1])


def _check_features(x, weight):
    """A ValueError unless the last axis of `x` is as long as the rows of `weight`."""
    out, into = weight.shape
    if x.shape[-1:] != (into,):
        raise ValueError(f"a linear layer from {into} to {out} takes (..., {into}), not {x.shape}")


# %% [markdown]
# ### Exercise: `linear`
#
# On plain arrays: `x` has shape `(..., in)`, `weight` `(out, in)`, `bias` `(out,)` or is None. The result has shape
# `(..., out)`.
#
# 1. Lay `x` flat: `_rows(x)` has shape `(n, in)`.
# 2. Multiply by the transposed weight, and add the bias unless it is None.
# 3. Give the result the axes of `x` back.
#
# `x` must stay as it is. Two cases to think of: `x` may be a single row, of shape `(in,)`; and it may be an empty
# batch, of shape `(0, in)`, out of which comes `(0, out)`.
#
# Check yourself: `x = [1, 2, 3]`, weight rows `[1, 0, 0]` and `[0, 1, 1]`, bias `[10, 20]`. Out comes `[11, 25]`.
#
# <details><summary>Hint 1</summary><code>_rows(x) @ weight.T</code> is a new array, so <code>out += bias</code> may
# change it in place.</details>
# <details><summary>Hint 2</summary>The final shape is <code>x.shape[:-1]</code> and then the number of outputs,
# <code>len(weight)</code>. A -1 in its place would do, except for the empty batch: with no values, NumPy cannot find
# out what -1 should be.</details>


# %% exercise="linear" points=2
#| export
@operation
def linear(x, weight, bias=None):
    """x @ weight.T + bias: (..., in), (out, in), (out,) or None -> (..., out)."""
    _check_features(x, weight)
    ### BEGIN SOLUTION
    out = _rows(x) @ weight.T  # one product for all: a batch of small ones is slower
    if bias is not None:
        out += bias
    return out.reshape(*x.shape[:-1], len(weight))
    ### END SOLUTION


# %%
W, b = np.array([[1.0, 0, 0], [0, 1, 1]]), np.array([10.0, 20])
print(linear(np.array([1.0, 2, 3]), W, b), linear(np.ones((5, 4, 3)), W, b).shape)

# %% [markdown]
# ### Its rule
#
# A new operation needs a rule of its own. The gradient of the output arrives; what are the gradients of the three
# inputs? Take a batch of one: `x = [1, 2, 3]`, and the gradient `[1, 10]` has arrived for the two outputs.
#
# - Output 0 contains `weight[0, 1]` times `x[1] = 2`. Change that weight by one, and output 0 changes by 2, which counts
#   once. `weight[1, 1]` moves output 1 by 2, which counts ten times: 20. So the weight's gradient is
#   `[[1, 2, 3], [10, 20, 30]]`: each output's gradient times each input.
# - `x[1]` goes into output 0 with weight 0, and into output 1 with weight 1: `1·0 + 10·1 = 10`. So the input's gradient
#   is, again, a weighted sum. It uses the same weights in the other direction.
# - The bias goes into its output as it is: `[1, 10]`.
#
# For a batch, the weights and the bias were used by every row, and what was used several times adds up.
#
# The shapes leave hardly a choice. With everything laid flat:
#
# | | shape |
# |---|---|
# | `grad` | `(n, out)` |
# | `rows` | `(n, in)` |
# | `weight` | `(out, in)` |
# | wanted: gradient of `rows` | `(n, in)` |
# | wanted: gradient of `weight` | `(out, in)` |
# | wanted: gradient of `bias` | `(out,)` |
#
# ### Exercise: `linear_rule`
#
# Return the three gradients as a tuple, for `x`, `weight` and `bias` in this order. The first line lays the gradient
# flat, and `_rows(x)` does it for `x`. `x`'s gradient must have the axes of `x` again.
#
# Each may be an array, or better a function without arguments: `lambda: …`. Autograd calls only those that are needed. The
# first layer of a model gets data, which needs no gradient, and of its three products (one forward, two backward) one is
# saved.
#
# <details><summary>Hint 1</summary>Which product of <code>(n, out)</code> and <code>(out, in)</code> is
# <code>(n, in)</code>? Which of <code>(n, out)</code> and <code>(n, in)</code>, one of them transposed, is
# <code>(out, in)</code>?</details>
# <details><summary>Hint 2</summary><code>grad @ weight</code>, then <code>reshape(x.shape)</code>; and
# <code>grad.T @ _rows(x)</code>.</details>
# <details><summary>Hint 3</summary>The bias was added to every row: sum <code>grad</code> over
# <code>axis=0</code>.</details>


# %% exercise="linear_rule" points=2
#| export
@derivative(linear)
def _(grad, out, x, weight, bias):
    grad = _rows(grad)  # (n, out)
    ### BEGIN SOLUTION
    return (
        lambda: (grad @ weight).reshape(x.shape),
        lambda: grad.T @ _rows(x),
        lambda: grad.sum(axis=0),
    )
    ### END SOLUTION


# %%
x, weight = Tensor([1, 2, 3], requires_grad=True), Parameter([[1, 0, 0], [0, 1, 1]])
bias = Parameter([10, 20])
y = linear(x, weight, bias)
y.backward(Tensor([1, 10]))
print(y, x.grad, weight.grad, bias.grad, sep="\n")

# %% [markdown]
# ## 6. Activations
#
# Put two linear layers in a row. `W2 @ (W1 @ x)` is `(W2 @ W1) @ x`: one linear layer, with the product of the two as
# its weight. A hundred layers would still be one. What makes depth worth anything is a function between them that is
# not linear. It is called an **activation**, and works value by value.
#
# The simplest one has won: **ReLU** cuts off what is negative. All that its rule needs to know is where the output was
# positive.


# %%
#| export
# Activations.
@operation
def relu(x):
    """max(x, 0), value by value."""
    return np.maximum(x, 0)


@derivative(relu)
def _(grad, out, x):
    return grad * (out > 0)


class ReLU(Module):
    """max(x, 0), value by value."""

    def forward(self, x):
        return relu(x)


# %%
x = Tensor([-2, -1, 0, 1, 2], requires_grad=True)
y = ReLU()(x)
y.sum().backward()
print(y, x.grad, sep="\n")

# %% [markdown]
# Where the input is negative the slope is 0, and nothing comes back. A unit that is negative for every input learns
# nothing any more. **LeakyReLU** leaves a little slope. **Sigmoid** and **Tanh** squeeze everything into (0, 1) and
# (-1, 1). They were the standard for decades; their slope fades away at both ends. Their rules are the shortest when
# written with the output: the slope of `s = sigmoid(x)` is `s (1 - s)`, and that of `t = tanh(x)` is `1 - t²`.


# %%
#| export
@operation
def leaky_relu(x, *, negative_slope=0.01):
    """x where it is positive, negative_slope * x elsewhere."""
    return np.where(x > 0, x, negative_slope * x)


@derivative(leaky_relu)
def _(grad, out, x, negative_slope):
    return np.where(x > 0, grad, negative_slope * grad)


class LeakyReLU(Module):
    """x where it is positive, and a little of x elsewhere."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return leaky_relu(x, self.negative_slope)

    def extra_repr(self):
        return str(self.negative_slope)


@operation(only_floats=True)
def sigmoid(x):
    """1 / (1 + exp(-x)), value by value."""
    with np.errstate(over="ignore"):  # where exp(-x) is infinite, the result is 0, as it should be
        return 1 / (1 + np.exp(-x))


@derivative(sigmoid)
def _(grad, out, x):
    return grad * out * (1 - out)


class Sigmoid(Module):
    """1 / (1 + exp(-x)): any number to one between 0 and 1."""

    def forward(self, x):
        return sigmoid(x)


@operation(only_floats=True)
def tanh(x):
    """The hyperbolic tangent, value by value."""
    return np.tanh(x)


@derivative(tanh)
def _(grad, out, x):
    return grad * (1 - out * out)


class Tanh(Module):
    """The hyperbolic tangent: any number to one between -1 and 1."""

    def forward(self, x):
        return tanh(x)


# %% [markdown]
# **GELU** is the smooth relative of ReLU that language models use: `x` times the probability that a normal random
# number is below `x`. The usual formula approaches that probability by a tanh.
#
# Look at how it is written. There are only products and no powers; section 14 shows why. And `+=` and `*=` work in the
# array that is already there. `out = out + 1` would fetch new memory each time, and for large arrays fetching memory
# takes longer than adding. This is safe because `out` was just made here, and nobody else has it. `x` belongs to
# somebody else, and is never changed.


# %%
#| export
_GELU = math.sqrt(2 / math.pi), 0.044715


@operation(only_floats=True)
def gelu(x):
    """0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel 2016)."""
    scale, cubic = _GELU
    out = np.tanh((x * x * (scale * cubic) + scale) * x)
    out += 1
    out *= x
    out *= 0.5
    return out


@derivative(gelu)
def _(grad, out, x):
    scale, cubic = _GELU
    squares = x * x
    t = np.tanh((squares * (scale * cubic) + scale) * x)
    inner = (squares * (3 * scale * cubic) + scale) * x  # x times the slope of tanh's argument
    return grad * (0.5 * (1 + t + (1 - t * t) * inner))


class GELU(Module):
    """x times the probability that a normal number is below x, as GELU(approximate="tanh")."""

    def forward(self, x):
        return gelu(x)


# %%
show.functions(
    {
        "ReLU": relu,
        "LeakyReLU(0.1)": lambda x: leaky_relu(x, 0.1),
        "Sigmoid": sigmoid,
        "Tanh": tanh,
        "GELU": gelu,
    }
)

# %% [markdown]
# ### Scores to probabilities
#
# A classifier ends with a row of scores, one for each class, any numbers. **Softmax** turns them into probabilities:
# take `exp` of each, which makes them positive, and divide by their sum.
#
# ```
#   scores          1      2      3
#   exp          2.72   7.39  20.09     sum 30.19
#   divided      0.09   0.24   0.67     sum  1
# ```
#
# Now scores of 1000, 1001, 1002. In float32, `exp` overflows from 89 on: infinity divided by infinity is `nan`. But the
# answer should be the same as above! Only the distances count: `exp(1002) = exp(3) · exp(999)`, and the common factor
# cancels in the division. So take the **largest** score off first. Then the largest exponent is 0, `exp` is at most 1,
# and the sum at least 1. Nothing can overflow, and nothing is divided by zero.
#
# Where rows are short, NumPy spends more time on finding the largest of each than on `exp`. But whatever is taken off
# cancels. If no row lies far below the largest value of all, that one will do for every row, and it is found at once.
# `_largest(x, dim)` looks whether it does, and takes each row's own where it does not.


# %%
#| export
def _largest(x, dim):
    """What softmax takes off: the largest of all if no row lies far below it, else each row's."""
    if x.size >= 2**10:
        most = x.max()
        if most - x.take(0, axis=dim).min() < 10:  # the largest of a row is not below its first
            return most
    return x.max(axis=dim, keepdims=True, initial=-np.inf)


# %% [markdown]
# ### Exercise: `softmax`
#
# On an array, along `dim`. Each row (or column, or whatever lies along `dim`) has a largest value of its own. Take it
# off with `_largest`, or with NumPy's own `max`. `add_up(out, axis=dim, keepdims=True)` adds up.
#
# <details><summary>Hint 1</summary><code>_largest(x, dim)</code>, or <code>x.max(axis=dim, keepdims=True)</code>, can
# be subtracted from <code>x</code>. So can the sum be divided by.</details>
# <details><summary>Hint 2</summary><code>out = np.exp(x - …)</code>, then
# <code>out /= add_up(out, axis=dim, keepdims=True)</code>. Dividing in place is allowed, since <code>out</code> is
# yours; <code>x</code> is not.</details>


# %% exercise="softmax" points=2
#| export
@operation(only_floats=True)
def softmax(x, *, dim):
    """exp(x) / sum(exp(x)) along `dim`, for x of any size."""
    ### BEGIN SOLUTION
    out = np.exp(x - _largest(x, dim))  # at most exp(0), so nothing overflows
    out /= add_up(out, axis=dim, keepdims=True)
    return out
    ### END SOLUTION


# %%
print(softmax(np.array([[1.0, 2, 3], [1000, 1001, 1002]]), dim=1).round(2))

# %% [markdown]
# Often the **logarithm** of the probabilities is wanted. Taking it afterwards is too late: a score 200 below the best
# has the probability `exp(-200)`, which float32 rounds to 0, and `log(0)` is minus infinity. The true answer is simply
# -200. `log_softmax` never computes the probability. It uses `log(exp(s) / sum) = s - log(sum)`.


# %%
#| export
@operation(only_floats=True)
def log_softmax(x, *, dim):
    """log(softmax(x)) along `dim`, exact where softmax itself rounds to 0."""
    shifted = x - _largest(x, dim)
    with np.errstate(divide="ignore"):  # of no scores at all, the sum is 0
        return shifted - np.log(add_up(np.exp(shifted), axis=dim, keepdims=True))


class Softmax(Module):
    """Scores to probabilities: positive, and 1 in sum along `dim`."""

    op = staticmethod(softmax)

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        return self.op(x, dim=self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithms of the probabilities that `Softmax` gives."""

    op = staticmethod(log_softmax)


# %%
scores = Tensor([[0, -200]], requires_grad=True)
print(LogSoftmax()(scores))
try:
    LogSoftmax()(scores).sum().backward()
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% [markdown]
# The last line is a promise of autograd that you now rely on. An operation without a rule is a loud error that names
# the operation. It is never a gradient that is silently missing. Four operations of this module have no rule yet:
# `softmax`, `log_softmax`, and further down `conv2d` and `normalize`. You can run them forward only. Deriving their
# rules is worth a module of its own, the next one.
#
# ## 7. Where to start
#
# A layer has to start with some numbers. Zeros are no good: all outputs would be equal and, for want of a difference,
# stay equal. So they are drawn at random, around zero. But how large?
#
# It looks like a detail. Here are 30 layers of 256 values with a ReLU behind each. The weights are normal random
# numbers with a standard deviation of 0.01, or of 0.2. The picture shows how large the values are after each layer
# (the root of the mean of their squares).


# %%
def size(x):
    """The root of the mean square; in float64, as the square of 1e-25 is none in float32."""
    return np.sqrt(np.mean(np.asarray(x, dtype=np.float64) ** 2))


def sizes_by_depth(std, depth=30, width=256):
    """The size of the values, before and after each of `depth` layers."""
    x = randn(64, width).numpy()
    sizes = [size(x)]
    for _ in range(depth):
        weight = std * randn(width, width).numpy()
        x = relu(linear(x, weight, None))
        sizes.append(size(x))
    return sizes


sizes = {"0.01": sizes_by_depth(0.01), "0.2": sizes_by_depth(0.2)}
show.by_depth(sizes)

# %% [markdown]
# Each layer multiplies the size by the same factor, and 30 layers take it to the power of 30. With 0.01 nothing is left
# of the input. With 0.2 the values are ten billion times too large. The gradients, on their way back through the same
# weights, fare the same. Between the two there must be a number that keeps the size. What is it?
#
# An output is a sum of `fan_in` products, `out = w₀·x₀ + w₁·x₁ + …`, where `fan_in` is the number of inputs, 256. The
# **variance** of the weights, `var(w)`, is the mean of their squares, as they lie around 0. Its root is the standard
# deviation.
#
# 1. The weights are independent, around zero. Then the mean of `out²` is the sum of the means of the products squared:
#    `mean(out²) = fan_in · var(w) · mean(x²)`.
# 2. `out` is as often negative as positive. ReLU cuts the negative half off, and half of the mean square with it:
#    `mean(relu(out)²) = ½ · fan_in · var(w) · mean(x²)`.
# 3. The size is kept if the factor is one: `½ · fan_in · var(w) = 1`, so **`var(w) = 2 / fan_in`**.
#
# For 256 inputs that is a standard deviation of `√(2 / 256) = 0.088`, between 0.01 and 0.2. Kaiming He and others
# derived it in 2015, and it made networks of 30 layers trainable. If the activation is a leaky ReLU with slope `a` below
# zero, the negative half is not lost but shrunk: instead of ½ the factor is `(1 + a²) / 2`.
#
# The numbers may be normal ones, or uniform ones from `-bound` to `bound`. The variance of the latter is `bound² / 3`,
# since the mean of squares from 0 to the bound is a third of the largest. So the bound is the root of `6 / ((1 + a²) ·
# fan_in)`.
#
# Check yourself: for a weight of shape `(10, 6)` and `a = 0`? (`√(6 / 6) = 1`.)
#
# How many inputs an output has can be read from the weight's shape, `(out, in)`. (The weights for images, in section 8,
# have two axes more. All axes but the first count.) These cells are given. A name that ends in `_` changes its
# argument, as in PyTorch; it does so under `no_grad()`, as a start is not something to learn from.


# %%
#| export
# Starting values.
def _fans(shape):
    """How many inputs each output of a weight has, and how many outputs each input."""
    if len(shape) < 2 or 0 in shape:
        raise ValueError(f"a weight has the shape (outputs, inputs, ...), not {shape}")
    field = math.prod(shape[2:])  # of a convolution's weight (out, in, rows, columns)
    return shape[1] * field, shape[0] * field


@no_grad()
def _uniform_(tensor, bound, generator=None):
    """Fill `tensor` with numbers from -bound to bound."""
    tensor[...] = (2 * rand(*tensor.shape, generator=generator) - 1) * bound
    return tensor


@no_grad()
def _normal_(tensor, std, generator=None):
    """Fill `tensor` with normal numbers around 0."""
    tensor[...] = randn(*tensor.shape, generator=generator) * std
    return tensor


def kaiming_uniform_(tensor, a=0, generator=None):
    """Fill a weight so that its outputs, after a ReLU, are as large as its inputs (He et al. 2015).

    Uniform numbers of variance 2 / ((1 + a²) fan_in), where `a` is a leaky ReLU's slope below zero.
    """
    fan_in, _ = _fans(tensor.shape)
    bound = math.sqrt(6 / ((1 + a**2) * fan_in))
    return _uniform_(tensor, bound, generator)


# %% [markdown]
# **Xavier** initialisation is older. It was made for tanh, which near zero leaves values as
# they are, so there is no factor ½. And it strikes a balance between values going forward (`fan_in`) and gradients going
# backward (`fan_out`): variance `2 / (fan_in + fan_out)`.


# %%
#| export
def kaiming_normal_(tensor, a=0, generator=None):
    """As `kaiming_uniform_`, with normal numbers."""
    fan_in, _ = _fans(tensor.shape)
    return _normal_(tensor, math.sqrt(2 / ((1 + a**2) * fan_in)), generator)


def xavier_uniform_(tensor, gain=1, generator=None):
    """Fill a weight so that values forward and gradients backward keep their size.

    Uniform numbers of variance 2 gain² / (fan_in + fan_out) (Glorot & Bengio 2010).
    """
    return _uniform_(tensor, gain * math.sqrt(6 / sum(_fans(tensor.shape))), generator)


def xavier_normal_(tensor, gain=1, generator=None):
    """As `xavier_uniform_`, with normal numbers."""
    return _normal_(tensor, gain * math.sqrt(2 / sum(_fans(tensor.shape))), generator)


# %% [markdown]
# And here is the layer. Its start is PyTorch's, uniform up to `1 / √fan_in`. In the terms of Kaiming that is `a = √5`, a
# sixth of the variance. It has historical reasons, and it is a cautious start for networks of a few layers.


# %%
#| export
def _start(shape, bias):
    """A weight and a bias with PyTorch's starting values: uniform up to 1 / sqrt(fan_in)."""
    weight = kaiming_uniform_(Parameter(zeros(shape)), a=math.sqrt(5))
    if not bias:
        return weight, None
    return weight, _uniform_(Parameter(zeros(shape[0])), 1 / math.sqrt(_fans(shape)[0]))


class Linear(Module):
    """x @ weight.T + bias: (..., in_features) -> (..., out_features)."""

    def __init__(self, in_features, out_features, bias=True):
        self.weight, self.bias = _start((out_features, in_features), bias)

    def forward(self, x):
        return linear(x, self.weight, self.bias)

    def extra_repr(self):
        out, into = self.weight.shape
        return f"{into}, {out}" + ("" if self.bias is not None else ", bias=False")


# %%
input = rand(64, 784)  # a batch of 64 images

layer = Linear(in_features=784, out_features=256)
output = layer(input)
print(output.shape)
print(layer)

# %% [markdown]
# Now the picture again, with the number that was derived, and with the layer as it starts out. A sixth of the variance
# means a factor of `√(1/6) = 0.41` a layer. After three layers that is a fifteenth, which does no harm. After thirty, it
# does. Deep networks are started with `kaiming_uniform_`, or they keep the sizes in hand as section 11 does.


# %%
def sizes_with(start, depth=30, width=256):
    """As above, for `Linear` layers whose weights are filled by `start`."""
    x = randn(64, width)
    sizes = [size(x)]
    for _ in range(depth):
        layer = Linear(width, width, bias=False)
        start(layer.weight)
        x = ReLU()(layer(x)).detach()
        sizes.append(size(x))
    return sizes


sizes["kaiming_uniform_"] = sizes_with(kaiming_uniform_)
sizes["Linear's own start"] = sizes_with(lambda weight: weight)
show.by_depth(sizes)

# %% [markdown]
# ### Question: all the same
#
# A colleague finds random numbers untidy and starts a network from 64 to 32 to 10 values, with a ReLU between, with
# every weight at 0.05 and every bias at 0. What are the 32 hidden values for some image? What can you say about the
# gradients of their weights, and so about the hidden values after any number of learning steps? How many hidden values
# would have been enough?

# %% [markdown] question="all_the_same" points=2
# ### BEGIN SOLUTION
# Every hidden value is the same: 0.05 times the sum of the pixels. Each goes into every output with the same weight, so
# the gradient that comes back to each of the 32 is the same too, and with it the gradient of each of their 64 weights
# (the hidden gradient times the pixel): the 32 rows of the weight get equal gradients. If equal rows are changed in the
# same way, they stay equal. After any number of steps all 32 hidden values are still one value, and one hidden value
# would have been enough. Random starting values break the symmetry.
#
# **Rubric.** 1 point: the hidden values are all equal (forward). 1 point: the gradients of their weights are equal as
# well, so they stay equal, and the layer is worth one value. Saying only that "the network learns badly" without the
# equal gradients: half of that point.
# ### END SOLUTION

# %% [markdown]
# ### In a row
#
# Most models are layers in a row. `Sequential` is that row. Its parts are attributes like all others, with the names
# "0", "1", "2": names that PyTorch uses too. All but its `forward` is given.


# %%
#| export
# Composing.
class Sequential(Module):
    """Modules in a row: each gets what the one before it gave."""

    def __init__(self, *modules):
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                what = getattr(module, "__name__", type(module).__name__)
                raise TypeError(f"Sequential takes modules one by one, such as ReLU(), not {what}")
            setattr(self, str(i), module)

    def __len__(self):
        return sum(1 for _ in self.children())

    def __iter__(self):
        return self.children()

    def __getitem__(self, index):
        """The module at a position, or a Sequential of those in a slice."""
        found = list(self.children())[index]
        return Sequential(*found) if isinstance(index, slice) else found


# %% [markdown]
# ### Exercise: `sequential`
#
# Write `forward`. The first module gets `x`. Each of the others gets what the one before it gave. What the last one
# gives is the result. A row of no modules gives `x` as it is.
#
# `self.children()` are the modules, in their order. **Call** each of them. Its `forward` alone would leave out what
# stands in front of it: the check for data that is still a NumPy array.
#
# Check yourself: two lines in a row, `2 x + 1` and then `3 x`. What becomes of 1? (3, and then 9.)
#
# <details><summary>Hint 1</summary>One name is enough. In each round of the loop, it stands for what goes into the next
# module.</details>
# <details><summary>Hint 2</summary><code>for module in self.children():</code>, in it <code>x = module(x)</code>.
# Return <code>x</code> after the loop, and not in it.</details>


# %% exercise="sequential" points=1
#| export
@extend(Sequential)
def forward(self, x):
    ### BEGIN SOLUTION
    for module in self.children():
        x = module(x)
    return x
    ### END SOLUTION


# %%
mlp = Sequential(Linear(784, 256), ReLU(), Linear(256, 10))
print(mlp(input).shape)
print(mlp)

# %% [markdown]
# **A place to stop.** Seven of fourteen exercises are done, and every model of linear layers can be built from them.
# When you come back, run all cells above first: images need them.

# %% [markdown]
# ## 8. Images
#
# A `Linear` from one image of 28 × 28 to another has 784 · 784 = 614,656 weights. And it has no idea that two pixels
# are neighbours. Mix the pixels of all images in the same way, and it would not notice.
#
# A **convolution** looks at a small window, say 3 × 3, and asks one question about it: how well does it match a pattern
# of 9 numbers? Multiply the window by the pattern, value by value, and add up. Then it moves the window on by one pixel
# and asks the same question there. The answers, in the order of the places, are an image again. 9 weights, for an image
# of any size.

# %%
show.walk(np.arange(16).reshape(4, 4), kernel=(3, 3))

# %% [markdown]
# How many places are there? Four pixels have room for 2 windows of 3: `4 - 3 + 1`. With a `stride` of 2 the window moves
# on by two pixels at a time, and there are about half as many places: `(n - k) // stride + 1`, rounded down, since the
# window must fit. `padding` puts a frame of zeros around the image first. With one pixel of it, a window of 3 leaves the
# image as large as it was.
#
# Real images have channels: red, green and blue, and later the answers to many questions. So a batch is
# `(n, channels, rows, columns)`, the window goes through all channels, and each of the `f` patterns is as deep as the
# image: the weight has the shape `(f, channels, kernel rows, kernel columns)`. Each pattern gives one output channel.
#
# All sizes come in pairs: `kernel`, `stride` and `padding` are each `(for rows, for columns)`. The counting is given.


# %%
#| export
# Images: (images, channels, rows, columns).
def _pair(size):
    """A size for rows and one for columns, from one for both or from two."""
    return tuple(size) if np.iterable(size) else (size, size)


def _short(pair):
    """A pair as a person writes it: one number if both are equal."""
    return str(pair[0] if pair[0] == pair[1] else tuple(pair))


def window_counts(shape, kernel, stride):
    """How many windows, (rows, columns) of them, an image of shape (..., rows, columns) has.

    A ValueError if not even one fits.
    """
    if len(shape) < 2:
        raise ValueError(f"windows need images, (..., rows, columns), not {shape}")
    rows, cols = (1 + (n - k) // s for n, k, s in zip(shape[-2:], kernel, stride))
    if min(rows, cols) < 1:
        raise ValueError(
            f"a window of {tuple(kernel)} does not fit into an image of {tuple(shape[-2:])}, "
            "padding included"
        )
    return rows, cols


@operation
def pad2d(x, *, padding):
    """`x` with `padding` (rows, columns) of zeros on each side of the last two axes."""
    if padding == (0, 0):
        return x
    (rows, cols), (high, wide) = padding, x.shape[-2:]
    out = np.zeros((*x.shape[:-2], high + 2 * rows, wide + 2 * cols), x.dtype)
    out[..., rows : rows + high, cols : cols + wide] = x
    return out


@derivative(pad2d)
def _(grad, out, x, padding):
    (rows, cols), (high, wide) = padding, x.shape[-2:]
    return grad[..., rows : rows + high, cols : cols + wide]


# %%
print(window_counts((4, 4), (3, 3), (1, 1)), window_counts((28, 28), (3, 3), (2, 2)))
print(pad2d(np.ones((2, 2)), (1, 1)))

# %% [markdown]
# ### Exercise: `conv2d_loops`
#
# Write it out, on arrays: for each image, each pattern, each place `(i, j)` the sum of window times pattern, plus the
# pattern's bias. This version does not go into `layers.py`. It is here to be understood, measured and replaced.
#
# `x` is `(n, c, h, w)`, padded already; `weight` is `(f, c, kh, kw)`, `bias` `(f,)`, `stride` a pair. The result is
# `(n, f, rows, columns)` with the dtype of `x`. The lines above the blank have the sizes, and zeros to fill.
#
# Check yourself: the image `[[1, 2, 3], [4, 5, 6], [7, 8, 9]]` and the pattern `[[1, 0], [0, 1]]`, which adds a pixel
# and its neighbour to the lower right. Without bias that is `[[6, 8], [12, 14]]`.
#
# <details><summary>Hint 1</summary>Four loops. With stride, the window of place <code>(i, j)</code> begins at row
# <code>i * stride[0]</code> and column <code>j * stride[1]</code>.</details>
# <details><summary>Hint 2</summary>The window: <code>x[image, :, top : top + kh, left : left + kw]</code>, all channels
# of it. It has the shape of <code>weight[pattern]</code>.</details>
# <details><summary>Hint 3</summary><code>out[image, pattern, i, j] = (window * weight[pattern]).sum() +
# bias[pattern]</code></details>


# %% exercise="conv2d_loops" points=2
def conv2d_loops(x, weight, bias, stride):
    """Convolution, window by window: (n, c, h, w), (f, c, kh, kw), (f,) -> (n, f, rows, columns)."""
    n, f, (kh, kw) = len(x), len(weight), weight.shape[2:]
    rows, cols = window_counts(x.shape, (kh, kw), stride)
    out = np.zeros((n, f, rows, cols), x.dtype)
    ### BEGIN SOLUTION
    for image in range(n):
        for pattern in range(f):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    window = x[image, :, top : top + kh, left : left + kw]
                    out[image, pattern, i, j] = (window * weight[pattern]).sum() + bias[pattern]
    ### END SOLUTION
    return out


# %% [markdown]
# What does a convolution see? Two patterns for edges, on a handwritten three. The first asks: is it darker on the right
# than on the left? The second: darker below than above? In the answers, black is a strong yes, white a strong no, and
# the grey of the background neither. (These patterns were made up. Those of a layer are learnt, and many turn out much
# like them.)

# %%
three = digits()[0][3]
left_right = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
patterns = np.array([[left_right], [np.transpose(left_right)]], np.float32)  # (2, 1, 3, 3)
edges = conv2d_loops(pad2d(three[None, None], (1, 1)), patterns, np.zeros(2), (1, 1))
show.images({"a three": three, "darker on the right": edges[0, 0], "darker below": edges[0, 1]})

# %% [markdown]
# ### The image as a matrix
#
# Thousands of small products, one after another, each with the overhead of Python around it. Module 01 had the cure for
# that: one large matrix product. So let us write all windows next to each other, each as a **column** of a matrix. The
# patterns, each laid flat, are the rows of another. Then every pattern meets every window in one product:
#
# ```
#   (f, c·kh·kw)  @  (c·kh·kw, windows)  =  (f, windows)
#     patterns           columns             all answers
# ```
#
# But making the matrix window by window would be the slow loop again. The picture shows the way out. Look at the
# matrix by **rows**. Row `0,1` has what all windows hold at place `0,1`, and that is a slice of the image. So a window of
# 3 × 3 needs nine copies of slices, however many windows there are.

# %%
show.unfolding(np.arange(1, 13).reshape(3, 4), kernel=(2, 2))

# %% [markdown]
# Check yourself: with a stride of `s`, which columns of the image does the slice of place `(i, j)` take? (Those from `j`
# on in steps of `s`, as many as there are windows side by side.) These slices are views. They cost nothing until they
# are copied.


# %%
#| export
def window_slices(x, kernel, stride):
    """For each place (i, j) in a window of size `kernel`: i, j, and what all windows have there.

    That is a view of `x` of shape (..., rows, columns), with one value for each window.
    """
    rows, cols = window_counts(x.shape, kernel, stride)
    down, right = stride
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            yield i, j, x[..., i : i + down * rows : down, j : j + right * cols : right]


# %%
for i, j, view in window_slices(np.arange(1, 13).reshape(3, 4), (2, 2), (1, 1)):
    print((i, j), view.tolist())

# %% [markdown]
# ### Exercise: `unfold`
#
# Make the matrix of columns for each image: `(n, c, h, w)` becomes `(n, c · kh · kw, rows · columns)`. In a column, the
# numbers stand in the order of the weight: channel by channel, in each row by row. (PyTorch has the same function, with
# the same name and order.)
#
# 1. Make an empty array `(n, c, kh, kw, rows, cols)`. The axes of the window come first, then those of the places.
# 2. For each of the `window_slices`, copy the view to where it belongs.
# 3. Lay flat what belongs together, by one `reshape`.
#
# The dtype is that of `x`. An empty batch, `n = 0`, is allowed: then -1 in a reshape does not work.
#
# Check yourself: of the image in the picture, the first column is `[1, 2, 5, 6]`.
#
# <details><summary>Hint 1</summary><code>np.empty((n, c, *kernel, rows, cols), x.dtype)</code>: there is no need to
# fill what is written anyway.</details>
# <details><summary>Hint 2</summary>A view has the shape <code>(n, c, rows, cols)</code>. So has
# <code>out[:, :, i, j]</code>.</details>
# <details><summary>Hint 3</summary><code>return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)</code></details>


# %% exercise="unfold" points=3
#| export
@operation
def unfold(x, *, kernel, stride):
    """The windows of images as columns of a matrix each.

    (n, c, h, w) -> (n, c * kh * kw, windows), where a column holds a window channel by channel.
    """
    n, c = x.shape[:2]
    rows, cols = window_counts(x.shape, kernel, stride)
    ### BEGIN SOLUTION
    out = np.empty((n, c, *kernel, rows, cols), x.dtype)
    for i, j, view in window_slices(x, kernel, stride):
        out[:, :, i, j] = view
    return out.reshape(n, c * kernel[0] * kernel[1], rows * cols)
    ### END SOLUTION


# %%
print(unfold(np.arange(1, 13).reshape(1, 1, 3, 4), (2, 2), (1, 1)))

# %% [markdown]
# The convolution itself is now short. One thing needs care. The columns hold every pixel up to nine times. For a large
# batch that is more than the processor's cache has room for, and they would travel to main memory and back. So only a
# few images are unfolded at a time, about a megabyte of columns. Section 14 measures what that is worth. `chunks` says
# which: 10 images, with columns of 100,000 numbers each, are taken by twos.


# %%
#| export
def chunks(n, size):
    """Slices that cut `n` images into groups whose columns, `size` an image, fit the cache."""
    step = max(1, 2**18 // size)  # 2**18 float32 numbers are a megabyte
    return [slice(start, start + step) for start in range(0, n, step)]


# %%
print(chunks(10, 100_000))

# %% [markdown]
# ### Exercise: `conv2d`
#
# The lines above the blank check the shapes, put the frame of zeros around `x`, and count: there are `f` patterns, and
# `rows` times `cols` windows in an image. What is left is the product in the picture above, and this must hold:
#
# - The result has the shape `(n, f, rows, cols)`, and the dtype `np.result_type(x, weight)`.
# - Each pattern, laid flat, meets each column of `unfold(…, kernel, stride)`: `(f, c·kh·kw) @ (c·kh·kw, rows·cols)`.
# - Each pattern's bias is added to all its answers, unless `bias` is None.
# - The columns of one of the `chunks(n, size)` are there at a time, and no others. `size` is how many numbers the
#   columns of one image are: `c·kh·kw·rows·cols`.
# - The batch may be empty.
#
# Check yourself: with 8 patterns of `(3, 3, 3)` and an image of `(3, 10, 10)`, which shapes has the product?
# (`(8, 27) @ (27, 64)`.)
#
# <details><summary>Hint 1</summary>Before the loop: <code>flat = weight.reshape(f, -1)</code>, and <code>out =
# np.empty((len(x), f, rows * cols), np.result_type(x, weight))</code> to write into.</details>
# <details><summary>Hint 2</summary><code>for part in chunks(len(x), flat.shape[1] * rows * cols):</code>. A part is a
# slice: <code>x[part]</code> are its images, <code>out[part]</code> their answers.</details>
# <details><summary>Hint 3</summary>In the loop <code>out[part] = flat @ unfold(x[part], kernel, stride)</code>, and
# then <code>out[part] += bias[:, None]</code> where there is a bias. <code>np.matmul(…, out=out[part])</code> saves a
# copy. At the end <code>out.reshape(len(x), f, rows, cols)</code>.</details>


# %% exercise="conv2d" points=2
#| export
@operation
def conv2d(x, weight, bias=None, *, stride=(1, 1), padding=(0, 0)):
    """Convolution: (n, c, h, w), (f, c, kh, kw), (f,) or None -> (n, f, rows, cols)."""
    f, c, *kernel = weight.shape
    if x.ndim != 4 or x.shape[1] != c:
        raise ValueError(
            f"a convolution of {c} channels takes (n, {c}, rows, columns), not {x.shape}"
        )
    x = pad2d(x, padding)
    rows, cols = window_counts(x.shape, kernel, stride)
    ### BEGIN SOLUTION
    flat = weight.reshape(f, -1)  # (f, c * kh * kw)
    out = np.empty((len(x), f, rows * cols), np.result_type(x, weight))
    for part in chunks(len(x), flat.shape[1] * rows * cols):
        np.matmul(flat, unfold(x[part], kernel, stride), out=out[part])
        if bias is not None:
            out[part] += bias[:, None]
    return out.reshape(len(x), f, rows, cols)
    ### END SOLUTION


# %% [markdown]
# Four images of 28 × 28, eight patterns of 3 × 3. Guess the factor first.


# %%
def seconds(run, number=1, rounds=3):
    """The best of a few rounds: everything slower was somebody else's work."""
    return min(repeat(run, number=number, repeat=rounds)) / number


x, w, b = randn(4, 1, 28, 28).numpy(), randn(8, 1, 3, 3).numpy(), np.zeros(8, np.float32)
print(np.allclose(conv2d_loops(x, w, b, (1, 1)), conv2d(x, w, b, (1, 1), (0, 0)), atol=1e-5))
show.ladder(
    {
        "loops over windows": seconds(lambda: conv2d_loops(x, w, b, (1, 1)), rounds=1),
        "columns, one product": seconds(lambda: conv2d(x, w, b, (1, 1), (0, 0)), number=50),
    },
    flops=2 * 4 * 8 * 26 * 26 * 9,
)

# %% [markdown]
# The layer takes sizes as one number or as a pair, as PyTorch's does. It prints what is not as usual.


# %%
#| export
class Conv2d(Module):
    """Each output channel says how well a small pattern matches at each place of the image.

    (n, in_channels, h, w) -> (n, out_channels, 1 + (h + 2 padding - kernel_size) // stride, …).
    Sizes are one number, or two for rows and columns.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        self.stride, self.padding = _pair(stride), _pair(padding)
        self.weight, self.bias = _start((out_channels, in_channels, *_pair(kernel_size)), bias)

    def forward(self, x):
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def extra_repr(self):
        out, into, *kernel = self.weight.shape
        text = f"{into}, {out}, {_short(kernel)}"
        text += "" if self.stride == (1, 1) else f", stride={_short(self.stride)}"
        text += "" if self.padding == (0, 0) else f", padding={_short(self.padding)}"
        return text + ("" if self.bias is not None else ", bias=False")


# %%
images = Tensor(digits()[0][:32]).unsqueeze(1)  # (32, 1, 8, 8)
conv = Conv2d(1, 8, 3, padding=1)
print(images.shape, "->", conv(images).shape)
for attempt in (lambda: conv(images.squeeze(1)), lambda: Conv2d(1, 8, 9)(images)):
    try:
        attempt()
    except ValueError as error:
        print("ValueError:", error)
print(conv)

# %% [markdown]
# ## 9. Pooling
#
# A convolution answers at every pixel. Is there an edge somewhere around here? For that, one answer out of four is
# enough: the largest. **Max-pooling** walks a window over each channel, usually 2 × 2 with a stride of 2, and keeps the
# largest value. The image gets half as high and half as wide.
#
# ```
#   1  3 │ 5  4
#   2  0 │ 8  7          3  8
#   ─────┼─────    →     9  6
#   9  9 │ 6  1
#   0  2 │ 3  4
# ```
#
# The slices of the last section do it. For a window of 2 × 2 there are four of them, `(rows, cols)` each. The largest
# value of each window is the larger of the four, value by value.
#
# ### Exercise: `max_pool2d`
#
# On an array `x` of shape `(..., h, w)`, with `kernel` and `stride` as pairs. No loop over windows: go through
# `window_slices(x, kernel, stride)`, and keep the largest so far.
#
# The result is new memory, and has the dtype of `x`. All values may be negative.
#
# <details><summary>Hint 1</summary>Start from the first slice: a <b>copy</b> of it. It is a view of <code>x</code>, and
# what you write into a view is written into <code>x</code>.</details>
# <details><summary>Hint 2</summary><code>(_, _, first), *others = window_slices(x, kernel, stride)</code> takes the first
# apart from the rest.</details>
# <details><summary>Hint 3</summary>For each of the others: <code>np.maximum(out, view, out=out)</code>.</details>


# %% exercise="max_pool2d" points=2
#| export
# Pooling.
@operation
def max_pool2d(x, *, kernel, stride):
    """The largest value of each window: (..., h, w) -> (..., rows, columns)."""
    ### BEGIN SOLUTION
    (_, _, first), *others = window_slices(x, kernel, stride)
    out = first.copy()
    for _, _, view in others:
        np.maximum(out, view, out=out)
    return out
    ### END SOLUTION


# %%
square = np.array([[1, 3, 5, 4], [2, 0, 8, 7], [9, 9, 6, 1], [0, 2, 3, 4]])
print(max_pool2d(square, (2, 2), (2, 2)))

# %% [markdown]
# Going backward, the gradient belongs to the value that won, and to no other. In the window with two nines it goes to
# the first, as in PyTorch. The rule walks through the same slices, and writes into those of the result: they are
# views, so `target += …` lands in the right places. Where windows overlap, contributions add up.
#
# **Average pooling** takes the mean. Its gradient is shared out equally. `Flatten` leads from images to `Linear`.


# %%
#| export
@derivative(max_pool2d)
def _(grad, out, x, kernel, stride):  # of values that tie, the first gets the gradient
    result = np.zeros(x.shape, grad.dtype)
    unclaimed = np.ones(out.shape, bool)
    slices = window_slices(x, kernel, stride), window_slices(result, kernel, stride)
    for (_, _, view), (_, _, target) in zip(*slices):
        wins = (view == out) & unclaimed
        unclaimed ^= wins
        target += grad * wins
    return result


@operation(only_floats=True)
def avg_pool2d(x, *, kernel, stride):
    """The mean of each window: (..., h, w) -> (..., rows, columns)."""
    (_, _, first), *others = window_slices(x, kernel, stride)
    total = first.copy()
    for _, _, view in others:
        total += view
    return total / math.prod(kernel)


@derivative(avg_pool2d)
def _(grad, out, x, kernel, stride):
    result = np.zeros(x.shape, grad.dtype)
    share = grad / math.prod(kernel)
    for _, _, target in window_slices(result, kernel, stride):
        target += share
    return result


class _Pool2d(Module):
    """One value for each window; the stride is the window's size unless it is given."""

    def __init__(self, kernel_size, stride=None):
        self.kernel_size = _pair(kernel_size)
        self.stride = self.kernel_size if stride is None else _pair(stride)

    def forward(self, x):
        return self.op(x, self.kernel_size, self.stride)

    def extra_repr(self):
        same = self.stride == self.kernel_size
        return _short(self.kernel_size) + ("" if same else f", stride={_short(self.stride)}")


class MaxPool2d(_Pool2d):
    """The largest value of each window: (..., h, w) -> (..., rows, columns)."""

    op = staticmethod(max_pool2d)


class AvgPool2d(_Pool2d):
    """The mean of each window: (..., h, w) -> (..., rows, columns)."""

    op = staticmethod(avg_pool2d)


class Flatten(Module):
    """Axes merged into one: all but the first, unless others are given."""

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x):
        return x.flatten(self.start_dim, self.end_dim)


# %%
x = Tensor(square.astype(np.float32), requires_grad=True)
y = MaxPool2d(2)(x)
y.sum().backward()
print(x.grad)
print(Flatten()(MaxPool2d(2)(images)).shape)

# %% [markdown]
# ## 10. Dropout
#
# A large network can learn its examples by heart. **Dropout** makes that hard: in training, each value is set to 0 with
# probability `p`, at random, anew in every call. No value can rely on a particular other one being there.
#
# In use, nothing is dropped. But then twice as many values arrive (for `p = 0.5`), and the next layer would get sums
# twice as large as it has ever seen. So the values that are kept in training are divided by `1 - p` there. The **mean**
# is then the same in both modes, and in use there is nothing to do at all.
#
# The class is given. What to do is decided by `self.training`, which `train()` and `eval()` switch.


# %%
#| export
class Dropout(Module):
    """In training, each value is 0 with probability `p`, and divided by 1 - p otherwise."""

    def __init__(self, p=0.5):
        if not 0 <= p <= 1:
            raise ValueError(f"a probability is from 0 to 1, not {p}")
        self.p = p

    def extra_repr(self):
        return str(self.p)


# %% [markdown]
# ### Exercise: `dropout`
#
# Write `forward`.
#
# 1. If the module is not in training, return `x` as it is.
# 2. Draw a `rand(*x.shape)`: numbers from 0 up to 1. A value is kept where the number is at least `p`, or, which is as
#    likely, where it is below `1 - p`.
# 3. Multiply `x` by a tensor that is 0 where a value is dropped and `1 / (1 - p)` where it is kept. Autograd knows how to
#    go back through a product: what was dropped gets no gradient, and what was kept gets it enlarged.
#
# One case to think of: with `p = 1` nothing is kept, and `1 / (1 - p)` does not exist. The result is all zeros.
#
# <details><summary>Hint 1</summary><code>rand(*x.shape) &lt; keep</code>, with <code>keep = 1 - self.p</code>, is a tensor
# of bools. Divided by a number it is a tensor of zeros and <code>1 / keep</code>.</details>
# <details><summary>Hint 2</summary>For <code>p = 1</code>, divide by 1 instead of by 0: the zeros stay zeros.
# <code>keep or 1</code> is <code>keep</code>, unless that is 0.</details>


# %% exercise="dropout" points=2
#| export
@extend(Dropout)
def forward(self, x):
    ### BEGIN SOLUTION
    if not self.training:
        return x
    keep = 1 - self.p
    kept = rand(*x.shape) < keep
    return x * (kept / (keep or 1))  # with p = 1 there is nothing left to enlarge
    ### END SOLUTION


# %%
values = 2 + 0.5 * randn(10_000)
show.histograms(
    {
        "before": values,
        "Dropout(0.5), training": Dropout(0.5)(values),
        "Dropout(0.5), in use": Dropout(0.5).eval()(values),
    }
)

# %% [markdown]
# The mean stays, the spread grows: that is the noise in which the network has to learn.
#
# ## 11. Normalisation
#
# Section 7 chose the starting weights so that values keep their size from layer to layer. But training moves the
# weights. **Normalisation** restores the size all the time: shift the values to mean 0, scale them to variance 1.
# Then multiply by a learnt `weight` and add a learnt `bias`, so that the network can choose another size where it needs
# one.
#
# The only question is: mean and variance **over what**? For a batch `(n, features)`:
#
# | | over | each … gets mean 0 |
# |---|---|---|
# | layer normalisation | the features, `dim=1` | sample, for itself |
# | batch normalisation | the batch, `dim=0` | feature, compared with other samples |
#
# So it is one operation, with a `dim`. Numbers to check: for `[1, 3, 8]` the mean is 4, the distances are -3, -1, 4,
# their mean square is 26 / 3 = 8.67, its root 2.94. Normalised: `[-1.02, -0.34, 1.36]`.
#
# Means along short rows are given, by way of module 01's `add_up`:


# %%
#| export
# Normalisation.
@operation(only_floats=True)
def average(x, *, dim):
    """The mean over `dim`, which stays with size 1."""
    total = add_up(x, axis=dim, keepdims=True)
    return total / (x.size // max(total.size, 1))


@derivative(average)
def _(grad, out, x, dim):
    return np.broadcast_to(grad / (x.size // max(out.size, 1)), x.shape)


# %% [markdown]
# ### Exercise: `normalize`
#
# On arrays: `(x - mean) / sqrt(variance + eps) * weight + bias`, with mean and variance over `dim`, an int or a tuple of
# ints. `weight` and `bias` broadcast against `x`.
#
# - The variance is the plain mean of the squared distances. (This time divided by n, not n - 1. These values are not a
#   sample of something else; they are to have variance 1 themselves.)
# - `eps` is a tiny number. If all values are equal, the variance is 0, and `eps` keeps the division finite. It stands
#   **under the root**.
# - The distances are a new array, and it is yours. Work in it with `/=`, `*=` and `+=`. Leave `x` alone.
#
# <details><summary>Hint 1</summary><code>out = x - average(x, dim=dim)</code>. What is the variance, in terms of
# <code>out</code>?</details>
# <details><summary>Hint 2</summary>It is the <code>average</code> of <code>out * out</code> over the same
# axis.</details>
# <details><summary>Hint 3</summary><code>out /= np.sqrt(variance + eps)</code>, <code>out *= weight</code>,
# <code>out += bias</code>.</details>


# %% exercise="normalize" points=2
#| export
@operation(only_floats=True)
def normalize(x, weight, bias, *, dim, eps):
    """(x - mean) / sqrt(variance + eps) over `dim`, times weight, plus bias."""
    ### BEGIN SOLUTION
    out = x - average(x, dim=dim)
    variance = average(out * out, dim=dim)
    out /= np.sqrt(variance + eps)
    out *= weight
    out += bias
    return out
    ### END SOLUTION


# %%
raw = np.random.default_rng(0).gamma(2, 3, size=(2000, 1)).astype(np.float32)
show.histograms({"before": raw, "after, over the batch": normalize(raw, 1, 0, dim=0, eps=1e-5)})

# %% [markdown]
# Normalising shifts and scales. The shape of the distribution stays: a skewed one stays skewed.
#
# **LayerNorm** normalises over the last axes, those of `normalized_shape`. Every sample is treated for itself, so it
# does the same in training and in use.


# %%
#| export
class LayerNorm(Module):
    """Each sample gets mean 0 and variance 1 over its last axes; then a learnt scale and shift.

    `normalized_shape` is the size of the last axis, or a tuple of the sizes of the last few.
    """

    def __init__(self, normalized_shape, eps=1e-5):
        shape = tuple(normalized_shape) if np.iterable(normalized_shape) else (normalized_shape,)
        self.eps = eps
        self.weight = Parameter(ones(shape))
        self.bias = Parameter(zeros(shape))

    def forward(self, x):
        shape = self.weight.shape
        if x.shape[x.ndim - len(shape) :] != shape:
            raise ValueError(f"a LayerNorm of {shape} takes shapes that end so, not {x.shape}")
        dim = tuple(range(-len(shape), 0))
        return normalize(x, self.weight, self.bias, dim=dim, eps=self.eps)

    def extra_repr(self):
        shape = self.weight.shape
        return str(shape[0] if len(shape) == 1 else shape)


# %% [markdown]
# **BatchNorm** has a difficulty. In training, a sample is compared with the others of its batch. In use, there may be no
# others: one image comes along, and its result must not depend on who else is asking. So in training the module keeps
# running averages of mean and variance, and in use it works with those. They are state that nobody learns: buffers.
#
# It is why `eval()` must not be forgotten. And where a channel has only one value, there is nothing to compare it with:
# in training that is an error, as in PyTorch. The class is given, but for `_track`, which it calls with each batch that
# it is trained on.


# %%
#| export
class _BatchNorm(Module):
    """Each channel, axis 1, gets mean 0 and variance 1 over a batch; then a learnt scale and shift.

    In evaluation, means and variances are those of the training so far: running averages, of
    which each batch replaced the share `momentum`.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(ones(num_features))
        self.bias = Parameter(zeros(num_features))
        self.register_buffer("running_mean", zeros(num_features))
        self.register_buffer("running_var", ones(num_features))
        self.register_buffer("num_batches_tracked", Tensor(0, dtype=np.int64))

    def forward(self, x):
        channels = self.weight.numel()
        if x.ndim not in self.ndims or x.shape[1] != channels:
            name = type(self).__name__
            raise ValueError(f"a {name} of {channels} channels cannot take a shape {x.shape}")
        dim = (0, *range(2, x.ndim))
        if self.training:
            if x.numel() < 2 * channels:
                raise ValueError(
                    f"to train, {type(self).__name__} needs more than one value for each channel; "
                    f"a batch {x.shape} has no variance"
                )
            self._track(x.array, dim)
        weight, bias = self.weight, self.bias
        if x.ndim > 2:  # along axis 1
            shape = (-1,) + (1,) * (x.ndim - 2)
            weight, bias = weight.reshape(shape), bias.reshape(shape)
        if self.training:
            return normalize(x, weight, bias, dim=dim, eps=self.eps)
        scale = weight / (self.running_var.reshape(weight.shape) + self.eps).sqrt()
        return x * scale + (bias - self.running_mean.reshape(weight.shape) * scale)

    def extra_repr(self):
        return str(self.weight.numel())


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (n, features) or (n, features, length)."""

    ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (n, channels, rows, columns)."""

    ndims = (4,)


# %% [markdown]
# ### Exercise: `running_averages`
#
# Write `_track`: of a batch `x`, an array, move the running averages on. `dim` are the axes over which is averaged, all
# but axis 1, the channels.
#
# An example with one channel, and a `momentum` of 0.1. The running mean starts at 0, the running variance at 1. The
# batch is `[1, 3]`, with mean 2. Its squared distances are 1 and 1; their sum over n − 1 = 1 is 2.
#
# | | before | batch | after |
# |---|---|---|---|
# | running mean | 0 | 2 | 0.9 · 0 + 0.1 · 2 = 0.2 |
# | running variance | 1 | 2 | 0.9 · 1 + 0.1 · 2 = 1.1 |
#
# This must hold:
#
# - `self.running_mean` and `self.running_var` keep the share `1 - self.momentum` of what they were. The rest is the
#   batch's.
# - Both have one number for each channel, the shape `(channels,)`, before and after.
# - The batch's variance is divided by n − 1, where n is how many values of each channel the batch has. It estimates
#   that of all data, as `var` did in 01.
# - `self.num_batches_tracked` grows by 1. `x` stays as it is.
#
# Check yourself: the same batch once more. What is the running mean now? (0.9 · 0.2 + 0.1 · 2 = 0.38.)
#
# <details><summary>Hint 1</summary><code>mean = average(x, dim=dim)</code>, and the average of the squares of <code>x -
# mean</code>. That one is divided by n: times <code>n / (n - 1)</code> mends it. n is <code>x.size //
# mean.size</code>.</details>
# <details><summary>Hint 2</summary><code>average</code> keeps the axes, at size 1. <code>mean.ravel()</code> has one
# number for each channel.</details>
# <details><summary>Hint 3</summary><code>self.running_mean += self.momentum * (mean.ravel() - self.running_mean)</code>
# goes the share <code>momentum</code> of the way to the batch's mean. Likewise the variance.</details>


# %% exercise="running_averages" points=2
#| export
@extend(_BatchNorm)
def _track(self, x, dim):
    """Move the running averages on by a batch `x`, an array, averaged over `dim`."""
    ### BEGIN SOLUTION
    mean = average(x, dim=dim)
    apart = x - mean
    n = x.size // mean.size
    variance = average(apart * apart, dim=dim) * (n / (n - 1))  # the estimate for all data
    self.running_mean += self.momentum * (mean.ravel() - self.running_mean)
    self.running_var += self.momentum * (variance.ravel() - self.running_var)
    self.num_batches_tracked += 1
    ### END SOLUTION


# %%
norm = BatchNorm1d(2)
batch = Tensor([[1, 10], [3, 30]])
for _ in range(50):
    trained = norm(batch)
print("the first sample, in training ", trained.numpy()[0].round(1))
print("the running mean              ", norm.running_mean.numpy().round(1))
norm.eval()
print("the first sample, alone in use", norm(batch[:1]).numpy()[0].round(1))
print(list(norm.state_dict()))

# %% [markdown]
# (In use, the result is -0.7 and not -1. The running variance is the estimate with n - 1, here twice the plain mean of
# squares. With two samples that is a large difference; with 64 it is none.)
#
# ### Question: forgotten
#
# A model with `Dropout` and `BatchNorm1d` has been trained. A colleague measures it on new images, in batches of 32, and
# forgets `model.eval()`. The next day the results are worse than they were, even with `eval()`.
#
# Name three things that go wrong on the first day, or that show that something is wrong, and say for each which of the
# two modules is to blame. What happened to the model overnight?

# %% [markdown] question="forgotten_eval" points=2
# ### BEGIN SOLUTION
# Dropout goes on dropping: the same image gives another result in every call, and results are noisier, so worse.
# BatchNorm normalises by the batch at hand: the result for an image depends on which other images are in its batch (and
# on the batch's size; a last batch of one image raises an error). And BatchNorm goes on tracking: each measured batch
# replaces a tenth of the running mean and variance, although nothing was to be learnt. That is what happened to the
# model: its buffers now describe the new images, or their last few dozen, instead of the training data. `eval()` on the
# next day uses these buffers; the parameters have not changed.
#
# **Rubric.** 1 point: three of these effects, each with the right module (two of them: half a point). 1 point: the
# running averages, which are buffers and not parameters, were changed by mere forward calls in training mode.
# ### END SOLUTION

# %% [markdown]
# ## 12. Words
#
# Words, user numbers or colours have no size; 7 is not more than 3. An **embedding** gives each of them a row of numbers
# of its own, a parameter, and looks rows up. That is indexing, which autograd knows. A row that was looked up twice gets
# both gradients.


# %%
#| export
class Embedding(Module):
    """A table with a row of numbers for each word: integers (...) -> (..., embedding_dim)."""

    def __init__(self, num_embeddings, embedding_dim):
        self.weight = Parameter(randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        indices = np.asarray(unwrap(indices))
        if indices.dtype.kind not in "iu":
            what = f"integers, not {indices.dtype}"
            raise TypeError(f"an Embedding takes {what}: make the tensor with dtype=int")
        rows = len(self.weight)
        wrong = indices[(indices < 0) | (indices >= rows)]
        if wrong.size:
            raise IndexError(f"an Embedding of {rows} rows has no row {wrong[0]}")
        return self.weight[indices]

    def extra_repr(self):
        rows, columns = self.weight.shape
        return f"{rows}, {columns}"


# %%
words = Embedding(5, 3)
words(Tensor([1, 4, 1], dtype=int)).sum().backward()
print(words.weight.grad)

# %% [markdown]
# ## 13. A whole model
#
# Everything composes. A convolutional network for the digits, as a component of one's own. (`Sequential` alone would do;
# a class can name its parts, and do in `forward` what is not in a row.)


# %%
class Digits(Module):
    def __init__(self):
        self.features = Sequential(
            Conv2d(1, 8, 3, padding=1),
            BatchNorm2d(8),
            ReLU(),
            MaxPool2d(2),
            Conv2d(8, 16, 3),
            ReLU(),
        )
        self.head = Sequential(Flatten(), Dropout(0.25), Linear(64, 10))

    def forward(self, x):
        return self.head(self.features(x))


model = Digits().eval()
print(model(images).shape)
print(model)

# %% [markdown]
# Is it in good health? `show.activations` runs the model on a few images and draws what each layer puts out: how its
# values are distributed, and a heat map with a row for each image and a column for each unit. (Of images, each channel
# is a unit.) A unit that is 0 for every image is **dead**: the layers after it learn nothing from it, and no gradient
# comes back through its ReLU. A few are no harm. Here the weights are still as they were drawn, and behind the second
# ReLU there may be several: channels whose sums happen to be negative for every image.
#
# (`BatchNorm2d` does nothing yet. In evaluation it works with its running averages, and it has seen no batch so far.)

# %%
show.activations(model, images)

# %% [markdown]
# Each number has its path. Two models with the same tree understand each other's state, and PyTorch's model
# of the same parts would too:

# %%
for path, tensor in model.state_dict().items():
    print(f"{path:34} {tensor.shape}")
copy = Digits().eval()
copy.load_state_dict(model.state_dict())
print("the same answers:", np.array_equal(copy(images), model(images)))

# %% [markdown]
# ## 14. What it costs
#
# ### Flat rows
#
# A batch of 64 sentences of 32 words, 64 numbers each, through a linear layer. `x @ weight.T` is 64 products; `linear`
# lays the words flat and makes one.

# %%
x, w, b = randn(64, 32, 64).numpy(), randn(256, 64).numpy(), np.zeros(256, np.float32)
show.ladder(
    {
        "x @ w.T + b, 64 products": seconds(lambda: x @ w.T + b, number=5),
        "linear, one product": seconds(lambda: linear(x, w, b), number=5),
    },
    flops=2 * 64 * 32 * 64 * 256,
)

# %% [markdown]
# ### Columns, a few images at a time
#
# 64 images of 8 channels and 28 × 28 pixels are 1.6 MB. Their columns are 12.5 MB.

# %%
x, w = randn(64, 8, 28, 28).numpy(), randn(16, 8, 3, 3).numpy()
print(f"images {x.nbytes:,} bytes, columns {unfold(x, (3, 3), (1, 1)).nbytes:,} bytes")
show.ladder(
    {
        "all columns at once": seconds(lambda: w.reshape(16, -1) @ unfold(x, (3, 3), (1, 1))),
        "a few at a time": seconds(lambda: conv2d(x, w, None, (1, 1), (0, 0))),
    },
    flops=2 * 64 * 16 * 26 * 26 * 72,
)

# %% [markdown]
# ### A power is not a product
#
# The cube in GELU's formula can be written `x**3` or `x * x * x`. For a square NumPy knows the trick; a cube goes through
# the general `pow`, which takes logarithms.

# %%
x = randn(1_000_000).numpy()
show.ladder(
    {
        "x**3": seconds(lambda: x**3),
        "x * x * x": seconds(lambda: x * x * x, number=5),
        "the whole of gelu": seconds(lambda: gelu(x), number=5),
    }
)

# %% [markdown]
# ### Where a model's time goes
#
# The parts of the network above, on 256 images, forward only:

# %%
x = Tensor(digits()[0][:256]).unsqueeze(1)
for part in (*model.features, *model.head):
    time = seconds(lambda part=part, x=x: part(x), number=5)
    x = part(x)
    print(f"{type(part).__name__:12} {1e3 * time:6.2f} ms   -> {x.shape}")

# %% [markdown]
# Compare the first convolution, with 80 parameters, to `Linear` with its 650. The convolution takes far longer:
# each of its weights is used at 64 places of every image, each weight of `Linear` once. Where the numbers are and
# where the work is are two different questions.
#
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `Module`, found by looking at attributes | `nn.Module`, with registers behind every assignment |
# | a list of modules is a TypeError | a list is silently overlooked; there is `nn.ModuleList` |
# | `state_dict`, `load_state_dict` | the same, with the same paths and shapes |
# | `Linear`, `Conv2d`, `MaxPool2d`, `LayerNorm`, `BatchNorm2d`, `Embedding` … | the same |
# | `Softmax(dim=1)` | the same |
# | `GELU()` | `nn.GELU(approximate="tanh")` |
# | `kaiming_uniform_(weight)` | `nn.init.kaiming_uniform_(weight)` |
# | `unfold(x, (3, 3), (1, 1))` | `functional.unfold(x, 3)` |
#
# When all checks pass, save the notebook. `tito check 03` opens the next module, and `tito demo --mine 03` shows what a
# model knows before it has learnt anything.
#
# Next, in 04, the four operations without a rule get theirs, and going backward gets fast.
