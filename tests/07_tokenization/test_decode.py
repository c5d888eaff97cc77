"""decode joins the bytes of all tokens and then makes text of them."""

import pytest

from tinytorch.tokenization import Tokenizer
from tito.testing import drawn_names


def drawn(rng, alphabet="abcxyz ,.é語🙂"):
    return "".join(rng.choice(list(alphabet), 30))


def test_tokens_become_the_text_they_stand_for(rng):
    assert Tokenizer([(104, 101), (116, 256)]).decode([257, 32, 256, 121]) == "the hey"
    assert Tokenizer().decode([]) == ""
    a, b = rng.integers(97, 123, 2).tolist()
    ids = rng.choice([32, a, b, 256, 257], 30).tolist()
    written = {32: " ", a: chr(a), b: chr(b), 256: chr(a) + chr(b), 257: chr(a) + chr(b) + chr(a)}
    assert Tokenizer([(a, b), (256, a)]).decode(ids) == "".join(written[i] for i in ids)


def test_a_character_may_be_spread_over_several_tokens(rng):
    assert Tokenizer().decode([104, 195, 169]) == "hé"
    assert Tokenizer([(232, 170)]).decode([256, 158, 33]) == "語!"
    text = drawn(rng)
    assert Tokenizer().decode(list(text.encode())) == text


def test_bytes_that_are_no_text_become_the_sign_for_it(rng):
    assert Tokenizer().decode([104, 195]) == "h\ufffd"
    assert Tokenizer().decode([169, 97]) == "\ufffda"
    text, byte = drawn(rng), int(rng.integers(128, 192))
    assert Tokenizer().decode([*text.encode(), byte, *text.encode(), 195]) == f"{text}\ufffd{text}\ufffd"


def test_a_special_token_is_written_out(rng):
    assert Tokenizer([(97, 98)], special=["<|end|>"]).decode([256, 257]) == "ab<|end|>"
    special, text = [f"<{name}>" for name in drawn_names(rng, 2)], drawn(rng)
    tokenizer = Tokenizer([(97, 98)], special=special)
    assert tokenizer.decode([258, *text.encode(), 257, 256]) == f"{special[1]}{text}{special[0]}ab"


@pytest.mark.parametrize("alphabet", ["the a\n", "äöüé€ß ", "日本語の猫", "👩‍🚀🙂\u0301e", "\x00\x7f\u2028\U0010ffff"])
def test_every_text_comes_back(alphabet, rng):
    text = "".join(rng.choice(list(alphabet), 50))
    tokenizer = Tokenizer([(116, 104), (256, 101), (195, 169), (230, 151), (32, 257)])
    assert tokenizer.decode(tokenizer.encode(text)) == text
