# %% [markdown]
# # 01 Tensor
#
# A deep-learning framework is, at its bottom, one class: a block of numbers with a shape, and operations on whole
# blocks at a time. PyTorch calls it `Tensor`. In this module you write yours.
#
# You will not write the number crunching in C. NumPy has that, and it is good. You write what a framework adds:
# what may go in, what comes out, which shapes fit, what the errors say, and one single door through which every
# operation passes.
#
# At the end, `tinytorch/tensor.py` holds your class, and a script that uses nothing else tells handwritten digits
# apart.
#
# **How a notebook works.** Read, run the cells with Shift+Enter, and fill in the blanks: cells that say
# `# Your code here`. Behind each one is a cell `check("...")`. It runs the tests of that exercise and says what
# holds and what does not. Hints stand folded above each exercise; `hint("as_array")` shows the first of them too.
#
# Cells that start with `#| export` become part of `tensor.py`; everything else is for trying things out, so change
# it as you like. When you have saved the notebook, `tito check` in a terminal runs all its tests.

# %%
from timeit import repeat

from tito import show
from tito.live import check, extend, hint

# %%
#| export
"""Tensors: blocks of numbers with a shape, and the operations on them."""

import functools
import inspect
import itertools
import math
from collections import namedtuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

# %% [markdown]
# ## 1. What goes in
#
# A program gets its numbers from everywhere: a literal `3`, a list of lists from a JSON file, a NumPy array, another
# tensor. The first job is to make one kind of thing out of all of these: an `ndarray`, NumPy's array.
#
# An array is a row of equally sized numbers in memory, plus a note on how to read it: the **shape** (how many along
# each axis) and the **dtype** (what kind of number). Look at what NumPy makes of some Python values:

# %%
for value in (3, 2.5, [1, 2, 3], [[1.0, 2.0], [3.0, 4.0]], [True, False], ["a", "b"]):
    array = np.array(value)
    print(f"{value!s:24} shape {array.shape!s:7} dtype {array.dtype!s:8} kind {array.dtype.kind}")

# %% [markdown]
# `2.5` became a `float64`: 8 bytes. Deep learning works in `float32`: 4 bytes, about 7 digits, half the memory to
# move and about twice the speed. Seven digits are plenty for numbers that are measured and averaged. So we differ
# from NumPy here, as PyTorch does:
#
# | what comes in | dtype |
# |---|---|
# | Python numbers, lists of them | `float32` |
# | only `True` and `False` | stays `bool` |
# | a NumPy array, or a NumPy number such as `np.float64(2)` | keeps its dtype: someone chose it |
# | anything, with `dtype=` given | that dtype |
#
# Two inputs cannot become a tensor, and both should say so at once, not ten calls later. **Ragged** lists, such as
# `[[1, 2], [3]]`, have no shape. Text and other objects are not numbers. The second check is given:


# %%
#| export
def _check_numbers(array):
    """A TypeError unless the values are bools, integers or floats."""
    if array.dtype.kind not in "biuf":
        name = array.dtype.type.__name__.rstrip("_")
        raise TypeError(f"a tensor holds numbers, not {name}")


# %% [markdown]
# ### Exercise: `as_array`
#
# Turn `data` into an array, by the table above, and return it. This must hold:
#
# - It is always **new memory**: change the array afterwards, and `data` stays as it was.
# - Ragged data is a `ValueError`, with this sentence:
#   `cannot make a tensor of ragged data: the rows have different lengths`. (NumPy raises one as well, which talks about
#   "inhomogeneous" parts. Ours stands in its place.)
# - What is not numbers is refused, by `_check_numbers`.
# - With a `dtype`, the array has that. If it is None, the table decides. NumPy's arrays and numbers are of the classes
#   `np.ndarray` and `np.generic`. Whether all values are bools, the dtype that NumPy finds for them says.
#
# Check yourself: what dtype does `as_array([1, 2])` have? (`float32`: a Python list.) And
# `as_array(np.array([1, 2]))`? (`int64`: an array keeps its dtype.)
#
# <details><summary>Hint 1</summary>Put only <code>np.array(data)</code> between <code>try:</code> and
# <code>except ValueError:</code>. <code>raise … from None</code> leaves NumPy's message out of the
# traceback.</details>
# <details><summary>Hint 2</summary><code>np.array</code> copies; <code>np.asarray</code> does not when it gets an
# array. And do not hand <code>dtype</code> to <code>np.array</code>: with it, text raises a ValueError too, and you
# would call it ragged.</details>
# <details><summary>Hint 3</summary>After the check: <code>if dtype is None:</code> the array's own dtype when
# <code>data</code> came from NumPy or <code>array.dtype == bool</code>, else <code>np.float32</code>. Then
# <code>return array.astype(dtype)</code>.</details>


# %% exercise="as_array" points=3
#| export
def as_array(data, dtype=None):
    """An array with the numbers in `data`, always in new memory.

    Python numbers and lists of them become float32, or bool if they are all bools. What comes
    from NumPy keeps its dtype. `dtype` overrides both. Ragged data is a ValueError, anything
    that is not numbers a TypeError.
    """
    ### BEGIN SOLUTION
    try:
        array = np.array(data)
    except ValueError:
        message = "cannot make a tensor of ragged data: the rows have different lengths"
        raise ValueError(message) from None
    _check_numbers(array)
    if dtype is None:
        keep = isinstance(data, (np.ndarray, np.generic)) or array.dtype == bool
        dtype = array.dtype if keep else np.float32
    return array.astype(dtype, copy=False)
    ### END SOLUTION


# %%
print(
    as_array([[1, 2], [3, 4]]).dtype, as_array(np.arange(3)).dtype, as_array(7, dtype="int8").dtype
)

# %% [markdown]
# ## 2. The class
#
# A `Tensor` holds one array, in the attribute `array`. This cell is given; read it like code you take over from a
# colleague. Its words are PyTorch's: `numel()`, the number of elements, is how many values there are; `size()` is the
# shape; and `data` is a second tensor on the same memory.
#
# One word has two names. What NumPy calls an **axis**, PyTorch calls a **dimension**, `dim` for short. `x.dim()` is
# how many there are, and our methods have an argument `dim` where NumPy's functions have `axis`. In the text, both
# words mean the same.
#
# There are two ways in. `Tensor(data)` is for users: it takes anything and **copies**. `Tensor.wrap(array)` is for
# the framework's own results: a fresh array needs no second copy, and a view must not get one. `wrap` is a class
# method and says `cls`, not `Tensor`, so that a subclass wraps into itself.
#
# A class that says what `==` means loses its hash, and ours will say that `==` compares values. So `__hash__` needs a
# line: tensors are keys of dictionaries by identity. *This* tensor, not one with equal values.
#
# The class will grow cell by cell. `@extend(Tensor)` above a function adds it to the class as a method. In
# `tensor.py`, all methods stand in the class body, and `@extend` is gone. (If you run the cell below a second time,
# you get a new, small class. Then run all cells after it again too.)


