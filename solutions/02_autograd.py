# %% [markdown]
# # 02 Autograd
#
# A model is a calculation with numbers that can be turned: its parameters. To make it better, you must know for each
# parameter: if I turn it up a little, does the error rise or fall, and how fast? That number is the parameter's
# **gradient**. A model with a million parameters asks a million such questions, thousands of times. In this module
# you write what answers all of them at once.
#
# Think of a debugger that tracks every variable. While the program runs, it notes each operation: what went in and
# what came out. When the result is off, it walks back through its notes and says how much each variable had to do
# with it. That is all there is to **autograd**, and it fits into one file.
#
# At the end, `tinytorch/autograd.py` holds a `Tensor` that remembers how it was made, and a script that uses it fits
# a line and a curve to points.

# %%
import tracemalloc
from timeit import repeat

from tito import show
from tito.live import check, extend, hint

# %%
#| export
"""Autograd: tensors that remember how they were made, and the derivative of every operation."""

import contextlib
import functools
import math
import weakref

import numpy as np

from tinytorch.tensor import Tensor as PlainTensor
from tinytorch.tensor import (
    add_up,
    broadcast_shapes,
    cast,
    elementwise,
    floats,
    getitem,
    join,
    operation,
    plain,
    power,
    take_along,
    unwrap,
)
from tinytorch.tensor import tensor as plain_tensor

# %% [markdown]
# ## 1. How steep is it here?
#
# Start with one parameter, `w`. The model predicts `2 * w + 1`, and it should have said 5. How wrong it is we
# measure as the square of the difference, the **loss**. At `w = 3` the prediction is 7, the difference 2, the loss
# 4.
#
# Now nudge `w` a little to either side and look at the loss:


# %%
def loss_of(w):
    return (2 * w + 1 - 5) ** 2


print(loss_of(2.999), loss_of(3.0), loss_of(3.001))

# %% [markdown]
# A nudge of 0.001 changes the loss by about 0.008: eight times as much. That factor is the **slope** at `w = 3`,
# also called the derivative, or, for many parameters at once, the gradient. It is the steepness of the straight line
# that touches the curve there.
#
# ### Exercise: `slope`
#
# Measure it, for any function of one number. For the loss above, with a step as large as 1:
#
# | `w` | 2 | 3 | 4 |
# |---|---|---|---|
# | `loss_of(w)` | 0 | 4 | 16 |
#
# From 3 to 4 the loss rises by 12, from 2 to 3 by 4. The curve bends, so one side is too steep and the other too flat.
# Over both sides together it rises by 16 on a way of 2. That is 8 for each 1, and right.
#
# So the slope is by how much the function rises from one `step` before `x` to one `step` behind it, divided by how far
# these two places are apart.
#
# <details><summary>Hint 1</summary>The two places are <code>x - step</code> and <code>x + step</code>. What is
# <code>function</code> at each of them?</details>
# <details><summary>Hint 2</summary>The rise is <code>function(x + step) - function(x - step)</code>. The way is two
# steps long.</details>


# %% exercise="slope" points=1
def slope(function, x, step=1e-3):
    """How fast the function changes at x, measured a step to either side."""
    ### BEGIN SOLUTION
    return (function(x + step) - function(x - step)) / (2 * step)
    ### END SOLUTION


# %%
show.tangent(loss_of, 3.0, slope(loss_of, 3.0), name="loss = (2w + 1 - 5)²", of="w")

# %% [markdown]
# The slope is positive: turn `w` up, and the loss grows. So turn it down. That is how models learn, and it is why we
# want slopes.
#
# Measuring works for any function, and in this module you will use it to check your work. But look at the price: two
# runs of the whole calculation **for each parameter**. A million parameters, two million runs, for a single step.
# Autograd gets all slopes for about the price of two or three runs together.
#
# ## 2. Small steps
#
# The trick is to look at the calculation in its smallest steps. Each is one operation, and for one operation the
# slope is easy to say. Here is the same loss again, with `x = 2` and `b = 1`. Black numbers are values, computed
# from left to right. The coloured ones are gradients: **how much does the loss change, if this changes by one?**
# They are found from right to left.

# %%
show.boxes(
    {
        "w": (0, 0, ["w", "3", "grad 8"]),
        "x": (0, 1, ["x", "2"]),
        "wx": (1, 0, ["w * x", "6", "grad 4"]),
        "b": (1, 1, ["b", "1", "grad 4"]),
        "p": (2, 0, ["p = wx + b", "7", "grad 4"]),
        "e": (3, 0, ["e = p - 5", "2", "grad 4"]),
        "loss": (4, 0, ["loss = e * e", "4", "grad 1"]),
    },
    [("w", "wx"), ("x", "wx"), ("wx", "p"), ("b", "p"), ("p", "e"), ("e", "loss"), ("e", "loss")],
    "Values go to the right, gradients come back",
)

# %% [markdown]
# Read it from the right:
#
# | step | its own slope | so |
# |---|---|---|
# | the loss itself | changes by one if it changes by one | 1 |
# | `loss = e * e` | `e` is used twice; each use changes the product by the other factor, 2 | 1 · 2 + 1 · 2 = 4 |
# | `e = p - 5` | 1 | 4 · 1 = 4 |
# | `p = w * x + b` | 1 for both | 4 · 1 = 4, for `w * x` and for `b` |
# | `w * x` | for `w` it is `x`, which is 2 | 4 · 2 = 8 |
#
# There is the 8. Two rules did it all. Along a path, slopes are **multiplied**. Where paths meet again, as at `e`,
# what arrives is **added**. This is the chain rule, and there is no more mathematics in this module than that.
#
# Check yourself: what would the gradient of `x` be? (4 · `w` = 12.)
#
# ## 3. What to note down
#
# To walk back, one must know the way. So each result will remember the operation that made it, in a `Node`:
#
# ```
#   result ──node──▶ Node   op        np.multiply
#                           inputs    the tensors and numbers that went in
#                           out       the array that came out
#                           options   axis=0, …
# ```
#
# The inputs are tensors with nodes of their own. So whoever holds the last result holds the whole record. Let go of
# it, and the record goes too.
#
# `out` is the array and not the tensor. The tensor refers to the node; if the node referred back, they would keep
# each other alive in a cycle, and their memory would wait for the garbage collector.
#
# There is a node for every operation, so it should be small. `__slots__` lists all attributes that a node will ever have,
# some of them for later, and saves the dictionary that Python's objects have otherwise.


# %%
#| export
class Node:
    """One recorded operation: which it was, what went in, what came out, and when."""

    __slots__ = ("__weakref__", "hooks", "inputs", "op", "options", "out", "time")


@extend(Node)
def __init__(self, op, inputs, out, options):
    self.op = plain(op)
    self.inputs = inputs  # tensors, arrays and numbers, as they were given
    self.out = out  # the array, not the tensor, which refers to this node
    self.options = options


# %% [markdown]
# The new `Tensor` is module 01's with three more attributes:
#
# - `requires_grad`: whether anybody wants its gradient. You say so for your parameters, and results inherit it.
# - `grad`: its gradient, once there is one: a tensor of its shape.
# - `node`: how it was made. A tensor that no recorded operation made has None here, and is called a **leaf**. Your
#   parameters are leaves.
#
# Most tensors need none of the three. So the values for "nothing" stand once, in the class, and take no room in each
# tensor. The constructors, such as `zeros`, are class methods, so they make tensors of the new class without a
# change.


# %%
#| export
class Tensor(PlainTensor):
    """A tensor that remembers how it was made.

    Operations on a tensor that requires a gradient are recorded: `node` is the operation that
    made a tensor, None for a leaf. `backward()` on a result goes back through the record, and
    adds to `grad` of every leaf what the result changes by if the leaf changes by one.
    """

    # These stand for all tensors until one has its own.
    requires_grad = False
    node = None
    _grad = None

    def __init__(self, data, dtype=None, requires_grad=False):
        super().__init__(data, dtype)
        if requires_grad:
            self.requires_grad_()

    @property
    def grad(self):
        """The gradient, a tensor like this one, or None."""
        return self._grad

    @grad.setter
    def grad(self, grad):
        if grad is not None:
            if not isinstance(grad, Tensor):
                raise TypeError(f"a gradient is a tensor or None, not {type(grad).__name__}")
            if (grad.shape, grad.dtype) != (self.shape, self.dtype):
                raise ValueError(
                    f"the gradient of a tensor {self.shape} of {self.dtype} is like it, "
                    f"not {grad.shape} of {grad.dtype}"
                )
        self._grad = grad


# %% [markdown]
# Sometimes the numbers are wanted without their past. `x.detach()` is a tensor on the same memory that requires no
# gradient: what is computed from it is not recorded, and no gradient comes back through it.


# %%
#| export
@extend(Tensor)
def requires_grad_(self, requires_grad=True):
    """Start or stop recording operations on this tensor; returns the tensor itself.

    A RuntimeError if it does not hold floats, or if it is to stop but is the result of others.
    """
    if requires_grad and self.dtype.kind != "f":
        raise RuntimeError(
            f"only floats have gradients, and this tensor holds {self.dtype}: make it with "
            "dtype=float32"
        )
    if not requires_grad and not self.is_leaf:
        made_by = self.node.op.__name__
        raise RuntimeError(
            f"this tensor was made by {made_by}; use detach() for one without its past"
        )
    self.requires_grad = requires_grad
    return self


