"""A loop over an EndlessLoader draws each batch by lot, and its generator stands where the training does."""

import numpy as np
import pytest

from tinytorch.gpt import EndlessLoader
from tinytorch.tensor import manual_seed
from tinytorch.training import Dataset
from tito.testing import on_student_side


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@on_student_side
def some(loader, count):
    """The first `count` batches of a loop."""
    found = []
    for batch in loader:
        found.append(batch.tolist())
        if len(found) == count:
            break
    return found


@on_student_side
def split(samples, first, second, seed):
    """So many batches, and after a new loader has gone on from where the first one stood, so many more."""
    loader = EndlessLoader(samples, 4, generator=np.random.default_rng(seed))
    found = some(loader, first)
    other = EndlessLoader(samples, 4, generator=np.random.default_rng(seed + 1))
    other.load_state_dict(loader.state_dict())
    return found + some(other, second)


@on_student_side
def taken_at_once(size):
    """How many samples a dataset was asked for in each call."""

    class Asked(Dataset):
        def __len__(self):
            return 100

        def take(self, indices):
            calls.append(len(indices))
            return indices

    calls = []
    loader = EndlessLoader(Asked(), size, generator=np.random.default_rng(0))
    some(loader, 3)
    return calls


def samples_of(rng, count):
    """So many numbers in a row, from a drawn one on."""
    start = int(rng.integers(10, 10**6))
    return list(range(start, start + count))


def test_batches_have_the_size_asked_for_and_never_end(rng):
    for size in (4, int(rng.integers(5, 90))):
        batches = some(EndlessLoader(list(range(10)), batch_size=size, generator=np.random.default_rng(0)), 50)
        assert [len(batch) for batch in batches] == [size] * 50


@pytest.mark.parametrize("n", [1, 5, 40])
def test_every_sample_may_be_drawn_and_no_other(n, rng):
    batches = some(EndlessLoader(list(range(n)), batch_size=10, generator=rng), 80)
    assert {sample for batch in batches for sample in batch} == set(range(n))


def test_they_are_drawn_by_lot(rng):
    samples = samples_of(rng, 1000)
    batches = some(EndlessLoader(samples, batch_size=20, generator=np.random.default_rng(0)), 20)
    assert len({tuple(batch) for batch in batches}) == 20
    assert not any(batch == sorted(batch) for batch in batches)
    assert 400 < np.mean(batches) - samples[0] < 600


def test_each_batch_on_its_own_so_a_sample_may_come_again_soon(rng):
    samples = samples_of(rng, 30)
    batches = some(EndlessLoader(samples, batch_size=10, generator=np.random.default_rng(0)), 3)
    drawn = {sample for batch in batches for sample in batch}
    assert len(drawn) < 30 and drawn <= set(samples)


@pytest.mark.parametrize("first", [1, 2, 5])
def test_one_that_goes_on_where_another_stood_gives_what_it_would_have_given(first, rng):
    samples, seed = samples_of(rng, 1000), int(rng.integers(1000))
    batches = split(samples, first, 7 - first, seed)
    assert batches == split(samples, 6, 1, seed)
    assert {sample for batch in batches for sample in batch} <= set(samples)


def test_without_a_generator_of_its_own_the_default_one_draws(rng):
    samples = samples_of(rng, 100)
    manual_seed(5)
    once = some(EndlessLoader(samples, 5), 3)
    assert some(EndlessLoader(samples, 5), 3) != once
    manual_seed(5)
    some(EndlessLoader(samples, 5, generator=np.random.default_rng(0)), 3)
    assert some(EndlessLoader(samples, 5), 3) == once
    assert {sample for batch in once for sample in batch} <= set(samples)


def test_the_dataset_is_asked_for_a_whole_batch_at_once(rng):
    for size in (7, int(rng.integers(8, 90))):
        assert taken_at_once(size) == [size] * 3


def test_for_any_samples_and_sizes_of_batches(rng):
    samples = rng.integers(0, 10**6, int(rng.integers(2, 60))).tolist()
    size, count = (int(rng.integers(1, 9)) for _ in range(2))
    batches = some(EndlessLoader(samples, size, generator=rng), count)
    assert [len(batch) for batch in batches] == [size] * count
    assert all(sample in samples for batch in batches for sample in batch)
