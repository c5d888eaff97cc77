"""probability mixes what was counted after contexts of every length."""

import pytest

from tinytorch.language import NGram
from tito.testing import assert_close


def drawn(rng, length=40, letters="abcd"):
    return "".join(rng.choice(list(letters), length))


def agree(text, order, *pairs):
    model = NGram(text, order)
    for context, token in pairs:
        assert_close(model.probability(context, token), expected(text, order, context, token))


def expected(text, order, context, token):
    """The formula, with everything counted in the text itself."""
    chance = 1 / len(set(text))
    for n in range(min(order, len(context) + 1)):
        before = context[len(context) - n :]
        followed = [text[i] for i in range(n, len(text)) if text[i - n : i] == before]
        if not followed:
            break
        kinds = len(set(followed))
        chance = (followed.count(token) + kinds * chance) / (len(followed) + kinds)
    return chance


def test_without_a_context_counts_and_guess_are_mixed(rng):
    assert_close(NGram("aab", 1).probability("", "a"), (2 + 2 * 0.5) / (3 + 2))
    assert_close(NGram("aab", 1).probability("", "b"), (1 + 2 * 0.5) / (3 + 2))
    agree(drawn(rng), 1, ("", "a"), ("", "c"), ("b", "a"))


def test_one_character_back(rng):
    model = NGram("abab", 2)
    alone = (2 + 2 * 0.5) / (4 + 2)  # b anywhere
    assert_close(model.probability("a", "b"), (2 + 1 * alone) / (2 + 1))
    agree(drawn(rng), 2, ("a", "b"), ("c", "c"))


def test_what_was_never_seen_is_not_impossible(rng):
    model = NGram("abcabcabd", 3)
    assert 0 < model.probability("ab", "a") < model.probability("ab", "d") < model.probability("ab", "c")
    text = drawn(rng, letters="abc") + "d"
    agree(text, 3, ("ab", "d"), ("a", "d"), ("dd", "d"))


def test_a_context_that_was_never_seen_leaves_it_to_the_shorter_ones(rng):
    model = NGram("abcabcabd", 3)
    assert_close(model.probability("da", "b"), model.probability("a", "b"))
    assert_close(model.probability("xx", "b"), model.probability("", "b"))
    agree(drawn(rng), 3, ("xa", "b"), ("xx", "b"), ("ax", "b"))


def test_only_the_last_characters_of_a_long_context_count(rng):
    model = NGram("abcabcabd", 2)
    assert_close(model.probability("cab", "c"), model.probability("b", "c"))
    text = drawn(rng)
    agree(text, 2, (text[:9], "c"), (text, "a"))


def test_probabilities_add_up_to_one(rng):
    text = drawn(rng, 60)
    model = NGram(text, 4)
    for context in ("", "a", "ab", "dca", "zab"):
        chances = [model.probability(context, token) for token in "abcd"]
        assert_close(sum(chances), 1)
        assert_close(chances, [expected(text, 4, context, token) for token in "abcd"])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_it_is_right_for_any_text(order, rng):
    text = "".join(rng.choice(list("abc"), 80))
    model = NGram(text, order)
    for _ in range(8):
        context, token = "".join(rng.choice(list("abc"), rng.integers(0, 6))), str(rng.choice(list("abc")))
        assert_close(model.probability(context, token), expected(text, order, context, token))
