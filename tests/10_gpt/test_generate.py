"""generate yields token after token, each drawn after all that stands before it."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.gpt import generate
from tinytorch.layers import Module
from tinytorch.tensor import manual_seed
from tito.testing import on_student_side


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@on_student_side
def adder(size, longest, height):
    """A model whose likeliest next token is the sum of those it reads, and how many they are, modulo `size`.

    At the other positions it is the token itself. The others come with scores that fall with their distance.
    """

    class Adder(Module):
        def __init__(self):
            self.longest, self.asked, self.modes = longest, [], []

        def forward(self, ids):
            rows = ids.numpy()
            if rows.shape[1] > longest:
                raise ValueError(f"a sequence of {rows.shape[1]} is longer than the {longest} positions there are")
            self.asked.append(rows.tolist())
            self.modes.append(self.training)
            best = rows.copy()
            best[:, -1] = (rows.sum(1) + rows.shape[1]) % size
            away = (np.arange(size) - best[..., None]) % size
            return Tensor((-height * away).astype(np.float32))

    return Adder()


@on_student_side
def tokens(model, ids, count, *options, **more):
    return list(generate(model, ids, count, *options, **more))


@on_student_side
def seeded_tokens(model, ids, count, temperature, top_k, seed):
    return list(generate(model, ids, count, temperature, top_k, np.random.default_rng(seed)))


@on_student_side
def asked(model, ids, count):
    list(generate(model, ids, count, 0))
    return model.asked, model.modes, model.training


@on_student_side
def while_it_waits(model, ids):
    """Two of ten tokens, and after them: how often the model was asked, and whether it is in training mode."""
    stream = generate(model, ids, 10, 0)
    two = [next(stream), next(stream)]
    return two, len(model.asked), model.training


@on_student_side
def prompt_after(model, ids):
    list(generate(model, ids, 3, 0))
    return ids


def expected(ids, count, size, longest):
    ids = list(ids)
    for _ in range(count):
        window = ids[-longest:]
        ids.append((sum(window) + len(window)) % size)
    return ids[len(ids) - count :]


def drawn_ids(rng):
    return rng.integers(0, 97, 4).tolist()


def assert_it_writes(ids, *options):
    """That the likeliest tokens follow these ones; so they do not come from anywhere else."""
    assert seeded_tokens(adder(97, 4, 1.0), ids, 6, *options) == expected(ids, 6, 97, 4)


def test_each_token_follows_from_all_before_it(rng):
    ids = rng.integers(0, 10, 3).tolist()
    assert tokens(adder(10, 50, 1.0), ids, 8, 0) == expected(ids, 8, 10, 50)


def test_of_a_long_text_the_model_reads_the_last_tokens(rng):
    ids = rng.integers(0, 13, 9).tolist()
    assert tokens(adder(13, 5, 1.0), ids, 12, 0) == expected(ids, 12, 13, 5)
    assert tokens(adder(13, 1, 1.0), ids, 4, 0) == expected(ids, 4, 13, 1)


def test_it_yields_as_many_as_asked_for(rng):
    assert [len(tokens(adder(7, 4, 1.0), [1, 2], count, 0)) for count in (0, 1, 9)] == [0, 1, 9]
    count = int(rng.integers(10, 60))
    assert len(tokens(adder(7, 4, 1.0), [1, 2], count, 0)) == count
    assert_it_writes(drawn_ids(rng), 0, None, 0)


def test_each_token_is_there_as_soon_as_it_is_drawn(rng):
    ids = drawn_ids(rng)
    two, times, _ = while_it_waits(adder(97, 4, 1.0), ids)
    assert times == 2
    assert two == expected(ids, 2, 97, 4)


def test_the_model_is_asked_in_evaluation_mode_and_is_in_training_mode_while_it_waits(rng):
    ids = drawn_ids(rng)
    windows, modes, after = asked(adder(97, 4, 1.0), ids, 4)
    assert modes == [False] * 4
    assert after is True
    assert windows[0] == [ids]
    assert while_it_waits(adder(97, 4, 1.0), ids)[2] is True


def test_the_temperature_counts(rng):
    even = seeded_tokens(adder(10, 4, 0.5), [1], 60, 100.0, None, 0)
    assert len(set(even)) == 10
    ids = [1]
    assert seeded_tokens(adder(10, 4, 0.5), ids, 10, 0.01, None, 0) == expected(ids, 10, 10, 4)
    assert_it_writes(drawn_ids(rng), 0.01, None, 0)


@pytest.mark.parametrize("top_k", [1, 3])
def test_with_top_k_only_the_highest_are_drawn(top_k, rng):
    drawn, ids = seeded_tokens(adder(10, 4, 0.01), [2], 60, 1.0, top_k, int(rng.integers(1000))), [2]
    far = []
    for token in drawn:
        window = ids[-4:]
        far.append((token - sum(window) - len(window)) % 10)
        ids.append(token)
    assert set(far) == set(range(top_k))


def test_the_generator_decides(rng):
    once, again, other = (seeded_tokens(adder(50, 4, 0.01), [2], 20, 1.0, None, seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    assert_it_writes(drawn_ids(rng), 0.01, None, int(rng.integers(1000)))


def test_without_one_the_default_generator_draws(rng):
    manual_seed(4)
    once = tokens(adder(50, 4, 0.01), [2], 20)
    manual_seed(4)
    seeded_tokens(adder(50, 4, 0.01), [2], 20, 1.0, None, 0)
    assert tokens(adder(50, 4, 0.01), [2], 20) == once
    ids = drawn_ids(rng)
    assert tokens(adder(97, 4, 30.0), ids, 6) == expected(ids, 6, 97, 4)


def test_the_prompt_stays_as_it_was(rng):
    assert prompt_after(adder(7, 4, 1.0), [1, 2]) == [1, 2]
    ids = drawn_ids(rng)
    assert prompt_after(adder(97, 4, 1.0), ids) == ids
