# %% [markdown]
# # 04 Backprop
#
# A test fails at line 900, and the variable that made it fail was wrong long before. An ordinary debugger runs
# forward and has passed the place already. A **reverse debugger** starts at the failure and steps backward: this value
# was made from those two, and that one from these. **Backpropagation** is that, with numbers. It starts at the loss,
# steps backward through the record, and says of every parameter how much of the error it answers for.
#
# In 02 you wrote a first version. In this module you measure it, find out where it breaks, and replace it by an engine
# that visits each operation once. Then you write the losses, and the gradients that are worth deriving by hand:
# softmax, cross-entropy, layer norm and convolution. Before that you build the instrument that tells whether a
# derivation is right.
#
# At the end, `tinytorch/backprop.py` holds the engine, and a network of yours learns to tell two spirals apart.

# %%
import time
import tracemalloc
from timeit import repeat

from tinytorch.autograd import ones, rand, randn
from tinytorch.layers import (
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    kaiming_normal_,
)
from tinytorch.tensor import arange, manual_seed
from tito import show
from tito.live import check, extend, hint

# %%
#| export
"""Backpropagation: an engine that visits each operation once, losses, gradients by hand."""

import functools
import math
import weakref

import numpy as np

from tinytorch import autograd
from tinytorch.autograd import Tensor, derivative, no_grad
from tinytorch.layers import (
    Module,
    _largest,
    average,
    chunks,
    conv2d,
    log_softmax,
    normalize,
    pad2d,
    sigmoid,
    softmax,
    unfold,
    window_counts,
    window_slices,
)
from tinytorch.tensor import add_up, floats, on_arrays, operation, unwrap

# %% [markdown]
# ## 1. What the first engine costs
#
# `backward()` runs the engine that is set in `autograd.engine`. In 02 that is `every_path`: it sends the gradient down
# every path from the result to a leaf, and adds up what arrives. The sum over all paths is the right answer. But how
# many paths are there?
#
# Take `y = y + y`. It reads `y` twice, so there are two ways back. Do it again, and each of the two ways splits into
# two. After 20 doublings there are 2²⁰ paths, about a million, through 20 operations.
#
# Guess the four times before you run this. (The last one takes a few seconds.)

# %%
autograd.engine = autograd.every_path


def doublings(times):
    """x, and what becomes of it when it is added to itself, `times` times."""
    x = Tensor(1, requires_grad=True)
    y = x
    for _ in range(times):
        y = y + y
    return x, y


def seconds_back(result):
    """How long the processor works to go backward from `result`."""
    start = time.process_time()
    result.backward()
    return time.process_time() - start


counts = (5, 10, 15, 20)
every_path_takes = []
for times in counts:
    x, y = doublings(times)
    every_path_takes.append(seconds_back(y))
    print(f"{times:2} doublings: gradient {x.grad.item():9,.0f}, {every_path_takes[-1]:.6f} s")
years = every_path_takes[-1] * 2**40 / (365 * 24 * 3600)
print(f"60 doublings would take {years:,.0f} years")

# %%
show.lines(
    {"every path": (counts, every_path_takes)},
    x="doublings",
    y="seconds",
    title="Going backward through y = y + y",
    log="y",
)

# %% [markdown]
# A straight line on a logarithmic scale: five more doublings take 32 times as long. Nobody writes `y = y + y` twenty
# times. But every layer with a shortcut, `y = y + f(y)`, doubles the paths too, and networks have hundreds of those.
#
# The other extreme is one long path. A chain of 100,000 operations has a single path; what could go wrong?

# %%
y = Tensor(1, requires_grad=True)
for _ in range(100_000):
    y = y + 1
try:
    y.backward()
except RecursionError as error:
    print("RecursionError:", error)

# %% [markdown]
# `every_path` calls itself for each operation on the path, and Python allows a thousand calls inside each other or so.
# Networks that read a text word by word make chains like this one.
#
# So the new engine has two tasks: each operation once, however many paths lead to it, and no recursion.

# %% [markdown]
# ## 2. Count first
#
# Here is a small calculation with `x = 3`. The arrows show which value was read to make which.

# %%
places = {
    "x": (0, 1, ["x = 3", "a leaf"]),
    "a": (1, 2, ["a = x * x", "9"]),
    "b": (2, 0, ["b = a + x", "12"]),
    "c": (3, 1, ["c = a * b", "108"]),
}
arrows = [("x", "a"), ("x", "a"), ("x", "b"), ("a", "b"), ("a", "c"), ("b", "c")]
show.boxes(places, arrows, "Forward: what was read to make what")

# %% [markdown]
# Going backward, `a` gets a gradient from two sides: from `c`, which reads it, and from `b`, which reads it too. The
# whole gradient of `a` is the sum. Only when **both** have arrived may `a` pass it on to `x`. Whoever passes on the
# first part at once has to come back with the second: that is what `every_path` does, and where the doubling comes
# from.
#
# So the engine must know how many parts to wait for. A part comes along each arrow, so count the arrows that leave a
# value:
#
# | | is read | times |
# |---|---|---|
# | `c` | by nobody: it is where we start | 0 |
# | `b` | by `c` | 1 |
# | `a` | by `b`, by `c` | 2 |
# | `x` | by `b`, and twice by `a` | 3 |
#
# Whom do we count for? A gradient is on its way to whoever has to pass it on: the operation that made the tensor, its
# `node`. A leaf has no node; there, the gradient is on its way to the tensor itself. We call either of them the
# **source** of the tensor:
#
# ```python
# source = x.node or x
# ```
#
# ### Exercise: `count_uses`
#
# Return a dictionary: for each source from which `root` was made, and for that of `root` itself, how many times it is
# read.
#
# 1. Start with `root`'s own source: it is read 0 times. If `root` is a leaf, that is all.
# 2. Keep a list of operations that were found but not yet looked at, instead of calling yourself. Take one out, and go
#    through its `inputs`. Only tensors that require a gradient count: `isinstance(x, Tensor) and x.requires_grad`.
# 3. Count the input's source. When it is new **and** an operation, it also goes on the list.
#
# An operation whose memory was given back has `inputs` None. Treat that as no inputs; the error comes later, with a
# sentence of its own.
#
# Check yourself: for `z = y + y` and `y = x * 2`, what is the count of `y`'s operation? (2: one operation may read a
# value twice.) And of `x`? (1. The number 2 is not a tensor.)
#
# <details><summary>Hint 1</summary>Two containers: <code>uses = {root.node or root: 0}</code>, and <code>found =
# [root.node] if root.node else []</code>. Then <code>while found:</code> with <code>found.pop()</code>.</details>
# <details><summary>Hint 2</summary><code>for x in found.pop().inputs or ():</code> copes with None.</details>
# <details><summary>Hint 3</summary>If the source is in <code>uses</code>, add 1. Otherwise set it to 1, and if
# <code>x.node</code> is not None, append that to <code>found</code>. Appending it every time would look at it once for
# each path: the exponential again.</details>


# %% exercise="count_uses" points=3
#| export
def count_uses(root):
    """How often recorded operations read each source of the tensor `root`.

    The source of a tensor is the operation that made it, or, of a leaf, the tensor itself. The
    dictionary has every source that requires a gradient and that `root` was made from, and the
    source of `root`.
    """
    ### BEGIN SOLUTION
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 1
                    if x.node:
                        found.append(x.node)
    return uses
    ### END SOLUTION


# %%
x = Tensor(3, requires_grad=True)
a = x * x
b = a + x
c = a * b
uses = count_uses(c)
print({name: uses[t.node or t] for name, t in {"x": x, "a": a, "b": b, "c": c}.items()})
print("20 doublings:", len(count_uses(doublings(20)[1])), "sources, each looked at once")

# %% [markdown]
# ## 3. Each operation once
#
# Now go backward with the counts at hand. Three notes are kept: what has arrived so far for each source (`grads`), how
# many parts are still missing (`uses`, counted down), and which sources are complete (`ready`). The slopes of
# `c = a * b` are `b = 12` for `a` and `a = 9` for `b`.
#
# | visit | its whole gradient | it sends | so that |
# |---|---|---|---|
# | `c` | 1 | 12 to `a`, 9 to `b` | `a` has 12, 1 part is missing; `b` has 9 and is ready |
# | `b` | 9 | 9 to `a`, 9 to `x` | `a` has 12 + 9 = 21 and is ready; `x` has 9, 2 are missing |
# | `a` | 21 | 3 · 21 = 63 to `x`, twice | `x` has 9 + 63 + 63 = 135 and is ready |
# | `x` | 135 | nothing: it is a leaf | 135 is added to `x.grad` |
#
# Check it: `c = x² (x² + x) = x⁴ + x³`, with the slope `4x³ + 3x²`, at 3 that is 108 + 27 = 135. Four visits, for five
# paths. With 20 doublings it is 21 visits for a million paths.
#
# Two helpers are given. At a leaf, the gradient is added to what is there. And before a source is visited, its
# **hooks** are called. Those are functions that somebody has asked to be called at this point; section 4 is about
# them. Most sources have none.


