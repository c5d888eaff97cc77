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
def state_after(grads, name, **options):
    optimizer = Adam([Parameter([0.0])], **options)
    p, state = np.zeros(np.shape(grads[0]), np.float32), {}
    for grad in grads:
        optimizer.update(p, np.array(grad, np.float32), state, **optimizer.defaults)
    return state[name]


@on_student_side
def step_in_memory(grad):
    """How many large arrays fit into the memory that a step takes, and what the first values are afterwards."""
    import tracemalloc

    optimizer = Adam([Parameter([0.0])])
    p, large, state = np.zeros(60_000, np.float32), np.resize(np.float32(grad), 60_000), {}
    optimizer.update(p, large, state, **optimizer.defaults)
    tracemalloc.start()
    optimizer.update(p, large, state, **optimizer.defaults)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return [peak // p.nbytes, p[: len(grad)].copy()]


def expected(p, grads, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    mean, square, found = 0, 0, []
    for t, grad in enumerate(grads, 1):
        grad = np.asarray(grad) + weight_decay * p
        mean, square = betas[0] * mean + (1 - betas[0]) * grad, betas[1] * square + (1 - betas[1]) * grad**2
        p = p - lr * (mean / (1 - betas[0] ** t)) / (np.sqrt(square / (1 - betas[1] ** t)) + eps)
        found.append(p)
    return found


def agree(p, grads, **options):
    assert_close(places(p, grads, **options), expected(p, grads, **options), atol=1e-5)


@on_student_side
def gradient_after(grad):
    optimizer = Adam([Parameter([0.0])])
    grad = np.array(grad, np.float32)
    optimizer.update(np.zeros_like(grad), grad, {}, **optimizer.defaults)
    return grad


def test_the_first_step_is_the_learning_rate_whatever_the_gradient(rng):
    assert_close(places([0.0, 0, 0], [[3, -0.003, 3000]], lr=0.01), [[-0.01, 0.01, -0.01]])
    p, sizes = rng.standard_normal((2, 3)), 10 ** rng.uniform(-3, 3, (1, 2, 3))
    agree(p, sizes * rng.choice([-1, 1], (1, 2, 3)), lr=rng.uniform(0.1, 0.5))


def test_later_steps_go_by_both_means(rng):
    assert_close(places([0.0], [[2], [2], [2]], lr=0.01), [[-0.01], [-0.02], [-0.03]])
    assert_close(places([0.0], [[3], [-3], [3]], lr=0.01), [[-0.01], [-0.00947368], [-0.012832]], rtol=1e-3)
    grads = rng.standard_normal((4, 2, 3))
    grads[:, 0, 0] = grads[2] = 0
    agree(rng.standard_normal((2, 3)), grads, lr=rng.uniform(0.1, 0.5))


def test_the_means_are_kept_uncorrected(rng):
    assert_close(state_after([[2], [2]], "exp_avg"), [0.38])
    assert_close(state_after([[2], [2]], "exp_avg_sq"), [0.007996])
    first, second = grads = rng.standard_normal((2, 2, 3))
    found = [state_after(grads, name, betas=(0.6, 0.8)) for name in ("exp_avg", "exp_avg_sq")]
    assert_close(found[0], 0.6 * 0.4 * first + 0.4 * second, dtype=np.float32)
    assert_close(found[1], 0.8 * 0.2 * first**2 + 0.2 * second**2, dtype=np.float32)


def test_eps_is_added_to_the_root(rng):
    assert_close(places([0.0], [[3], [3]], lr=1, eps=1), [[-0.75], [-1.5]])
    agree(rng.standard_normal(3), rng.standard_normal((3, 3)), lr=0.5, eps=rng.uniform(0.1, 1))


def test_large_arrays_agree_with_numpy(rng):
    p, grads = rng.standard_normal((300, 400)), rng.standard_normal((3, 300, 400))
    options = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}
    found, wanted = places(p, grads, **options), np.array(expected(p, grads, **options))
    assert_close(found[:, ::29, ::7], wanted[:, ::29, ::7], atol=1e-5)


def test_it_makes_no_new_arrays_and_leaves_the_gradient_as_it_is(rng):
    assert_close(gradient_after([1, 2]), [1, 2])
    grad = rng.standard_normal((2, 3)).astype(np.float32)
    assert_close(gradient_after(grad), grad, rtol=0, atol=0)
    made, place = step_in_memory(grad[0])
    assert made == 0
    assert_close(place, expected(np.zeros(3), [grad[0]] * 2)[-1])
