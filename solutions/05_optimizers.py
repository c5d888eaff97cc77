# %% [markdown]
# # 05 Optimizers
#
# `loss.backward()` says of every parameter how fast the loss grows with it. What is left is a decision: how far to
# move each of them, and when. So far you made it with one line, `p.data -= lr * p.grad`. An **optimizer** is
# the part of a framework that makes this decision well.
#
# Think of a package manager. What could be updated is known: somebody else made the list. The package manager
# decides how much of it to apply, and in which order, and it keeps a lock file, which says where things stand. The
# list is the gradients. The lock file will be called **state**.
#
# You will write `SGD` with momentum, `RMSprop`, `Adam` and `AdamW`, each first as a formula and then without
# wasting memory; schedules for the learning rate; gradient clipping; and saving and loading. Names and results are
# PyTorch's.

# %%
import copy
from timeit import timeit

from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import Linear, Parameter, ReLU, Sequential
from tinytorch.tensor import manual_seed
from tito import show
from tito.datasets import digits
from tito.live import check, extend, hint

# %%
#| export
"""Optimizers: rules that move parameters down their gradients, and schedules for how far."""

import math

import numpy as np

from tinytorch.autograd import Tensor, writes
from tinytorch.tensor import on_arrays

# %% [markdown]
# ## 1. How far?
#
# Take the simplest loss there is, $f(x) = x^2$, with slope $2x$. Gradient descent goes against the slope, by `lr`
# times the slope. From $x = 1$ with `lr=0.1`, the next point is $1 - 0.1 \cdot 2 = 0.8$, and the one after that
# 0.64. Every step multiplies $x$ by $1 - 2\,lr = 0.8$.
#
# So one number decides everything. Check yourself: which `lr` reaches the bottom in one step? (0.5.) What happens
# with `lr=1`? (The factor is -1: it jumps from 1 to -1 and back, for ever.)


# %%
def descend(slope, x, lr, steps):
    """The points that gradient descent visits, from x on."""
    path = [x]
    for _ in range(steps):
        x = x - lr * slope(x)
        path.append(x)
    return path


show.slides(
    np.square,
    {
        "lr = 0.05: too small": descend(lambda x: 2 * x, 1.5, 0.05, 12),
        "lr = 0.4: right": descend(lambda x: 2 * x, 1.5, 0.4, 12),
        "lr = 1.05: diverges": descend(lambda x: 2 * x, 1.5, 1.05, 5),
    },
)

# %% [markdown]
# With one parameter you would just choose well. The trouble begins with two. Here is a long valley:
#
# $$f(x, y) = \tfrac{1}{2}\left(x^2 + 20 y^2\right) \qquad \text{slopes: } x \text{ and } 20 y$$
#
# A step multiplies $x$ by $1 - lr$, and $y$ by $1 - 20\,lr$. Across the valley, `lr` must stay below 0.1, or $y$
# diverges. But along the valley, `lr=0.1` takes away a tenth of $x$ only. One learning rate has to serve both: it
# is too large for one direction and too small for the other. A network has a million directions.
#
# The rules that follow answer this in one of two ways: **remember where you were going** (momentum), or **give each
# direction a scale of its own** (RMSprop, Adam).

# %% [markdown]
# ## 2. A home for the rule
#
# Every rule has the same work around it: go through the parameters, skip those without a gradient, keep what must
# be remembered for each. That is the class `Optimizer`. The rule itself is one method, `update`, which a subclass
# has.
#
# Two words first.
#
# **Groups.** Not all parameters need the same treatment. A pre-trained part should move slowly, say. So parameters
# come in groups, each a dict, with options of its own where it wants them. With `lr=0.01` and `momentum=0` as the
# optimizer's own options, the **defaults**:
#
# | given | becomes the group |
# |---|---|
# | `{"params": [a, b]}` | `{"params": [a, b], "lr": 0.01, "momentum": 0}` |
# | `{"params": [c], "lr": 0.1}` | `{"params": [c], "lr": 0.1, "momentum": 0}` |
#
# A plain list of parameters is one group.
#
# **State.** What a rule remembers of one parameter is a dict too: empty at first, with names and arrays as the rule
# likes. The optimizer keeps them in `self.state`, by parameter. (That is why a tensor's hash goes by identity:
# *this* parameter, not one with the same values.)