# %%
#| export
def _accumulate(tensor, grad):
    """Add the gradient, an array that is nobody else's, to what the tensor has, in place."""
    grad = Tensor.wrap(grad)
    if tensor.grad is None:
        tensor.grad = grad
    else:
        tensor.grad.add_(grad)


def _run_hooks(hooks, grad):
    """What becomes of the gradient, an array, when each hook may put another in its place."""
    for hook in hooks:
        with no_grad():
            changed = unwrap(hook(Tensor.wrap(grad)))
        if changed is not None:
            if np.shape(changed) != grad.shape:
                raise ValueError(
                    f"a hook gave a gradient of shape {np.shape(changed)} in place of {grad.shape}"
                )
            grad = np.array(changed, grad.dtype)
    return grad


# %% [markdown]
# ### Exercise: `each_once`
#
# Most of the engine stands below. It takes a source that is ready, and its whole gradient. A leaf keeps it. An
# operation turns it into parts, one for each input: `source.gradients(whole)` from 02 asks the derivative rule.
#
# Your part is what happens to each `part` on its way to the input `x`:
#
# 1. Add it to what has arrived for the source of `x` before, if anything has. Make a **new** array, with `+`. Two
#    sources may hold the same array at this moment, because the rule of `a + b` hands one and the same array to both
#    inputs. `+=` would write into the other's gradient.
# 2. Count down: one part less is missing.
# 3. If none is missing, the source is ready.
#
# The line above your part keeps leaves out of the same trap. Their gradients stay, and users change them in place. So
# a leaf gets an array of its own: a copy, if the part is the very array that came in, or a view of another.
#
# <details><summary>Hint 1</summary>The target is <code>x.node or x</code>; <code>grads</code> and <code>uses</code>
# have it as key.</details>
# <details><summary>Hint 2</summary><code>if target in grads: part = grads[target] + part</code>, and then
# <code>grads[target] = part</code> in both cases.</details>
# <details><summary>Hint 3</summary><code>uses[target] -= 1</code>, and <code>if not uses[target]:</code> append it to
# <code>ready</code>. Not before: its gradient is not whole yet.</details>


# %% exercise="each_once" points=4
#| export
def each_once(root, grad, retain_graph=False):
    """Send `grad` from the tensor `root` back to its leaves, visiting each operation once.

    An operation is visited when all that read its output have been, so that the gradient of the
    output is whole. After its visit it gives back the memory it kept for that, unless
    `retain_graph`. Takes time in proportion to the number of operations, and no recursion.
    """
    uses = count_uses(root)  # how many parts of its gradient each source still waits for
    grads = {root.node or root: grad}  # what has arrived
    ready = [root.node or root]  # the sources whose gradient is whole
    while ready:
        source = ready.pop()
        whole = grads.pop(source)
        hooks = getattr(source, "hooks", ())
        if hooks:
            whole = _run_hooks(hooks, whole)
        if isinstance(source, Tensor):
            _accumulate(source, whole)
            continue
        for x, part in source.gradients(whole):
            if x.node is None and (part is whole or part.base is not None):
                part = part.copy()  # a leaf keeps it, so it must not be anyone else's
            ### BEGIN SOLUTION
            target = x.node or x
            if target in grads:
                part = grads[target] + part
            grads[target] = part
            uses[target] -= 1
            if not uses[target]:
                ready.append(target)
            ### END SOLUTION
        if not retain_graph:
            source.release()


# %% [markdown]
# The new engine is put in the place of the old one. `backward()` looks it up there, so everything from 02 and 03 runs
# on it from here on:

# %%
#| export
autograd.engine = each_once

# %%
x = Tensor(3, requires_grad=True)
a = x * x
c = a * (a + x)
c.backward()
print("the gradient of x:", x.grad.item())

each_once_takes = [seconds_back(doublings(times)[1]) for times in counts]
show.lines(
    {"every path": (counts, every_path_takes), "each once": (counts, each_once_takes)},
    x="doublings",
    y="seconds",
    title="Going backward through y = y + y",
    log="y",
)

# %% [markdown]
# And the chain? Ten times as long should take ten times the time, so the time for one operation should stay the same:

# %%
for length in (1_000, 10_000, 100_000):
    x = Tensor(1, requires_grad=True)
    y = x
    for _ in range(length):
        y = y * 1
    takes = seconds_back(y)
    print(f"{length:7,} operations: {takes:.4f} s, {takes / length * 1e6:.1f} µs each")

# %% [markdown]
# ### Memory, as it goes
#
# A rule needs values from the forward pass: that of `a * b` needs `a` and `b`. So the record keeps them all alive, and
# when training a network that is most of the memory. But once an operation has been visited, nobody asks again. The
# last line of the engine lets go of its inputs and its output at once: the further the gradient comes, the less is
# kept.
#
# The price: you cannot go through the same operations a second time.

# %%
x = Tensor(3, requires_grad=True)
y = x * x
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print("RuntimeError:", error)

y = x * x
y.backward(retain_graph=True)
y.backward()
print("after three times, each adding 6:", x.grad.item())

# %% [markdown]
# ## 4. Breakpoints
#
# Only leaves keep their gradient. What flows through the values in between is gone when the engine has passed. A
# debugger would let you set a breakpoint there. Ours is called a **hook**: a function that the engine calls with the
# gradient of one tensor, when it is whole. What the hook returns, if anything, takes the gradient's place.
#
# The engine calls the hooks it finds in the attribute `hooks` of a source, a tuple. Where nobody has registered any, the
# attribute may be missing.
#
# ### Exercise: `register_hook`
#
# 1. Put `entry` behind the hooks that the source has. Make a new tuple, so that an engine which goes through the old
#    one right now is not disturbed.
# 2. Return a function without arguments that takes **this** entry out again, and leaves the others.
#
# `entry` is `hook` in a wrapping of its own, so that one function can be registered twice and removed once. Calling
# the removing function again does nothing.
#
# Check yourself: `remove = register_hook(y, print)`, then `register_hook(y, print)`, then `remove()`. How many lines
# does a backward pass print? (One.)
#
# <details><summary>Hint 1</summary><code>getattr(source, "hooks", ())</code> is what was registered before. A new
# tuple with one more: <code>(*before, entry)</code>.</details>
# <details><summary>Hint 2</summary>Define <code>def remove():</code> inside. It sets <code>source.hooks</code> to a
# tuple of those hooks that are not this entry, and the outer function returns <code>remove</code> without calling
# it.</details>


# %% exercise="register_hook" points=2
#| export
def register_hook(tensor, hook):
    """Call `hook(gradient)` in every backward pass, once the whole gradient of `tensor` is known.

    What the hook returns, unless None, takes the gradient's place. Returns a function that
    removes the hook. A RuntimeError if the tensor requires no gradient.
    """
    if not tensor.requires_grad:
        raise RuntimeError("the hook would never be called: this tensor requires no gradient")
    source = tensor.node or tensor
    entry = functools.partial(hook)  # unlike `hook`, not equal to another entry
    ### BEGIN SOLUTION
    source.hooks = (*getattr(source, "hooks", ()), entry)

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove
    ### END SOLUTION


# %% [markdown]
# In PyTorch, `register_hook` is a method of tensors, and what it returns has a method `remove`. With your function this
# takes a few lines, and so does `retain_grad`: a hook that keeps the gradient of a tensor that is no leaf.


# %%
#| export
class Handle:
    """What `tensor.register_hook(hook)` returns: `remove()` takes the hook out again."""

    def __init__(self, remove):
        self.remove = remove


def _with_handle(self, hook):
    """Call `hook(gradient)` in every backward pass; what it returns, unless None, replaces it."""
    return Handle(register_hook(self, hook))


def retain_grad(tensor):
    """Let `backward()` keep the gradient of this tensor in its `grad`, though it is no leaf."""
    kept = weakref.ref(tensor)  # the tensor holds its hooks, so they must not hold the tensor

    def keep(grad):
        if kept() is not None:
            _accumulate(kept(), grad.array.copy())

    if not tensor.is_leaf:
        register_hook(tensor, keep)


