"""The rule of x[index]: each gradient goes back to where its value was picked, and adds up there."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor, derivatives
from tinytorch.tensor import getitem
from tito.testing import assert_close, gradient, rule, sizes


def put_back(shape, index, weights):
    """Each weight at the place from which its value was picked, the sum of several."""
    result, places = np.zeros(shape), np.arange(np.prod(shape)).reshape(shape)[index]
    for place, weight in zip(np.ravel(places), np.ravel(weights)):
        result.flat[place] += weight
    return result


def test_what_was_picked_gets_its_gradient_and_the_rest_0(rng):
    assert_close(gradient("x", "x[1:3].backward([5, 6])", x=[1, 2, 3, 4]), [0, 5, 6, 0])
    assert_close(gradient("x", "x[1, 0].backward(7)", x=[[1, 2], [3, 4]]), [[0, 0], [7, 0]])
    assert_close(gradient("x", "x[1].backward([5, 6])", x=[[1, 2], [3, 4]]), [[0, 0], [5, 6]])
    shape, weights = (5, 6), rng.standard_normal(6)
    row = int(rng.integers(-5, 5))
    x = Tensor(rng.standard_normal(shape), requires_grad=True)
    x[row].backward(weights)
    assert_close(x.grad, put_back(shape, row, weights))


def test_what_was_picked_twice_gets_both(rng):
    assert_close(gradient("x", "x[[0, 0, 2]].backward([1, 10, 100])", x=[1, 2, 3, 4]), [11, 0, 100, 0])
    x = Tensor([[1, 2], [3, 4]], requires_grad=True)
    x[Tensor(np.array([1, 0, 1]))].backward([[1, 2], [10, 20], [100, 200]])
    assert_close(x.grad, [[10, 20], [101, 202]])
    index, weights = rng.integers(0, 4, 9), rng.standard_normal((9, 3))
    for given in (index, index.tolist(), Tensor(index)):
        x = Tensor(rng.standard_normal((4, 3)), requires_grad=True)
        x[given].backward(weights)
        assert_close(x.grad, put_back((4, 3), index, weights))


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
        (slice(0, 0),),
    ],
    ids=str,
)
def test_any_index(index, rng):
    shape = (2, 3) if isinstance(index, np.ndarray) else (2, 3, 4)
    weights = rng.uniform(1, 2, np.zeros(shape)[index].shape)
    x = Tensor(rng.standard_normal(shape), requires_grad=True)
    x[index].backward(weights)
    assert_close(x.grad, put_back(shape, index, weights))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_grad_and_x_stay_as_they_are_and_the_gradient_has_their_dtype(dtype, rng):
    array = rng.standard_normal(sizes(rng, 2)).astype(dtype)
    for index in (slice(1, None), [0, 1, 0], (1, 1)):
        weights = np.array(rng.standard_normal(array[index].shape), dtype)
        (found,), (grad, _, after) = rule(derivatives, getitem, weights, array, index=index)
        assert_close(found, put_back(array.shape, index, weights), dtype=dtype)
        assert_close(grad, weights)
        assert_close(after, array)


def test_it_goes_on_through_other_operations(rng):
    x = Tensor([1, 2, 3], requires_grad=True)
    (x[:2] * x[1:]).sum().backward()
    assert_close(x.grad, [2, 4, 2])
    array = rng.standard_normal(6)
    x = Tensor(array, requires_grad=True)
    (x[:-1] * x[1:]).sum().backward()
    assert_close(x.grad, np.append(0, array[:-1]) + np.append(array[1:], 0))