# %%
#| export
class Optimizer:
    """Moves parameters by their gradients; a subclass says how, in `update`.

    `params` are tensors, or groups of them: dicts with tensors under "params" and options of
    their own. `defaults` are the options of a group that does not say otherwise.
    """

    _spare = np.empty(0, np.uint8)  # scratch memory, until an update needs some

    def __init__(self, params, defaults):
        if isinstance(params, (Tensor, dict)) or not hasattr(params, "__iter__"):
            raise TypeError(
                "an optimizer takes a list of tensors or of groups, such as model.parameters(), "
                f"not a {type(params).__name__}"
            )
        self.defaults = defaults
        self.param_groups = []
        self.state = {}  # parameter -> what is remembered of it, by name
        groups = list(params)
        if not groups:
            raise ValueError("an optimizer needs parameters, and got none")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, group):
        """Take on more parameters: a dict with "params", a tensor or several, and options."""
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = set(self._parameters())
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"an optimizer moves tensors, not a {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(
                    f"a tensor made by {p.node.op.__name__} is computed anew each time: "
                    "an optimizer can move leaves only"
                )
            if p in known:
                raise ValueError(f"a parameter of shape {p.shape} is there twice")
            known.add(p)
        unknown = sorted(group.keys() - self.defaults.keys() - {"params", "initial_lr"})
        if unknown:
            name, has = type(self).__name__, ", ".join(self.defaults)
            raise TypeError(f"{name} has no option {unknown[0]}; it has {has}")
        self.param_groups.append({**self.defaults, **group, "params": params})

    def _parameters(self):
        """All parameters, group by group."""
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or with False set those there are to 0."""
        for p in self._parameters():
            p.grad = None if set_to_none or p.grad is None else p.grad.zero_()

    def update(self, p, grad, state, **options):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to update")


# %% [markdown]
# What `step` does is left to write. It is the same for all optimizers, so it hands everything else to `update`: the
# parameter and its gradient **as arrays**, the parameter's state, and the options of its group.
#
# One thing is easy to forget. `update` will write into a parameter's memory, behind the back of the recorded graph.
# A loss that was computed before the step still refers to that memory: go backward through it now, and the rules
# would read the *new* weights. 02 keeps a log of writes, and refuses to go backward through what was overwritten.
# So tell the log: `writes.note(array)`.
#
# ### Exercise: `optimizer_step`
#
# Write `step`. For each group in `self.param_groups`:
#
# 1. Its options for `update` are those entries whose names are in `self.defaults`. (Besides, a group holds
#    `params`, and notes that schedules make.)
# 2. Leave alone each parameter whose `grad` is None.
# 3. For every other: get its dict from `self.state`, which is an empty one the first time, and **stays** in
#    `self.state`. Call `self.update` with `p.array`, the gradient's array, the dict, and the options as keywords.
#    Then note the write.
#
# Check yourself: a parameter of a frozen layer has no gradient. How many entries has `self.state` for it after ten
# steps? (None.)
#
# <details><summary>Hint 1</summary>The options: <code>{name: group[name] for name in self.defaults}</code>, made
# once for each group.</details>
# <details><summary>Hint 2</summary><code>self.state.setdefault(p, {})</code> gives the dict that is there, and puts
# an empty one there if none is. (<code>get(p, {})</code> would forget it again.)</details>
# <details><summary>Hint 3</summary><code>self.update(p.array, p.grad.array, state, **options)</code>, then
# <code>writes.note(p.array)</code>.</details>


# %% exercise="optimizer_step" points=3
#| export
@extend(Optimizer)
def step(self):
    """Move every parameter that has a gradient."""
    ### BEGIN SOLUTION
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is not None:
                state = self.state.setdefault(p, {})
                self.update(p.array, p.grad.array, state, **options)
                writes.note(p.array)  # a graph recorded before is stale now
    ### END SOLUTION


# %% [markdown]
# A rule needs no class to be tried out. Here is an optimizer, for this notebook only, that takes any function from
# `p`, `grad` and `state` to the new `p`. Gradient descent is one line:


# %%
class ByRule(Optimizer):
    """Moves each parameter to where a function says: rule(p, grad, state, **options) -> new p."""

    def __init__(self, params, rule, **options):
        super().__init__(params, options)
        self.rule = rule

    def update(self, p, grad, state, **options):
        p[...] = self.rule(p, grad, state, **options)


def plain_descent(p, grad, state, lr):
    return p - lr * grad


p = Parameter([1.0, 10.0])
optimizer = ByRule([p], plain_descent, lr=0.1)
(p * p).sum().backward()  # the gradient is 2 p
optimizer.step()
print(p)

# %% [markdown]
# And the valley, with the path that it takes. `walk_down` is all a training loop does: forget the old gradients, go
# backward, step.

# %%
steepness = Tensor([1.0, 20.0])


def valley_loss(p):
    return (steepness * p * p).sum() * 0.5


def walk_down(loss, make, start, steps):
    """The points that an optimizer visits; `make` makes it from a list of parameters."""
    p = Parameter(start)
    optimizer = make([p])
    path = [p.array.copy()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss(p).backward()
        optimizer.step()
        path.append(p.array.copy())
    return np.array(path)


start = [-4.0, 1.0]
descent = walk_down(valley_loss, lambda ps: ByRule(ps, plain_descent, lr=0.09), start, 30)
show.valley(lambda x, y: (x**2 + 20 * y**2) / 2, {"gradient descent, lr 0.09": descent})

# %% [markdown]
# It zigzags across the valley, and crawls along it. After 30 steps it is at about -0.24, and y has gone to and fro
# all the way.
#
# ## 3. Momentum
#
# Let go of a ball at the edge of the valley instead. It has mass: it keeps its direction, and the slope only
# changes its **velocity**. Across the valley, one push to the left and the next to the right cancel. Along the
# valley, all pushes go the same way and add up.
#
# In numbers. The velocity keeps a share, `momentum=0.9`, of what it was, and takes up the gradient. Let the
# gradient be 1 each time:
#
# | step | velocity | p, with `lr=1`, from 0 |
# |---|---|---|
# | 1 | 1 | -1 |
# | 2 | 0.9 · 1 + 1 = 1.9 | -2.9 |
# | 3 | 0.9 · 1.9 + 1 = 2.71 | -5.61 |
# | many | 10 | |
#
# Where the gradient stays the same, the steps grow up to $1/(1 - 0.9) = 10$ times as long. Where it changes sign,
# they shrink. That is why a learning rate that was right without momentum is too large with it.
#
# ### Exercise: `heavy_ball`
#
# Write it as a formula first, with new arrays wherever they come about. Like `plain_descent`, it returns where `p`
# goes. The velocity lives in `state["momentum_buffer"]`, as PyTorch calls it; there is none the first time, when
# the velocity is just the gradient.
#
# 1. new velocity = momentum · old velocity + grad
# 2. new p = p - lr · new velocity
#
# Do not change `p` or `grad`. Like `matmul_loops` in 01, this version does not go into the package. It is here to
# be clear, and to be measured.
#
# <details><summary>Hint 1</summary><code>state.get("momentum_buffer", 0)</code> is 0 where there is none
# yet.</details>
# <details><summary>Hint 2</summary>Put the new velocity back into <code>state["momentum_buffer"]</code>, then
# return <code>p - lr * velocity</code>. The learning rate is not part of the velocity.</details>


# %% exercise="heavy_ball" points=2
def heavy_ball(p, grad, state, lr, momentum=0.9):
    """Where `p` goes next, by a velocity that keeps a share of itself each step (Polyak 1964)."""
    ### BEGIN SOLUTION
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    return p - lr * velocity
    ### END SOLUTION


# %%
memory, p = {}, 0.0
for _ in range(4):
    p = heavy_ball(p, 1.0, memory, lr=1)
    print(f"velocity {memory['momentum_buffer']:.3f}, p {p:.3f}")

# %% [markdown]
# ## 4. Nesterov
#
# A ball notices that the slope has changed only after it has rolled on. One can look ahead: whatever the next
# gradient will be, the share `momentum` of the velocity will be part of the next step. So take that part now
# already, together with this gradient:
#
# $$\text{step} = \text{grad} + \text{momentum} \cdot \text{velocity}$$
#
# where the velocity is the new one. With a gradient of 1 each time, the velocities are 1, 1.9, 2.71 as before, and
# the steps are $1 + 0.9 \cdot 1 = 1.9$, then 2.71, then 3.439. Those are the heavy ball's steps, one ahead. When
# the gradient turns, the new one counts twice, in the velocity and by itself, so it brakes earlier.
#
# ### Exercise: `nesterov`
#
# The same with the step above. Check yourself: from `p = 0` with gradients 1, 1 and `lr=1`, where is p after two
# steps? ($-1.9 - 2.71 = -4.61$.) And with gradients 1, -1? (The velocity is $0.9 - 1 = -0.1$, the second step
# -1.09: it turns at once, while the heavy ball hardly moves, by 0.1.)
#
# <details><summary>Hint 1</summary>The velocity is computed and kept as in <code>heavy_ball</code>. Only the line
# that returns differs.</details>
# <details><summary>Hint 2</summary><code>return p - lr * (grad + momentum * velocity)</code>, with the new
# velocity.</details>


# %% exercise="nesterov" points=1
def nesterov(p, grad, state, lr, momentum=0.9):
    """Where `p` goes next, by a velocity that looks one step ahead (Nesterov 1983)."""
    ### BEGIN SOLUTION
    velocity = momentum * state.get("momentum_buffer", 0) + grad
    state["momentum_buffer"] = velocity
    return p - lr * (grad + momentum * velocity)
    ### END SOLUTION


# %%
paths = {"gradient descent, lr 0.09": descent}
for rule in (heavy_ball, nesterov):
    paths[f"{rule.__name__}, lr 0.03"] = walk_down(
        valley_loss, lambda ps, rule=rule: ByRule(ps, rule, lr=0.03, momentum=0.8), start, 30
    )
show.valley(lambda x, y: (x**2 + 20 * y**2) / 2, paths)

# %% [markdown]
# Both turn into the valley and then run along it, with a learning rate three times smaller. The ball overshoots the
# bottom and swings; Nesterov's version swings less.

# %% [markdown]
# ## 5. In place
#
# Now look at what the formulas cost. `p - lr * (grad + momentum * velocity)` makes four new arrays; the new
# velocity takes two more. For the first layer of a digit classifier, 784 × 256 weights, each is 0.8 MB. They are
# filled, read once, and thrown away, in every step. Memory is slow compared with arithmetic, so that is where the
# time goes.
#
# NumPy can write a result into memory that is there: `np.multiply(a, b, out=c)`. And `a += b` changes `a` itself.
# With one spare array, `scratch`, plain descent needs no new memory:
#
# ```python
# np.multiply(grad, lr, out=scratch)
# p -= scratch
# ```
#
# Whoever reuses memory must know whose it is:
#
# | array | may be written? |
# |---|---|
# | `p` | must be: the model holds this very array |
# | what `state` remembers | yes, it is ours |
# | `scratch` | yes, and what it held before is gone |
# | `grad` | **never**: two parameters may share one array, since the rule of `+` hands the same gradient to both sides |
#
# There is a second saving. An update goes over the same arrays several times. If they are larger than the
# processor's cache, each pass fetches them from memory again. So we cut them into pieces of about 65,000 values,
# and do **all** passes on one piece before the next. Four such arrays are one megabyte: that stays in the cache.
# The method `pieces` does the cutting, and adds scratch memory of the right shape, the same for all pieces and all
# steps.


# %%
#| export
@extend(Optimizer)
def pieces(self, *arrays):
    """Matching views of `arrays`, which have one shape, and scratch memory: a tuple for each piece.

    What an update does to a piece passes over it many times. Pieces of at most 2**16 values,
    where the shape allows it, stay in the processor's cache meanwhile. None stays None. The
    scratch memory is the same each time.
    """
    whole = arrays[0]
    cuts = [...]
    if whole.size > 2**16:
        rows = max(1, 2**16 * len(whole) // whole.size)
        cuts = [slice(start, start + rows) for start in range(0, len(whole), rows)]
    for cut in cuts:
        piece = [None if array is None else array[cut] for array in arrays]
        yield *piece, self._scratch(piece[0])


@extend(Optimizer)
def _scratch(self, like):
    """Memory with the shape and dtype of `like`, for results in between; no part of the state."""
    if self._spare.nbytes < like.nbytes:
        self._spare = np.empty(like.nbytes, np.uint8)
    return self._spare[: like.nbytes].view(like.dtype).reshape(like.shape)


# %%
a, b = np.zeros((1000, 300), np.float32), np.ones((1000, 300), np.float32)
for part, other, scratch in optimizer.pieces(a, b):
    part += other
    place = scratch.__array_interface__["data"][0]
    print(f"{part.shape}, {part.nbytes:,} bytes, scratch at address {place:#x}")
print("all of a was reached:", a.min() == 1)

# %% [markdown]
# `SGD` is given up to its rule. Stochastic gradient descent is gradient descent with a gradient from a few samples.
# Besides `lr`, `momentum` and `nesterov` it has two options that are given below:
#
# - `weight_decay` pulls every weight towards zero. A penalty $\tfrac{1}{2}\,decay \cdot p^2$ in the loss would have
#   the slope $decay \cdot p$; so that is simply added to the gradient.
# - `dampening` takes its share off what a gradient adds to the velocity, except for the first. It is there because
#   PyTorch has it; hardly anybody uses it.


# %%
#| export
def _check_not_negative(**options):
    """A ValueError names the first option below 0."""
    for name, value in options.items():
        if value < 0:
            raise ValueError(f"{name} is at least 0, not {value}")


def _recall(state, p, *names):
    """The arrays in `state` under these names; at first, zeros in the shape of `p`."""
    for name in names:
        if name not in state:
            state[name] = np.zeros_like(p)
    return [state[name] for name in names]


# %%
#| export
class SGD(Optimizer):
    """Gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013).

    velocity = momentum * velocity + (1 - dampening) * grad, where the first is grad itself, and
    p = p - lr * velocity; with nesterov, p = p - lr * (grad + momentum * velocity). Without
    momentum, p = p - lr * grad. `weight_decay` * p is added to the gradient first.
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        _check_not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                "nesterov needs momentum above 0 and no dampening, "
                f"not momentum={momentum} and dampening={dampening}"
            )
        defaults = dict(lr=lr, momentum=momentum, dampening=dampening)
        super().__init__(params, {**defaults, "weight_decay": weight_decay, "nesterov": nesterov})

    def update(self, p, grad, state, momentum, dampening, **options):
        if "momentum_buffer" not in state:
            dampening = 0  # the first gradient counts in full
        velocity = _recall(state, p, "momentum_buffer")[0] if momentum else None
        for piece in self.pieces(p, grad, velocity):
            sgd(*piece, momentum=momentum, dampening=dampening, **options)


