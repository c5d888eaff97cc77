"""The reference's tensor.py agrees with NumPy, is float32 by default, has one door, and its errors say what fits."""

import copy
import math
import operator
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

SMALL = settings(deadline=None, derandomize=True, database=None, max_examples=80)
FLOATS = [np.float16, np.float32, np.float64]
RULE = "sizes must be equal or one of them 1"
VALUES = st.integers(-8, 8).map(float)  # sums and products of few of these are exact in float32


@pytest.fixture(scope="module")
def tensor(reference):
    return reference.tensor


@pytest.fixture(scope="module")
def Tensor(tensor):
    return tensor.Tensor


@pytest.fixture(scope="module")
def Logged(Tensor):
    """A subclass that writes down every operation that passes through `apply`."""

    class Logged(Tensor):
        ops: list = []  # noqa: RUF012  shared on purpose: results of results are logged too

        def apply(self, op, *inputs, **options):
            type(self).ops.append(op)
            return super().apply(op, *inputs, **options)

    return Logged


def same(x, expected, dtype=None):
    """Assert that the tensor `x` has the shape and values of `expected`, and its dtype, or else `dtype`."""
    expected = np.asarray(expected)
    assert x.shape == expected.shape
    assert x.dtype == (dtype or expected.dtype)
    np.testing.assert_allclose(x.numpy(), expected, rtol=1e-5, atol=1e-6)


def narrow(expected, dtype):
    """What should come of inputs of `dtype`: float32 where NumPy goes to float64 of its own accord."""
    return expected.astype(np.float32) if expected.dtype == np.float64 != dtype else expected


def array(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).integers(1, 6, shape).astype(dtype)


def shares(x, y):
    return np.shares_memory(x.numpy(), y.numpy())


def raises(sentence, kind=ValueError):
    return pytest.raises(kind, match=f"^{re.escape(sentence)}$")


# What goes in, what comes out


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (3, np.float32),
        (2.5, np.float32),
        (10**9, np.float32),
        ([1, 2], np.float32),
        ([[1, 2.5], [True, 4]], np.float32),
        ((1, 2), np.float32),
        (range(3), np.float32),
        ([], np.float32),
        (True, bool),
        ([[True], [False]], bool),
        (np.arange(3), np.int64),
        (np.uint8(3), np.uint8),
        (np.float64(3), np.float64),
        (np.ones((2, 0), np.float16), np.float16),
        (np.ones(3)[::-1], np.float64),
        (np.bool_(True), bool),
    ],
)
def test_the_dtype_follows_from_what_comes_in(Tensor, data, dtype):
    same(Tensor(data), np.array(data), dtype)
    same(Tensor(data, dtype=np.float64), np.array(data), np.float64)
    same(Tensor(Tensor(data)), np.array(data), dtype)
    same(Tensor(data, "int8"), np.array(data).astype("int8"))


def test_a_list_may_hold_tensors(Tensor):
    same(Tensor([Tensor([1, 2]), Tensor([3, 4])]), [[1, 2], [3, 4]], np.float32)
    same(Tensor([Tensor(1), 2]), [1, 2], np.float32)


def test_a_tensor_has_memory_of_its_own(Tensor):
    data = array(2, 3)
    for source in (data, Tensor(data), data.T, Tensor(data).T):
        for dtype in (None, np.float32, np.float64):
            assert not np.shares_memory(Tensor(source, dtype).numpy(), np.asarray(source))


