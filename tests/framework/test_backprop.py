"""The reference's backprop.py: one visit per operation, losses, fused rules, and an instrument that finds a wrong one."""

import gc
import math
import re
import tracemalloc
import weakref

import numpy as np
import pytest


@pytest.fixture(scope="module")
def tt(reference):
    """Everything of modules 01 to 04 by its name."""
    return reference


@pytest.fixture(scope="module")
def Tensor(reference):
    return reference.autograd.Tensor


def raises(sentence, kind=ValueError):
    return pytest.raises(kind, match=f"^{re.escape(sentence)}$")


def close(x, expected, dtype=np.float32, rtol=1e-5, atol=1e-6):
    """Assert that the tensor `x` has these values, their shape and this dtype."""
    assert x.shape == np.shape(expected)
    assert x.dtype == dtype
    np.testing.assert_allclose(x.numpy(), expected, rtol=rtol, atol=atol)


def random(Tensor, *shape, seed=0, low=None):
    """A float64 tensor that requires a gradient; with `low`, its values are from there up to low + 2."""
    rng = np.random.default_rng(seed)
    array = rng.standard_normal(shape) if low is None else rng.uniform(low, low + 2, shape)
    return Tensor(array, requires_grad=True)


def chain(Tensor, length):
    x = y = Tensor(1, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return x, y


@pytest.fixture
def watched(reference, Tensor):
    """An operation that changes nothing, as a function on tensors, with a list of the gradients its rule has seen."""
    seen = []

    def same(x):
        return x * 1

    @reference.autograd.derivative(same)
    def _(grad, _out, _x):
        seen.append(np.array(grad).tolist())
        return grad

    yield lambda x: x.apply(same, x), seen
    del reference.autograd.derivatives[same]


# The lines that run as they stand


def test_the_lines_of_the_issue(tt, Tensor):
    tt.tensor.manual_seed(0)
    model = tt.layers.Sequential(tt.layers.Linear(2, 2), tt.layers.ReLU(), tt.layers.Linear(2, 2))
    for parameter, values in zip(model.parameters(), ([[1, 0], [0, -1]], [0, 0], [[1, 1], [-1, 1]], [0, 0])):
        parameter.array[...] = values
    input, target = Tensor([[math.log(3) / 2, 5]]), Tensor([1], dtype=int)
    loss_function = tt.backprop.CrossEntropyLoss()

    output = model(input)
    loss = loss_function(output, target)
    loss.backward()

    # hidden [a, 0] with a = log(3) / 2, scores [a, -a], shares [3/4, 1/4], of which the second is right
    a = math.log(3) / 2
    close(output, [[a, -a]])
    close(loss, math.log(4))
    grads = [parameter.grad for parameter in model.parameters()]
    close(grads[3], [0.75, -0.75])
    close(grads[2], [[0.75 * a, 0], [-0.75 * a, 0]])
    close(grads[1], [1.5, 0])
    close(grads[0], [[1.5 * a, 7.5], [0, 0]])


# The engine


def test_it_is_the_engine(tt):
    assert tt.autograd.engine is tt.backprop.each_once


def test_doublings_are_visited_once_each(Tensor, watched):
    same, seen = watched
    x = y = Tensor(1, requires_grad=True)
    for _ in range(60):
        y = same(y)
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60
    assert len(seen) == 60


def test_a_chain_of_100_000_takes_twice_the_visits_of_one_of_50_000(tt, Tensor, monkeypatch):
    gradients, visits = tt.autograd.Node.gradients, [0]

    def counted(node, grad):
        visits[0] += 1
        return gradients(node, grad)

    monkeypatch.setattr(tt.autograd.Node, "gradients", counted)
    for length in (50_000, 100_000):
        x, y = chain(Tensor, length)
        visits[0] = 0
        assert len(tt.backprop.count_uses(y)) == length + 1
        y.backward()
        assert (visits[0], x.grad.item()) == (length, 1)


def test_a_long_chain_is_forgotten_without_recursion(Tensor):
    x, y = chain(Tensor, 100_000)
    del y
    assert x.grad is None


def test_a_leaf_used_many_times_gets_the_sum(Tensor):
    x = Tensor([1, 2], requires_grad=True)
    total = sum(x * k for k in range(1000))
    total.sum().backward()
    close(x.grad, [499_500, 499_500])


def test_a_leaf_may_be_the_root(Tensor):
    x = Tensor(3, requires_grad=True)
    x.backward()
    x.backward()
    close(x.grad, 2)


def test_leaves_that_need_no_gradient_get_none(Tensor):
    x, frozen = Tensor(3, requires_grad=True), Tensor(4)
    (x * frozen).backward()
    assert x.grad.item() == 4 and frozen.grad is None


def test_gradients_add_up_over_calls(Tensor):
    x = Tensor([1, 2], requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
    close(x.grad, [6, 12])


@pytest.mark.parametrize("build", ["a + b", "a - b", "(a + b).reshape(2, 2)", "a.sum() + b.sum()", "a.reshape(4) + b"])
def test_leaves_never_share_the_memory_of_their_gradients(Tensor, build):
    a, b = Tensor([1, 2, 3, 4], requires_grad=True), Tensor([1, 2, 3, 4], requires_grad=True)
    eval(build, {"a": a, "b": b}).sum().backward()
    assert not np.shares_memory(a.grad.array, b.grad.array)
    before = b.grad.tolist()
    a.grad.array *= 10  # it may be written
    assert b.grad.tolist() == before


def test_parts_are_not_added_into_an_array_that_others_hold(Tensor):
    x, w = Tensor([3], requires_grad=True), Tensor([5], requires_grad=True)
    a, b = x * 1, w * 1
    total = a + b
    (a * b + total).backward([1])
    assert (x.grad.tolist(), w.grad.tolist()) == ([6], [4])


def test_the_second_time_through_is_refused_with_a_sentence(Tensor):
    x = Tensor(3, requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match=r"multiply again: its memory was given back .*retain_graph=True"):
        y.backward()
    assert x.grad.item() == 6


def test_retain_graph_keeps_it_for_as_often_as_it_is_said(Tensor):
    x = Tensor(3, requires_grad=True)
    y = x * x
    for expected in (6, 12):
        y.backward(retain_graph=True)
        assert x.grad.item() == expected
    y.backward()
    with pytest.raises(RuntimeError, match="given back"):
        y.backward()
    assert x.grad.item() == 18


def test_two_losses_on_one_trunk(Tensor, watched):
    same, seen = watched
    x = Tensor(3, requires_grad=True)
    trunk = same(x * x)
    one, other = trunk * 2, trunk * 5
    one.backward()
    with pytest.raises(RuntimeError, match="given back"):
        other.backward()
    trunk = same(x * x)
    one, other = trunk * 2, trunk * 5
    x.grad = None
    one.backward(retain_graph=True)
    other.backward()
    assert (x.grad.item(), seen) == (42, [2, 2, 5])
    trunk = same(x * x)
    x.grad = None
    (trunk * 2 + trunk * 5).backward()
    assert (x.grad.item(), seen) == (42, [2, 2, 5, 7])


def test_memory_is_given_back_as_the_engine_goes(tt, Tensor):
    x = Tensor(np.ones(100, np.float32), requires_grad=True)
    first = (x * 2).exp()
    last = (first + 1).exp()
    arrays = {"first": weakref.ref(first.array), "last": weakref.ref(last.array)}
    alive = {}
    tt.backprop.register_hook(first, lambda grad: alive.update({name: a() is not None for name, a in arrays.items()}))
    loss = (last * 3).sum()
    del first, last
    gc.disable()
    try:
        loss.backward()
        assert alive == {"first": True, "last": False}  # when the gradient arrives at the first, the last is gone
        assert arrays["first"]() is None
    finally:
        gc.enable()
    assert x.grad is not None


def test_a_thousand_training_steps_leave_nothing_behind(tt, Tensor):
    layers = tt.layers
    model = layers.Sequential(layers.Linear(4, 8), layers.LayerNorm(8), layers.ReLU(), layers.Linear(8, 3))
    points, labels = tt.tensor.Tensor(np.random.default_rng(0).standard_normal((6, 4))), [0, 1, 2, 0, 1, 2]
    points = Tensor(points.array.astype(np.float32))
    loss_function = tt.backprop.CrossEntropyLoss()

    def train(steps):
        for _ in range(steps):
            loss = loss_function(model(points), labels)
            model.zero_grad()
            loss.backward()
            with tt.autograd.no_grad():
                for parameter in model.parameters():
                    parameter -= 0.1 * parameter.grad
        return loss.item()

    gc.collect()
    gc.disable()
    try:
        start = train(20)
        tracemalloc.start()
        train(20)
        before = tracemalloc.get_traced_memory()[0]
        end = train(1000)
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 5_000  # bytes; one tensor a step would be 100,000 or more
        assert gc.collect() < 20  # no cycles: nothing was left for the collector
    finally:
        gc.enable()
    assert end < 0.1 < start


def test_an_operation_without_a_rule_is_named(Tensor):
    def strange(x):
        return x * 2

    x = Tensor(3, requires_grad=True)
    with pytest.raises(NotImplementedError, match="strange"):
        x.apply(strange, x).backward()


# Hooks


def test_a_hook_sees_the_whole_gradient_once_on_leaves_and_between(tt, Tensor):
    seen = []
    x = Tensor(3, requires_grad=True)
    a = x * x
    c = a * (a + x)
    for name, tensor in {"x": x, "a": a, "c": c}.items():
        tt.backprop.register_hook(tensor, lambda grad, name=name: seen.append((name, type(grad), grad.item())))
    c.backward()
    assert seen == [("c", Tensor, 1), ("a", Tensor, 21), ("x", Tensor, 135)]


def test_what_a_hook_returns_takes_the_gradients_place(tt, Tensor):
    x = Tensor([3, 4], requires_grad=True)
    y = x * 2
    tt.backprop.register_hook(y, lambda grad: grad * 10)
    tt.backprop.register_hook(y, lambda grad: grad.numpy() + 1)
    tt.backprop.register_hook(y, lambda grad: None)
    y.sum().backward()
    close(x.grad, [22, 22])


def test_the_array_a_hook_returns_is_copied(tt, Tensor):
    mine = np.ones(2, np.float32)
    x = Tensor([3, 4], requires_grad=True)
    tt.backprop.register_hook(x, lambda grad: mine)
    x.sum().backward()
    x.grad.array *= 5
    assert mine.tolist() == [1, 1]


def test_a_removed_hook_is_not_called(tt, Tensor):
    seen = []
    x = Tensor(3, requires_grad=True)
    remove = tt.backprop.register_hook(x, seen.append)
    (x * 2).backward()
    remove()
    remove()
    (x * 2).backward()
    assert len(seen) == 1
    assert x.hooks == ()


def test_what_a_hook_computes_is_not_recorded(tt, Tensor):
    w = Tensor(2, requires_grad=True)
    x = Tensor(3, requires_grad=True)
    found = []

    def hook(grad):
        found.append((grad * w).requires_grad)
        return grad * w

    tt.backprop.register_hook(x, hook)
    (x * 2).backward()
    assert found == [False]
    assert x.grad.item() == 4 and w.grad is None
    assert (x * 2).requires_grad  # recording goes on afterwards


def test_a_hook_of_the_wrong_shape_and_one_that_is_never_called_are_refused(tt, Tensor):
    x = Tensor([3, 4], requires_grad=True)
    tt.backprop.register_hook(x, lambda grad: grad.sum())
    with raises("a hook gave a gradient of shape () in place of (2,)"):
        x.sum().backward()
    with raises("the hook would never be called: this tensor requires no gradient", RuntimeError):
        tt.backprop.register_hook(Tensor(1), print)


# gradcheck


def test_gradcheck_finds_a_wrong_rule(tt, Tensor):
    def cube(x):
        return x * x * x

    @tt.autograd.derivative(cube)
    def _(grad, _out, x):
        return grad * 3 * np.where(np.arange(x.size) == 2, x, x * x)  # wrong at one index

    def cubes(factor, x):
        return x.apply(cube, x).sum() * factor

    x = Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    try:
        with raises("cubes, input 1, index (2,): the gradient is 9, but the slope is 27", AssertionError):
            tt.backprop.gradcheck(cubes, [1, x])
    finally:
        del tt.autograd.derivatives[cube]


def test_gradcheck_finds_outputs_that_are_mixed_up(tt, Tensor):
    def turn(x):
        return x[::-1]

    @tt.autograd.derivative(turn)
    def _(grad, _out, _x):
        return grad  # not turned: the sum of the outputs would not notice

    x = random(Tensor, 3)
    try:
        with pytest.raises(AssertionError, match=r"turned, input 0, index \(0,\): the gradient is"):
            tt.backprop.gradcheck(named(lambda x: x.apply(turn, x), "turned"), x)
    finally:
        del tt.autograd.derivatives[turn]


def named(function, name):
    function.__name__ = name
    return function


def test_gradcheck_says_where_it_stands_on_a_kink(tt, Tensor):
    x = Tensor(np.array([1.0, 0.0]), requires_grad=True)
    sentence = "abs, input 0, index (1,) stands on a kink: the slope is -1 on the left and 1 on the right"
    with raises(sentence + "; move the input a little", AssertionError):
        tt.backprop.gradcheck(named(lambda x: x.abs().sum(), "abs"), [x])
    for kinked in (lambda x: x.clamp(min=0).sum(), tt.layers.ReLU(), lambda x: x.max()):
        with pytest.raises(AssertionError, match="stands on a kink"):
            tt.backprop.gradcheck(kinked, [Tensor(np.zeros(2), requires_grad=True)])


def test_gradcheck_leaves_the_inputs_as_they_are(tt, Tensor):
    x = random(Tensor, 3, 2)
    before = x.numpy().copy()
    assert tt.backprop.gradcheck(lambda x: (x * x).exp(), [x]) is True
    assert (x.numpy() == before).all()


def test_gradcheck_says_what_it_cannot_check(tt, Tensor):
    single, double = Tensor([1, 2], requires_grad=True), random(Tensor, 2)
    with raises("gradcheck needs float64, and input 1 of double is float32", TypeError):
        tt.backprop.gradcheck(named(lambda k, x: x * k, "double"), [2, single])
    with raises("gradcheck needs float64, and the result of single is float32", TypeError):
        tt.backprop.gradcheck(named(lambda x: x.to(np.float32), "single"), [double])
    with raises("there is nothing to check: no input of double requires a gradient"):
        tt.backprop.gradcheck(named(lambda x: x * 2, "double"), [double.detach()])
    with raises("Dropout cannot be checked: the same inputs give another result each time"):
        tt.backprop.gradcheck(tt.layers.Dropout(0.5), [random(Tensor, 20)])


def test_slopes_measures_both_sides_and_puts_everything_back(tt):
    array = np.array([[0.3, 0.0]])
    left, right = tt.backprop.slopes(lambda: (array**2).sum(), array, (0, 0), 0.1)
    assert (left, right) == (pytest.approx(0.5), pytest.approx(0.7))
    assert tt.backprop.slopes(lambda: abs(array[0, 1]), array, (0, 1), 0.5) == (-1, 1)
    assert array.tolist() == [[0.3, 0.0]]


# Every rule of modules 02 to 04, from one table: the shapes of a, b and c, what is computed from them and, where it
# matters, the lowest value

RULES = {
    # operations
    "add": ([(2, 3), (3,)], "a + b"),
    "subtract": ([(2, 1), (1, 3)], "a - b"),
    "subtract from a number": ([(2, 3)], "2 - a"),
    "multiply": ([(2, 3), ()], "a * b"),
    "divide": ([(2, 3), (3,)], "a / b", 1),
    "floor_divide": ([(2, 3), (2, 3)], "a // b", 1),
    "remainder": ([(2, 3), (3,)], "a % b", 1),
    "negative": ([(2, 3)], "-a"),
    "power": ([(2, 3), (3,)], "a**b", 1),
    "square": ([(2, 3)], "a**2"),
    "exp": ([(2, 3)], "a.exp()"),
    "log": ([(2, 3)], "a.log()", 1),
    "sqrt": ([(2, 3)], "a.sqrt()", 1),
    "abs": ([(2, 3)], "a.abs()"),
    "clamp": ([(2, 3)], "a.clamp(min=-0.5, max=0.5)"),
    "logaddexp": ([(2, 3), (3,)], "logaddexp(a, b)"),
    "maximum": ([(2, 3), (3,)], "maximum(a, b)"),
    "where": ([(2, 3), (3,)], "where(np.array([[True, False, True]]), a, b)"),
    "cast": ([(2, 3)], "a.apply(cast, a, dtype=np.float64)"),
    "matmul": ([(2, 3), (3, 4)], "a @ b"),
    "matmul of batches": ([(2, 1, 2, 3), (3, 3, 2)], "a @ b"),
    "matmul with vectors": ([(3,), (2, 3, 4), (4,)], "a @ b @ c"),
    "sum": ([(2, 3, 4)], "a.sum(dim=(0, -1))"),
    "mean": ([(2, 3)], "a.mean(dim=1, keepdim=True)"),
    "var": ([(2, 3)], "a.var(dim=0)"),
    "max": ([(2, 3)], "a.max(dim=1).values"),
    "amax": ([(2, 3)], "a.amax(dim=1)"),
    "min": ([(2, 3)], "a.min()"),
    "reshape": ([(2, 3)], "a.reshape(3, 2)"),
    "transpose": ([(2, 3)], "a.transpose(0, 1)"),
    "permute": ([(2, 3, 4)], "a.permute(2, 0, 1)"),
    "squeeze and unsqueeze": ([(2, 1, 3)], "a.squeeze(1).unsqueeze(0)"),
    "expand": ([(2, 1)], "a.expand(2, 3)"),
    "getitem": ([(3, 4)], "a[1:, 2]"),
    "getitem of a value twice": ([(3, 4)], "a[[0, 0, 2], 1:]"),
    "contiguous": ([(3, 4)], "a.T.contiguous()"),
    "cat": ([(2, 3), (2, 1)], "cat([a, b, a], dim=1)"),
    "stack": ([(2, 3), (2, 3)], "stack([a, b], dim=-1)"),
    # layers
    "linear": ([(2, 5, 3), (4, 3), (4,)], "a.apply(linear, a, b, c)"),
    "ReLU": ([(2, 3)], "ReLU()(a)"),
    "LeakyReLU": ([(2, 3)], "LeakyReLU(0.1)(a)"),
    "Sigmoid": ([(2, 3)], "Sigmoid()(a)"),
    "Tanh": ([(2, 3)], "Tanh()(a)"),
    "GELU": ([(2, 3)], "GELU()(a)"),
    "MaxPool2d": ([(2, 2, 5, 5)], "MaxPool2d(2)(a)"),
    "MaxPool2d overlapping": ([(1, 2, 5, 5)], "MaxPool2d(3, stride=1)(a)"),
    "AvgPool2d": ([(2, 2, 4, 6)], "AvgPool2d((2, 3))(a)"),
    "Flatten": ([(2, 3, 4)], "Flatten()(a)"),
    "pad2d": ([(2, 3, 2)], "pad2d(a, (1, 2))"),
    "unfold": ([(2, 2, 4, 3)], "unfold(a, (2, 2), (1, 1))"),
    "unbroadcast": ([(2, 3)], "unbroadcast(a, (3,))"),
    # fused
    "average": ([(4, 3, 2)], "average(a, dim=(0, 2))"),
    "sum of many short rows": ([(1024, 8)], "a.sum(1)"),
    "sum over the first axes": ([(64, 16, 8)], "a.sum((0, 1))"),
    "sum over first and last axes": ([(32, 16, 16)], "a.sum((0, 2))"),
    "softmax": ([(4, 3)], "Softmax()(a)"),
    "softmax along another axis": ([(3, 2, 2)], "Softmax(0)(a)"),
    "log_softmax": ([(4, 3)], "LogSoftmax()(a)"),
    "log_softmax along another axis": ([(3, 2, 2)], "LogSoftmax(1)(a)"),
    "layer norm": ([(3, 4), (4,), (4,)], "a.apply(normalize, a, b, c, dim=(-1,), eps=1e-5)"),
    "layer norm over two axes": ([(3, 2, 4), (2, 4), (2, 4)], "a.apply(normalize, a, b, c, dim=(-2, -1), eps=1e-5)"),
    "batch norm": ([(6, 3), (1, 3), (1, 3)], "a.apply(normalize, a, b, c, dim=(0,), eps=1e-5)"),
    "batch norm of images": (
        [(3, 2, 2, 2), (1, 2, 1, 1), (1, 2, 1, 1)],
        "a.apply(normalize, a, b, c, dim=(0, 2, 3), eps=0.1)",
    ),
    "conv2d": (
        [(2, 3, 5, 4), (2, 3, 3, 2), (2,)],
        "a.apply(conv2d, a, b, c, stride=(1, 1), padding=(0, 0))",
    ),
    "conv2d with steps and borders": (
        [(2, 2, 6, 5), (3, 2, 3, 2), (3,)],
        "a.apply(conv2d, a, b, c, stride=(2, 3), padding=(1, 2))",
    ),
    "conv2d of one window": (
        [(1, 1, 3, 3), (1, 1, 3, 3), (1,)],
        "a.apply(conv2d, a, b, c, stride=(1, 1), padding=(0, 0))",
    ),
    "binary cross entropy": ([(2, 3), (2, 3)], "a.apply(binary_cross_entropy, a, b)"),
    # losses
    "MSELoss": ([(4, 3), (4, 3)], "MSELoss()(a, b)"),
    "L1Loss": ([(4, 3), (4, 3)], "L1Loss('sum')(a, b)"),
    "BCEWithLogitsLoss": ([(4, 3), (4, 3)], "BCEWithLogitsLoss('none')(a, b)"),
    "NLLLoss": ([(4, 3)], "NLLLoss()(a, [2, 0, 1, 1])"),
    "NLLLoss of each row": ([(4, 3)], "NLLLoss('none')(a, [2, 0, 1, 1])"),
    "CrossEntropyLoss": ([(4, 3)], "CrossEntropyLoss()(a, [2, 0, 1, 1])"),
    "CrossEntropyLoss of each row": ([(4, 3)], "CrossEntropyLoss('none')(a, [2, 0, 1, 1])"),
    "CrossEntropyLoss of images": ([(2, 3, 2, 2)], "CrossEntropyLoss('sum')(a, [[[2, 0], [1, 1]], [[0, 0], [2, 1]]])"),
}


def rule(tt, Tensor, name):
    """The function of a row of the table, and its inputs."""
    shapes, expression, *low = RULES[name]
    names = {"np": np} | vars(tt.tensor) | vars(tt.autograd) | vars(tt.layers) | vars(tt.backprop)
    function = eval(f"lambda {', '.join('abc'[: len(shapes)])}: {expression}", names)
    return function, [random(Tensor, *shape, seed=k, low=low[0] if low else None) for k, shape in enumerate(shapes)]


@pytest.mark.parametrize("name", RULES)
def test_the_rule_agrees_with_central_differences(tt, Tensor, name):
    assert tt.backprop.gradcheck(*rule(tt, Tensor, name))


def test_the_table_has_every_rule(tt, Tensor, monkeypatch):
    gradients, used = tt.autograd.Node.gradients, set()
    monkeypatch.setattr(tt.autograd.Node, "gradients", lambda node, grad: used.add(node.op) or gradients(node, grad))
    for name in RULES:
        function, inputs = rule(tt, Tensor, name)
        function(*inputs).sum().backward()
    own = {
        f"tinytorch.{name}" for name in ("autograd", "layers", "backprop")
    }  # the shelves and 09 have tests of theirs
    rules = [op for op, found in tt.autograd.derivatives.items() if found.__module__ in own]
    assert len(rules) > 40
    assert {op.__name__ for op in rules} - {op.__name__ for op in used} == set()


# Losses


def test_the_reductions(tt, Tensor):
    output, target = Tensor([[1, 2], [3, 4]]), Tensor([[1, 0], [0, 0]])
    close(tt.backprop.MSELoss()(output, target), 29 / 4)
    close(tt.backprop.MSELoss("sum")(output, target), 29)
    close(tt.backprop.MSELoss(reduction="none")(output, target), [[0, 4], [9, 16]])
    close(tt.backprop.L1Loss()(output, target), 9 / 4)
    with raises("""reduction is "mean", "sum" or "none", not 'average'"""):
        tt.backprop.MSELoss("average")
    assert repr(tt.backprop.L1Loss("sum")).startswith("L1Loss(reduction='sum')")


def test_scores_of_a_thousand(tt, Tensor):
    scores = Tensor([[1000, 0, -1000]] * 3, requires_grad=True)
    losses = tt.backprop.CrossEntropyLoss("none")(scores, [0, 1, 2])
    losses.sum().backward()
    close(losses, [0, 1000, 2000])
    close(scores.grad, [[0, 0, 0], [1, -1, 0], [1, 0, -1]])
    logits = Tensor([1000, 1000, -1000, -1000], requires_grad=True)
    losses = tt.backprop.BCEWithLogitsLoss("none")(logits, Tensor([1, 0, 1, 0]))
    losses.sum().backward()
    close(losses, [0, 1000, 1000, 0])
    close(logits.grad, [0, 1, -1, 0])


def test_cross_entropy_is_nll_of_log_softmax(tt, Tensor):
    scores = random(Tensor, 5, 4).detach().to(np.float32)
    one = tt.backprop.CrossEntropyLoss()(scores, [0, 1, 2, 3, 0])
    other = tt.backprop.NLLLoss()(tt.layers.LogSoftmax(1)(scores), [0, 1, 2, 3, 0])
    close(one, other.item())


@pytest.mark.parametrize("loss", ["MSELoss", "L1Loss", "BCEWithLogitsLoss"])
@pytest.mark.parametrize(("one", "other"), [((3, 1), (3,)), ((3,), (3, 1)), ((2, 3), (3,)), ((1,), ())])
def test_outputs_and_targets_of_two_shapes_are_refused(tt, Tensor, loss, one, other):
    with raises(f"output and target must have one shape, not {one} and {other}: reshape one"):
        getattr(tt.backprop, loss)()(Tensor(np.zeros(one)), Tensor(np.zeros(other)))


@pytest.mark.parametrize("loss", ["NLLLoss", "CrossEntropyLoss"])
def test_targets_that_are_no_classes_are_refused(tt, Tensor, loss):
    loss, scores = getattr(tt.backprop, loss)(), Tensor(np.zeros((2, 3)))
    advice = ": make them with Tensor(..., dtype=int)"
    with raises("targets are class indices, so integers, not float32" + advice, TypeError):
        loss(scores, Tensor([1, 2]))
    with raises("targets are class indices, so integers, not bool" + advice, TypeError):
        loss(scores, np.array([True, False]))
    with raises("targets are class indices, so integers, not float64" + advice, TypeError):
        loss(scores, [1.0, 2.0])
    with raises("scores (2, 3) need targets (2,), one class for each row, not (2, 1)"):
        loss(scores, [[1], [2]])
    with raises("scores (2, 3) need targets (2,), one class for each row, not (3,)"):
        loss(scores, [0, 1, 2])
    with raises("there are 3 classes, 0 to 2, but a target is 3"):
        loss(scores, [3, 0])
    with raises("there are 3 classes, 0 to 2, but a target is -1"):
        loss(scores, [0, -1])
    with raises("scores need two axes, (samples, classes), and these have shape (3,)"):
        loss(Tensor([1, 2, 3]), 0)


@pytest.mark.parametrize("make", [list, tuple, np.array, lambda v: np.array(v, np.uint8)])
def test_classes_may_be_lists_arrays_or_tensors(tt, Tensor, make):
    scores = Tensor([[1, 2, 3], [3, 2, 1]])
    expected = tt.backprop.CrossEntropyLoss()(scores, Tensor([2, 1], dtype=int)).item()
    assert tt.backprop.CrossEntropyLoss()(scores, make([2, 1])).item() == expected


def test_an_empty_batch(tt, Tensor):
    for name, target in (("CrossEntropyLoss", []), ("NLLLoss", np.zeros(0, int)), ("MSELoss", np.zeros((0, 3)))):
        scores = Tensor(np.zeros((0, 3), np.float32), requires_grad=True)
        loss = getattr(tt.backprop, name)("sum")(scores, target)
        loss.backward()
        assert loss.item() == 0 and scores.grad.shape == (0, 3)
        with np.errstate(invalid="ignore"):
            assert np.isnan(getattr(tt.backprop, name)()(scores, target).item())  # the mean of nothing


def test_float32_from_end_to_end(tt, Tensor):
    layers, backprop = tt.layers, tt.backprop
    seen = []
    model = layers.Sequential(layers.Conv2d(1, 2, 3), layers.BatchNorm2d(2), layers.Flatten(), layers.LayerNorm(8))
    scores = model(Tensor(np.ones((2, 1, 4, 4), np.float32)))
    backprop.register_hook(scores, lambda grad: seen.append(grad.dtype))
    losses = [backprop.CrossEntropyLoss()(scores, [1, 2]), backprop.MSELoss()(scores, np.ones((2, 8), np.float32))]
    losses.append(backprop.BCEWithLogitsLoss()(scores, np.ones((2, 8), np.float32)))
    losses.append(backprop.BCEWithLogitsLoss()(scores, np.ones((2, 8), int)))
    losses.append(layers.Softmax()(scores).sum() + layers.LogSoftmax()(scores).sum())
    assert {loss.dtype for loss in losses} == {np.dtype(np.float32)}
    for loss in losses:
        loss.backward(retain_graph=True)
    assert {p.grad.dtype for p in model.parameters()} | set(seen) == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rules_keep_the_dtype_and_do_not_write_into_what_they_get(tt, dtype):
    layers, backprop = tt.layers, tt.backprop
    rng = np.random.default_rng(0)

    def array(*shape):
        return rng.standard_normal(shape).astype(dtype)

    x, at = array(2, 3, 4, 4), (np.array([0, 1]), np.array([0, 2]))
    cases = [
        (layers.softmax, [x], {"dim": 1}),
        (layers.log_softmax, [x], {"dim": 1}),
        (layers.normalize, [x, array(1, 3, 1, 1), array(1, 3, 1, 1)], {"dim": (0, 2, 3), "eps": 0.1}),
        (layers.conv2d, [x, array(2, 3, 3, 3), array(2)], {"stride": (1, 1), "padding": (1, 1)}),
        (backprop.binary_cross_entropy, [x, array(2, 3, 4, 4)], {}),
        (backprop.batch_mean, [x], {}),
        (backprop.cross_entropy, [x[:, :, 0, 0]], {"at": at}),
    ]
    for op, inputs, options in cases:
        out = op(*inputs, **options)
        grad = array(*out.shape)
        kept = [value.copy() for value in (grad, out, *inputs)]
        results = tt.autograd.derivatives[tt.tensor.plain(op)](grad, out, *inputs, **options)
        results = results if isinstance(results, tuple) else (results,)
        results = [result() if callable(result) else result for result in results]
        assert {result.dtype for result in results if result is not None} == {np.dtype(dtype)}, op.__name__
        for value, before in zip((grad, out, *inputs), kept):
            assert (value == before).all(), op.__name__


def test_convolutions_in_parts_agree_with_those_in_one(tt):
    rng = np.random.default_rng(0)
    x, grad = rng.standard_normal((5, 2, 90, 90)), rng.standard_normal((5, 1, 88, 88))
    weight, backprop = rng.standard_normal((1, 2, 3, 3)), tt.backprop
    whole = backprop.conv2d_weight(x, weight.shape, grad, (1, 1), (0, 0))
    parts = [backprop.conv2d_weight(x[i : i + 1], weight.shape, grad[i : i + 1], (1, 1), (0, 0)) for i in range(5)]
    np.testing.assert_allclose(whole, sum(parts))
    whole = backprop.conv2d_input(x.shape, weight, grad, (1, 1), (0, 0))
    parts = [backprop.conv2d_input((1, *x.shape[1:]), weight, grad[i : i + 1], (1, 1), (0, 0)) for i in range(5)]
    np.testing.assert_allclose(whole, np.concatenate(parts))


# gradient_flow


def test_gradient_flow(tt, Tensor):
    model = tt.layers.Sequential(tt.layers.Linear(2, 2), tt.layers.Tanh(), tt.layers.Linear(2, 1))
    assert tt.backprop.gradient_flow(model) == {}
    for name, parameter in model.named_parameters():
        if name != "0.bias":
            parameter.grad = Tensor(np.full(parameter.shape, 1e-30 if name == "0.weight" else -2, np.float32))
    flow = tt.backprop.gradient_flow(model)
    assert list(flow) == ["0.weight", "2.weight", "2.bias"]
    assert flow == {"0.weight": pytest.approx(1e-30, rel=1e-4, abs=0), "2.weight": 2, "2.bias": 2}


def test_sigmoids_make_gradients_vanish(tt, Tensor):
    tt.tensor.manual_seed(0)
    layers = [m for _ in range(20) for m in (tt.layers.Linear(16, 16), tt.layers.Sigmoid())]
    model = tt.layers.Sequential(*layers, tt.layers.Linear(16, 2))
    tt.backprop.CrossEntropyLoss()(model(tt.autograd.randn(8, 16)), [0, 1] * 4).backward()
    sizes = list(tt.backprop.gradient_flow(model).values())
    assert 0 < sizes[0] < 1e-8 * sizes[-1]
