"""The rule of a + b."""

import numpy as np

from tinytorch.autograd import DERIVATIVES


def test_each_input_gets_it_all():
    assert DERIVATIVES[np.add](3.0, 5.0, 2.0, 3.0) == (3, 3)