def test_wrap_shares_memory_and_numpy_gives_the_array_itself(Tensor):
    data = array(3)
    assert Tensor.wrap(data).numpy() is data
    assert np.asarray(Tensor.wrap(data)) is data
    assert not np.shares_memory(np.array(Tensor.wrap(data)), data)
    assert np.asarray(Tensor.wrap(data), dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("data", [[[1, 2], [3]], [1, [2]], [[[1], [2]], [[3]]]])
def test_ragged_data_is_refused(Tensor, data):
    with raises("cannot make a tensor of ragged data: the rows have different lengths"):
        Tensor(data)
    with raises("cannot make a tensor of ragged data: the rows have different lengths"):
        Tensor(data, np.float32)


@pytest.mark.parametrize(
    ("data", "kind"), [("1", "str"), ([b"1"], "bytes"), (None, "object"), ([1, None], "object"), (1j, "complex128")]
)
def test_what_is_not_numbers_is_refused(Tensor, data, kind):
    with raises(f"a tensor holds numbers, not {kind}", TypeError):
        Tensor(data)
    if data is None:  # an input that is left out, to an operation that can do without; addition cannot
        with pytest.raises(TypeError, match="NoneType"):
            Tensor([1, 2]) + data
    else:
        with raises(f"a tensor holds numbers, not {kind}", TypeError):
            Tensor([1, 2]) + data


def test_the_attributes_are_those_of_the_array(Tensor):
    x = Tensor(array(2, 3, dtype=np.float16))
    assert (x.shape, x.ndim, x.numel(), x.dtype, len(x)) == ((2, 3), 2, 6, np.float16, 2)
    assert x.tolist() == x.numpy().tolist()
    assert [row.tolist() for row in x] == x.tolist()
    with raises("a tensor of shape () has no length", TypeError):
        len(Tensor(1))
    with pytest.raises(TypeError):
        iter(Tensor(1))


def test_one_value_becomes_a_python_number(Tensor):
    assert Tensor([[2.5]]).item() == float(Tensor(2.5)) == 2.5
    assert type(Tensor(2.5).item()) is float and type(Tensor(np.array(2)).item()) is int
    assert int(Tensor(2.5)) == 2
    assert bool(Tensor(0)) is False and bool(Tensor([[0.1]])) is True


@pytest.mark.parametrize("convert", [bool, float, int, lambda x: x.item()])
def test_several_values_do_not(Tensor, convert):
    with raises("one value expected, but shape (2,) holds 2"):
        convert(Tensor([1, 2]))
    with raises("one value expected, but shape (0, 3) holds 0"):
        convert(Tensor.zeros(0, 3))


def test_repr_shows_values_shape_and_an_unusual_dtype(Tensor):
    assert repr(Tensor([[1, 2.5], [3, 4]])) == "Tensor([[1. , 2.5],\n        [3. , 4. ]], shape=(2, 2))"
    assert repr(Tensor(np.arange(3))) == "Tensor([0, 1, 2], shape=(3,), dtype=int64)"
    assert repr(Tensor(True)) == "Tensor(True, shape=(), dtype=bool)"
    assert len(repr(Tensor.zeros(1000, 1000))) < 500
    assert "..." in repr(Tensor.zeros(101)) and "..." not in repr(Tensor.zeros(100))


def test_hash_is_by_identity(Tensor):
    x, y = Tensor([1, 2]), Tensor([1, 2])
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, y, x}) == 2


def test_it_can_be_copied(Tensor):
    x = Tensor([[1, 2]])
    assert copy.deepcopy(x).tolist() == x.tolist()
    assert not shares(copy.deepcopy(x), x)


# Operators

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("dtype", [*FLOATS, np.int64])
def test_operators_take_tensors_arrays_and_numbers_on_either_side(Tensor, op, dtype):
    a, b = array(2, 3, dtype=dtype), array(3, dtype=dtype, seed=1)
    x, y = Tensor(a), Tensor(b)
    expected = narrow(op(a, b), dtype)
    for result in (op(x, y), op(x, b), op(a, y), op(x, b.tolist()) if dtype == np.float32 else op(x, y)):
        assert type(result) is Tensor
        same(result, expected)
    for number in (3, 3.0, np.float64(3), np.int8(3)):
        plain = number.item() if isinstance(number, np.generic) else number
        for result, expected in ((op(number, x), op(plain, a)), (op(x, number), op(a, plain))):
            assert type(result) is Tensor
            same(result, narrow(expected, dtype))


@pytest.mark.parametrize("op", BINARY)
@SMALL
@given(shapes=npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0), data=st.data())
def test_operators_broadcast_as_numpy_does(Tensor, op, shapes, data):
    numbers = st.integers(1, 5).map(float)
    a, b = (data.draw(npst.arrays(np.float32, shape, elements=numbers)) for shape in shapes.input_shapes)
    same(op(Tensor(a), Tensor(b)), op(a, b))


def test_float64_is_catching_but_numbers_are_not(Tensor):
    x = Tensor([1, 2])
    assert (x * np.ones(2)).dtype == np.float64
    assert (x * np.float64(2)).dtype == np.float32
    assert (np.float64(2) * x).dtype == np.float32
    assert (Tensor(np.array([1, 2])) / Tensor(np.array([3, 4]))).dtype == np.float32
    assert (Tensor(np.array([1, 2])) * 0.5).dtype == np.float32
    assert (x.to(np.float16) * 2.5).dtype == np.float16
    assert (Tensor([True]) + Tensor([True])).dtype == bool


def test_unary_operators(Tensor):
    same(-Tensor([1, -2]), [-1, 2], np.float32)
    same(abs(Tensor([1, -2])), [1, 2], np.float32)
    same(Tensor([1, -2]).abs(), [1, 2], np.float32)


def test_assigning_operators_make_a_new_tensor(Tensor):
    x = before = Tensor([1, 2])
    x += 1
    assert (x.tolist(), before.tolist()) == ([2, 3], [1, 2])


def test_none_is_equal_to_no_tensor(Tensor):
    assert (Tensor([1, 2]) == None) is False  # noqa: E711
    assert (Tensor([1, 2]) != None) is True  # noqa: E711


