"""linear makes of each row a weighted sum for each output, plus its bias, whatever axes come before."""

import numpy as np
import pytest

from tinytorch.layers import linear
from tito.testing import assert_close, inputs_after, sizes


def test_each_output_is_a_weighted_sum_and_its_bias(rng):
    weight, bias = np.array([[1, 2], [3, 4]]), np.array([10, 20])
    assert_close(linear(np.array([[1, 0]]), weight, bias), [[11, 23]])
    assert_close(linear(np.array([[0, 1], [1, 1]]), weight, bias), [[12, 24], [13, 27]])
    weight = np.array([[1.0, 0, 0], [0, 1, 1]])
    assert_close(linear(np.array([[1.0, 2, 3]]), weight, np.array([10.0, 20])), [[11, 25]])
    x, weight, bias = rng.standard_normal((3, 3)), rng.standard_normal((3, 3)), rng.standard_normal(3)
    assert_close(linear(x, weight, bias), x @ weight.T + bias)


def test_without_a_bias_it_is_the_sum_alone(rng):
    assert_close(linear(np.array([[1, 0], [1, 1]]), np.array([[1, 2], [3, 4]]), None), [[1, 3], [3, 7]])
    n, into, out = sizes(rng, 3)
    x, weight = rng.standard_normal((n, into)), rng.standard_normal((out, into))
    assert_close(linear(x, weight, None), x @ weight.T)
    assert_close(linear(x, weight), x @ weight.T)
    assert_close(linear(x, weight, np.zeros(out)), x @ weight.T)


@pytest.mark.parametrize("axes", [0, 1, 2, 3])
def test_any_number_of_axes_may_come_before(axes, rng):
    into, out, *before = sizes(rng, 2 + axes)
    weight, bias = rng.standard_normal((out, into)), rng.standard_normal(out)
    for shape in (before, [1] * axes):
        x = rng.standard_normal((*shape, into))
        assert_close(linear(x, weight, bias), np.einsum("...i,oi->...o", x, weight) + bias)


def test_an_empty_batch_gives_an_empty_result(rng):
    for n, into, out in ((3, 2, 3), sizes(rng, 3)):
        for before in ((0,), (n, 0), (0, n)):
            for bias in (np.ones(out), None):
                found = linear(np.ones((*before, into)), np.ones((out, into)), bias)
                assert_close(found, np.ones((*before, out)))


def test_the_dtype_and_the_inputs_stay_as_they_are(rng):
    x, weight, bias = np.ones((2, 2), np.float32), np.ones((3, 2), np.float32), np.ones(3, np.float32)
    assert_close(linear(x, weight, bias), np.full((2, 3), 3), dtype=np.float32)
    assert_close(linear(x, weight, None), np.full((2, 3), 2), dtype=np.float32)
    n, m, into, out = sizes(rng, 4)
    given = [rng.standard_normal(shape).astype(np.float32) for shape in ((n, m, into), (out, into), (out,))]
    found, after = inputs_after(linear, *given)
    assert_close(found, np.einsum("...i,oi->...o", *given[:2]) + given[2], dtype=np.float32, rtol=1e-3, atol=1e-5)
    for array, before in zip(after, given):
        assert_close(array, before)
