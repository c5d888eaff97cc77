"""prepare_text learns tokens from what is not held out, and encodes both parts."""

import numpy as np
import pytest

from tinytorch.gpt import prepare_text
from tito.testing import type_name


def words(rng, letters, count):
    return " ".join("".join(rng.choice(list(letters), 4)) for _ in range(count))


def pairs_in(tokenizer):
    """Every token of two letters and more."""
    return {bytes(token) for token in tokenizer.tokens if len(token) > 1}


def test_both_parts_come_back_and_nothing_else(rng):
    tokenizer, learn, held_out = prepare_text("no, no, not now", 260, 0.2)
    assert (tokenizer.decode(learn), tokenizer.decode(held_out)) == ("no, no, not ", "now")
    text = words(rng, "abcde", 200)
    tokenizer, learn, held_out = prepare_text(text, 300, 0.2)
    cut = len(text) - round(0.2 * len(text))
    assert tokenizer.decode(learn) == text[:cut]
    assert tokenizer.decode(held_out) == text[cut:]


def test_a_tenth_is_held_out_if_nothing_is_said(rng):
    text = words(rng, "abcde", 200)
    tokenizer, learn, held_out = prepare_text(text, 300)
    assert len(tokenizer.decode(held_out)) == round(0.1 * len(text))
    assert len(tokenizer.decode(learn)) == len(text) - round(0.1 * len(text))


@pytest.mark.parametrize("rare", ["zq", "xw"])
def test_no_token_was_learnt_from_what_is_held_out(rare, rng):
    seen, unseen = words(rng, "abcde", 150), f" {rare}{rare}" * 120  # the pair would be the most frequent of all
    text = seen + unseen
    tokenizer, _, held_out = prepare_text(text, 266, len(unseen) / len(text))
    learnt = pairs_in(tokenizer)
    assert len(learnt) == 10
    assert [token for token in learnt if rare[0].encode() in token] == []
    assert len(held_out) == len(unseen)


def test_the_tokens_are_those_of_the_part_that_is_learnt(rng):
    seen, unseen = words(rng, "ab", 150), " " + words(rng, "cd", 149)
    tokenizer, _, _ = prepare_text(seen + unseen, 262, len(unseen) / len(seen + unseen))
    assert all(set(token) <= set(b" ab") for token in pairs_in(tokenizer))
    assert len(pairs_in(tokenizer)) == 6


@pytest.mark.parametrize("size", [256, 270, 290])
def test_the_vocabulary_has_the_size_asked_for(size, rng):
    tokenizer, learn, _ = prepare_text(words(rng, "abcdefgh", 300), size)
    assert len(tokenizer) == size
    assert np.asarray(learn).max() < size


def test_the_tokens_come_as_arrays(rng):
    _, learn, held_out = prepare_text(words(rng, "abc", 100), 260)
    assert [type_name(part) for part in (learn, held_out)] == ["ndarray", "ndarray"]
    assert all(np.asarray(part).dtype.kind == "i" for part in (learn, held_out))
