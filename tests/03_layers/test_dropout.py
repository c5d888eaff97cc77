"""Dropout sets values to zero at random in training and enlarges the others, and does nothing in use."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import Dropout
from tinytorch.tensor import manual_seed
from tito.testing import assert_close, on_student_side


@on_student_side
def after_a_call(Dropout, x):
    Dropout(0.5)(x)
    return x.tolist()


@on_student_side
def share_dropped(Dropout, p):
    return float((np.asarray(Dropout(p)(Tensor(np.ones((100, 100))))) == 0).mean())


def dropped(p, x, seed=0):
    manual_seed(seed)
    return Dropout(p)(x)


def test_in_use_nothing_changes():
    manual_seed(0)
    layer = Dropout(0.5).eval()
    assert_close(layer(Tensor([1, 2, 3, 4, 5, 6, 7, 8])), [1, 2, 3, 4, 5, 6, 7, 8])
    assert_close(layer.train(False)(Tensor(np.ones(100))), np.ones(100))


@pytest.mark.parametrize(("p", "kept"), [(0.5, 2), (0.2, 1.25), (0.75, 4)])
def test_in_training_a_value_is_dropped_or_divided_by_1_minus_p(p, kept):
    values = np.asarray(dropped(p, Tensor(np.ones((40, 50), np.float32))))
    assert_close(np.unique(values), [0, kept], dtype=np.float32)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_each_value_has_a_chance_of_its_own_to_be_dropped(p):
    manual_seed(0)
    assert_close(share_dropped(Dropout, p), p, rtol=0, atol=0.03)
    zeros = np.asarray(dropped(p, Tensor(np.ones((100, 100))))) == 0
    all_rows_alike, all_columns_alike = bool((zeros == zeros[0]).all()), bool((zeros == zeros[:, :1]).all())
    assert (all_rows_alike, all_columns_alike) == (False, False)
    both_calls_alike = bool((zeros == (np.asarray(Dropout(p)(Tensor(np.ones((100, 100))))) == 0)).all())
    assert both_calls_alike is False


def test_at_the_ends_nothing_or_everything_is_dropped():
    assert_close(dropped(0, Tensor([1, 2, 3])), [1, 2, 3])
    assert_close(dropped(1, Tensor([1, 2, 3])), [0, 0, 0])


def test_the_gradient_is_dropped_and_enlarged_with_its_value():
    x = Tensor(np.full((5, 8), 3), dtype=np.float32, requires_grad=True)
    y = dropped(0.5, x)
    y.sum().backward()
    assert_close(x.grad, np.asarray(y) / 3)


def test_the_input_stays_as_it_is():
    manual_seed(0)
    assert after_a_call(Dropout, Tensor([1, 2, 3, 4, 5, 6])) == [1, 2, 3, 4, 5, 6]