Tensor.register_hook, Tensor.retain_grad = _with_handle, retain_grad

# %%
x = Tensor([1, 2], requires_grad=True)
y = x * x
y.retain_grad()
handle = y.register_hook(lambda grad: print("the hook sees", grad))
y.sum().backward()
handle.remove()
print(y.grad, x.grad)

# %% [markdown]
# With hooks on all four values of the example, watch the engine at work. Compare with the table in section 3:

# %%
x = Tensor(3, requires_grad=True)
a = x * x
b = a + x
c = a * b
visited = []
for name, tensor in {"x": x, "a": a, "b": b, "c": c}.items():
    register_hook(tensor, lambda grad, name=name: visited.append((name, grad.item())))
c.backward()

back = {}
for number, (name, grad) in enumerate(visited, 1):
    column, row, lines = places[name]
    back[name] = (column, row, [lines[0], f"grad {grad:g}", f"visit {number}"])
show.boxes(back, arrows, "Backward: against the arrows, each value once")

# %% [markdown]
# ## 5. An instrument
#
# Soon you will derive gradients on paper. How do you know that a derivation is right? A wrong rule raises no error. It
# makes a network learn badly, and that looks like a hundred other things.
#
# There is a way to measure a slope without any rule: change the input a little, by ε (epsilon), and see how much the
# output changes.
#
# ```
#   to the left    (f(x) - f(x - ε)) / ε
#   to the right   (f(x + ε) - f(x)) / ε
# ```
#
# For `x²` at 3 and ε = 0.1 the left one is 5.9 and the right one is 6.1. Each is off by 0.1, in opposite directions.
# So their **mean** is 6, and here exactly right. That is no accident: the errors that grow with ε cancel, and what
# remains grows with ε². The mean is called the **central difference**.
#
# A smaller ε is better, until it is not: `f(x + ε)` and `f(x)` agree in more and more digits, their difference is made
# of what was rounded off, and dividing by ε blows that up. Measure it, on `exp` at 1, whose slope is e:

# %%
epsilons = 10.0 ** np.arange(-12, 0)


def errors(slope_of, dtype):
    """How far off the measured slopes of exp at 1 are, for each ε."""
    x = np.ones((), dtype)
    return [max(abs(slope_of(x, dtype(eps)) - math.e), 1e-13) for eps in epsilons]


with np.errstate(divide="ignore", invalid="ignore"):
    one_side = errors(lambda x, eps: (np.exp(x + eps) - np.exp(x)) / eps, np.float64)
    central = errors(lambda x, eps: (np.exp(x + eps) - np.exp(x - eps)) / (2 * eps), np.float64)
    single = errors(lambda x, eps: (np.exp(x + eps) - np.exp(x - eps)) / (2 * eps), np.float32)
show.lines(
    {
        "one side, float64": (epsilons, one_side),
        "central, float64": (epsilons, central),
        "central, float32": (epsilons, single),
    },
    x="ε",
    y="error of the slope",
    title="How far off a measured slope is",
    log="xy",
)

# %% [markdown]
# Read off: with ε = 10⁻⁶ the central difference has ten right digits in float64, and two in float32. So gradients are
# checked in float64, even if networks run in float32. The rules are the same.
#
# The two one-sided slopes are good for one more thing. At a smooth place they agree. Where they do not, the function
# has a **kink**, such as `abs` at 0: slope -1 on the left, 1 on the right. There is no derivative to be checked there,
# and an instrument should say so.
#
# ### Exercise: `slopes`
#
# Return both slopes, left and right. `value` is a function without arguments: it computes a number from `array`,
# whatever the array holds when it is called. So: note what `array[index]` is, change it, call `value()`, and **put it
# back exactly**.
#
# <details><summary>Hint 1</summary>Three calls of <code>value()</code>: as it is, with <code>array[index]</code> set
# to <code>kept + eps</code>, and with <code>kept - eps</code>.</details>
# <details><summary>Hint 2</summary>Assign <code>array[index] = kept</code> at the end. Adding and subtracting ε again
# would leave a rounding error.</details>
# <details><summary>Hint 3</summary>Return <code>(here - below) / eps, (above - here) / eps</code>.</details>


# %% exercise="slopes" points=3
#| export
def slopes(value, array, index, eps):
    """How fast `value()` changes with `array[index]`, measured to the left and to the right.

    `value` computes a number from what is in the array. Afterwards, the array is as before. The
    mean of the two slopes is the central difference, with an error of about eps².
    """
    ### BEGIN SOLUTION
    here, kept = value(), array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    array[index] = kept
    return (here - below) / eps, (above - here) / eps
    ### END SOLUTION


# %%
point = np.array([3.0, 0.0])
print("x² at 3: ", *slopes(lambda: point[0] ** 2, point, 0, 0.1))
print("|y| at 0:", *slopes(lambda: abs(point[1]), point, 1, 0.1))

# %% [markdown]
# `gradcheck` does that for every value of every input, and compares with what `backward()` says. If the function has
# several outputs, they are added up with weights, a different one for each, so that a mix-up of outputs cannot cancel.