@pytest.mark.parametrize(
    ("op", "verb"),
    [
        (operator.add, "add"),
        (operator.sub, "subtract"),
        (operator.mul, "multiply"),
        (operator.truediv, "divide"),
        (operator.floordiv, "divide"),
        (operator.mod, "take remainders of"),
        (operator.pow, "take powers of"),
        *((op, "compare") for op in BINARY[7:]),
    ],
)
def test_operators_say_which_shapes_do_not_fit(Tensor, op, verb):
    sentence = f"cannot {verb} (2, 3) and (4,): counted from the right, dim -1 is 3 and 4; {RULE}"
    for left, right in ((Tensor(array(2, 3)), array(4)), (array(2, 3), Tensor(array(4)))):
        if not (isinstance(left, np.ndarray) and verb == "compare"):  # Python asks the right side first there
            with raises(sentence):
                op(left, right)


def test_other_errors_of_an_operation_pass(Tensor):
    with pytest.raises(ValueError, match="negative integer powers"):
        Tensor(np.array([2])) ** -1


@SMALL
@given(st.lists(npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), max_size=4))
def test_broadcast_shapes_is_numpys(tensor, shapes):
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ValueError, match=r"^cannot broadcast .* counted from the right, dim -\d is \d"):
            tensor.broadcast_shapes(*shapes)
    else:
        assert tensor.broadcast_shapes(*shapes) == expected


# Functions, value by value


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "abs"])
@pytest.mark.parametrize("dtype", [*FLOATS, np.int64])
def test_functions_of_one_tensor(Tensor, name, dtype):
    a = array(2, 3, dtype=dtype)
    wanted = getattr(np, name)(a)
    same(getattr(Tensor(a), name)(), wanted, np.float32 if dtype == np.int64 and name != "abs" else wanted.dtype)


@pytest.mark.parametrize("limits", [{"min": 3}, {"max": 4}, {"min": 2, "max": 4}, {"min": np.float64(2.5)}])
@pytest.mark.parametrize("dtype", FLOATS)
def test_clip(Tensor, limits, dtype):
    a = array(3, 4, dtype=dtype) * np.array([[1], [-1], [1]], dtype)
    same(Tensor(a).clamp(**limits), np.clip(a, limits.get("min"), limits.get("max")).astype(dtype))


def test_maximum_and_where_take_anything_anywhere(tensor, Tensor):
    a, b = array(2, 3), array(3, seed=1)
    for x, y in ((Tensor(a), Tensor(b)), (a, Tensor(b)), (Tensor(a), b), (a, b)):
        same(tensor.maximum(x, y), np.maximum(a, b))
        same(tensor.where(Tensor(a) > 4, x, y), np.where(a > 4, a, b))
        same(tensor.where(a > 4, x, 0), np.where(a > 4, a, 0), np.float32)
    same(tensor.maximum(3, Tensor(a)), np.maximum(3, a))
    same(tensor.where(Tensor(a) > 4, 1.0, 0.0), np.where(a > 4, 1, 0), np.float32)
    with raises(f"cannot take the maximum of (2, 3) and (4,): counted from the right, dim -1 is 3 and 4; {RULE}"):
        tensor.maximum(Tensor(a), array(4))
    with raises(f"cannot choose from (2, 3), (3,) and (4,): counted from the right, dim -1 is 3, 3 and 4; {RULE}"):
        tensor.where(Tensor(a) > 4, b, array(4))


def test_to_another_dtype_copies_and_to_its_own_does_not(Tensor):
    x = Tensor([1.7, -1.7])
    same(x.to(int), np.array([1, -1]))
    for dtype in (np.float64, "float64", "float16", bool):
        assert x.to(dtype).dtype == np.dtype(dtype)
    assert x.to(np.float32) is x
    assert not np.shares_memory(x.to(np.float64).numpy(), x.numpy())


# Reductions


@pytest.mark.parametrize("name", ["sum", "amax", "amin", "mean", "argmax", "argmin"])
def test_reductions_take_all_values_unless_told_otherwise(Tensor, name):
    a = array(2, 3)
    same(getattr(Tensor(a), name)(), getattr(np, name)(a))
    same(getattr(Tensor(a), name)(dim=1), getattr(np, name)(a, axis=1))
    same(Tensor(a).var(dim=1), a.var(axis=1, ddof=1))


@pytest.mark.parametrize("name", ["sum", "amax", "amin", "mean"])
@SMALL
@given(
    a=npst.arrays(np.float32, npst.array_shapes(min_dims=0, max_dims=4, max_side=4), elements=VALUES), data=st.data()
)
def test_reductions_agree_with_numpy(Tensor, name, a, data):
    dim = data.draw(
        st.none() | npst.valid_tuple_axes(a.ndim) | (st.integers(-a.ndim, a.ndim - 1) if a.ndim else st.none())
    )
    keepdim = data.draw(st.booleans())
    same(getattr(Tensor(a), name)(dim=dim, keepdim=keepdim), getattr(np, name)(a, axis=dim, keepdims=keepdim))


