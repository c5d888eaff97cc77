"""encode gives each character its number, and names one that has none."""

import pytest

from tinytorch.tokenization import CharTokenizer
from tito.testing import raises


def test_each_character_becomes_its_place_among_the_sorted_ones():
    assert CharTokenizer("abba").encode("baa") == [1, 0, 0]
    assert CharTokenizer("O, no!").encode("O, no!") == [3, 2, 0, 4, 5, 1]


def test_an_empty_text_has_no_tokens():
    assert CharTokenizer("abba").encode("") == []


@pytest.mark.parametrize("alphabet", ["ACGT", "xyz \n", "äöü€語"])
def test_a_text_comes_back_as_it_was(alphabet, rng):
    text = "".join(rng.choice(list(alphabet), 40))
    tokenizer = CharTokenizer(alphabet)
    ids = tokenizer.encode(text)
    assert ids == [sorted(alphabet).index(character) for character in text]
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(("text", "unknown"), [("abcab", "'c'"), ("é", "'é'"), ("ab\n", r"'\n'")])
def test_a_character_without_a_number_is_an_error_that_names_it(text, unknown):
    with raises(ValueError, unknown):
        CharTokenizer("abba").encode(text)
