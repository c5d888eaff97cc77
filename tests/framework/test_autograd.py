"""The reference's autograd.py: every rule agrees with measured slopes, and recording, going back and writing are exact."""

import ast
import contextlib
import gc
import inspect
import re
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

SMALL = settings(deadline=None, derandomize=True, database=None, max_examples=60)


@pytest.fixture(scope="module")
def tensor(reference):
    return reference.tensor


@pytest.fixture(scope="module")
def autograd(reference):
    return reference.autograd


@pytest.fixture(scope="module")
def Tensor(autograd):
    return autograd.Tensor


@pytest.fixture(autouse=True)
def first_engine(autograd, monkeypatch):
    """This module's own engine, whatever a later one puts in its place."""
    monkeypatch.setattr(autograd, "engine", autograd.every_path)


def raises(sentence, kind=RuntimeError):
    return pytest.raises(kind, match=f"^{re.escape(sentence)}$")


def leaf(Tensor, data, dtype=np.float32):
    return Tensor(np.array(data, dtype), requires_grad=True)


def measured(function, arrays, weights, step=1e-6):
    """The gradients of (function(*arrays) * weights).sum(), by central differences in float64."""
    grads = []
    for array in arrays:
        grad = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + step
            above = (function(*arrays) * weights).sum()
            array[index] = kept - step
            below = (function(*arrays) * weights).sum()
            array[index] = kept
            grad[index] = (above - below) / (2 * step)
        grads.append(grad)
    return grads


def check_gradients(Tensor, function, arrays, seed=0):
    """Assert that the gradients of a function of tensors are the measured ones."""
    tensors = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(*tensors)
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, out.shape)
    out.backward(weights)
    expected = measured(lambda *a: function(*map(Tensor, a)).array, [a.copy() for a in arrays], weights)
    for x, grad in zip(tensors, expected):
        assert x.grad.shape == x.shape and x.grad.dtype == x.dtype and type(x.grad) is Tensor
        np.testing.assert_allclose(x.grad.array, grad, rtol=1e-5, atol=1e-7)


# Every rule, from one table: what is computed, and the shapes of its inputs. Values are drawn from 0.5 to 2, none of
# them near another; a case may shift them.

MASK = np.array([[True, False, True], [False, True, True]])
ROWS = np.array([1, 0, 1, 1])