# %%
#| export
class Tensor:
    """A block of numbers with a shape; the numbers are in `array`, a NumPy array.

    `Tensor(data)` copies a number, nested lists, an array or a tensor. Python numbers become
    float32, arrays and tensors keep their dtype, and `dtype` overrides both.
    """

    # NumPy must not loop over a tensor's values on its own: with None here, `array + tensor`
    # is left to the tensor's own operators.
    __array_ufunc__ = None
    __hash__ = object.__hash__  # by identity, whatever == says

    def __init__(self, data, dtype=None):
        self.array = as_array(data.array if isinstance(data, Tensor) else data, dtype)

    @classmethod
    def wrap(cls, array):
        """A tensor around `array` itself, not a copy."""
        tensor = cls.__new__(cls)
        tensor.array = np.asarray(array)
        return tensor

    @property
    def shape(self):
        """The size of each axis, as a tuple."""
        return self.array.shape

    @property
    def ndim(self):
        """How many axes there are."""
        return self.array.ndim

    def size(self, dim=None):
        """The shape, or the size of axis `dim`."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self):
        """How many values there are."""
        return self.array.size

    def dim(self):
        """How many axes there are."""
        return self.array.ndim

    @property
    def dtype(self):
        """The kind of number, a NumPy dtype."""
        return self.array.dtype

    @property
    def data(self):
        """A tensor on the same memory. Assign another of this shape, and its memory is taken over."""
        return self.wrap(self.array)

    @data.setter
    def data(self, other):
        if not isinstance(other, Tensor):
            raise TypeError(
                f"data is a tensor, not {type(other).__name__}: wrap it with Tensor(...)"
            )
        if other.shape != self.shape:
            raise ValueError(
                f"data has shape {self.shape} and keeps it, so it cannot be {other.shape}"
            )
        self.array = other.array

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("a tensor of shape () has no length")
        return self.shape[0]

    def __repr__(self):
        head = f"{type(self).__name__}("
        values = np.array2string(
            self.array, separator=", ", prefix=head, precision=4, threshold=100
        )
        dtype = "" if self.dtype == np.float32 else f", dtype={self.dtype}"
        return f"{head}{values}, shape={self.shape}{dtype})"


# %%
x = Tensor([[1, 2, 3], [4, 5, 6]])
print(x)
print("shape", x.shape, "ndim", x.ndim, "numel", x.numel(), "dtype", x.dtype, "len", len(x))
print(Tensor(np.arange(1000)))

# %% [markdown]
# PyTorch has a second way in: the function `tensor`. It differs in one thing. Python's integers stay integers, since
# whoever writes `tensor([2, 0, 1])` often means positions or class numbers.


# %%
#| export
def tensor(data, dtype=None):
    """A new tensor, as `Tensor(data, dtype)` makes it, but whole Python numbers stay int64."""
    made = Tensor(data, dtype)
    if dtype is None and not isinstance(data, (Tensor, np.ndarray, np.generic)):
        values = np.array(data)
        return Tensor(values) if values.dtype == np.int64 else made
    return made


# %%
print(tensor([1, 2]).dtype, tensor([1, 2.5]).dtype, Tensor([1, 2]).dtype)

# %% [markdown]
# Values must also get out again, to Python and to NumPy. `numpy()` hands out the array **itself**: cheap, and
# whoever writes into it writes into the tensor. `__array__` is NumPy's protocol for foreign objects: with it,
# `np.asarray(x)` and matplotlib accept a tensor.
#
# `bool(x)` is what `if x:` calls. For one value it makes sense. For six it does not: all of them? any? So `item`
# refuses, with a sentence.


# %%
#| export
@extend(Tensor)
def item(self):
    """The only value, as a Python number; a ValueError if there are more or none."""
    if self.numel() != 1:
        raise ValueError(f"one value expected, but shape {self.shape} holds {self.numel()}")
    return self.array.item()


@extend(Tensor)
def tolist(self):
    """The values as nested lists of Python numbers."""
    return self.array.tolist()


@extend(Tensor)
def numpy(self):
    """The array itself: it shares its memory with the tensor."""
    return self.array


@extend(Tensor)
def __array__(self, dtype=None, copy=None):
    return np.array(self.array, dtype=dtype, copy=copy)


@extend(Tensor)
def __bool__(self):
    return bool(self.item())


@extend(Tensor)
def __float__(self):
    return float(self.item())


@extend(Tensor)
def __int__(self):
    return int(self.item())


@extend(Tensor)
def __index__(self):
    """The only value, as a position in a list; a TypeError unless it is an integer."""
    if self.dtype.kind not in "iu":
        raise TypeError(f"a position is an integer, and this tensor holds {self.dtype}")
    return self.item()


@extend(Tensor)
def __format__(self, spec):
    """`f"{x:.3f}"` writes the only value so, and `f"{x}"` that of shape (); else as it is printed."""
    return format(self.item(), spec) if spec or self.ndim == 0 else str(self)


# %%
print(Tensor(3.5).item(), x.tolist(), np.asarray(x).dtype, f"{Tensor(2 / 3):.2f}")
try:
    bool(x)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ## 3. One door for every operation
#
# A web framework sends every request through one function. Logging, timing and access control are then written
# once, there, and not in each of the five hundred handlers. We do the same: **every operation on tensors goes
# through one method, `apply`**. It takes a function on arrays, and does everything that is the same each time:
#
# ```
# x.apply(np.add, x, 10)
#         ──────  ─  ──
#         op      inputs: tensors, arrays, numbers
#
#   unwrap the inputs  →  run op on the arrays  →  wrap the result
# ```
#
# Settings of the operation, such as `axis=0`, are passed on as keywords: `x.apply(np.sum, x, axis=0)`.
#
# Unwrapping is given. It has one subtle line. NumPy numbers carry their dtype with them: a `float32` array times
# `np.float64(2)` is a `float64` array, though nobody wanted one. A Python number has no such weight, so `unwrap`
# makes Python numbers of them.


# %%
#| export
def unwrap(x):
    """The array, the Python number or None in an input of an operation."""
    if isinstance(x, Tensor):
        return x.array
    if isinstance(x, np.generic):
        return x.item()  # a NumPy number would impose its dtype, a Python number does not
    return x if x is None or isinstance(x, (np.ndarray, int, float)) else as_array(x)


# %% [markdown]
# One more thing happens at the door. NumPy turns to `float64` whenever integers need fractions: `1 / 3` on integer
# arrays, `exp` of integers. From there it spreads, since `float32 * float64` is `float64`. We let a `float64` out
# only if somebody asked for one: an input has it, or the option `dtype` names it. This helper answers that:


# %%
#| export
def _float64_asked_for(arrays, options):
    """Whether an input is float64, or the option `dtype` names it."""
    dtypes = [x.dtype for x in arrays if isinstance(x, np.ndarray)]
    if options.get("dtype") is not None:
        dtypes.append(options["dtype"])
    return np.dtype("float64") in dtypes


# %%
integers = np.array([1, 2, 3])
print(np.exp(integers).dtype, _float64_asked_for([integers], {}))
print(np.exp(integers / 2).dtype, _float64_asked_for([integers / 2], {}))

# %% [markdown]
# ### Exercise: `apply`
#
# 1. Unwrap each of the `inputs`. (`self` is not one of them; it only says which class the result gets.)
# 2. Call `op` with the arrays, in order, and with the options as keywords.
# 3. If the result is `float64` and nobody asked for that, make it `float32`.
# 4. Wrap the result **without a copy**, in the class of `self`. A subclass's `apply` returns the subclass.
#
# Step 4 is two traps in one: `Tensor(result)` would copy, and it would forget the subclass.
#
# <details><summary>Hint 1</summary><code>arrays = [unwrap(x) for x in inputs]</code>, then call
# <code>op(*arrays, **options)</code>.</details>
# <details><summary>Hint 2</summary><code>wrap</code> is a class method, so <code>self.wrap(…)</code> wraps in the
# class of <code>self</code>.</details>
# <details><summary>Hint 3</summary>The condition of step 3: <code>result.dtype == np.float64 and not
# _float64_asked_for(arrays, options)</code>. <code>astype(np.float32)</code> converts.</details>


# %% exercise="apply" points=3
#| export
@extend(Tensor)
def apply(self, op, *inputs, **options):
    """Run `op`, a function on arrays, and wrap its result: all operations pass through here.

    Inputs are tensors, arrays or numbers; options go to `op` as they are. The result has the
    class of `self` and shares memory with an input where `op` returns a view. It is float64
    only if an input is, or if the option `dtype` says so.
    """
    ### BEGIN SOLUTION
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)
    ### END SOLUTION


# %% [markdown]
# All of NumPy is now within reach:

# %%
print(x.apply(np.add, x, 10))
print(x.apply(np.exp, x))
print(x.apply(np.sum, x, axis=0))

# %% [markdown]
# And this is what one door is good for. A subclass overrides one method and sees everything that happens. Here is a
# tensor that keeps a log, in four lines:


# %%
class Logged(Tensor):
    def apply(self, op, *inputs, **options):
        out = super().apply(op, *inputs, **options)
        print("  log:", op.__name__, [np.shape(unwrap(x)) for x in inputs], "->", out.shape)
        return out


y = Logged([[1, 2, 3]])
y.apply(np.sqrt, y.apply(np.multiply, y, 4))

# %% [markdown]
# For the log to be complete, one more rule is needed. When a `Logged` and a plain `Tensor` meet, whose `apply` runs?
# It must be the subclass's, whichever of the two stands on the left.
#
# ### Exercise: `leader`
#
# Pick the input in charge. Above, `x` is a `Tensor`, and `y` a `Logged`:
#
# | inputs | leader |
# |---|---|
# | `x`, 2 | `x`: a number has no `apply` |
# | `x`, `y` | `y` |
# | `y`, `x` | `y` |
# | 2, 3 | a new `Tensor(0)`: somebody has to lead |
#
# - Only tensors lead, never numbers or arrays.
# - A subclass goes before the class it is made from, wherever it stands. It may be the subclass of a subclass.
# - Of several tensors of one class, any will do.
# - Without a tensor, a plain one leads.
#
# <details><summary>Hint 1</summary>Go through the inputs, and keep the one in charge so far, <code>lead</code>. At
# first that is None.</details>
# <details><summary>Hint 2</summary><code>isinstance(x, type(lead))</code> is true where <code>x</code> is of the class
# of <code>lead</code>, or of a class made from that.</details>
# <details><summary>Hint 3</summary>In the loop: <code>if isinstance(x, Tensor) and (lead is None or isinstance(x,
# type(lead))): lead = x</code>. At the end, look whether <code>lead</code> is still None.</details>


# %% exercise="leader" points=2
#| export
def leader(*inputs):
    """The input whose `apply` an operation uses: the tensor of the most specific class.

    So a subclass of `Tensor` stays in charge, whichever argument it is. Where no input is a
    tensor, a plain one leads.
    """
    ### BEGIN SOLUTION
    lead = None
    for x in inputs:
        if isinstance(x, Tensor) and (lead is None or isinstance(x, type(lead))):
            lead = x
    return Tensor(0) if lead is None else lead
    ### END SOLUTION


# %%
print(type(leader(x, y)).__name__, type(leader(y, x)).__name__, type(leader(2, x)).__name__)

# %% [markdown]
# ### By its name
#
# `x.apply(scaled, x, by=2)` is how the framework speaks. A user of PyTorch writes `scaled(x, by=2)`. So a function on
# arrays can become an **operation**: given a tensor, it goes through the door; given arrays only, it just computes.
#
# That is what the decorator `operation` does. In the signature below it, inputs stand before the `*`, and options behind
# it. A call is freer. PyTorch lets you give an option by position, `scaled(x, 2)`, and an input by its name. (It calls
# the first input `input`, so that name works for all.) The signature is read once, when the function is decorated, and
# the usual call costs next to nothing.


# %%
#| export
def floats(x):
    """A tensor or array with floats in it: integers and bools become float32.

    Left to itself, NumPy would make float16 of bytes.
    """
    dtype = getattr(x, "dtype", None)
    if dtype is None or dtype.kind == "f":
        return x
    return x.to(np.float32) if isinstance(x, Tensor) else x.astype(np.float32)


def on_arrays(function):
    """`function`, which computes on arrays; given a tensor, it is a TypeError that says so."""

    @functools.wraps(function)
    def call(*args, **options):
        for x in (*args, *options.values()):
            if isinstance(x, Tensor):
                name = function.__name__
                raise TypeError(
                    f"{name} computes on arrays: give it x.array, the array of a tensor"
                )
        return function(*args, **options)

    return call


def plain(op):
    """The function on arrays that an operation was made of; any other function itself."""
    return getattr(op, "function", op)


def _arranged(name, inputs, options, args, given):
    """The inputs in order and the options by name, wherever a call has put them.

    `inputs` and `options` are the names, with their defaults or `...` where there is none.
    """
    names = [*inputs, *options]
    if "input" in given and names:
        given[names[0]] = given.pop("input")
    if len(args) > len(names) or given.keys() - set(names[len(args) :]):
        raise TypeError(f"{name} takes {_listed(names)}, each once")
    given = inputs | options | dict(zip(names, args)) | given
    missing = [key for key in names if given[key] is ...]
    if missing:
        raise TypeError(f"{name} needs {_listed(missing)}")
    return [given.pop(key) for key in inputs], given


def operation(function=None, *, only_floats=False):
    """Let `function`, on arrays, be called with tensors too: then it passes through `apply`.

    Its inputs stand before the `*` in its signature, its options behind it. In a call, inputs may
    come by keyword (the first also as `input`), and options by position. With `only_floats`,
    integers and bools become float32 first.
    """
    if function is None:
        return functools.partial(operation, only_floats=only_floats)
    inputs, options, several = {}, {}, False
    for p in inspect.signature(function).parameters.values():
        kept = options if p.kind is p.KEYWORD_ONLY else inputs
        kept[p.name] = ... if p.default is p.empty else p.default
        several |= p.kind is p.VAR_POSITIONAL
    count, defaults = len(inputs), {k: v for k, v in options.items() if v is not ...}
    usual = options.keys()

    @functools.wraps(function)
    def call(*args, **given):
        if not several and (len(args) != count or not given.keys() <= usual):
            args, given = _arranged(function.__name__, inputs, options, args, given)
        elif defaults:
            given = defaults | given
        if only_floats:
            args = [floats(x) for x in args]
        for x in args:
            if isinstance(x, Tensor):
                return leader(*args).apply(function, *args, **given)
        return function(*args, **given)

    call.function = function
    return call


# %%
@operation
def scaled(x, *, by=2):
    return x * by


print(scaled(np.ones(2)), scaled(x), scaled(x, 10), scaled(input=y, by=3), sep="\n")

# %% [markdown]
# ## 4. Broadcasting
#
# Ten thousand images, and each pixel is to lose the mean of all images at that pixel: shapes `(10000, 64)` and
# `(64,)`. You would not write a loop, and you would not copy the 64 means ten thousand times. NumPy lines the shapes
# up and repeats the smaller one without copying. That is **broadcasting**.
#
# The picture shows the addition of a column, `(3, 1)`, and a row, `(4,)`. Solid cells exist in memory. Pale cells
# are repeats: the same cell, read again.

# %%
column, row = Tensor([[0], [10], [20]]), Tensor([1, 2, 3, 4])
show.broadcast(column, row)

# %% [markdown]
# **The rule.** Write the shapes below each other, flush right. On each axis:
#
# - equal sizes fit;
# - a size of 1 is stretched to the other size;
# - a missing size (the shape is too short) counts as 1;
# - anything else is an error.
#
# ```
#      3  1          8  1  6  1            2  3
#         4             7  1  5               4
#     ─────         ───────────         ───────
#      3  4          8  7  6  5         3 and 4: error
# ```
#
# Check yourself: `(5, 1, 2)` and `(3, 1)`? (`(5, 3, 2)`.) `(3,)` and `(3, 1)`? (`(3, 3)`, a classic surprise: a row
# and a column.) `(0,)` and `(1,)`? (`(0,)`: the 1 gives way, even to 0.)
#
# An error that says "could not be broadcast together" leaves the work to the reader. Ours says which axis. The
# sentence is given:


# %%
#| export
def _listed(items):
    """The items in a sentence: a, b and c."""
    *most, last = map(str, items)
    return f"{', '.join(most)} and {last}" if most else last


def _misfit(shapes, dim):
    """The sentence for shapes that do not broadcast; `dim` counts from the right: -1, -2, …"""
    sizes = _listed(shape[dim] for shape in shapes if len(shape) >= -dim)
    return (
        f"cannot broadcast {_listed(shapes)}: counted from the right, dim {dim} is {sizes}; "
        "sizes must be equal or one of them 1"
    )


# %%
print(_misfit([(2, 3), (4,)], -1))

# %% [markdown]
# ### Exercise: `broadcast_shapes`
#
# Write the rule, for any number of shapes; the result is a tuple. For each axis from the right (`-1`, `-2`, …, as many
# as the longest shape has): collect the sizes of all shapes that have this axis, and decide. Where they do not fit,
# `raise ValueError(_misfit(shapes, dim))`.
#
# No shapes at all give `()`. Do not call `np.broadcast_shapes`: that would be the answer to look up, not to write.
#
# <details><summary>Hint 1</summary>The longest: <code>max((len(shape) for shape in shapes), default=0)</code>. The
# axes: <code>range(-1, -longest - 1, -1)</code>. A shape has the axis <code>dim</code> if
# <code>len(shape) >= -dim</code>.</details>
# <details><summary>Hint 2</summary>Put the sizes on one axis into a set and take away <code>{1}</code>. How many
# sizes may be left?</details>
# <details><summary>Hint 3</summary>More than one left: raise. One left: that is the size. None left: it is 1. You
# went from right to left, so reverse the list at the end and make it a tuple.</details>


# %% exercise="broadcast_shapes" points=3
#| export
def broadcast_shapes(*shapes):
    """The shape that `shapes` have after broadcasting; a ValueError says where they do not fit."""
    ### BEGIN SOLUTION
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for dim in range(-1, -longest - 1, -1):  # from the right
        sizes = {shape[dim] for shape in shapes if len(shape) >= -dim} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, dim))
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))
    ### END SOLUTION


# %%
print(broadcast_shapes((3, 1), (4,)), broadcast_shapes((8, 1, 6, 1), (7, 1, 5)))

# %% [markdown]
# ## 5. Operators
#
# Addition, comparison, `maximum` and their like have everything in common: they work value by value, they broadcast,
# and they take tensors, arrays and numbers in any position. So they share one function. It lets the leader apply the
# operation. Only if that fails does it spend time on finding out why, and `broadcast_shapes` knows.

# %%
#| export
_VERBS = {
    "floor_divide": "divide",
    "remainder": "take remainders of",
    "power": "take powers of",
    "maximum": "take the maximum of",
    "where": "choose from",
} | dict.fromkeys(
    ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"], "compare"
)


def elementwise(op, *inputs):
    """`op` value by value, with broadcasting; a ValueError says which shapes do not fit."""
    try:
        return leader(*inputs).apply(op, *inputs)
    except ValueError:
        try:
            broadcast_shapes(*(np.shape(unwrap(x)) for x in inputs))
        except ValueError as misfit:
            verb = _VERBS.get(op.__name__, op.__name__)
            raise ValueError(str(misfit).replace("broadcast", verb, 1)) from None
        raise  # the shapes fit, so something else is wrong


# %% [markdown]
# Python turns `x + 1` into `x.__add__(1)`. Each operator is one line:


# %%
#| export
# Operators: the other side may be a tensor, an array or a number.
@extend(Tensor)
def __add__(self, other):
    return elementwise(np.add, self, other)


@extend(Tensor)
def __sub__(self, other):
    return elementwise(np.subtract, self, other)


@extend(Tensor)
def __mul__(self, other):
    return elementwise(np.multiply, self, other)


@extend(Tensor)
def __truediv__(self, other):
    return elementwise(np.true_divide, self, other)


@extend(Tensor)
def __floordiv__(self, other):
    return elementwise(np.floor_divide, self, other)


@extend(Tensor)
def __mod__(self, other):
    return elementwise(np.remainder, self, other)


@operation
def power(a, b):
    """a ** b, value by value. Small whole powers are products: `np.power` takes logarithms."""
    whole = isinstance(b, (int, float)) and b in (-2, -1, 2, 3, 4)
    if not whole or not isinstance(a, np.ndarray) or a.dtype.kind != "f":
        return np.power(a, b)
    product = functools.reduce(np.multiply, [a] * int(math.fabs(b)))
    return product if b > 0 else 1 / product


@extend(Tensor)
def __pow__(self, other):
    return elementwise(power.function, self, other)


@extend(Tensor)
def __neg__(self):
    return elementwise(np.negative, self)


# %%
print(column + row)
try:
    x - Tensor([1, 2, 3, 4])
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# What about `10 - x`? Python asks the number first: `(10).__sub__(x)`. An `int` knows no tensors and declines. Then
# Python asks the right side, with another name: `x.__rsub__(10)`, the **reflected** subtraction. In it, `self` stands
# on the right: `other` came first.
#
# For an array on the left it is the same, thanks to `__array_ufunc__ = None` in the class. Without that line NumPy
# would not decline. It would take `array - x` to mean: subtract `x` from each value of the array, one by one, and
# collect the tensors that come out in an array of objects.
#
# ### Exercise: `rsub`
#
# Write `__rsub__`, so that `10 - Tensor([1, 2])` is `[9, 8]`.
#
# It is one operation, `np.subtract`, and its inputs stay in the order in which they were written, left before right.
# `apply` then sees what was written, and an error names the shapes in that order too. (`-(self - other)` has the right
# values, but is two operations, the first with its inputs exchanged.)
#
# <details><summary>Hint 1</summary>It is <code>__sub__</code> with one change.</details>
# <details><summary>Hint 2</summary>For <code>10 - x</code>, <code>self</code> is <code>x</code> and
# <code>other</code> is 10. Which of them is subtracted from which? <code>elementwise(np.subtract, first,
# second)</code>.</details>


# %% exercise="rsub" points=2
#| export
# Reflected operators: `self` stands on the right, and the left side knows no tensors.
@extend(Tensor)
def __rsub__(self, other):
    ### BEGIN SOLUTION
    return elementwise(np.subtract, other, self)
    ### END SOLUTION


# %% [markdown]
# The other reflected operators follow suit. For `+` and `*` the order does not change the result, but an operation
# should see its inputs in the order in which they were written.


# %%
#| export
@extend(Tensor)
def __radd__(self, other):
    return elementwise(np.add, other, self)


@extend(Tensor)
def __rmul__(self, other):
    return elementwise(np.multiply, other, self)


@extend(Tensor)
def __rtruediv__(self, other):
    return elementwise(np.true_divide, other, self)


@extend(Tensor)
def __rfloordiv__(self, other):
    return elementwise(np.floor_divide, other, self)


@extend(Tensor)
def __rmod__(self, other):
    return elementwise(np.remainder, other, self)


@extend(Tensor)
def __rpow__(self, other):
    return elementwise(np.power, other, self)


# %%
print(10 - x, 1 / x, 2**x, np.ones(3) * x, sep="\n")
print("the leader decides, from either side:", type(x + y).__name__, type(y + x).__name__)

# %% [markdown]
# `np.ones(3) * x` came out as `float64`. That is by the book: an array of doubles was put in, so somebody asked for
# doubles. One such array is enough to double the memory of everything behind it. Section 12 comes back to this.
#
# Comparisons work value by value too, and give a tensor of `bool`. That is useful: `(x > 2).sum()` counts, and
# `x[x > 2]` selects. The price is that `if x == y:` makes no sense for more than one value, and `bool` says so.


# %%
#| export
# Comparisons: a tensor of bools.
@extend(Tensor)
def __eq__(self, other):
    return NotImplemented if other is None else elementwise(np.equal, self, other)


@extend(Tensor)
def __ne__(self, other):
    return NotImplemented if other is None else elementwise(np.not_equal, self, other)


@extend(Tensor)
def __lt__(self, other):
    return elementwise(np.less, self, other)


@extend(Tensor)
def __le__(self, other):
    return elementwise(np.less_equal, self, other)


@extend(Tensor)
def __gt__(self, other):
    return elementwise(np.greater, self, other)


@extend(Tensor)
def __ge__(self, other):
    return elementwise(np.greater_equal, self, other)


# %% [markdown]
# Functions of one tensor are methods. Functions of several equal partners, such as `maximum(a, b)`, are plain
# functions: no argument is special.


# %%
#| export
# Functions, value by value.
@extend(Tensor)
def exp(self):
    """e to the power of each value."""
    return elementwise(np.exp, floats(self))


@extend(Tensor)
def log(self):
    """The natural logarithm of each value."""
    return elementwise(np.log, floats(self))


@extend(Tensor)
def sqrt(self):
    """The square root of each value."""
    return elementwise(np.sqrt, floats(self))


@extend(Tensor)
def abs(self):
    """Each value without its sign; also `abs(x)`."""
    return elementwise(np.absolute, self)


@extend(Tensor)
def __abs__(self):
    return elementwise(np.absolute, self)


@extend(Tensor)
def clamp(self, min=None, max=None):
    """Each value, but at least `min` and at most `max`; None is no limit."""
    return elementwise(np.clip, self, min, max)


@extend(Tensor)
def to(self, dtype):
    """The values as another dtype; the tensor itself if they have it already."""
    return self if self.dtype == dtype else self.apply(cast, self, dtype=np.dtype(dtype))


# %%
#| export
@operation
def cast(array, *, dtype):
    """`array.astype(dtype)`, as a function."""
    return array.astype(dtype)


def maximum(a, b):
    """The larger of `a` and `b`, value by value."""
    return elementwise(np.maximum, a, b)


def where(condition, a, b):
    """`a` where `condition` is true and `b` elsewhere, value by value."""
    return elementwise(np.where, condition, a, b)


# %%
print(maximum(x, 3), (x - 3.5).clamp(min=0), where(x > 3, x, -1), sep="\n")

# %% [markdown]
# ## 6. Reductions
#
# A reduction makes fewer values of many: a sum, a mean, a maximum. `dim` says **which axis disappears**. Think of
# `(2, 3)` as two rows of three: `dim=0` runs over the rows and leaves three values, `dim=1` leaves two. Cells of one
# colour are added up:

# %%
show.reduction(x, dim=0)

# %%
show.reduction(x, dim=1)

# %% [markdown]
# With `keepdim=True` the axis stays, with size 1. That is for what usually comes next: the result must broadcast
# against the input.
#
# | | shape | fits `(2, 3)`? |
# |---|---|---|
# | `x.sum(dim=1)` | `(2,)` | no: 2 stands below 3 |
# | `x.sum(dim=1, keepdim=True)` | `(2, 1)` | yes |
#
# `sum` and its like are given. In them you see both words: `dim` is handed to NumPy as `axis`. `dim` may be negative (from the end), a tuple (several axes at once), or `None` (all).
# (In a notebook, `@extend(Tensor) def sum` leaves Python's own `sum` alone.)
#
# `sum` has a way of its own to add up. NumPy begins anew with each row, and where rows are short, beginning takes
# longer than adding. But a sum is also a product: `[1, 2, 3]` times a column of ones is `1·1 + 2·1 + 3·1`. Products of
# matrices are what processors are best at; section 11 has more. So `add_up` multiplies with ones where there is much to
# add, and asks `np.sum` for the rest. The result is the same, up to rounding.


# %%
#| export
# Reductions: `dim` is an int, several of them, or None for all axes.
def _axis(dim):
    """NumPy's `axis` for a `dim`, which may also be a list."""
    return tuple(dim) if isinstance(dim, list) else dim