@extend(Tensor)
@property
def is_leaf(self):
    """Whether no recorded operation made this tensor."""
    return self.node is None


@extend(Tensor)
def detach(self):
    """The same numbers, in the same memory, without their past."""
    return self.wrap(self.array)


@extend(Tensor)
def __repr__(self):
    text = super().__repr__()
    if self.node is not None:
        return f"{text[:-1]}, made by {self.node.op.__name__})"
    return f"{text[:-1]}, requires_grad=True)" if self.requires_grad else text


# %%
#| export
def _creating(make):
    """The class method `make`, as a function with an option `requires_grad`."""

    @functools.wraps(make)
    def create(*args, requires_grad=False, **options):
        return make(*args, **options).requires_grad_(requires_grad)

    return create


zeros = _creating(Tensor.zeros)
ones = _creating(Tensor.ones)
full = _creating(Tensor.full)
arange = _creating(Tensor.arange)
eye = _creating(Tensor.eye)
rand = _creating(Tensor.rand)
randn = _creating(Tensor.randn)


def tensor(data, dtype=None, requires_grad=False):
    """A new tensor, as `Tensor(data, dtype)` makes it, but whole Python numbers stay int64."""
    return Tensor.wrap(plain_tensor(data, dtype).array).requires_grad_(requires_grad)


# %%
w = Tensor(3, requires_grad=True)
print(w, w.is_leaf, w.grad)
try:
    Tensor([True, False], requires_grad=True)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown]
# ## 4. A switch
#
# Not every calculation should be recorded. When you only use a model, nobody will ask for gradients, and the record
# costs time and memory. And when you change the parameters, that change is not part of the model.
#
# So there is a switch for the whole module, `_recording`. It must be easy to turn off for a while and impossible to
# forget turning on again. In Python that is a `with` block:
#
# ```python
# with no_grad():
#     ...                 # nothing in here is recorded
# ```
#
# The switch and a function to read it are given.

# %%
#| export
_recording = True


def is_grad_enabled():
    """Whether operations are being recorded."""
    return _recording


# %% [markdown]
# ### Exercise: `no_grad`
#
# Write the block with `contextlib.contextmanager`: a function with one `yield` in it. What stands before the `yield`
# happens on the way in, what stands after it on the way out.
#
# 1. On the way in, remember what the switch says, and set it to False.
# 2. On the way out, set it **back to what it said before**. Blocks can be nested, and the end of an inner one must
#    not switch recording on for the rest of the outer one.
# 3. There is a way out that is easily forgotten: an exception in the block. It comes out of the `yield`. The switch
#    must be set back then too, and the exception go on.
#
# What you write works as a decorator too, for free: in a function under `@no_grad()`, nothing is recorded.
#
# <details><summary>Hint 1</summary><code>global _recording</code> is given, so you can assign to it. Keep the old
# value in a variable of the function: each use of <code>no_grad()</code> has its own.</details>
# <details><summary>Hint 2</summary>For "also when it fails" Python has <code>try: … finally: …</code>.</details>
# <details><summary>Hint 3</summary><code>before, _recording = _recording, False</code>, then
# <code>try: yield</code>, then <code>finally: _recording = before</code>.</details>


# %% exercise="no_grad" points=2
#| export
@contextlib.contextmanager
def no_grad():
    """Inside `with no_grad():`, or in a function under `@no_grad()`, nothing is recorded.

    A generator function under `@no_grad()` is not covered: its body runs later, when values are
    asked for. And while a generator waits at a `yield` inside the block, recording stays off.
    """
    global _recording
    ### BEGIN SOLUTION
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before
    ### END SOLUTION


# %%
with no_grad():
    print("inside:", is_grad_enabled())
print("outside:", is_grad_enabled())

# %% [markdown]
# ## 5. Recording
#
# In module 01 you sent every operation through one door, `apply`. Here is the reward. To record everything, whatever
# it is, you write one method.
#
# ### Exercise: `record`
#
# Override `apply`. First let module 01's `apply` do its work: `super().apply(op, *inputs, **options)` gives the
# result, already wrapped. Then note it down, if all three of these hold:
#
# 1. recording is switched on;
# 2. at least one of the inputs is a `Tensor` that requires a gradient. Inputs may also be numbers and arrays;
# 3. the result holds floats: `dtype.kind` is `"f"`. A comparison such as `x > 2` jumps from False to True; it has no
#    slope.
#
# To note it down: give the result a `node`, made of the operation, the inputs as they came, the result's **array**,
# and the options. And set its `requires_grad` to True, so that what is computed from it is recorded as well.
#
# If one of the three does not hold, the result stays as it came from `super()`.
#
# Check yourself: `w` requires a gradient. Does `w * 2`? (Yes.) `w > 2`? (No.) `w.detach() * 2`? (No.)
#
# <details><summary>Hint 1</summary><code>isinstance(x, Tensor) and x.requires_grad</code> asks an input; in this
# order, because a number has no <code>requires_grad</code>. <code>any(…)</code> asks all of them.</details>
# <details><summary>Hint 2</summary><code>Node(op, inputs, result.array, options)</code>. <code>inputs</code> is the
# tuple that came in: tensors, not their arrays, or there would be no way on from there.</details>
# <details><summary>Hint 3</summary>One <code>if</code> with the three conditions; below it
# <code>result.node = Node(…)</code> and <code>result.requires_grad = True</code>; after it
# <code>return result</code>.</details>


# %% exercise="record" points=3
#| export
@extend(Tensor)
def apply(self, op, *inputs, **options):
    """Run `op` and wrap its result, and record that if an input requires a gradient."""
    ### BEGIN SOLUTION
    result = super().apply(op, *inputs, **options)
    if _recording:
        for x in inputs:
            if isinstance(x, Tensor) and x.requires_grad and result.array.dtype.kind == "f":
                result.node = Node(op, inputs, result.array, options)
                result.requires_grad = True
                break
    return result
    ### END SOLUTION


# %% [markdown]
# Now the debugger has something to tell. Compute the loss of section 2, and ask where it came from:


# %%
def history(value, depth=0):
    """Print how a tensor was made, and of what, and how that was made, …"""
    if not isinstance(value, Tensor) or value.is_leaf:
        print("  " * depth, value if not isinstance(value, Tensor) else value.item())
        return
    print("  " * depth, value.item(), "made by", value.node.op.__name__, "from")
    for source in value.node.inputs:
        history(source, depth + 1)


w, b = Tensor(3, requires_grad=True), Tensor(1, requires_grad=True)
e = w * 2 + b - 5
loss = e * e
history(loss)

# %% [markdown]
# `e` is there twice, since it was used twice. Compare with the picture above: the record is the picture, read from
# the right. `show.graph` draws it for any of your tensors; there, each operation has one box, however often its result
# is used. In brackets stands the shape, and `()` is that of a single number.

# %%
show.graph(loss)

# %% [markdown]
# ## 6. The way back
#
# Each operation needs one thing for the way back: its own slopes. We keep them in a table, `derivatives`, from the
# operation to its **rule**. A rule is a function on arrays. It is told the gradient of the output, the output
# itself, the inputs, and the options; and it answers with one gradient for each input.
#
# ```
#           ┌─────────────────────────── how much the loss changes, if the output does
#   def _(grad, out, a, b):              out = a + b
#       return grad, grad                … if a does, … if b does
# ```
#
# `@derivative(np.add)` above it enters it into the table. The functions have no names, as nobody calls them by name.


# %%
#| export
derivatives = {}  # operation -> its rule


def derivative(*ops):
    """Enter the function below into the table, as the derivative of each of `ops`.

    A rule is called with the gradient of the output, the output, the inputs and the options of
    the operation, all as arrays or numbers, and changes none of them. It returns one gradient for
    each input: an array of the shape of the output or of the input, None for an input that has
    no derivative, or, where the work can be saved if nobody needs it, a function without
    arguments that computes the array.
    """

    def register(rule):
        for op in ops:
            derivatives[plain(op)] = rule
        return rule

    return register


# %% [markdown]
# Three rules, to begin with. Add 1 to `a`, and `a + b` grows by 1: the gradient is passed on as it is. Add 1 to `b`,
# and `a - b` falls by 1: it is passed on with the sign turned.
#
# But who wants the gradient of 5 in `p - 5`? Nobody. So instead of an array, a rule may return a function that
# computes it: `lambda: -grad`. It is called only if somebody wants the result.


# %%
#| export
# Arithmetic.
@derivative(np.add)
def _(grad, out, a, b):
    return grad, grad


@derivative(np.subtract)
def _(grad, out, a, b):
    return grad, lambda: -grad


@derivative(np.negative)
def _(grad, out, a):
    return -grad


# %% [markdown]
# Asking the rule is the node's job. Two pieces of that are given:
#
# - `_read` has what the rule reads: the output, the inputs as arrays and numbers, and the options;
# - `_fit` makes a gradient fit its input. It must have the input's shape (section 8 has a case where it has not) and
#   the input's dtype. And where the rule gave None, it says that there is no derivative.
#
# (`retain_graph`, in the message below, is PyTorch's name for keeping the memory of the nodes. Nothing in this module
# gives it back.)


# %%
#| export
@extend(Node)
def _read(self):
    """What the rule reads: the output, the inputs as arrays and numbers, and the options."""
    arrays = [x.array if isinstance(x, Tensor) else unwrap(x) for x in self.inputs]
    return self.out, arrays, self.options