@SMALL
@given(
    a=npst.arrays(np.float32, npst.array_shapes(max_dims=4, min_side=2, max_side=4), elements=VALUES), data=st.data()
)
def test_var_agrees_with_numpy(Tensor, a, data):
    dim = data.draw(st.none() | npst.valid_tuple_axes(a.ndim, min_size=1) | st.integers(-a.ndim, a.ndim - 1))
    keepdim, correction = data.draw(st.booleans()), data.draw(st.integers(0, 1))
    wanted = a.astype(np.float64).var(axis=dim, ddof=correction, keepdims=keepdim)
    same(Tensor(a).var(dim=dim, correction=correction, keepdim=keepdim), wanted, np.float32)


def test_var_corrects_by_1_unless_told_otherwise(Tensor):
    assert Tensor([1, 2, 3, 4]).var().item() == pytest.approx(5 / 3)
    assert Tensor([1, 2, 3, 4]).var(correction=0).item() == pytest.approx(5 / 4)
    with np.errstate(all="ignore"):
        assert math.isnan(Tensor([1]).var().item())
        assert Tensor([1, 2]).var(correction=3).item() == math.inf


@pytest.mark.parametrize("dim", [None, 0, 1, -1])
@pytest.mark.parametrize("keepdim", [False, True])
def test_argmax(Tensor, dim, keepdim):
    a = array(3, 4)
    same(Tensor(a).argmax(dim=dim, keepdim=keepdim), np.argmax(a, axis=dim, keepdims=keepdim))


def test_reductions_keep_the_dtype(Tensor):
    for dtype in FLOATS:
        x = Tensor(array(2, 3, dtype=dtype))
        assert {getattr(x, name)(dim=0).dtype for name in ("sum", "amax", "amin", "mean", "var")} == {np.dtype(dtype)}
    integers = Tensor(np.array([[1, 2], [3, 5]]))
    assert integers.sum().dtype == integers.max().dtype == np.int64
    assert integers.mean().dtype == integers.var().dtype == np.float32
    assert (integers > 2).sum().item() == 2


def test_reductions_of_nothing(Tensor):
    empty = Tensor.zeros(0, 3)
    same(empty.sum(dim=0), np.zeros(3), np.float32)
    same(empty.mean(dim=1), np.zeros(0), np.float32)
    same(empty.var(dim=1, keepdim=True), np.zeros((0, 1)), np.float32)


@pytest.mark.parametrize("name", ["sum", "amax", "amin", "max", "mean", "var", "argmax"])
def test_an_axis_that_is_not_there_is_named(Tensor, name):
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        getattr(Tensor(array(2, 3)), name)(dim=2)


# Shape and memory


@SMALL
@given(shape=npst.array_shapes(min_dims=0, max_dims=5, min_side=1, max_side=4), itemsize=st.sampled_from([1, 2, 4, 8]))
def test_contiguous_strides_are_numpys(tensor, shape, itemsize):
    assert tensor.contiguous_strides(shape, itemsize) == np.empty(shape, f"V{itemsize}").strides


@SMALL
@given(a=npst.arrays(np.float32, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)), data=st.data())
def test_is_contiguous_and_contiguous_agree_with_numpy(Tensor, a, data):
    a = a.transpose(data.draw(st.permutations(range(a.ndim))))
    a = a[tuple(slice(None, None, data.draw(st.integers(1, 2))) for _ in range(a.ndim))]
    x = Tensor.wrap(a)
    assert x.is_contiguous() == a.flags.c_contiguous
    y = x.contiguous()
    assert y.is_contiguous() and (y is x) == a.flags.c_contiguous
    np.testing.assert_array_equal(y.numpy(), a)


@SMALL
@given(shape=npst.array_shapes(min_dims=1, max_dims=4, max_side=4), data=st.data())
def test_reshape_permute_and_flatten_agree_with_numpy(Tensor, shape, data):
    a = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    x = Tensor.wrap(a)
    order = data.draw(st.permutations(range(a.ndim)))
    same(x.permute(*order), a.transpose(order))
    assert shares(x.permute(order), x)
    i, j = data.draw(st.integers(-a.ndim, a.ndim - 1)), data.draw(st.integers(-a.ndim, a.ndim - 1))
    same(x.transpose(i, j), a.swapaxes(i, j))
    same(x.T, a.T)
    turned, b = x.permute(order), a.transpose(order)
    cut = data.draw(st.integers(0, a.ndim))
    sizes = (math.prod(b.shape[:cut]), math.prod(b.shape[cut:]))
    for wanted in (sizes, (-1, sizes[1]), (sizes[0], -1), (-1,), (1, *b.shape)):
        same(turned.reshape(*wanted), b.reshape(wanted))
        same(turned.reshape(list(wanted)), b.reshape(wanted))
    start, end = sorted((i % a.ndim, j % a.ndim))
    flat = b.reshape((*b.shape[:start], math.prod(b.shape[start : end + 1]), *b.shape[end + 1 :]))
    same(turned.flatten(start, end), flat)
    same(turned.flatten(start - a.ndim, end - a.ndim), flat)


