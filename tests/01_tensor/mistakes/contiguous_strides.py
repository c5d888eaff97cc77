import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "contiguous_strides",
    "The steps grow from the first axis to the last. In reading order it is the last axis whose values stand next to "
    "each other; the first has the longest way to go.",
)
def grows_from_the_left(shape, itemsize):
    strides = []
    step = itemsize
    for size in shape:
        strides.append(step)
        step *= size
    return tuple(strides)


@mistake(
    "contiguous_strides",
    "The numbers are right, but in reverse: you collected them from the last axis to the first, and handed them out "
    "like that.",
)
def forgets_to_turn_the_result_round(shape, itemsize):
    strides = []
    step = itemsize
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(strides)


@mistake("contiguous_strides", "The steps are counted in values. Strides are bytes: where does `itemsize` come in?")
def counts_values(shape, itemsize):
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


@mistake(
    "contiguous_strides",
    "Each step is one size too long: it walks over its own axis as well. One step along the last axis is one item.",
)
def multiplies_before_it_appends(shape, itemsize):
    strides = []
    step = itemsize
    for size in reversed(shape):
        step *= size
        strides.append(step)
    return tuple(reversed(strides))


@mistake("contiguous_strides", "The numbers are right, but in a list. A shape is a tuple, and strides are one too.")
def returns_a_list(shape, itemsize):
    strides = []
    step = itemsize
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    return strides


@mistake(
    "contiguous_strides",
    "A step takes only the size of the next axis into account. With three axes, it must walk over all that follow, "
    "multiplied.",
)
def looks_at_the_next_axis_only(shape, itemsize):
    return tuple(size * itemsize for size in shape[1:]) + (itemsize,) * bool(shape)


@mistake(
    "contiguous_strides",
    "A shape without axes has strides without axes: `()`. Yours always has one at the end.",
)
def always_has_a_last_axis(shape, itemsize):
    strides = [itemsize]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides)


@right("contiguous_strides")
def a_product_for_each_axis(shape, itemsize):
    return tuple(itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


@right("contiguous_strides")
def as_numpy_multiplies(shape, itemsize):
    steps = np.cumprod((itemsize, *shape[:0:-1]))[::-1]
    return tuple(int(step) for step in steps)[: len(shape)]


@right("contiguous_strides")
def fills_from_the_end(shape, itemsize):
    strides = [0] * len(shape)
    for axis in range(len(shape) - 1, -1, -1):
        strides[axis] = itemsize if axis == len(shape) - 1 else strides[axis + 1] * shape[axis + 1]
    return tuple(strides)
