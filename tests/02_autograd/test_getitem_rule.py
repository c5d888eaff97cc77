"""The rule of x[index]: each gradient goes back to where its value was picked, and adds up there."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tito.testing import assert_close, on_student_side


@on_student_side
def gradient(of, program, **values):
    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


def test_what_was_picked_gets_its_gradient_and_the_rest_0():
    assert_close(gradient("x", "x[1:3].backward([5, 6])", x=[1, 2, 3, 4]), [0, 5, 6, 0])
    assert_close(gradient("x", "x[1, 0].backward(7)", x=[[1, 2], [3, 4]]), [[0, 0], [7, 0]])
    assert_close(gradient("x", "x[1].backward([5, 6])", x=[[1, 2], [3, 4]]), [[0, 0], [5, 6]])


def test_what_was_picked_twice_gets_both():
    assert_close(gradient("x", "x[[0, 0, 2]].backward([1, 10, 100])", x=[1, 2, 3, 4]), [11, 0, 100, 0])
    x = Tensor([[1, 2], [3, 4]], requires_grad=True)
    x[Tensor(np.array([1, 0, 1]))].backward([[1, 2], [10, 20], [100, 200]])
    assert_close(x.grad, [[10, 20], [101, 202]])


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), -1),
        (slice(None, None, -1),),
        (Ellipsis, None, slice(1, 3)),
        np.array([[True, False, True], [False, False, True]]),
        ([True, False],),
        (np.array([1, 1, 0]), [2, 2, 0]),
        (0, np.array([[0, 2], [2, 2]])),
        (slice(1), [1, 1], slice(2, None)),
    ],
    ids=str,
)
def test_any_index(index, rng):
    shape = (2, 3) if isinstance(index, np.ndarray) else (2, 3, 4)
    picked = np.arange(np.prod(shape)).reshape(shape)[index]
    weights = rng.uniform(1, 2, np.prod(shape))[picked]
    expected = np.zeros(np.prod(shape))
    for place, weight in zip(picked.ravel(), weights.ravel()):
        expected[place] += weight
    x = Tensor(rng.standard_normal(shape), requires_grad=True)
    x[index].backward(weights)
    assert_close(x.grad, expected.reshape(shape))


def test_it_goes_on_through_other_operations():
    x = Tensor([1, 2, 3], requires_grad=True)
    (x[:2] * x[1:]).sum().backward()
    assert_close(x.grad, [2, 4, 2])
