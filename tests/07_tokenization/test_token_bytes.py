"""token_bytes spells every token out."""

from tinytorch.tokenization import token_bytes


def test_the_first_256_are_the_single_bytes(rng):
    tokens = token_bytes([])
    assert len(tokens) == 256
    assert (tokens[0], tokens[97], tokens[195], tokens[255]) == (b"\x00", b"a", b"\xc3", b"\xff")
    assert b"".join(tokens) == bytes(range(256))
    left, right = rng.integers(0, 256, 2).tolist()
    assert token_bytes([(left, right)]) == [*(bytes([byte]) for byte in range(256)), bytes([left, right])]


def test_a_merge_stands_for_its_left_and_then_its_right(rng):
    assert token_bytes([(97, 98), (98, 97)])[256:] == [b"ab", b"ba"]
    assert token_bytes([(195, 169)])[256] == "é".encode()
    merges = [tuple(pair) for pair in rng.integers(0, 256, (5, 2)).tolist()]
    assert token_bytes(merges)[256:] == [bytes(pair) for pair in merges]


def test_a_merge_may_be_made_of_merges(rng):
    assert token_bytes([(97, 97), (256, 98), (257, 256)])[256:] == [b"aa", b"aab", b"aabaa"]
    a, b = (bytes([byte]) for byte in rng.integers(0, 256, 2).tolist())
    found = token_bytes([(a[0], b[0]), (256, 256), (b[0], 257)])[256:]
    assert found == [a + b, 2 * (a + b), b + 2 * (a + b)]


def test_it_is_right_for_any_merges(rng):
    merges, expected = [], [bytes([byte]) for byte in range(256)]
    for n in range(40):
        left, right = rng.integers(0, 256 + n, 2).tolist()
        merges.append((left, right))
        expected.append(expected[left] + expected[right])
    assert token_bytes(merges) == expected
