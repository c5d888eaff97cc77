"""sees_the_future finds by gradients whether an output depends on a later input."""

import numpy as np
import pytest

from tinytorch.attention import SelfAttention, sees_the_future
from tinytorch.autograd import Tensor
from tinytorch.tensor import manual_seed
from tito.testing import on_student_side


@on_student_side
def seen(kinds, x):
    """What is said of models made of matrix products along the positions: each kind is a matrix, (n, n)."""
    return [sees_the_future(Tensor(kind).__matmul__, Tensor(x)) for kind in kinds]


@on_student_side
def layers_that_see(causal, x):
    return [sees_the_future(SelfAttention(4, 2, causal=one), Tensor(x)) for one in causal]


@on_student_side
def seen_and_grad_after(kinds, x):
    given = Tensor(x, requires_grad=True)
    said = [sees_the_future(Tensor(kind).__matmul__, given) for kind in kinds]
    return said, given.grad is None


def one_link(n, output, input):
    matrix = np.eye(n, dtype=np.float32)
    matrix[output, input] = 0.5
    return matrix


def drawn(rng, sign=1, own=1):
    """Sixteen matrices of one link each, some into the future by lot, and which of them are."""
    future = rng.permutation(16) % 2 == 0
    kinds = []
    for ahead in future:
        early, late = sorted(rng.choice(5, 2, replace=False).tolist())
        kinds.append(np.eye(5, dtype=np.float32) * own)
        kinds[-1][(early, late) if ahead else (late, early)] = sign * rng.uniform(0.1, 1)
    return kinds, future.tolist()


def batch(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def test_a_causal_layer_does_not_and_another_does(rng):
    manual_seed(0)
    x = Tensor(batch(rng, 2, 4, 4))
    assert sees_the_future(SelfAttention(4, 2, causal=True), x) is False
    assert sees_the_future(SelfAttention(4, 2, causal=False), x) is True
    causal = (rng.permutation(12) % 2 == 0).tolist()
    assert layers_that_see(causal, batch(rng, 2, 4, 4)) == [not one for one in causal]


@pytest.mark.parametrize(("output", "input"), [(0, 1), (0, 4), (3, 4), (1, 3)])
def test_a_single_link_into_the_future_is_found(output, input, rng):
    assert seen([one_link(5, output, input)], batch(rng, 2, 5, 3)) == [True]
    kinds, future = drawn(rng)
    assert seen(kinds, batch(rng, 2, 5, 3)) == future


@pytest.mark.parametrize(("output", "input"), [(1, 0), (4, 0), (4, 3), (2, 2)])
def test_links_to_the_past_and_to_itself_are_none(output, input, rng):
    assert seen([one_link(5, output, input)], batch(rng, 2, 5, 3)) == [False]
    kinds, future = drawn(rng)
    assert seen(kinds, batch(rng, 1, 5, 2)) == future


@pytest.mark.parametrize(("output", "input"), [(4, 3), (3, 2)])
def test_an_output_need_not_depend_on_its_own_input(output, input, rng):
    matrix = one_link(5, output, input) - np.eye(5, dtype=np.float32)
    assert seen([matrix], batch(rng, 2, 5, 3)) == [False]
    kinds, future = drawn(rng, own=0)
    assert seen(kinds, batch(rng, 2, 5, 3)) == future


def test_a_negative_link_counts_as_well(rng):
    matrix = one_link(4, 1, 2) - 2 * one_link(4, 1, 2) * (1 - np.eye(4, dtype=np.float32))
    assert seen([matrix], batch(rng, 1, 4, 2)) == [True]
    kinds, future = drawn(rng, sign=-1)
    assert seen(kinds, batch(rng, 2, 5, 3)) == future


def test_the_given_tensor_is_left_without_a_gradient(rng):
    kinds, future = drawn(rng)
    assert seen_and_grad_after(kinds, batch(rng, 1, 5, 2)) == (future, True)
