"""causal_mask lets each query look at itself and at those before it."""

import pytest

from tinytorch.attention import causal_mask
from tito.testing import assert_close


def agree(n):
    assert_close(causal_mask(n), [[key <= query for key in range(n)] for query in range(n)], dtype=bool)


def test_rows_are_queries_and_may_look_at_themselves_and_back(rng):
    assert_close(causal_mask(3), [[True, False, False], [True, True, False], [True, True, True]], dtype=bool)
    agree(int(rng.integers(5, 60)))
    agree(int(rng.integers(5, 60)))


def test_a_single_position_may_look_at_itself(rng):
    assert_close(causal_mask(1), [[True]], dtype=bool)
    agree(int(rng.integers(5, 60)))


@pytest.mark.parametrize("most", [20, 60])
def test_it_is_right_for_any_length(most, rng):
    for n in rng.integers(2, most, 2).tolist():
        agree(n)
