"""The rule of exp: its slope is its own value, which has been computed."""

import numpy as np

from tinytorch.autograd import Tensor, derivatives
from tito.testing import assert_close, gradient, on_student_side, rule, sizes


@on_student_side
def by_the_output(derivatives, grad, out):
    """The gradient, where the input cannot be read any more."""
    found = derivatives[np.exp](grad, out, None)
    found = found[0] if isinstance(found, tuple) else found
    return found() if callable(found) else found


def test_the_slope_is_the_value(rng):
    assert_close(gradient("x", "x.exp().backward()", x=2), np.exp(2))
    assert_close(gradient("x", "x.exp().backward()", x=0), 1)
    x = float(rng.uniform(-2, 2))
    assert_close(gradient("x", "x.exp().backward()", x=x), np.exp(x))


def test_the_gradient_of_the_output_counts(rng):
    assert_close(gradient("x", "x.exp().backward([10, 100])", x=[0, 1]), [10, 100 * np.e])
    for dtype in (np.float32, np.float64):
        weights, x = rng.standard_normal((2, *sizes(rng, 2))).astype(dtype)
        (found,), after = rule(derivatives, np.exp, weights, x)
        assert_close(found, weights * np.exp(x), dtype=dtype)
        for array, before in zip(after, (weights, np.exp(x), x)):
            assert_close(array, before)


def test_slopes_along_a_path_are_multiplied(rng):
    assert_close(gradient("x", "x.exp().exp().backward()", x=0), np.e)
    values, weights = rng.uniform(-1, 1, (2, *sizes(rng, 2)))
    x = Tensor(values, requires_grad=True)
    (-x.exp().exp()).backward(weights)
    assert_close(x.grad, -weights * np.exp(np.exp(values)) * np.exp(values))


def test_only_the_output_is_read(rng):
    for grad, out in ((np.array([10.0, 100]), np.array([1.0, 2])), rng.uniform(0.5, 2, (2, *sizes(rng, 2)))):
        assert_close(by_the_output(derivatives, grad, out), grad * out)