@operation
def add_up(array, *, axis=None, keepdims=False):
    """`np.sum`; over the first axes, or the last ones if they are short, as a product with ones."""
    many = axis is not None and np.size(array) >= 2**13
    if many and array.dtype.char in "fd" and array.flags.c_contiguous:
        axes = normalize_axis_tuple(axis, array.ndim)
        ahead = itertools.takewhile(lambda d: d in axes, range(array.ndim))
        behind = itertools.takewhile(lambda d: d in axes, reversed(range(array.ndim)))
        rows, columns = ([array.shape[d] for d in run] for run in (ahead, behind))
        if len(rows) + len(columns) == len(axes) and math.prod(columns) <= 1024:
            shape = [1 if d in axes else n for d, n in enumerate(array.shape)]
            if rows:
                array = np.ones(math.prod(rows), array.dtype) @ array.reshape(math.prod(rows), -1)
            if columns:
                width = math.prod(columns)
                array = array.reshape(-1, width) @ np.ones(width, array.dtype)
            array = array.reshape(shape)
            return array if keepdims else array.squeeze(axes)
    return np.sum(array, axis=axis, keepdims=keepdims)


add_up.function.__name__ = "sum"  # as the operation is called in what tensors say of themselves


@extend(Tensor)
def sum(self, dim=None, keepdim=False):
    """The sum over `dim`, which disappears, or stays with size 1 if `keepdim`."""
    total = add_up(self, axis=_axis(dim), keepdims=keepdim)
    return total.to(np.int64) if total.dtype.kind == "u" else total  # NumPy makes uint64


