"""Module 06's loader with the options that no lesson needs, samplers, and data sets made of data sets."""

import bisect
import itertools
import warnings

import numpy as np

import tinytorch.training as training
from tinytorch.autograd import Tensor
from tinytorch.operations import stack
from tinytorch.tensor import default_generator, unwrap
from tinytorch.training import Dataset, Subset, TensorDataset, take


def default_collate(samples):
    """A list of samples as one batch: as module 06's collate, and dicts by key; text stays a list."""
    first = samples[0]
    if isinstance(first, Tensor):
        return stack(samples)
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(column) for column in zip(*samples)))
    if isinstance(first, (tuple, list)):
        return [default_collate(column) for column in zip(*samples, strict=True)]
    return list(samples) if isinstance(first, (str, bytes)) else training.collate(samples)


class Sampler:
    """The numbers of samples, in the order in which they are wanted."""

    def __init__(self, data_source=None):
        self.data_source = data_source

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} does not say which samples are wanted")

    def __len__(self):
        return len(self.data_source)


class SequentialSampler(Sampler):
    """One after the other."""

    def __iter__(self):
        return iter(range(len(self.data_source)))


class RandomSampler(Sampler):
    """By lot: each once, or with `replacement` `num_samples` of them."""

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __iter__(self):
        generator, n = self.generator or default_generator, len(self.data_source)
        if not self.replacement:
            return iter(generator.permutation(n)[: self.num_samples].tolist())
        return itertools.islice(
            (int(i) for _ in itertools.count() for i in generator.integers(0, n, 32)),
            self.num_samples,
        )

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Those listed, in an order by lot."""

    def __init__(self, indices, generator=None):
        self.data_source, self.generator = list(indices), generator

    def __iter__(self):
        return (
            self.data_source[i]
            for i in (self.generator or default_generator).permutation(len(self.data_source))
        )


class WeightedRandomSampler(Sampler):
    """`num_samples` by lot, where weights say how likely each is."""

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        self.weights, self.num_samples = (
            Tensor(np.asarray(unwrap(weights), np.float64)),
            num_samples,
        )
        self.replacement, self.generator = replacement, generator

    def __iter__(self):
        return iter(
            self.weights.multinomial(
                self.num_samples, self.replacement, generator=self.generator
            ).tolist()
        )

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers of another sampler."""

    def __init__(self, sampler, batch_size, drop_last=False):
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        numbers = iter(self.sampler)
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self):
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full + (rest > 0 and not self.drop_last)


class IterableDataset(Dataset):
    """Samples that come one after the other; a subclass says in `__iter__` which."""

    __len__ = None

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} has no method __iter__")


class ChainDataset(IterableDataset):
    """Samples of several data sets, one behind the other."""

    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __iter__(self):
        return itertools.chain(*self.datasets)


class StackDataset(Dataset):
    """Samples of several data sets side by side: tuples, or dicts where they have names."""

    def __init__(self, *args, **kwargs):
        self.datasets = kwargs or args
        lengths = {len(dataset) for dataset in (kwargs.values() if kwargs else args)}
        if len(lengths) != 1:
            raise ValueError(f"data sets side by side have one length, not {sorted(lengths)}")
        self.length = lengths.pop()

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)


def get_worker_info():
    """None: there are no worker processes."""


class ConcatDataset(Dataset):
    """Data sets one behind the other."""

    def __init__(self, datasets):
        self.datasets = list(datasets)
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        index = range(len(self))[index]
        number = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[number][index - (self.cumulative_sizes[number - 1] if number else 0)]


def _taken_at_once(dataset):
    """Whether many samples come of one indexing: of tensors, or of subsets of them."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return isinstance(dataset, (TensorDataset, Tensor))


class DataLoader(training.DataLoader):
    """Module 06's loader; a `sampler` or `batch_sampler` says which samples come, and batch_size=None gives them singly.

    Batches are made where they are asked for: `num_workers` and the options for workers and memory change nothing.
    """

    _said = False

    def __init__(
        self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None,
        pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None, generator=None,
        *, prefetch_factor=None, persistent_workers=False, pin_memory_device="",
    ):  # fmt: skip
        if num_workers and not DataLoader._said:
            DataLoader._said = True
            warnings.warn(
                "num_workers changes nothing here: batches are made one after the other",
                stacklevel=2,
            )
        if shuffle and (sampler or batch_sampler):
            raise ValueError(
                "either shuffle=True or a sampler says in which order samples come, not both"
            )
        one = 1 if batch_size is None else batch_size
        if one < 1:
            raise ValueError(f"a batch has 1 sample or more, not {batch_size}")
        super().__init__(dataset, one, bool(shuffle), drop_last, collate_fn, generator)
        self.sampler, self.batch_sampler, self.num_workers, self.batched = (
            sampler,
            batch_sampler,
            num_workers,
            batch_size,
        )
        if sampler is not None:
            self.batch_sampler = BatchSampler(sampler, self.batch_size, drop_last)

    def batch(self, indices):
        """The samples at `indices` as one batch."""
        if self.collate_fn is None and _taken_at_once(self.dataset):
            return (
                list(found)
                if isinstance(found := take(self.dataset, np.asarray(indices)), tuple)
                else found
            )
        return self._collated([self.dataset[int(index)] for index in indices])

    def _collated(self, samples):
        return (self.collate_fn or default_collate)(samples)

    def __iter__(self):
        if self.batched is None:
            numbers = range(len(self.dataset)) if self.sampler is None else self.sampler
            return (self.dataset[i] for i in numbers)
        if isinstance(self.dataset, IterableDataset):
            return map(self._collated, BatchSampler(self.dataset, self.batch_size, self.drop_last))
        return (
            super().__iter__()
            if self.batch_sampler is None
            else map(self.batch, self.batch_sampler)
        )

    def __len__(self):
        if self.batched is None:
            return len(self.dataset if self.sampler is None else self.sampler)
        return super().__len__() if self.batch_sampler is None else len(self.batch_sampler)
