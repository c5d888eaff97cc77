"""causal_mask lets each query look at itself and at those before it."""

import pytest

from tinytorch.attention import causal_mask
from tito.testing import assert_close


def test_rows_are_queries_and_may_look_at_themselves_and_back():
    assert_close(causal_mask(3), [[True, False, False], [True, True, False], [True, True, True]], dtype=bool)


def test_a_single_position_may_look_at_itself():
    assert_close(causal_mask(1), [[True]], dtype=bool)


@pytest.mark.parametrize("most", [6, 40])
def test_it_is_right_for_any_length(most, rng):
    n = int(rng.integers(2, most))
    expected = [[key <= query for key in range(n)] for query in range(n)]
    assert_close(causal_mask(n), expected, dtype=bool)
