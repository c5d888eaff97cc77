"""bytes_per_token says how much text a token carries."""

from tinytorch.tokenization import Tokenizer, bytes_per_token
from tito.testing import assert_close


def agree(rng, letters):
    """Compare for a text of these two letters, a merge of both, and one of two of those."""
    first, second = rng.permutation(list(letters))
    merges = [tuple((first + second).encode())] if len((first + second).encode()) == 2 else []
    text = "".join(rng.choice([first, second], int(rng.integers(40, 90))))
    tokens = text.replace(first + second, "1").replace("11", "2") if merges else text.encode()
    tokenizer = Tokenizer([*merges, (256, 256)] if merges else [])
    assert_close(bytes_per_token(tokenizer, text), len(text.encode()) / len(tokens))


def test_without_merges_it_is_one(rng):
    assert_close(bytes_per_token(Tokenizer(), "To be, or not to be"), 1)
    agree(rng, "é語")
    agree(rng, "ab")


def test_it_is_bytes_divided_by_tokens(rng):
    assert_close(bytes_per_token(Tokenizer([(97, 98)]), "abababab"), 2)
    assert_close(bytes_per_token(Tokenizer([(97, 98), (256, 256)]), "ababa"), 5 / 2)
    agree(rng, rng.choice(list("abcdefgh"), 2, replace=False))


def test_bytes_count_and_not_characters(rng):
    assert_close(bytes_per_token(Tokenizer(), "語語"), 1)
    assert_close(bytes_per_token(Tokenizer([(195, 169)]), "éé"), 2)
    text = "".join(rng.choice(list("é語x"), 50))
    tokens = len(text.encode()) - text.count("é") - 2 * text.count("語")
    assert_close(bytes_per_token(Tokenizer([(195, 169), (232, 170), (257, 158)]), text), len(text.encode()) / tokens)


def test_it_is_right_for_any_text(rng):
    text = "".join(rng.choice(list("abé "), 100))
    tokenizer = Tokenizer([(97, 98), (195, 169), (32, 256)])
    tokens = text.replace("é", "1").replace(" ab", "2").replace("ab", "3")
    assert_close(bytes_per_token(tokenizer, text), len(text.encode()) / len(tokens))