def cases():
    def case(name, function, *shapes, shift=0.0):
        return pytest.param(function, shapes, shift, id=name)

    yield case("add", lambda t, a, b: a + b, (2, 3), (2, 3))
    yield case("add to a number", lambda t, a: 2 + a + 1, (2, 3))
    yield case("add to an array", lambda t, a: np.ones((2, 1, 3)) + a, (2, 3))
    yield case("add a row", lambda t, a, b: a + b, (4, 3), (3,))
    yield case("add a column and a row", lambda t, a, b: a + b, (4, 1), (3,))
    yield case("add one value", lambda t, a, b: a + b, (2, 3), ())
    yield case("add what is empty", lambda t, a, b: a + b, (0, 3), (1, 3))
    yield case("subtract", lambda t, a, b: a - b, (2, 3), (3,))
    yield case("subtract from a number", lambda t, a: 3 - a, (2, 3))
    yield case("multiply", lambda t, a, b: a * b, (2, 3), (2, 1))
    yield case("square", lambda t, a: a * a, (2, 3))
    yield case("divide", lambda t, a, b: a / b, (2, 1), (2, 3))
    yield case("divide a number", lambda t, a: 3 / a, (3,))
    yield case("divide by a number", lambda t, a: a / 3, (3,))
    yield case("negate", lambda t, a: -a, (3,))
    yield case("power", lambda t, a, b: a**b, (2, 3), (3,))
    yield case("power by a number", lambda t, a: a**3 + a**-1.5 + a**1 + a**0, (3,))
    yield case("power of a number", lambda t, a: 2**a, (3,))
    yield case("power of negative numbers", lambda t, a: a**3 - a**2, (3,), shift=-3)
    yield case("floor_divide", lambda t, a, b: a // b, (2, 3), (3,))
    yield case("remainder", lambda t, a, b: a % b, (2, 3), (3,))
    yield case("remainder of negative numbers", lambda t, a: a % 0.7 + 1 % a, (2, 3), shift=-3)
    yield case("exp", lambda t, a: a.exp(), (2, 3))
    yield case("log", lambda t, a: a.log(), (2, 3))
    yield case("sqrt", lambda t, a: a.sqrt(), (2, 3))
    yield case("abs", lambda t, a: a.abs() + abs(a), (2, 3), shift=-1.2)
    yield case("clamp", lambda t, a: a.clamp(0.8, 1.6), (4, 3))
    yield case("clamp below", lambda t, a: a.clamp(min=1), (4, 3))
    yield case("clamp above", lambda t, a: a.clamp(max=1.3), (4, 3))
    yield case("clamp by tensors", lambda t, a, b, c: a.clamp(b - 0.3, c + 0.3), (4, 3), (3,), (4, 1))
    yield case("clamp by limits that cross", lambda t, a, b, c: a.clamp(c + 2, b), (4, 3), (3,), ())
    yield case("maximum", lambda t, a, b: t.maximum(a, b), (4, 3), (3,))
    yield case("maximum of a number", lambda t, a: t.maximum(1.2, a) + t.maximum(a, 1.2), (4, 3))
    yield case("where", lambda t, a, b: t.where(MASK, a, b), (2, 3), (3,))
    yield case("where by a tensor", lambda t, a: t.where(a > 1, a, -1), (2, 3))
    yield case("where of numbers", lambda t, a: t.where(t.Tensor(MASK), 3, a), (2, 1))
    yield case("logaddexp", lambda t, a, b: t.logaddexp(a, b), (2, 3), (3,))
    yield case("to", lambda t, a: a.to(np.float64) * 2, (2, 3))
    yield case("sum", lambda t, a: a.sum(), (2, 3))
    yield case("sum of nothing", lambda t, a: a.sum(dim=0), (0, 3))
    yield case("sum of one", lambda t, a: a.sum(), ())
    yield case("sum of a slice", lambda t, a: a.T[:, ::2].sum(dim=1), (4, 3))
    for dim in (0, -1, (0, 2), (-1, 1), (2, 0, 1), None, ()):
        for keepdim in (False, True):
            options = dict(dim=dim, keepdim=keepdim)
            name = f"axis {dim}{', kept' * keepdim}"
            yield case(f"sum, {name}", lambda t, a, options=options: a.sum(**options), (2, 3, 4))
            yield case(f"amax, {name}", lambda t, a, options=options: a.amax(**options), (2, 3, 4))
            yield case(f"amin, {name}", lambda t, a, options=options: a.amin(**options), (2, 3, 4))
            yield case(f"mean, {name}", lambda t, a, options=options: a.mean(**options), (2, 3, 4))
            if dim != ():
                yield case(
                    f"var, {name}",
                    lambda t, a, options=options: a.var(correction=0, **options),
                    (2, 3, 4),
                )
    yield case("max along 1", lambda t, a: a.max(1).values + a.min(dim=-1).values, (4, 3))
    yield case("max, kept", lambda t, a: a.max(dim=0, keepdim=True).values * a.min(0, True)[0], (2, 3, 4))
    yield case("max of one value", lambda t, a: a.max() + a.amin(keepdim=True), ())
    yield case("max of empty rows' other axis", lambda t, a: a.amax(dim=1), (0, 3))
    yield case("var of few", lambda t, a: a.var() + a.var(dim=0), (2, 1))
    yield case("reshape", lambda t, a: a.reshape(3, -1), (2, 3))
    yield case("reshape a transpose", lambda t, a: a.T.reshape(6), (2, 3))
    yield case("reshape to one value", lambda t, a: a.reshape(()), (1, 1))
    yield case("view", lambda t, a: a.view(6), (2, 3))
    yield case("flatten", lambda t, a: a.flatten(1), (2, 3, 2))
    yield case("squeeze", lambda t, a: a.squeeze() + a.squeeze(1), (3, 1))
    yield case("unsqueeze", lambda t, a: a.unsqueeze(-1) * a.unsqueeze(0), (3,))
    yield case("transpose", lambda t, a: a.transpose(-1, 0), (2, 3, 4))
    yield case("T", lambda t, a: a.T, (2, 3, 4))
    yield case("permute", lambda t, a: a.permute(2, 0, 1), (2, 3, 4))
    yield case("permute from the end", lambda t, a: a.permute(-1, 0, -2), (2, 3, 4))
    yield case("expand", lambda t, a: a.expand(4, -1, 3), (2, 1))
    yield case("expand one value", lambda t, a: a.expand(2, 3), ())
    yield case("contiguous", lambda t, a: a.T.contiguous(), (2, 3))
    yield case("index a number", lambda t, a: a[1, 2], (2, 3))
    yield case("index a row", lambda t, a: a[-1], (2, 3))
    yield case("index a slice", lambda t, a: a[:, ::-2], (2, 3))
    yield case("index with None", lambda t, a: a[..., None, 0], (2, 3))
    yield case("index by a mask", lambda t, a: a[MASK], (2, 3))
    yield case("index by a mask of rows", lambda t, a: a[[True, False]], (2, 3))
    yield case("index by its own mask", lambda t, a: a[a > 1], (2, 3))
    yield case("index by a list twice", lambda t, a: a[[1, 0, 1, 1]], (2, 3))
    yield case("index by arrays", lambda t, a: a[ROWS, ROWS + 1], (2, 3))
    yield case("index by a tensor and a slice", lambda t, a: a[t.Tensor(ROWS), 1:], (2, 3))
    yield case("index by a table", lambda t, a: a[np.array([[0, 1], [1, 1]])], (2, 3))
    yield case("index nothing", lambda t, a: a[np.zeros(0, int)], (2, 3))
    yield case("index one value", lambda t, a: a[()] + a[...], ())
    yield case("iterate", lambda t, a: sum(row * i for i, row in enumerate(a)), (3, 2))
    yield case("cat", lambda t, a, b: t.cat([a, b, a], dim=-1), (2, 3), (2, 1))
    yield case(
        "concatenate with others",
        lambda t, a: t.cat([np.ones((1, 3)), a, t.Tensor(MASK)]),
        (2, 3),
    )
    yield case("stack", lambda t, a, b: t.stack([a, b, b], dim=1), (2, 3), (2, 3))
    yield case("split", lambda t, a: t.split(a, 2, dim=1)[1] * t.split(a, [1, 2], dim=1)[0], (2, 3))
    for a, b in [
        ((2, 3), (3, 4)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((3,), (3,)),
        ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((2, 3), (5, 3, 4)),
        ((1, 5, 2, 3), (4, 1, 3, 2)),
        ((3,), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((1,), (2, 1, 4)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
        ((1, 1), (1, 1)),
    ]:
        yield case(f"matmul {a} @ {b}", lambda t, a, b: a @ b, a, b)
    yield case("matmul with arrays", lambda t, a: np.ones((2, 3)) @ a @ np.ones(2), (3, 2))


CASES = list(cases())
table = pytest.mark.parametrize(("function", "shapes", "shift"), CASES)


class Names:
    """What a case uses: the functions of both modules."""

    def __init__(self, tensor, autograd):
        vars(self).update(vars(tensor), Tensor=autograd.Tensor, logaddexp=autograd.logaddexp)


@pytest.fixture(scope="module")
def names(tensor, autograd):
    return Names(tensor, autograd)


def draw(shapes, shift, dtype=np.float64, seed=1):
    """Arrays of values from 0.5 to 2, in random order and all different, plus `shift`."""
    rng = np.random.default_rng(seed)
    sizes = [int(np.prod(shape)) for shape in shapes]
    values = rng.permutation(np.linspace(0.5, 2, sum(sizes) + 3) + 0.0137)[: sum(sizes)] + shift
    return [part.reshape(shape).astype(dtype) for part, shape in zip(np.split(values, np.cumsum(sizes[:-1])), shapes)]


@table
def test_every_rule_agrees_with_the_measured_slope(names, Tensor, function, shapes, shift):
    check_gradients(Tensor, lambda *x: function(names, *x), draw(shapes, shift))


@table
def test_no_rule_leaves_float32(names, autograd, Tensor, function, shapes, shift, monkeypatch):
    stray = []

    def watched(op, rule):
        def check(result):
            if result is not None and result.dtype != np.float32:
                stray.append((op.__name__, result.dtype))
            return result

        def run(*args, **options):
            results = rule(*args, **options)
            results = results if isinstance(results, tuple) else (results,)
            return tuple((lambda r=r: check(r())) if callable(r) else check(r) for r in results)

        return run

    arrays = draw(shapes, shift, np.float32)
    ones32 = np.float32(1)
    for op, rule in list(autograd.derivatives.items()):
        monkeypatch.setitem(autograd.derivatives, op, watched(op, rule))
    tensors = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(names, *tensors)
    out.backward(np.full(out.shape, ones32))
    mixed = out.dtype == np.float64  # a case that brings float64 of its own
    assert mixed or not stray, stray
    assert all(x.grad.dtype == np.float32 for x in tensors)


def operations(tensor):
    """Every operation that tensor.py passes to `apply`, read from its source."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(tensor))):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("apply", "elementwise") and not isinstance(node.args[0], ast.Starred):
                found.add(ast.unparse(node.args[0]))
    return {tensor.plain(eval(name, vars(tensor))) for name in found if name not in ("op", "function")}


def test_every_operation_of_module_01_has_a_rule_or_gives_no_floats(tensor, autograd):
    without = {op.__name__ for op in operations(tensor) if op not in autograd.derivatives}
    assert without == {
        "argmax",
        "argmin",
        "equal",
        "not_equal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
    }
    assert len(operations(tensor)) > 30


def test_every_rule_is_in_the_table_of_cases(names, tensor, autograd, Tensor):
    used = set()

    class Noted(Tensor):
        def apply(self, op, *inputs, **options):
            used.add(tensor.plain(op))
            return super().apply(op, *inputs, **options)

    for case in CASES:
        function, shapes, shift = case.values
        function(names, *(Noted(array, requires_grad=True) for array in draw(shapes, shift)))
    assert operations(tensor) - used <= {
        tensor.cast.function,
        np.argmax,
        np.argmin,
        np.equal,
        np.not_equal,
        np.less,
        np.less_equal,
        np.greater_equal,
    }


# Broadcasting


@SMALL
@given(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.integers(0, 3))
def test_what_broadcasting_copied_is_added_up(Tensor, shapes, which):
    operation = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a - b][which]
    a, b = (np.random.default_rng(i).uniform(0.5, 2, shape) for i, shape in enumerate(shapes.input_shapes))
    check_gradients(Tensor, operation, [a, b])


@SMALL
@given(npst.mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3, 2), max_dims=3), st.data())
def test_unbroadcast_undoes_broadcasting(autograd, shapes, data):
    shape = shapes.input_shapes[0]
    full = np.broadcast_shapes(shape, (2, 3, 2))
    grad = data.draw(npst.arrays(np.float32, full, elements=st.integers(-8, 8).map(float)))
    expected = np.zeros(shape, np.float32)
    places = np.broadcast_to(np.arange(expected.size).reshape(shape), full)
    np.add.at(expected.reshape(-1), places.ravel(), grad.ravel())
    result = autograd.unbroadcast(grad, shape)
    assert result.shape == shape and result.dtype == np.float32
    np.testing.assert_array_equal(result, expected)


# Corners


@pytest.mark.parametrize(
    ("base", "exponent", "by_base", "by_exponent"),
    [
        (0, 0, 0, 0),
        (0, 1, 1, 0),
        (0, 2, 0, 0),
        (0, 0.5, np.inf, 0),
        (0, -1, -np.inf, -np.inf),
        (-2, 2, -4, np.nan),
        (-2, 3, 12, np.nan),
        (-2, 0, 0, np.nan),
        (2, 0, 0, np.log(2)),
        (np.inf, 0, 0, np.inf),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_powers_at_zero_and_below_are_pytorchs(Tensor, base, exponent, by_base, by_exponent):
    a, b = leaf(Tensor, base), leaf(Tensor, exponent)
    (a**b).backward()
    np.testing.assert_allclose([a.grad.item(), b.grad.item()], [by_base, by_exponent], rtol=1e-6)
    a.grad = b.grad = None
    (a**exponent).backward()
    (base**b).backward()
    np.testing.assert_allclose([a.grad.item(), b.grad.item()], [by_base, by_exponent], rtol=1e-6)


def test_values_that_tie_share_the_gradient(Tensor, tensor):
    x = leaf(Tensor, [[5, 1, 5], [2, 2, 2], [1, 2, 3]])
    x.amax(dim=1).backward([10, 30, 1])
    assert x.grad.tolist() == [[5, 0, 5], [10, 10, 10], [0, 0, 1]]
    x.grad = None
    x.min().backward()
    assert x.grad.tolist() == [[0, 0.5, 0], [0, 0, 0], [0.5, 0, 0]]
    a, b = leaf(Tensor, [1, 2, 3]), leaf(Tensor, [3, 2, 1])
    tensor.maximum(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([0, 0.5, 1], [1, 0.5, 0])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_stays_where_it_is(Tensor, tensor):
    x = leaf(Tensor, [[np.nan, 1, 2], [3, 4, 4]])
    x.amax(dim=1).sum().backward()
    assert np.isnan(x.grad.array[0]).all() and x.grad.tolist()[1] == [0, 0.5, 0.5]
    a, b = leaf(Tensor, [np.nan, 1]), leaf(Tensor, [0, np.nan])
    tensor.maximum(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([1, 1], [1, 1])
    x = leaf(Tensor, [np.nan, 0.5, 2])
    x.clamp(0, 1).sum().backward()
    assert x.grad.tolist() == [0, 1, 0]


def test_limits_count_as_inside(Tensor):
    x = leaf(Tensor, [-1, 0, 0.5, 1, 2])
    x.clamp(0, 1).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]


def test_corners_of_functions(Tensor):
    x = leaf(Tensor, [-2, 0, 2])
    x.abs().sum().backward()
    assert x.grad.tolist() == [-1, 0, 1]
    with np.errstate(divide="ignore"):
        for name, expected in (("sqrt", np.inf), ("log", np.inf), ("exp", 1)):
            x = leaf(Tensor, 0)
            getattr(x, name)().backward()
            assert x.grad.item() == expected


def test_the_gradient_of_what_is_not_chosen_is_zero_even_beside_nan(Tensor, tensor):
    a, b = leaf(Tensor, [1, 1]), leaf(Tensor, [2, 2])
    tensor.where([True, False], a, b).backward([np.nan, 1])
    assert a.grad.tolist()[1] == 0 and b.grad.tolist() == [0, 1]


def test_logaddexp_does_not_overflow(autograd, Tensor):
    a, b = leaf(Tensor, [1000, -1000, 0]), leaf(Tensor, [1000, 1000, -1000])
    out = autograd.logaddexp(a, b)
    out.sum().backward()
    np.testing.assert_allclose(out.array, [1000 + np.log(2), 1000, 0], rtol=1e-6)
    np.testing.assert_allclose(a.grad.array, [0.5, 0, 1], rtol=1e-4)  # near 1000, float32 has three decimals
    np.testing.assert_allclose(b.grad.array, [0.5, 1, 0], rtol=1e-4)


def test_logaddexp_gives_all_to_an_infinite_input(autograd, Tensor):
    a, b = leaf(Tensor, [np.inf, 1, -np.inf]), leaf(Tensor, [1, np.inf, 1])
    autograd.logaddexp(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([1, 0, 0], [0, 1, 1])


def test_a_gradient_given_to_backward_stays_the_callers_own(Tensor):
    given, x = np.ones(2, np.float32), leaf(Tensor, [1, 2])
    x.backward(given)
    (x + x).backward(given)
    assert not np.shares_memory(x.grad.array, given) and given.tolist() == [1, 1]


def test_the_maximum_of_an_empty_axis_is_an_error_on_the_way_there(Tensor):
    with pytest.raises(ValueError, match="no identity"):
        leaf(Tensor, np.zeros((2, 0))).amax(dim=1)


# Recording


def test_the_line_of_the_issue(Tensor):
    x = Tensor([1, 2, 3], requires_grad=True); y = x * 2; loss = y.sum(); loss.backward()  # fmt: skip  # noqa: E702
    assert x.grad.tolist() == [2, 2, 2] and type(x.grad) is Tensor and x.grad.dtype == np.float32


def test_an_operation_is_recorded_with_all_it_was_given(Tensor):
    x = leaf(Tensor, [1, 4])
    array = np.array([2, 3], np.float32)
    y = x * array
    assert y.node.op is np.multiply and y.node.inputs[0] is x and y.node.inputs[1] is array
    assert y.node.out is y.array and y.node.options == {}
    assert y.requires_grad and not y.is_leaf and y.grad is None
    z = y.sum(dim=0, keepdim=True)
    assert z.node.inputs == (y,) and z.node.options == {"axis": 0, "keepdims": True}


def test_only_what_can_have_a_gradient_is_recorded(Tensor):
    x = leaf(Tensor, [1, 2])
    for result in (
        x > 1,
        x == x,
        x.argmax(),
        x.to(int),
        Tensor([1]) * 2,
        x.detach() * 2,
        Tensor([1, 2])[0],
    ):
        assert result.node is None and not result.requires_grad and result.is_leaf
        assert vars(result).keys() == {"array"}


@pytest.mark.parametrize("dtype", [np.int64, bool, np.uint8])
def test_only_floats_require_gradients(Tensor, dtype):
    sentence = f"only floats have gradients, and this tensor holds {np.dtype(dtype)}: make it with dtype=float32"
    with raises(sentence):
        Tensor(np.zeros(2, dtype), requires_grad=True)
    with raises(sentence):
        Tensor(np.zeros(2, dtype)).requires_grad_()
    assert not Tensor(np.zeros(2, dtype)).requires_grad_(False).requires_grad


def test_requires_grad_is_switched_in_place(Tensor):
    x = Tensor([1.0])
    assert x.requires_grad_() is x and x.requires_grad and (x * 2).requires_grad
    assert x.requires_grad_(False) is x and not (x * 2).requires_grad
    y = x.requires_grad_() * 2
    assert y.requires_grad_() is y
    with raises("this tensor was made by multiply; use detach() for one without its past"):
        y.requires_grad_(False)


def test_detach_shares_memory_and_has_no_past(Tensor):
    y = leaf(Tensor, [1, 2]) * 2
    z = y.detach()
    assert z.is_leaf and not z.requires_grad and z.array is y.array and not y.is_leaf


def test_repr_says_what_there_is_to_say(Tensor):
    x = Tensor([1, 2], requires_grad=True)
    assert repr(x) == "Tensor([1., 2.], shape=(2,), requires_grad=True)"
    assert repr(x * 2) == "Tensor([2., 4.], shape=(2,), made by multiply)"
    assert repr(x.detach()) == "Tensor([1., 2.], shape=(2,))"


def test_the_constructors_make_this_modules_tensors(autograd, Tensor):
    for x in (
        autograd.zeros(2), autograd.ones(2), autograd.full((2,), 3), autograd.arange(2), autograd.eye(2),
        autograd.rand(2), autograd.randn(2),
    ):  # fmt: skip
        assert type(x) is Tensor


def test_a_tensor_of_module_01_may_take_part(tensor, Tensor):
    x, plain = leaf(Tensor, [1, 2]), tensor.Tensor([3, 4])
    for out in (x * plain, plain * x):
        assert type(out) is Tensor
        x.grad = None
        out.sum().backward()
        assert x.grad.tolist() == [3, 4]


def test_a_subclass_may_wrap_into_another_class(Tensor):
    class Parameter(Tensor):
        def __init__(self, data, dtype=None, requires_grad=True):
            super().__init__(data, dtype, requires_grad)

        wrap = Tensor.wrap

    p = Parameter([1, 2])
    out = (p * p).sum()
    out.backward()
    out = (p * 3).sum()
    out.backward()
    assert type(out) is Tensor and type(p.grad) is Tensor and type(p.detach()) is Tensor
    assert p.grad.tolist() == [5, 7] and p.is_leaf


# no_grad


def test_nothing_is_recorded_inside_no_grad(autograd, Tensor):
    x = leaf(Tensor, [1, 2])
    with autograd.no_grad():
        y = x * 2
        assert not autograd.is_grad_enabled()
    assert y.is_leaf and not y.requires_grad and vars(y).keys() == {"array"}
    assert autograd.is_grad_enabled() and (x * 2).requires_grad


def test_no_grad_is_left_by_an_exception(autograd):
    with contextlib.suppress(KeyError), autograd.no_grad():
        raise KeyError
    assert autograd.is_grad_enabled()
    with autograd.no_grad():
        with contextlib.suppress(KeyError), autograd.no_grad():
            raise KeyError
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()


def test_no_grad_decorates_functions_that_call_themselves(autograd):
    @autograd.no_grad()
    def countdown(n):
        assert not autograd.is_grad_enabled()
        return 0 if n == 0 else countdown(n - 1) + 1

    for _ in range(3):
        assert countdown(5) == 5
        assert autograd.is_grad_enabled()
    assert countdown.__name__ == "countdown"

    @autograd.no_grad()
    def fails(n):
        raise KeyError if n == 0 else fails(n - 1)

    with contextlib.suppress(KeyError):
        fails(3)
    assert autograd.is_grad_enabled()


def test_what_no_grad_does_to_generators(autograd):
    @autograd.no_grad()
    def decorated():
        yield autograd.is_grad_enabled()

    def inside():
        with autograd.no_grad():
            yield autograd.is_grad_enabled()

    assert list(decorated()) == [True]  # its body runs after the decorator has ended
    assert list(inside()) == [False]
    waiting = inside()
    next(waiting)
    assert not autograd.is_grad_enabled()  # the block is still open
    waiting.close()
    assert autograd.is_grad_enabled()


def test_backward_may_run_inside_no_grad(autograd, Tensor):
    x = leaf(Tensor, [1, 2])
    loss = (x * x).sum()
    with autograd.no_grad():
        loss.backward()
    assert x.grad.tolist() == [2, 4]


# Going back


def test_gradients_add_up_over_paths_and_over_calls(Tensor):
    x = leaf(Tensor, 3)
    y = x + x
    z = y * y + x  # (2x)² + x: 8x + 1
    z.backward()
    assert x.grad.item() == 25
    z.backward()
    assert x.grad.item() == 50
    x.grad = None
    z.backward()
    assert x.grad.item() == 25


def test_leaves_do_not_share_what_they_got(Tensor):
    a, b = leaf(Tensor, [1, 2]), leaf(Tensor, [3, 4])
    (a + b).sum().backward()
    assert not np.shares_memory(a.grad.array, b.grad.array) and a.grad.array.flags.writeable
    kept = a.grad
    (a * 2).sum().backward()
    assert a.grad.tolist() == [3, 3] and kept is a.grad and b.grad.tolist() == [1, 1]


def test_only_leaves_keep_their_gradient(Tensor):
    x = leaf(Tensor, [1, 2])
    y = x * 2
    y.sum().backward()
    assert y.grad is None and x.grad.tolist() == [2, 2]


def test_a_leaf_goes_back_to_itself(Tensor):
    x = leaf(Tensor, [[2]])
    x.backward()
    assert x.grad.tolist() == [[1]]
    x.backward(5)
    assert x.grad.tolist() == [[6]]


@pytest.mark.parametrize("grad", [[1, 2, 3], np.array([1.0, 2, 3]), (1, 2, 3)])
def test_a_gradient_to_start_from_may_be_anything_of_its_shape(Tensor, grad):
    x = leaf(Tensor, [4, 5, 6])
    (x * 2).backward(grad)
    (x * 2).backward(Tensor(grad))
    assert x.grad.tolist() == [4, 8, 12] and x.grad.dtype == np.float32
    (x * 2).backward(1)
    assert x.grad.tolist() == [6, 10, 14]


def test_what_a_gradient_started_from_is_not_kept(Tensor):
    x, grad = leaf(Tensor, [1, 2]), np.ones(2, np.float32)
    x.backward(grad)
    grad[0] = 7
    assert x.grad.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_gradient_has_the_dtype_of_its_tensor(Tensor, dtype):
    x, y = leaf(Tensor, [1, 2], dtype), leaf(Tensor, [3, 4], np.float64)
    ((x * y).to(np.float64).exp().mean() * np.float64(2)).backward()
    assert x.grad.dtype == dtype and y.grad.dtype == np.float64


def test_errors_of_backward(Tensor):
    with raises("cannot go backward: nothing that this tensor was made of requires a gradient"):
        Tensor([1]).backward()
    x = leaf(Tensor, [1, 2, 3])
    with raises(
        "cannot go backward from shape (3,) without a gradient to start from: reduce it to one value, with sum() or "
        "mean(), or pass one of its shape"
    ):
        (x * 2).backward()
    with raises("the gradient has shape (2,), but this tensor (3,)"):
        (x * 2).backward([1, 2])
    assert x.grad is None
    with pytest.raises(TypeError, match="retain"):
        x.sum().backward(retain=True)


def soft(x):
    return np.arctan(x)


def test_an_operation_without_a_rule_is_named(Tensor):
    x = leaf(Tensor, [1, 2])
    y = x.apply(soft, x)
    with raises(
        "soft has no derivative rule: register one with @derivative(soft), or detach() what goes in",
        NotImplementedError,
    ):
        y.sum().backward()
    assert x.grad is None
    assert x.apply(np.signbit, x).node is None  # no floats, no record


def test_a_rule_that_does_not_fit_is_named(autograd, Tensor, monkeypatch):
    x = leaf(Tensor, [[1, 2, 3]])
    for rule, sentence in [
        (lambda grad, out, a: (grad, grad), "the rule of soft gives 2 gradients for 1 inputs"),
        (
            lambda grad, out, a: grad.T,
            "the rule of soft gives a gradient of shape (3, 1) for an input of shape (1, 3)",
        ),
        (
            lambda grad, out, a: grad[:, :2],
            "the rule of soft gives a gradient of shape (1, 2) for an input of shape (1, 3)",
        ),
    ]:
        monkeypatch.setitem(autograd.derivatives, soft, rule)
        with raises(sentence):
            x.apply(soft, x).sum().backward()
    monkeypatch.setitem(autograd.derivatives, soft, lambda grad, out, a: None)
    with raises("soft has no derivative by its input of shape (1, 3): detach() that", NotImplementedError):
        x.apply(soft, x).sum().backward()


def test_a_condition_has_no_derivative(tensor, Tensor):
    x = leaf(Tensor, [0, 1])
    with raises("where has no derivative by its input of shape (2,): detach() that", NotImplementedError):
        tensor.where(x, 1.0, 2.0).sum().backward()


def test_a_rule_may_serve_several_operations_and_be_replaced(autograd, Tensor, monkeypatch):
    monkeypatch.setattr(autograd, "derivatives", dict(autograd.derivatives))

    @autograd.derivative(soft, np.arctan)
    def rule(grad, out, a):
        return lambda: grad / (1 + a * a)

    x = leaf(Tensor, [1, 2])
    (x.apply(soft, x) + x.apply(np.arctan, x)).sum().backward()
    np.testing.assert_allclose(x.grad.array, [1, 0.4])
    assert rule(1, None, 1)() == 0.5


def test_what_nobody_needs_is_not_computed(autograd, Tensor, monkeypatch):
    monkeypatch.setitem(autograd.derivatives, np.multiply, lambda grad, out, a, b: (grad * b, lambda: 1 / 0))
    x = leaf(Tensor, [1, 2])
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]


# Memory


def test_a_record_has_no_cycles(autograd, Tensor, tensor):
    x = leaf(Tensor, np.ones((3, 3)))
    gc.collect()
    gc.disable()
    try:
        y = (x @ x).amax(dim=0)[[0, 0, 1]].exp().sum()
        y.backward()
        freed = [weakref.ref(y.node), weakref.ref(y.node.inputs[0].array)]
        del y
        assert [ref() for ref in freed] == [None, None]
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_long_record_is_let_go_without_recursion(Tensor):
    x = leaf(Tensor, 1)
    y = x
    for _ in range(300_000):
        y = y.apply(np.negative, y)
    del y
    assert x.item() == 1


def test_a_released_node_says_so(Tensor):
    x = leaf(Tensor, [1, 2])
    y = (x * 2).sum()
    y.node.release()
    assert y.node.inputs is y.node.out is y.node.options is None
    with raises(
        "cannot go backward through sum again: its memory was given back after the first time; keep it with "
        "backward(retain_graph=True)"
    ):
        y.backward()


# Changes in place


def changed(what, op="multiply", shape=(2,)):
    return raises(
        f"cannot go backward through {op}: its {what}, of shape {shape}, was changed in place afterwards; change a "
        "copy instead"
    )


def test_operators_write_into_the_tensors_own_memory(Tensor):
    x = Tensor([[7, 8], [9, 10]])
    memory = x.array
    for change in ("+= 1", "-= Tensor([1, 2])", "*= 2", "/= 4.0", "//= 1", "%= 3", "**= 2"):
        expected = eval(f"x {change.replace('=', '', 1)}", {"x": x, "Tensor": Tensor}).tolist()
        space = {"x": x, "Tensor": Tensor}
        exec(f"x {change}", space)
        assert space["x"] is x and x.array is memory and x.tolist() == expected
    x[0] = Tensor([5, 5])
    x[:, 1] = 3
    assert memory.tolist()[0] == [5, 3]


def test_what_does_not_fit_in_place_is_refused(Tensor, autograd):
    x = Tensor([1, 2])
    with raises("a result of shape (3, 2) does not fit into (2,) in place", ValueError):
        x += np.ones((3, 1))
    with pytest.raises(ValueError, match="cannot broadcast"):
        x += [1, 2, 3]
    with pytest.raises(TypeError, match="the result of add has fractions and does not fit into int64"):
        Tensor(np.arange(2)).__iadd__(0.5)
    with pytest.raises(ValueError, match="read-only"):
        Tensor([1]).expand(2).__iadd__(1)
    x += np.float64(1)
    assert x.tolist() == [2, 3] and x.dtype == np.float32


def test_a_change_that_would_have_to_be_recorded_is_refused(autograd, Tensor):
    sentence = "cannot record a change in place: make a new tensor (x = x + 1 instead of x += 1), or do it in no_grad()"
    x, plain = leaf(Tensor, [1, 2]), Tensor([3, 4])
    with raises(sentence):
        x += 1
    for target, value in ((x, 1), (x * 1, 1), (plain, x), (plain, x * 2)):
        with raises(sentence):
            target.add_(value)
        for change in (lambda: target.__setitem__(0, value), lambda: target.copy_(value)):  # noqa: B023
            with pytest.raises(RuntimeError, match=r"make a new tensor, with where, stack or cat, .* no_grad\(\)$"):
                change()
    assert x.tolist() == [1, 2] and plain.tolist() == [3, 4]
    with autograd.no_grad():
        x += 1
        plain += x
        x[0] = 0
    assert x.tolist() == [0, 3] and plain.tolist() == [5, 7] and x.requires_grad and x.is_leaf
    plain += 1
    assert plain.tolist() == [6, 8]


# Each: how the result is made of a leaf w and a tensor x, what is then changed, and what the error calls it, if any.
IN_PLACE = {
    "the factor that is read": (lambda t, w, x: w * x, ["x"], ("input", "multiply")),
    "the factor that is not read": (lambda t, w, x: w * x, ["w"], None),
    "a factor that is its own": (lambda t, w, x: w * w, ["w"], ("input", "multiply")),
    "a term": (lambda t, w, x: w + x, ["x"], None),
    "both terms": (lambda t, w, x: w - x, ["w", "x"], None),
    "the divisor": (lambda t, w, x: w / x, ["x"], ("input", "divide")),
    "the dividend": (lambda t, w, x: w / x, ["w"], None),
    "what exp was taken of": (lambda t, w, x: w.exp(), ["w"], None),
    "the result of exp": (lambda t, w, x: w.exp(), ["y"], ("result", "exp")),
    "the result of a sum": (lambda t, w, x: w + x, ["y"], None),
    "what log was taken of": (lambda t, w, x: w.log(), ["w"], ("input", "log")),
    "the result of log": (lambda t, w, x: w.log(), ["y"], None),
    "what a maximum was taken of": (
        lambda t, w, x: w.amax(dim=0, keepdim=True),
        ["w"],
        ("input", "max"),
    ),
    "what was summed": (lambda t, w, x: w.sum(keepdim=True), ["w"], None),
    "what was reshaped": (lambda t, w, x: w.reshape(1, 2), ["w"], None),
    "what was joined": (lambda t, w, x: t.cat([w, x, x]), ["w", "x"], None),
    "what was picked from": (lambda t, w, x: w[[0, 0]], ["w"], None),
    "a view of the factor": (lambda t, w, x: w * x[::-1], ["x"], ("input", "multiply")),
    "something else": (lambda t, w, x: w * x, ["other"], None),
    "what was there before": (lambda t, w, x: w * x, [], None),
    "the side of @ that is read": (lambda t, w, x: w @ x, ["x"], ("input", "matmul")),
    "the side of @ that is not read": (lambda t, w, x: w @ x, ["w"], None),
    "the condition's values": (lambda t, w, x: t.where(x, w, 0), ["x"], ("input", "where")),
    "a limit": (lambda t, w, x: w.clamp(0, x), ["x"], ("input", "clip")),
    "a base that is not read": (lambda t, w, x: x**2 * w, ["w"], None),
}


@pytest.mark.parametrize("case", IN_PLACE)
def test_a_change_in_place_is_an_error_exactly_if_the_rule_reads_it(autograd, tensor, Tensor, case):
    make, targets, error = IN_PLACE[case]
    w, x = leaf(Tensor, [1, 2]), Tensor([3, 4])
    with autograd.no_grad():
        w *= 1
        x *= 1
    make(tensor, w, x).sum().backward()
    expected, w.grad = w.grad, None
    y = make(tensor, w, x)
    loss = y.sum()
    with autograd.no_grad():
        for name in targets:
            target = {"w": w, "x": x, "y": y, "other": Tensor([5, 6])}[name]
            target *= 2
    if error is None:
        loss.backward()
        np.testing.assert_array_equal(w.grad.array, expected.array)
    else:
        with pytest.raises(RuntimeError, match=f"cannot go backward through {error[1]}: its {error[0]}, of shape"):
            loss.backward()
        assert w.grad is None


def test_every_way_to_write_is_noticed(autograd, Tensor):
    changes = ["x += 1", "x -= 1", "x *= 2", "x /= 2", "x //= 2", "x %= 2", "x **= 2", "x[0] = 9", "x[:] = 9",
               "x.T[0] = 9", "x[0] += 9", "x.detach()[1] = 9", "x.reshape(2, 1)[0] = 9"]  # fmt: skip
    for change in changes:
        w, x = leaf(Tensor, [1, 2]), Tensor([3, 4])
        loss = (w * x).sum()
        exec(change, {"x": x})
        with changed("input"):
            loss.backward()


def test_an_index_that_was_changed_is_noticed(autograd, Tensor):
    for make in (lambda w, i: w[i], lambda w, i: w[i, 1:], lambda w, i: w[None, i]):
        w, index = leaf(Tensor, np.ones((3, 3))), Tensor(np.array([0, 1]))
        loss = make(w, index).sum()
        index += 1
        with changed("input", "getitem"):
            loss.backward()
        make(w, index).sum().backward()
        assert w.grad.array[1:].any()


def test_what_was_read_before_it_changed_is_not_lost(autograd, Tensor):
    w, x = leaf(Tensor, [1, 2]), Tensor([3, 4])
    loss = (w * x).sum()
    loss.backward()
    x += 1
    with changed("input"):
        loss.backward()
    (w * x).sum().backward()
    assert w.grad.tolist() == [3 + 4, 4 + 5]


def test_a_stand_in_gives_its_shape_and_nothing_else(autograd, Tensor):
    array = np.ones((2, 3), np.float32)
    stand_in = autograd._Changed(array, "no values")
    assert (stand_in.shape, stand_in.ndim, stand_in.size, stand_in.dtype) == (
        (2, 3),
        2,
        6,
        np.float32,
    )
    zeros = np.zeros((2, 3))
    for read in (
        lambda s: s + 1, lambda s: 2 * s, lambda s: zeros * s, lambda s: np.float32(2) * s, lambda s: s @ zeros.T,
        lambda s: -s, lambda s: s > 0, lambda s: s == s, lambda s: s[0], lambda s: s.sum(), lambda s: s.T,
        lambda s: np.where(s, 1, 2), lambda s: np.exp(s), lambda s: np.asarray(s), lambda s: np.sum(s),
        lambda s: zeros.__setitem__(..., s), lambda s: np.add(zeros, 1, out=zeros, where=s),
    ):  # fmt: skip
        with raises("no values"):
            read(stand_in)


def test_the_log_forgets_memory_that_is_gone(autograd, Tensor):
    log = autograd.WriteLog()
    kept = np.zeros(3)
    before = len(weakref.finalize._registry)
    for _ in range(100):
        log.note(np.zeros(3)[1:])
        log.note(kept)
        log.note(kept[::2])
    assert len(log.last) == 1 and log.time == 300
    assert len(weakref.finalize._registry) == before + 1
    assert log.written(kept, since=299) and not log.written(kept, since=300)
    assert log.written(kept.reshape(1, 3)[:, 1:], since=0)
    assert not log.written(np.zeros(3), since=0) and not log.written(3, since=0) and not log.written(None, since=0)
    del kept
    assert not log.last and len(weakref.finalize._registry) == before


def test_views_of_every_kind_belong_to_their_memory(autograd):
    owned = np.arange(12.0)
    for view in (
        owned[2:], owned.reshape(3, 4).T[1:], np.broadcast_to(owned, (2, 12)), owned[::-1][None],
        np.lib.stride_tricks.as_strided(owned, (2, 2), (8, 8)), np.lib.stride_tricks.sliding_window_view(owned, 3)[1:],
        owned.view(np.float32), owned[...],
    ):  # fmt: skip
        assert autograd._owner(view) is owned
    assert autograd._owner(owned) is owned
    borrowed = np.frombuffer(bytearray(16))
    assert autograd._owner(borrowed[1:]) is borrowed
    assert autograd._owner(np.dtype("float32")) == np.float32


def test_training_leaves_nothing_behind(autograd, Tensor):
    w = leaf(Tensor, [1.0, 2.0])

    def step():
        nonlocal w
        loss = ((w * [3, 4] - 1) ** 2).mean()
        w.grad = None
        loss.backward()
        with autograd.no_grad():
            w -= 0.01 * w.grad

    step()
    gc.collect()
    before = len(gc.get_objects()), len(weakref.finalize._registry), len(autograd.writes.last)
    for _ in range(50):
        step()
    after = len(gc.get_objects()), len(weakref.finalize._registry), len(autograd.writes.last)
    assert all(now - then <= 5 for now, then in zip(after, before))
