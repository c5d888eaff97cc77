# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "rsub",
    "The sign is the wrong way round. In `10 - x` the method belongs to `x`, so `self` is what gets subtracted.",
)
def subtracts_other_from_self(self, other):
    return elementwise(np.subtract, self, other)


@mistake(
    "rsub",
    "The sign is the wrong way round. In `10 - x` the method belongs to `x`, so `self` is what gets subtracted.",
)
def uses_the_operator_the_wrong_way_round(self, other):
    return self - other


@mistake(
    "rsub",
    "`other - self` is what Python was asked in the first place: it calls `__rsub__` again, and again. Say it with "
    "the function that the other operators use.",
)
def calls_itself(self, other):
    return other - self


@mistake(
    "rsub",
    "Subtraction on the bare arrays gives a bare array. It should pass through the same door as all the others.",
)
def returns_an_array(self, other):
    return np.subtract(other, self.data)


@mistake(
    "rsub",
    "The values are right, but the subtraction never passed through `apply`: a subclass, and whoever watches the "
    "operations, misses it. `elementwise` takes care of that.",
)
def goes_round_the_door(self, other):
    return Tensor(other - self.data)


@mistake(
    "rsub",
    "The values are right, but the subtraction never passed through `apply`: a subclass, and whoever watches the "
    "operations, misses it. `elementwise` takes care of that.",
)
def wraps_the_difference(self, other):
    return self.wrap(unwrap(other) - self.data)


@mistake(
    "rsub",
    "A number that is made a Tensor brings a dtype along, and imposes it: integers became float32. A bare Python "
    "number has none, so leave it one.",
)
def makes_the_number_a_tensor(self, other):
    return Tensor(other) - self


@mistake(
    "rsub",
    "A number that is made an array brings a dtype along, and imposes it: half precision became float32. A bare "
    "Python number has none, so leave it one.",
)
def makes_the_number_an_array(self, other):
    return elementwise(np.subtract, np.array(other), self)


@mistake("rsub", "The tensor is added. Minus twice is plus: change the sign of `self` or subtract it, not both.")
def negates_twice(self, other):
    return elementwise(np.subtract, other, -self)


@mistake(
    "rsub",
    "The values are right, but by another operation than the one that was written: the error for shapes that do not "
    "fit now names it, or the shapes, the wrong way round. Subtract `self` from `other`, in this order.",
)
def negates_the_difference(self, other):
    return -(self - other)


@mistake(
    "rsub",
    "The values are right, but by another operation than the one that was written: the error for shapes that do not "
    "fit now names it, or the shapes, the wrong way round. Subtract `self` from `other`, in this order.",
)
def adds_the_negative(self, other):
    return -self + other


@right("rsub")
def lets_subtract_do_it(self, other):
    return elementwise(np.subtract, unwrap(other), self)


@right("rsub")
def names_the_sides(self, other):
    left, right = other, self
    out = elementwise(np.subtract, left, right)
    return out