@extend(Node)
def _fit(self, grad, array):
    """`grad` as the gradient of the input `array`: with its dtype, and with its shape again."""
    if grad is None:
        raise NotImplementedError(
            f"{self.op.__name__} has no derivative by its input of shape {array.shape}: "
            "detach() that"
        )
    if grad.shape != array.shape:
        came, grad = grad.shape, unbroadcast(grad, array.shape)
        if grad.shape != array.shape:
            raise RuntimeError(
                f"the rule of {self.op.__name__} gives a gradient of shape {came} for an "
                f"input of shape {array.shape}"
            )
    return grad if grad.dtype == array.dtype else grad.astype(array.dtype)


# %% [markdown]
# ### Exercise: `gradients`
#
# A node gets `grad`, the gradient of its output. Which inputs get which share of it? Take `z = x - 5` and a `grad` of
# 10. The rule of `-` answers with 10, for `x`, and with a function, for the 5. Nobody wants a gradient for the 5. So
# one pair comes out: `[(x, 10)]`.
#
# The lines above the blank see that the table has a rule. **An operation without a rule is an error that names it.** To
# leave out its gradient silently would be worse: the model would still learn, only badly. Two names are yours,
# `results` and `pairs`. This must hold:
#
# - The rule of `self.op`, from the table, is called once: with `grad`, the output, the inputs one by one, and the
#   options as keywords.
# - `results` is a tuple of what it answered, one for each input. A rule for a single input may answer with an array and
#   no tuple around it.
# - `pairs` is a list of pairs `(input, gradient)`, in the order of the inputs. Only an input that is a `Tensor` **and**
#   requires a gradient has one.
# - A function among the results is called for such an input only. It is there to save work.
# - Every gradient in `pairs` has been through `self._fit(gradient, array of the input)`.
#
# Check yourself: how many pairs has `x + x`? (Two, both with `x`: it was used twice.)
#
# <details><summary>Hint 1</summary><code>rule = derivatives[self.op]</code>, <code>out, arrays, options =
# self._read()</code>, and then <code>results = rule(grad, out, *arrays, **options)</code>. If that is no
# <code>tuple</code>, make it one: <code>(results,)</code>.</details>
# <details><summary>Hint 2</summary><code>for x, result in zip(self.inputs, results):</code>. Whether <code>x</code>
# wants a gradient, you have asked in <code>record</code>.</details>
# <details><summary>Hint 3</summary>For such an <code>x</code>: <code>if callable(result): result = result()</code>, and
# then <code>pairs.append((x, self._fit(result, x.array)))</code>.</details>


# %% exercise="gradients" points=3
#| export
@extend(Node)
def gradients(self, grad):
    """The inputs that require a gradient, each with its own: a list of pairs (tensor, array).

    `grad` is the gradient of the output, an array. A NotImplementedError names an operation
    without a rule; a RuntimeError says that memory was released or changed in place.
    """
    if self.inputs is None:
        raise RuntimeError(
            f"cannot go backward through {self.op.__name__} again: its memory was given back "
            "after the first time; keep it with backward(retain_graph=True)"
        )
    if self.op not in derivatives:
        name = self.op.__name__
        raise NotImplementedError(
            f"{name} has no derivative rule: register one with @derivative({name}), or "
            "detach() what goes in"
        )
    ### BEGIN SOLUTION
    rule = derivatives[self.op]
    out, arrays, options = self._read()
    results = rule(grad, out, *arrays, **options)
    if not isinstance(results, tuple):
        results = (results,)
    pairs = []
    for x, result in zip(self.inputs, results):
        if isinstance(x, Tensor) and x.requires_grad:
            if callable(result):
                result = result()
            pairs.append((x, self._fit(result, x.array)))
    ### END SOLUTION
    if len(results) != len(self.inputs):
        raise RuntimeError(
            f"the rule of {self.op.__name__} gives {len(results)} gradients for "
            f"{len(self.inputs)} inputs"
        )
    return pairs


# %% [markdown]
# `backward` is where the user comes in. It starts with the gradient of the result itself, and that is 1: the result
# changes by one if it changes by one. Then it hands over to an **engine**, the function that walks through the
# nodes.
#
# Two errors have sentences, as in PyTorch. Nothing requires a gradient: then there is no record to walk through. And
# a result of many values: "how much does the result change" means nothing, as long as nobody says how much each of
# the values counts. Reduce it to one value, or pass weights of its shape as `gradient`.


# %%
#| export
@extend(Tensor)
def backward(self, gradient=None, **options):
    """Add to `grad` of each leaf this tensor was made of the derivative of this tensor by it.

    This tensor must hold one value; for another, `gradient` has its shape and says how much each
    value counts. `options` are the engine's. A RuntimeError says what is missing.
    """
    if not self.requires_grad:
        raise RuntimeError(
            "cannot go backward: nothing that this tensor was made of requires a gradient"
        )
    if gradient is None:
        if self.numel() != 1:
            raise RuntimeError(
                f"cannot go backward from shape {self.shape} without a gradient to start from: "
                "reduce it to one value, with sum() or mean(), or pass one of its shape"
            )
        gradient = 1
    grad = np.asarray(unwrap(gradient), self.dtype)
    if grad.shape not in ((), self.shape):
        raise RuntimeError(f"the gradient has shape {grad.shape}, but this tensor {self.shape}")
    if self.is_leaf or grad.shape != self.shape:
        grad = np.full(self.shape, grad)  # a leaf keeps it, so it must be nobody else's
    engine(self, grad, **options)


# %% [markdown]
# Now the engine itself. There may be many ways from the result back to a leaf. Here are two additions, each of a
# number with itself:

# %%
show.boxes(
    {
        "x": (0, 0, ["x", "3", "grad 4"]),
        "y": (1, 0, ["y = x + x", "6", "grad 2"]),
        "z": (2, 0, ["z = y + y", "12", "grad 1"]),
    },
    [("x", "y"), ("x", "y"), ("y", "z"), ("y", "z")],
    "From z back to x there are 2 · 2 = 4 paths",
)

# %% [markdown]
# From `z` two arrows lead back to `y`, and from `y` two to `x`. So there are four paths. Along each the slopes are 1
# · 1 = 1. The gradient of `x` is what arrives over all of them, 4, and indeed `z` is `4 * x`.
#
# ### Exercise: `every_path`
#
# Write the engine that does just this: send the gradient down every path, and at each leaf add up what arrives. It
# is a function that calls itself.
#
# 1. If `tensor` is a leaf, the path ends here. **Add** `grad`, an array, to what its attribute `grad` holds. That is
#    None at first, and a tensor from then on; `tensor.wrap(array)` makes one.
# 2. Otherwise `tensor.node.gradients(grad)` says which inputs require a gradient, and which each gets: pairs of a
#    tensor and an array. Send each further down.
#
# Give each leaf memory of its own. A rule may pass one and the same array to several inputs, as that of `+` does. So
# do not keep the array that came, keep a **copy** of it: another leaf may be holding it.
#
# Check yourself, with the picture: how many times does `every_path` arrive at `x`? (4 times, with 1 each time.)
#
# <details><summary>Hint 1</summary>Two cases: <code>if tensor.is_leaf: … else: …</code>. The second is a loop over
# the pairs, with a call of <code>every_path</code> in it.</details>
# <details><summary>Hint 2</summary>At a leaf: if <code>tensor.grad</code> is None, assign
# <code>tensor.wrap(grad.copy())</code> to it, else <code>tensor.grad += tensor.wrap(grad)</code>.</details>
# <details><summary>Hint 3</summary><code>for x, g in tensor.node.gradients(grad): every_path(x, g)</code></details>


# %% exercise="every_path" points=3
#| export
def every_path(tensor, grad):
    """Send `grad` from `tensor` down every path to a leaf, and add up what arrives there."""
    ### BEGIN SOLUTION
    if tensor.is_leaf:
        if tensor.grad is None:
            tensor.grad = tensor.wrap(grad.copy())
        else:
            tensor.grad += tensor.wrap(grad)
    else:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)
    ### END SOLUTION


engine = every_path  # what backward() runs


# %%
x = Tensor(3, requires_grad=True)
y = x + x
z = y + y
z.backward()
print(x.grad)

# %% [markdown]
# ## 7. Rules, value by value
#
# `loss = e * e` cannot go back yet. Try it, and you get the sentence that names what is missing:

# %%
try:
    loss.backward()
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% [markdown]
# ### Exercise: `multiply_rule`
#
# `out = a * b`. If `a` grows by 1, how much does the product grow? For `3 * 4` it goes to `4 * 4`, that is 4 more:
# as much as the **other** factor. `grad` says how much the loss changes for each 1 the product changes by. So
# multiply the two.
#
# Everything is an array here, and everything goes value by value: `grad * b` is right for a million values as for
# one.
#
# Check yourself: `a = 3`, `b = 4`, and `grad` is 10. What are the gradients of `a` and `b`? (40 and 30.)
#
# <details><summary>Hint 1</summary>Return two gradients, the one of <code>a</code> first.</details>
# <details><summary>Hint 2</summary>For <code>a</code> it is <code>grad</code> times <code>b</code>. If you put
# <code>lambda:</code> before it, it is computed only when it is needed: think of <code>x * 2</code>.</details>


