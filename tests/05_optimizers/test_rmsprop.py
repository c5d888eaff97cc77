"""rmsprop divides the gradient by the root of its running mean square, in place."""

import numpy as np

from tinytorch.layers import Parameter
from tinytorch.optimizers import RMSprop
from tito.testing import assert_close, on_student_side


@on_student_side
def places(p, grads, **options):
    """Where RMSprop goes from p with these gradients."""
    optimizer = RMSprop([Parameter(p)], **options)
    p, state, found = np.array(p, np.float32), {}, []
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
        found.append(p.copy())
    return np.array(found)


@on_student_side
def square_after(grads):
    optimizer = RMSprop([Parameter([0.0])])
    p, state = np.zeros(1, np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state["square_avg"]


@on_student_side
def gradient_after(grad):
    optimizer = RMSprop([Parameter([0.0])])
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


@on_student_side
def arrays_made_in_a_step(size):
    """How many arrays of this size fit into the memory that a step takes."""
    import tracemalloc

    optimizer = RMSprop([Parameter([0.0])])
    p, grad, state = np.zeros(size, np.float32), np.ones(size, np.float32), {}
    optimizer.update(p, grad, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, grad, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak // p.nbytes


def test_the_first_step_is_ten_times_the_learning_rate():
    assert_close(places([0.0], [[2]], lr=0.01), [[-0.1]])


def test_the_size_of_the_gradient_does_not_matter():
    assert_close(places([0.0, 0, 0], [[0.02, -2, 2000]], lr=0.01), [[-0.1, 0.1, -0.1]])


def test_the_mean_square_is_kept_and_goes_on():
    assert_close(square_after([[2], [2]]), [0.0796])
    assert_close(places([0.0], [[2], [2]], lr=0.01), [[-0.1], [-0.170888]])


def test_eps_is_added_to_the_root():
    assert_close(places([0.0], [[2]], lr=1, alpha=0.75, eps=1), [[-1]])
    assert_close(places([0.0], [[0]], lr=1), [[0]])


def test_large_arrays_and_momentum_agree_with_numpy(rng):
    p, grads = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400))
    at, square, velocity, expected = p, 0, 0, []
    for grad in grads:
        square = 0.9 * square + 0.1 * grad**2
        velocity = 0.5 * velocity + grad / (np.sqrt(square) + 0.01)
        at = at - 0.1 * velocity
        expected.append(at)
    found = places(p, grads, lr=0.1, alpha=0.9, eps=0.01, momentum=0.5)
    assert_close(found[:, ::29, ::7], np.array(expected)[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays_and_leaves_the_gradient_as_it_is():
    assert_close(gradient_after([1, 2]), [1, 2])
    assert arrays_made_in_a_step(60_000) == 0