# %%
#| export
def gradcheck(function, inputs, eps=1e-6, atol=1e-5, rtol=1e-3):
    """True if the gradients of `function` agree with central differences at these inputs.

    `function` takes the inputs, tensors or anything else, and returns a tensor. Checked are the
    tensors that require a gradient; they must be float64. Their `grad` is overwritten. Several
    outputs count as their sum, with fixed random weights. If a gradient differs from the slope by
    more than atol + rtol * |slope|, an AssertionError names function, input and index, and both
    numbers. So it does at a kink, where the slopes to the left and to the right differ and there
    is no derivative to check.
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    name = getattr(function, "__name__", type(function).__name__)
    checked = [(k, x) for k, x in enumerate(inputs) if getattr(x, "requires_grad", False)]
    if not checked:
        raise ValueError(f"there is nothing to check: no input of {name} requires a gradient")
    for k, x in checked:
        if x.dtype != np.float64:
            raise TypeError(f"gradcheck needs float64, and input {k} of {name} is {x.dtype}")
        x.grad = None
    out = function(*inputs)
    if out.dtype != np.float64:
        raise TypeError(f"gradcheck needs float64, and the result of {name} is {out.dtype}")
    weights = np.ones(out.shape)
    if out.numel() > 1:
        weights = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)
    out.backward(weights)

    def value():
        with no_grad():
            return (function(*inputs).array * weights).sum()

    if not np.array_equal(value(), value(), equal_nan=True):
        raise ValueError(f"{name} cannot be checked: the same inputs give another result each time")
    for k, x in checked:
        grad = np.zeros(x.shape) if x.grad is None else x.grad.array
        for index in np.ndindex(x.shape):
            left, right = slopes(value, x.array, index, eps)
            slope, place = (left + right) / 2, f"{name}, input {k}, index {index}"
            if not math.isclose(left, right, rel_tol=0.01, abs_tol=1e-3):
                raise AssertionError(
                    f"{place} stands on a kink: the slope is {left:.6g} on the left and "
                    f"{right:.6g} on the right; move the input a little"
                )
            if not abs(grad[index] - slope) <= atol + rtol * abs(slope):
                raise AssertionError(
                    f"{place}: the gradient is {grad[index]:.6g}, but the slope is {slope:.6g}"
                )
    return True


# %% [markdown]
# Try it on a rule with a mistake. The slope of `x³` is `3x²`, not `3x`:


# %%
@operation
def cube(x):
    return x * x * x


@derivative(cube)
def cube_rule(grad, out, x):
    return grad * 3 * x


def doubles(*shape, seed=0):
    """A float64 tensor of random numbers that requires a gradient."""
    return Tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def cubes(x):
    return cube(x).sum()


for function, x in ((cubes, doubles(2, 3)), (Tensor.abs, Tensor(np.zeros(1), requires_grad=True))):
    try:
        gradcheck(function, [x])
    except AssertionError as error:
        print("AssertionError:", error)
print(gradcheck(lambda a, b: (a @ b).exp(), [doubles(2, 3), doubles(3, 2)]))

# %% [markdown]
# ## 6. Losses
#
# A loss compares the outputs of a model with what they should have been, and makes one number of it. The comparison
# gives one number for each output. What becomes of those, `reduction` says, as in PyTorch: their mean, their sum, or
# `"none"`, all of them.
#
# `losses.mean()` is two operations, a sum and a division. Every training step ends with it, so it becomes one here. Its
# rule is short: each loss has the same share of the mean.


# %%
#| export
@operation
def batch_mean(losses):
    """The mean of all values, in one operation."""
    return losses.sum() / losses.size


@derivative(batch_mean)
def _(grad, out, losses):
    return np.full(losses.shape, grad / losses.size, losses.dtype)


class _Loss(Module):
    """A comparison of outputs with targets, reduced to one number.

    `reduction` is "mean", "sum", or "none" for all values as they are.
    """

    def __init__(self, reduction="mean"):
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
        self.reduction = reduction

    def reduce(self, losses):
        """The mean or the sum of `losses`, or all of them."""
        if self.reduction == "mean":
            return batch_mean(losses)
        return losses.sum() if self.reduction == "sum" else losses

    def extra_repr(self):
        return f"reduction={self.reduction!r}"


# %% [markdown]
# ### Numbers against numbers
#
# When the output is a number and the target is a number, take the distance: squared, or absolute. There is one trap,
# and it has cost people weeks. A model for one number gives `(3, 1)`: a row for each sample. The targets come from a
# file as `(3,)`. Subtract them, and broadcasting does what it was made for:

# %%
output, target = Tensor([[1], [2], [3]]), Tensor([1, 2, 3])
show.broadcast(output, -target)

# %% [markdown]
# Each output against each target. All three outputs are right, and yet the mean of the nine squares is not 0. Nothing
# raises. A model trained on that learns to give the mean of all targets. So our losses insist on one shape.


# %%
#| export
def _check_same_shape(output, target):
    """A ValueError unless both have one shape: broadcasting would compare each with all."""
    shapes = output.shape, np.shape(unwrap(target))
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"output and target must have one shape, not {shapes[0]} and {shapes[1]}: reshape one"
        )


class MSELoss(_Loss):
    """The mean of (output - target)², for output and target of one shape."""

    def forward(self, output, target):
        _check_same_shape(output, target)
        apart = floats(output) - floats(target)  # the differences of bytes would not be bytes
        return self.reduce(apart * apart)


class L1Loss(_Loss):
    """The mean of |output - target|, for output and target of one shape."""

    def forward(self, output, target):
        _check_same_shape(output, target)
        return self.reduce((floats(output) - floats(target)).abs())


# %%
print(MSELoss()(output, target.unsqueeze(1)).item(), L1Loss("none")(output[:, 0], target + 1))
try:
    MSELoss()(output, target)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# Both are composed of operations that have their rules. There was nothing to derive.
#
# ### Yes or no
#
# A model that answers yes or no gives a score `z`, any number: a **logit**. `s = sigmoid(z)` makes a probability of
# it. The loss is `-log` of the probability that was given to the truth. Were you sure and right, it is near 0. Were
# you sure and wrong, it is large.
#
# | truth | its probability | loss |
# |---|---|---|
# | yes, `t = 1` | `s` | `-log(s)` |
# | no, `t = 0` | `1 - s` | `-log(1 - s)` |
# | both cases in one | | `-t log(s) - (1 - t) log(1 - s)` |
#
# Written down like that, it fails exactly where it matters. Already at `z = 20` the sigmoid rounds to 1 in float32,
# `1 - s` is 0, and `log(0)` is minus infinity:

# %%
z, t = np.float32([0, 20, 1000]), np.float32([0, 0, 0])
with np.errstate(divide="ignore", invalid="ignore"):
    s = sigmoid(z)
    print("as written:", -t * np.log(s) - (1 - t) * np.log(1 - s))

# %% [markdown]
# The right values are 0.6931, 20 and 1000. So do the algebra before the arithmetic. Put `s = 1 / (1 + exp(-z))` in:
#
# ```
# -log(1 - s)  =  log(1 + exp(z))
# -log(s)      =  log(1 + exp(-z))  =  log(1 + exp(z)) - z
# ```
#
# The same logarithm in both. With `t` of one and `1 - t` of the other:
#
# ```
# loss  =  log(1 + exp(z)) - t z
# ```
#
# No logarithm of 0 can happen any more. But `exp(z)` is too large for float32 from `z = 89` on. If `z` is positive,
# take it out of the logarithm, so that the exponent is negative:
#
# ```
# log(1 + exp(z))  =  log(exp(z) (exp(-z) + 1))  =  z + log(1 + exp(-z))
# ```
#
# For negative `z` the first form is fine already. `max(z, 0)` and `|z|` cover both cases in one line.
#
# ### Exercise: `binary_cross_entropy`
#
# Write it for arrays, so that nothing overflows, whatever the logits. `np.log1p(a)` is `log(1 + a)`, and stays exact
# where `a` is tiny: `log(1 + 1e-10)` would round to 0.
#
# Check yourself: what is the loss at `z = 1000` for `t = 1`? (0: sure and right.) At `z = -1000` for `t = 1`? (1000.)
# At `z = 0`, for any `t`? (log 2 = 0.6931.)
#
# <details><summary>Hint 1</summary>Whatever the sign of z: <code>log(1 + exp(z)) = max(z, 0) + log(1 +
# exp(-|z|))</code>. Try z = 2 and z = -2.</details>
# <details><summary>Hint 2</summary>Three terms: <code>np.maximum(logits, 0)</code>, minus <code>logits *
# target</code>, plus <code>np.log1p(np.exp(-np.abs(logits)))</code>.</details>


# %% exercise="binary_cross_entropy" points=3
#| export
@operation(only_floats=True)
def binary_cross_entropy(logits, target):
    """-t log(s) - (1 - t) log(1 - s) with s = sigmoid(logits); nothing overflows."""
    ### BEGIN SOLUTION
    softplus = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return softplus - logits * target
    ### END SOLUTION


# %% [markdown]
# Its derivative is worth a look. That of `log(1 + exp(z))` is `exp(z) / (1 + exp(z))`, which is `sigmoid(z)`. So the
# derivative of the loss is `s - t`: **the prediction minus the truth**. You will meet this again.


# %%
#| export
@derivative(binary_cross_entropy)
def _(grad, out, logits, target):
    return lambda: grad * (sigmoid(logits) - target), lambda: -grad * logits


class BCEWithLogitsLoss(_Loss):
    """Cross-entropy of yes-or-no answers: scores of any size against targets from 0 to 1.

    Both have one shape. The score is turned into a probability by sigmoid.
    """

    def forward(self, logits, target):
        _check_same_shape(logits, target)
        return self.reduce(binary_cross_entropy(logits, target))


# %%
logits = Tensor([0, 1000, -1000], requires_grad=True)
losses = BCEWithLogitsLoss("none")(logits, Tensor([1, 1, 1]))
losses.sum().backward()
print(losses.tolist(), "gradients", logits.grad.tolist())
print(gradcheck(BCEWithLogitsLoss(), [doubles(3, 2), rand(3, 2).to("float64")]))

# %% [markdown]
# ## 7. Softmax, backward
#
# For a choice among several classes, softmax turns scores into probabilities, `s = exp(x) / sum(exp(x))`. In 03 you
# wrote the way forward. It is one operation, so it needs a rule.
#
# Start with numbers. Three scores give the probabilities 0.2, 0.3 and 0.5. Raise one score a little, and **all**
# probabilities change, because they always add up to 1. Measured with your `slopes`:

# %%
scores = np.log([0.2, 0.3, 0.5])


def probability_slopes(i, j):
    """How fast probability i changes with score j."""
    return sum(slopes(lambda: softmax(scores, dim=0)[i], scores, (j,), 1e-6)) / 2


print(np.array([[probability_slopes(i, j) for j in range(3)] for i in range(3)]).round(3))

# %% [markdown]
# Row `i` and column `j` say how probability `i` changes with score `j`. Do you see the pattern? Off the diagonal,
# -0.06 is -0.2 · 0.3. On it, 0.16 is 0.2 · (1 - 0.2).
#
# It has a reason. `s_i` is `exp(x_i)` divided by the sum of all. When `x_j` rises, the sum grows by the share `s_j` of
# itself, and every probability shrinks by that share of itself: that is `-s_i s_j`. When `x_i` itself rises, the
# numerator grows too, by all of itself: that adds `s_i`. One writes `∂s_i / ∂x_j` for how fast `s_i` changes with `x_j`:
#
# ```
# ∂s_i / ∂x_j  =  s_i - s_i s_i  =  s_i (1 - s_i)   if i = j
#                 -s_i s_j                          otherwise
# ```
#
# Going backward, a gradient `g_i` arrives for each probability. Score `j` gets what it does to all of them (`Σ_i` is
# the sum over all `i`):
#
# ```
# Σ_i g_i ∂s_i/∂x_j  =  g_j s_j - s_j Σ_i g_i s_i  =  s_j (g_j - Σ_i g_i s_i)
# ```
#
# With `g = [1, 0, 2]`: the sum is 1 · 0.2 + 2 · 0.5 = 1.2. The scores get 0.2 · (1 - 1.2) = -0.04, then
# 0.3 · (0 - 1.2) = -0.36 and 0.5 · (2 - 1.2) = 0.4. Their sum is 0, as it must be: raising all scores by the same
# amount changes no probability.
#
# And note what the last form does **not** need: the matrix. For 1,000 classes it would have a million values for every
# row of the batch. One sum is enough.
#
# ### Exercise: `softmax_rule`
#
# Return the gradient for the scores. `out` holds the probabilities. They add up to 1 along `dim`.
# (`add_up(…, axis=dim, keepdims=True)` of module 01 is the sum, and fast along short rows.)
#
# <details><summary>Hint 1</summary><code>grad * out</code> is needed twice: once as it is, and once summed along
# <code>dim</code>.</details>
# <details><summary>Hint 2</summary>The sum needs <code>keepdims=True</code>, so that it stretches over its own row
# again. Then <code>out * (grad - sum)</code>, or <code>weighted - out * sum</code>.</details>


# %% exercise="softmax_rule" points=3
#| export
@derivative(softmax)
@on_arrays
def softmax_rule(grad, out, x, dim):
    """Backward through softmax: s_j (g_j - Σ_i g_i s_i)."""
    ### BEGIN SOLUTION
    weighted = grad * out
    weighted -= out * add_up(weighted, axis=dim, keepdims=True)
    return weighted
    ### END SOLUTION


# %%
probabilities = np.array([0.2, 0.3, 0.5])
print(softmax_rule(np.array([1, 0, 2]), probabilities, np.log(probabilities), dim=0))
print(gradcheck(Softmax(dim=1), [doubles(2, 5)]), gradcheck(Softmax(dim=0), [doubles(2, 5)]))

# %% [markdown]
# The logarithm of the probabilities is simpler. Dividing by `s_i`, as the slope of a logarithm does, leaves `1 - s_i`
# on the diagonal and `-s_j` beside it. So score `j` gets `g_j - s_j Σ_i g_i`. Here `out` holds logarithms, and
# `exp(out)` are the probabilities:


# %%
#| export
@derivative(log_softmax)
@on_arrays
def log_softmax_rule(grad, out, x, dim):
    """Backward through log_softmax: g_j - s_j Σ_i g_i."""
    return grad - np.exp(out) * add_up(grad, axis=dim, keepdims=True)


# %% [markdown]
# ## 8. Cross-entropy
#
# The loss of a classifier is again `-log` of the probability that it gave to the right class. The right class comes as
# a number, its **index**: for three classes 0, 1 or 2.
#
# Where the right scores stand is said by an index, `at`: the number of each sample, and its class.
# `scores[[0, 1], [1, 2]]` are score 1 of sample 0 and score 2 of sample 1. The logarithm is computed as in `log_softmax`,
# `log(sum) - score`, but for one class of each sample only. It is not `log(softmax)`: a small probability rounds to 0,
# its logarithm does not.
#
# (There may be more axes behind the classes. For images with a class for each pixel the scores are
# `(n, classes, rows, columns)`. The index then has four parts, and nothing in here changes.)


# %%
#| export
@operation(only_floats=True)
def cross_entropy(logits, *, at):
    """-log(softmax(logits)) at each sample's class: (n, c, ...) -> (n, ...)."""
    shifted = logits - _largest(logits, 1)
    score = shifted[at]
    return np.log(add_up(np.exp(shifted, out=shifted), axis=1)) - score


