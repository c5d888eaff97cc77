"""sample_token draws by score, sharper or flatter with the temperature."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.language import sample_token
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side, type_name

DRAWS = 4000


def place(scores, number, temperature=1.0):
    """Where a number falls when the probabilities are laid end to end."""
    return int(np.searchsorted(np.cumsum(chances(scores, temperature)), number, side="right"))


def agree(rng, scores, temperature=1.0):
    """Compare for twelve numbers that no end is near to."""
    ends = np.cumsum(chances(scores, temperature))
    numbers = [number for number in rng.random(40) if abs(ends - number).min() > 1e-6][:12]
    expected = [place(scores, number, temperature) for number in numbers]
    assert [drawn_with(number, scores, temperature) for number in numbers] == expected


@on_student_side
def frequencies(scores, temperature, seed, draws):
    generator = np.random.default_rng(seed)
    drawn = [sample_token(scores, temperature, generator) for _ in range(draws)]
    return np.bincount(drawn, minlength=len(scores)) / draws


@on_student_side
def draws_of(scores, seeds):
    return [sample_token(scores, 1.0, np.random.default_rng(seed)) for seed in seeds]


@on_student_side
def next_number_after(scores, seed=3):
    generator = np.random.default_rng(seed)
    sample_token(scores, 1.0, generator)
    return generator.random()


@on_student_side
def drawn_with(number, scores, temperature=1.0):
    class Fixed:
        def random(self):
            return number

    return sample_token(scores, temperature, Fixed())


def chances(scores, temperature):
    powers = np.exp((scores - scores.max()) / temperature)
    return powers / powers.sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_as_often_as_softmax_says(temperature, rng):
    scores = rng.permutation([-1.0, 0.0, 0.7, 1.5, 2.0])
    found = frequencies(scores, temperature, int(rng.integers(1 << 30)), DRAWS)
    assert_close(found, chances(scores, temperature), atol=0.04, rtol=0)


def test_at_temperature_0_it_is_the_highest(rng):
    assert [sample_token(np.array(s), 0) for s in ([1.0, 3.0, 2.0], [-5.0, -7.0, -6.0])] == [1, 0]
    many = rng.standard_normal((6, 50))
    assert [sample_token(scores, 0) for scores in many] == many.argmax(1).tolist()


def test_what_is_minus_infinity_is_never_drawn(rng):
    scores = np.array([-np.inf, 0.0, -np.inf, 0.0, -np.inf])
    found = frequencies(scores, 1.0, int(rng.integers(1 << 30)), 500)
    assert (found[[0, 2, 4]] == 0).all()
    assert found[1] > 0.3 and found[3] > 0.3
    agree(rng, np.where(rng.permutation(20) % 2, rng.standard_normal(20), -np.inf))
    assert drawn_with(0.0, scores, 1.0) == 1


def test_one_number_decides_laid_out_from_the_left(rng):
    seeds = list(range(40))
    numbers = [np.random.default_rng(seed).random() for seed in seeds]
    expected = [int(np.searchsorted([0.5, 0.7, 1.0], number, side="right")) for number in numbers]
    assert draws_of(np.log([0.5, 0.2, 0.3]), seeds) == expected
    agree(rng, rng.standard_normal(30), rng.uniform(0.5, 2))


def test_it_draws_once_from_the_generator_or_else_from_the_default_one(rng):
    generator = np.random.default_rng(3)
    generator.random()
    assert next_number_after(np.zeros(4)) == generator.random()
    seed, scores = int(rng.integers(10**6)), rng.standard_normal(30)
    expected = np.random.default_rng(seed).random(3)
    manual_seed(seed)
    assert [sample_token(scores) for _ in range(2)] == [place(scores, number) for number in expected[:2]]
    assert next_number_after(scores, seed) == expected[1]


def test_it_is_a_python_number_and_tensors_are_taken(rng):
    drawn = sample_token(Tensor([0.0, 50.0, 0.0]))
    assert drawn == 1
    assert type_name(drawn) == "int"
    assert type_name(sample_token(np.array([0.0, 50.0]), 0)) == "int"
    for scores in 100 * rng.permutation(np.eye(40))[:6]:
        drawn = sample_token(Tensor(scores))
        assert (drawn, type_name(drawn)) == (scores.argmax(), "int")


def test_large_scores_are_no_trouble(rng):
    assert sample_token(np.array([1000.0, 5000.0, -3000.0])) == 1
    agree(rng, 5000 + rng.standard_normal(30))


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_number_above_the_last_end_means_the_last_token_that_can_be_drawn(after, rng):
    highest = float(np.nextafter(1, 0))  # what `random()` may give
    scores = np.concatenate([np.zeros(10), np.full(after, -np.inf)])  # ten times 0.1, added up, is no more than that
    assert drawn_with(highest, scores) == 9
    assert drawn_with(highest, np.concatenate([[-np.inf], scores])) == 10
    agree(rng, np.concatenate([rng.standard_normal(30), np.full(after, -np.inf)]))
