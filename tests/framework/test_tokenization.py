"""The reference's tokenization.py: any text comes back, what cannot be text is one sentence, and training is quick."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tito.datasets import shakespeare

SMALL = settings(deadline=None, derandomize=True, database=None, max_examples=60)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def tokenization(reference):
    return reference.tokenization


@pytest.fixture(scope="module")
def tokenizer(tokenization):
    return tokenization.Tokenizer(tokenization.train_bpe(shakespeare()[:50_000], 400), special=["<|end|>", "<|begin|>"])


@SMALL
@given(text=TEXT)
def test_any_text_comes_back(tokenization, tokenizer, text):
    assert "".join(tokenization.split_pieces(text)) == text
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode(tokenizer.encode(text, allowed_special=["<|end|>"])) == text


@SMALL
@given(text=TEXT, size=st.integers(256, 300))
def test_updating_the_counts_gives_the_merges_of_counting_anew(tokenization, text, size):
    pieces, times = tokenization.counted_pieces(text + text[: len(text) // 2])
    expected = tokenization.train_slowly([list(ids) for ids in pieces], times, size)
    before = [list(ids) for ids in pieces]
    assert tokenization.train_merges(pieces, times, size) == expected
    assert pieces == before


def test_the_text_it_learnt_from_is_spelt_as_in_training(tokenization):
    pieces, times = tokenization.counted_pieces(shakespeare()[:20_000])
    trained = [list(ids) for ids in pieces]
    merges = tokenization.train_merges(pieces, times, 320)
    for n, pair in enumerate(merges):
        trained = [tokenization.merge(ids, pair, 256 + n) for ids in trained]
    ranks = {pair: 256 + n for n, pair in enumerate(merges)}
    assert [tokenization.encode_piece(ids, ranks) for ids in pieces] == trained


@pytest.mark.parametrize("text", ["\ud83d", "ab\udc00", "x" * 10 + "\ud83d "])
def test_a_lone_surrogate_is_one_sentence(tokenization, tokenizer, text):
    half = next(place for place, letter in enumerate(text) if "\ud800" <= letter <= "\udfff")
    for attempt in (tokenizer.encode, lambda text: tokenization.train_bpe(text, 300), tokenization.to_bytes):
        with pytest.raises(ValueError, match="is half of a surrogate pair, and stands for no character"):
            attempt(text)
    with pytest.raises(ValueError, match=f" at {half} "):
        tokenization.to_bytes(text)


def test_an_empty_text_has_no_merges_and_no_tokens(tokenization, tokenizer):
    assert tokenization.train_bpe("", 1000) == []
    assert tokenizer.encode("") == []
    assert tokenizer.decode([]) == ""
    with pytest.raises(ValueError, match="an empty text has no tokens"):
        tokenization.bytes_per_token(tokenizer, "")


def test_a_vocabulary_smaller_than_the_bytes_is_refused(tokenization):
    with pytest.raises(ValueError, match="at least 256 tokens, not 100"):
        tokenization.train_bpe("abc", 100)


def test_special_tokens_are_found_only_where_they_are_allowed(tokenizer):
    end, begin = tokenizer.special["<|end|>"], tokenizer.special["<|begin|>"]
    assert (end, begin) == (len(tokenizer) - 2, len(tokenizer) - 1)
    text = "a<|end|>b<|begin|>"
    assert not {begin, end} & set(tokenizer.encode(text))
    only_end = tokenizer.encode(text, allowed_special=["<|end|>"])
    assert only_end.count(end) == 1 and begin not in only_end
    with pytest.raises(
        ValueError, match=r"'<\|no\|>' is not a special token; there is: \['<\|end\|>', '<\|begin\|>'\]"
    ):
        tokenizer.encode(text, allowed_special=["<|no|>"])


def test_a_tokenizer_goes_through_a_checkpoint(tokenization, reference, tokenizer, tmp_path):
    path = tmp_path / "tokenizer.npz"
    reference.training.save_checkpoint(path, tokenizer=tokenizer)
    other = tokenization.Tokenizer()
    reference.training.load_checkpoint(path, tokenizer=other)
    assert other.state_dict() == tokenizer.state_dict()
    text = "Thou art<|end|>"
    assert other.encode(text, ["<|end|>"]) == tokenizer.encode(text, ["<|end|>"])


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "ab " * 350_000, "\n" * 1_000_000], ids=["one word", "words", "lines"]
)
def test_a_megabyte_on_one_line_takes_seconds(tokenization, text):
    begun = time.process_time()
    tokenizer = tokenization.Tokenizer(tokenization.train_bpe(text, 270))
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert time.process_time() - begun < 30


def test_2048_tokens_take_at_most_ten_times_as_long_as_512(tokenization):
    times = {}
    for size in (512, 2048):
        begun = time.process_time()
        merges = tokenization.train_bpe(shakespeare(), size)
        times[size] = time.process_time() - begun
        assert len(merges) == size - 256
    assert times[2048] <= 10 * times[512], times