def test_flatten_has_torchs_edges(Tensor):
    assert Tensor(3).flatten().shape == (1,)
    assert Tensor.zeros(2, 0, 3).flatten(1).shape == (2, 0)
    assert Tensor.zeros(2, 3).flatten(1, 1).shape == (2, 3)
    with raises("cannot flatten (2, 3) from dim 1 back to dim 0"):
        Tensor.zeros(2, 3).flatten(1, 0)
    for start, end in ((2, -1), (0, 2)):
        with pytest.raises(ValueError, match="axis 2 is out of bounds"):
            Tensor.zeros(2, 3).flatten(start, end)
    with pytest.raises(ValueError, match="axis 1 is out of bounds"):
        Tensor.zeros(3).flatten(0, 1)


def test_views_share_and_copies_do_not(Tensor):
    x = Tensor(array(4, 6))
    for view in (
        x.reshape(6, 4),
        x.view(-1),
        x.transpose(0, 1),
        x.T,
        x.permute(1, 0),
        x.flatten(),
        x.unsqueeze(0).squeeze(),
        x.expand(2, 4, 6),
        x[1],
        x[:, ::2],
        x[..., None],
        x.contiguous(),
    ):
        assert shares(view, x)
    for other in (x.T.reshape(-1), x.T.flatten(), x.T.contiguous(), x[[0, 1]], x[x > 4], x + 0):
        assert not shares(other, x)


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (lambda x: x.reshape(4, 2), "cannot reshape (2, 3) with 6 values into (4, 2) with 8"),
        (lambda x: x.reshape(4, -1), "cannot reshape (2, 3) with 6 values into (4, -1) with a multiple of 4"),
        (lambda x: x.view(5), "cannot reshape (2, 3) with 6 values into (5,) with 5"),
        (lambda x: x.permute(0), "cannot permute (2, 3) by (0,): name each axis once"),
        (lambda x: x.permute(0, 0), "cannot permute (2, 3) by (0, 0): name each axis once"),
        (lambda x: x.expand(4, 3), "cannot expand (2, 3) to (4, 3): only sizes of 1 can be repeated"),
        (lambda x: x.expand(3), "cannot expand (2, 3) to (3,): only sizes of 1 can be repeated"),
    ],
)
def test_shape_errors_say_what_does_not_fit(Tensor, attempt, sentence):
    with raises(sentence):
        attempt(Tensor.zeros(2, 3))


def test_view_refuses_to_copy(Tensor):
    with raises("cannot view (3, 2) as (6,) without copying; use reshape"):
        Tensor.zeros(2, 3).T.view(6)
    assert Tensor.zeros(2, 0).T.view(0).shape == (0,)


@pytest.mark.parametrize("sizes", [(-1, -1), (2, -2, 3), (-6,)])
def test_one_size_may_be_left_open_and_it_is_written_minus_1(Tensor, sizes):
    with raises(f"sizes are 0 or more, and one may be -1; got {sizes}"):
        Tensor.zeros(2, 3).reshape(*sizes)


def test_squeeze_and_unsqueeze(Tensor):
    x = Tensor.zeros(1, 2, 1, 3)
    assert x.squeeze().shape == (2, 3)
    assert x.squeeze(0).shape == (2, 1, 3)
    assert x.squeeze(-2).shape == (1, 2, 3)
    assert x.squeeze((0, 2)).shape == (2, 3)
    assert x.squeeze(1).shape == (1, 2, 1, 3)
    assert Tensor(1).squeeze().shape == ()
    assert [Tensor.zeros(2, 3).unsqueeze(dim).shape for dim in (0, 1, 2, -1, -3)] == [
        (1, 2, 3),
        (2, 1, 3),
        (2, 3, 1),
        (2, 3, 1),
        (1, 2, 3),
    ]
    for attempt in (lambda: x.squeeze(4), lambda: x.unsqueeze(5), lambda: x.unsqueeze(-6)):
        with pytest.raises(ValueError, match="out of bounds"):
            attempt()


def test_expand_repeats_without_copying(Tensor):
    x = Tensor([[1], [2]])
    same(x.expand(2, 3), [[1, 1, 1], [2, 2, 2]], np.float32)
    same(x.expand(-1, 3), [[1, 1, 1], [2, 2, 2]], np.float32)
    assert x.expand(4, -1, 3).shape == x.expand((4, 2, 3)).shape == (4, 2, 3)
    assert x.expand(2, 3).numpy().strides == (4, 0)
    with pytest.raises(ValueError, match="read-only"):
        x.expand(2, 3)[0, 0] = 5
    with pytest.raises(ValueError):
        x.expand(-1, 2, 3)


# Indexing


