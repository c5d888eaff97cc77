"""ramp counts from 0."""

from tinytorch.tensor import ramp
from tito.testing import assert_close


def test_it_counts_from_0():
    assert_close(ramp(3), [0, 1, 2])