# %% exercise="multiply_rule" points=1
#| export
@derivative(np.multiply)
def _(grad, out, a, b):
    ### BEGIN SOLUTION
    return lambda: grad * b, lambda: grad * a
    ### END SOLUTION


# %% [markdown]
# That was the last piece. The loss from section 2, and its gradients:

# %%
w.grad = b.grad = None
loss.backward()
print("w.grad", w.grad.item(), " b.grad", b.grad.item(), " measured:", slope(loss_of, 3.0))

# %% [markdown]
# 8 and 4, as by hand. And nobody had to work out a formula for the loss: it fell out of a rule for `+`, one for `-`
# and one for `*`.
#
# Go back a second time, and the gradients are **added** to what is there:

# %%
loss.backward()
print("after a second time:", w.grad.item())
w.grad = b.grad = None
loss.backward()
print("after forgetting them first:", w.grad.item())

# %% [markdown]
# That is useful when a loss comes in parts, and a trap when you forget it. PyTorch does the same.
#
# ### Exercise: `divide_rule`
#
# `out = a / b`. Begin with `12 / 4`, which is 3.
#
# - Raise `a` by 1: `13 / 4` is 3.25. The quotient grows by a quarter.
# - Raise `b` a little: `12 / 4.001` is 2.99925. The quotient falls by 0.00075, that is by 0.75 for each 1. And 0.75 is
#   the quotient, 3, divided by `b`, 4.
#
# In general the slope by `a` is `1 / b`, and that by `b` is `-a / b²`. Do not square `b`: in float32 the square of 10²⁰
# is infinite already, and the slope would come out as 0. The numbers above show the way round it.
#
# Check yourself: `a = 12`, `b = 4`, and `grad` is 8. (2 for `a`, -6 for `b`.)
#
# <details><summary>Hint 1</summary>For <code>a</code> it is <code>grad / b</code>. What has been computed already, and
# is <code>a / b</code>?</details>
# <details><summary>Hint 2</summary><code>-a / b²</code> is <code>-out / b</code>. So for <code>b</code> it is
# <code>-grad * out / b</code>. As in <code>multiply_rule</code>, a <code>lambda:</code> saves what nobody
# needs.</details>


# %% exercise="divide_rule" points=1
#| export
@derivative(np.true_divide)
def _(grad, out, a, b):
    ### BEGIN SOLUTION
    return lambda: grad / b, lambda: -grad * out / b
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `exp_rule`
#
# `out = exp(a)`. This function is its own slope. At 2 it is 7.389, and measured there, it grows by 7.389 for each 1:

# %%
print(np.exp(2.0), slope(np.exp, 2.0))

# %% [markdown]
# The value is known already, and `exp` is one of the slowest operations there are. So the rule must not compute it
# again, and does not read `a` at all.
#
# <details><summary>Hint 1</summary>The slope is <code>exp(a)</code>. By which name do you have that?</details>
# <details><summary>Hint 2</summary>Along a path, slopes are multiplied: the gradient that comes in, times the slope of
# this step.</details>


# %% exercise="exp_rule" points=1
#| export
# Functions, value by value.
@derivative(np.exp)
def _(grad, out, a):
    ### BEGIN SOLUTION
    return grad * out
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `maximum_rule`
#
# `out = maximum(a, b)`, value by value. Look at three places:
#
# | `a` | `b` | `out` | `grad` | for `a` | for `b` |
# |---|---|---|---|---|---|
# | 5 | 3 | 5 | 10 | 10 | 0 |
# | 3 | 5 | 5 | 20 | 0 | 20 |
# | 4 | 4 | 4 | 30 | 15 | 15 |
#
# Nudge the larger one, and the maximum follows. Nudge the smaller one, and nothing happens. At a tie, neither is *the*
# larger one; each gets half. So what is given out always adds up to what came in.
#
# Write it for arrays of any size, without a loop. Either may be a number. What you return has the dtype of `grad`.
#
# <details><summary>Hint 1</summary><code>np.where(a > b, grad, 0)</code> gives the larger one all, and is wrong at ties
# only.</details>
# <details><summary>Hint 2</summary>A second <code>np.where</code> around it asks <code>a == b</code> first, and has
# <code>grad / 2</code> there.</details>
# <details><summary>Hint 3</summary>For <code>a</code>: <code>np.where(a == b, grad / 2, np.where(a > b, grad,
# 0))</code>. For <code>b</code> the same, with <code>a</code> and <code>b</code> exchanged.</details>


# %% exercise="maximum_rule" points=2
#| export
@derivative(np.maximum)
def _(grad, out, a, b):
    ### BEGIN SOLUTION
    def share(smaller):  # all of the gradient, half of it at a tie, nothing for the smaller one
        parts = np.add(1, np.equal(a, b), dtype=grad.dtype)
        return grad * ~smaller / parts

    return lambda: share(np.less(a, b)), lambda: share(np.less(b, a))
    ### END SOLUTION


# %% [markdown]
# The other rules of this kind are given. Read them as you would a table: what is the slope, and what is it made
# from? Often the output is at hand and saves work. That of `sqrt(a)` is `1 / (2 * sqrt(a))`, so the rule divides by
# `2 * out`.
#
# Where a function has a corner or a step, one has to decide:
#
# | | at the corner |
# |---|---|
# | `abs(a)` at 0 | slope 0: between -1 and 1 |
# | `clip` at its limits | still inside: slope 1 |
# | `a // b` | 0 everywhere; the steps do not count |
# | `a ** b` where `a` is 0 | 0 by the exponent, as `0 ** b` stays 0 |
#
# And the condition of `where` has no slope at all. Its rule returns None for it, and who asks for that gradient gets
# an error.


# %%
#| export
@derivative(np.power, power)
def _(grad, out, a, b):
    def by_base():  # b * a ** (b - 1), and 0 where b is 0, whatever a is
        return grad * (b * power(a, b - (b != 0)))

    def by_exponent():  # out * log(a), and 0 where a is 0, unless that makes out infinite
        flat = np.equal(a, 0) & np.greater_equal(b, 0)
        return grad * (out * np.log(np.where(flat, 1, a), dtype=out.dtype))

    return by_base, by_exponent


@derivative(np.floor_divide)
def _(grad, out, a, b):
    return lambda: np.zeros_like(grad), lambda: np.zeros_like(grad)


@derivative(np.remainder)
def _(grad, out, a, b):  # a - b * (a // b)
    return grad, lambda: -grad * np.floor_divide(a, b)


@derivative(np.log)
def _(grad, out, a):
    return grad / a


@derivative(np.sqrt)
def _(grad, out, a):
    return grad / (2 * out)


@derivative(np.absolute)
def _(grad, out, a):
    return grad * np.sign(a)


@derivative(np.clip)
def _(grad, out, a, low, high):  # where the limits cross, the upper one wins
    low = -np.inf if low is None else low
    high = np.inf if high is None else high
    return (
        lambda: grad * (np.greater_equal(a, low) & np.less_equal(a, high)),
        lambda: grad * (np.less(a, low) & np.less(low, high)),
        lambda: grad * (np.greater(a, high) | np.less(high, low)),
    )


@derivative(np.where)
def _(grad, out, condition, a, b):
    return None, lambda: np.where(condition, grad, 0), lambda: np.where(condition, 0, grad)


# %% [markdown]
# Believe no formula that you have not measured. This is the `slope` of section 1 for whole tensors: each value is
# nudged on its own, in float64, because the difference of two nearly equal float32 numbers has few digits left.


# %%
def measured(function, x):
    """The gradient of function(x).sum(), by nudging one value after the other."""
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[index] = 1e-4
        above, below = function(Tensor(x + nudge)), function(Tensor(x - nudge))
        grad[index] = (above.sum() - below.sum()).item() / 2e-4
    return grad


def compare(name, function, x):
    """Print how far the gradient by the rules is from the measured one."""
    t = Tensor(x, requires_grad=True)
    out = function(t)
    out.backward(np.ones(out.shape))
    print(f"{name:14} {np.abs(t.grad.array - measured(function, x)).max():.0e} apart")


# %%
from tinytorch.tensor import cat, manual_seed, maximum

values = np.random.default_rng(0).uniform(0.5, 2, (2, 3))
compare("1 / x", lambda x: 1 / x, values)
compare("x ** 2.5", lambda x: x**2.5, values)
compare("2 ** x", lambda x: 2**x, values)
compare("sqrt", lambda x: x.sqrt(), values)
compare("exp(x) log(x)", lambda x: x.exp() * x.log(), values)
compare("maximum", lambda x: maximum(x, 1 / x), values)

# %% [markdown]
# ## 8. When a gradient has the wrong shape
#
# Add a bias to a batch, and broadcasting stretches the bias over every row:
#
# | | shape |
# |---|---|
# | `x` | `(4, 3)` |
# | `b` | `(3,)`, used 4 times |
# | `x + b` | `(4, 3)` |
#
# Going backward, the gradient that arrives has the shape of the *output*, `(4, 3)`. But `b` has three numbers, so
# its gradient must have three. Each number in `b` was used in four places; change it a little, and all four outputs
# move. So its gradient is the **sum** of the four. Whatever broadcasting copied, the gradient adds up.

# %%
show.unbroadcast(np.ones((4, 3), int), (3,))

# %% [markdown]
# This is module 01's picture of broadcasting, run backward: pale cells are the copies, solid ones what exists. A
# column `(3, 1)` that was stretched over four columns gets one sum a row:

