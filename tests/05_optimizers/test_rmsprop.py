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
def square_after(grads, **options):
    optimizer = RMSprop([Parameter([0.0])], **options)
    p, state = np.zeros(np.shape(grads[0]), np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state["square_avg"]


@on_student_side
def step_in_memory(grad):
    """How many large arrays fit into the memory that a step takes, and what the first values are afterwards."""
    import tracemalloc

    optimizer = RMSprop([Parameter([0.0])])
    p, large, state = np.zeros(60_000, np.float32), np.resize(np.float32(grad), 60_000), {}
    optimizer.update(p, large, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, large, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return [peak // p.nbytes, p[: len(grad)].copy()]


def expected(p, grads, lr=0.01, alpha=0.99, eps=1e-8, momentum=0, weight_decay=0):
    square, velocity, found = 0, 0, []
    for grad in grads:
        grad = np.asarray(grad) + weight_decay * p
        square = alpha * square + (1 - alpha) * grad**2
        velocity = momentum * velocity + grad / (np.sqrt(square) + eps)
        p = p - lr * velocity
        found.append(p)
    return found


def agree(p, grads, **options):
    assert_close(places(p, grads, **options), expected(p, grads, **options), atol=1e-5)


@on_student_side
def gradient_after(grad):
    optimizer = RMSprop([Parameter([0.0])])
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


def test_the_first_step_is_ten_times_the_learning_rate(rng):
    assert_close(places([0.0], [[2]], lr=0.01), [[-0.1]])
    agree(rng.standard_normal((2, 3)), rng.standard_normal((1, 2, 3)), lr=rng.uniform(0.01, 0.1))


def test_the_size_of_the_gradient_does_not_matter(rng):
    assert_close(places([0.0, 0, 0], [[0.02, -2, 2000]], lr=0.01), [[-0.1, 0.1, -0.1]])
    p, sizes = rng.standard_normal(4), 10 ** rng.uniform(-3, 3, 4)
    agree(p, sizes * rng.choice([-1, 1], (3, 4)), lr=rng.uniform(0.01, 0.1))


def test_the_mean_square_is_kept_and_goes_on(rng):
    assert_close(square_after([[2], [2]]), [0.0796])
    assert_close(places([0.0], [[2], [2]], lr=0.01), [[-0.1], [-0.170888]])
    first, second = rng.standard_normal((2, 2, 3))
    assert_close(square_after([first, second], alpha=0.8), 0.8 * 0.2 * first**2 + 0.2 * second**2, dtype=np.float32)
    agree(rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3)), alpha=rng.uniform(0.5, 0.9))


def test_eps_is_added_to_the_root(rng):
    assert_close(places([0.0], [[2]], lr=1, alpha=0.75, eps=1), [[-1]])
    assert_close(places([0.0], [[0]], lr=1), [[0]])
    grads = rng.standard_normal((3, 4)) * rng.permutation([0, 1, 1, 1])
    agree(rng.standard_normal(4), grads, lr=0.5, alpha=0.8, eps=rng.uniform(0.1, 1))
    agree(rng.standard_normal(4), grads, lr=0.5)


def test_large_arrays_and_momentum_agree_with_numpy(rng):
    p, grads, options = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400)), {"lr": 0.1, "alpha": 0.9}
    for more in ({"momentum": 0.5, "eps": 0.01}, {"weight_decay": 0.1, "eps": 0.01}):
        found, wanted = places(p, grads, **options, **more), np.array(expected(p, grads, **options, **more))
        assert_close(found[:, ::29, ::7], wanted[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays_and_leaves_the_gradient_as_it_is(rng):
    assert_close(gradient_after([1, 2]), [1, 2])
    grad = rng.standard_normal((2, 3)).astype(np.float32)
    assert_close(gradient_after(grad), grad, rtol=0, atol=0)
    made, place = step_in_memory(grad[0])
    assert made == 0
    assert_close(place, expected(np.zeros(3), [grad[0]] * 2)[-1])
