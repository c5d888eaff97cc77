"""split_pieces cuts text into words, numbers, signs and space, and loses nothing."""

import pytest

from tinytorch.tokenization import split_pieces

LETTERS, DIGITS, SIGNS = "abcdefghijkLMNOPQ", "0123456789", "!?.,;:'-(&"


def drawn(rng, kinds=(LETTERS, DIGITS, SIGNS), count=12, between=()):
    """Pieces of characters of these kinds, some of them with a space before; `between` some of them stands other space."""
    pieces, before = [], None
    for _ in range(count):
        kind = kinds[rng.integers(len(kinds))]
        gap = between[rng.integers(len(between))] if between and rng.random() < 0.5 else ""
        space = " " if kind is before or (gap and not gap.endswith("\n")) or rng.random() < 0.5 else ""
        piece = "".join(rng.choice(list(kind), rng.integers(1, 6)))
        pieces += [gap] * (gap != "") + [space + piece]
        before = kind
    return pieces


def agree(rng, *kinds, **options):
    pieces = drawn(rng, kinds or (LETTERS, DIGITS, SIGNS), **options)
    assert split_pieces("".join(pieces)) == pieces


def test_a_word_takes_the_space_before_it(rng):
    assert split_pieces("Now my lords") == ["Now", " my", " lords"]
    agree(rng, LETTERS)


def test_numbers_and_signs_are_pieces_of_their_own(rng):
    assert split_pieces("in 1595, at last!") == ["in", " 1595", ",", " at", " last", "!"]
    assert split_pieces("a1b2") == ["a", "1", "b", "2"]
    agree(rng)


def test_several_signs_are_one_piece_and_take_their_space_too(rng):
    assert split_pieces("O --what!' (no)") == ["O", " --", "what", "!'", " (", "no", ")"]
    agree(rng, LETTERS, SIGNS)


def test_the_underscore_is_a_sign(rng):
    assert split_pieces("my_name = __x__") == ["my", "_", "name", " =", " __", "x", "__"]
    agree(rng, LETTERS, "_=_", DIGITS)


def test_of_several_spaces_the_last_belongs_to_the_word(rng):
    assert split_pieces("so   be it") == ["so", "  ", " be", " it"]
    agree(rng, between=(" ", "  ", "    "))


def test_line_ends_are_space(rng):
    assert split_pieces("ROMEO:\nHo!\n\nJULIET:") == ["ROMEO", ":", "\n", "Ho", "!", "\n\n", "JULIET", ":"]
    assert split_pieces("end \n\n  ") == ["end", " \n\n", "  "]
    agree(rng, between=("\n", "\n\n", "  \n", "\t\n", "\n \n"))


def test_letters_of_every_script_are_letters(rng):
    assert split_pieces("Ein Café, 日本 語!") == ["Ein", " Café", ",", " 日本", " 語", "!"]
    agree(rng, "éüßñ日本語яжあבγ", SIGNS, "٣٤٥")


@pytest.mark.parametrize("signs", ["ab 1", " \n\tx", "a_1.,! ", "é語٣½ '", "👩‍🚀 \u0301e\x00"])
def test_the_pieces_together_are_the_text(signs, rng):
    text = "".join(rng.choice(list(signs), 60))
    pieces = split_pieces(text)
    assert "".join(pieces) == text
    assert "" not in pieces


def test_an_empty_text_has_no_pieces(rng):
    assert split_pieces("") == []
    agree(rng, count=1)
