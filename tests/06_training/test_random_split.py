"""random_split deals the samples of a dataset out to subsets, by lot, each to exactly one."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tinytorch.training import TensorDataset, random_split
from tito.testing import on_student_side, raises, type_name


def drawn(rng, most=60):
    """Different numbers as samples, and how many go into each of a few subsets."""
    sizes = rng.integers(5, most // 4, rng.integers(2, 5)).tolist()
    return rng.choice(1000, sum(sizes), replace=False).tolist(), sizes


def agree(subsets, samples, sizes):
    assert [len(subset) for subset in subsets] == sizes
    assert sorted(sample for subset in subsets for sample in subset) == sorted(samples)


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


@on_student_side
def members(subsets):
    return [list(subset) for subset in subsets]


def test_every_sample_is_in_exactly_one_subset(rng):
    subsets = members(random_split([10, 11, 12, 13, 14], [3, 2]))
    assert len(subsets) == 2
    assert sorted(sample for subset in subsets for sample in subset) == [10, 11, 12, 13, 14]
    subsets = members(random_split(range(40), [20, 15, 5]))
    assert len(subsets) == 3
    assert sorted(sample for subset in subsets for sample in subset) == list(range(40))
    samples, sizes = drawn(rng)
    agree(members(random_split(samples, sizes)), samples, sizes)


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([3, 7], [3, 7]),
        ([10, 0], [10, 0]),
        ([0.8, 0.2], [8, 2]),
        ([0.5, 0.25, 0.25], [6, 2, 2]),
        ([0.25, 0.75], [3, 7]),
    ],
)
def test_the_subsets_have_the_lengths_asked_for_or_these_shares(lengths, sizes, rng):
    assert [len(subset) for subset in random_split(range(10), lengths)] == sizes
    samples, sizes = drawn(rng)
    agree(members(random_split(samples, [*sizes, 0])), samples, [*sizes, 0])
    samples, sizes = rng.choice(1000, 64, replace=False).tolist(), rng.permutation([8, 16, 16, 24]).tolist()
    agree(members(random_split(samples, [size / 64 for size in sizes])), samples, sizes)


def test_which_samples_are_drawn_is_a_matter_of_the_generator(rng):
    samples = list(range(50))
    once, again, other = (members(random_split(samples, [30, 20], np.random.default_rng(s))) for s in (1, 1, 2))
    assert once == again
    assert once != other
    assert sorted(once[0]) != samples[:30]
    samples, seed = rng.choice(1000, 50, replace=False).tolist(), int(rng.integers(3, 10**6))
    once, again = (members(random_split(samples, [30, 20], np.random.default_rng(seed))) for _ in range(2))
    assert once == again
    agree(once, samples, [30, 20])
    assert sorted(once[0]) != sorted(samples[:30])


def test_without_one_the_default_generator_draws(rng):
    for samples, seed in (
        (list(range(50)), 3),
        (rng.choice(1000, 50, replace=False).tolist(), int(rng.integers(10**6))),
    ):
        manual_seed(seed)
        once = members(random_split(samples, [30, 20]))
        assert members(random_split(samples, [30, 20])) != once
        manual_seed(seed)
        assert members(random_split(samples, [30, 20])) == once
        manual_seed(seed)
        random_split(samples, [30, 20], generator=np.random.default_rng(0))
        assert members(random_split(samples, [30, 20])) == once
        agree(once, samples, [30, 20])


def test_the_result_is_a_list_of_subsets_of_the_dataset(rng):
    values = rng.choice(1000, 9, replace=False)
    data = TensorDataset(Tensor(values))
    subsets = random_split(data, [6, 3])
    assert [type_name(subset) for subset in subsets] == ["Subset", "Subset"]
    assert subsets[0].dataset is data
    dealt = [subset[place][0].item() for subset in subsets for place in range(len(subset))]
    assert sorted(dealt) == sorted(values.tolist())


def test_lengths_that_do_not_add_up_are_refused(rng):
    with raises(ValueError, "cannot split 5 samples into [3, 3], which is 6"):
        random_split([1, 2, 3, 4, 5], [3, 3])
    samples, sizes = drawn(rng)
    wrong = [sizes[0] + int(rng.integers(1, 5)), *sizes[1:]]
    with raises(ValueError, f"cannot split {len(samples)} samples into {wrong}, which is {sum(wrong)}"):
        random_split(samples, wrong)
    agree(members(random_split(samples, sizes)), samples, sizes)