@extend(Tensor)
def amax(self, dim=None, keepdim=False):
    """The largest value over `dim`."""
    return self.apply(np.max, self, axis=_axis(dim), keepdims=keepdim)


@extend(Tensor)
def amin(self, dim=None, keepdim=False):
    """The smallest value over `dim`."""
    return self.apply(np.min, self, axis=_axis(dim), keepdims=keepdim)


@extend(Tensor)
def argmax(self, dim=None, keepdim=False):
    """The position of the largest value along `dim`, an int, or in all values if None."""
    return self.apply(np.argmax, self, axis=dim, keepdims=keepdim)


@extend(Tensor)
def argmin(self, dim=None, keepdim=False):
    """The position of the smallest value along `dim`, an int, or in all values if None."""
    return self.apply(np.argmin, self, axis=dim, keepdims=keepdim)


# %%
print(x.sum(), x.sum(dim=0), x.sum(dim=-1, keepdim=True), x.argmax(dim=1), sep="\n")

# %% [markdown]
# ### Exercise: `mean`
#
# The mean is the sum divided by how many values went into it. How many is that? For shape `(2, 3, 4)` and `dim=1` it
# is 3, for `dim=(0, 2)` it is 8, for `None` it is 24. `len(x)` is right only for `dim=0`.
#
# Build it from `sum` and `/`. What is composed of operations needs nothing of its own: it goes through `apply`
# because its parts do.
#
# An empty result has no sums to divide: for shape `(0, 3)`, `mean(dim=1)` is empty, of shape `(0,)`. See that your
# count does not divide by zero there.
#
# Check yourself: `Tensor([[1, 2], [3, 6]]).mean(dim=1)` is `[1.5, 4.5]`.
#
# <details><summary>Hint 1</summary>You need not look at <code>dim</code> at all. Compare how many values the tensor
# has with how many the sum has.</details>
# <details><summary>Hint 2</summary>24 values in, 8 sums out: each sum took 24 // 8 = 3 values. No sums
# at all: <code>max(total.numel(), 1)</code> is never zero.</details>


