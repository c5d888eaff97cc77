# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "mean",
    "You divide by the number of all values, whatever the axis. Each sum has taken only some of them: how many?",
)
def divides_by_all_values(self, axis=None, keepdims=False):
    return self.sum(axis=axis, keepdims=keepdims) / self.size


@mistake(
    "mean",
    "`len(self)` is the size of axis 0, and so the right count for axis 0 only. How many values went into each sum?",
)
def divides_by_len(self, axis=None, keepdims=False):
    return self.sum(axis=axis, keepdims=keepdims) / len(self)


@mistake(
    "mean",
    "`len(self)` is the size of axis 0, and so the right count for axis 0 only. How many values went into each sum?",
)
def divides_by_the_first_size(self, axis=None, keepdims=False):
    count = self.size if axis is None else self.shape[0]
    return self.sum(axis=axis, keepdims=keepdims) / count


@mistake(
    "mean",
    "One axis works, a tuple of axes does not: it cannot be used to look up a size in the shape. Counting values in "
    "and sums out needs no look at `axis`.",
)
def knows_single_axes_only(self, axis=None, keepdims=False):
    count = self.size if axis is None else self.shape[axis]
    return self.sum(axis=axis, keepdims=keepdims) / count


@mistake(
    "mean",
    "For several axes you add their sizes up. A block of 2 by 4 holds 8 values, not 6.",
)
def adds_the_sizes_up(self, axis=None, keepdims=False):
    axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    count = 0
    for a in axes:
        count += self.shape[a]
    return self.sum(axis=axis, keepdims=keepdims) / max(count, 1)


@mistake(
    "mean",
    "`//` rounds down to a whole number: the mean of 1 and 2 came out as 1. Count with whole numbers, divide the sum "
    "with `/`.",
)
def rounds_down(self, axis=None, keepdims=False):
    total = self.sum(axis=axis, keepdims=keepdims)
    return total // (self.size // max(total.size, 1))


@mistake("mean", "`keepdims` is not passed on to the sum, so the axis disappears even when it should stay with size 1.")
def forgets_keepdims(self, axis=None, keepdims=False):
    total = self.sum(axis=axis)
    return total / (self.size // max(total.size, 1))


@mistake("mean", "`axis` is not passed on to the sum: the result is always the mean of all values.")
def forgets_the_axis(self, axis=None, keepdims=False):
    return self.sum(keepdims=keepdims) / self.size


@mistake(
    "mean",
    "The values are right, but np.mean did it, as an operation of its own. Whoever watches or extends the operations "
    "would have to know one more. Compose it of `sum` and `/`, which are there.",
)
def applies_numpys_mean(self, axis=None, keepdims=False):
    return self.apply(np.mean, self, axis=axis, keepdims=keepdims)


@mistake(
    "mean",
    "The mean is taken of the bare array, so nothing passes through `apply`: a subclass, and whoever watches the "
    "operations, misses it. Compose it of `sum` and `/` on tensors.",
)
def goes_round_the_door(self, axis=None, keepdims=False):
    return Tensor(self.data.mean(axis=axis, keepdims=keepdims))


@mistake(
    "mean",
    "A tensor can be empty. Its sums may be none at all, and dividing by their number is then a division by zero.",
)
def stumbles_over_nothing(self, axis=None, keepdims=False):
    total = self.sum(axis=axis, keepdims=keepdims)
    return total / (self.size / total.size)


@right("mean")
def looks_at_the_axes(self, axis=None, keepdims=False):
    if axis is None:
        axes = tuple(range(self.ndim))
    elif isinstance(axis, int):
        axes = (axis,)
    else:
        axes = axis
    count = math.prod(self.shape[a] for a in axes)
    return self.sum(axis=axis, keepdims=keepdims) / count


@right("mean")
def divides_first(self, axis=None, keepdims=False):
    total = self.sum(axis, keepdims)
    if total.size == 0:
        return total
    return (self / (self.size // total.size)).sum(axis, keepdims)


@right("mean")
def multiplies(self, axis=None, keepdims=False):
    total = self.sum(axis=axis, keepdims=keepdims)
    n = self.size // total.size if total.size else 1
    return total * (1 / n)
