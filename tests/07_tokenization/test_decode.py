"""decode joins the bytes of all tokens and then makes text of them."""

import pytest

from tinytorch.tokenization import Tokenizer


def test_tokens_become_the_text_they_stand_for():
    assert Tokenizer([(104, 101), (116, 256)]).decode([257, 32, 256, 121]) == "the hey"
    assert Tokenizer().decode([]) == ""


def test_a_character_may_be_spread_over_several_tokens():
    assert Tokenizer().decode([104, 195, 169]) == "hé"
    assert Tokenizer([(232, 170)]).decode([256, 158, 33]) == "語!"


def test_bytes_that_are_no_text_become_the_sign_for_it():
    assert Tokenizer().decode([104, 195]) == "h\ufffd"
    assert Tokenizer().decode([169, 97]) == "\ufffda"


def test_a_special_token_is_written_out():
    assert Tokenizer([(97, 98)], special=["<|end|>"]).decode([256, 257]) == "ab<|end|>"


@pytest.mark.parametrize("alphabet", ["the a\n", "äöüé€ß ", "日本語の猫", "👩‍🚀🙂\u0301e", "\x00\x7f\u2028\U0010ffff"])
def test_every_text_comes_back(alphabet, rng):
    text = "".join(rng.choice(list(alphabet), 50))
    tokenizer = Tokenizer([(116, 104), (256, 101), (195, 169), (230, 151), (32, 257)])
    assert tokenizer.decode(tokenizer.encode(text)) == text