# %% exercise="mean" points=2
#| export
@extend(Tensor)
def mean(self, dim=None, keepdim=False):
    """The mean over `dim`; integers give float32."""
    ### BEGIN SOLUTION
    total = self.sum(dim=dim, keepdim=keepdim)
    count = self.numel() // max(total.numel(), 1)  # values in each sum
    return total / count
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `var`
#
# The variance says how far values lie from their mean: subtract the mean, square, and take the mean of the squares.
# One detail: n measured values are divided by **n − 1**. Their mean was made of the same values, so they lie closer
# to it than to the true mean, and dividing by n comes out too small. PyTorch calls the 1 `correction`; it is the
# default there and here. `correction=0` is the plain mean of the squares.
#
# 1. Subtract the mean. It must broadcast against `self`, for every `dim`.
# 2. Square, and sum over `dim`.
# 3. Divide by n − `correction`, where n is the number of values in each sum, as in `mean`, empty results included.
#    Where n − `correction` is below 0, divide by 0: the result is not a number (`nan`) or infinite, which is honest.
#
# Check yourself: for `[1, 2, 3, 4]` the mean is 2.5 and the squares are 2.25, 0.25, 0.25, 2.25. The variance is 5 / 3,
# and 5 / 4 with `correction=0`.
#
# <details><summary>Hint 1</summary>Which argument of <code>mean</code> keeps the axis, so that the shapes
# fit?</details>
# <details><summary>Hint 2</summary><code>apart = self - self.mean(dim=dim, keepdim=True)</code>. The caller's
# <code>keepdim</code> belongs to the sum of the squares.</details>
# <details><summary>Hint 3</summary><code>total = (apart * apart).sum(dim=dim, keepdim=keepdim)</code>, then n as
# in <code>mean</code>, then <code>total / max(n - correction, 0)</code>.</details>


# %% exercise="var" points=2
#| export
@extend(Tensor)
def var(self, dim=None, correction=1, keepdim=False):
    """The variance over `dim`: squared distances from the mean, over n - `correction`."""
    ### BEGIN SOLUTION
    apart = self - self.mean(dim=dim, keepdim=True)
    total = (apart * apart).sum(dim=dim, keepdim=keepdim)
    count = self.numel() // max(total.numel(), 1)
    return total / max(count - correction, 0)
    ### END SOLUTION


# %%
points = Tensor([[1, 2, 3, 4], [10, 10, 10, 10]])
print(points.mean(dim=1), points.var(dim=1), points.var(dim=1, correction=0), sep="\n")

# %% [markdown]
# ## 7. Shape and memory
#
# Memory is one long row of bytes. It has no rows and columns. So how can `x[1, 2]` find its value?
#
# The array notes, for each axis, how many bytes to walk for one step along it: the **strides**. For shape `(2, 3)` in
# float32 they are `(12, 4)`: the next column is 4 bytes on, the next row is 12. Value `[i, j]` stands at byte
# `12 i + 4 j`.
#
# Check yourself: where does `x[1, 2]` stand? (At byte 20, the sixth number.)

# %%
show.layout(x)

# %% [markdown]
# Now transpose it. Nothing moves. The strides are swapped, and that is the whole operation: the same six numbers,
# read in another order. The colours are the rows of the tensor; the small numbers give the order of reading.

# %%
show.layout(x.numpy().T)

# %% [markdown]
# That is a **view**: a second tensor on the same memory. It costs next to nothing, whatever the size. And whoever
# writes into one sees it in the other.
#
# ### Exercise: `contiguous_strides`
#
# A tensor whose values stand in memory in reading order, without gaps, is **contiguous**. Its strides follow from the
# shape: the last axis walks one item, each axis before it walks over everything that follows. Compute them, in bytes,
# as a tuple.
#
# Check yourself: shape `(2, 3, 4)`, 4 bytes each. Last axis: 4. Middle: 4 numbers of 4 bytes, 16. First: 3 of those,
# 48. So `(48, 16, 4)`. And shape `()` has no axes, so `()`.
#
# <details><summary>Hint 1</summary>Go from the last axis to the first, with a step that starts at
# <code>itemsize</code>.</details>
# <details><summary>Hint 2</summary>For each size in <code>reversed(shape)</code>: append the step, then multiply it
# by the size. Reverse the list at the end, and return a tuple.</details>


# %% exercise="contiguous_strides" points=2
#| export
def contiguous_strides(shape, itemsize):
    """The strides, in bytes, of values of `itemsize` bytes that fill memory in reading order."""
    ### BEGIN SOLUTION
    strides = []
    step = itemsize
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `is_contiguous`
#
# Now a tensor can say whether it is contiguous. The strides that it has are `self.array.strides`. Those it should have,
# you have just computed. Compare them, axis by axis:
#
# | shape | has | should have | contiguous? |
# |---|---|---|---|
# | `(2, 3)` | `(12, 4)` | `(12, 4)` | yes |
# | `(3, 2)`, transposed | `(4, 12)` | `(8, 4)` | no |
# | `(1, 3)` | `(24, 4)` | `(12, 4)` | yes: an axis of size 1 is never walked, so its stride does not matter |
# | `(0, 3)` | any | `(12, 4)` | yes: there is nothing to walk to |
#
# <details><summary>Hint 1</summary><code>contiguous_strides(self.shape, self.array.itemsize)</code> are those it should
# have. <code>zip</code> goes through sizes and both strides together.</details>
# <details><summary>Hint 2</summary>No values: True at once. Else <code>all(has == wants for n, has, wants in zip(…) if
# n > 1)</code>.</details>


# %% exercise="is_contiguous" points=1
#| export
# Memory and shape.
@extend(Tensor)
def is_contiguous(self):
    """Whether the values stand in memory in reading order, without gaps."""
    ### BEGIN SOLUTION
    strides = contiguous_strides(self.shape, self.array.itemsize)
    walked = zip(self.shape, self.array.strides, strides)
    return self.numel() == 0 or all(has == wants for n, has, wants in walked if n > 1)
    ### END SOLUTION


# %%
#| export
@extend(Tensor)
def contiguous(self):
    """The tensor itself if it is contiguous, else a copy that is."""
    return self if self.is_contiguous() else self.apply(np.ascontiguousarray, self)


# %% [markdown]
# `reshape` reads the same values, in the same order, with another shape. If the tensor is contiguous that is only
# new strides: a view. If not, no strides may exist that walk in that order, and the values must be copied. `reshape`
# does so silently. `view` refuses instead, for when sharing memory is the point.
#
# One size may be -1, "whatever is left". All of these take `x.reshape(2, 3)` as well as `x.reshape((2, 3))`.


# %%
#| export
@extend(Tensor)
def reshape(self, *shape):
    """The same values in the same order as `shape`, where one size may be -1: what is left.

    A view where strides allow it, else a copy. A ValueError if the number of values differs.
    """
    shape = _sizes(shape)
    if shape.count(-1) > 1 or min(shape, default=0) < -1:
        raise ValueError(f"sizes are 0 or more, and one may be -1; got {shape}")
    try:
        return self.apply(np.reshape, self, shape=shape)
    except ValueError:
        known = math.prod(size for size in shape if size != -1)
        wanted = f"a multiple of {known}" if -1 in shape else known
        raise ValueError(
            f"cannot reshape {self.shape} with {self.numel()} values into {shape} with {wanted}"
        ) from None


@extend(Tensor)
def view(self, *shape):
    """As `reshape`, but always a view; a ValueError if that would take a copy."""
    result = self.reshape(*shape)
    if self.numel() and not np.may_share_memory(result.array, self.array):
        shapes = f"{self.shape} as {result.shape}"
        raise ValueError(f"cannot view {shapes} without copying; use reshape")
    return result


@extend(Tensor)
def transpose(self, dim0, dim1):
    """A view with two axes swapped."""
    return self.apply(np.swapaxes, self, axis1=dim0, axis2=dim1)


@extend(Tensor)
def permute(self, *dims):
    """A view with the axes in another order: shape (2, 3, 4) by (2, 0, 1) is (4, 2, 3)."""
    dims = _sizes(dims)
    if not len(dims) == len(set(dims)) == self.ndim:
        raise ValueError(f"cannot permute {self.shape} by {dims}: name each axis once")
    return self.apply(np.transpose, self, axes=dims)


@extend(Tensor)
@property
def T(self):
    """A view with all axes reversed: rows become columns."""
    return self.permute(*reversed(range(self.ndim)))


@extend(Tensor)
def squeeze(self, dim=None):
    """A view without the axes of size 1, or without those in `dim` that have size 1."""
    dims = normalize_axis_tuple(range(self.ndim) if dim is None else dim, self.ndim)
    return self.apply(np.squeeze, self, axis=tuple(d for d in dims if self.shape[d] == 1))


@extend(Tensor)
def unsqueeze(self, dim):
    """A view with a new axis of size 1 at position `dim`."""
    return self.apply(np.expand_dims, self, axis=dim)


@extend(Tensor)
def expand(self, *shape):
    """A read-only view with axes of size 1 repeated to `shape`, where -1 keeps a size.

    New axes are added on the left. A ValueError if another size would have to change.
    """
    shape = _sizes(shape)
    own = (-1,) * (len(shape) - self.ndim) + self.shape
    full = tuple(has if size == -1 else size for has, size in zip(own, shape))
    try:
        return self.apply(np.broadcast_to, self, shape=full)
    except ValueError:
        message = f"cannot expand {self.shape} to {shape}: only sizes of 1 can be repeated"
        raise ValueError(message) from None


