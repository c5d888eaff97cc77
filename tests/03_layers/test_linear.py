"""linear makes of each row a weighted sum for each output, plus its bias, whatever axes come before."""

import numpy as np
import pytest

from tinytorch.layers import linear
from tito.testing import assert_close, on_student_side


@on_student_side
def inputs_after(linear, x, weight, bias):
    linear(x, weight, bias)
    return x, weight, bias


def test_each_output_is_a_weighted_sum_and_its_bias():
    weight, bias = np.array([[1, 2], [3, 4]]), np.array([10, 20])
    assert_close(linear(np.array([[1, 0]]), weight, bias), [[11, 23]])
    assert_close(linear(np.array([[0, 1], [1, 1]]), weight, bias), [[12, 24], [13, 27]])
    weight = np.array([[1.0, 0, 0], [0, 1, 1]])
    assert_close(linear(np.array([[1.0, 2, 3]]), weight, np.array([10.0, 20])), [[11, 25]])


def test_without_a_bias_it_is_the_sum_alone():
    assert_close(linear(np.array([[1, 0], [1, 1]]), np.array([[1, 2], [3, 4]]), None), [[1, 3], [3, 7]])


@pytest.mark.parametrize("axes", [(), (4,), (1,), (2, 3), (2, 1, 3)])
def test_any_number_of_axes_may_come_before(axes, rng):
    x, weight, bias = rng.standard_normal((*axes, 5)), rng.standard_normal((3, 5)), rng.standard_normal(3)
    assert_close(linear(x, weight, bias), np.einsum("...i,oi->...o", x, weight) + bias)


@pytest.mark.parametrize("shape", [(0, 2), (3, 0, 2)])
def test_an_empty_batch_gives_an_empty_result(shape):
    assert_close(linear(np.ones(shape), np.ones((3, 2)), np.ones(3)), np.ones((*shape[:-1], 3)))


def test_the_dtype_and_the_inputs_stay_as_they_are():
    x, weight, bias = np.ones((2, 2), np.float32), np.ones((3, 2), np.float32), np.ones(3, np.float32)
    assert_close(linear(x, weight, bias), np.full((2, 3), 3), dtype=np.float32)
    assert_close(linear(x, weight, None), np.full((2, 3), 2), dtype=np.float32)
    given = np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), np.array([[5.0, 6.0], [7.0, 8.0]]), np.array([9.0, 10.0])
    for after, before in zip(inputs_after(linear, *given), given):
        assert_close(after, before)