@SMALL
@given(shape=npst.array_shapes(max_dims=4, max_side=4), data=st.data())
def test_indexing_agrees_with_numpy(Tensor, shape, data):
    a = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    x = Tensor.wrap(a)
    index = data.draw(npst.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    same(x[index], a[index])
    assert x[index].ndim == 0 or x[index].numel() == 0 or shares(x[index], x)
    positions = data.draw(npst.integer_array_indices(shape))
    same(x[positions], a[positions])
    same(x[tuple(Tensor(part) for part in positions)], a[positions])
    mask = data.draw(npst.arrays(bool, shape))
    same(x[Tensor(mask)], a[mask])
    b = a.copy()
    y = Tensor(a)
    y[index] = 7
    b[index] = 7
    same(y, b)
    y[Tensor(mask)] = Tensor(-1)
    b[mask] = -1
    same(y, b)


def test_an_index_that_is_not_there_is_an_index_error(Tensor):
    with pytest.raises(IndexError):
        Tensor([1, 2])[2]
    with pytest.raises(IndexError):
        Tensor([1, 2])[0, 0]


def test_writing_reaches_every_view(Tensor):
    x = Tensor.zeros(2, 3)
    row, turned = x[0], x.T
    x[0] = Tensor([1, 2, 3])
    assert row.tolist() == [1, 2, 3]
    assert turned[2, 0].item() == 3


# Joining and splitting


@SMALL
@given(shape=npst.array_shapes(max_dims=3, max_side=3), count=st.integers(1, 4), data=st.data())
def test_stack_and_concatenate_agree_with_numpy(tensor, Tensor, shape, count, data):
    arrays = [array(*shape, seed=seed) for seed in range(count)]
    tensors = [Tensor(a) for a in arrays]
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    same(tensor.cat(tensors, dim=dim), np.concatenate(arrays, axis=dim))
    new = data.draw(st.integers(-len(shape) - 1, len(shape)))
    same(tensor.stack(tensors, dim=new), np.stack(arrays, axis=new))
    joined = tensor.cat(tensors, dim=dim)
    pieces = tensor.split(joined, shape[dim], dim=dim)
    assert [piece.tolist() for piece in pieces] == [a.tolist() for a in arrays]
    assert all(shares(piece, joined) for piece in pieces)


def test_they_take_generators_arrays_and_mixed_sizes(tensor, Tensor):
    same(tensor.cat(Tensor([n]) for n in (1, 2)), [1, 2], np.float32)
    same(tensor.cat([Tensor([[1, 2]]), array(3, 2)]), np.concatenate([[[1, 2]], array(3, 2)]), np.float32)
    same(tensor.stack(Tensor(n) for n in (1, 2)), [1, 2], np.float32)
    same(tensor.stack([Tensor([1, 2]), np.array([3, 4], np.float32)]), [[1, 2], [3, 4]], np.float32)
    assert tensor.cat([Tensor([1]), Tensor(np.array([2.0]))]).dtype == np.float64
    assert tensor.stack([Tensor(np.array([1])), Tensor(np.array([2]))]).dtype == np.int64


def test_split_is_torchs(tensor, Tensor):
    x = Tensor.arange(10).reshape(5, 2)
    assert [len(piece) for piece in tensor.split(x, 2)] == [2, 2, 1]
    assert [len(piece) for piece in tensor.split(x, 9)] == [5]
    assert [len(piece) for piece in tensor.split(x, [1, 0, 4])] == [1, 0, 4]
    assert [piece.tolist() for piece in tensor.split(x, 1, dim=-1)] == [x[:, :1].tolist(), x[:, 1:].tolist()]
    assert [piece.shape for piece in tensor.split(Tensor.zeros(0, 2), 3)] == [(0, 2)]
    assert isinstance(tensor.split(x, 2), tuple)


@pytest.mark.parametrize("sizes", [0, -1, [2, 2], [6, -1], [], (5, 1)])
def test_split_refuses_sizes_that_do_not_add_up(tensor, Tensor, sizes):
    why = "the size must be at least 1" if isinstance(sizes, int) else "the sizes must add up to 5"
    with raises(f"cannot split dim 0 of (5, 2) into pieces of {sizes}: {why}"):
        tensor.split(Tensor.zeros(5, 2), sizes)


def test_joining_errors_name_the_shapes(tensor, Tensor):
    x, y = Tensor.zeros(2, 3), Tensor.zeros(2, 4)
    with raises("cannot concatenate (2, 3) and (2, 4) along dim 0: the sizes of all other dims must be equal"):
        tensor.cat([x, y])
    with raises("cannot stack (2, 3) and (2, 4): the shapes must be equal"):
        tensor.stack([x, y])
    with pytest.raises(ValueError, match=r"^cannot concatenate an empty list"):
        tensor.cat([])
    with pytest.raises(ValueError):
        tensor.stack([])
    for attempt in (lambda: tensor.cat([x, x], dim=2), lambda: tensor.stack([x, x], dim=3)):
        with pytest.raises(ValueError, match="out of bounds"):
            attempt()


# Constructors and chance


def test_constructors_agree_with_numpy(tensor, Tensor):
    for make in (tensor, Tensor):
        same(make.zeros(2, 3), np.zeros((2, 3)), np.float32)
        same(make.zeros((2, 3), dtype=np.int8), np.zeros((2, 3), np.int8))
        same(make.zeros(), 0, np.float32)
        same(make.ones([2, 3]), np.ones((2, 3)), np.float32)
        same(make.full((2, 3), 7), np.full((2, 3), 7), np.float32)
        same(make.full(2, 7, dtype=bool), [True, True])
        same(make.eye(3), np.eye(3), np.float32)
        same(make.eye(2, 4), np.eye(2, 4), np.float32)
        same(make.eye(2, 0), np.eye(2, 0), np.float32)
        same(make.arange(4), np.arange(4), np.int64)
        same(make.arange(1, 8, 3), np.arange(1, 8, 3), np.int64)
        same(make.arange(5, 0, -2), np.arange(5, 0, -2), np.int64)
        same(make.arange(0, 1, 0.25), np.arange(0, 1, 0.25), np.float32)
        same(make.arange(3, dtype=np.float64), np.arange(3.0))


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_the_same_seed_gives_the_same_numbers(tensor, name):
    make = getattr(tensor, name)
    tensor.manual_seed(7)
    first, second = make(2, 3), make((2, 3))
    tensor.manual_seed(7)
    assert make(2, 3).tolist() == first.tolist() != second.tolist()
    assert first.dtype == np.float32 and first.shape == (2, 3)
    assert make().shape == ()


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_a_generator_of_ones_own_is_independent(tensor, name):
    make = getattr(tensor, name)
    tensor.manual_seed(7)
    first = make(3)
    tensor.manual_seed(7)
    mine = make(3, generator=np.random.default_rng(1))
    assert make(3).tolist() == first.tolist()
    assert make(3, generator=np.random.default_rng(1)).tolist() == mine.tolist()


def test_random_numbers_have_their_distributions(tensor):
    uniform = tensor.rand(20_000, generator=np.random.default_rng(0))
    normal = tensor.randn(20_000, generator=np.random.default_rng(0))
    assert uniform.min().item() >= 0 and uniform.max().item() < 1
    assert uniform.mean().item() == pytest.approx(0.5, abs=0.02)
    assert normal.mean().item() == pytest.approx(0, abs=0.03)
    assert normal.var().item() == pytest.approx(1, abs=0.05)


# Matrix multiplication


@SMALL
@given(
    shapes=npst.mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, max_side=3),
    data=st.data(),
)
def test_matmul_agrees_with_numpy(Tensor, shapes, data):
    a, b = (data.draw(npst.arrays(np.float32, shape, elements=VALUES)) for shape in shapes.input_shapes)
    wanted = np.matmul(a, b)
    for result in (Tensor(a) @ Tensor(b), Tensor(a) @ b, a @ Tensor(b)):
        assert type(result) is Tensor
        same(result, wanted)


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ((2, 3), (4, 5), "cannot multiply (2, 3) @ (4, 5): the inner dimensions, 3 and 4, must be equal"),
        ((2, 3), (4,), "cannot multiply (2, 3) @ (4,): the inner dimensions, 3 and 4, must be equal"),
        ((3,), (4, 5), "cannot multiply (3,) @ (4, 5): the inner dimensions, 3 and 4, must be equal"),
        ((7, 2, 3), (7, 4, 5), "cannot multiply (7, 2, 3) @ (7, 4, 5): the inner dimensions, 3 and 4, must be equal"),
        ((2, 3), (), "cannot multiply (2, 3) @ (): a number has no rows and columns; use *"),
        ((), (2, 3), "cannot multiply () @ (2, 3): a number has no rows and columns; use *"),
    ],
)
def test_matmul_says_what_does_not_fit(Tensor, a, b, sentence):
    a, b = np.ones(a, np.float32), np.ones(b, np.float32)
    for left, right in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        with raises(sentence):
            left @ right


