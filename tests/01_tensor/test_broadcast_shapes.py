"""broadcast_shapes finds the shape that others have after broadcasting, or says where they do not fit."""

import numpy as np
import pytest

from tinytorch.tensor import broadcast_shapes
from tito.testing import raises, sizes


def stretched(rng, full):
    """Two shapes that broadcast to `full`: each axis is 1 in at most one of them."""
    ones = rng.integers(0, 3, len(full))
    return [tuple(1 if one == which else n for n, one in zip(full, ones)) for which in (0, 1)]


def test_a_size_of_1_is_stretched_to_the_other(rng):
    assert broadcast_shapes((2, 3), (2, 3)) == (2, 3)
    assert broadcast_shapes((3, 1), (3, 4)) == (3, 4)
    assert broadcast_shapes((3, 1), (1, 4)) == (3, 4)
    full = sizes(rng, 4)
    assert broadcast_shapes(*stretched(rng, full)) == full


def test_a_missing_size_counts_as_1(rng):
    assert broadcast_shapes((2, 3), (3,)) == (2, 3)
    assert broadcast_shapes((3,), (2, 3)) == (2, 3)
    assert broadcast_shapes((4,), (3, 1)) == (3, 4)
    assert broadcast_shapes((2, 3), ()) == (2, 3)
    full = sizes(rng, 4)
    for missing in (1, 3, 4):
        assert broadcast_shapes(full[missing:], full) == full
        assert broadcast_shapes(full, full[missing:]) == full


def test_any_number_of_shapes_will_do(rng):
    assert broadcast_shapes((2, 1, 1), (3, 1), (4,)) == (2, 3, 4)
    assert broadcast_shapes((1, 3), (1,)) == (1, 3)
    assert broadcast_shapes((5,)) == (5,)
    assert broadcast_shapes() == ()
    full = sizes(rng, 4)
    assert broadcast_shapes(full) == full
    assert broadcast_shapes(*((n, *[1] * (3 - i)) for i, n in enumerate(full))) == full


@pytest.mark.parametrize("case", range(10))
def test_it_agrees_with_numpy_on_random_shapes(case, rng):
    full = rng.integers(2, 6, size=rng.integers(1, 5))
    shapes = []
    for _ in range(rng.integers(2, 5)):
        shape = np.where(rng.random(full.size) < 0.5, 1, full)[rng.integers(0, full.size) :]
        shapes.append(tuple(shape.tolist()))
    assert broadcast_shapes(*shapes) == np.broadcast_shapes(*shapes)


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ([(2, 3), (4,)], "cannot broadcast (2, 3) and (4,): counted from the right, dim -1 is 3 and 4"),
        ([(2, 3), (2,)], "cannot broadcast (2, 3) and (2,): counted from the right, dim -1 is 3 and 2"),
        ([(2, 3), (5, 3)], "cannot broadcast (2, 3) and (5, 3): counted from the right, dim -2 is 2 and 5"),
        ([(0,), (2,)], "dim -1 is 0 and 2"),
        ([(3,), (2, 1), (7, 4, 3)], "dim -2 is 2 and 4"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_a_sentence(shapes, sentence, rng):
    with raises(ValueError, sentence):
        broadcast_shapes(*shapes)
    one, dim = sizes(rng, 4), int(rng.integers(-3, 0))
    other = [*one[1:]]
    other[dim] += 7
    other = tuple(other)
    assert broadcast_shapes(one, one[1:]) == one
    misfit = f"cannot broadcast {one} and {other}: counted from the right, dim {dim} is {one[dim]} and {other[dim]}"
    with raises(ValueError, misfit, "; sizes must be equal or one of them 1"):
        broadcast_shapes(one, other)


def test_a_1_gives_way_even_to_0(rng):
    assert broadcast_shapes((0,), (1,)) == (0,)
    assert broadcast_shapes((2, 1), (2, 0)) == (2, 0)
    one = sizes(rng, 3)
    assert broadcast_shapes((*one, 1), (0,)) == (*one, 0)