# %%
logits, at = np.float32([[1000, 0, -1000], [0, 0, 0]]), ([0, 1], [1, 2])
with np.errstate(divide="ignore"):
    print("log(softmax):", -np.log(softmax(logits, dim=1)[at]))
print("log_softmax: ", cross_entropy(logits, at))

# %% [markdown]
# Now the gradient. The loss is minus the log-probability of one class, so what arrives at `log_softmax` is -1 for that
# class and 0 for the others. Put it into the rule above, with probabilities 0.2, 0.3, 0.5 and class 1 the right one:
#
# ```
# g            =  [ 0,   -1,    0  ]           Σ g = -1
# g - s Σ g    =  [ 0,   -1,    0  ] + [0.2, 0.3, 0.5]
#              =  [ 0.2, -0.7,  0.5]
# ```
#
# **Softmax minus one-hot**: the probabilities, and 1 taken away at the right class. (One-hot is a list with 1 at the
# right class and 0 elsewhere: the truth, written as probabilities.) The prediction minus the truth, as with yes and no.

# %%
truth = np.array([0.0, 1.0, 0.0])
show.bars(
    {
        "softmax: prediction": probabilities,
        "one-hot: truth": truth,
        "gradient": probabilities - truth,
    },
    labels=["class 0", "class 1, the right one", "class 2"],
    title="The gradient of cross-entropy is softmax minus one-hot",
)

# %% [markdown]
# A step against the gradient raises the score of class 1, and lowers each of the others by as much as it was believed.
# A prediction that is right gets a gradient near 0 and is left alone. None is ever larger than 1.
#
# ### Exercise: `cross_entropy_rule`
#
# Return the gradient for `logits`, which are `(n, c, ...)`. `logits[at]` are the scores of the right classes, `(n, ...)`.
# So is `grad`: how much each sample's loss counts. Multiply each sample's row by its own.
#
# Change neither `grad` nor `logits`. And keep their dtype: an array of ones and zeros made by NumPy is float64, and
# would turn all of it into float64.
#
# Check yourself: what is the sum of each row? (0, since the probabilities add up to 1.)
#
# <details><summary>Hint 1</summary><code>result = softmax(logits, dim=1)</code> is a new array, so you may write into
# it.</details>
# <details><summary>Hint 2</summary><code>result[at]</code> are the probabilities of the right classes. Take 1 from
# each: <code>result[at] -= 1</code>.</details>
# <details><summary>Hint 3</summary><code>grad[:, None]</code> has shape <code>(n, 1, ...)</code>, and stretches over
# the classes: <code>result *= grad[:, None]</code>.</details>


# %% exercise="cross_entropy_rule" points=3
#| export
@derivative(cross_entropy)
@on_arrays
def cross_entropy_rule(grad, out, logits, at):
    """Backward through cross_entropy: softmax minus one-hot, times each sample's own gradient."""
    ### BEGIN SOLUTION
    result = softmax(logits, dim=1)
    result[at] -= 1
    result *= grad[:, None]
    return result
    ### END SOLUTION


# %% [markdown]
# What is left is to meet the user. Targets are class indices, so they must be integers. Here is a trap: Python numbers
# become float32, so `Tensor([2, 0])` holds floats. A sentence says what to write instead. A plain list of ints is
# taken as it is. And again the shapes must fit: one class for each row of scores, `(n,)` and not `(n, 1)`.


# %%
#| export
def _at(target, shape):
    """The targets as an index: scores of this shape, indexed with it, are those of the targets."""
    plain = isinstance(target, (list, tuple))
    classes = np.asarray(target if plain else unwrap(target))
    if classes.dtype.kind not in "iu" and not (plain and classes.size == 0):
        raise TypeError(
            f"targets are class indices, so integers, not {classes.dtype}: "
            "make them with Tensor(..., dtype=int)"
        )
    if len(shape) < 2:
        raise ValueError(f"scores need two axes, (samples, classes), and these have shape {shape}")
    wanted = (shape[0], *shape[2:])
    if classes.shape != wanted:
        raise ValueError(
            f"scores {shape} need targets {wanted}, one class for each row, not {classes.shape}"
        )
    wrong = classes[(classes < 0) | (classes >= shape[1])]
    if wrong.size:
        raise ValueError(
            f"there are {shape[1]} classes, 0 to {shape[1] - 1}, but a target is {wrong[0]}"
        )
    samples, *places = np.indices(wanted, sparse=True)
    return samples, classes.astype(int, copy=False), *places


class NLLLoss(_Loss):
    """The mean of -score at the target's class, for scores that are logarithms of probabilities.

    Scores (n, classes, ...) against class indices (n, ...).
    """

    def forward(self, scores, target):
        return self.reduce(-scores[_at(target, scores.shape)])