# %% [markdown]
# ### Exercise: `sgd`
#
# Write the rule in place, for one piece: `p`, `grad`, `velocity` and `scratch` have one shape. `velocity` is zeros
# at first, and None if there is no momentum. `push` is what the gradient adds to the velocity.
#
# | what | without momentum | with momentum | with Nesterov |
# |---|---|---|---|
# | velocity | | momentum · velocity + push | the same |
# | the direction | grad | velocity | grad + momentum · velocity |
# | p | p - lr · direction | p - lr · direction | p - lr · direction |
#
# No line may make a new array of this size: `velocity *= momentum` is fine, `velocity = momentum * velocity` is not
# (and `velocity` would then be another array than the one in the state). Write into `p`, `velocity` and `scratch`
# only. (The lines above the blank do make new arrays where weight decay or dampening is wanted, of the size of a
# piece: that costs a little, and spares a second scratch array.)
#
# Check yourself: `p = 1`, gradient 2, `lr=0.1`, no momentum. (0.8.) With `momentum=0.9`, and a gradient of 2 again?
# (The velocity is 3.8; 0.8 - 0.38 = 0.42.)
#
# <details><summary>Hint 1</summary>Let <code>direction = grad</code> first. If there is momentum: <code>velocity *=
# momentum</code>, <code>velocity += push</code>, and <code>direction = velocity</code>. That is only another name
# for the array.</details>
# <details><summary>Hint 2</summary>With Nesterov: <code>np.multiply(velocity, momentum, out=scratch)</code>,
# <code>scratch += grad</code>, <code>direction = scratch</code>.</details>
# <details><summary>Hint 3</summary>At the end, in all cases: <code>np.multiply(direction, lr, out=scratch)</code>
# and <code>p -= scratch</code>. NumPy may write over an input of the same operation, value by value.</details>


# %% exercise="sgd" points=3
#| export
@on_arrays
def sgd(p, grad, velocity, scratch, lr, momentum, dampening, weight_decay, nesterov):
    """One step of SGD on arrays of one shape, in place: `p`, `velocity` and `scratch` are written.

    `velocity` is None without momentum, and zeros at first.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    push = (1 - dampening) * grad if dampening else grad
    ### BEGIN SOLUTION
    direction = grad
    if momentum:
        velocity *= momentum
        velocity += push
        direction = velocity
    if nesterov:
        np.multiply(velocity, momentum, out=scratch)
        scratch += grad
        direction = scratch
    np.multiply(direction, lr, out=scratch)
    p -= scratch
    ### END SOLUTION


# %% [markdown]
# Both versions, on the weights of a 784-256-10 classifier. `random_gradients` makes such weights and gradients of
# the right shapes.


# %%
def random_gradients(*shapes):
    """Parameters of these shapes, each with a gradient."""
    rng = np.random.default_rng(0)
    parameters = [Parameter(rng.standard_normal(shape, np.float32)) for shape in shapes]
    for p in parameters:
        p.grad = Tensor(rng.standard_normal(p.shape, np.float32))
    return parameters


def seconds(number, **runs):
    """The best time of each run, which take turns: everything slower was somebody else's work."""
    best = dict.fromkeys(runs, np.inf)
    for _ in range(8):
        for name, run in runs.items():
            best[name] = min(best[name], timeit(run, number=number) / number)
    return {name.replace("_", " "): time for name, time in best.items()}


mlp = [(256, 784), (256,), (10, 256), (10,)]
plain = ByRule(random_gradients(*mlp), nesterov, lr=1e-4, momentum=0.9)
in_place = SGD(random_gradients(*mlp), lr=1e-4, momentum=0.9, nesterov=True)
show.ladder(seconds(50, new_arrays=plain.step, in_place=in_place.step))

# %% [markdown]
# Now a real program, at last without `p.data`. If you have seen one PyTorch script, you have seen the line that
# makes the optimizer. The options stay in the group, so they can be changed on the way:

# %%
images, labels = digits()
inputs, targets = Tensor(images.reshape(len(images), -1)), Tensor(labels)
manual_seed(0)
model = Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
loss_function = CrossEntropyLoss()

optimizer = SGD(model.parameters(), lr=0.01)
for lr, momentum in ((0.01, 0), (0.1, 0), (0.1, 0.9)):
    optimizer.param_groups[0].update(lr=lr, momentum=momentum)
    for _ in range(100):
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
    print(f"100 more steps with lr={lr}, momentum={momentum}: loss {loss.item():.3f}")

# %% [markdown]
# ## 6. RMSprop: a scale for each value
#
# Momentum remembers a direction. The other idea is to give each parameter a learning rate of its own. A parameter
# whose gradients are around 100 should move with a small one, a parameter whose gradients are around 0.01 with a
# large one. So divide each gradient by its usual size, and what is left is around 1 for both.
#
# The usual size is the root of the mean square. "Mean" means a **running mean** here, which forgets slowly. Each
# step it keeps the share `alpha=0.99` and takes up 0.01 of the new square:
#
# | | step 1 | step 2 |
# |---|---|---|
# | gradient | 2 | 2 |
# | square | 0.99 · 0 + 0.01 · 4 = 0.04 | 0.99 · 0.04 + 0.01 · 4 = 0.0796 |
# | its root | 0.2 | 0.282 |
# | gradient / root | 10 | 7.09 |
#
# Instead of 2, take 200: the roots are 20 and 28.2, and the last row is the same. The size of the gradient is gone;
# what is left is its sign, and how it compares with its past.
#
# ### Exercise: `rmsprop`
#
# Write this in place, for one piece. `square` is the running mean of the squares. In the end, `scratch` shall hold
# grad / (root + eps). The small number `eps` guards against dividing by 0. The lines that are given go on from
# there.
#
# 1. square = alpha · square + (1 - alpha) · grad²
# 2. scratch = grad / (√square + eps)
#
# Check yourself: `p = 0`, gradient 2, `lr=0.01`. Where is p after one step? (At -0.1: ten times the learning rate,
# for any gradient but 0.)
#
# <details><summary>Hint 1</summary>For 1: <code>np.multiply(grad, grad, out=scratch)</code>, <code>scratch *= 1 -
# alpha</code>, <code>square *= alpha</code>, <code>square += scratch</code>.</details>
# <details><summary>Hint 2</summary>For 2, the root goes into scratch, not into <code>square</code>:
# <code>np.sqrt(square, out=scratch)</code>, <code>scratch += eps</code>.</details>
# <details><summary>Hint 3</summary>Last, <code>np.divide(grad, scratch, out=scratch)</code>.</details>


