"""split_pieces cuts text into words, numbers, signs and space, and loses nothing."""

import pytest

from tinytorch.tokenization import split_pieces


def test_a_word_takes_the_space_before_it():
    assert split_pieces("Now my lords") == ["Now", " my", " lords"]


def test_numbers_and_signs_are_pieces_of_their_own():
    assert split_pieces("in 1595, at last!") == ["in", " 1595", ",", " at", " last", "!"]
    assert split_pieces("a1b2") == ["a", "1", "b", "2"]


def test_several_signs_are_one_piece_and_take_their_space_too():
    assert split_pieces("O --what!' (no)") == ["O", " --", "what", "!'", " (", "no", ")"]


def test_the_underscore_is_a_sign():
    assert split_pieces("my_name = __x__") == ["my", "_", "name", " =", " __", "x", "__"]


def test_of_several_spaces_the_last_belongs_to_the_word():
    assert split_pieces("so   be it") == ["so", "  ", " be", " it"]


def test_line_ends_are_space():
    assert split_pieces("ROMEO:\nHo!\n\nJULIET:") == ["ROMEO", ":", "\n", "Ho", "!", "\n\n", "JULIET", ":"]
    assert split_pieces("end \n\n  ") == ["end", " \n\n", "  "]


def test_letters_of_every_script_are_letters():
    assert split_pieces("Ein Café, 日本 語!") == ["Ein", " Café", ",", " 日本", " 語", "!"]


@pytest.mark.parametrize("signs", ["ab 1", " \n\tx", "a_1.,! ", "é語٣½ '", "👩‍🚀 \u0301e\x00"])
def test_the_pieces_together_are_the_text(signs, rng):
    text = "".join(rng.choice(list(signs), 60))
    pieces = split_pieces(text)
    assert "".join(pieces) == text
    assert "" not in pieces


def test_an_empty_text_has_no_pieces():
    assert split_pieces("") == []
