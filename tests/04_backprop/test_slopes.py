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


def test_to_the_left_and_to_the_right():
    assert_close(slopes_of("a[0] ** 2", [3.0], 0, eps=0.1), [5.9, 6.1])
    assert_close(slopes_of("a[0] ** 2", [3.0], 0, eps=0.5), [5.5, 6.5])


def test_at_a_kink_they_differ():
    assert_close(slopes_of("abs(a[1])", [5.0, 0.0], 1, eps=0.25), [-1, 1])
    assert_close(slopes_of("max(a[0], 0)", [0.0, 5.0], 0, eps=0.25), [0, 1])


@pytest.mark.parametrize("index", [(0, 0), (0, 2), (1, 1)])
def test_only_the_value_at_the_index_is_changed(index):
    a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    slope = 2 * a[index[0]][index[1]]
    assert_close(slopes_of("(a * a).sum()", a, index, eps=0.125), [slope - 0.125, slope + 0.125])


def test_an_array_of_one_number_has_the_index_of_no_axes():
    assert_close(slopes_of("a ** 2", 3.0, (), eps=0.1), [5.9, 6.1])


def test_a_small_eps_comes_close_to_the_derivative():
    assert_close(np.mean(slopes_of("np.exp(a[0])", [1.0], 0, eps=1e-6)), np.e, rtol=1e-8)


@pytest.mark.parametrize("index", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_afterwards_the_array_is_exactly_as_before(index):
    a = [[0.3, 0.7], [1.3, 5.1]]
    assert array_after_slopes(a, index, eps=0.1).tolist() == a
