"""token_bytes spells every token out."""

from tinytorch.tokenization import token_bytes


def test_the_first_256_are_the_single_bytes():
    tokens = token_bytes([])
    assert len(tokens) == 256
    assert (tokens[0], tokens[97], tokens[195], tokens[255]) == (b"\x00", b"a", b"\xc3", b"\xff")
    assert b"".join(tokens) == bytes(range(256))


def test_a_merge_stands_for_its_left_and_then_its_right():
    assert token_bytes([(97, 98), (98, 97)])[256:] == [b"ab", b"ba"]
    assert token_bytes([(195, 169)])[256] == "é".encode()


def test_a_merge_may_be_made_of_merges():
    assert token_bytes([(97, 97), (256, 98), (257, 256)])[256:] == [b"aa", b"aab", b"aabaa"]


def test_it_is_right_for_any_merges(rng):
    merges, expected = [], [bytes([byte]) for byte in range(256)]
    for n in range(40):
        left, right = rng.integers(0, 256 + n, 2).tolist()
        merges.append((left, right))
        expected.append(expected[left] + expected[right])
    assert token_bytes(merges) == expected