def test_matmul_names_batches_that_do_not_fit(Tensor):
    with raises(
        "cannot multiply (5, 2, 3) @ (4, 3, 2): the batches do not fit; "
        f"cannot broadcast (5,) and (4,): counted from the right, dim -1 is 5 and 4; {RULE}"
    ):
        Tensor.zeros(5, 2, 3) @ Tensor.zeros(4, 3, 2)


# One door

OPERATIONS = {
    "add": lambda m, x: x + 1,
    "sub": lambda m, x: x - 1,
    "mul": lambda m, x: x * 2,
    "truediv": lambda m, x: x / 2,
    "floordiv": lambda m, x: x // 2,
    "mod": lambda m, x: x % 2,
    "pow": lambda m, x: x**2,
    "matmul": lambda m, x: x @ x.T,
    "radd": lambda m, x: 1 + x,
    "rsub": lambda m, x: 1 - x,
    "rmul": lambda m, x: 2 * x,
    "rtruediv": lambda m, x: 2 / x,
    "rfloordiv": lambda m, x: 2 // x,
    "rmod": lambda m, x: 2 % x,
    "rpow": lambda m, x: 2**x,
    "rmatmul": lambda m, x: x.numpy().T @ x,
    "neg": lambda m, x: -x,
    "abs()": lambda m, x: abs(x),
    "eq": lambda m, x: x == 1,
    "ne": lambda m, x: x != 1,
    "lt": lambda m, x: x < 1,
    "le": lambda m, x: x <= 1,
    "gt": lambda m, x: x > 1,
    "ge": lambda m, x: x >= 1,
    "exp": lambda m, x: x.exp(),
    "log": lambda m, x: x.log(),
    "sqrt": lambda m, x: x.sqrt(),
    "abs": lambda m, x: x.abs(),
    "clamp": lambda m, x: x.clamp(min=2),
    "to": lambda m, x: x.to(np.float64),
    "sum": lambda m, x: x.sum(),
    "mean": lambda m, x: x.mean(dim=0),
    "var": lambda m, x: x.var(dim=1),
    "max": lambda m, x: x.max(),
    "amin": lambda m, x: x.amin(dim=0),
    "argmax": lambda m, x: x.argmax(dim=0),
    "reshape": lambda m, x: x.reshape(3, 2),
    "view": lambda m, x: x.view(6),
    "transpose": lambda m, x: x.transpose(0, 1),
    "T": lambda m, x: x.T,
    "permute": lambda m, x: x.permute(1, 0),
    "flatten": lambda m, x: x.flatten(),
    "squeeze": lambda m, x: x[:1].squeeze(),
    "unsqueeze": lambda m, x: x.unsqueeze(0),
    "expand": lambda m, x: x.expand(4, 2, 3),
    "contiguous": lambda m, x: x.T.contiguous(),
    "getitem": lambda m, x: x[0],
    "mask": lambda m, x: x[x > 2],
    "iter": lambda m, x: next(iter(x)),
    "split": lambda m, x: m.split(x, 1)[0],
    "maximum": lambda m, x: m.maximum(m.Tensor(1), x),
    "where, condition": lambda m, x: m.where(x, m.Tensor(1), 2),
    "where, value": lambda m, x: m.where(m.Tensor([True]), 2, x),
    "cat": lambda m, x: m.cat([m.Tensor(x), x]),
    "stack": lambda m, x: m.stack([m.Tensor(x), x]),
    "add, on the right": lambda m, x: m.Tensor(1) + x,
    "sub, on the right": lambda m, x: m.Tensor(1) - x,
    "matmul, on the right": lambda m, x: m.Tensor(x.T) @ x,
    "lt, on the right": lambda m, x: m.Tensor(1) < x,
    "add, array": lambda m, x: np.ones((2, 3)) + x,
    "sub, NumPy number": lambda m, x: np.float64(1) - x,
    "eq, array": lambda m, x: np.ones((2, 3)) == x,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_passes_through_apply_and_a_subclass_stays_in_charge(tensor, Logged, name):
    x = Logged(array(2, 3))
    Logged.ops.clear()
    result = OPERATIONS[name](tensor, x)
    assert type(result) is Logged
    assert Logged.ops
    for op in Logged.ops:
        home = np if isinstance(op, np.ufunc) or op.__module__.startswith("numpy") else tensor
        assert any(tensor.plain(value) is tensor.plain(op) for value in vars(home).values()), (
            f"{op} stands under no name, so no rule could be written for it"
        )


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("zeros", (2, 3)), ("ones", (2,)), ("arange", (3,)), ("eye", (2,)), ("rand", (2,)), ("randn", (2,))],
)
def test_a_subclass_constructs_its_own_kind(tensor, Tensor, Logged, name, sizes):
    assert type(getattr(Logged, name)(*sizes)) is Logged
    assert type(getattr(tensor, name)(*sizes)) is Tensor
    assert type(Logged.full((2,), 1)) is Logged