# %%
#| export
def _sizes(args):
    """The sizes in f(2, 3) and in f((2, 3)), as a tuple."""
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


# %% [markdown]
# `expand` is the trick behind broadcasting: a stride of 0. Walk along the axis, and you stay where you are.

# %%
show.layout(Tensor([1, 2, 3]).expand(2, 3))

# %%
print(x.reshape(3, -1), x.T.is_contiguous(), x.unsqueeze(0).shape, x.permute(1, 0).shape)
for attempt in (lambda: x.reshape(4, 2), lambda: x.T.view(6), lambda: x.expand(4, 3)):
    try:
        attempt()
    except ValueError as error:
        print("ValueError:", error)

# %% [markdown]
# ### Exercise: `flatten`
#
# Images come as `(batch, height, width)`; a classifier often wants `(batch, values)`. `flatten` merges the axes from
# `start_dim` to `end_dim`, **both included**, into one. `(2, 3, 4, 5)` flattened from axis 1 to 2 is `(2, 12, 5)`.
#
# Both axes may be negative. The given lines take care of that: they count `start` and `end` from the front (of 4
# axes, -1 is 3) and refuse axes that do not exist or come in the wrong order. A tensor of shape `()` becomes `(1,)`:
# its slice of sizes is empty, and the product of nothing is 1.
#
# What is left for you is the new shape. `reshape` does the rest, and gives a view wherever there is one.
#
# <details><summary>Hint 1</summary>The new shape has three parts: the sizes before <code>start</code>, one merged
# size, the sizes after <code>end</code>. Tuples are joined with <code>+</code>.</details>
# <details><summary>Hint 2</summary>The merged size is <code>math.prod(self.shape[start : end + 1])</code>. (A -1 in
# its place would do, except for empty tensors.)</details>
# <details><summary>Hint 3</summary><code>self.reshape(self.shape[:start] + (merged,) +
# self.shape[end + 1 :])</code></details>


# %% exercise="flatten" points=2
#| export
@extend(Tensor)
def flatten(self, start_dim=0, end_dim=-1):
    """The axes from `start_dim` to `end_dim`, both included, merged into one."""
    start = normalize_axis_index(start_dim, max(self.ndim, 1))
    end = normalize_axis_index(end_dim, max(self.ndim, 1))
    if start > end:
        raise ValueError(f"cannot flatten {self.shape} from dim {start} back to dim {end}")
    ### BEGIN SOLUTION
    merged = math.prod(self.shape[start : end + 1])
    return self.reshape(self.shape[:start] + (merged,) + self.shape[end + 1 :])
    ### END SOLUTION


# %% [markdown]
# ## 8. Indexing
#
# NumPy's indexing is rich, and we pass it on whole: numbers, slices, `None`, `...`, lists of positions, masks. Only
# tensors among the indices need unwrapping. Reading goes through `apply` like everything else, with a small function
# of our own as the operation, so that it has a name.
#
# In one place we differ from NumPy, as PyTorch does. `x[0, :, [0, 1]]` mixes a number with a list. NumPy takes the
# number for a list too, and then puts the axis of the lists in front of the slice's: for `x` of shape `(2, 3, 4)` it gives
# `(2, 3)`. Read from left to right one expects `(3, 2)`. So numbers are taken first, and lists after.
#
# Writing, `x[0] = 5`, makes no new tensor. It changes memory in place.


# %%
#| export
@operation
def getitem(array, *, index):
    """`array[index]`, as a function; a view, too, where the index names one value."""
    found = array[index]
    if isinstance(found, np.ndarray):
        return found
    return array[(*index, ...) if isinstance(index, tuple) else (index, ...)]


def _plain(index):
    """`index` with its tensors unwrapped; an integer in a tensor of shape () is a plain one."""
    if isinstance(index, tuple):
        return tuple(_plain(i) for i in index)
    if isinstance(index, Tensor):
        return index.item() if index.ndim == 0 and index.dtype.kind in "iu" else index.array
    return index


def _in_two_steps(index):
    """An index as two, numbers first, where it mixes numbers with lists or masks; else None.

    NumPy counts numbers among the lists. With a slice in between, as in `x[0, :, [0, 1]]`, it
    puts the axis of the lists in front. One after the other, axes stay in their order.
    """
    if not isinstance(index, tuple):
        return None
    numbers = [isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in index]
    if not any(numbers) or not any(isinstance(i, (list, np.ndarray)) for i in index):
        return None
    first = []
    for i, number in zip(index, numbers):
        if number or i is Ellipsis:
            first.append(i)
        elif i is not None:  # a mask covers as many axes as it has
            mask = isinstance(i, np.ndarray) and i.dtype == bool
            first += [slice(None)] * (i.ndim if mask else 1)
    return tuple(first), tuple(i for i, number in zip(index, numbers) if not number)


# %%
#| export
@extend(Tensor)
def __getitem__(self, index):
    """Index as in NumPy. Numbers and slices give a view; lists, masks and tensors a copy.

    Numbers for all axes leave one value, as a tensor of shape ().
    """
    index = _plain(index)
    steps = _in_two_steps(index)
    if steps:
        return self[steps[0]][steps[1]]
    return self.apply(getitem.function, self, index=index)


@extend(Tensor)
def __setitem__(self, index, value):
    """Write into this tensor's memory; every view of it sees the change."""
    index, array = _plain(index), self.array
    steps = _in_two_steps(index)
    if steps:
        array, index = array[steps[0]], steps[1]
    array[index] = unwrap(value)


@extend(Tensor)
def __iter__(self):
    return (self[i] for i in range(len(self)))


# %% [markdown]
# A slice with a step is a view as well: it only walks in longer strides. The grey cells are there, but out of its
# reach.

# %%
show.layout(x[:, ::2])

# %% [markdown]
# A list of positions, or a mask, follows no fixed stride. So NumPy must copy:

# %%
x = Tensor([[1, 2, 3], [4, 5, 6]])
view, copy = x[:, 0], x[:, [0]]
x[0, 0] = 100
print(view, copy, x[x > 4], sep="\n")

# %% [markdown]
# A last way of picking: one value from each row, at a position of its own. That is what `max(dim)` needs. `amax` says
# how large the largest value is. A classifier wants to know more: which class, and with what score? So `max(dim)`
# gives two tensors, the values and the positions where they were found, as a pair with names.


# %%
#| export
Picked = namedtuple("Picked", "values indices")


@operation
def take_along(array, index, *, dim):
    """The value of `array` at each position in `index`, counted along `dim`."""
    return np.take_along_axis(array, index, dim)


def _picked(tensor, indices, dim, keepdim):
    """The values at `indices` along `dim`, where these have size 1, and the indices."""
    values = tensor.apply(take_along, tensor, indices, dim=dim)
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (values, indices)))


@extend(Tensor)
def max(self, dim=None, keepdim=False):
    """The largest of all values; or those along `dim` and their positions, (values, indices)."""
    if dim is None:
        return self.amax()
    return _picked(self, self.argmax(dim, keepdim=True), dim, keepdim)


@extend(Tensor)
def min(self, dim=None, keepdim=False):
    """The smallest of all values; or those along `dim` and their positions, (values, indices)."""
    if dim is None:
        return self.amin()
    return _picked(self, self.argmin(dim, keepdim=True), dim, keepdim)


# %%
scores, classes = x.max(dim=1)
print(x.max(), scores, classes, sep="\n")

# %% [markdown]
# ## 9. Joining and splitting
#
# `cat` lays tensors end to end along an axis that they **have**: `(2, 3)` and `(4, 3)` become `(6, 3)`. An
# operation gets its arrays one by one and NumPy wants a list of them, so a small function stands between.
#
# `stack` puts them side by side along a **new** axis. Ten images of `(8, 8)` become one batch `(10, 8, 8)`, or `(8, 8,
# 10)` with `dim=-1`. It makes the axis first, at size 1, and then joins along it.


# %%
#| export
@operation
def join(*arrays, dim):
    """`np.concatenate` with the arrays as arguments of their own."""
    return np.concatenate(arrays, axis=dim)


def cat(tensors, dim=0):
    """`tensors` end to end along `dim`; a ValueError if another axis differs in size."""
    tensors = list(tensors)
    if not tensors:
        raise ValueError("cannot concatenate an empty list of tensors")
    try:
        return leader(*tensors).apply(join, *tensors, dim=dim)
    except ValueError:
        shapes = [np.shape(unwrap(x)) for x in tensors]
        normalize_axis_index(dim, len(shapes[0]))  # the axis may be what is wrong
        raise ValueError(
            f"cannot concatenate {_listed(shapes)} along dim {dim}: the sizes of all other dims must be equal"
        ) from None


def stack(tensors, dim=0):
    """`tensors`, all of one shape, side by side along a new axis at position `dim`."""
    tensors = [t if isinstance(t, Tensor) else Tensor(t) for t in tensors]
    shapes = [t.shape for t in tensors]
    if len(set(shapes)) > 1:
        raise ValueError(f"cannot stack {_listed(shapes)}: the shapes must be equal")
    return cat([t.unsqueeze(dim) for t in tensors], dim=dim)


def _check_pieces(shape, dim, size_or_sizes):
    """A ValueError unless `dim` can be split into pieces of this size, or of these sizes."""
    pieces = f"cannot split dim {dim} of {shape} into pieces of {size_or_sizes}"
    if isinstance(size_or_sizes, int):
        if size_or_sizes < 1:
            raise ValueError(f"{pieces}: the size must be at least 1")
    elif sum(size_or_sizes) != shape[dim] or min(size_or_sizes, default=0) < 0:
        raise ValueError(f"{pieces}: the sizes must add up to {shape[dim]}")