class CrossEntropyLoss(_Loss):
    """The mean of -log of the probability that softmax gives to the target's class.

    Scores of any size (n, classes, ...) against class indices (n, ...).
    """

    def forward(self, logits, target):
        at = _at(target, logits.shape)
        return self.reduce(cross_entropy(logits, at=at))


# %%
for target in (Tensor([2, 0]), [[2], [0]], [2, 3]):
    try:
        CrossEntropyLoss()(Tensor(np.zeros((2, 3))), target)
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
target = Tensor([2, 0, 1, 1], dtype=int)
print(gradcheck(CrossEntropyLoss(), [doubles(4, 3), target]))
print(gradcheck(NLLLoss(), [doubles(2, 3), [2, 0]]))

# %% [markdown]
# All the pieces are there. A model, a loss, and one call that gives every parameter its gradient:

# %%
manual_seed(0)
model = Sequential(Linear(2, 16), ReLU(), Linear(16, 3))
input, loss_function = randn(4, 2), CrossEntropyLoss()

output = model(input)
loss = loss_function(output, target)
loss.backward()
for name, parameter in model.named_parameters():
    print(f"{name:9} {parameter.shape!s:8} gradient {parameter.grad.shape}")

# %% [markdown]
# ## 9. Layer norm, backward
#
# Layer norm takes each row of numbers, subtracts its mean and divides by its standard deviation. Call the result
# `hat`, and one over the standard deviation `scale`:
#
# ```
# x = [1, 2, 3]     mean 2, variance 2/3, scale 1.2247        hat = (x - mean) · scale = [-1.2247, 0, 1.2247]
# ```
#
# Raise `x_0` a little. It moves `hat_0` directly. But it also moves the mean, and with it all three. And it moves the
# variance, and with it all three once more. Three ways, so the gradient has three terms. Here they are for the slope
# of `hat_i` by `x_j`, with `n` numbers in a row:
#
# ```
# directly              scale                         if i = j, else 0
# through the mean      -scale / n                    the mean rises by 1/n
# through the scale     -scale · hat_i · hat_j / n    ∂scale/∂x_j = -scale² · hat_j / n
# ```
#
# The last one in steps: the variance changes with `x_j` by `2 (x_j - mean) / n`, and `scale` is the variance to the
# power -1/2, so it changes with the variance by `-scale³ / 2`. The product is `-scale³ (x_j - mean) / n`, and
# `(x_j - mean) · scale` is `hat_j`.
#
# A gradient `g_i` arrives for each `hat_i`. Sum up over `i`, and every `1/n` makes a mean of a sum:
#
# ```
# scale · ( g_j  -  mean(g)  -  hat_j · mean(g · hat) )
# ```
#
# With `g = [1, 0, 0]`: `mean(g)` is 1/3, and `mean(g · hat)` is -1.2247 / 3 = -0.4082. So
#
# | | `g_j` | `- mean(g)` | `- hat_j · mean(g · hat)` | times scale |
# |---|---|---|---|---|
# | `x_0` | 1 | -0.3333 | -0.5 | 0.2041 |
# | `x_1` | 0 | -0.3333 | 0 | -0.4082 |
# | `x_2` | 0 | -0.3333 | 0.5 | 0.2041 |
#
# The result adds up to 0, since adding one number to all `x` changes nothing. It also adds up to 0 when multiplied by
# `hat`, since stretching `x` changes nothing either. The rule takes `g` and removes what would be in vain.
#
# After that comes the learnt part, `out = hat * weight + bias`. On the way back it comes first: `g = grad * weight`.
#
# ### Exercise: `normalize_rule`
#
# `hat` and `scale` are given. Return the gradients for `x`, `weight` and `bias`. The last two may have the shape of
# `grad`: what broadcasting stretched, `unbroadcast` sums up afterwards. All means are taken along `dim`, and keep it:
# `average(g, dim=dim)`. Batch norm uses the same function, along other axes.
#
# For each gradient you may return a function without arguments that computes it: it is only called if someone needs
# that gradient.
#
# <details><summary>Hint 1</summary>For the weight: <code>out = hat * weight + bias</code>, so its gradient is
# <code>grad * hat</code>. For the bias it is <code>grad</code>.</details>
# <details><summary>Hint 2</summary><code>g = grad * weight</code>, and two means: <code>average(g, dim=dim)</code> and
# that of <code>g * hat</code>.</details>
# <details><summary>Hint 3</summary><code>scale * (g - mean - hat * along)</code>. Big arrays cost memory traffic:
# <code>g</code> is new, so <code>g -= mean</code>, <code>g -= hat * along</code>, <code>g *= scale</code> is the same
# and saves three arrays.</details>


# %% exercise="normalize_rule" points=4
#| export
@derivative(normalize)
@on_arrays
def normalize_rule(grad, out, x, weight, bias, dim, eps):
    """Backward through normalize: scale (g_j - mean(g) - hat_j mean(g hat)), with g = grad weight."""
    hat = x - average(x, dim=dim)
    scale = 1 / np.sqrt(average(hat * hat, dim=dim) + eps)
    hat *= scale
    ### BEGIN SOLUTION

    def by_x():
        g = grad * weight
        mean = average(g, dim=dim)
        along = average(g * hat, dim=dim)
        g -= mean  # in place: the array is new, and a copy would cost as much as the arithmetic
        g -= hat * along
        g *= scale
        return g

    return by_x, lambda: grad * hat, grad
    ### END SOLUTION


# %%
def layer_norm(x, weight, bias):
    return normalize(x, weight, bias, dim=(-1,), eps=1e-5)


row = Tensor([1, 2, 3], requires_grad=True)
layer_norm(row, 1, 0).backward([1, 0, 0])
print(row.grad)
print(gradcheck(layer_norm, [doubles(4, 5), doubles(5, seed=1), doubles(5, seed=2)]))

# %% [markdown]
# ## 10. Convolution, backward
#
# A convolution looks hard because of its many indices. In one dimension, with a pattern of two weights on four values,
# it fits in a table. With `x = [1, 2, 3, 4]` and `w = [10, 1]`:
#
# ```
# out_0 = w_0 x_0 + w_1 x_1 = 12           w_0 meets x_0, x_1, x_2
# out_1 = w_0 x_1 + w_1 x_2 = 23           w_1 meets x_1, x_2, x_3
# out_2 = w_0 x_2 + w_1 x_3 = 34
# ```
#
# The gradients `g = [1, 0, 2]` arrive. Each weight was used at three places, so its gradient is the sum over the three
# places, of `g` times what the weight met there:
#
# ```
# w_0 gets  1·x_0 + 0·x_1 + 2·x_2 = 1·1 + 0·2 + 2·3 =  7
# w_1 gets  1·x_1 + 0·x_2 + 2·x_3 = 1·2 + 0·3 + 2·4 = 10
# ```
#
# In 03, `unfold` put all windows of an image into the columns of a matrix, and convolution became a matrix product,
# `out = weight @ columns`. The rule of a matrix product is known: the gradient of the left factor is `g @ columns.T`.
# The two sums above are just that. The picture shows the matrix again, for an image of 3 × 3 and a window of 2 × 2:

# %%
show.unfolding(np.arange(9).reshape(3, 3), kernel=(2, 2))

# %% [markdown]
# ### Exercise: `conv2d_weight`
#
# The gradient of the weight, `(f, c, kh, kw)`. `unfold(padded[part], shape[2:], stride)` from 03 gives the matrix of
# some of the images, `(images, c * kh * kw, places)`. `grad` has been reshaped so that it fits: `(n, f, places)`. Each
# image gives one product, and the weight was used in all images: **sum** over them.
#
# The loop over parts is given: it takes a few images at a time, so that the matrix stays in the cache. Add each part's
# sum to `total`, of shape `(f, c * kh * kw)`.
#
# <details><summary>Hint 1</summary>Batches of matrices: <code>grad[part] @ matrix.swapaxes(1, 2)</code> has shape
# <code>(images, f, c * kh * kw)</code>.</details>
# <details><summary>Hint 2</summary><code>total += (…).sum(axis=0)</code>. With <code>=</code> only the last part would
# count.</details>