# %%
#| export
class RMSprop(Optimizer):
    """Gradients divided by the root of their running mean square (Hinton 2012).

    square = alpha * square + (1 - alpha) * grad², and p = p - lr * grad / (sqrt(square) + eps).
    With momentum, a velocity sums up these quotients. `weight_decay` * p is added to the gradient
    first.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0):
        _check_not_negative(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)
        _check_not_negative(momentum=momentum)
        defaults = dict(lr=lr, momentum=momentum, alpha=alpha, eps=eps, weight_decay=weight_decay)
        super().__init__(params, defaults)

    def update(self, p, grad, state, momentum, **options):
        state["step"] = state.get("step", 0) + 1
        (square,) = _recall(state, p, "square_avg")
        velocity = _recall(state, p, "momentum_buffer")[0] if momentum else None
        for piece in self.pieces(p, grad, square, velocity):
            rmsprop(*piece, momentum=momentum, **options)


# %% exercise="rmsprop" points=3
#| export
@on_arrays
def rmsprop(p, grad, square, velocity, scratch, lr, momentum, alpha, eps, weight_decay):
    """One step of RMSprop on arrays of one shape, in place: all but `grad` are written.

    `velocity` is None without momentum; it and `square` are zeros at first.
    """
    if weight_decay:
        grad = grad + weight_decay * p
    ### BEGIN SOLUTION
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - alpha
    square *= alpha
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += eps
    np.divide(grad, scratch, out=scratch)
    ### END SOLUTION
    if momentum:
        velocity *= momentum
        velocity += scratch
        np.multiply(velocity, lr, out=scratch)
    else:
        scratch *= lr
    p -= scratch


# %%
p = Parameter([0.0, 0.0, 0.0])
optimizer = RMSprop([p], lr=0.01)
p.grad = Tensor([0.002, 2, 2000])
for _ in range(2):
    optimizer.step()
    print(p)

# %% [markdown]
# ## 7. Adam
#
# Adam does both: it keeps a running mean of the gradients, for the direction, and one of their squares, for the
# scale. And it mends what you just saw: RMSprop's first step is ten times too long.
#
# Why is it? The running mean starts at 0, and believes that for a while. With a gradient of 1 each time and
# `beta=0.9`, it goes 0.1, 0.19, 0.271, … It is a mean of which a part is still the zero of the beginning. How large
# a part is known: after $t$ steps, $0.9^t$. So divide by the rest, $1 - 0.9^t$:
#
# | step | mean | 1 - 0.9ᵗ | corrected |
# |---|---|---|---|
# | 1 | 0.1 | 0.1 | 1 |
# | 2 | 0.19 | 0.19 | 1 |
# | 3 | 0.271 | 0.271 | 1 |
#
# For the squares, with 0.999, the correction matters for some thousand steps:


# %%
def running_means(values, beta):
    """The running means of values, as they are and corrected."""
    mean, means, corrected = 0, [], []
    for t, value in enumerate(values, 1):
        mean = beta * mean + (1 - beta) * value
        means.append(mean)
        corrected.append(mean / (1 - beta**t))
    return means, corrected


noisy = 1 + 0.5 * np.random.default_rng(0).standard_normal(2000)
mean, corrected = running_means(noisy, 0.999)
show.curves(
    {"running mean, beta 0.999": mean, "corrected": corrected, "true mean": np.ones(2000)},
    "A running mean starts too low, and the correction mends it",
    "mean",
)

# %% [markdown]
# ### Exercise: `plain_adam`
#
# Write Adam as its paper has it, with new arrays. `state` is empty the first time; keep in it `"step"`, a number,
# and `"exp_avg"` and `"exp_avg_sq"`, as PyTorch calls the two means.
#
# 1. Count the step: $t$ is 1 the first time.
# 2. mean = beta1 · mean + (1 - beta1) · grad
# 3. square = beta2 · square + (1 - beta2) · grad²
# 4. Correct both, for this step only: mean / (1 - beta1ᵗ), and the square likewise. The state keeps the
#    uncorrected.
# 5. Return p - lr · corrected mean / (√corrected square + eps)
#
# Check yourself: what is the first step for a gradient of 0.003, with `lr=0.01`? (Corrected, the mean is 0.003 and
# the square 0.003². The quotient is 1, and the step is 0.01.) And for a gradient of 3000? (0.01 as well.) **Adam's
# first step is the learning rate, whatever the gradient.** All later steps are about as long, or shorter where
# gradients change their sign.
#
# <details><summary>Hint 1</summary>As before, <code>state.get("exp_avg", 0)</code> for what may not be there
# yet.</details>
# <details><summary>Hint 2</summary>Two correcting factors, with <code>t = state["step"]</code>: <code>1 -
# beta1**t</code> and <code>1 - beta2**t</code>. Put the corrected means into variables, not into the
# state.</details>
# <details><summary>Hint 3</summary>The last line: <code>return p - lr * mean / (np.sqrt(square) + eps)</code>; eps
# stands outside of the root.</details>


# %% exercise="plain_adam" points=3
def plain_adam(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    """Where `p` goes next, by running means of gradient and square (Kingma & Ba 2015)."""
    beta1, beta2 = betas
    ### BEGIN SOLUTION
    state["step"] = t = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    mean = state["exp_avg"] / (1 - beta1**t)
    square = state["exp_avg_sq"] / (1 - beta2**t)
    return p - lr * mean / (np.sqrt(square) + eps)
    ### END SOLUTION


# %%
memory, p = {}, np.zeros(3)
for grad in ([0.003, 3, 3000], [0.003, -3, 3000], [0.003, 3, 0]):
    p = plain_adam(p, np.array(grad), memory, lr=0.01)
    print("after gradients", grad, "p is", p.round(4))

# %%
del paths["nesterov, lr 0.03"]
paths["plain_adam, lr 0.3"] = walk_down(
    valley_loss, lambda ps: ByRule(ps, plain_adam, lr=0.3), start, 30
)
show.valley(lambda x, y: (x**2 + 20 * y**2) / 2, paths)

# %% [markdown]
# Adam's first steps are as long along x as along y, although the gradients are 4 and 20: it does not see that one
# direction is steeper. (A valley that runs diagonally is another matter. There, a scale for each axis is no help.
# The milestone has one that bends.)

# %% [markdown]
# ## 8. Adam in place
#
# Count the passes over memory in the last line of `plain_adam`. Two corrections, a root, plus eps, a division,
# times lr, a subtraction: seven. Some of that is arithmetic with constants, which can be done once, on Python
# numbers. With $c_1 = 1 - \beta_1^t$ and $c_2 = 1 - \beta_2^t$, multiply above and below by $\sqrt{c_2}$:
#
# $$lr \cdot \frac{mean / c_1}{\sqrt{square / c_2} + eps} \;=\;
#   \underbrace{lr \cdot \frac{\sqrt{c_2}}{c_1}}_{scale} \cdot \frac{mean}{\sqrt{square} + \underbrace{eps \cdot
#   \sqrt{c_2}}_{small}}$$
#
# Five passes are left: root, plus `small`, division, times `scale`, subtraction. Both numbers are given.
#
# ### Exercise: `adam`
#
# Write the rule in place, for one piece, writing into `mean`, `square`, `scratch` and `p` only:
#
# 1. mean = beta1 · mean + (1 - beta1) · grad
# 2. square = beta2 · square + (1 - beta2) · grad²
# 3. p = p - scale · mean / (√square + small)
#
# Check yourself: how many passes are 1 and 2, with one scratch array? (Three and four.)
#
# <details><summary>Hint 1</summary>1 and 2 are built like the square in <code>rmsprop</code>: first what is added,
# in scratch; then shrink the mean; then add.</details>
# <details><summary>Hint 2</summary>For 3: <code>np.sqrt(square, out=scratch)</code>, <code>scratch += small</code>,
# <code>np.divide(mean, scratch, out=scratch)</code>.</details>
# <details><summary>Hint 3</summary>Then <code>scratch *= scale</code> and <code>p -= scratch</code>. Twelve lines
# in all.</details>


# %%
#| export
class Adam(Optimizer):
    """Steps of about lr for each value, by means of gradient and square (Kingma & Ba 2015).

    mean = beta1 * mean + (1 - beta1) * grad, square = beta2 * square + (1 - beta2) * grad², and
    p = p - lr * mean / (sqrt(square) + eps), where both means are corrected for their start at 0.
    `weight_decay` * p is added to the gradient first.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        _check_not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError(f"betas are two shares from 0 to below 1, not {betas}")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def update(self, p, grad, state, lr, betas, eps, weight_decay):
        state["step"] = t = state.get("step", 0) + 1
        mean, square = _recall(state, p, "exp_avg", "exp_avg_sq")
        full = math.sqrt(1 - betas[1] ** t)
        scale, small = lr * full / (1 - betas[0] ** t), eps * full
        for piece in self.pieces(p, grad, mean, square):
            adam(*piece, betas, scale, small, weight_decay)


