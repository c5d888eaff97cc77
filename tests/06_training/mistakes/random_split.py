# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "random_split",
    "Nothing is drawn: the subsets are the first samples, the next ones, and so on, in the order of the file. If that "
    "is sorted, one subset has all the zeros and another all the nines.",
)
def cuts_without_drawing(dataset, lengths, generator=None):
    counts = _counts(lengths, len(dataset))
    order = np.arange(len(dataset))
    return [Subset(dataset, piece) for piece in np.split(order, np.cumsum(counts)[:-1])]


@mistake(
    "random_split",
    "Each subset is a drawing of its own, so a sample may be in two of them, and another in none. Draw one order for "
    "all, and cut it.",
)
def draws_for_each_subset(dataset, lengths, generator=None):
    generator = generator or default_generator
    counts = _counts(lengths, len(dataset))
    return [Subset(dataset, generator.permutation(len(dataset))[:count]) for count in counts]


@mistake(
    "random_split",
    "The generator that was passed is not used: the same seed gives another split each time, so what was held out "
    "yesterday may be learnt today.",
)
def forgets_the_generator(dataset, lengths, generator=None):
    counts = _counts(lengths, len(dataset))
    order = default_generator.permutation(len(dataset))
    return [Subset(dataset, piece) for piece in np.split(order, np.cumsum(counts)[:-1])]


@mistake(
    "random_split",
    "Where no generator is passed you make a new one, which starts anywhere, or always at the same place. Whoever "
    "calls manual_seed means the default generator.",
)
def makes_a_generator_of_its_own(dataset, lengths, generator=None):
    counts = _counts(lengths, len(dataset))
    order = (generator or np.random.default_rng(0)).permutation(len(dataset))
    return [Subset(dataset, piece) for piece in np.split(order, np.cumsum(counts)[:-1])]


@mistake(
    "random_split",
    "The sizes are where to cut only for the first piece. The second ends at the sum of the first two, the third at "
    "the sum of three: add them up as you go.",
)
def takes_sizes_for_places(dataset, lengths, generator=None):
    counts = _counts(lengths, len(dataset))
    order = (generator or default_generator).permutation(len(dataset))
    return [Subset(dataset, piece) for piece in np.split(order, counts[:-1])]


@mistake(
    "random_split",
    "There is one subset too many. `np.split` is told where to cut, and behind the last piece there is nothing to cut: "
    "`np.split(order, ends[:-1])`.",
)
def cuts_once_too_often(dataset, lengths, generator=None):
    order = (generator or default_generator).permutation(len(dataset))
    ends = np.cumsum(_counts(lengths, len(dataset)))
    return [Subset(dataset, part) for part in np.split(order, ends)]


@mistake(
    "random_split",
    "Where no generator is given, `generator` is None, and None draws nothing. Take `default_generator` then.",
)
def expects_a_generator(dataset, lengths, generator=None):
    order = generator.permutation(len(dataset))
    ends = np.cumsum(_counts(lengths, len(dataset)))
    return [Subset(dataset, part) for part in np.split(order, ends[:-1])]


@mistake(
    "random_split",
    "A dataset gives one sample at a time, by its number. A part of it is a `Subset(dataset, indices)`, which holds the "
    "numbers.",
)
def indexes_the_dataset(dataset, lengths, generator=None):
    order = (generator or default_generator).permutation(len(dataset))
    ends = np.cumsum(_counts(lengths, len(dataset)))
    return [dataset[part] for part in np.split(order, ends[:-1])]


@right("random_split")
def with_a_loop(dataset, lengths, generator=None):
    if generator is None:
        generator = default_generator
    order = list(generator.permutation(len(dataset)))
    subsets = []
    for count in _counts(lengths, len(dataset)):
        subsets.append(Subset(dataset, [order.pop(0) for _ in range(count)]))
    return subsets
