# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "batches",
    "The batches are the same ones in every pass, only their order is shuffled: neighbours in the data stay together. "
    "Shuffle the samples, then cut.",
)
def shuffles_the_batches(self):
    n = len(self.dataset)
    starts = np.arange(0, n, self.batch_size)
    if self.shuffle:
        starts = (self.generator or default_generator).permutation(starts)
    for start in starts:
        indices = np.arange(start, min(start + self.batch_size, n))
        if self.drop_last and len(indices) < self.batch_size:
            continue
        yield self.batch(indices)


@mistake(
    "batches",
    "Samples are drawn with replacement: some come twice in a pass and others not at all. A permutation has each "
    "number once.",
)
def draws_with_replacement(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).integers(0, n, n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        indices = order[start : start + self.batch_size]
        if self.drop_last and len(indices) < self.batch_size:
            return
        yield self.batch(indices)


@mistake(
    "batches",
    "Every pass has the same order. It was drawn once and kept, or is drawn from a generator that starts anew each "
    "time; each loop over the loader should draw its own.",
)
def draws_once(self):
    n = len(self.dataset)
    if not hasattr(self, "order"):
        self.order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        indices = self.order[start : start + self.batch_size]
        if self.drop_last and len(indices) < self.batch_size:
            return
        yield self.batch(indices)


@mistake(
    "batches",
    "A last batch that is not full is always left out. Only drop_last asks for that; without it these samples would "
    "never be seen.",
)
def always_drops_the_last(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n - self.batch_size + 1, self.batch_size):
        yield self.batch(order[start : start + self.batch_size])


@mistake(
    "batches",
    "With drop_last the last batch is left out even when it is full. What counts is whether it is shorter than "
    "batch_size.",
)
def drops_a_full_one(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        if self.drop_last and start + self.batch_size >= n:
            return
        yield self.batch(order[start : start + self.batch_size])


@mistake(
    "batches",
    "The loader's own generator is not asked: the order always comes from the default one.",
)
def forgets_the_generator(self):
    n = len(self.dataset)
    order = default_generator.permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        indices = order[start : start + self.batch_size]
        if self.drop_last and len(indices) < self.batch_size:
            return
        yield self.batch(indices)


@mistake(
    "batches",
    "The batches are made by `take`, whatever the loader says. `self.batch` knows about a collate_fn.",
)
def ignores_collate_fn(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        indices = order[start : start + self.batch_size]
        if self.drop_last and len(indices) < self.batch_size:
            return
        yield take(self.dataset, indices)


@mistake(
    "batches",
    "The order is drawn by lot in any case. Without `self.shuffle` the samples come as they are: 0, 1, 2, …",
)
def always_shuffles(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n)
    for start in range(0, n, self.batch_size):
        indices = order[start : start + self.batch_size]
        if self.drop_last and len(indices) < self.batch_size:
            return
        yield self.batch(indices)


@mistake(
    "batches",
    "The batches overlap: each begins one sample after the one before it. It should begin `batch_size` samples after it.",
)
def goes_on_by_one_sample(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(len(self)):
        yield self.batch(order[start : start + self.batch_size])


@mistake(
    "batches",
    "`__iter__` must give an iterator, and a list is none. Write `yield` for each batch instead of collecting them.",
)
def returns_a_list(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    return [self.batch(order[start : start + self.batch_size]) for start in range(0, n, self.batch_size)]


@mistake(
    "batches",
    "A last batch that is not full is always there. With `self.drop_last` it is to be left out.",
)
def never_drops_the_last(self):
    n = len(self.dataset)
    order = (self.generator or default_generator).permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        yield self.batch(order[start : start + self.batch_size])


@mistake(
    "batches",
    "Two things. With `self.drop_last`, a last piece that is shorter is left out. And the loader may have no generator of "
    "its own: then `default_generator` draws.",
)
def never_drops_and_expects_a_generator(self):
    n = len(self.dataset)
    order = self.generator.permutation(n) if self.shuffle else np.arange(n)
    for start in range(0, n, self.batch_size):
        yield self.batch(order[start : start + self.batch_size])


@right("batches")
def counts_batches(self):
    order = np.arange(len(self.dataset))
    if self.shuffle:
        (default_generator if self.generator is None else self.generator).shuffle(order)
    for number in range(len(self)):
        yield self.batch(order[number * self.batch_size : (number + 1) * self.batch_size])
