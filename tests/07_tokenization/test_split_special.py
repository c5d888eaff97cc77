"""split_special cuts a text at special tokens, keeps them, and takes them as plain text."""

import pytest

from tinytorch.tokenization import split_special


def test_a_special_token_is_a_part_of_its_own():
    assert split_special("One<|end|>Two", ["<|end|>"]) == ["One", "<|end|>", "Two"]
    assert split_special("a<s>b</s>c<s>", ["<s>", "</s>"]) == ["a", "<s>", "b", "</s>", "c", "<s>"]


def test_empty_parts_are_left_out():
    assert split_special("<|end|>", ["<|end|>"]) == ["<|end|>"]
    assert split_special("<|end|><|end|>x", ["<|end|>"]) == ["<|end|>", "<|end|>", "x"]
    assert split_special("", ["<|end|>"]) == []


def test_without_special_tokens_the_text_is_one_part():
    assert split_special("One<|end|>Two", []) == ["One<|end|>Two"]
    assert split_special("", []) == []


@pytest.mark.parametrize("token", ["<|end|>", "a.c", "(x", "[1]", "$^*", "\\d"])
def test_signs_that_mean_something_in_a_pattern_are_plain_text(token, rng):
    parts = ["".join(rng.choice(list("abc 1xd"), 5)) for _ in range(3)]
    assert split_special(token.join(parts), [token]) == [parts[0], token, parts[1], token, parts[2]]


@pytest.mark.parametrize("special", [["<a>", "<a>b"], ["<a>b", "<a>"]])
def test_of_two_that_begin_alike_the_longer_is_found(special):
    assert split_special("x<a>bc<a>c", special) == ["x", "<a>b", "c", "<a>", "c"]


def test_parts_together_are_the_text():
    text = "To be<|end|>\n or <|end|> not"
    assert "".join(split_special(text, ["<|end|>"])) == text