# %% exercise="adam" points=3
#| export
@on_arrays
def adam(p, grad, mean, square, scratch, betas, scale, small, weight_decay):
    """One step of Adam on arrays of one shape, in place: all but `grad` are written.

    `scale` is lr and `small` is eps, both with the corrections for a start at 0.
    """
    beta1, beta2 = betas
    if weight_decay:
        grad = grad + weight_decay * p
    ### BEGIN SOLUTION
    np.multiply(grad, 1 - beta1, out=scratch)
    mean *= beta1
    mean += scratch
    np.multiply(grad, grad, out=scratch)
    scratch *= 1 - beta2
    square *= beta2
    square += scratch
    np.sqrt(square, out=scratch)
    scratch += small
    np.divide(mean, scratch, out=scratch)
    scratch *= scale
    p -= scratch
    ### END SOLUTION


# %% [markdown]
# Three rungs this time: new arrays, in place, and in place with pieces. For the middle one, a subclass of `Adam`
# leaves the cutting out. First 16 tensors of 62,500 values, which fit the cache anyway, then one of four million.


# %%
class WholeAdam(Adam):
    """Adam that does each pass over the whole array."""

    def pieces(self, *arrays):
        yield *arrays, self._scratch(arrays[0])


for shapes in [(250, 250)] * 16, [(2000, 2000)]:
    times = seconds(
        1,
        new_arrays=ByRule(random_gradients(*shapes), plain_adam, lr=1e-3).step,
        in_place=WholeAdam(random_gradients(*shapes)).step,
        in_pieces=Adam(random_gradients(*shapes)).step,
    )
    print(f"{len(shapes)} of {shapes[0]}:")
    for name, time in times.items():
        print(f"  {name:10} {time * 1e3:6.2f} ms")
show.ladder({f"(2000, 2000), {name}": time for name, time in times.items()})

# %% [markdown]
# The arithmetic is the same in all three. What differs is how far the numbers have to travel.

# %% [markdown]
# ## 9. AdamW: decay that decays
#
# `SGD` adds `weight_decay * p` to the gradient. So does `Adam`, above, as PyTorch's does, and there it goes wrong.
# Let a weight be 1 and its gradient 0, and take the first step with `lr=0.1`:
#
# | weight_decay | gradient with decay | Adam's step |
# |---|---|---|
# | 0.1 | 0.1 | 0.1, whatever the gradient |
# | 0.0001 | 0.0001 | 0.1, whatever the gradient |
#
# The scale that Adam divides by takes the size of the decay out again. And a weight with large gradients is hardly
# decayed at all, since its decay is divided by them.
#
# AdamW leaves the gradient alone, and shrinks the weight itself, before Adam's step:
#
# $$p \leftarrow p \cdot (1 - lr \cdot weight\_decay)$$
#
# ### Exercise: `adamw`
#
# Write `update` for `AdamW`, a subclass of `Adam`. Shrink `p` in place; then let Adam's own `update` do its work,
# with no decay of its own. `options` has what is left: `betas` and `eps`.
#
# Check yourself: the weight 1 with gradient 0, `lr=0.1`, `weight_decay=0.1`. ($1 \cdot (1 - 0.01) = 0.99$, and Adam
# adds nothing.)
#
# <details><summary>Hint 1</summary><code>p *= 1 - lr * weight_decay</code> changes the array itself.</details>
# <details><summary>Hint 2</summary><code>super().update(p, grad, state, lr=lr, weight_decay=0,
# **options)</code></details>


# %%
#| export
class AdamW(Adam):
    """Adam whose weight decay stays out of the gradient (Loshchilov & Hutter 2019).

    Before Adam's step, p = p * (1 - lr * weight_decay).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)


# %% exercise="adamw" points=2
#| export
@extend(AdamW)
def update(self, p, grad, state, lr, weight_decay, **options):
    ### BEGIN SOLUTION
    p *= 1 - lr * weight_decay
    super().update(p, grad, state, lr=lr, weight_decay=0, **options)
    ### END SOLUTION


# %% [markdown]
# Two weights that start at 1. One has gradients of around 10, the other of around 0.01; both are noise around 0, so
# nothing but the decay should move them for good.


# %%
def under_noise(kind, **options):
    """What two weights go through, whose gradients are noise of size 10 and 0.01."""
    rng = np.random.default_rng(0)
    p = Parameter([1.0, 1.0])
    optimizer, path = kind([p], **options), []
    for _ in range(600):
        p.grad = Tensor(rng.standard_normal(2).astype(np.float32) * np.float32([10, 0.01]))
        optimizer.step()
        path.append(p.array.copy())
    return np.array(path).T


sizes = ("gradients of size 10", "gradients of size 0.01")
lines = {}
for kind in (Adam, AdamW):
    for size, path in zip(sizes, under_noise(kind, lr=2e-3, weight_decay=0.5)):
        lines[f"{kind.__name__}, {size}"] = path
show.curves(lines, "Two weights that should shrink alike, with weight_decay=0.5", "weight")

# %% [markdown]
# Under `AdamW`, both shrink alike. Under `Adam`, how fast a weight is decayed depends on its gradients: one hardly
# at all, the other at full speed.

# %% [markdown]
# ## 10. Schedules
#
# A learning rate need not stay the same. Large steps get into the right region, small ones settle there. And the
# very first steps are the most dangerous: nothing is known yet, and gradients are large. So one often warms up,
# goes fast, and slows down.
#
# A **schedule** holds an optimizer, and sets the `lr` of its groups. You call `schedule.step()` after
# `optimizer.step()`, or once for each pass over the data. `last_epoch` counts these calls, and each kind of
# schedule says in `get_lr` which learning rates go with a count. The rates that the groups had at the beginning are
# kept as `initial_lr`, in the group, and in `base_lrs`.
#
# The base class and the two simplest are given. `StepLR` multiplies by `gamma` every `step_size` steps. `LinearLR`
# goes from one factor to another, and then stays there.


# %%
#| export
class LRScheduler:
    """Sets the learning rates of an optimizer's groups, anew with each `step`.

    A subclass says in `get_lr` what they are after `last_epoch` steps, given `base_lrs`, those at
    the beginning. With a `last_epoch` other than -1, the schedule goes on after it, and each group
    must hold its "initial_lr". One optimizer has one schedule: a second would overrule the first.
    """

    def __init__(self, optimizer, last_epoch=-1):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule needs an optimizer, not a {type(optimizer).__name__}")
        self.optimizer = optimizer
        self.last_epoch = last_epoch
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError("to go on with a schedule, each group must hold its initial_lr")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def get_lr(self):
        """The learning rate of each group now."""
        raise NotImplementedError(f"{type(self).__name__} does not say what the learning rates are")

    def get_last_lr(self):
        """The learning rate of each group, as it was last set."""
        return list(self._last_lr)

    def step(self, epoch=None):
        """Go one step further, or to the step `epoch`."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set()

    def _set(self):
        """Write the learning rates of now into the groups."""
        self._last_lr = self.get_lr()
        for group, lr in zip(self.optimizer.param_groups, self._last_lr):
            group["lr"] = lr

    def state_dict(self):
        """Where the schedule stands, as plain values."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state):
        """Go on where another schedule of this kind stood."""
        vars(self).update(state)
        self._set()


def _check_steps(**options):
    """A ValueError names the number of steps that is not at least 1."""
    for name, value in options.items():
        if not value >= 1:
            raise ValueError(f"{name} is a number of steps, at least 1, not {value}")


class StepLR(LRScheduler):
    """The learning rate times `gamma`, every `step_size` steps."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        _check_steps(step_size=step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * self.gamma ** (self.last_epoch // self.step_size) for lr in self.base_lrs]


def anneal_linear(start, end, share):
    """From `start` to `end` along a line; `share` from 0 to 1 says how much of the way is done."""
    return start + (end - start) * share


