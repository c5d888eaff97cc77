"""hold_out cuts one stretch from the end."""

import pytest

from tinytorch.language import hold_out
from tito.testing import assert_close


def test_the_last_share_is_held_out():
    assert hold_out("abcdefghij", 0.2) == ("abcdefgh", "ij")
    assert hold_out([1, 2, 3, 4], 0.25) == ([1, 2, 3], [4])


def test_by_default_it_is_a_tenth():
    assert hold_out("a" * 90 + "b" * 10) == ("a" * 90, "b" * 10)


def test_the_number_is_rounded():
    assert hold_out("abcdefghijk", 0.25) == ("abcdefgh", "ijk")
    assert hold_out("abcdefghijklm", 0.1) == ("abcdefghijkl", "m")


def test_nothing_may_be_held_out():
    assert hold_out("abc", 0) == ("abc", "")


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_together_they_are_the_text_and_each_token_is_in_one_of_them(share, rng):
    ids = rng.integers(0, 9, 60)
    learn, held_out = hold_out(ids, share)
    assert_close(learn, ids[: 60 - round(share * 60)])
    assert_close(held_out, ids[60 - round(share * 60) :])
