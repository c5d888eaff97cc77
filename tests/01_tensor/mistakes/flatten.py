# ruff: noqa: F821, RUF005
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "flatten",
    "`end_axis` is left out: a slice stops before its end. Here the end is included, so the slice has to go one "
    "further.",
)
def leaves_the_end_out(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start:end])
    return self.reshape(self.shape[:start] + (merged,) + self.shape[end:])


@mistake(
    "flatten",
    "The sizes are cut in two places that do not meet: one axis is counted twice or not at all. Where does the part "
    "behind the merged axes begin?",
)
def cuts_in_two_places(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start : end + 1])
    return self.reshape(self.shape[:start] + (merged,) + self.shape[end:])


@mistake(
    "flatten",
    "The axes behind `end_axis` are swallowed: everything from `start_axis` on became one. They keep their sizes.",
)
def ignores_the_end(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start:])
    return self.reshape(self.shape[:start] + (merged,))


@mistake("flatten", "All values end up in one row, whichever axes were asked for. The others keep their sizes.")
def ignores_both_axes(self, start_axis=0, end_axis=-1):
    return self.reshape(self.size)


@mistake(
    "flatten",
    "-1 stands for whatever is left. In an empty tensor that cannot be told: 0 values fit any size. The merged size "
    "is a product you can compute.",
)
def leaves_the_size_to_numpy(self, start_axis=0, end_axis=-1):
    return self.reshape(self.shape[:start] + (-1,) + self.shape[end + 1 :])


@mistake(
    "flatten",
    "You use the axes as they were given, and -1 does not do in a slice what it should do here: -1 + 1 is 0. `start` "
    "and `end` are the same axes, counted from the front.",
)
def slices_with_negative_axes(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start_axis : end_axis + 1])
    return self.reshape(self.shape[:start_axis] + (merged,) + self.shape[end_axis + 1 :])


@mistake(
    "flatten",
    "The result is a copy: `Tensor(…)` copies, and so does NumPy's own `flatten`. The values are in the right order "
    "already, so `reshape` of the tensor is a view.",
)
def copies(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start : end + 1])
    return Tensor(self.data.reshape(self.shape[:start] + (merged,) + self.shape[end + 1 :]))


@mistake(
    "flatten",
    "The values are right and shared, but the bare array was reshaped: the operation never passed through `apply`. "
    "Reshape the tensor, not its array.",
)
def goes_round_the_door(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start : end + 1])
    return self.wrap(self.data.reshape(self.shape[:start] + (merged,) + self.shape[end + 1 :]))


@mistake(
    "flatten",
    "The tensor itself was given the new shape. `flatten` returns another tensor, and leaves this one as it is.",
)
def changes_the_tensor(self, start_axis=0, end_axis=-1):
    merged = math.prod(self.shape[start : end + 1])
    self.data = self.data.reshape(self.shape[:start] + (merged,) + self.shape[end + 1 :])
    return self


@mistake(
    "flatten",
    "The sizes are added up. Two rows of three are 2 times 3 values.",
)
def adds_the_sizes_up(self, start_axis=0, end_axis=-1):
    merged = 0
    for size in self.shape[start : end + 1]:
        merged += size
    return self.reshape(self.shape[:start] + (merged,) + self.shape[end + 1 :])


@mistake(
    "flatten",
    "The new shape is handed on as tuples beside a number. It is one tuple of sizes: join the three parts with `+`.",
)
def hands_on_three_parts(self, start_axis=0, end_axis=-1):
    return self.reshape(self.shape[:start], math.prod(self.shape[start : end + 1]), self.shape[end + 1 :])


@right("flatten")
def multiplies_in_a_loop(self, start_axis=0, end_axis=-1):
    merged = 1
    for axis in range(start, min(end + 1, self.ndim)):
        merged = merged * self.shape[axis]
    shape = [*self.shape[:start], merged, *self.shape[end + 1 :]]
    return self.reshape(*shape)


@right("flatten")
def with_numpys_product(self, start_axis=0, end_axis=-1):
    before, middle, after = self.shape[:start], self.shape[start : end + 1], self.shape[end + 1 :]
    return self.reshape((*before, int(np.prod(middle)), *after))
