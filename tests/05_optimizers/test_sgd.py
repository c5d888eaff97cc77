"""sgd takes a step in place, plain, with momentum or with Nesterov's, and makes no new arrays."""

import numpy as np

from tinytorch.layers import Parameter
from tinytorch.optimizers import SGD
from tito.testing import assert_close, on_student_side


@on_student_side
def places(p, grads, **options):
    """Where SGD goes from p with these gradients."""
    optimizer = SGD([Parameter(p)], **options)
    p, state, found = np.array(p, np.float32), {}, []
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
        found.append(p.copy())
    return np.array(found)


@on_student_side
def velocity_after(grads, **options):
    optimizer = SGD([Parameter([0.0])], **options)
    p, state = np.zeros(np.shape(grads[0]), np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state["momentum_buffer"]


@on_student_side
def step_in_memory(grad, **options):
    """How many large arrays fit into the memory that a step takes, and what the first values are afterwards."""
    import tracemalloc

    optimizer = SGD([Parameter([0.0])], **options)
    p, large, state = np.zeros(60_000, np.float32), np.resize(np.float32(grad), 60_000), {}
    optimizer.update(p, large, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, large, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return [peak // p.nbytes, p[: len(grad)].copy()]


def agree(rng, **options):
    """Compare with NumPy for drawn places and gradients, some of them 0, and a drawn rate."""
    p, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    grads[2] = grads[:, 0, 0] = 0
    lr = rng.uniform(0.1, 0.9)
    assert_close(places(p, grads, lr=lr, **options), numpy_sgd(p, grads, lr=lr, **options), atol=1e-5)


@on_student_side
def gradient_after(grad, **options):
    optimizer = SGD([Parameter([0.0])], **options)
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


def numpy_sgd(p, grads, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False):
    velocity, found = None, []
    for grad in grads:
        grad = grad + weight_decay * p
        if momentum:
            velocity = grad if velocity is None else momentum * velocity + (1 - dampening) * grad
            grad = grad + momentum * velocity if nesterov else velocity
        p = p - lr * grad
        found.append(p)
    return found


def test_without_momentum_it_goes_by_the_gradient(rng):
    assert_close(places([1.0], [[2], [2]], lr=0.1), [[0.8], [0.6]])
    agree(rng)
    agree(rng, weight_decay=rng.uniform(0.1, 0.5))


def test_with_momentum_equal_gradients_add_up(rng):
    assert_close(places([1.0], [[2], [2]], lr=0.1, momentum=0.9), [[0.8], [0.42]])
    assert_close(places([0.0], [[1], [1]], lr=1, momentum=0.5, dampening=0.2), [[-1], [-2.3]])
    agree(rng, momentum=rng.uniform(0.1, 0.9))
    agree(rng, momentum=rng.uniform(0.1, 0.9), dampening=rng.uniform(0.1, 0.9))


def test_with_nesterov_it_is_one_step_ahead(rng):
    assert_close(places([0.0], [[1], [1]], lr=1, momentum=0.9, nesterov=True), [[-1.9], [-4.61]])
    assert_close(places([0.0], [[1], [-1]], lr=1, momentum=0.9, nesterov=True), [[-1.9], [-0.81]])
    agree(rng, momentum=rng.uniform(0.1, 0.9), nesterov=True)
    agree(rng, momentum=rng.uniform(0.1, 0.9), nesterov=True, weight_decay=0.1)


def test_the_velocity_is_kept_without_the_learning_rate(rng):
    assert_close(velocity_after([[1], [1]], lr=0.5, momentum=0.9), [1.9])
    assert_close(velocity_after([[1], [1]], lr=0.5, momentum=0.9, nesterov=True), [1.9])
    for nesterov in (False, True):
        first, second = rng.standard_normal((2, 3, 2))
        found = velocity_after([first, second], lr=0.5, momentum=0.6, nesterov=nesterov)
        assert_close(found, 0.6 * first + second, dtype=np.float32)


def test_the_gradient_is_left_as_it_is(rng):
    assert_close(gradient_after([1, 2], lr=0.1), [1, 2])
    assert_close(gradient_after([1, 2], lr=0.1, momentum=0.9, nesterov=True), [1, 2])
    for options in ({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}):
        grad = rng.standard_normal((2, 3)).astype(np.float32)
        assert_close(gradient_after(grad, lr=0.1, **options), grad, rtol=0, atol=0)


def test_large_arrays_and_all_options_agree_with_numpy(rng):
    p, grads = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400))
    for options in ({"weight_decay": 0.1}, {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}):
        expected = np.array(numpy_sgd(p, grads, lr=0.2, **options))
        found = places(p, grads, lr=0.2, **options)
        assert_close(found[:, ::29, ::7], expected[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays(rng):
    for options in ({"momentum": 0.9, "nesterov": True}, {"momentum": 0.9}, {}):
        grad = rng.standard_normal(3)
        made, place = step_in_memory(grad, lr=0.1, **options)
        assert made == 0
        assert_close(place, numpy_sgd(np.zeros(3), [grad, grad], lr=0.1, **options)[-1])
