"""adam takes Adam's step in place, with the corrections in two numbers, and makes no new arrays."""

import numpy as np

from tinytorch.layers import Parameter
from tinytorch.optimizers import Adam
from tito.testing import assert_close, on_student_side


@on_student_side
def places(p, grads, **options):
    """Where Adam goes from p with these gradients."""
    optimizer = Adam([Parameter(p)], **options)
    p, state, found = np.array(p, np.float32), {}, []
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
        found.append(p.copy())
    return np.array(found)


@on_student_side
def state_after(grads, name):
    optimizer = Adam([Parameter([0.0])])
    p, state = np.zeros(1, np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state[name]


@on_student_side
def gradient_after(grad):
    optimizer = Adam([Parameter([0.0])])
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


@on_student_side
def arrays_made_in_a_step(size):
    """How many arrays of this size fit into the memory that a step takes."""
    import tracemalloc

    optimizer = Adam([Parameter([0.0])])
    p, grad, state = np.zeros(size, np.float32), np.ones(size, np.float32), {}
    optimizer.update(p, grad, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, grad, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak // p.nbytes


def test_the_first_step_is_the_learning_rate_whatever_the_gradient():
    assert_close(places([0.0, 0, 0], [[3, -0.003, 3000]], lr=0.01), [[-0.01, 0.01, -0.01]])


def test_later_steps_go_by_both_means():
    assert_close(places([0.0], [[2], [2], [2]], lr=0.01), [[-0.01], [-0.02], [-0.03]])
    assert_close(places([0.0], [[3], [-3], [3]], lr=0.01), [[-0.01], [-0.00947368], [-0.012832]], rtol=1e-3)


def test_the_means_are_kept_uncorrected():
    assert_close(state_after([[2], [2]], "exp_avg"), [0.38])
    assert_close(state_after([[2], [2]], "exp_avg_sq"), [0.007996])


def test_eps_is_added_to_the_root():
    assert_close(places([0.0], [[3], [3]], lr=1, eps=1), [[-0.75], [-1.5]])


def test_large_arrays_agree_with_numpy(rng):
    p, grads = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400))
    at, mean, square, expected = p, 0, 0, []
    for t, grad in enumerate(grads, 1):
        grad = grad + 0.1 * at
        mean, square = 0.8 * mean + 0.2 * grad, 0.95 * square + 0.05 * grad**2
        at = at - 0.1 * (mean / (1 - 0.8**t)) / (np.sqrt(square / (1 - 0.95**t)) + 1e-3)
        expected.append(at)
    found = places(p, grads, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
    assert_close(found[:, ::29, ::7], np.array(expected)[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays_and_leaves_the_gradient_as_it_is():
    assert_close(gradient_after([1, 2]), [1, 2])
    assert arrays_made_in_a_step(60_000) == 0