# %% exercise="conv2d_weight" points=3
#| export
@on_arrays
def conv2d_weight(x, shape, grad, stride, padding):
    """The gradient of a convolution's weight of `shape` (f, c, kh, kw), on arrays.

    From the images x (n, c, h, w) and the gradient of the output (n, f, rows, columns).
    """
    n, f, rows, cols = grad.shape
    grad = grad.reshape(n, f, rows * cols)
    padded = pad2d(x, padding)
    total = np.zeros((f, math.prod(shape[1:])), grad.dtype)
    for part in chunks(n, total.shape[1] * rows * cols):
        ### BEGIN SOLUTION
        matrix = unfold(padded[part], shape[2:], stride)  # (images, c * kh * kw, rows * cols)
        total += (grad[part] @ matrix.swapaxes(1, 2)).sum(axis=0)
        ### END SOLUTION
    return total.reshape(shape)


# %% [markdown]
# Now the image. In the small example `x_1` was used twice: with `w_1` for `out_0`, and with `w_0` for `out_1`. So
#
# ```
# x_0 gets  w_0·g_0             = 10·1        = 10
# x_1 gets  w_1·g_0 + w_0·g_1   = 1·1 + 10·0  =  1
# x_2 gets  w_1·g_1 + w_0·g_2   = 1·0 + 10·2  = 20
# x_3 gets            w_1·g_2   =       1·2   =  2
# ```
#
# As matrices it is two steps. First the rule of the product: the gradient of `columns` is `weight.T @ g`. Then undo
# the unfolding. Each value of the image was copied into several columns, so its gradient is the **sum** of the copies.
# `window_slices(padded, kernel, stride)` from 03 yields `i, j, view`: for each place in the window, the slice of the
# image that was copied there. Now add to that slice what came back.
#
# ### Exercise: `conv2d_input`
#
# The gradient of the images. It is collected in `padded`, which starts at zero and includes the border; the last line
# cuts that off. `flat` is the weight as a matrix `(f, c * kh * kw)`, `grad` is `(n, f, places)`. For each part:
#
# 1. `flat.T @ grad[part]`, reshaped to `(images, c, kh, kw, rows, cols)`.
# 2. For each `i, j, target` that `window_slices(padded[part], kernel, stride)` yields, add the values at
#    `[:, :, i, j]` to `target`. It is a view: `+=` writes into `padded`.
#
# <details><summary>Hint 1</summary><code>back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)</code>; the
# -1 is the number of images in this part.</details>
# <details><summary>Hint 2</summary><code>for i, j, target in window_slices(…): target += back[:, :, i, j]</code>. With
# <code>target = target + …</code> the view would be left as it is.</details>


# %% exercise="conv2d_input" points=3
#| export
@on_arrays
def conv2d_input(shape, weight, grad, stride, padding):
    """The gradient of a convolution's images of `shape` (n, c, h, w), on arrays.

    From the weight (f, c, kh, kw) and the gradient of the output (n, f, rows, columns).
    """
    f, c, *kernel = weight.shape
    n, _, rows, cols = grad.shape
    flat = weight.reshape(f, -1)
    grad = grad.reshape(n, f, rows * cols)
    (top, left), (h, w) = padding, shape[2:]
    padded = np.zeros((n, c, h + 2 * top, w + 2 * left), grad.dtype)
    for part in chunks(n, flat.shape[1] * rows * cols):
        ### BEGIN SOLUTION
        back = (flat.T @ grad[part]).reshape(-1, c, *kernel, rows, cols)
        for i, j, target in window_slices(padded[part], kernel, stride):
            target += back[:, :, i, j]
        ### END SOLUTION
    return padded[:, :, top : top + h, left : left + w]


# %% [markdown]
# The bias was added at every place of every image, so it gets the sum over all of them. The three together are the
# rule:


# %%
#| export
@derivative(conv2d)
def _(grad, out, x, weight, bias, stride, padding):
    return (
        lambda: conv2d_input(x.shape, weight, grad, stride, padding),
        lambda: conv2d_weight(x, weight.shape, grad, stride, padding),
        lambda: np.einsum("nfhw->f", grad),
    )


@derivative(unfold)
def _(grad, out, x, kernel, stride):  # the second half of conv2d_input
    result = np.zeros(x.shape, grad.dtype)
    windows = grad.reshape(*x.shape[:2], *kernel, *window_counts(x.shape, kernel, stride))
    for i, j, target in window_slices(result, kernel, stride):
        target += windows[:, :, i, j]
    return result


# %%
x, w, g = (np.float32(v).reshape(1, 1, 1, -1) for v in ([1, 2, 3, 4], [10, 1], [1, 0, 2]))
print("w gets", conv2d_weight(x, w.shape, g, (1, 1), (0, 0)).ravel())
print("x gets", conv2d_input(x.shape, w, g, (1, 1), (0, 0)).ravel())


def convolution(x, weight, bias):
    return conv2d(x, weight, bias, stride=(2, 1), padding=(1, 0))


images, patterns = doubles(2, 3, 5, 4), doubles(2, 3, 3, 2, seed=1)
print(gradcheck(convolution, [images, patterns, doubles(2, seed=2)]))

# %% [markdown]
# ## 11. Where gradients vanish
#
# On its way back, the gradient is multiplied at each layer: by the weights, and by the slope of the activation. A
# factor of 0.3 at each of 30 layers is 0.3³⁰, about 10⁻¹⁶. The first layers then learn nothing. With a factor of 3 it
# is 10¹⁴, and one step destroys them. So when a network does not learn, look at the size of the gradients, layer by
# layer.
#
# ### Exercise: `gradient_flow`
#
# For each parameter of the model that has a gradient: the root of the mean of the squares of its values, a Python
# float, by the parameter's name. Unlike a sum, that does not depend on how many values a layer has.
#
# Such numbers can be too small for float32 to square: 10⁻²³ squared is 0 there. Convert to float64 first.
#
# Check yourself: what is the size of `[[6, 0], [0, 8]]`? (5: the mean of 36, 0, 0 and 64 is 25.)
#
# <details><summary>Hint 1</summary><code>model.named_parameters()</code> yields names and parameters; leave out those
# whose <code>grad</code> is None.</details>
# <details><summary>Hint 2</summary><code>p.grad.array.astype(np.float64)</code>, then square, <code>mean()</code>,
# <code>np.sqrt</code>, <code>float</code>.</details>


# %% exercise="gradient_flow" points=2
#| export
def gradient_flow(model):
    """The size of each parameter's gradient, by its path, from the first layer to the last.

    The size is the root of the mean square, so that layers of different sizes compare. Parameters
    without a gradient are left out.
    """
    ### BEGIN SOLUTION
    flow = {}
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            grad = parameter.grad.array.astype(np.float64)  # float32 cannot square what is tiny
            flow[name] = float(np.sqrt(np.mean(grad * grad)))
    return flow
    ### END SOLUTION


# %% [markdown]
# Three networks of 30 layers, on random data. One has sigmoids, whose slope is at most 1/4. One has ReLUs, and starts
# with the Kaiming weights from 03. The third is the second with all weights doubled. The picture shows the gradients
# of the biases: a bias is simply added, so its gradient is what arrives at its layer. Guess the shapes of the three
# lines:


# %%
def deep(activation, factor, depth=30, width=64):
    """`depth` layers with this activation and Kaiming weights times `factor`, and one for 10 classes."""
    layers = []
    for _ in range(depth):
        linear = Linear(width, width)
        kaiming_normal_(linear.weight)
        linear.weight.array *= factor
        layers += [linear, activation()]
    return Sequential(*layers, Linear(width, 10))


def bias_flow(model):
    """The sizes of the gradients of the biases, after one backward pass on random data."""
    samples, labels = randn(64, 64), arange(64) % 10
    CrossEntropyLoss()(model(samples), labels).backward()
    return [size for name, size in gradient_flow(model).items() if name.endswith("bias")]


manual_seed(0)
flows = {
    "ReLU, weights doubled": bias_flow(deep(ReLU, 2)),
    "ReLU, Kaiming": bias_flow(deep(ReLU, 1)),
    "sigmoid": bias_flow(deep(Sigmoid, 1)),
}
show.lines(
    {name: (range(1, len(sizes) + 1), sizes) for name, sizes in flows.items()},
    x="layer, from the input to the output",
    y="size of the gradient",
    title="Gradients on their way back, from right to left",
    log="y",
)

# %% [markdown]
# Read the lines from right to left, as the gradient goes. With sigmoids it **vanishes**: of what the last layer gets,
# next to nothing reaches the first. With doubled weights it **explodes**. With ReLU and Kaiming weights it keeps its
# size, and that is what the initialisation in 03 was for.
#
# You can look on as it goes. `show.backward` plays the backward pass of your own tensors, one operation at a time: the
# arrow keys step on and back, and a click on a box tells what its gradient is made of. Here is a small network on
# XOR. Step to the end, then click `0.weight`.