# %%
print(cat([Tensor([[1, 2]]), Tensor([[3, 4], [5, 6]])]))
print(stack([Tensor([1, 2, 3]), Tensor([4, 5, 6])]), stack([x, x], dim=-1).shape)

# %% [markdown]
# ### Exercise: `split`
#
# The way back: cut an axis into pieces. For `x = Tensor([0, 1, 2, 3, 4])`:
#
# | | pieces |
# |---|---|
# | `x.split(2)` | `[0, 1]`, `[2, 3]`, `[4]` |
# | `x.split([1, 4])` | `[0]`, `[1, 2, 3, 4]` |
#
# The given lines count `dim` from the front, and refuse sizes that do not fit. This must hold:
#
# - The pieces come as a tuple, in order. Each value is in one of them.
# - Only the axis `dim` is cut.
# - With one size, all pieces have it but the last, which has what is left. An axis of size 0 is one piece.
# - A piece is a view, not a copy: slices give views.
#
# Check yourself: `x` has the shape `(4, 10)`. Which shapes has `x.split(4, dim=1)`? (`(4, 4)`, `(4, 4)` and `(4, 2)`.)
#
# <details><summary>Hint 1</summary>Where does each piece begin, and where does it end? In the first row of the table
# the edges are 0, 2, 4 and 5, in the second 0, 1 and 5.</details>
# <details><summary>Hint 2</summary>For one size: <code>[*range(0, max(total, 1), size_or_sizes), total]</code> are the
# edges, where <code>total</code> is the size of the axis. For several: 0, and the sums so far;
# <code>itertools.accumulate</code> gives those.</details>
# <details><summary>Hint 3</summary><code>self[(slice(None),) * dim + (slice(start, end),)]</code> is a piece: all of
# the axes before <code>dim</code>, and a part of that. <code>itertools.pairwise(edges)</code> gives each start with its
# end.</details>


# %% exercise="split" points=2
#| export
@extend(Tensor)
def split(self, size_or_sizes, dim=0):
    """A tuple of views: pieces of one size (the last may be smaller), or of the sizes listed.

    A ValueError if listed sizes do not add up to the size of `dim`.
    """
    dim = normalize_axis_index(dim, self.ndim)
    _check_pieces(self.shape, dim, size_or_sizes)
    ### BEGIN SOLUTION
    total = self.shape[dim]
    if isinstance(size_or_sizes, int):
        edges = [*range(0, max(total, 1), size_or_sizes), total]
    else:
        edges = [0, *itertools.accumulate(size_or_sizes)]
    before = (slice(None),) * dim
    return tuple(self[(*before, slice(*ends))] for ends in itertools.pairwise(edges))
    ### END SOLUTION


# %%
#| export
split = Tensor.split  # a method is a function of its tensor

# %%
print([piece.tolist() for piece in Tensor([0, 1, 2, 3, 4]).split(2)])

# %% [markdown]
# ## 10. Tensors from nothing
#
# Some tensors come from no data at all: zeros, ones, a range, random numbers. They are class methods, so that a
# subclass makes its own kind. Plain functions, as in PyTorch, follow below.
#
# Random numbers deserve a thought. A result that cannot be repeated cannot be debugged. So there is one generator
# for everything, `default_generator`; `manual_seed(0)` puts it back to a known start; and whoever wants to be
# independent of everyone else passes a generator of their own, made with `np.random.default_rng(seed)`.

# %%
#| export
default_generator = np.random.default_rng()


def manual_seed(seed):
    """Start the default generator anew: the same seed gives the same numbers."""
    default_generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state


# %%
#| export
# Constructors: sizes as f(2, 3) or f((2, 3)).
@extend(Tensor)
@classmethod
def zeros(cls, *shape, dtype=np.float32):
    """A tensor of zeros."""
    return cls.wrap(np.zeros(_sizes(shape), dtype))


@extend(Tensor)
@classmethod
def ones(cls, *shape, dtype=np.float32):
    """A tensor of ones."""
    return cls.wrap(np.ones(_sizes(shape), dtype))


@extend(Tensor)
@classmethod
def full(cls, shape, value, dtype=np.float32):
    """A tensor filled with `value`."""
    return cls.wrap(np.full(shape, value, dtype))


@extend(Tensor)
@classmethod
def arange(cls, start, stop=None, step=1, dtype=None):
    """start, start + step, … up to but not including stop; arange(n) starts at 0.

    Integers give int64, other numbers float32.
    """
    array = np.arange(start, stop, step)
    if dtype is None:
        dtype = np.float32 if array.dtype.kind == "f" else np.int64
    return cls.wrap(array.astype(dtype))


@extend(Tensor)
@classmethod
def rand(cls, *shape, generator=None):
    """Random numbers, uniform from 0 up to but not including 1."""
    return cls.wrap((generator or default_generator).random(_sizes(shape), np.float32))


@extend(Tensor)
@classmethod
def randn(cls, *shape, generator=None):
    """Random numbers from the normal distribution with mean 0 and variance 1."""
    return cls.wrap((generator or default_generator).standard_normal(_sizes(shape), np.float32))


# %%
print(Tensor.zeros(2, 3), Tensor.arange(5), Tensor.arange(0, 1, 0.25), sep="\n")
manual_seed(0)
first = Tensor.randn(3)
manual_seed(0)
print(first, (first == Tensor.randn(3)).tolist())

# %% [markdown]
# ### Exercise: `eye`
#
# The identity matrix: ones on the diagonal, zeros elsewhere, n rows and m columns (`m` None: as many as rows). On the
# diagonal the row number equals the column number. So compare a **column** of row numbers with a **row** of column
# numbers, and let broadcasting make the table. No loop is needed. The result is `float32`, and of the class `cls`, so
# that a subclass makes its own kind.
#
# <details><summary>Hint 1</summary><code>cls.arange(n).unsqueeze(1)</code> has shape <code>(n, 1)</code>: the
# column.</details>
# <details><summary>Hint 2</summary>The row is <code>cls.arange(n if m is None else m)</code>. Compare the two with
# <code>==</code>; the result is bool, and <code>to(np.float32)</code> makes numbers of it.</details>


# %% exercise="eye" points=1
#| export
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    """The (n, m) matrix with ones on the diagonal; m is n if None."""
    ### BEGIN SOLUTION
    columns = cls.arange(n if m is None else m)
    return (cls.arange(n).unsqueeze(1) == columns).to(np.float32)
    ### END SOLUTION


# %%
#| export
zeros = Tensor.zeros
ones = Tensor.ones
full = Tensor.full
arange = Tensor.arange
eye = Tensor.eye
rand = Tensor.rand
randn = Tensor.randn

# %%
eye(3, 4)

# %% [markdown]
# ## 11. Matrix multiplication
#
# Of all operations this is the one that deep learning spends most of its time in. So look at it closely.
#
# `(n, k) @ (k, m)` gives `(n, m)`. Value `[i, j]` of the result is row `i` of the first times column `j` of the
# second: multiply value by value, and add up.
#
# ```
#   [1 2 3]   [1 0]     [1·1+2·2+3·3  1·0+2·1+3·0]   [14  2]
#   [4 5 6] @ [2 1]  =  [4·1+5·2+6·3  4·0+5·1+6·0] = [32  5]
#             [3 0]
# ```
#
# ### Exercise: `matmul_loops`
#
# Write it out, on plain arrays, with three loops: over rows `i`, columns `j`, and the inner index `t`. This version
# does not go into `tensor.py`. It is here to be measured, and replaced.
#
# The shapes fit; you need not check. Do not change `a` or `b`. The result has the dtype of `a`.
#
# <details><summary>Hint 1</summary>Start with <code>np.zeros((n, m), a.dtype)</code>, where <code>n, k =
# a.shape</code> and <code>m = b.shape[1]</code>.</details>
# <details><summary>Hint 2</summary>In the innermost loop: <code>out[i, j] += a[i, t] * b[t, j]</code>.</details>


# %% exercise="matmul_loops" points=2
def matmul_loops(a, b):
    """The product of two matrices, one multiplication at a time: (n, k) @ (k, m) -> (n, m)."""
    ### BEGIN SOLUTION
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            for t in range(k):
                out[i, j] += a[i, t] * b[t, j]
    return out
    ### END SOLUTION


# %% [markdown]
# Now the ladder. The same product three ways: three loops in Python; one loop over the rows, with NumPy doing a whole
# row at a time; and one call into BLAS, the linear algebra library that NumPy brings along. Guess before you run it:
# how many times faster is the last than the first? Ten? A thousand?


# %%
def matmul_rows(a, b):
    out = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        out[i] = np.dot(a[i], b)
    return out


def seconds(run, number=1, rounds=3):
    """The best of a few rounds: everything slower was somebody else's work."""
    return min(repeat(run, number=number, repeat=rounds)) / number


n = 96
a, b = rand(n, n).numpy(), rand(n, n).numpy()
ladder = {
    "three loops": seconds(lambda: matmul_loops(a, b), rounds=1),
    "one loop, rows": seconds(lambda: matmul_rows(a, b), number=10),
    "np.matmul (BLAS)": seconds(lambda: np.matmul(a, b), number=100),
}
show.ladder(ladder, flops=2 * n**3)