class LinearLR(LRScheduler):
    """The learning rate times a factor that goes along a line for `total_iters` steps."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            raise ValueError(
                "factors are at most 1, start_factor above 0 and end_factor at least 0, "
                f"not {start_factor} and {end_factor}"
            )
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        share = min(self.last_epoch / self.total_iters, 1) if self.total_iters else 0
        factor = anneal_linear(self.start_factor, self.end_factor, share)
        return [lr * factor for lr in self.base_lrs]


# %%
def rates(schedule, steps):
    """The learning rates that a schedule goes through."""
    found = []
    for _ in range(steps):
        found += schedule.get_last_lr()
        schedule.step()
    return found


def fresh(lr=1.0):
    return SGD([Parameter([0.0])], lr=lr)


print("StepLR:  ", np.round(rates(StepLR(fresh(), step_size=2), 7), 3))
print("LinearLR:", np.round(rates(LinearLR(fresh(), total_iters=4), 7), 3))

# %% [markdown]
# A line has a corner at each end. Half a wave of the cosine has none: it leaves slowly, goes fastest in the middle
# and arrives slowly.
#
# $\cos$ goes from 1 at angle 0 to -1 at angle $\pi$. So $(1 + \cos(\pi \cdot share)) / 2$ goes from 1 to 0 while
# the share of the way goes from 0 to 1. That is how much of `start` is left; the rest is `end`.
#
# ### Exercise: `anneal_cosine`
#
# | start | end | share | |
# |---|---|---|---|
# | 1 | 0 | 0 | 1 |
# | 1 | 0 | 0.25 | 0.854 |
# | 1 | 0 | 0.5 | 0.5 |
# | 1 | 0 | 1 | 0 |
# | 3 | 1 | 0.5 | check yourself (2) |
#
# <details><summary>Hint 1</summary><code>left = (1 + math.cos(math.pi * share)) / 2</code></details>
# <details><summary>Hint 2</summary>From the end, add what is left of the difference: <code>end + (start - end) *
# left</code>.</details>


# %% exercise="anneal_cosine" points=1
#| export
def anneal_cosine(start, end, share):
    """From `start` to `end` along half a wave, slow at both ends; `share` is how much is done."""
    ### BEGIN SOLUTION
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION


# %%
#| export
class CosineAnnealingLR(LRScheduler):
    """From the learning rate to `eta_min` in `T_max` steps, along half a wave, and back up.

    Loshchilov & Hutter 2017, without their restarts.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        _check_steps(T_max=T_max)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        share = self.last_epoch / self.T_max
        return [anneal_cosine(lr, self.eta_min, share) for lr in self.base_lrs]


# %% [markdown]
# The one-cycle schedule does all at once: up to `max_lr` in the first 30 % of the steps, then down, to far below
# the start. While the learning rate is high, momentum is low, and the other way round, so that not both make the
# steps long at the same time.
#
# The way consists of **phases**. For 10 steps, counted 0 to 9, there are two:
#
# | last step | goes from | to |
# |---|---|---|
# | 2 | `"initial_lr"` | `"max_lr"` |
# | 9 | `"max_lr"` | `"min_lr"` |
#
# The names are entries of the group, since each group may have its own. The first phase starts at step 0, and each
# later one where the one before it ends.
#
# ### Exercise: `one_cycle`
#
# Write `phase`: in which phase is step `self.last_epoch`, and how much of it is done? `self.phases` is a list of
# `[last step, name at the start, name at the end]`. Return the two names and the share, a number from 0 to 1.
#
# A step at which one phase ends and the next starts belongs to the one that ends. One step more than there are
# belongs to the last phase, and its share is above 1.
#
# Check yourself: step 1 is half of the first phase: `("initial_lr", "max_lr", 0.5)`. Step 4? (It is 2 of the 7
# steps from 2 to 9: `("max_lr", "min_lr", 2/7)`.)
#
# <details><summary>Hint 1</summary>How many phases are over? Count those whose last step is below
# <code>self.last_epoch</code>, but leave out the last phase, which is never over:
# <code>self.phases[:-1]</code>.</details>
# <details><summary>Hint 2</summary>That count is also the place of the present phase in the list. It begins at the
# end of the one before, or at 0 if there is none.</details>
# <details><summary>Hint 3</summary>The share: <code>(self.last_epoch - begin) / (last - begin)</code>.</details>


# %%
#| export
_MOMENTUM_AT = {  # low where the learning rate is high
    "initial_lr": "max_momentum",
    "max_lr": "base_momentum",
    "min_lr": "max_momentum",
}


class OneCycleLR(LRScheduler):
    """Up to `max_lr`, then far down, while momentum goes the other way (Smith & Topin 2018).

    `max_lr` is a number, or a list with one for each group. The cycle begins at max_lr /
    div_factor, and ends at that / final_div_factor. The share `pct_start` of the steps goes up.
    With `three_phase`, the way down first mirrors the way up. `anneal_strategy` is "cos" or
    "linear". `total_steps` may be given as epochs * steps_per_epoch.
    """

    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
        last_epoch=-1,
    ):
        if total_steps is None:
            total_steps = (epochs or 0) * (steps_per_epoch or 0)
        if total_steps <= 0:
            raise ValueError("a cycle needs total_steps, or epochs and steps_per_epoch, above 0")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start is a share from 0 to 1, not {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'anneal_strategy is "cos" or "linear", not {anneal_strategy!r}')
        self.total_steps = total_steps
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        top, last = pct_start * total_steps - 1, total_steps - 1
        self.phases = [[top, "initial_lr", "max_lr"], [last, "max_lr", "min_lr"]]
        if three_phase:
            back = 2 * pct_start * total_steps - 2
            self.phases[1:] = [[back, "max_lr", "initial_lr"], [last, "initial_lr", "min_lr"]]
        if top == 0:
            del self.phases[0]  # a way up of no steps
        groups = optimizer.param_groups
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"{type(optimizer).__name__} has no momentum to cycle: set cycle_momentum=False"
            )
        highest = max_lr if isinstance(max_lr, (list, tuple)) else [max_lr] * len(groups)
        if len(highest) != len(groups):
            raise ValueError(f"max_lr has {len(highest)} values for {len(groups)} groups")
        if last_epoch == -1:
            for group, lr in zip(groups, highest):
                low = lr / div_factor
                group.update(initial_lr=low, max_lr=lr, min_lr=low / final_div_factor)
                if cycle_momentum:
                    group.update(max_momentum=max_momentum, base_momentum=base_momentum)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return self._between({})

    def _set(self):
        super()._set()
        if self.cycle_momentum:
            values = self._between(_MOMENTUM_AT)
            for group, momentum in zip(self.optimizer.param_groups, values):
                if "betas" in group:
                    group["betas"] = (momentum, group["betas"][1])
                else:
                    group["momentum"] = momentum

    def _between(self, instead):
        """For each group, the value between two of its entries where the cycle is now.

        `instead` names other entries to go between in the place of the learning rates.
        """
        start, end, share = self.phase()
        start, end = instead.get(start, start), instead.get(end, end)
        anneal = anneal_cosine if self.anneal_strategy == "cos" else anneal_linear
        return [anneal(g[start], g[end], share) for g in self.optimizer.param_groups]


# %% exercise="one_cycle" points=3
#| export
@extend(OneCycleLR)
def phase(self):
    """The names of the rates that the phase of now goes from and to, and how much of it is done."""
    if self.last_epoch > self.total_steps:
        raise ValueError(
            f"the cycle has {self.total_steps} steps, and this would be number {self.last_epoch}"
        )
    ### BEGIN SOLUTION
    over = sum(last < self.last_epoch for last, _, _ in self.phases[:-1])
    begin = self.phases[over - 1][0] if over else 0
    last, start, end = self.phases[over]
    return start, end, (self.last_epoch - begin) / (last - begin)
    ### END SOLUTION


# %%
steps = 40
show.curves(
    {
        "StepLR, step_size 10, gamma 0.5": rates(StepLR(fresh(), 10, gamma=0.5), steps),
        "LinearLR, total_iters 10": rates(LinearLR(fresh(), total_iters=10), steps),
        "CosineAnnealingLR, T_max 40": rates(CosineAnnealingLR(fresh(), T_max=steps), steps),
        "OneCycleLR, max_lr 1": rates(OneCycleLR(fresh(), max_lr=1, total_steps=steps), steps),
    },
    "Four schedules for a learning rate of 1",
    "lr",
)

