# %% [markdown]
# # 01 Tensor
#
# One class around an array.

# %%
from tito.live import check, extend, hint

# %%
#| export
"""Tensors: arrays with operations."""

import numpy as np


# %%
#| export
class Tensor:
    """An array of numbers, in `data`."""

    __array_ufunc__ = None

    def __init__(self, data):
        self.data = np.array(data, np.float32)

    def __array__(self, dtype=None, copy=None):
        return self.data

    def __repr__(self):
        return f"Tensor({self.data})"

    def apply(self, op, *inputs):
        """Run `op` on the arrays of the inputs and wrap the result."""
        return type(self)(op(*(np.asarray(x) for x in inputs)))


# %% [markdown]
# ### Exercise: `multiply`
#
# <details><summary>Hint 1</summary>Everything goes through <code>apply</code>.</details>
# <details><summary>Hint 2</summary><code>np.multiply</code> is the operation.</details>


# %% exercise="multiply" points=2
#| export
@extend(Tensor)
def __mul__(self, other):
    """The product, value by value."""
    ### BEGIN SOLUTION
    return self.apply(np.multiply, self, other)
    ### END SOLUTION


# %%
print(np.asarray(Tensor([1, 2]) * 3))

# %% [markdown]
# ### Exercise: `ramp`
#
# <details><summary>Hint 1</summary>Count from 0.</details>


# %% exercise="ramp" points=1
#| export
def ramp(n):
    """The tensor 0, 1, …, n - 1."""
    ### BEGIN SOLUTION
    return Tensor(range(n))
    ### END SOLUTION


# %% [markdown] question="why_float32" points=2
# Why float32?
#
# ### BEGIN SOLUTION
# Half the memory.
# ### END SOLUTION
