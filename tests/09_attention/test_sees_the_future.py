"""sees_the_future finds by gradients whether an output depends on a later input."""

import numpy as np
import pytest

from tinytorch.attention import SelfAttention, sees_the_future
from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tito.testing import on_student_side


@on_student_side
def seen(kind, x):
    """What is said of a model made of matrix products along the positions: `kind` is the matrix, (n, n)."""
    matrix = Tensor(kind)
    return sees_the_future(lambda leaf: matrix @ leaf, Tensor(x))


@on_student_side
def grad_after(x):
    given = Tensor(x, requires_grad=True)
    sees_the_future(lambda leaf: leaf * 2, given)
    return given.grad is None


def one_link(n, output, input):
    matrix = np.eye(n, dtype=np.float32)
    matrix[output, input] = 0.5
    return matrix


def test_a_causal_layer_does_not_and_another_does(rng):
    manual_seed(0)
    x = Tensor(rng.standard_normal((2, 4, 4)).astype(np.float32))
    assert sees_the_future(SelfAttention(4, 2, causal=True), x) is False
    assert sees_the_future(SelfAttention(4, 2, causal=False), x) is True


@pytest.mark.parametrize(("output", "input"), [(0, 1), (0, 4), (3, 4), (1, 3)])
def test_a_single_link_into_the_future_is_found(output, input, rng):
    assert seen(one_link(5, output, input), rng.standard_normal((2, 5, 3)).astype(np.float32)) is True


@pytest.mark.parametrize(("output", "input"), [(1, 0), (4, 0), (4, 3), (2, 2)])
def test_links_to_the_past_and_to_itself_are_none(output, input, rng):
    assert seen(one_link(5, output, input), rng.standard_normal((2, 5, 3)).astype(np.float32)) is False


@pytest.mark.parametrize(("output", "input"), [(4, 3), (3, 2)])
def test_an_output_need_not_depend_on_its_own_input(output, input, rng):
    matrix = one_link(5, output, input) - np.eye(5, dtype=np.float32)
    assert seen(matrix, rng.standard_normal((2, 5, 3)).astype(np.float32)) is False


def test_a_negative_link_counts_as_well(rng):
    matrix = one_link(4, 1, 2) - 2 * one_link(4, 1, 2) * (1 - np.eye(4, dtype=np.float32))
    assert seen(matrix, rng.standard_normal((1, 4, 2)).astype(np.float32)) is True


def test_the_given_tensor_is_left_without_a_gradient(rng):
    assert grad_after(rng.standard_normal((1, 3, 2)).astype(np.float32)) is True
