"""split_special cuts a text at special tokens, keeps them, and takes them as plain text."""

import pytest

from tinytorch.tokenization import split_special
from tito.testing import drawn_names


def drawn(rng, special, letters="abc 1xd\n"):
    """Texts and special tokens in turn, and some tokens one right after the other."""
    parts = []
    for token in rng.choice(special, 5):
        parts += ["".join(rng.choice(list(letters), rng.integers(1, 6))), *[str(token)] * int(rng.integers(1, 3))]
    return parts[int(rng.integers(2)) :]


def agree(rng, special):
    parts = drawn(rng, special)
    assert split_special("".join(parts), special) == parts


def test_a_special_token_is_a_part_of_its_own(rng):
    assert split_special("One<|end|>Two", ["<|end|>"]) == ["One", "<|end|>", "Two"]
    assert split_special("a<s>b</s>c<s>", ["<s>", "</s>"]) == ["a", "<s>", "b", "</s>", "c", "<s>"]
    agree(rng, [f"<{name}>" for name in drawn_names(rng, 3)])


def test_empty_parts_are_left_out(rng):
    assert split_special("<|end|>", ["<|end|>"]) == ["<|end|>"]
    assert split_special("<|end|><|end|>x", ["<|end|>"]) == ["<|end|>", "<|end|>", "x"]
    assert split_special("", ["<|end|>"]) == []
    special = [f"<{name}>" for name in drawn_names(rng, 3)]
    parts = rng.choice(special, 7).tolist()
    assert split_special("".join(parts), special) == parts


def test_without_special_tokens_the_text_is_one_part(rng):
    assert split_special("One<|end|>Two", []) == ["One<|end|>Two"]
    assert split_special("", []) == []
    text = "".join(drawn(rng, ["<|end|>", "(", "|"]))
    assert split_special(text, []) == [text]


@pytest.mark.parametrize("token", ["<|end|>", "a.c", "(x", "[1]", "$^*", "\\d"])
def test_signs_that_mean_something_in_a_pattern_are_plain_text(token, rng):
    parts = ["".join(rng.choice(list("abc 1xd"), 5)) for _ in range(3)]
    assert split_special(token.join(parts), [token]) == [parts[0], token, parts[1], token, parts[2]]


@pytest.mark.parametrize("special", [["<a>", "<a>b"], ["<a>b", "<a>"]])
def test_of_two_that_begin_alike_the_longer_is_found(special, rng):
    assert split_special("x<a>bc<a>c", special) == ["x", "<a>b", "c", "<a>", "c"]
    name = drawn_names(rng, 1)[0]
    special = [token.replace("a", name) for token in special]
    parts = [part for token in rng.choice(special, 6) for part in (str(token), "".join(rng.choice(list("cd "), 3)))]
    assert split_special("".join(parts), special) == parts


def test_parts_together_are_the_text(rng):
    text = "To be<|end|>\n or <|end|> not"
    assert "".join(split_special(text, ["<|end|>"])) == text
    special = [f"<{name}>" for name in drawn_names(rng, 2)]
    text = "".join(drawn(rng, special, letters="<v1>| \n"))
    assert "".join(split_special(text, special)) == text