# %%
show.unbroadcast(np.arange(12).reshape(3, 4), (3, 1))

# %% [markdown]
# Every rule has this problem: `+`, `*`, `maximum`, all that broadcasts. But it is always the same problem, whatever
# the operation. So no rule deals with it. `Node.gradients` looks at the shape once, at the end, and calls
# `unbroadcast` where it does not fit.
#
# Check yourself: the output's gradient has shape `(2, 4, 3)`, the input shape `(4, 1)`. Over which axes is it
# summed? (Over axis 0, which was added, and axis 2, which was stretched.)
#
# ### Exercise: `unbroadcast`
#
# Sum `grad` until it has `shape` again. Two things can have happened to the input:
#
# 1. axes were added on the left: `(3,)` became `(1, 3)`, and then more rows. These must disappear;
# 2. an axis of size 1 was stretched: `(4, 1)` became `(4, 3)`. This one must stay, with size 1.
#
# Both can happen at once. If neither has happened, `grad` is returned as it is, or an equal array.
#
# <details><summary>Hint 1</summary>How many axes does <code>grad</code> have more than <code>shape</code>? Those are
# all on the left: <code>range(added)</code>.</details>
# <details><summary>Hint 2</summary>Do it in two steps: first <code>grad.sum(axis=(…))</code> over the added axes.
# Then shapes line up, and <code>sum(axis=(…), keepdims=True)</code> over the axes where <code>shape</code> has 1
# keeps them in their place.</details>
# <details><summary>Hint 3</summary><code>tuple(i for i, n in enumerate(shape) if n == 1)</code> are the axes of the
# second step. To sum over an axis of size 1 does no harm.</details>


# %% exercise="unbroadcast" points=3
#| export
@operation
def unbroadcast(grad, *, shape):
    """Sum `grad` over the axes that broadcasting added or stretched, so that it has `shape`."""
    ### BEGIN SOLUTION
    added = grad.ndim - len(shape)
    stretched = (added + i for i, n in enumerate(shape) if n == 1)
    total = add_up(grad, axis=(*range(added), *stretched), keepdims=True)
    return total.reshape(total.shape[added:])
    ### END SOLUTION


# %%
#| export
@derivative(unbroadcast)
def _(grad, out, a, shape):  # what a sum adds up, its gradient copies
    return np.broadcast_to(grad, a.shape)


# %%
bias = Tensor([1, 2, 3], requires_grad=True)
(ones(4, 3) + bias).backward(np.ones((4, 3)))
print(bias.grad)
compare("row", lambda b: Tensor(np.arange(12.0).reshape(4, 3)) * b, values[0])
compare("column", lambda c: c / Tensor(np.arange(1.0, 9).reshape(1, 2, 4)), values[:, :1])

# %% [markdown]
# ## 9. Reductions, shapes, products
#
# ### Sums
#
# In a sum every value counts once. If any of them grows by 1, the sum grows by 1. So each value gets the gradient of
# the sum **it went into**. Broadcasting copies, and its gradient sums; a sum adds up, and its gradient copies.
#
# For `x` of shape `(2, 3)`, `x.sum(dim=1)` has shape `(2,)`, and so has its gradient, say `[10, 20]`. Row 0 went
# into the first sum, row 1 into the second:
#
# ```
#   [10 20]   →   [[10]      →   [[10 10 10]
#                  [20]]          [20 20 20]]
#    (2,)          (2, 1)          (2, 3)
# ```
#
# The first arrow is the one that is forgotten. `(2,)` does not broadcast against `(2, 3)`, and `(3,)` against
# `(3, 3)` does so the wrong way round. The axis that the sum took out must come back, with size 1. For the
# reductions this is the same, so here is a function for it:


# %%
#| export
# Reductions.
def _restore(reduced, axis, keepdims):
    """With the axes back that a reduction took out, at size 1."""
    return reduced if keepdims or axis is None else np.expand_dims(reduced, axis)


# %%
print(_restore(np.array([10, 20]), axis=1, keepdims=False).shape)

# %% [markdown]
# (For `axis=None` there is one sum, of shape `()`. That broadcasts against everything.)
#
# ### Exercise: `sum_rule`
#
# `a` is the array that was summed. Return the gradient of `a`: an array of its shape, in which each value stands
# where it belongs. `np.broadcast_to(array, shape)` stretches without copying.
#
# <details><summary>Hint 1</summary>Two steps, the two arrows above. <code>_restore</code> is the first.</details>
# <details><summary>Hint 2</summary><code>np.broadcast_to(_restore(grad, axis, keepdims), a.shape)</code></details>


# %% exercise="sum_rule" points=1
#| export
@derivative(np.sum, add_up)
def _(grad, out, a, axis=None, keepdims=False):
    ### BEGIN SOLUTION
    return np.broadcast_to(_restore(grad, axis, keepdims), a.shape)
    ### END SOLUTION


# %% [markdown]
# Whatever is composed of operations with rules needs none of its own. In module 01, `mean` and `var` were built from
# `sum`, `-`, `*` and `/`. So they are done:

# %%
compare("mean", lambda x: x.mean(dim=1) * x.mean(dim=0).sum(), values)
compare("var", lambda x: x.var(dim=1), values)
x = Tensor([1, 2, 3], requires_grad=True)
y = x * 2
loss = y.sum()
loss.backward()
print(x.grad)

# %% [markdown]
# ### Maxima
#
# The maximum of `[1, 5, 3]` is 5. Nudge the 1 or the 3, and nothing happens. Nudge the 5, and the maximum follows.
# So the whole gradient goes to the largest value, and the others get 0.
#
# And `[5, 1, 5]`? Which of the two is *the* maximum? Neither and both. We share: each gets half. With three equal
# ones, each gets a third. What arrived is then given out exactly once, and no value is preferred for standing first.
# So `amax` does, here and in PyTorch. (`max(dim=1)` is another matter: it names one position, and its gradient goes
# there.)
#
# ### Exercise: `max_rule`
#
# One rule serves `np.max` and `np.min`: the values that get something are those equal to `out`, the largest or the
# smallest.
#
# 1. Find them: compare `a` with `out`, whose axis you have to bring back first. That gives an array of bools.
# 2. How many are there in each group? Sum the bools over `axis`, with `keepdims=True`.
# 3. Divide the gradient, its axis brought back too, by that number. Give it to the values found, and 0 to the
#    others.
#
# A detail for float32: counting gives `int64`, and `float32 / int64` would be `float64`. With `dtype=grad.dtype`,
# the sum counts in floats from the start.
#
# Check yourself: `a = [[5, 1, 5], [2, 7, 3]]`, `axis=1`, `grad = [10, 20]`. (`[[5, 0, 5], [0, 20, 0]]`.)
#
# <details><summary>Hint 1</summary><code>ties = a == _restore(out, axis, keepdims)</code> is step 1.</details>
# <details><summary>Hint 2</summary>Step 2 is
# <code>ties.sum(axis=axis, keepdims=True, dtype=grad.dtype)</code>.</details>
# <details><summary>Hint 3</summary>Bools count as 0 and 1 in a product: <code>share * ties</code> is the share where
# <code>ties</code> is True and 0 elsewhere.</details>


# %% exercise="max_rule" points=2
#| export
@derivative(np.max, np.min)
def _(grad, out, a, axis=None, keepdims=False):  # values that tie share the gradient
    ### BEGIN SOLUTION
    ties = a == _restore(out, axis, keepdims)
    count = ties.sum(axis=axis, keepdims=True, dtype=grad.dtype)
    return _restore(grad, axis, keepdims) / count * ties
    ### END SOLUTION


# %%
x = Tensor([[5, 1, 5], [2, 7, 3]], requires_grad=True)
x.amax(dim=1).backward([10, 20])
print(x.grad)

# %% [markdown]
# ### Shapes
#
# Operations that only move values around or repeat them have the simplest rules: move the gradient back. A reshape
# is undone by a reshape, a swap by the same swap. A permutation is undone by its inverse, and `np.argsort` finds
# that: it says where each axis went. `expand` repeats, so its rule leaves the summing to `unbroadcast`. What was
# joined is cut apart.


# %%
#| export
# Shape, dtype and memory.
@derivative(np.reshape, np.squeeze, np.expand_dims)
def _(grad, out, a, **options):
    return grad.reshape(a.shape)


@derivative(np.swapaxes)
def _(grad, out, a, axis1, axis2):
    return np.swapaxes(grad, axis1, axis2)


@derivative(np.transpose)
def _(grad, out, a, axes):
    return np.transpose(grad, np.argsort([axis % a.ndim for axis in axes]))  # -1 is the last axis


@derivative(np.broadcast_to, np.ascontiguousarray, cast)
def _(grad, out, a, **options):
    return grad


@derivative(join)
def _(grad, out, *arrays, dim):
    ends = np.cumsum([array.shape[dim] for array in arrays])
    return tuple(np.split(grad, ends[:-1], dim))


# %% [markdown]
# ### Indexing
#
# `x[index]` picks values. What was picked gets its gradient, what was not gets 0. So: start with zeros in the shape
# of `x`, and put each gradient back where its value came from.
#
# There is one trap in it. `x[[0, 0, 2]]` picks the first value **twice**. It was used in two places, so its gradient
# is the sum of two:

# %%
grad, index = np.array([1.0, 10.0, 100.0]), [0, 0, 2]
assigned, added, right = np.zeros(4), np.zeros(4), np.zeros(4)
assigned[index] = grad
added[index] += grad
np.add.at(right, index, grad)
print("=   ", assigned)
print("+=  ", added)
print("at  ", right)

# %% [markdown]
# `added[index] += grad` looks right and is not. Python reads `added[index]`, adds, and writes the result back: to
# place 0 it writes 1, then 10. `np.add.at` adds one value after the other.
#
# But `np.add.at` is slow when it has to do with rows, and most indices pick nothing twice: numbers, slices and masks
# cannot. Two helpers take care of the speed. `_picks_once` tells these indices from the others. `_add_at` is
# `np.add.at`, by way of the position of each picked value in the whole array, for which NumPy is about ten times as
# fast. The rule is given: zeros, and each gradient added at its index. (The dtype of `grad` keeps the zeros from being
# float64.)


# %%
#| export
def _picks_once(index):
    """Whether an index is made of numbers, slices and masks, so that it picks no value twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, (int, np.integer, slice))
        or getattr(part, "dtype", None) == np.bool_
        for part in parts
    )


def _add_at(array, index, values):
    """np.add.at(array, index, values) for a contiguous array, about ten times as fast."""
    if isinstance(index, np.ndarray):  # of whole rows: a row's places follow from its number
        width = math.prod(array.shape[1:])
        places = index.reshape(-1, 1).astype(np.intp) % len(array) * width + np.arange(width)
    else:
        places = np.arange(array.size).reshape(array.shape)[index]
    np.add.at(array.reshape(-1), places.ravel(), values.ravel())


@derivative(getitem)
def _(grad, out, a, index):
    result = np.zeros(a.shape, grad.dtype)
    if _picks_once(index):
        result[index] = grad
    else:
        _add_at(result, index, grad)
    return result


# %% [markdown]
# `max(dim)` and `min(dim)` pick one value from each row. Their operation is `take_along`, and its rule is the same
# idea. The positions themselves have no slope, so their gradient is None.


# %%
#| export
@derivative(take_along)
def _(grad, out, array, index, dim):
    result = np.zeros(array.shape, grad.dtype)
    places = list(np.indices(index.shape, sparse=True))
    places[dim] = index
    _add_at(result, tuple(places), grad)
    return result, None


# %%
x = Tensor([[5, 1, 5], [2, 7, 3]], requires_grad=True)
x.max(dim=1).values.backward([10, 20])
print("max(dim) names one of two fives:", x.grad.tolist())
compare("rows", lambda x: x[[0, 1, 0]] * Tensor(np.arange(9.0).reshape(3, 3)), values)
compare("mask", lambda x: x[x > 1] ** 2, values)
compare("join", lambda x: cat([x, x[:, :1] * x]).exp(), values)

# %% [markdown]
# ### Matrix products
#
# `out = a @ b`, with shapes `(n, k) @ (k, m) -> (n, m)`. One number of the result is
# `out[i, j] = a[i, t] * b[t, j]`, summed over `t`. So the number `a[i, t]` is used once in each `out[i, j]`, for all
# `j`, and each time its slope is `b[t, j]`. What arrives at it is
#
# ```
#   sum over j of   grad[i, j] * b[t, j]
# ```
#
# Look at the indices: row `i` of `grad` times row `t` of `b`. That is a matrix product again, of `grad` with `b`
# turned over. The shapes leave no other choice:
#
# | | shape | |
# |---|---|---|
# | `grad` | `(n, m)` | |
# | gradient of `a` | `(n, k)` | `grad @ bᵀ`, that is `(n, m) @ (m, k)` |
# | gradient of `b` | `(k, m)` | `aᵀ @ grad`, that is `(k, n) @ (n, m)` |
#
# With batches, only the last two axes are turned over: `b.swapaxes(-1, -2)`. If one side had no batch, or a batch of
# 1, it was broadcast, and `unbroadcast` adds up its copies: nothing to do for you.
#
# Vectors are given. A vector counts as a row on the left of `@` and as a column on the right: `_rows(a)` and
# `_columns(b)` make it one. The first lines of the rule give `grad` the axis back that the product took out, and the
# last line makes a vector of a column again. So all you have to think of is matrices.


# %%
#| export
# Matrix product.
def _rows(a):
    """`a` as it stands on the left of @, where a vector counts as one row."""
    return a if a.ndim > 1 else a[None, :]


def _columns(b):
    """`b` as it stands on the right of @, where a vector counts as one column."""
    return b if b.ndim > 1 else b[:, None]


# %% [markdown]
# ### Exercise: `matmul_rule`
#
# Define two functions without arguments, `by_a` and `by_b`, which return the gradients of `_rows(a)` and
# `_columns(b)`. They are called only if somebody needs them: each is as much work as the product itself, and often
# one side is data, which needs no gradient.
#
# Check yourself: `grad` is `(8, 5, 7)`, `a` is `(8, 5, 4)`, `b` is `(4, 7)`. Which shape does `by_b()` have, and
# `b.grad`? (`(8, 4, 7)`: one gradient for each of the 8 products. Then `unbroadcast` makes it `(4, 7)`.)
#
# <details><summary>Hint 1</summary><code>.T</code> turns over all axes, batches too. <code>.swapaxes(-1, -2)</code>
# turns over the last two.</details>
# <details><summary>Hint 2</summary><code>by_a</code> returns <code>grad @ _columns(b).swapaxes(-1, -2)</code>. Which
# side of the product does <code>grad</code> stand on in <code>by_b</code>? Let the shapes decide.</details>


# %% exercise="matmul_rule" points=3
#| export
@derivative(np.matmul)
def _(grad, out, a, b):
    if b.ndim == 1:
        grad = np.expand_dims(grad, -1)
    if a.ndim == 1:
        grad = np.expand_dims(grad, -2)  # (..., n, m)

    ### BEGIN SOLUTION
    def by_a():
        return grad @ _columns(b).swapaxes(-1, -2)  # (..., n, m) @ (..., m, k)

    def by_b():
        return _rows(a).swapaxes(-1, -2) @ grad  # (..., k, n) @ (..., n, m)

    ### END SOLUTION
    return by_a, by_b if b.ndim > 1 else lambda: by_b()[..., 0]


# %%
matrix = np.arange(1.0, 13).reshape(3, 4)
compare("left", lambda a: (a @ Tensor(matrix)) ** 2, values)
compare("right", lambda b: (Tensor(matrix[:, :2]) @ b) ** 2, values)
compare("vector", lambda b: Tensor(matrix[:, :3]) @ b[0] * b[1], values)

# %% [markdown]
# All operations of module 01 now have rules. This is what they are for: a line is to be fitted to points. Begin with
# any line, compute the loss and its gradients, move both parameters a little **against** their gradients, and again.

# %%
manual_seed(0)
points = rand(100)
heights = 3 * points - 1 + 0.1 * randn(100)
w, b = Tensor(0, requires_grad=True), Tensor(0, requires_grad=True)
for step in range(201):
    apart = w * points + b - heights
    loss = (apart * apart).mean()
    loss.backward()
    w, b = (Tensor(p.array - 0.5 * p.grad.array, requires_grad=True) for p in (w, b))
    if step % 50 == 0:
        print(f"step {step:3}   loss {loss.item():.4f}   w {w.item():.2f}   b {b.item():.2f}")

# %% [markdown]
# The points were made with `w = 3` and `b = -1`, and some noise.
#
# ## 10. Writing in place
#
# The loop above made two new tensors in each step. With a million parameters one would rather change them where they
# are: `w -= 0.5 * w.grad`. That is a change **in place**: no new tensor, other numbers in the same memory.
#
# For autograd this is dangerous in two ways.
#
# **The change itself would have to be recorded.** But a record of tensors cannot say that one of them used to be
# another. So where it would be needed, we refuse. Inside `no_grad()`, where nothing is recorded, all is well.
#
# **Others may still need the old numbers.** The rule of `a * b` reads `a` and `b`, on the way *back*. Who changes
# them in the meantime gets wrong gradients, and no error. Look, with a change behind the tensor's back:

# %%
x = Tensor([1, 2, 3], requires_grad=True)
y = (x * x).sum()
x.array *= 10  # straight into NumPy's array: no tensor can notice
y.backward()
print(x.grad.tolist(), "instead of", [2.0, 4.0, 6.0])

# %% [markdown]
# A change by way of the tensor must not go unnoticed like that. Nor may we cry wolf: `x + 1` needs no values for its
# way back, so a change of `x` does it no harm.
#
# A debugger has watchpoints for this. Ours works with a clock. Each write in place makes it tick, and `writes.last`
# notes at what time which memory was written. From now on, a node notes the time when it was made. Has the clock not
# moved since, the node is done with one comparison; that is the usual case.


# %%
#| export
class WriteLog:
    """When each block of memory was last written in place. Time counts the writes."""

    def __init__(self):
        self.time = 0
        self.last = {}  # id of the array that owns the memory -> time of the last write


writes = WriteLog()


@extend(Node)
def __init__(self, op, inputs, out, options):
    self.op = plain(op)
    self.inputs = inputs  # tensors, arrays and numbers, as they were given
    self.out = out  # the array, not the tensor, which refers to this node
    self.options = options
    self.time = writes.time


# %% [markdown]
# Memory is more than one tensor: `x[0]` and `x.T` are views, and whoever writes into one changes the others. So what
# is noted is the array that **owns** the memory. Every view of NumPy's knows whom it looks into, by its `base`. `note`
# enters a write, and `written` asks for one: was this memory written **after** a time? (A node that was made at that
# time has seen the new numbers. Memory without an entry was never written.)


# %%
#| export
def _owner(array):
    """The array that owns the memory which `array`, perhaps a view, looks into."""
    owner, base = array, array.base if isinstance(array, np.ndarray) else None
    while base is not None:
        if isinstance(base, np.ndarray):
            owner = base
        base = getattr(base, "base", None)
    return owner


@extend(WriteLog)
def note(self, array):
    """Note that `array` has been written."""
    self.time += 1
    owner = _owner(array)
    if id(owner) not in self.last:  # forget the entry when the memory goes: ids are used again
        weakref.finalize(owner, self.last.pop, id(owner), None).atexit = False
    self.last[id(owner)] = self.time


@extend(WriteLog)
def written(self, array, since):
    """Whether the memory of `array`, which may be a number, was written after the time `since`."""
    return self.last.get(id(_owner(array)), 0) > since


# %% [markdown]
# What writes in place? Names that end in `_`, as in PyTorch: `x.add_(y)`, `x.zero_()`. Each checks, computes into its own
# memory (`out=` is NumPy's word for "put the result here"), and notes that it did. So does `x[i] = y`, and so does the
# attribute `data`, when it is given other memory.


# %%
#| export
# Changes in place.
@extend(Tensor)
def _check_may_write(self, value, instead):
    """A RuntimeError if writing `value` into this tensor would have to be recorded."""
    if _recording and (self.requires_grad or getattr(value, "requires_grad", False)):
        raise RuntimeError(f"cannot record a change in place: {instead}, or do it in no_grad()")


@extend(Tensor)
def _in_place(self, op, other):
    """`op` with its result in this tensor's own memory."""
    self._check_may_write(other, "make a new tensor (x = x + 1 instead of x += 1)")
    other = unwrap(other)
    self._check_fits(broadcast_shapes(self.shape, np.shape(other)))
    try:
        op(self.array, other, out=self.array, casting="same_kind")
    except TypeError:
        raise TypeError(
            f"the result of {op.__name__} has fractions and does not fit into {self.dtype} in "
            "place: make the tensor with dtype=float32"
        ) from None
    writes.note(self.array)
    return self


