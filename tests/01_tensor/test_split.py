"""split cuts an axis into pieces of one size, or of the sizes listed."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tito.testing import assert_close, on_student_side, raises, sizes, type_name


@on_student_side
def pieces(array, size_or_sizes, *dim):
    return [piece.array for piece in Tensor(array).split(size_or_sizes, *dim)]


@on_student_side
def after_writing(array, size_or_sizes, dim):
    """The tensor, after each piece was filled with its number."""
    x = Tensor(array)
    for number, piece in enumerate(x.split(size_or_sizes, dim)):
        piece.array[...] = number
    return x.array


def check(array, size_or_sizes, dim, *ends):
    """Compare the pieces with NumPy's, cut at these places."""
    found = pieces(array, size_or_sizes, dim)
    assert len(found) == len(ends) + 1
    for piece, expected in zip(found, np.split(array, ends, dim)):
        assert_close(piece, expected, dtype=array.dtype)


def test_pieces_of_one_size_and_what_is_left(rng):
    assert [piece.tolist() for piece in pieces([0, 1, 2, 3, 4], 2)] == [[0, 1], [2, 3], [4]]
    assert [piece.tolist() for piece in pieces([0, 1, 2, 3], 2)] == [[0, 1], [2, 3]]
    assert [piece.tolist() for piece in pieces([0, 1, 2], 5)] == [[0, 1, 2]]
    size, count, rest = sizes(rng, 3)
    total = size * count + rest % size
    check(rng.standard_normal(total), size, 0, *range(size, total, size))


def test_pieces_of_the_sizes_listed(rng):
    assert [piece.tolist() for piece in pieces([0, 1, 2, 3, 4], [1, 4])] == [[0], [1, 2, 3, 4]]
    assert [piece.tolist() for piece in pieces([0, 1, 2], (2, 0, 1))] == [[0, 1], [], [2]]
    listed = rng.permutation([0, *sizes(rng, 3)]).tolist()
    check(rng.standard_normal(sum(listed)), listed, 0, *np.cumsum(listed)[:-1].tolist())


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2])
def test_only_the_axis_dim_is_cut(dim, rng):
    array = rng.standard_normal(sizes(rng, 3)).astype(np.float32)
    total = array.shape[dim]
    check(array, 2, dim, *range(2, total, 2))
    check(array, [1, total - 1], dim, 1)


def test_they_come_as_a_tuple(rng):
    for x, size in ((Tensor([1, 2, 3]), 2), (Tensor(rng.standard_normal(5)), [2, 3])):
        assert type_name(x.split(size)) == "tuple"


def test_a_piece_is_a_view(rng):
    assert after_writing([5, 5, 5, 5, 5], 2, 0).tolist() == [0, 0, 1, 1, 2]
    assert after_writing([[5, 5, 5]] * 2, [1, 2], 1).tolist() == [[0, 1, 1]] * 2
    n, m = sizes(rng, 2)
    expected = np.repeat([0, 1], [n, m])
    assert_close(after_writing(rng.standard_normal((2, n + m)), [n, m], 1), np.stack([expected] * 2))


def test_an_axis_of_size_0_is_one_piece(rng):
    for size in (1, int(rng.integers(2, 9))):
        assert [piece.shape for piece in pieces(np.zeros((0, 3)), size)] == [(0, 3)]
        assert [piece.shape for piece in pieces(np.zeros((3, 2)), [1, 2])] == [(1, 2), (2, 2)]


def test_sizes_that_do_not_fit_are_refused(rng):
    n = int(rng.integers(3, 9))
    with raises(ValueError, "must add up to"):
        Tensor(np.zeros(n)).split([1, n])
    with raises(ValueError, "must be at least 1"):
        Tensor(np.zeros(n)).split(0)
    assert len(pieces(np.zeros(n), 1)) == n
