# %% [markdown]
# # 02 Autograd
#
# The same tensor, with a memory.

# %%
from tito.live import check, extend, hint

# %%
#| export
"""Autograd: tensors that remember how they were made."""

import contextlib

import numpy as np

from tinytorch import tensor
from tinytorch.tensor import ramp

# %% [markdown]
# ## Rules
#
# A rule belongs to an operation. The table is given.

# %%
#| export
DERIVATIVES = {}
recording = True


def derivative(op):
    """Register the function below as the rule of `op`."""

    def register(rule):
        DERIVATIVES[op] = rule
        return rule

    return register


# %% [markdown]
# ### Exercise: `multiply_rule`


# %% exercise="multiply_rule" points=2
#| export
@derivative(np.multiply)
def _(grad, out, a, b):
    ### BEGIN SOLUTION
    return grad * b, grad * a
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `add_rule`


# %% exercise="add_rule" points=1
#| export
@derivative(np.add)
def _(grad, out, a, b):  # out = a + b
    ### BEGIN SOLUTION
    return grad, grad
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `negative_rule`


# %% exercise="negative_rule" points=1
#| export
@derivative(np.negative)
def negative_rule(grad, out, a):
    """The rule of -a."""
    ### BEGIN SOLUTION
    return (-grad,)
    ### END SOLUTION


# %%
assert set(DERIVATIVES) == {np.multiply, np.add, np.negative}
assert DERIVATIVES[np.multiply](1, 6, 2, 3) == (3, 2)


# %%
#| export
class Tensor(tensor.Tensor):
    """A tensor that remembers."""

    def __init__(self, data, requires_grad=False):
        super().__init__(data)
        self.requires_grad = requires_grad
        self.grad = None
        self.made_by = None


# %%
#| export
@extend(Tensor)
def backward(self, grad=1.0):
    """Send the gradient down to the tensors that this one was made from."""
    self.grad = grad if self.grad is None else self.grad + grad
    op, inputs = self.made_by or (None, ())
    if op:
        grads = DERIVATIVES[op](grad, self, *(np.asarray(x) for x in inputs))
        for x, g in zip(inputs, grads):
            if isinstance(x, Tensor):
                x.backward(g)


@extend(Tensor)
@property
def is_leaf(self):
    """Whether it was not made by an operation."""
    return self.made_by is None and super().__getattribute__("grad") is None


# %% [markdown]
# ### Exercise: `remember`


# %% exercise="remember" points=3
#| export
@extend(Tensor)
def apply(self, op, *inputs):
    """As before, and note down the operation and its inputs."""
    ### BEGIN SOLUTION
    out = super().apply(op, *inputs)
    if recording:
        out.made_by = op, inputs
    return out
    ### END SOLUTION


# %%
x = Tensor([1, 2], requires_grad=True)
(x * 3 * x).backward()
print(x.grad, x.is_leaf)
assert x.grad.tolist() == [6, 12] and not x.is_leaf

# %% [markdown]
# ### Exercise: `no_grad`


# %% exercise="no_grad" points=1
#| export
@contextlib.contextmanager
def no_grad():
    """Within it, nothing is remembered."""
    global recording
    ### BEGIN SOLUTION
    before, recording = recording, False
    try:
        yield
    finally:
        recording = before
    ### END SOLUTION


# %%
#| export
class Module:
    """A part of a model."""

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        """All tensors that require a gradient."""
        for value in vars(self).values():
            if isinstance(value, Tensor) and value.requires_grad:
                yield value
            elif isinstance(value, Module):
                yield from value.parameters()


class Scale(Module):
    """x times a weight."""

    def __init__(self, size):
        self.weight = Tensor(ramp(size), requires_grad=True)


# %% [markdown]
# ### Exercise: `scale_forward`


# %% exercise="scale_forward" points=1
#| export
@extend(Scale)
def forward(self, x):
    ### BEGIN SOLUTION
    return x * self.weight
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `twice`


# %% exercise="twice" points=2
#| export
class Twice(Module):
    """A module, applied two times."""

    def __init__(self, inner):
        self.inner = inner

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.inner(self.inner(x))
        ### END SOLUTION


# %%
model = Twice(Scale(3))
assert np.asarray(model(Tensor([1, 1, 1]))).tolist() == [0, 1, 4]
assert len(list(model.parameters())) == 1
