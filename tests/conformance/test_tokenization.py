"""Byte pair encoding gives the vocabulary and the numbers of the package `tokenizers`, given the same pieces.

Of pairs that occur equally often, both take the lowest. But theirs numbers the bytes in the order of the characters that
stand for them in its files, and not by their values. So bytes go through a table, `RANK`, before they are compared.
"""

import re
from pathlib import Path

import pytest
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from tinytorch import tokenization

PIECES = r" ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s*\n|\s+(?!\S)|\s+"
PLAYS = Path(__file__).parents[2] / "tito" / "data" / "shakespeare.txt.gz"


def byte_characters():
    """The character that stands for each byte, as in GPT-2's files: itself where it can be printed, else one from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}


CHARACTER = byte_characters()
RANK = {byte: rank for rank, byte in enumerate(sorted(CHARACTER, key=CHARACTER.get))}


@pytest.fixture(scope="module")
def plays():
    import gzip

    return gzip.decompress(PLAYS.read_bytes()).decode("ascii")


def theirs(text, size):
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PIECES), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    assert set(alphabet) == set(CHARACTER.values())
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def ours(text, size):
    pieces, times = tokenization.counted_pieces(text)
    return tokenization.train_merges([[RANK[byte] for byte in ids] for ids in pieces], times, size)


def encoded(text, merges):
    ranks = {pair: 256 + n for n, pair in enumerate(merges)}
    pieces = [[RANK[byte] for byte in piece.encode()] for piece in tokenization.split_pieces(text)]
    return [token for ids in pieces for token in tokenization.encode_piece(ids, ranks)]


@pytest.mark.parametrize("size", [512, 2048])
def test_the_plays_give_the_same_vocabulary_and_the_same_numbers(plays, size):
    merges, other = ours(plays, size), theirs(plays, size)
    spelt = [bytes([byte]) for byte in sorted(RANK, key=RANK.get)]
    for left, right in merges:
        spelt.append(spelt[left] + spelt[right])
    named = ["".join(CHARACTER[byte] for byte in token) for token in spelt]
    assert other.get_vocab() == {token: n for n, token in enumerate(named)}
    assert encoded(plays, merges) == other.encode(plays).ids


def test_other_text_is_cut_and_numbered_in_the_same_way(plays):
    merges, other = ours(plays[:200_000], 700), theirs(plays[:200_000], 700)
    for text in ("Ein Café, für  5 €_x!", "日本語 の 猫\n\n\n  x", "👩‍🚀 ... 12a3 __init__ ", "", "\t\r\n a\n"):
        assert encoded(text, merges) == other.encode(text).ids
        assert other.decode(other.encode(text).ids) == text
    assert re.findall(PIECES, plays[:2000]) == tokenization.split_pieces(plays[:2000])
