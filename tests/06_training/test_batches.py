"""A loop over a DataLoader gives the samples of its dataset in batches, each once, and in an order of its own."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tinytorch.training import DataLoader, TensorDataset
from tito.testing import assert_close, on_student_side


def drawn(rng, count):
    """Different numbers as samples."""
    return rng.choice(1000, count, replace=False).tolist()


def members(batches):
    return sorted(sample for batch in batches for sample in batch)


def cut(samples, size):
    return [samples[start : start + size] for start in range(0, len(samples), size)]


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


@on_student_side
def batches_of(loader):
    return [batch.tolist() for batch in loader]


@on_student_side
def add_up(samples):
    return sum(samples)


def test_batches_come_in_order_and_the_last_one_may_be_shorter(rng):
    assert batches_of(DataLoader(list(range(10)), batch_size=4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batches_of(DataLoader([5, 6], batch_size=1)) == [[5], [6]]
    assert batches_of(DataLoader([5, 6], batch_size=9)) == [[5, 6]]
    for count, size in ((int(rng.integers(10, 30)), int(rng.integers(2, 9))), (12, 4), (1, 1)):
        samples = drawn(rng, count)
        assert batches_of(DataLoader(samples, batch_size=size)) == cut(samples, size)


@pytest.mark.parametrize("n", [8, 9, 11, 3, 0])
def test_drop_last_leaves_out_a_last_batch_that_is_not_full(n, rng):
    full = [list(range(start, start + 4)) for start in range(0, n - 3, 4)]
    assert batches_of(DataLoader(list(range(n)), batch_size=4, drop_last=True)) == full
    assert len(DataLoader(list(range(n)), batch_size=4, drop_last=True)) == len(full)
    samples, size = drawn(rng, n + 7), int(rng.integers(2, 7))
    full = [batch for batch in cut(samples, size) if len(batch) == size]
    assert batches_of(DataLoader(samples, batch_size=size, drop_last=True)) == full


def test_shuffled_each_sample_comes_once_and_with_other_neighbours(rng):
    for samples, seed in ((list(range(100)), 0), (sorted(drawn(rng, 100)), int(rng.integers(10**6)))):
        loader = DataLoader(samples, batch_size=30, shuffle=True, generator=np.random.default_rng(seed))
        batches = batches_of(loader)
        assert [len(batch) for batch in batches] == [30, 30, 30, 10]
        assert members(batches) == samples
        assert not any(sorted(batch) in cut(samples, 30) for batch in batches)


def test_each_pass_has_an_order_of_its_own(rng):
    samples = drawn(rng, 100)
    loader = DataLoader(samples, batch_size=30, shuffle=True, generator=np.random.default_rng(0))
    first, second = batches_of(loader), batches_of(loader)
    assert first != second
    assert members(first) == members(second) == sorted(samples)


def test_the_order_comes_from_the_generator_of_the_loader_or_else_from_the_default_one(rng):
    samples, seed = drawn(rng, 50), int(rng.integers(10**6))
    one, same, other = (
        batches_of(DataLoader(samples, 10, shuffle=True, generator=np.random.default_rng(s)))
        for s in (seed, seed, seed + 1)
    )
    assert one == same
    assert one != other
    manual_seed(seed)
    from_default = batches_of(DataLoader(samples, 10, shuffle=True))
    manual_seed(seed)
    batches_of(DataLoader(samples, 10, shuffle=True, generator=np.random.default_rng(1)))
    batches_of(DataLoader(samples, 10))  # in order, nothing is drawn
    assert batches_of(DataLoader(samples, 10, shuffle=True)) == from_default
    assert members(one) == members(from_default) == sorted(samples)


def test_what_belongs_together_stays_together(rng):
    images = rng.standard_normal((20, 3)).astype(np.float32)
    loader = DataLoader(TensorDataset(Tensor(images), Tensor(np.arange(20))), batch_size=8, shuffle=True)
    for inputs, targets in loader:
        assert_close(inputs, images[np.asarray(targets)], dtype=np.float32)
    for batch in DataLoader(Tensor(images), batch_size=20):
        assert_close(batch, images)


def test_collate_fn_makes_the_batches_where_there_is_one(rng):
    assert list(DataLoader([1, 2, 3], batch_size=2, collate_fn=add_up)) == [3, 3]
    samples = drawn(rng, 20)
    expected = [sum(batch) for batch in cut(samples, 3)]
    assert list(DataLoader(samples, batch_size=3, collate_fn=add_up)) == expected
    assert list(DataLoader(samples, batch_size=3, collate_fn=add_up, drop_last=True)) == expected[:-1]