# %%
manual_seed(0)
small = Sequential(Linear(2, 4), Tanh(), Linear(4, 1))
corners = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
answers = Tensor([[0], [1], [1], [0]])
show.backward(BCEWithLogitsLoss()(small(corners), answers), small)

# %% [markdown]
# One step against the gradient changes little. Three hundred of them, and the two classes are apart. `show.boundary`
# asks the model for its answer at every place of the plane:

# %%
for _ in range(300):
    small.zero_grad()
    BCEWithLogitsLoss()(small(corners), answers).backward()
    with no_grad():
        for parameter in small.parameters():
            parameter -= parameter.grad
show.boundary(small, corners, answers)

# %% [markdown]
# ## 12. What it costs
#
# ### Memory
#
# Ten operations on a million values, 4 MB each. How much is held before going back, how much after, and how much if
# the graph is retained? NumPy tells `tracemalloc` of every array:


# %%
def megabytes_held(**options):
    """What is held before backward and after it, and the peak in between."""
    x = Tensor(np.ones(1_000_000, np.float32), requires_grad=True)
    tracemalloc.start()
    try:
        y = x
        for _ in range(10):
            y = Tanh()(y)
        loss = y.sum()
        before = tracemalloc.get_traced_memory()[0]
        del y
        tracemalloc.reset_peak()
        loss.backward(**options)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return [round(size / 1e6) for size in (before, peak, after)]


for options in ({}, {"retain_graph": True}):
    before, peak, after = megabytes_held(**options)
    print(f"before {before} MB, at most {peak} MB, after {after} MB   {options or ''}")

# %% [markdown]
# What is left in the first case is `x.grad`, 4 MB. (The peak is higher than the start: at one moment the engine needs
# the gradient that comes in, the one that goes out, and what the rule computes in between.)
#
# `show.memory` runs a whole training step and draws what lives when, measured in the same way. Watch the band of what
# was made going forward: backward gives it back, operation by operation, and the gradients grow in its place.

# %%
network = deep(ReLU, 1, depth=6)
samples, labels = randn(256, 64), arange(256) % 10


def training_step():
    network.zero_grad()
    CrossEntropyLoss()(network(samples), labels).backward()
    with no_grad():
        for parameter in network.parameters():
            parameter -= 0.1 * parameter.grad


show.memory(training_step)

# %% [markdown]
# ### Fused, or composed
#
# You could have done without the rules of sections 7 to 9. Cross-entropy and layer norm can be composed of operations
# that have theirs, and the gradients come out the same. What do the derivations buy?


# %%
def seconds(run, number, rounds=5):
    """The best of a few rounds: everything slower was somebody else's work."""
    return min(repeat(run, number=number, repeat=rounds)) / number


def composed_cross_entropy(logits, target):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_probabilities[arange(len(target)), target].mean()


def composed_norm(x, weight, bias):
    apart = x - x.mean(dim=-1, keepdim=True)
    variance = (apart * apart).mean(dim=-1, keepdim=True)
    return apart / (variance + 1e-5).sqrt() * weight + bias


def both_ways(function, *inputs):
    """Time for forward and backward."""
    return seconds(lambda: function(*inputs).sum().backward(), number=4)


logits, target = randn(512, 1000).requires_grad_(), arange(512)
show.ladder(
    {
        "cross-entropy, composed": both_ways(composed_cross_entropy, logits, target),
        "cross-entropy, fused": both_ways(CrossEntropyLoss(), logits, target),
    }
)

# %%
x, weight, bias = (t.requires_grad_() for t in (randn(1024, 512), ones(512), ones(512)))
show.ladder(
    {
        "layer norm, composed": both_ways(composed_norm, x, weight, bias),
        "layer norm, fused": both_ways(layer_norm, x, weight, bias),
    }
)

# %% [markdown]
# Each composed operation writes an array, records it, and comes back through its own rule, which writes another. The
# fused rule knows that most of it cancels. That is why every framework has these few operations in one piece.
#
# ### Question: one trunk, two losses
#
# A model has a trunk and two heads. One head says what is in an image, the other where it is.
#
# ```python
# features = trunk(images)
# loss_what = CrossEntropyLoss()(head_what(features), labels)
# loss_where = MSELoss()(head_where(features), positions)
# loss_what.backward()
# loss_where.backward()
# ```
#
# The last line raises a RuntimeError. Why there, and not one line before? Name two ways to mend it. Which one visits
# the trunk's operations less often, and why are the gradients the same?

# %% [markdown] question="one_trunk_two_losses" points=2
# ### BEGIN SOLUTION
# Both losses were made from `features`, so both records lead through the operations of the trunk. The first
# `backward()` visits them and releases their memory. It does not need what the second head recorded, so nothing is
# wrong yet. The second `backward()` goes through its own head, arrives at the trunk, and finds inputs and outputs
# gone.
#
# 1. `(loss_what + loss_where).backward()`: at the sum the gradient goes to both heads, and the parts add up at
#    `features` before the trunk is visited. Each operation of the trunk is visited once.
# 2. `loss_what.backward(retain_graph=True)`, then `loss_where.backward()`: the trunk keeps its memory and is visited
#    twice. The leaves add the second gradient to the first.
#
# The gradient of a sum is the sum of the gradients. Whether the two are added at `features` or at the leaves makes no
# difference (up to rounding).
#
# **Rubric.** 1 point: the trunk is shared, and the first pass released it, so the second fails when it gets there. 1
# point: both ways, and that the sum visits the trunk once, because parts are added before it is visited. Only one way,
# or no reason for the equality: half of that point. Computing the trunk a second time works too, but costs a forward
# pass more: accept it as one of the two.
# ### END SOLUTION

# %% [markdown]
# ### Question: wrong, and sure of it
#
# A classifier of two classes gives the scores `[20, 0]`. The right class is 1. So the probabilities are about
# `[1 - 2·10⁻⁹, 2·10⁻⁹]`: wrong, and very sure of it.
#
# A colleague takes the mean of the squares of `softmax(scores) - one_hot` as the loss. It falls when the probabilities
# get better, so it is a sensible measure. Yet the network does not learn from this sample. Say roughly how large the
# gradient of each loss is at the scores, cross-entropy's and the colleague's, and where the difference comes from.

# %% [markdown] question="wrong_and_sure" points=2
# ### BEGIN SOLUTION
# Cross-entropy: softmax minus one-hot is about `[1, -1]`. As large as it gets.
#
# Squares: the loss is `((s_0 - 0)² + (s_1 - 1)²) / 2`. Its gradient at the probabilities is about `[1, -1]` too. But
# it has to go back through softmax, which multiplies by `s_j` and by `g_j - Σ g s`, where `Σ g s` is nearly 1. For
# class 1 that is `2·10⁻⁹ · (-1 - 1) ≈ -4·10⁻⁹`, and for class 0 it is the opposite, since the two add up to 0. Where
# softmax is sure it is flat, so it lets nothing through, right or wrong.
#
# In cross-entropy, the logarithm has the slope `-1 / s_1`, about -5·10⁸. It cancels the small factor `s_1` of softmax
# exactly. That is why the two belong together.
#
# **Rubric.** 1 point: about 1 (or `[1, -1]`) against about 10⁻⁹ to 10⁻⁸; the exact factor does not matter. 1 point:
# the slope of softmax is nearly 0 where it is sure, and the slope of the logarithm makes up for it. Only the first
# half of the reason: half a point.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `each_once`, set as `autograd.engine` | the autograd engine, in C++ |
# | `backward(retain_graph=True)` | the same |
# | `register_hook(tensor, hook)`, `tensor.register_hook(hook)`, `retain_grad` | the methods |
# | `gradcheck(function, inputs)` | `torch.autograd.gradcheck` |
# | `MSELoss`, `L1Loss`, `NLLLoss`, `CrossEntropyLoss`, `BCEWithLogitsLoss` | the same, in `torch.nn` |
# | `softmax_rule`, `log_softmax_rule`, `normalize_rule` | formulas in `derivatives.yaml` |
# | `conv2d_weight`, `conv2d_input` | the same, in `torch.nn.grad` |
# | `gradient_flow(model)` | no name; everybody writes it once |
#
# When all checks pass, save the notebook. `tito check 04` opens the next module, and `tito demo --mine 04` trains two
# networks with your engine: one on points that no straight line can separate, and one on two spirals.
#
# So far a step against the gradient is written by hand. Next, in 05, it becomes a part of its own, with a memory of
# the steps before.
