"""nats_per_character makes losses of different tokenizers comparable."""

import pytest

from tinytorch.language import nats_per_character
from tito.testing import assert_close


def agree(rng, tokens, characters):
    nats = rng.uniform(1, 4)
    assert_close(nats_per_character(nats, tokens, characters), nats * tokens / characters)


def test_the_nats_of_the_text_are_shared_among_its_characters(rng):
    assert_close(nats_per_character(3.5, 500, 1000), 1.75)
    assert_close(nats_per_character(4.9, 3000, 12000), 1.225)
    agree(rng, *rng.integers(100, 1000, 2).tolist())


def test_where_tokens_are_characters_nothing_changes(rng):
    assert_close(nats_per_character(2.25, 80, 80), 2.25)
    agree(rng, *[int(rng.integers(100, 1000))] * 2)


@pytest.mark.parametrize("factor", [2, 5])
def test_a_token_may_be_less_than_a_character(factor, rng):
    nats = rng.uniform(1, 4)
    assert_close(nats_per_character(nats, 100 * factor, 100), factor * nats)
