"""slopes measures how fast a result changes with one value of an array, to the left and to the right."""

import numpy as np
import pytest

from tinytorch.backprop import slopes
from tito.testing import assert_close, on_student_side


@on_student_side
def slopes_of(formula, a, index, eps):
    a = np.array(a, dtype=np.float64)
    left, right = slopes(lambda: eval(formula, {"np": np, "a": a}), a, index, eps)
    return [float(left), float(right)]


@on_student_side
def array_after_slopes(a, index, eps):
    a = np.array(a)
    slopes(lambda: (a * a).sum(), a, index, eps)
    return a


def some_place(rng):
    """An array of a drawn shape, and the index of one of its values."""
    shape = tuple(rng.integers(2, 5, rng.integers(1, 4)).tolist())
    return rng.uniform(1, 2, shape), tuple(rng.integers(0, shape).tolist())


def test_to_the_left_and_to_the_right(rng):
    assert_close(slopes_of("a[0] ** 2", [3.0], 0, eps=0.1), [5.9, 6.1])
    assert_close(slopes_of("a[0] ** 2", [3.0], 0, eps=0.5), [5.5, 6.5])
    (x, k), eps = rng.uniform(1, 3, 2).round(2), rng.uniform(0.1, 0.5)
    assert_close(slopes_of(f"{k} * a[1] ** 2 - 1", [5.0, x], 1, eps), [k * (2 * x - eps), k * (2 * x + eps)])


def test_at_a_kink_they_differ(rng):
    assert_close(slopes_of("abs(a[1])", [5.0, 0.0], 1, eps=0.25), [-1, 1])
    assert_close(slopes_of("max(a[0], 0)", [0.0, 5.0], 0, eps=0.25), [0, 1])
    k, at = rng.uniform(2, 5, 2).round(2)
    assert_close(slopes_of(f"{k} * abs(a[0] - {at}) + a[1]", [at, 1.0], 0, eps=0.25), [-k, k])


@pytest.mark.parametrize("index", [(0, 0), (0, 2), (1, 1)])
def test_only_the_value_at_the_index_is_changed(index, rng):
    a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    slope = 2 * a[index[0]][index[1]]
    assert_close(slopes_of("(a * a).sum()", a, index, eps=0.125), [slope - 0.125, slope + 0.125])
    a, index = some_place(rng)
    assert_close(slopes_of("(a * a).sum()", a, index, eps=0.25), [2 * a[index] - 0.25, 2 * a[index] + 0.25])


def test_an_array_of_one_number_has_the_index_of_no_axes(rng):
    assert_close(slopes_of("a ** 2", 3.0, (), eps=0.1), [5.9, 6.1])
    x, eps = rng.uniform(1, 5), rng.uniform(0.1, 0.5)
    assert_close(slopes_of("a ** 2", x, (), eps), [2 * x - eps, 2 * x + eps])


def test_a_small_eps_comes_close_to_the_derivative(rng):
    for x in (1.0, rng.uniform(-1, 1)):
        assert_close(np.mean(slopes_of("np.exp(a[0])", [x], 0, eps=1e-6)), np.exp(x), rtol=1e-8, atol=0)


@pytest.mark.parametrize("index", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_afterwards_the_array_is_exactly_as_before(index, rng):
    a = [[0.3, 0.7], [1.3, 5.1]]
    assert array_after_slopes(a, index, eps=0.1).tolist() == a
    a, index = some_place(rng)
    assert array_after_slopes(a, index, eps=0.1).tolist() == a.tolist()