# %% [markdown]
# ## 11. Clipping
#
# Now and then one batch has an enormous gradient: a wrong label, a steep place in the loss. With SGD, one such step
# throws the model far away, and what was learnt is gone. **Clipping** limits the gradients before the step.
#
# There are two ways. Let two parameters have the gradients 3 and 4, and the limit be 1:
#
# | | gradients | direction |
# |---|---|---|
# | before | 3, 4 | |
# | each value at most 1 | 1, 1 | another |
# | the length at most 1 | 0.6, 0.8 | the same |
#
# The length, or **norm**, is that of all gradients together, as one long list of numbers: $\sqrt{3^2 + 4^2} = 5$.
# If it is too large, all are multiplied by the same factor, $1 / 5$.
#
# The first way is given. Look at how it deals with memory: it writes into the gradients that are there. Who took one
# before, `g = p.grad`, holds what the optimizer will use, and not an old value.


# %%
#| export
def _with_gradients(parameters):
    """Those of the parameters, one tensor or several, that have a gradient."""
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p for p in parameters if p.grad is not None]


def clip_grad_value_(parameters, clip_value):
    """Limit each value of the gradients to the range from -clip_value to clip_value, in place."""
    for p in _with_gradients(parameters):
        p.grad[...] = np.clip(p.grad.array, -clip_value, clip_value)


# %% [markdown]
# ### Exercise: `clip_grad_norm_`
#
# 1. `norms` is given: the norm of each gradient by itself, and a 0 that changes nothing. The norm of them all is
#    the norm of these norms; $\sqrt{3^2 + 4^2}$ again. Use `np.linalg.norm(..., norm_type)` once more. (`norm_type`
#    2 is the length. Others are rarely used: with `math.inf` it is the largest value.) Call it `total`.
# 2. If it is not finite and `error_if_nonfinite` is set, raise a RuntimeError that says `the norm of the gradients
#    is inf, so they cannot be clipped`, with the norm in the place of `inf`.
# 3. The factor is max_norm / (total + 1e-6), but never above 1: short gradients are not made longer. The 1e-6 keeps
#    it from dividing by 0; PyTorch has the same.
# 4. Multiply every gradient by the factor, **in place**, as above. (If the factor is 1, there is nothing to do.)
#
# The last line is given. It returns the norm that was found, which is worth watching: a sudden jump in it is often the
# first sign of trouble.
#
# Check yourself: with gradients 3 and 4, what does `clip_grad_norm_(parameters, 10)` return, and what are the
# gradients after? (5, and still 3 and 4.)
#
# <details><summary>Hint 1</summary><code>total = np.linalg.norm(norms, norm_type)</code></details>
# <details><summary>Hint 2</summary><code>factor = min(max_norm / (total + 1e-6), 1.0)</code>, and one factor for
# all.</details>
# <details><summary>Hint 3</summary><code>p.grad *= factor</code>, for each <code>p</code> in
# <code>parameters</code>. (<code>p.grad = p.grad * factor</code> would be a new tensor.)</details>


# %% exercise="clip_grad_norm_" points=3
#| export
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Scale all gradients in place by one factor, so that their norm together is at most `max_norm`.

    Returns the norm before, a tensor of shape (). A RuntimeError if that is infinite or NaN and
    `error_if_nonfinite` is set.
    """
    parameters = _with_gradients(parameters)
    norms = [np.linalg.norm(p.grad.array.ravel(), norm_type) for p in parameters if p.grad.numel()]
    norms.append(0.0)  # in case there are none
    ### BEGIN SOLUTION
    total = np.linalg.norm(norms, norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"the norm of the gradients is {total}, so they cannot be clipped")
    factor = min(max_norm / (total + 1e-6), 1.0)
    if factor != 1:
        for p in parameters:
            p.grad *= factor
    ### END SOLUTION
    return Tensor(total, dtype=parameters[0].grad.dtype if parameters else None)


# %%
a, b = Parameter([0.0]), Parameter([0.0])
(3 * a + 4 * b).sum().backward()
print("norm", clip_grad_norm_([a, b], max_norm=1.0).item(), "then", a.grad, b.grad)

# %% [markdown]
# ## 12. The lock file
#
# A training run takes a night, and the machine restarts at three. The parameters were saved; you load them, make a
# new `Adam`, and go on. What happens?
#
# The new Adam knows nothing. Its running means are 0, its step count is 0, and its first step is the learning rate
# for every single parameter, whether it needed to move or not. The loss jumps. It is a checkout without its lock
# file: where things stood, the parameters alone do not say.
#
# An optimizer's `state_dict` gives a copy of it, in PyTorch's layout. Parameters are keys in `self.state`, but a file cannot hold
# *this very parameter*; so they are numbered, through all groups, in order:
#
# ```
# {"state": {0: {"step": …, "exp_avg": …, "exp_avg_sq": …}, 1: …},
#  "param_groups": [{"lr": 0.001, "betas": (0.9, 0.999), …, "params": [0, 1]}]}
# ```
#
# A parameter that was never moved has no entry in `"state"`. Scratch memory is not in there: nothing lives in it
# from one step to the next.
#
# The check that a state fits is given, and so is the way back for one value: an array in new memory, with the
# parameter's dtype; the step count as a Python number.


# %%
#| export
@extend(Optimizer)
def state_dict(self):
    """A copy of state and groups; parameters are numbered in order, as in PyTorch's."""
    numbers = {p: number for number, p in enumerate(self._parameters())}
    state = {
        numbers[p]: {name: Tensor(value) for name, value in remembered.items()}
        for p, remembered in self.state.items()
        if remembered
    }
    groups = [dict(group) for group in self.param_groups]
    for group in groups:
        group["params"] = [numbers[p] for p in group["params"]]
    return {"state": state, "param_groups": groups}


@extend(Optimizer)
def _check_fits(self, state):
    """A ValueError if `state` was not made by an optimizer of such parameters."""
    sizes = [len(group["params"]) for group in self.param_groups]
    saved_sizes = [len(group["params"]) for group in state["param_groups"]]
    if sizes != saved_sizes:
        raise ValueError(f"the groups have {sizes} parameters, the saved ones {saved_sizes}")
    for saved in state["param_groups"]:
        for name in ("amsgrad", "maximize", "centered"):  # PyTorch's, that change the rule
            if saved.get(name) and name not in self.defaults:
                raise ValueError(
                    f"{type(self).__name__} has no {name}, and the saved state uses it"
                )
    numbers = [number for saved in state["param_groups"] for number in saved["params"]]
    for number, p in zip(numbers, self._parameters()):
        for name, value in state["state"].get(number, {}).items():
            if name != "step" and np.shape(value) != p.shape:
                raise ValueError(
                    f"parameter {number} has shape {p.shape}, but its {name} {np.shape(value)}"
                )


def _restored(name, value, p):
    """A copy of a saved value as `update` uses it: a step count, or an array like `p`."""
    return int(value) if name == "step" else np.array(value, dtype=p.dtype)


# %% [markdown]
# ### Exercise: `load_optimizer_state`
#
# Write `load_state_dict`: take over what `state` says, once it is sure to fit.
#
# 1. Each of our groups, and the saved group in its place: the saved options become ours (`lr` and all others, even
#    those we do not know), but `"params"` stays our list of parameters.
# 2. `self.state` becomes a new dict from **our** parameters to what was saved under their number. Which number is
#    which parameter, the `"params"` lists tell: the saved list has the numbers, ours the parameters, in the same
#    order. Make a copy of each value with `_restored(name, value, p)`: the next step will write into it.
#
# A parameter without a saved entry gets none.
#
# Check yourself: a state is loaded into two optimizers, and the first makes a step. Does the second notice? (It
# must not.)
#
# <details><summary>Hint 1</summary>Loop over <code>zip(self.param_groups, state["param_groups"])</code>. For 1:
# <code>group.update({k: v for k, v in saved.items() if k != "params"})</code>.</details>
# <details><summary>Hint 2</summary>For 2, start with <code>self.state = {}</code>, and in the loop go through
# <code>zip(saved["params"], group["params"])</code>: pairs of a number and a parameter.</details>
# <details><summary>Hint 3</summary><code>if number in state["state"]: self.state[p] = {name: _restored(name, value,
# p) for name, value in state["state"][number].items()}</code></details>


# %% exercise="load_optimizer_state" points=3
#| export
@extend(Optimizer)
def load_state_dict(self, state):
    """Take over a copy of the state and the options that `state_dict` gave, here or in PyTorch.

    A ValueError says what does not fit; then nothing is changed.
    """
    self._check_fits(state)
    ### BEGIN SOLUTION
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({name: value for name, value in saved.items() if name != "params"})
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                remembered = state["state"][number]
                self.state[p] = {name: _restored(name, v, p) for name, v in remembered.items()}
    ### END SOLUTION


