"""encode gives each character its number, and names one that has none."""

import pytest

from tinytorch.tokenization import CharTokenizer
from tito.testing import raises


def drawn(rng, alphabet="abcdefghijklmnopqrstuvwxyz ,.!äöü語", count=12):
    """Some of these characters, and a text of them."""
    known = "".join(rng.choice(list(alphabet), count, replace=False))
    return known, "".join(rng.choice(list(known), 30))


def test_each_character_becomes_its_place_among_the_sorted_ones(rng):
    assert CharTokenizer("abba").encode("baa") == [1, 0, 0]
    assert CharTokenizer("O, no!").encode("O, no!") == [3, 2, 0, 4, 5, 1]
    known, text = drawn(rng)
    assert CharTokenizer(known).encode(text) == [sorted(known).index(character) for character in text]


def test_an_empty_text_has_no_tokens(rng):
    assert CharTokenizer("abba").encode("") == []
    known, text = drawn(rng)
    tokenizer = CharTokenizer(known)
    assert (tokenizer.encode(""), tokenizer.encode(text[0])) == ([], [sorted(known).index(text[0])])


@pytest.mark.parametrize("alphabet", ["ACGT", "xyz \n", "äöü€語"])
def test_a_text_comes_back_as_it_was(alphabet, rng):
    text = "".join(rng.choice(list(alphabet), 40))
    tokenizer = CharTokenizer(alphabet)
    ids = tokenizer.encode(text)
    assert ids == [sorted(alphabet).index(character) for character in text]
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(("text", "unknown"), [("abcab", "'c'"), ("é", "'é'"), ("ab\n", r"'\n'")])
def test_a_character_without_a_number_is_an_error_that_names_it(text, unknown, rng):
    with raises(ValueError, unknown):
        CharTokenizer("abba").encode(text)
    known, right = drawn(rng)
    for place in (0, int(rng.integers(1, 29)), 30):
        with raises(ValueError, unknown):
            CharTokenizer(known.replace("c", "")).encode(right[:place].replace("c", "") + eval(unknown))
    assert CharTokenizer(known).encode(right) == [sorted(known).index(character) for character in right]
