# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "stack",
    "That is `concatenate`: it joins along an axis that is there already. Stacking makes a new one, which each tensor "
    "must be given first.",
)
def concatenates(tensors, axis=0):
    return concatenate(tensors, axis=axis)


@mistake(
    "stack",
    "Each tensor gets its new axis in front, and is then joined along another. The two operations must mean the same "
    "axis.",
)
def makes_the_axis_in_front(tensors, axis=0):
    return concatenate([t.unsqueeze(0) for t in tensors], axis=axis)


@mistake(
    "stack",
    "The new axis is in its place, but the tensors are joined along the first. The two operations must mean the same "
    "axis.",
)
def joins_along_the_first_axis(tensors, axis=0):
    return concatenate([t.unsqueeze(axis) for t in tensors])


@mistake("stack", "`axis` is not used: the tensors always become the rows.")
def ignores_the_axis(tensors, axis=0):
    return concatenate([t.unsqueeze(0) for t in tensors])


@mistake(
    "stack",
    "A negative axis is taken as one of the tensors' own axes. The result has one axis more, and -1 is the last of "
    "those. `unsqueeze` and `concatenate` both get that right by themselves.",
)
def counts_from_the_end_of_the_tensors(tensors, axis=0):
    axis = axis % max(tensors[0].ndim, 1) if axis < 0 else axis
    return concatenate([t.unsqueeze(axis) for t in tensors], axis=axis)


@mistake(
    "stack",
    "The values are right, but NumPy stacked bare arrays: nothing passed through `apply`, and a subclass is lost. Use "
    "the two operations on tensors.",
)
def goes_round_the_door(tensors, axis=0):
    return Tensor(np.stack([t.data for t in tensors], axis=axis))


@mistake(
    "stack",
    "The values are right, but all tensors went through `apply` as one input, a list, where each should be an input "
    "of its own. Use the two operations that are there.",
)
def applies_numpys_stack(tensors, axis=0):
    return leader(*tensors).apply(np.stack, tensors, axis=axis)


@mistake(
    "stack",
    "The values are joined end to end and then cut into rows by `reshape`. That is right for axis 0 only: along "
    "another axis the values have to interleave.",
)
def cuts_the_joined_values(tensors, axis=0):
    shape = list(tensors[0].shape)
    shape.insert(axis % (len(shape) + 1), len(tensors))
    return concatenate([t.flatten() for t in tensors]).reshape(shape)


@right("stack")
def with_an_index(tensors, axis=0):
    place = axis % (tensors[0].ndim + 1)
    index = (slice(None),) * place + (None,)
    return concatenate([t[index] for t in tensors], axis=place)


@right("stack")
def in_front_and_then_moved(tensors, axis=0):
    rows = concatenate([t.unsqueeze(0) for t in tensors])
    axis = axis % rows.ndim
    order = list(range(1, rows.ndim))
    order.insert(axis, 0)
    return rows.permute(*order)


@right("stack")
def in_a_loop(tensors, axis=0):
    wider = []
    for t in tensors:
        wider.append(t.unsqueeze(axis))
    return concatenate(wider, axis)
