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
    p, state = np.zeros(1, np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state["momentum_buffer"]


@on_student_side
def gradient_after(grad, **options):
    optimizer = SGD([Parameter([0.0])], **options)
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


@on_student_side
def arrays_made_in_a_step(size, **options):
    """How many arrays of this size fit into the memory that a step takes."""
    import tracemalloc

    optimizer = SGD([Parameter([0.0])], **options)
    p, grad, state = np.zeros(size, np.float32), np.ones(size, np.float32), {}
    optimizer.update(p, grad, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, grad, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak // p.nbytes


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


def test_without_momentum_it_goes_by_the_gradient():
    assert_close(places([1.0], [[2], [2]], lr=0.1), [[0.8], [0.6]])


def test_with_momentum_equal_gradients_add_up():
    assert_close(places([1.0], [[2], [2]], lr=0.1, momentum=0.9), [[0.8], [0.42]])
    assert_close(places([0.0], [[1], [1]], lr=1, momentum=0.5, dampening=0.2), [[-1], [-2.3]])


def test_with_nesterov_it_is_one_step_ahead():
    assert_close(places([0.0], [[1], [1]], lr=1, momentum=0.9, nesterov=True), [[-1.9], [-4.61]])
    assert_close(places([0.0], [[1], [-1]], lr=1, momentum=0.9, nesterov=True), [[-1.9], [-0.81]])


def test_the_velocity_is_kept_without_the_learning_rate():
    assert_close(velocity_after([[1], [1]], lr=0.5, momentum=0.9), [1.9])
    assert_close(velocity_after([[1], [1]], lr=0.5, momentum=0.9, nesterov=True), [1.9])


def test_the_gradient_is_left_as_it_is():
    assert_close(gradient_after([1, 2], lr=0.1), [1, 2])
    assert_close(gradient_after([1, 2], lr=0.1, momentum=0.9, nesterov=True), [1, 2])


def test_large_arrays_and_all_options_agree_with_numpy(rng):
    p, grads = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400))
    for options in ({"weight_decay": 0.1}, {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}):
        expected = np.array(numpy_sgd(p, grads, lr=0.2, **options))
        found = places(p, grads, lr=0.2, **options)
        assert_close(found[:, ::29, ::7], expected[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays():
    assert arrays_made_in_a_step(60_000, lr=0.1) == 0
    assert arrays_made_in_a_step(60_000, lr=0.1, momentum=0.9) == 0
    assert arrays_made_in_a_step(60_000, lr=0.1, momentum=0.9, nesterov=True) == 0
