"""bytes_per_token says how much text a token carries."""

from tinytorch.tokenization import Tokenizer, bytes_per_token
from tito.testing import assert_close


def test_without_merges_it_is_one():
    assert_close(bytes_per_token(Tokenizer(), "To be, or not to be"), 1)


def test_it_is_bytes_divided_by_tokens():
    assert_close(bytes_per_token(Tokenizer([(97, 98)]), "abababab"), 2)
    assert_close(bytes_per_token(Tokenizer([(97, 98), (256, 256)]), "ababa"), 5 / 2)


def test_bytes_count_and_not_characters():
    assert_close(bytes_per_token(Tokenizer(), "語語"), 1)
    assert_close(bytes_per_token(Tokenizer([(195, 169)]), "éé"), 2)


def test_it_is_right_for_any_text(rng):
    text = "".join(rng.choice(list("abé "), 100))
    tokenizer = Tokenizer([(97, 98), (195, 169), (32, 256)])
    tokens = text.replace("é", "1").replace(" ab", "2").replace("ab", "3")
    assert_close(bytes_per_token(tokenizer, text), len(text.encode()) / len(tokens))
