"""`a * b` multiplies value by value."""

import numpy as np

from tinytorch.tensor import Tensor
from tito.testing import assert_close


def test_values_meet():
    assert_close(Tensor([1, 2]) * Tensor([3, 4]), [3, 8])


def test_a_number_meets_every_value(rng):
    array = rng.standard_normal((2, 3))
    assert_close(Tensor(array) * 2, array * 2)
