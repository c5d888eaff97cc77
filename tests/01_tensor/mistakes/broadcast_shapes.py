# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "broadcast_shapes",
    "The shapes are lined up flush left, so a short shape meets the wrong sizes. Its missing sizes are on its left: "
    "write the shapes below each other, flush right.",
)
def lines_up_from_the_left(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(longest):
        sizes = {shape[axis] for shape in shapes if len(shape) > axis} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis - longest))
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)


@mistake(
    "broadcast_shapes",
    "You go from right to left, as one should, and the result comes out in that order: (4, 3) where (3, 4) is due.",
)
def forgets_to_turn_the_result_round(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)


@mistake(
    "broadcast_shapes",
    "The largest size wins on every axis, whether the others fit or not: (2, 3) and (4,) pass. Only 1 may give way.",
)
def takes_the_largest(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(max(sizes) for sizes in zip(*padded))


@mistake(
    "broadcast_shapes",
    "The larger size wins, so a 1 beats a 0: (0,) and (1,) give (1,). The 1 is what gives way, to any size.",
)
def lets_1_win_over_0(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis}
        if len(sizes - {1}) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(max(sizes))
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "The result is as long as the shortest shape: zip stops where the first one ends. A shape that is too short has "
    "1s on its left.",
)
def stops_at_the_shortest(*shapes):
    result = []
    for axis, sizes in enumerate(zip(*(reversed(shape) for shape in shapes)), 1):
        sizes = set(sizes) - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, -axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "Not every shape has every axis: a short one has no axis -2, and asking for it is an IndexError. What counts in "
    "its place?",
)
def asks_for_axes_that_are_not_there(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "Sizes that are equal pass and all others are refused, also a 1 next to something else. A 1 is stretched.",
)
def stretches_nothing(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop())
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "Two shapes are handled, but there may be one, three, or none at all.",
)
def takes_two_shapes(*shapes):
    a, b = shapes
    longest = max(len(a), len(b))
    a = (1,) * (longest - len(a)) + a
    b = (1,) * (longest - len(b)) + b
    result = []
    for axis in range(longest):
        if a[axis] != b[axis] and 1 not in (a[axis], b[axis]):
            raise ValueError(_misfit(shapes, axis - longest))
        result.append(b[axis] if a[axis] == 1 else a[axis])
    return tuple(result)


@mistake(
    "broadcast_shapes",
    "One axis is left out, the leftmost: range stops before its end, so it has to end one further.",
)
def stops_one_axis_early(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "With no shapes at all, `max` has nothing to choose from and raises a ValueError of its own. It has an argument "
    "for that case.",
)
def cannot_do_without_shapes(*shapes):
    longest = max(len(shape) for shape in shapes)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


@mistake(
    "broadcast_shapes",
    "`_misfit` counts axes from the right, -1, -2, …, and you tell it a place from the left, which is another axis or none.",
)
def tells_the_axis_from_the_left(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for axis in range(longest):
        sizes = {shape[axis] for shape in padded} - {1}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)


@mistake(
    "broadcast_shapes",
    "A 1 beside another size is no misfit: it gives way. Take it out of the sizes before you count them. And you went from "
    "right to left, so the list must be reversed.",
)
def knows_equal_sizes_only_and_forgets_to_reverse(*shapes):
    longest = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-1, -longest - 1, -1):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis}
        if len(sizes) > 1:
            raise ValueError(_misfit(shapes, axis))
        result.append(sizes.pop())
    return tuple(result)


@right("broadcast_shapes")
def with_padding(*shapes):
    longest = max([len(shape) for shape in shapes] + [0])
    padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
    result = [1] * longest
    for axis in reversed(range(longest)):
        for shape in padded:
            if result[axis] == 1:
                result[axis] = shape[axis]
            elif shape[axis] not in (1, result[axis]):
                raise ValueError(_misfit(shapes, axis - longest))
    return tuple(result)


@right("broadcast_shapes")
def with_zip_longest(*shapes):
    from itertools import zip_longest

    result = ()
    columns = zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)
    for axis, sizes in enumerate(columns, start=1):
        stretched = [size for size in sizes if size != 1]
        if any(size != stretched[0] for size in stretched):
            raise ValueError(_misfit(shapes, -axis))
        result = (stretched[0] if stretched else 1, *result)
    return result


@right("broadcast_shapes")
def asks_numpy_and_explains(*shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        longest = max(len(shape) for shape in shapes)
        for axis in range(-1, -longest - 1, -1):
            if len({shape[axis] for shape in shapes if len(shape) >= -axis} - {1}) > 1:
                raise ValueError(_misfit(shapes, axis)) from None