def test_the_leader_is_the_tensor_of_the_most_specific_class(tensor, Tensor, Logged):
    class Deeper(Logged):
        pass

    x, y, z = Tensor(1), Logged(2), Deeper(3)
    assert tensor.leader(x, y) is y and tensor.leader(y, x) is y
    assert tensor.leader(x, z, y) is z
    assert type(tensor.leader(1, np.ones(2))) is Tensor


def test_apply_shares_what_the_operation_shares_and_asks_before_it_narrows(Tensor):
    x = Tensor(np.arange(6).reshape(2, 3))
    assert shares(x.apply(np.transpose, x), x)
    assert x.apply(np.exp, x).dtype == np.float32
    assert x.apply(np.sum, x, dtype=np.float64).dtype == np.float64
    assert x.apply(np.sum, x, dtype="float64").dtype == np.float64
    assert x.apply(np.add, x, np.ones(3)).dtype == np.float64
    assert x.apply(np.add, 1, 2).dtype == np.int64


def test_the_option_dtype_none_asks_for_nothing(Tensor):
    x = Tensor(np.arange(3))
    assert x.apply(np.mean, x, dtype=None).dtype == np.float32


def test_all_lists_the_public_names(tensor):
    public = {name for name in tensor.__all__ if not name.startswith("_")}
    assert public == set(tensor.__all__)
    assert all(hasattr(tensor, name) for name in public)
    assert {"Tensor", "broadcast_shapes", "maximum", "where", "cat", "stack", "split", "manual_seed"} <= public
