"""The reference's layers.py: modules form a tree, layers compute what they say, in float32, and errors say what fits."""

import copy
import math
import re

import numpy as np
import pytest

WINDOWS = [((2, 2), (2, 2)), ((3, 2), (1, 1)), ((2, 3), (1, 2)), ((1, 1), (3, 2))]


@pytest.fixture(scope="module")
def layers(reference):
    return reference.layers


@pytest.fixture(scope="module")
def Tensor(reference):
    return reference.autograd.Tensor


@pytest.fixture(autouse=True)
def _seeded(reference):
    reference.tensor.manual_seed(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def Line(layers):
    class Line(layers.Module):
        def __init__(self, slope=2, offset=1):
            self.slope = layers.Parameter(slope)
            self.offset = layers.Parameter(offset)

        def forward(self, x):
            return self.slope * x + self.offset

    return Line


def raises(sentence, kind=ValueError):
    return pytest.raises(kind, match=f"^{re.escape(sentence)}$")


def close(x, expected, dtype=np.float32, tolerance=1e-5):
    assert x.shape == np.shape(expected)
    assert x.dtype == dtype
    np.testing.assert_allclose(np.asarray(x), expected, rtol=tolerance, atol=tolerance)


def by_windows(x, kernel, stride):
    """All windows of x (..., h, w) as (..., rows, columns, *kernel)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(-2, -1))
    return windows[..., :: stride[0], :: stride[1], :, :]


def slopes(function, arrays, weights, step=1e-6):
    """The slopes of (function(*arrays) * weights).sum() by each value of the float64 arrays: central differences."""
    found = []
    for array in arrays:
        slope = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + step
            above = (function(*arrays) * weights).sum()
            array[index] = kept - step
            slope[index] = (above - (function(*arrays) * weights).sum()) / (2 * step)
            array[index] = kept
        found.append(slope)
    return found


def check_gradients(Tensor, op, *arrays, **options):
    """Assert that the rule of `op` gives the slopes that central differences measure."""
    inputs = [Tensor(np.array(array, np.float64), requires_grad=True) for array in arrays]
    out = inputs[0].apply(op, *inputs, **options)
    weights = np.random.default_rng(1).uniform(0.5, 1.5, out.shape)
    out.backward(weights)
    measured = slopes(lambda *given: op(*given, **options), [x.array.copy() for x in inputs], weights)
    for x, slope in zip(inputs, measured):
        np.testing.assert_allclose(x.grad.numpy(), slope, rtol=1e-5, atol=1e-7)


# The line of the issue


def test_the_line_that_runs_as_it_stands(layers, Tensor):
    Linear, input = layers.Linear, Tensor(np.linspace(-1, 1, 3 * 784, dtype=np.float32).reshape(3, 784))
    layer = Linear(in_features=784, out_features=256); output = layer(input)  # fmt: skip  # noqa: E702
    assert type(output) is Tensor and output.requires_grad
    assert layer.weight.shape == (256, 784) and layer.bias.shape == (256,)
    assert 0.99 / 28 < np.abs(layer.weight.array).max() <= 1 / 28 and np.abs(layer.bias.array).max() <= 1 / 28
    close(output, input.array @ layer.weight.array.T + layer.bias.array)


# Parameters


def test_a_parameter_is_a_leaf_that_requires_a_gradient(layers, Tensor):
    weight = layers.Parameter([1, 2])
    assert weight.requires_grad and weight.is_leaf and isinstance(weight, Tensor) and weight.dtype == np.float32
    assert not layers.Parameter([1, 2], requires_grad=False).requires_grad
    assert layers.Parameter([1, 2], dtype=np.float64).dtype == np.float64
    assert type(copy.deepcopy(weight)) is layers.Parameter and copy.deepcopy(weight).requires_grad


def test_what_is_computed_from_a_parameter_is_a_plain_tensor(layers, Tensor):
    weight = layers.Parameter([1, 2])
    for result in (weight * 2, 2 * weight, Tensor([1, 1]) + weight, weight.sum(), weight[0], weight.detach()):
        assert type(result) is Tensor
    (weight * 3).sum().backward()
    close(weight.grad, [3, 3])


# Modules


def test_calling_a_module_calls_forward_with_everything(layers, Tensor):
    class Takes(layers.Module):
        def forward(self, *inputs, **options):
            return inputs, options

    assert Takes()(1, 2, scale=3) == ((1, 2), {"scale": 3})
    assert Takes()() == ((), {})


def test_an_array_is_refused_with_a_sentence(layers, Line):
    for module in (Line(), layers.ReLU(), layers.Linear(2, 2), layers.Sequential(), layers.Dropout().eval()):
        name = type(module).__name__
        with raises(f"{name} takes a Tensor, not a NumPy array: wrap it with Tensor(...)", TypeError):
            module(np.ones((2, 2)))


def test_a_module_without_forward_says_so(layers):
    class Empty(layers.Module):
        pass

    with raises("Empty has no method forward", NotImplementedError):
        Empty()(1)


def test_a_typo_is_an_attribute_error(layers):
    with pytest.raises(AttributeError, match="wieght"):
        layers.Linear(2, 2).wieght  # noqa: B018


def test_init_need_not_call_super_but_may(layers):
    class Polite(layers.Module):
        def __init__(self):
            super().__init__()
            self.weight = layers.Parameter(1)

    assert [path for path, _ in Polite().named_parameters()] == ["weight"]


def test_the_tree_is_walked_in_the_order_in_which_it_was_set(layers, Line):
    model = layers.Module()
    model.b = Line()
    model.a = layers.Sequential(Line(), layers.ReLU())
    model.scale = layers.Parameter(3)
    assert [name for name, _ in model.named_children()] == ["b", "a"]
    assert list(model.children()) == [model.b, model.a]
    assert [path for path, _ in model.named_modules()] == ["", "b", "a", "a.0", "a.1"]
    assert [type(m).__name__ for m in model.modules()] == ["Module", "Line", "Sequential", "Line", "ReLU"]
    paths = ["scale", "b.slope", "b.offset", "a.0.slope", "a.0.offset"]
    assert [path for path, _ in model.named_parameters()] == paths
    assert list(model.parameters()) == [model.scale, *model.b.parameters(), *model.a.parameters()]


def test_what_is_shared_is_visited_once_but_saved_by_each_path(layers, Line):
    model = layers.Module()
    model.a = model.b = Line()
    model.c = Line()
    model.c.slope = model.a.slope
    assert [path for path, _ in model.named_modules()] == ["", "a", "c"]
    assert [path for path, _ in model.named_parameters()] == ["a.slope", "a.offset", "c.offset"]
    assert list(model.state_dict()) == ["a.slope", "a.offset", "b.slope", "b.offset", "c.slope", "c.offset"]
    model.load_state_dict(model.state_dict())
    assert repr(model).splitlines()[0] == "Module, 3 parameters"


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_parts_in_a_collection_are_refused(layers, kind):
    for part in (layers.ReLU(), layers.Parameter(1)):
        model = layers.Module()
        model.parts = {"a": part} if kind is dict else kind([part])
        sentence = (
            f"Module.parts is a {kind.__name__}: what is in it would not be found; "
            "set each part as an attribute, or use a Sequential"
        )
        for walk in (model.parameters, model.state_dict, model.train, model.modules, model.__repr__):
            with raises(sentence, TypeError):
                list(walk())
    model.parts = kind()
    model.sizes = [1, 2]
    assert list(model.parameters()) == []


def test_train_and_eval_reach_every_module_and_return_the_model(layers):
    model = layers.Sequential(layers.Dropout(), layers.Sequential(layers.BatchNorm1d(2)))
    assert all(module.training for module in model.modules())
    assert model.eval() is model and not any(module.training for module in model.modules())
    assert model.train() is model and all(module.training for module in model.modules())
    assert not any(module.training for module in model.train(False).modules())


def test_gradients_are_forgotten_and_parameters_frozen(layers, Tensor, Line):
    line = Line()
    line(Tensor([1, 2])).sum().backward()
    assert line.slope.grad.item() == 3
    line.zero_grad()
    assert line.slope.grad is None and line.offset.grad is None
    assert line.requires_grad_(False) is line
    assert not line(Tensor([1, 2])).requires_grad
    line.requires_grad_()
    assert line(Tensor([1, 2])).requires_grad
    layer = layers.Linear(2, 2)
    layer.bias.requires_grad_(False)
    layer(Tensor([[1, 2]])).sum().backward()
    assert layer.bias.grad is None and layer.weight.grad is not None


def test_the_state_is_the_memory_of_parameters_and_buffers(layers, Tensor):
    norm = layers.BatchNorm1d(2)
    state = norm.state_dict()
    assert list(state) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert state["num_batches_tracked"].dtype == np.int64 and state["num_batches_tracked"].shape == ()
    assert all(type(value) is Tensor and not value.requires_grad for value in state.values())
    norm(Tensor([[0, 8], [0, 8]]))
    norm.weight.array[...] = 5
    assert state["weight"].tolist() == [5, 5]
    assert state["running_mean"].tolist() == norm.running_mean.tolist() != [0, 0]
    assert state["num_batches_tracked"].item() == 1


def test_the_state_has_the_names_and_layouts_of_pytorch(layers):
    model = layers.Sequential(
        layers.Conv2d(3, 8, (3, 5)), layers.BatchNorm2d(8), layers.Flatten(),
        layers.Sequential(layers.Linear(10, 4, bias=False), layers.LayerNorm((4,))), layers.Embedding(7, 2),
    )  # fmt: skip
    assert {path: value.shape for path, value in model.state_dict().items()} == {
        "0.weight": (8, 3, 3, 5),
        "0.bias": (8,),
        "1.weight": (8,),
        "1.bias": (8,),
        "1.running_mean": (8,),
        "1.running_var": (8,),
        "1.num_batches_tracked": (),
        "3.0.weight": (4, 10),
        "3.1.weight": (4,),
        "3.1.bias": (4,),
        "4.weight": (7, 2),
    }


def test_a_loaded_model_gives_the_same_answers(layers, Tensor):
    def model():
        return layers.Sequential(layers.Linear(3, 4), layers.BatchNorm1d(4), layers.Tanh())

    one, other = model(), model()
    x = Tensor(np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32))
    one(x)
    other.load_state_dict({path: value.numpy() for path, value in one.state_dict().items()})
    assert other[1].num_batches_tracked.item() == 1
    close(other.eval()(x), one.eval()(x).array)


def test_a_state_that_does_not_fit_changes_nothing(layers, Line):
    line = Line()
    for state, sentence, kind in (
        ({"slope": 5}, "'the state does not fit: it lacks offset'", KeyError),
        ({"slope": 5, "offset": 6, "x": 7}, "'the state does not fit: the module has no x'", KeyError),
        ({"slope": 5, "x": 7}, "'the state does not fit: it lacks offset; the module has no x'", KeyError),
        ({"slope": 5, "offset": [6, 7]}, "offset has shape (), but in the state (2,)", ValueError),
    ):
        with raises(sentence, kind):
            line.load_state_dict(state)
        assert (line.slope.item(), line.offset.item()) == (2, 1)
    many = {str(i): 0 for i in range(8)}
    with raises(
        "'the state does not fit: it lacks offset, slope; the module has no 0, 1, 2, 3, 4 and 3 more'", KeyError
    ):
        line.load_state_dict(many)


# Printing


def test_a_perceptron_prints_as_a_small_table(layers):
    model = layers.Sequential(layers.Linear(784, 256), layers.ReLU(), layers.Linear(256, 10, bias=False))
    assert repr(model) == (
        "Sequential, 203,520 parameters\n"
        "  0: Linear(784, 256)             weight (256, 784), bias (256,)  200,960\n"
        "  1: ReLU()\n"
        "  2: Linear(256, 10, bias=False)  weight (10, 256)                  2,560"
    )


def test_a_convolutional_network_stays_within_100_columns(layers):
    block = layers.Sequential(
        layers.Conv2d(128, 256, 3, stride=2, padding=1, bias=False), layers.BatchNorm2d(256),
        layers.MaxPool2d(3, stride=2), layers.AvgPool2d((2, 1)), layers.LeakyReLU(0.1),
    )  # fmt: skip
    head = layers.Sequential(layers.Flatten(), layers.Dropout(0.25), layers.LayerNorm((4, 8)), layers.Linear(32, 10))
    lines = repr(layers.Sequential(block, layers.Conv2d(8, 8, (3, 5), padding=(1, 2)), head)).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[1].split() == ["0:", "Sequential", "295,424"]
    assert re.split("  +", lines[3]) == ["", "1: BatchNorm2d(256)", "weight (256,), bias (256,)", "512"]
    assert [line.lstrip().split("  ")[0] for line in lines] == [
        "Sequential, 296,786 parameters",
        "0: Sequential",
        "0: Conv2d(128, 256, 3, stride=2, padding=1, bias=False)",
        "1: BatchNorm2d(256)",
        "2: MaxPool2d(3, stride=2)",
        "3: AvgPool2d((2, 1))",
        "4: LeakyReLU(0.1)",
        "1: Conv2d(8, 8, (3, 5), padding=(1, 2))",
        "2: Sequential",
        "0: Flatten()",
        "1: Dropout(0.25)",
        "2: LayerNorm((4, 8))",
        "3: Linear(32, 10)",
    ]


def test_one_layer_prints_on_one_line(layers):
    assert repr(layers.ReLU()) == "ReLU()"
    assert repr(layers.Sequential()) == "Sequential()"
    assert repr(layers.Embedding(5, 3)) == "Embedding(5, 3), 15 parameters  weight (5, 3)"


# Linear


@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 3, 5), (0, 5), (2, 0, 5)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_takes_any_axes_in_front(layers, Tensor, rng, shape, bias):
    layer = layers.Linear(5, 3, bias=bias)
    x = rng.standard_normal(shape).astype(np.float32)
    expected = np.einsum("...i,oi->...o", x, layer.weight.array) + (layer.bias.array if bias else 0)
    close(layer(Tensor(x)), expected)


@pytest.mark.parametrize("shape", [(), (4,), (5, 4), (5, 3, 1)])
def test_linear_says_what_it_takes(layers, Tensor, shape):
    with raises(f"a linear layer from 3 to 2 takes (..., 3), not {shape}"):
        layers.Linear(3, 2)(Tensor.zeros(*shape))


def test_linear_is_one_operation(layers, Tensor):
    out = layers.Linear(3, 2)(Tensor.zeros(4, 3))
    assert out.node.op is layers.linear.function


# Activations

POINTS = np.array([-1e4, -90, -20, -1, 0, 0.5, 20, 90, 1e4])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_at_small_and_large_values(layers, Tensor, dtype):
    x = Tensor(POINTS.astype(dtype))
    sigmoid = np.array([1 / (1 + math.exp(-p)) if p > -700 else 0 for p in POINTS])
    gelu = [0.5 * p * (1 + math.tanh(math.sqrt(2 / math.pi) * (p + 0.044715 * p**3))) for p in POINTS]
    close(layers.ReLU()(x), np.maximum(POINTS, 0), dtype)
    close(layers.LeakyReLU(0.1)(x), np.where(POINTS > 0, POINTS, 0.1 * POINTS), dtype)
    close(layers.Sigmoid()(x), sigmoid, dtype)
    assert layers.Sigmoid()(x).numpy()[2] == pytest.approx(math.exp(-20), rel=1e-5)  # small, but not rounded away
    close(layers.Tanh()(x), np.tanh(POINTS), dtype)
    close(layers.GELU()(x), gelu, dtype)


def test_integers_give_float32(layers, Tensor):
    x = Tensor(np.array([-2, 0, 3]))
    for module in (layers.Sigmoid(), layers.GELU(), layers.Tanh(), layers.Softmax(), layers.LogSoftmax()):
        assert module(x).dtype == np.float32


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_and_its_logarithm(layers, Tensor, rng, dim):
    x = rng.standard_normal((3, 4)).astype(np.float32)
    expected = np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)
    for shift in (0, 1000, -1000):
        close(layers.Softmax(dim)(Tensor(x + np.float32(shift))), expected, tolerance=3e-4)
        close(layers.LogSoftmax(dim)(Tensor(x + np.float32(shift))), np.log(expected), tolerance=3e-4)
    close(layers.LogSoftmax()(Tensor([0, -200])), [0, -200])


def test_rules_of_activations(layers, Tensor, rng):
    x = rng.uniform(0.1, 2, (3, 4)) * np.where(rng.random((3, 4)) < 0.5, -1, 1)  # away from the kink
    for op in (layers.relu, layers.sigmoid, layers.tanh, layers.gelu):
        check_gradients(Tensor, op, x)
    check_gradients(Tensor, layers.leaky_relu, x, negative_slope=0.2)


def test_rule_of_linear(layers, Tensor, rng):
    for shape in ((3,), (2, 3), (2, 2, 3)):
        arrays = rng.standard_normal(shape), rng.standard_normal((4, 3)), rng.standard_normal(4)
        check_gradients(Tensor, layers.linear, *arrays)


def test_an_operation_without_a_rule_is_named(layers, Tensor, reference, monkeypatch):
    models = {
        layers.softmax: layers.Softmax(),
        layers.log_softmax: layers.LogSoftmax(),
        layers.normalize: layers.LayerNorm(4),
        layers.conv2d: layers.Conv2d(1, 1, 2),
    }
    for op, model in models.items():
        monkeypatch.delitem(reference.autograd.derivatives, op.function, raising=False)
        out = model(Tensor(np.ones((1, 1, 4, 4), np.float32), requires_grad=True))
        with pytest.raises(NotImplementedError, match=f"^{op.__name__} has no derivative rule"):
            out.backward(np.ones(out.shape))


# Starting values


@pytest.mark.parametrize(("shape", "fan_in", "fan_out"), [((300, 200), 200, 300), ((40, 50, 3, 4), 600, 480)])
def test_starting_values_have_the_variance_of_their_formula(layers, Tensor, shape, fan_in, fan_out):
    def spread(fill, **options):
        weight = Tensor.zeros(*shape)
        assert fill(weight, **options) is weight
        assert abs(weight.mean().item()) < 0.02 * math.sqrt(weight.var().item()) + 1e-3
        return weight.var().item(), weight.abs().max().item()

    wanted = 2 / fan_in
    for a in (0, 0.5):
        variance, largest = spread(layers.kaiming_uniform_, a=a)
        assert variance == pytest.approx(wanted / (1 + a * a), rel=0.03)
        assert largest == pytest.approx(math.sqrt(3 * wanted / (1 + a * a)), rel=0.01)
        assert spread(layers.kaiming_normal_, a=a)[0] == pytest.approx(wanted / (1 + a * a), rel=0.03)
    for gain in (1, 2):
        wanted = 2 * gain**2 / (fan_in + fan_out)
        variance, largest = spread(layers.xavier_uniform_, gain=gain)
        assert variance == pytest.approx(wanted, rel=0.03)
        assert largest == pytest.approx(math.sqrt(3 * wanted), rel=0.01)
        assert spread(layers.xavier_normal_, gain=gain)[0] == pytest.approx(wanted, rel=0.03)


def test_starting_values_come_from_the_seed_or_the_generator(layers, reference, Tensor):
    reference.tensor.manual_seed(3)
    first = layers.Linear(4, 5).state_dict()
    reference.tensor.manual_seed(3)
    close(layers.Linear(4, 5).weight, first["weight"].array)
    one, other = (layers.xavier_normal_(Tensor.zeros(3, 4), generator=np.random.default_rng(5)) for _ in range(2))
    close(one, other.array)


def test_starting_values_are_no_operation_to_go_back_through(layers):
    weight = layers.Parameter(np.zeros((3, 4), np.float32))
    layers.kaiming_normal_(weight)
    assert weight.is_leaf and weight.requires_grad


@pytest.mark.parametrize("shape", [(3,), (), (3, 0)])
def test_a_weight_needs_outputs_and_inputs(layers, Tensor, shape):
    with raises(f"a weight has the shape (outputs, inputs, ...), not {shape}"):
        layers.kaiming_uniform_(Tensor.zeros(*shape))


def test_kaiming_keeps_the_size_through_30_layers(layers, reference):
    x = reference.autograd.randn(64, 256)
    for _ in range(30):
        layer = layers.Linear(256, 256, bias=False)
        layers.kaiming_uniform_(layer.weight)
        x = layers.ReLU()(layer(x)).detach()
    assert 0.1 < float((x * x).mean()) < 10  # with a factor of 0.9 a layer it would be 0.04


# Images


@pytest.mark.parametrize("kernel", [(3, 3), (2, 3), (1, 1), (5, 4)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (2, 3)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2)])
def test_conv2d_matches_windows_with_patterns(layers, Tensor, rng, kernel, stride, padding):
    conv = layers.Conv2d(3, 4, kernel, stride=stride, padding=padding)
    x = rng.standard_normal((2, 3, 7, 6)).astype(np.float32)
    padded = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    expected = np.einsum("ncijkl,fckl->nfij", by_windows(padded, kernel, stride), conv.weight.array)
    close(conv(Tensor(x)), expected + conv.bias.array[:, None, None], tolerance=1e-4)


def test_conv2d_takes_one_size_for_both_and_no_bias(layers, Tensor):
    conv = layers.Conv2d(1, 2, 3, stride=2, padding=1, bias=False)
    assert conv.weight.shape == (2, 1, 3, 3) and conv.bias is None
    assert conv(Tensor.zeros(5, 1, 8, 9)).shape == (5, 2, 4, 5)
    assert conv(Tensor.zeros(0, 1, 8, 9)).shape == (0, 2, 4, 5)


def test_conv2d_says_what_it_takes(layers, Tensor):
    conv = layers.Conv2d(3, 2, 5, padding=1)
    for shape in ((3, 8, 8), (1, 4, 8, 8)):
        with raises(f"a convolution of 3 channels takes (n, 3, rows, columns), not {shape}"):
            conv(Tensor.zeros(*shape))
    with raises("a window of (5, 5) does not fit into an image of (4, 9), padding included"):
        conv(Tensor.zeros(1, 3, 2, 7))


def test_a_large_batch_is_convolved_like_single_images(layers, Tensor, rng):
    conv = layers.Conv2d(4, 3, 3)
    x = Tensor(rng.standard_normal((40, 4, 20, 20)).astype(np.float32))
    assert len(layers.chunks(40, 36 * 18 * 18)) > 1
    close(conv(x), np.concatenate([conv(x[i : i + 1]).array for i in range(40)]), tolerance=1e-4)


def test_chunks_cover_everything_once(layers):
    for n, size in ((0, 5), (1, 10**9), (10, 100_000), (7, 1)):
        parts = [list(range(n))[part] for part in layers.chunks(n, size)]
        assert [i for part in parts for i in part] == list(range(n)) and all(parts)


def test_unfold_writes_windows_as_columns(layers, rng):
    x = rng.standard_normal((2, 3, 7, 6)).astype(np.float32)
    for kernel, stride in WINDOWS:
        windows = by_windows(x, kernel, stride)  # (n, c, rows, columns, kh, kw)
        expected = windows.transpose(0, 1, 4, 5, 2, 3).reshape(2, 3 * math.prod(kernel), -1)
        close(layers.unfold(x, kernel, stride), expected)
    assert layers.unfold(np.zeros((0, 3, 4, 4)), (2, 2), (1, 1)).shape == (0, 12, 9)


def test_window_slices_are_views(layers):
    x = np.arange(12).reshape(3, 4)
    found = [(i, j, view.tolist()) for i, j, view in layers.window_slices(x, (1, 2), (2, 2))]
    assert found == [(0, 0, [[0, 2], [8, 10]]), (0, 1, [[1, 3], [9, 11]])]
    assert all(np.shares_memory(view, x) for _, _, view in layers.window_slices(x, (2, 2), (1, 1)))


@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
@pytest.mark.parametrize("axes", [(), (3,), (2, 3), (0, 3)])
def test_pools_take_the_largest_or_the_mean_of_each_window(layers, Tensor, rng, kernel, stride, axes):
    x = rng.standard_normal((*axes, 7, 6)).astype(np.float32)
    windows = by_windows(x, kernel, stride)
    close(layers.MaxPool2d(kernel, stride)(Tensor(x)), windows.max(axis=(-2, -1)))
    close(layers.AvgPool2d(kernel, stride)(Tensor(x)), windows.mean(axis=(-2, -1)))


@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
def test_rules_of_pools(layers, Tensor, rng, kernel, stride):
    x = rng.permutation(2 * 5 * 6).reshape(2, 5, 6) / 10  # no ties
    check_gradients(Tensor, layers.max_pool2d, x, kernel=kernel, stride=stride)
    check_gradients(Tensor, layers.avg_pool2d, x, kernel=kernel, stride=stride)


def test_of_values_that_tie_the_first_gets_the_gradient(layers, Tensor):
    x = Tensor([[1, 3, 3], [3, 0, 3]], requires_grad=True)
    layers.MaxPool2d(2, stride=1)(x).sum().backward()
    close(x.grad, [[0, 2, 0], [0, 0, 0]])


def test_the_stride_of_a_pool_is_its_window_unless_given(layers, Tensor):
    x = Tensor.zeros(1, 1, 6, 6)
    assert layers.MaxPool2d(3)(x).shape == (1, 1, 2, 2)
    assert layers.MaxPool2d(3, stride=1)(x).shape == (1, 1, 4, 4)
    assert layers.AvgPool2d((3, 2))(x).shape == (1, 1, 2, 3)


def test_a_pool_larger_than_the_image_is_refused(layers, Tensor):
    for pool in (layers.MaxPool2d(5), layers.AvgPool2d(5)):
        with raises("a window of (5, 5) does not fit into an image of (4, 4), padding included"):
            pool(Tensor.zeros(1, 1, 4, 4))
        with raises("windows need images, (..., rows, columns), not (8,)"):
            pool(Tensor.zeros(8))


def test_flatten_keeps_the_batch(layers, Tensor):
    assert layers.Flatten()(Tensor.zeros(2, 3, 4)).shape == (2, 12)
    assert layers.Flatten()(Tensor.zeros(0, 3, 4)).shape == (0, 12)
    assert layers.Flatten(0, 1)(Tensor.zeros(2, 3, 4)).shape == (6, 4)


# Dropout


def test_dropout_keeps_the_mean(layers, Tensor):
    x = Tensor(np.ones((300, 300), np.float32))
    out = layers.Dropout(0.3)(x)
    assert out.dtype == np.float32 and float(out.mean()) == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(np.unique(out.array), [0, 1 / 0.7], rtol=1e-6)
    assert layers.Dropout(0.3).eval()(x) is x


def test_dropout_at_its_ends(layers, Tensor, recwarn):
    x = Tensor([1, -2, 3], requires_grad=True)
    close(layers.Dropout(0)(x), [1, -2, 3])
    out = layers.Dropout(1)(x)
    out.sum().backward()
    close(out, [0, 0, 0])
    close(x.grad, [0, 0, 0])
    assert not recwarn.list
    for p in (-0.1, 1.1):
        with raises(f"a probability is from 0 to 1, not {p}"):
            layers.Dropout(p)


# Normalisation


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
def test_layer_norm_normalises_the_last_axes(layers, Tensor, rng, shape):
    x = (rng.standard_normal((2, 3, 4)) * 5 + 3).astype(np.float32)
    norm = layers.LayerNorm(shape if len(shape) > 1 else shape[0])
    norm.weight.array[...] = rng.standard_normal(shape)
    norm.bias.array[...] = rng.standard_normal(shape)
    dim = tuple(range(-len(shape), 0))
    hat = (x - x.mean(dim, keepdims=True)) / np.sqrt(x.var(dim, keepdims=True) + 1e-5)
    close(norm(Tensor(x)), hat * norm.weight.array + norm.bias.array, tolerance=1e-4)
    assert norm(Tensor(x[:0])).shape == (0, 3, 4)


def test_layer_norm_says_what_it_takes(layers, Tensor):
    for shape in ((4,), (3, 3), (4, 3)):
        with raises(f"a LayerNorm of (3, 4) takes shapes that end so, not {shape}"):
            layers.LayerNorm((3, 4))(Tensor.zeros(*shape))


@pytest.mark.parametrize(("name", "shape"), [("1d", (6, 3)), ("1d", (2, 3, 4)), ("2d", (2, 3, 4, 5))])
def test_batch_norm_normalises_channels_and_keeps_averages(layers, Tensor, rng, name, shape):
    x = (rng.standard_normal(shape) * 5 + 3).astype(np.float32)
    norm = getattr(layers, f"BatchNorm{name}")(3)
    dim = (0, *range(2, x.ndim))
    close(norm(Tensor(x)), (x - x.mean(dim, keepdims=True)) / np.sqrt(x.var(dim, keepdims=True) + 1e-5), tolerance=1e-4)
    mean, var = 0.1 * x.mean(dim), 0.9 + 0.1 * x.var(dim, ddof=1)
    close(norm.running_mean, mean)
    close(norm.running_var, var)
    assert norm.num_batches_tracked.item() == 1
    norm.eval()
    along = (3,) + (1,) * (x.ndim - 2)
    expected = (x - mean.reshape(along)) / np.sqrt(var.reshape(along) + 1e-5)
    close(norm(Tensor(x)), expected, tolerance=1e-4)
    close(norm(Tensor(x[:1])), expected[:1], tolerance=1e-4)
    close(norm.running_mean, mean)
    assert norm.num_batches_tracked.item() == 1


def test_batch_norm_in_use_has_gradients(layers, Tensor):
    norm = layers.BatchNorm1d(2).eval()
    norm.running_mean.array[...], norm.running_var.array[...] = [1, 2], [4, 9]
    x = Tensor([[3, 5]], requires_grad=True)
    norm(x).sum().backward()
    close(x.grad, [[1 / 2, 1 / 3]])
    close(norm.weight.grad, [1, 1])
    close(norm.bias.grad, [1, 1])


def test_batch_norm_says_what_it_takes(layers, Tensor):
    with raises("a BatchNorm2d of 3 channels cannot take a shape (2, 3)"):
        layers.BatchNorm2d(3)(Tensor.zeros(2, 3))
    with raises("a BatchNorm1d of 3 channels cannot take a shape (2, 4)"):
        layers.BatchNorm1d(3)(Tensor.zeros(2, 4))
    for shape in ((1, 3), (1, 3, 1), (0, 3)):
        norm = layers.BatchNorm1d(3)
        with raises(
            f"to train, BatchNorm1d needs more than one value for each channel; a batch {shape} has no variance"
        ):
            norm(Tensor.zeros(*shape))
        assert norm.num_batches_tracked.item() == 0
        assert norm.eval()(Tensor.zeros(*shape)).shape == shape
    assert layers.BatchNorm1d(3)(Tensor.zeros(1, 3, 2)).shape == (1, 3, 2)


# Words and rows


def test_embedding_looks_rows_up(layers, Tensor):
    words = layers.Embedding(5, 3)
    indices = Tensor(np.array([[1, 4], [1, 0]]))
    close(words(indices), words.weight.array[[[1, 4], [1, 0]]])
    words(indices).sum().backward()
    close(words.weight.grad, [[1] * 3, [2] * 3, [0] * 3, [0] * 3, [1] * 3])
    assert words(Tensor(np.zeros((2, 0), int))).shape == (2, 0, 3)


def test_embedding_says_what_it_takes(layers, Tensor):
    words = layers.Embedding(5, 3)
    with raises("an Embedding takes integers, not float32: make the tensor with dtype=int", TypeError):
        words(Tensor([1, 2]))
    for wrong in (5, -1):
        with raises(f"an Embedding of 5 rows has no row {wrong}", IndexError):
            words(Tensor([0, wrong, 2], dtype=int))


def test_sequential_is_a_row(layers, Tensor, Line):
    relu = layers.ReLU()
    model = layers.Sequential(Line(2, 0), relu, Line(-1, 0), relu)
    close(model(Tensor([-1, 1])), [0, 0])
    assert len(model) == 4 and model[1] is relu and model[-1] is relu and list(model) == list(model.children())
    assert type(model[:2]) is layers.Sequential and model[:2][0] is model[0]
    assert len(layers.Sequential()) == 0 and layers.Sequential()(Tensor([1])).tolist() == [1]


def test_sequential_takes_modules_only(layers):
    for wrong, what in ((layers.ReLU, "ReLU"), (layers.relu, "relu"), ([layers.ReLU()], "list"), (3, "int")):
        with raises(f"Sequential takes modules one by one, such as ReLU(), not {what}", TypeError):
            layers.Sequential(layers.ReLU(), wrong)


# From end to end


def test_nothing_becomes_float64(layers, Tensor, rng):
    model = layers.Sequential(
        layers.AvgPool2d(1), layers.MaxPool2d(2), layers.Flatten(), layers.Linear(12, 8), layers.GELU(),
        layers.Dropout(0.5), layers.Linear(8, 6), layers.Sigmoid(), layers.LeakyReLU(), layers.Tanh(), layers.ReLU(),
    )  # fmt: skip
    x = Tensor(rng.standard_normal((5, 3, 4, 4)).astype(np.float32), requires_grad=True)
    value = x
    for module in model:
        value = module(value)
        assert value.dtype == np.float32, module
        node = value.node
        if node is not None:
            for _, gradient in node.gradients(np.ones(value.shape, np.float32)):
                assert gradient.dtype == np.float32, module
    value.sum().backward()
    assert all(parameter.grad.dtype == np.float32 for parameter in model.parameters())
    for module in (layers.Conv2d(3, 2, 3), layers.BatchNorm2d(3), layers.BatchNorm2d(3).eval(), layers.LayerNorm(4)):
        assert module(x).dtype == np.float32
        assert all(tensor.dtype.kind == "i" or tensor.dtype == np.float32 for tensor in module.state_dict().values())
    assert layers.Softmax()(x).dtype == layers.LogSoftmax()(x).dtype == np.float32


def test_double_precision_goes_through_where_it_is_asked_for(layers, Tensor, rng):
    x = Tensor(rng.standard_normal((2, 1, 4, 4)))
    for module in (layers.MaxPool2d(2), layers.AvgPool2d(2), layers.GELU(), layers.Sigmoid(), layers.Dropout()):
        assert module(x).dtype == np.float64


def test_inputs_are_never_changed(layers, Tensor, rng):
    x = Tensor(rng.standard_normal((2, 3, 4, 4)).astype(np.float32))
    before = x.array.copy()
    for module in (
        layers.ReLU(), layers.LeakyReLU(), layers.Sigmoid(), layers.Tanh(), layers.GELU(), layers.Softmax(),
        layers.LogSoftmax(), layers.Conv2d(3, 2, 1), layers.MaxPool2d(1), layers.AvgPool2d(1), layers.Dropout(),
        layers.LayerNorm(4), layers.BatchNorm2d(3), layers.BatchNorm2d(3).eval(), layers.Linear(4, 4),
    ):  # fmt: skip
        module(x)
        np.testing.assert_array_equal(x.array, before)


def test_the_package_says_nothing_of_the_course(reference, reference_parent):
    text = (reference_parent / "tinytorch/layers.py").read_text(encoding="utf-8")
    assert not re.search(r"exercise|notebook\b(?!s/)|extend\(|student|lesson", text.partition('"""\n')[2])
    assert max(map(len, text.splitlines())) <= 100