@extend(Tensor)
def _check_fits(self, shape):
    """A ValueError unless a result of this shape has room in the tensor's own memory."""
    if shape != self.shape:
        raise ValueError(f"a result of shape {shape} does not fit into {self.shape} in place")


@extend(Tensor)
def add_(self, other):
    """Add to this tensor in place."""
    return self._in_place(np.add, other)


@extend(Tensor)
def sub_(self, other):
    """Subtract from this tensor in place."""
    return self._in_place(np.subtract, other)


@extend(Tensor)
def mul_(self, other):
    """Multiply this tensor in place."""
    return self._in_place(np.multiply, other)


@extend(Tensor)
def div_(self, other):
    """Divide this tensor in place."""
    return self._in_place(np.true_divide, other)


@extend(Tensor)
def copy_(self, other):
    """Take over the values of another tensor, which may broadcast, in place."""
    self[...] = other
    return self


@extend(Tensor)
def fill_(self, value):
    """Set all values to one number in place."""
    return self.copy_(value)


@extend(Tensor)
def zero_(self):
    """Set all values to 0 in place."""
    return self.copy_(0)


@extend(Tensor)
def __setitem__(self, index, value):
    """Write into this tensor's memory; every view of it sees the change."""
    instead = (
        "make a new tensor, with where, stack or cat, write y.detach() if only the value counts"
    )
    self._check_may_write(value, instead)
    super().__setitem__(index, value)
    writes.note(self.array)


@extend(Tensor)
@PlainTensor.data.setter
def data(self, other):
    before = self.array
    PlainTensor.data.fset(self, other)
    if self.array is not before:
        writes.note(self.array)


# %% [markdown]
# And `x += 1`? Python reads it as `x = x.__iadd__(1)`: the method says what the name `x` stands for afterwards. So there
# is a choice.
#
# | | `x += y` |
# |---|---|
# | nothing needs to be recorded | in place, as `x.add_(y)` |
# | `x` is the result of recorded operations, or `y` is recorded | a new tensor, as `x = x + y` |
# | `x` is a leaf that requires a gradient | an error: a parameter would stop being a leaf |
#
# In the second row, `total = 0` and then `total += loss` works as with numbers: each time, the name `total` gets a new
# tensor. But another name for the same tensor keeps the old one.


# %%
#| export
@extend(Tensor)
def _augmented(self, op, other):
    """What `x` is after `x op= other`: itself, changed; or a new tensor where that is recorded."""
    recorded = self.requires_grad or getattr(other, "requires_grad", False)
    if not (_recording and recorded) or (self.is_leaf and self.requires_grad):
        return self._in_place(op, other)
    result = elementwise(op, self, other)
    self._check_fits(result.shape)
    return result


@extend(Tensor)
def __iadd__(self, other):
    return self._augmented(np.add, other)


@extend(Tensor)
def __isub__(self, other):
    return self._augmented(np.subtract, other)


@extend(Tensor)
def __imul__(self, other):
    return self._augmented(np.multiply, other)


@extend(Tensor)
def __itruediv__(self, other):
    return self._augmented(np.true_divide, other)


@extend(Tensor)
def __ifloordiv__(self, other):
    return self._augmented(np.floor_divide, other)


@extend(Tensor)
def __imod__(self, other):
    return self._augmented(np.remainder, other)


@extend(Tensor)
def __ipow__(self, other):
    return self._augmented(np.power, other)


# %%
w = Tensor([1, 2], requires_grad=True)
total = first = w * 0
for _ in range(3):
    total += w
total.sum().backward()
print(total, first, w.grad)
w.data -= 0.5 * w.grad
print(w)

# %% [markdown]
# What should a node do with an input that was changed? It cannot know whether the rule will read it. So it lets the
# rule run, but puts a stand-in in the place of the array. The stand-in knows its shape, which did not change.
# Whoever asks for its values gets the error. A rule that reads nothing never notices. So `_read` changes: if the clock has
# moved, `_guard` puts the stand-ins in.


