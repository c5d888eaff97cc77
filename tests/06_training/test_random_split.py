"""random_split deals the samples of a dataset out to subsets, by lot, each to exactly one."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tinytorch.training import TensorDataset, random_split
from tito.testing import on_student_side, raises, type_name


@pytest.fixture(autouse=True)
def seeded():
    """A wrong answer that draws from the default generator does so in the same way each time."""
    manual_seed(0)


@on_student_side
def members(subsets):
    return [list(subset) for subset in subsets]


def test_every_sample_is_in_exactly_one_subset():
    subsets = members(random_split([10, 11, 12, 13, 14], [3, 2]))
    assert len(subsets) == 2
    assert sorted(sample for subset in subsets for sample in subset) == [10, 11, 12, 13, 14]
    subsets = members(random_split(range(40), [20, 15, 5]))
    assert len(subsets) == 3
    assert sorted(sample for subset in subsets for sample in subset) == list(range(40))


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
def test_the_subsets_have_the_lengths_asked_for_or_these_shares(lengths, sizes):
    assert [len(subset) for subset in random_split(range(10), lengths)] == sizes


def test_which_samples_are_drawn_is_a_matter_of_the_generator():
    samples = list(range(50))
    once, again, other = (members(random_split(samples, [30, 20], np.random.default_rng(s))) for s in (1, 1, 2))
    assert once == again
    assert once != other
    assert sorted(once[0]) != samples[:30]


def test_without_one_the_default_generator_draws():
    manual_seed(3)
    once = members(random_split(range(50), [30, 20]))
    assert members(random_split(range(50), [30, 20])) != once
    manual_seed(3)
    assert members(random_split(range(50), [30, 20])) == once
    manual_seed(3)
    random_split(range(50), [30, 20], generator=np.random.default_rng(0))
    assert members(random_split(range(50), [30, 20])) == once


def test_the_result_is_a_list_of_subsets_of_the_dataset():
    data = TensorDataset(Tensor(np.arange(4)))
    subsets = random_split(data, [3, 1])
    assert [type_name(subset) for subset in subsets] == ["Subset", "Subset"]
    assert subsets[0].dataset is data


def test_lengths_that_do_not_add_up_are_refused():
    with raises(ValueError, "cannot split 5 samples into [3, 3], which is 6"):
        random_split([1, 2, 3, 4, 5], [3, 3])
