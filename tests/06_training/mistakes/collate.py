# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "collate",
    "Whole numbers became float32. Class numbers must stay whole: a loss refuses 7.0 where it wants class 7.",
)
def makes_every_number_float32(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        return Tensor(list(samples))


@mistake(
    "collate",
    "Numbers with a point stay float64, as NumPy made them of Python's. Nobody asked for doubles, and one such batch "
    "makes doubles of everything that is computed with it.",
)
def leaves_doubles(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        return Tensor(np.array(samples))


@mistake(
    "collate",
    "The tensors are laid end to end along an axis that they have: three of shape (2,) became (6,). A batch has an "
    "axis more than a sample, and it is the first.",
)
def concatenates(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return concatenate([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        array = np.array(samples)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


@mistake(
    "collate",
    "A list of pairs came back as a list of collated pairs, one for each sample. It should be one pair of batches: "
    "zip(*samples) gives the columns, all first parts and all second parts.",
)
def collates_each_sample(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(sample) for sample in samples)
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        array = np.array(samples)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


@mistake(
    "collate",
    "The columns of a list of pairs are put into a batch as they are. A column may hold numbers, tensors or pairs "
    "again: it needs all the rules of the table, so call collate for it.",
)
def stacks_the_columns(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(stack([Tensor(item) for item in column]) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        array = np.array(samples)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


@mistake(
    "collate",
    "The dtype is that of the first number. A column may begin with 1 and go on with 0.5, which then is cut to 0. Let "
    "NumPy look at all of them.",
)
def goes_by_the_first_number(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        dtype = np.array(first).dtype
        return Tensor(np.array(samples, dtype=np.float32 if dtype == np.float64 else dtype))


@mistake(
    "collate",
    "`Tensor` of a list makes float32 of every number, and NumPy's own numbers were not thought of: `np.generic`. "
    "`np.array(samples)` keeps whole numbers whole.",
)
def makes_float32_of_pythons_numbers(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (int, float)):
        return Tensor(samples)


@mistake(
    "collate",
    "NumPy's numbers are numbers too, and an array gives such when it is indexed. `np.generic` is the class of all of them.",
)
def forgets_numpys_numbers(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(collate(column) for column in zip(*samples))
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float)):
        array = np.array(samples)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


@mistake("collate", "A pair of batches is a tuple, like a sample. You return a list.")
def returns_a_list(samples):
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return [collate(column) for column in zip(*samples)]
    if isinstance(first, (Tensor, np.ndarray)):
        return stack([Tensor(sample) for sample in samples])
    if isinstance(first, (bool, int, float, np.generic)):
        array = np.array(samples)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


@right("collate")
def numbers_first(samples):
    first = samples[0]
    if isinstance(first, tuple) or isinstance(first, list):
        batches = []
        for position in range(len(first)):
            batches.append(collate([sample[position] for sample in samples]))
        return tuple(batches)
    if isinstance(first, Tensor):
        return Tensor(np.stack([sample.data for sample in samples]))
    array = np.array(samples)
    if array.dtype.kind in "biuf":
        if array.dtype == np.float64 and not isinstance(first, np.ndarray):
            array = array.astype(np.float32)
        return Tensor(array)
