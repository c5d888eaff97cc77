"""hold_out cuts one stretch from the end."""

import pytest

from tinytorch.language import hold_out
from tito.testing import assert_close


def agree(rng, share, length):
    text = "".join(rng.choice(list("abcdefghij"), length))
    learn = length - round(share * length)
    assert hold_out(text, share) == (text[:learn], text[learn:])
    assert hold_out(list(text), share) == (list(text[:learn]), list(text[learn:]))


def test_the_last_share_is_held_out(rng):
    assert hold_out("abcdefghij", 0.2) == ("abcdefgh", "ij")
    assert hold_out([1, 2, 3, 4], 0.25) == ([1, 2, 3], [4])
    agree(rng, rng.uniform(0.1, 0.6), int(rng.integers(20, 60)))


def test_by_default_it_is_a_tenth(rng):
    assert hold_out("a" * 90 + "b" * 10) == ("a" * 90, "b" * 10)
    tenth = int(rng.integers(3, 9))
    text = "".join(rng.choice(list("abcdefghij"), 10 * tenth))
    assert hold_out(text) == (text[: 9 * tenth], text[9 * tenth :])


def test_the_number_is_rounded(rng):
    assert hold_out("abcdefghijk", 0.25) == ("abcdefgh", "ijk")
    assert hold_out("abcdefghijklm", 0.1) == ("abcdefghijkl", "m")
    assert hold_out("abcde", 0.5) == ("abc", "de")
    for above in (0.3, 0.7):
        length = int(rng.integers(20, 60))
        agree(rng, (length // 3 + above) / length, length)


def test_nothing_may_be_held_out_and_everything_too(rng):
    assert hold_out("abc", 0) == ("abc", "")
    assert hold_out("abc", 1) == ("", "abc")
    for share in (0, 1):
        agree(rng, share, int(rng.integers(5, 30)))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_together_they_are_the_text_and_each_token_is_in_one_of_them(share, rng):
    ids = rng.integers(0, 9, 60)
    learn, held_out = hold_out(ids, share)
    assert_close(learn, ids[: 60 - round(share * 60)])
    assert_close(held_out, ids[60 - round(share * 60) :])