# %% [markdown]
# The multiplications are the same, nearly 900,000 of them. What differs is everything around them. Python looks up
# types, makes objects and checks bounds for each one. BLAS works on blocks that stay in the processor's cache, with
# eight or sixteen numbers in one instruction. Hence the habit for all that follows: **say what you want for whole
# tensors, and leave the loops to NumPy.**
#
# ### Batches
#
# `np.matmul` multiplies the last two axes. All axes before are a batch, and they broadcast:
#
# | `a` | `b` | `a @ b` |
# |---|---|---|
# | `(2, 3)` | `(3, 4)` | `(2, 4)` |
# | `(10, 2, 3)` | `(10, 3, 4)` | `(10, 2, 4)`: ten products |
# | `(10, 2, 3)` | `(3, 4)` | `(10, 2, 4)`: one `b` for all |
# | `(2, 3)` | `(3,)` | `(2,)`: matrix times vector |
# | `(3,)` | `(3,)` | `()`: one number |
#
# The check that the batches fit is given. It rests on your rule:


# %%
#| export
def _check_batches(a, b):
    """A ValueError unless the axes before the last two of the shapes `a` and `b` broadcast."""
    try:
        broadcast_shapes(a[:-2], b[:-2])
    except ValueError as misfit:
        raise ValueError(f"cannot multiply {a} @ {b}: the batches do not fit; {misfit}") from None


# %% [markdown]
# ### Exercise: `matmul`
#
# Write `__matmul__`, behind `@`. The shapes `a` and `b` are given. Let `leader(self, other)` apply `np.matmul`, and
# before that refuse what does not fit, with these sentences:
#
# 1. If either shape is `()`, a ValueError like
#    `cannot multiply (2, 3) @ (): a number has no rows and columns; use *`
# 2. If the inner sizes differ, a ValueError like
#    `cannot multiply (2, 3) @ (4, 5): the inner dimensions, 3 and 4, must be equal`
#
# The inner sizes are the last of `a` and the **last but one** of `b`, or the only one if `b` is a vector.
#
# <details><summary>Hint 1</summary><code>b[-2:]</code> is the last two sizes, or the only one. Its first element,
# <code>b[-2:][0]</code>, is the inner size in both cases.</details>
# <details><summary>Hint 2</summary>The last line: <code>return leader(self, other).apply(np.matmul, self,
# other)</code>. Not <code>self.apply</code>: <code>other</code> may be of the more specific class.</details>
# <details><summary>Hint 3</summary><code>if not a or not b: raise ValueError(f"cannot multiply {a} @ {b}: …")</code>,
# then <code>if a[-1] != b[-2:][0]: raise …</code> in the same way.</details>


# %% exercise="matmul" points=2
#| export
@extend(Tensor)
def __matmul__(self, other):
    """Matrix product, with batches: (..., n, k) @ (..., k, m) -> (..., n, m)."""
    a, b = self.shape, np.shape(unwrap(other))
    _check_batches(a, b)
    ### BEGIN SOLUTION
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    k, rows = a[-1], b[-2:][0]  # a vector on the right counts as a column
    if k != rows:
        raise ValueError(
            f"cannot multiply {a} @ {b}: the inner dimensions, {k} and {rows}, must be equal"
        )
    return leader(self, other).apply(np.matmul, self, other)
    ### END SOLUTION


# %%
#| export
@extend(Tensor)
def __rmatmul__(self, other):
    return self.wrap(unwrap(other)) @ self


# %%
print(Tensor([[1, 2, 3], [4, 5, 6]]) @ Tensor([[1, 0], [2, 1], [3, 0]]))
print((rand(10, 2, 3) @ rand(3, 4)).shape)
try:
    rand(2, 3) @ rand(4, 5)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ## 12. What it costs
#
# ### Bytes
#
# A tensor of a million values takes 4 MB in float32 and 8 MB in float64. The processor's caches hold a few MB, and
# it can compute faster than memory delivers. So bytes are time, and products are slower too: twice as wide numbers,
# half as many per instruction.

# %%
a32, b32 = rand(512, 512), rand(512, 512)
a64, b64 = a32.to("float64"), b32.to("float64")
print(f"float32: {a32.numpy().nbytes:,} bytes, float64: {a64.numpy().nbytes:,} bytes")
show.ladder(
    {
        "float64 @": seconds(lambda: a64 @ b64, number=5),
        "float32 @": seconds(lambda: a32 @ b32, number=5),
    },
    flops=2 * 512**3,
)

# %% [markdown]
# ### Views against copies
#
# A transpose is a new pair of strides. Its time does not depend on the size. A copy has to move every byte:

# %%
big = rand(2000, 2000)
show.ladder(
    {
        "big.T.contiguous()": seconds(lambda: big.T.contiguous(), number=3),
        "big.T": seconds(lambda: big.T, number=1000),
    }
)

# %% [markdown]
# ### Contiguity
#
# Memory is read in pieces of 64 bytes, sixteen float32 values at a time. Who needs only every sixteenth value still
# pays for all. Below, both sums add up 250,000 values:

# %%
rows, every16th = big[:125], big[:, ::16]
print(rows.numel(), rows.is_contiguous(), every16th.numel(), every16th.is_contiguous())
show.ladder(
    {
        "every 16th column": seconds(lambda: every16th.sum(), number=20),
        "125 whole rows": seconds(lambda: rows.sum(), number=20),
    }
)

# %% [markdown]
# So: views are free to make, and can be slow to read. When one is read many times, `contiguous()` pays for itself.
#
# ### New memory
#
# Every operation makes a new array, and most are soon forgotten. On Linux, the C library gives the memory of a large
# array back to the system at once, and has to ask for the next one again. The system hands memory out in pieces of
# 4 KB, and fills each with zeros first. That can take longer than the arithmetic.
#
# But the C library learns. Once a block was given back, it keeps those up to that size for the next time, as long as
# they are below 32 MB. So `tensor.py` takes a block of nearly that size, writes nothing into it, and gives it back.


# %%
#| export
# The C library keeps freed blocks up to the size of the largest freed so far, instead of fetching
# memory from the system anew for each result. From here on, that means blocks up to 32 MB.
_block = np.empty(2**25 - 2**16, np.uint8)
del _block

# %% [markdown]
# ### The door
#
# What does `Tensor` add on top of NumPy? A few microseconds a call, always the same few. On small tensors that is
# most of the time; on large ones it is nothing. Frameworks are fast when there is much work in each call.

# %%
for size, number in ((10, 2000), (1_000_000, 20)):
    t = rand(size)
    ours = seconds(lambda x=t: x + x, number)
    numpys = seconds(lambda x=t.array: x + x, number)
    print(f"{size:>9,} values: Tensor {ours * 1e6:8.1f} µs, NumPy {numpys * 1e6:8.1f} µs")

# %% [markdown]
# ### Question: views or copies?
#
# ```python
# x = arange(6).reshape(2, 3)
# a = x.T
# b = x.T.flatten()
# c = x[0]
# d = x[[0]]
# x[0, 0] = 100
# ```
#
# Which of `a`, `b`, `c`, `d` now contain 100? Say for each one why. You may try it, but think first.

# %% [markdown] question="views_or_copies" points=2
# ### BEGIN SOLUTION
# `a` and `c` contain 100. `x.T` swaps the strides and `x[0]` takes the first row with the same column stride: both are
# views on the memory of `x`. `b` does not: the values of `x.T`, in reading order, are 0, 3, 1, 4, 2, 5, and no single
# stride walks through the memory of `x` in that order, so `flatten` (a reshape) had to copy. `d` does not: a list of
# positions follows no fixed stride in general, so indexing with one always copies.
#
# **Rubric.** 1 point: `a` and `c` do, `b` and `d` do not. 1 point: the reasons; a view is the same memory with other
# strides (or offset), and a copy happens where strides cannot express the order. One of the four reasons missing or
# wrong: half of that point.
# ### END SOLUTION

# %% [markdown]
# ### Question: the stray double
#
# A colleague prepares images: `images` is a `Tensor` of float32 with shape `(60000, 28, 28)`.
#
# ```python
# scale = np.array([1 / 255])
# images = images * scale
# centred = images - images.mean(dim=0)
# ```
#
# The program needs twice the memory that was planned. What happens, and on which line? How many bytes does `centred`
# take, and how many should it take? Give the smallest change that mends it, and say why it works.

# %% [markdown] question="stray_float64" points=2
# ### BEGIN SOLUTION
# `np.array([1 / 255])` is a float64 array. In `images * scale` float32 meets float64, and the result is float64, as
# is everything computed from it. `centred` has 60000 · 28 · 28 = 47,040,000 values: 376,320,000 bytes instead of
# 188,160,000. Smallest change: `scale = 1 / 255`. A Python number has no dtype that it could impose, so the result
# keeps the dtype of the tensor. (`np.array([1 / 255], dtype=np.float32)` or `Tensor([1 / 255])` work as well.)
#
# **Rubric.** 1 point: the array is float64, the multiplication spreads it, and the bytes are right (8 against 4 for
# each of the 47 million values). 1 point: a change that works, with the reason. Converting the result afterwards with
# `to` works but makes the large array first: half a point.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `tensor(data)`, `Tensor(data)`, always a copy | the same |
# | `apply`, the one door | the dispatcher |
# | `broadcast_shapes` | `torch.broadcast_shapes` |
# | `x.sum(dim=0, keepdim=True)`, `x.max(dim=0)` | the same |
# | `x.var()`, with `correction=1` | `x.var()` |
# | `reshape`, `view`, `permute`, `expand`, `contiguous` | the same |
# | `cat`, `stack`, `split` | the same |
# | `randn(2, 3, generator=g)`, `manual_seed` | the same |
# | `a @ b` with batches | the same |
#
# When all checks pass, save the notebook. `tito check 01` opens the next module, and `tito demo --mine 01` reads
# handwritten digits with your class.
#
# Next, in 02, the tensor gets a memory: it will note down each operation that goes through the door.
