# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "dropout",
    "Values are dropped in use as well. Look at `self.training` first.",
)
def drops_in_use_too(self, x):
    keep = 1 - self.p
    return x * ((rand(*x.shape) < keep) / (keep or 1))


@mistake(
    "dropout",
    "The kept values stay as they are, so in training the next layer gets smaller sums than in use. What is kept has to "
    "make up for what is dropped.",
)
def does_not_enlarge(self, x):
    if not self.training:
        return x
    return x * (rand(*x.shape) < 1 - self.p)


@mistake(
    "dropout",
    "A value is kept with probability `p`. But `p` is the probability that it is dropped; at 0.5 one does not see the "
    "difference.",
)
def keeps_with_probability_p(self, x):
    if not self.training:
        return x
    keep = 1 - self.p
    return x * ((rand(*x.shape) < self.p) / (keep or 1))


@mistake(
    "dropout",
    "The right share is dropped, but the kept values are divided by `p`. They make up for the share that is kept: 1 - p.",
)
def divides_by_p(self, x):
    if not self.training:
        return x
    return x * ((rand(*x.shape) < 1 - self.p) / (self.p or 1))


@mistake(
    "dropout",
    "With `p = 1` you divide by zero. Nothing is kept, so there is nothing to enlarge: the result is zeros.",
)
def divides_by_zero(self, x):
    if not self.training:
        return x
    keep = 1 - self.p
    return x * ((rand(*x.shape) < keep) / keep)


@mistake(
    "dropout",
    "Values are enlarged by 1 / (1 - p) in training, and in use multiplied by 1 - p as well. One of the two is enough, and "
    "then there is nothing to do in use.",
)
def scales_in_use_as_well(self, x):
    keep = 1 - self.p
    if not self.training:
        return x * keep
    return x * ((rand(*x.shape) < keep) / (keep or 1))


@mistake(
    "dropout",
    "One draw for each column: all rows lose the same values. Each value has a chance of its own.",
)
def draws_one_row(self, x):
    if not self.training:
        return x
    keep = 1 - self.p
    return x * ((rand(x.shape[-1]) < keep) / (keep or 1))


@mistake(
    "dropout",
    "The values are right, but they were computed beside autograd, on the bare array. So no gradient finds its way back. "
    "Multiply tensors.",
)
def goes_around_autograd(self, x):
    if not self.training:
        return x
    keep = 1 - self.p
    kept = rand(*x.shape) < keep
    return Tensor(x.data * (kept / (keep or 1)).data)


@mistake(
    "dropout",
    "`x[…] = 0` writes into the tensor that came in. Where it is recorded that is refused, and otherwise the caller loses "
    "values. Multiply, which makes a new one.",
)
def writes_zeros_into_the_input(self, x):
    if not self.training:
        return x
    x[rand(*x.shape) < self.p] = 0
    return x / ((1 - self.p) or 1)


@right("dropout")
def with_the_dropped_share(self, x):
    if not self.training or self.p == 0:
        return x
    if self.p == 1:
        return x * 0
    return x * (rand(*x.shape) >= self.p) / (1 - self.p)


@right("dropout")
def with_an_array(self, x):
    if self.training:
        chance = rand(*x.shape).numpy()
        scale = 1 / max(1 - self.p, 1e-9)
        return x * np.where(chance >= self.p, scale, 0).astype(x.dtype)
    return x