# %%
#| export
class _Changed(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array that was changed in place: it has a shape, but its values are lost."""

    def __init__(self, array, message):
        self.shape, self.ndim = array.shape, array.ndim
        self.size, self.dtype = array.size, array.dtype
        self._message = message

    def _refuse(self, *args, **kwargs):
        raise RuntimeError(self._message)

    __array_ufunc__ = __array_function__ = __array__ = __getitem__ = __getattr__ = _refuse


@extend(Node)
def _guard(self, value):
    """`value`, a collection of arrays, with a stand-in for each that was changed since."""
    if isinstance(value, (tuple, list)):
        return type(value)(self._guard(v) for v in value)
    if isinstance(value, dict):
        return {key: self._guard(v) for key, v in value.items()}
    if not writes.written(value, since=self.time):
        return value
    what = "result" if value is self.out else "input"
    return _Changed(
        value,
        f"cannot go backward through {self.op.__name__}: its {what}, of shape {value.shape}, "
        "was changed in place afterwards; change a copy instead",
    )


@extend(Node)
def _read(self):
    """What the rule reads: the output, the inputs as arrays and numbers, and the options."""
    arrays = [x.array if isinstance(x, Tensor) else unwrap(x) for x in self.inputs]
    values = self.out, arrays, self.options
    return values if self.time == writes.time else self._guard(values)


# %%
w = Tensor([1, 2, 3], requires_grad=True)
try:
    w += 1
except RuntimeError as error:
    print("w += 1:", error)


def change_in_between(name, make):
    """Compute something from w, change w in place, and go back."""
    w = Tensor([1, 2, 3], requires_grad=True)
    out = make(w).sum()
    with no_grad():
        w += 1
    try:
        out.backward()
        print(f"{name}: gradient {w.grad.tolist()}")
    except RuntimeError as error:
        print(f"{name}: {error}")


change_in_between("w * w", lambda w: w * w)
change_in_between("w + 1", lambda w: w + 1)
change_in_between("w.exp()", lambda w: w.exp())

# %% [markdown]
# `w + 1` needs no values for the way back, and `exp` needs only its output. Their gradients are those of the old
# `w`.
#
# ## 11. An operation of your own
#
# The table is open. NumPy has hundreds of functions that we have not named, and any of them, or any function on
# arrays that you write, becomes an operation by going through `apply`. What it needs on top is a rule.
#
# Take `log(exp(a) + exp(b))`, a soft kind of maximum. Composed of what we have, it breaks down: `exp(100)` is too
# large for float32. NumPy has `logaddexp`, which gets round that. One function makes it ours:


# %%
#| export
# Functions with more to them.
def logaddexp(a, b):
    """log(exp(a) + exp(b)), value by value, also where exp would overflow."""
    return elementwise(np.logaddexp, floats(a), floats(b))


# %%
a = Tensor([1, 100], requires_grad=True)
b = Tensor([1, 99], requires_grad=True)
with np.errstate(over="ignore"):
    print("composed:", (a.exp() + b.exp()).log().tolist())
print("logaddexp:", logaddexp(a, b).tolist())
try:
    logaddexp(a, b).sum().backward()
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% [markdown]
# ### Exercise: `logaddexp_rule`
#
# `out = log(exp(a) + exp(b))`. Take the slopes apart by the rules you know. The log gives `1 / (exp(a) + exp(b))`,
# the `exp(a)` in it gives `exp(a)`, so the slope by `a` is
#
# ```
#   exp(a) / (exp(a) + exp(b))
# ```
#
# Written like that it overflows again: infinite by infinite. Divide above and below by `exp(a)`, and a single `exp` of
# a difference is left. Where `b` is far above `a`, that one is infinite, and the slope 0, as it should be. NumPy
# warns of it all the same; `np.errstate(over="ignore")` tells it that we know, and your rule should not warn either.
# (`exp(a - out)` is the same on paper and will do. Only where an input is infinite it is infinity minus infinity.)
#
# Check yourself: for `a = b`, both slopes are one half. And do they always add up to 1? (Yes: the two numerators add
# up to the denominator.)
#
# <details><summary>Hint 1</summary><code>exp(b) / exp(a)</code> is <code>exp(b - a)</code>. So the slope by
# <code>a</code> is <code>1 / (1 + exp(b - a))</code>.</details>
# <details><summary>Hint 2</summary>For <code>a</code>: <code>grad / (1 + np.exp(b - a))</code>, inside
# <code>with np.errstate(over="ignore"):</code>. For <code>b</code> likewise.</details>


# %% exercise="logaddexp_rule" points=1
#| export
@derivative(np.logaddexp)
def _(grad, out, a, b):
    ### BEGIN SOLUTION
    with np.errstate(over="ignore"):
        return grad / (1 + np.exp(b - a)), grad / (1 + np.exp(a - b))
    ### END SOLUTION


# %%
logaddexp(a, b).sum().backward()
print(a.grad, b.grad)
compare("logaddexp", lambda x: logaddexp(x, 2 * x[0]), values)

# %% [markdown]
# Keep this pattern in mind. An operation of its own, with a rule derived by hand, can be exact where the composed
# one breaks, and faster too: one node instead of four.
#
# ## 12. What it costs
#
# ### Time
#
# The same twenty multiplications and additions three times: with the switch off; recorded; recorded and gone back
# through. First with 10 values in the tensor, then with 100,000.


# %%
def seconds(run, number=20, rounds=5):
    """The best of a few rounds."""
    return min(repeat(run, number=number, repeat=rounds)) / number


def chain(x):
    for _ in range(20):
        x = x * 0.9 + 0.1
    return x


def off(x):
    with no_grad():
        chain(x)


def back(x):
    chain(x).sum().backward()


def timings(size):
    x = rand(size).requires_grad_()
    return {
        "recorded, and back": seconds(lambda: back(x)),
        "recorded": seconds(lambda: chain(x)),
        "no_grad": seconds(lambda: off(x)),
    }


show.ladder(timings(10))

# %%
show.ladder(timings(100_000))

# %% [markdown]
# With ten values, noting down hardly shows: it takes a fraction of a microsecond an operation, and as much for
# tensors of any size. With 100,000 values you may see recording take several times as long. That is not the noting,
# it is the memory. Without a record, each result is freed as soon as the next one is there, and NumPy uses the same
# memory again, which is still in the processor's cache. With a record, every result is kept, and each needs fresh
# memory from the operating system.
#
# The way back is work of the same kind as the way there. For one product of matrices it takes two of the same size.
# So a rule of thumb says: a step of learning costs three times what it costs only to use the model.
#
# ### Memory
#
# How much is kept? Every node holds on to its output and its inputs:


# %%
def megabytes(run):
    """The memory that is in use when `run` has returned, while its result is held."""
    tracemalloc.start()
    result = run()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return used / 1e6


x = rand(250_000).requires_grad_()  # 1 MB
print(f"recorded: {megabytes(lambda: chain(x)):5.1f} MB")
with no_grad():
    print(f"no_grad:  {megabytes(lambda: chain(x)):5.1f} MB")

x = rand(()).requires_grad_()
nodes = 40
print(f"an operation on one number: {megabytes(lambda: chain(x)) * 1e6 / nodes:.0f} bytes")

# %% [markdown]
# Forty results of 1 MB each. This is why training needs so much more memory than using a model: for each sample in
# the batch, all intermediate results are kept until the way back has passed them. A node that has been passed can let go
# of them. `every_path` comes by more than once and cannot know when that is; the engine of module 04 will.


# %%
#| export
@extend(Node)
def release(self):
    """Give back the memory of inputs and output: no way leads back through here any more."""
    self.inputs = self.out = self.options = None


# %% [markdown]
# ### float32, all the way
#
# A gradient has the dtype of its tensor: `Node.gradients` sees to it. But by then the work is done. If a rule slips
# into float64 somewhere, it is right, silent and slow. This is the division in your rule for the maximum, with the
# ties counted in int64 and in float32:

# %%
ties = rand(1000, 100).numpy() > 0.5
grad = rand(1000, 1).numpy()
for dtype in (np.int64, np.float32):
    share = grad / ties.sum(axis=1, keepdims=True, dtype=dtype)
    taken = seconds(lambda share=share: share * ties)
    print(f"ties in {dtype.__name__:7}: gradients in {share.dtype}, {taken * 1e6:4.0f} µs")

# %% [markdown]
# ### Question: what must be kept?
#
# For the way back, some operations read their inputs, some their output, some no values at all.
#
# 1. For each of `a + b`, `a * b`, `exp(a)`, `a.sum()`, `a.max()`: which arrays does its rule read?
# 2. `x` is `(1000, 1000)` in float32 and requires a gradient. `y = ((x + 1).exp() * 2).sum()` has four operations.
#    Our nodes hold on to every output. How many bytes is that, and how many would it be if only what the rules read
#    were kept?

# %% [markdown] question="what_is_kept" points=2
# ### BEGIN SOLUTION
# 1. `a + b` reads nothing. `a * b` reads `b` for the gradient of `a`, and `a` for that of `b`. `exp(a)` reads its
#    output. `a.sum()` reads nothing but the shape of `a`. `a.max()` reads `a` and the output, to find the values
#    that are equal to it.
# 2. An array of 1,000,000 float32 values takes 4,000,000 bytes. The outputs of `+`, `exp` and `*` have that size,
#    and the sum is one value: about 12,000,000 bytes (`x` itself is there anyway). Of these only the output of `exp`
#    is read: by the rule of `exp`. The rule of `* 2` needs the number 2 for the gradient of its first input; its
#    second input, 2, needs no gradient, so the first input is not read. That leaves 4,000,000 bytes.
#
# **Rubric.** 1 point: the five operations; one wrong or missing, half a point. 1 point: 12 MB and 4 MB, with the
# reason that only the output of `exp` is read. 12 and 8 MB, with the input of `* 2` counted although 2 needs no
# gradient: half a point (it is the same array as the output of `exp`, so who says so and still arrives at 4 MB has
# the full point). Counting `x` in both figures is not an error.
# ### END SOLUTION

# %% [markdown]
# ### Question: the step that fails
#
# A colleague writes gradient descent:
#
# ```python
# w = Tensor(0, requires_grad=True)
# for step in range(100):
#     apart = w * points - heights
#     loss = (apart * apart).mean()
#     loss.backward()
#     w = w - 0.1 * w.grad
# ```
#
# The second step ends with an error: `0.1 * None`. Why is `w.grad` None, although `backward` ran? Where did the
# gradient go? Give two ways to mend the loop. Each must also do right by the rule that gradients add up.

# %% [markdown] question="a_step_that_fails" points=2
# ### BEGIN SOLUTION
# `w - 0.1 * w.grad` is itself an operation on a tensor that requires a gradient, so it is recorded. The new `w` is
# its result and no leaf. In the second step, `backward` goes through that subtraction back to the first `w`, the
# leaf, and adds to the `grad` of that one, which no name refers to any more. The new `w` has no `grad`. (And the
# record would grow with each step.)
#
# Ways to mend it: change the leaf in place, `with no_grad(): w -= 0.1 * w.grad`, and then `w.grad = None`, or the
# next step's gradient is added to this one's. Or make a new leaf:
# `w = Tensor(w.data - 0.1 * w.grad, requires_grad=True)`, or `(w - 0.1 * w.grad).detach().requires_grad_()`; a
# new tensor has no gradient yet, so nothing need be forgotten.
#
# **Rubric.** 1 point: the update is recorded, so the new `w` is no leaf, and the gradient goes to the old one. 1
# point: two ways that work; the way in place must forget the gradient. One way only, or forgetting left out: half a
# point.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `Tensor(data, requires_grad=True)`, `grad`, `is_leaf`, `detach()` | the same |
# | `no_grad`, as a block and as a decorator | `torch.no_grad` |
# | `node`, a `Node` | `grad_fn`, a node of the graph |
# | `derivatives`, the table of rules | `derivatives.yaml` |
# | `@derivative(op)` | a `torch.autograd.Function` with its `backward` |
# | `backward()`, which adds to `grad` | the same |
# | `unbroadcast` | `sum_to_size` |
# | `writes`, the log of changes in place | the version counter of each tensor |
#
# When all checks pass, save the notebook. `tito check 02` opens the next module, and `tito demo --mine 02` fits a
# line and a curve with your gradients.
#
# Next, in 03, tensors become parts that one can put together. And in 04 you will look at `every_path` again, with a
# stopwatch.