# %% [markdown]
# Does it hold? Train a model for 100 steps, and save it and its optimizer. Then come 50 more: without a break, from
# what was saved, and from what was saved without the optimizer's state.


# %%
def train(model, optimizer, steps):
    """Train on all the digits, and return the losses."""
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def small_model():
    manual_seed(1)
    return Sequential(Linear(64, 32), ReLU(), Linear(32, 10))


model = small_model()
optimizer = Adam(model.parameters(), lr=0.02)
losses = train(model, optimizer, 100)
saved_model, saved_state = copy.deepcopy(model.state_dict()), optimizer.state_dict()
lines = {"without a break": losses + train(model, optimizer, 50)}
for name, state in (("resumed without its state", None), ("resumed with its state", saved_state)):
    model = small_model()
    model.load_state_dict(saved_model)
    optimizer = Adam(model.parameters(), lr=0.02)
    if state:
        optimizer.load_state_dict(state)
    lines[name] = losses + train(model, optimizer, 50)

print("the same, to the last bit:", lines["resumed with its state"] == lines["without a break"])
show.curves(
    lines, "A break after 100 steps, with and without the optimizer's state", "loss", log=True
)

# %% [markdown]
# One more thing that a person wants: to see what an optimizer holds.


# %%
#| export
@extend(Optimizer)
def __repr__(self):
    lines = []
    for number, group in enumerate(self.param_groups):
        size = sum(p.numel() for p in group["params"])
        options = ", ".join(f"{k}={v}" for k, v in group.items() if k != "params")
        lines.append(
            f"  group {number}: {len(group['params'])} tensors, {size:,} values, {options}\n"
        )
    return f"{type(self).__name__}(\n{''.join(lines)})"


# %%
print(optimizer)
weight, *others = model.parameters()
print(SGD([{"params": weight, "weight_decay": 5e-4}, {"params": others}], lr=0.01, momentum=0.9))

# %% [markdown]
# ## 13. What it costs
#
# ### Bytes
#
# While a model learns, its parameters are not alone in memory: each has a gradient, and the optimizer's state.

# %%
layers = [(256, 784), (256,), (10, 256), (10,)]
for kind, options in (
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (RMSprop, {}),
    (Adam, {}),
    (AdamW, {}),
):
    parameters = random_gradients(*layers)
    optimizer = kind(parameters, lr=1e-4, **options)
    time = seconds(20, step=optimizer.step)["step"]
    values = sum(p.array.nbytes for p in parameters)
    state = sum(np.asarray(v).nbytes for s in optimizer.state.values() for v in s.values())
    name = kind.__name__ + (" with momentum" if options else "")
    print(
        f"{name:18} parameters {values / 1e6:.2f} MB, gradients {values / 1e6:.2f} MB, "
        f"state {state / 1e6:.2f} MB, step {time * 1e6:5.0f} µs"
    )

# %% [markdown]
# Adam takes four times the memory of the parameters alone. For large models that is what decides whether they fit.
#
# Its state is made in the first step, and stays; so does the scratch memory of section 5. `show.memory` measures such a
# step while it runs. Three blocks are made in the update: which are they?

# %%
model = Sequential(Linear(784, 64), ReLU(), Linear(64, 10))
optimizer = Adam(model.parameters())
rng = np.random.default_rng(0)
x, y = Tensor(rng.standard_normal((64, 784), np.float32)), Tensor(np.arange(64) % 10)


def first_step():
    loss_function(model(x), y).backward()
    optimizer.step()


show.memory(first_step)

# %% [markdown]
# ### Time
#
# A step costs a few passes over the parameters, however large the batch is. The products in forward and backward
# pass grow with the batch. So ask not how fast a step is, but what share of the whole it takes:

# %%
rng = np.random.default_rng(0)
model = Sequential(Linear(784, 256), ReLU(), Linear(256, 10))
optimizer = Adam(model.parameters())


def there_and_back(x, y):
    model.zero_grad()
    loss_function(model(x), y).backward()


for batch in (16, 64, 256):
    x = Tensor(rng.standard_normal((batch, 784), np.float32))
    y = Tensor(rng.integers(0, 10, batch))
    times = seconds(5, both=lambda x=x, y=y: there_and_back(x, y), step=optimizer.step)
    share = times["step"] / sum(times.values())
    print(f"batch {batch:3}: forward and backward {times['both'] * 1e3:5.2f} ms, step {share:.0%}")

# %% [markdown]
# ### Question: a thousand times the loss
#
# A colleague reports the loss in other units: it is 1000 times what it was. Nothing else changes. What happens to
# the path of the parameters with
#
# 1. `SGD(lr=0.01)`,
# 2. `Adam(lr=0.001)`,
# 3. `SGD(lr=0.01)` after `clip_grad_norm_(parameters, 1.0)`, where all norms were about 20 before the change?
#
# Say why for each. For one of them there is an option that makes up for the change exactly: which, and how must it
# be set?

# %% [markdown] question="loss_times_1000" points=2
# ### BEGIN SOLUTION
# All gradients are 1000 times as large. (1) SGD's steps are 1000 times as long; the training most likely diverges.
# `lr=0.00001` makes up for it exactly, since only lr · gradient matters. (2) Adam's path stays the same: the mean
# grows by 1000 and the root of the mean square grows by 1000, and their quotient does not change. Only eps, which
# is added to the root, counts for 1000 times less; that shows only where gradients are as small as eps. (3) The
# path stays the same (up to the 1e-6): all norms were above 1 and are now further above it, so every gradient is
# scaled to length 1 in both cases, and its direction has not changed.
#
# **Rubric.** 1 point: the three outcomes (1000 times as long; unchanged; unchanged), with lr / 1000 for the first.
# 1 point: the reasons for 2 and 3, a quotient in which the factor cancels, and a length that is set to 1 either
# way. One of the two reasons missing: half of that point. Weight decay or eps need not be mentioned.
# ### END SOLUTION

# %% [markdown]
# ### Question: zero or nothing?
#
# For 100 steps a layer has been trained like all others. From now on it should rest, and a colleague suggests one
# of two things, before each step:
#
# ```python
# layer.weight.grad = Tensor(np.zeros(layer.weight.shape, np.float32))     # A
# layer.weight.grad = None                                                 # B
# ```
#
# Does the weight rest with A, if the optimizer is `SGD(lr=0.1)`? If it is `SGD(lr=0.1, momentum=0.9)`? If it is
# `AdamW`? And with B? Give the reason in each case. What does `zero_grad` do, A or B, and why is that the better
# choice?

# %% [markdown] question="zero_or_none" points=2
# ### BEGIN SOLUTION
# With A: plain SGD subtracts 0.1 · 0, so the weight rests. With momentum it does not: the velocity is still there,
# is multiplied by 0.9 and subtracted, so the weight coasts on, nine times the last step in all. With AdamW it does
# not either: the running mean is not 0 yet and goes on moving the weight, and the decay shrinks it in every step,
# for ever. With B the weight rests in all three: `step` skips a parameter without a gradient, so `update` is not
# called and neither the weight nor its state changes. `zero_grad` does B. A gradient of zeros is a statement, "the
# loss does not depend on this"; None says that nobody asked. B also needs no memory and no time to fill it.
#
# **Rubric.** 1 point: A is rest only for plain SGD, with velocity (or running mean) and decay as the reasons. 1
# point: B is rest always since `step` skips it, and `zero_grad` does B with one reason (skipped, or saves memory or
# time).
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `SGD(model.parameters(), lr=0.01)`, with momentum, Nesterov, weight decay | `torch.optim.SGD` |
# | `RMSprop`, `Adam`, `AdamW` | the same, in `torch.optim` |
# | groups, `zero_grad`, `step`, `state_dict` | the same; the saved states are interchangeable |
# | `ByRule` with a function | functional optimizers |
# | `StepLR`, `LinearLR`, `CosineAnnealingLR`, `OneCycleLR` | the same, in `torch.optim.lr_scheduler` |
# | `clip_grad_norm_`, `clip_grad_value_` | the same, in `torch.nn.utils` |
#
# When all checks pass, save the notebook. `tito check 05` opens the next module, and `tito demo --mine 05` sends
# all your optimizers into a race.
#
# Next, in 06, the loop around all this gets written once and for all: data in batches, measuring, saving, resuming.
