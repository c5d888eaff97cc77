"""Dropout sets values to zero at random in training and enlarges the others, and does nothing in use."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, rand
from tinytorch.layers import Dropout
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side, sizes


@on_student_side
def input_after_a_call(Dropout, x):
    out = Dropout(0.5)(x)
    return np.where(out.array == 0, x.array, out.array / 2), x.array


@on_student_side
def share_dropped(Dropout, p):
    return float((np.asarray(Dropout(p)(Tensor(np.ones((100, 100))))) == 0).mean())


@on_student_side
def drawn_after_use(Dropout, seed):
    """What the default generator gives next, after a module was used that drops nothing."""
    manual_seed(seed)
    Dropout(0.5).eval()(Tensor(np.ones((4, 5))))
    return rand(3).array


def dropped(p, x, seed=0):
    manual_seed(seed)
    return Dropout(p)(x)


def test_in_use_nothing_changes(rng):
    manual_seed(0)
    layer = Dropout(0.5).eval()
    assert_close(layer(Tensor([1, 2, 3, 4, 5, 6, 7, 8])), [1, 2, 3, 4, 5, 6, 7, 8])
    assert_close(layer.train(False)(Tensor(np.ones(100))), np.ones(100))
    array = rng.standard_normal(sizes(rng, 3))
    assert_close(layer(Tensor(array)), array)
    assert_close(Dropout(1).eval()(Tensor(array)), array)


def test_in_use_nothing_is_drawn(rng):
    for seed in rng.integers(10**6, size=3).tolist():
        assert_close(drawn_after_use(Dropout, seed), np.random.default_rng(seed).random(3, np.float32))


@pytest.mark.parametrize(("p", "kept"), [(0.5, 2), (0.2, 1.25), (0.75, 4)])
def test_in_training_a_value_is_dropped_or_divided_by_1_minus_p(p, kept, rng):
    values = np.asarray(dropped(p, Tensor(np.ones((40, 50), np.float32))))
    assert_close(np.unique(values), [0, kept], dtype=np.float32)
    p, value = rng.uniform(0.2, 0.8), np.float32(rng.uniform(1, 9))
    values = np.asarray(dropped(p, Tensor(np.full((40, 50), value)), int(rng.integers(10**6))))
    assert_close(np.sort([values.min(), values.max()]), [0, value / (1 - p)], dtype=np.float32)
    assert_close(np.where(values > 0, value / (1 - p), 0), values)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_each_value_has_a_chance_of_its_own_to_be_dropped(p, rng):
    manual_seed(0)
    assert_close(share_dropped(Dropout, p), p, rtol=0, atol=0.03)
    other = rng.uniform(0.1, 0.9)
    assert_close(share_dropped(Dropout, other), other, rtol=0, atol=0.03)
    n, m = rng.integers(70, 100, 2)
    layer, x = Dropout(p), Tensor(np.ones((n, m)))
    zeros, zeros_in_the_next_call = (np.asarray(layer(x)) == 0 for _ in range(2))
    assert zeros.shape == (n, m)
    all_rows_alike, all_columns_alike = bool((zeros == zeros[0]).all()), bool((zeros == zeros[:, :1]).all())
    assert (all_rows_alike, all_columns_alike) == (False, False)
    both_calls_alike = bool((zeros == zeros_in_the_next_call).all())
    assert both_calls_alike is False


def test_the_courses_generator_decides(rng):
    array, (one, other) = rng.uniform(1, 2, (9, 8)), rng.choice(10**6, 2, replace=False).tolist()
    first, second, third = (np.asarray(dropped(0.5, Tensor(array), seed)) for seed in (one, other, one))
    assert_close(np.where(first == 0, 2 * array, first), 2 * array)
    assert_close(first, third)
    assert bool((first == second).all()) is False


def test_at_the_ends_nothing_or_everything_is_dropped(rng):
    for values in ([1, 2, 3], rng.standard_normal(sizes(rng, 2))):
        assert_close(dropped(0, Tensor(values)), values)
        assert_close(dropped(1, Tensor(values)), np.zeros(np.shape(values)))


def test_the_gradient_is_dropped_and_enlarged_with_its_value(rng):
    x = Tensor(np.full((5, 8), 3), dtype=np.float32, requires_grad=True)
    y = dropped(0.5, x)
    y.sum().backward()
    assert_close(x.grad, np.asarray(y) / 3)
    array, p = rng.uniform(1, 9, (5, 8)), rng.uniform(0.2, 0.8)
    x = Tensor(array, requires_grad=True)
    y = dropped(p, x)
    y.sum().backward()
    assert_close(x.grad, np.asarray(y) / array)
    assert_close(np.unique(np.asarray(y) != 0), [False, True])
    assert_close(np.where(np.asarray(y) == 0, array / (1 - p), y), array / (1 - p))


def test_the_input_stays_as_it_is(rng):
    manual_seed(0)
    for values in ([1, 2, 3, 4, 5, 6], rng.standard_normal(sizes(rng, 2))):
        undone, after = input_after_a_call(Dropout, Tensor(values))
        assert_close(undone, values)
        assert_close(after, values)
