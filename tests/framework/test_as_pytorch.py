"""What PyTorch does at the edges, here too: each value below is PyTorch's, and what it refuses is one sentence."""

import collections
import copy

import numpy as np
import pytest

BYTES = [200, 0, 4, 100]
CALLS = """
    x.exp() x.log() x.sqrt() torch.sin(x) torch.sigmoid(x) torch.tanh(x) torch.softmax(x,0) torch.log_softmax(x,0)
    torch.logsumexp(x,0) x.norm() x.rsqrt() torch.atan2(x,x) torch.logaddexp(x,x) torch.lerp(x,x,0.5) x.mean() x.std()
    F.mse_loss(x,y) F.l1_loss(x,y) F.huber_loss(x,y) F.gelu(x) F.silu(x) F.softmin(x,0) F.logsigmoid(x)
    F.pairwise_distance(x,y) F.cosine_similarity(x,y,0) F.rms_norm(x,(4,)) F.avg_pool2d(x.reshape(1,2,2),2)
    F.layer_norm(x,(4,)) x/3 x*0.5
"""
LAYERS = """
    ReLU(True) LeakyReLU(0.1,True) ELU(inplace=True) SELU(inplace=True) CELU(inplace=True) SiLU(inplace=True)
    Hardtanh(inplace=True) ReLU6(inplace=True) Mish(inplace=True) Hardswish(inplace=True) Hardsigmoid(inplace=True)
    Dropout(0.5,True) Dropout2d(inplace=True) Threshold(0.1,20,inplace=True)
"""


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        ("0, :, [0, 1]", (3, 2)),
        ("[0, 1], :, 0", (2, 3)),
        (":, 0, [0, 1]", (2, 2)),
        ("None, 0, :, [0, 1]", (1, 3, 2)),
        ("0, ..., [0, 1]", (3, 2)),
        ("torch.tensor(0), :, [0, 1]", (3, 2)),
        ("[0, 1], :, [0, 1]", (2, 3)),
    ],
)
def test_numbers_slices_and_lists_in_one_index_keep_the_order_of_axes(torch, index, shape):
    x = torch.arange(24).reshape(2, 3, 4)
    found = eval(f"x[{index}]", {"x": x, "torch": torch})
    assert found.shape == shape
    if index == "0, :, [0, 1]":
        assert found.tolist() == [[0, 1], [4, 5], [8, 9]]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "int64"])
@pytest.mark.parametrize(
    "call",
    CALLS.split(),
)
def test_integers_and_bools_are_float32_before_anything_is_computed(torch, call, dtype):
    def run(x, y):
        return eval(call, {"torch": torch, "F": torch.nn.functional, "x": x, "y": y})

    numbers = np.array(BYTES if dtype in ("uint8", "int64") else [100, 0, 4, 50]).astype(dtype)
    inputs = torch.tensor(numbers), torch.tensor(numbers[::-1].copy())
    with np.errstate(all="ignore"):
        found, wanted = run(*inputs), run(*(x.to(torch.float32) for x in inputs))
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found.numpy(), wanted.numpy())


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "bool"])
def test_sums_and_products_of_integers_are_int64(torch, dtype):
    x = torch.tensor(np.array([200, 100, 3]).astype(dtype))
    for found in (x.sum(), x.sum(0), x.prod(), x.cumsum(0), x.cumprod(0)):
        assert found.dtype == torch.int64
    assert x.sum().item() == int(x.numpy().astype(np.int64).sum())


def test_whole_numbers_stay_what_they_are_where_nothing_is_divided(torch):
    x = torch.tensor([3, -2])
    for name in ("floor", "ceil", "trunc", "round", "sign", "square", "abs", "neg", "relu"):
        assert getattr(torch, name)(x).dtype == torch.int64, name
    assert torch.sign(x).tolist() == [1, -1] and (+x).tolist() == [3, -2]


def test_a_gradient_that_is_held_is_added_to(torch):
    p = torch.ones(2, requires_grad=True)
    (p * p).sum().backward()
    held = p.grad
    (p * p).sum().backward()
    assert held is p.grad and held.tolist() == [4, 4]
    torch.optim.SGD([p]).zero_grad(set_to_none=False)
    assert held is p.grad and held.tolist() == [0, 0]


@pytest.mark.parametrize("wrong", ["torch.zeros(3)", "torch.zeros(1, 2)", "[1, 2]", "np.zeros(2)", "3.0"])
def test_what_cannot_be_a_gradient_or_the_data_is_refused(torch, wrong):
    p = torch.ones(2, requires_grad=True)
    value = eval(wrong, {"torch": torch, "np": np})
    for name in ("grad", "data"):
        with pytest.raises((TypeError, ValueError), match=r"gradient|data"):
            setattr(p, name, value)
    assert p.grad is None and p.tolist() == [1, 1]


def test_backward_takes_what_pytorchs_takes(torch):
    p, q = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (p * 3).backward(gradient=torch.tensor([1.0, 2.0]))
    assert p.grad.tolist() == [3, 6]
    y = p * 2
    y.backward(torch.ones(2), True)
    y.backward(torch.ones(2))
    assert p.grad.tolist() == [7, 10]
    (p * q).sum().backward(inputs=[q])
    assert p.grad.tolist() == [7, 10] and q.grad.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match=r"no gradients of gradients here.*create_graph=False"):
        (p * 2).sum().backward(create_graph=True)
    with pytest.raises(RuntimeError, match="without a gradient to start from"):
        (p * 2).backward()


def test_one_value_of_a_vector_is_a_view(torch):
    x = torch.tensor([1.0, 2.0])
    first = x[0]
    x[0] = 5
    assert first.item() == 5
    first.zero_()
    assert x.tolist() == [0, 2]


def test_another_name_keeps_its_value_where_the_sum_is_recorded(torch):
    y = torch.ones(2, requires_grad=True)
    total = other = y * 0
    total += y
    assert total.tolist() == [1, 1] and other.tolist() == [0, 0]
    plain = same = torch.zeros(2)
    plain += 1
    assert same.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("LinearLR(o, start_factor=0.5, total_iters=0)", [0.5, 0.5]),
        ("ConstantLR(o, factor=0.5, total_iters=0)", [0.5, 0.5]),
        ("PolynomialLR(o, total_iters=0)", [1, 1]),
    ],
)
def test_a_schedule_of_no_steps_stays_at_its_start(torch, schedule, rates):
    o = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    made = eval(schedule, {**vars(torch.optim.lr_scheduler), "o": o})
    found = [made.get_last_lr()[0]]
    made.step()
    assert [*found, made.get_last_lr()[0]] == rates


@pytest.mark.parametrize("schedule", ["StepLR(o, 0)", "CosineAnnealingLR(o, 0)", "CosineAnnealingWarmRestarts(o, 0)"])
def test_a_schedule_that_would_divide_by_zero_says_what_it_needs(torch, schedule):
    o = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        eval(schedule, {**vars(torch.optim.lr_scheduler), "o": o})


@pytest.mark.filterwarnings("error")
def test_softmax_over_nothing_is_nothing(torch):
    for shape, dim in (((2, 0), 1), ((0, 3), 0), ((2, 0), 0)):
        x = torch.zeros(shape, requires_grad=True)
        for function in (torch.softmax, torch.log_softmax):
            out = function(x, dim)
            out.sum().backward()
            assert out.shape == shape and x.grad.shape == shape
    assert torch.logsumexp(torch.zeros(2, 0), 1).tolist() == [-np.inf] * 2


@pytest.mark.parametrize("layer", ["Linear(3, 2)", "LayerNorm(3)", "BatchNorm1d(3)", "Sequential(nn.Linear(3, 2))"])
def test_float64_data_do_not_turn_a_model_into_float64_silently(torch, layer):
    model = eval(f"nn.{layer}", {"nn": torch.nn})
    x = torch.from_numpy(np.ones((4, 3)))
    with pytest.raises(TypeError, match=r"weights of \w+ are float32, and the data is float64.*x\.to\(np\.float32\)"):
        model(x)
    assert model(x.float()).dtype == torch.float32
    assert model.double()(x).dtype == torch.float64


@pytest.mark.parametrize(
    "made",
    LAYERS.split(),
)
def test_inplace_is_accepted_and_computed_anew(torch, made):
    layer = eval(f"nn.{made}", {"nn": torch.nn}).eval()
    x = torch.tensor([[[[-1.0, 2.0]]]], requires_grad=True)
    layer(x * 1).sum().backward()
    assert x.grad is not None and x.tolist() == [[[[-1, 2]]]]


def test_alpha_is_a_factor_of_what_is_added(torch):
    x = torch.ones(2)
    assert x.add(x, alpha=3).tolist() == [4, 4] and torch.sub(x, x, alpha=2).tolist() == [-1, -1]
    assert x.add_(x, alpha=2).tolist() == [3, 3] and x.sub_(1, alpha=0.5).tolist() == [2.5, 2.5]


def test_a_method_in_place_on_what_is_recorded_names_the_one_to_write(torch):
    y = torch.ones(2, requires_grad=True) * 1
    with pytest.raises(RuntimeError, match=r"such as x = x\.relu\(…\) instead of x\.relu_\(…\)"):
        y.relu_()


def test_a_batch_keeps_the_way_back_to_its_samples(torch):
    w = torch.ones(3, requires_grad=True)
    loader = torch.utils.data.DataLoader([w * i for i in range(4)], batch_size=2)
    sum(batch.sum() for batch in loader).backward()
    assert w.grad.tolist() == [6, 6, 6]
    with pytest.raises(ValueError, match=r"cannot stack \(2,\) and \(3,\): the shapes must be equal"):
        torch.stack([torch.ones(2), torch.ones(3)])


def test_packed_sequences_end_where_they_end(torch):
    torch.manual_seed(0)
    rnn = torch.nn.utils.rnn
    lstm = torch.nn.LSTM(3, 2, bidirectional=True, batch_first=True)
    x, lengths = torch.randn(2, 4, 3), torch.tensor([2, 4])
    packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, (h, _) = lstm(packed)
    out, found = rnn.pad_packed_sequence(out, batch_first=True)
    alone, (h0, _) = lstm(x[:1, :2])
    np.testing.assert_allclose(out[:1, :2].detach().numpy(), alone.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(h[:, :1].detach().numpy(), h0.detach().numpy(), rtol=1e-6)
    assert found.tolist() == [2, 4] and not out[0, 2:].detach().numpy().any()
    with pytest.raises(RuntimeError, match="enforce_sorted=False"):
        rnn.pack_padded_sequence(x, lengths, batch_first=True)


def test_a_backward_hook_of_a_module_sees_what_comes_and_what_goes(torch):
    layer, seen = torch.nn.Linear(2, 3, bias=False), []
    handle = layer.register_full_backward_hook(lambda module, into, out: seen.append((into, out)))
    x = torch.ones(1, 2, requires_grad=True)
    (layer(x).sum() + x.sum()).backward()
    ((into,), (out,)) = seen[0]
    np.testing.assert_allclose(into.numpy(), layer.weight.detach().numpy().sum(0)[None])
    assert out.tolist() == [[1, 1, 1]]
    handle.remove()
    layer(x).sum().backward()
    assert len(seen) == 1


def test_functions_in_place_write_where_nothing_is_recorded(torch):
    x = torch.tensor([-1.0, 2.0])
    assert torch.nn.functional.relu_(x) is x and x.tolist() == [0, 2]
    y = torch.ones(2, requires_grad=True) * 1
    with pytest.raises(RuntimeError, match=r"write x = leaky_relu\(x\) instead of leaky_relu_\(x\)"):
        torch.nn.functional.leaky_relu_(y, 0.1)


def test_a_state_dict_lies_in_the_models_own_memory(torch):
    model = torch.nn.BatchNorm1d(2)
    state, photograph = model.state_dict(), copy.deepcopy(model.state_dict())
    state["weight"].copy_(torch.tensor([5.0, 6.0]))
    state["bias"] += 1
    state["running_mean"][0] = 7.0
    assert model.weight.tolist() == [5, 6] and model.bias.tolist() == [1, 1] and model.running_mean.tolist() == [7, 0]
    assert not state["weight"].requires_grad and type(state["weight"]) is torch.Tensor
    assert photograph["weight"].tolist() == [1, 1] and photograph["running_mean"].tolist() == [0, 0]


def test_a_tensor_of_one_value_is_that_value_in_a_text(torch):
    assert f"{torch.tensor(2.5)} {torch.tensor(3)} {torch.tensor(2 / 3):.2f}" == "2.5 3 0.67"


def test_a_layer_that_is_larger_than_its_inputs_draws_what_pytorchs_does(torch):
    torch.manual_seed(0)
    torch.nn.ConvTranspose2d(4, 3, 2, bias=False)
    after = torch.rand(1).item()
    torch.manual_seed(0)
    torch.rand(4, 3, 2, 2)
    assert torch.rand(1).item() == after


def test_there_is_no_accelerator(torch):
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    assert torch.zeros(1, device=device).device.type == "cpu" and torch.accelerator.device_count() == 0
    assert torch.nn.Linear(2, 1, device=device).weight.device == device
    with pytest.raises(RuntimeError, match="there is one device"):
        torch.nn.Linear(2, 1, device="cuda")


def test_a_size_between_the_pixels_needs_a_mode_that_is_there(torch):
    with pytest.raises(ValueError, match="has mode 'nearest' or 'bilinear', not 'bicubic'"):
        torch.nn.functional.interpolate(torch.zeros(1, 1, 2, 2), size=3, mode="bicubic")


def test_lbfgs_goes_on_from_a_saved_state(torch):
    def started():
        x = torch.tensor([3.0, -2.0]).requires_grad_()
        optimizer = torch.optim.LBFGS([x], lr=0.1, max_iter=3)

        def step():
            def closure():
                optimizer.zero_grad()
                loss = (x**4).sum() + x[0] * x[1]
                loss.backward()
                return loss

            return optimizer.step(closure).item()

        return x, optimizer, step

    x, first, step = started()
    step(), step()
    y, second, other_step = started()
    y.data.copy_(x.detach())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert [step(), step()] == [other_step(), other_step()] and x.tolist() == y.tolist()


def test_a_group_of_an_optimizer_may_have_notes_of_the_programs_own(torch):
    x, y = (torch.zeros(1, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD(
        [{"params": [x], "name": "head", "lr_scale": 0.1}, {"params": [y], "fix_lr": True}], lr=1.0
    )
    (x + y).sum().backward()
    optimizer.step()
    assert [x.item(), y.item()] == [-1, -1]
    assert optimizer.param_groups[0]["name"] == "head" and optimizer.param_groups[1].get("fix_lr")
    assert optimizer.state_dict()["param_groups"][0]["lr_scale"] == 0.1
    with pytest.raises(TypeError, match="no option weight_decy"):
        torch.optim.SGD([{"params": [x], "weight_decy": 0.1}], lr=1.0)


@pytest.mark.parametrize("wanted", ["dict", "named", "text"])
def test_samples_of_all_kinds_come_out_of_subsets(torch, wanted):
    Pair = collections.namedtuple("Pair", "x y")
    samples = {
        "dict": [{"x": torch.ones(2) * i, "y": i} for i in range(6)],
        "named": [Pair(torch.ones(2) * i, i) for i in range(6)],
        "text": [f"sample {i}" for i in range(6)],
    }[wanted]
    parts = torch.utils.data.random_split(samples, [4, 2])
    batch = next(iter(torch.utils.data.DataLoader(torch.utils.data.Subset(parts[0], [2, 0]), batch_size=2)))
    chosen = [samples[parts[0].indices[i]] for i in (2, 0)]
    if wanted == "dict":
        assert batch["x"].shape == (2, 2) and batch["y"].tolist() == [sample["y"] for sample in chosen]
    elif wanted == "named":
        assert type(batch) is Pair and batch.y.tolist() == [sample.y for sample in chosen]
    else:
        assert batch == chosen


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ("nn.InstanceNorm2d(3, track_running_stats=True)", "keeps no running averages"),
        ("nn.EmbeddingBag(3, 2, max_norm=1.0)", "no max_norm"),
        ("nn.functional.embedding(i, w, scale_grad_by_freq=True)", "no scale_grad_by_freq"),
        ("nn.functional.interpolate(w[None, None], size=2, antialias=True)", "antialias=False"),
        ("w.scatter(0, i, 1.0, reduce='multiply')", 'knows reduce="add"'),
        ("distributions.Normal(0.0, -1.0)", "Normal: scale has values that are not above 0"),
        ("distributions.Categorical(logits=w * nan)", "logits has values that are not numbers"),
        ("distributions.Gamma(1.0, 1.0).rsample()", "gradients do not go through draws of Gamma"),
        (
            "distributions.kl_divergence(distributions.Normal(0.0, 1.0), distributions.Uniform(0.0, 1.0))",
            "no kl_divergence",
        ),
        ("searchsorted(w, w[0])", "there is no row of"),
        ("Tensor(2, 3)", r"write empty\(2, 3\)"),
        ("nn.Parameter(Tensor(2, 3, 4))", r"write empty\(2, 3, 4\)"),
        ("utils.data.DataLoader([1], batch_size=0)", "a batch has 1 sample or more, not 0"),
        ("w.quantile(2.0)", "a share is from 0 to 1, not 2.0"),
        ("cross(w, w)", "cross takes 3 values"),
        ("nn.functional.pad(w, (1,))", "two numbers for each"),
        ("nn.functional.one_hot(i, 2)", "of 2 classes takes 0 to 1"),
        ("nn.functional.interpolate(w, size=4)", r"interpolate takes \(n, channels"),
        ("nn.MaxPool2d(2, ceiling=True)", "MaxPool2d takes kernel_size, stride, padding, .*ceil_mode, not ceiling"),
        ("nn.MultiheadAttention(4, 2, add_bias_kv=True)", "no add_bias_kv"),
        ("nn.ModuleList([1])", "holds modules, not a int"),
        ("nn.GroupNorm(3, 4)", "4 channels cannot be put into 3 groups"),
        ("w.chunk(0)", "1 piece or more"),
        ("bernoulli(w + 2)", "a probability is from 0 to 1"),
        ("randint(5, 3, (2,))", "no whole number from 5 to below 3"),
    ],
)
def test_an_option_that_is_not_there_is_named(torch, make, message):
    names = dict(vars(torch), w=torch.rand(3, 2), i=torch.tensor([[0, 1], [1, 0], [2, 0]]))
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=message):
        eval(make, names)


def test_names_of_kinds_of_tensors_are_dtypes(torch):
    x = torch.tensor([1.5, 2.5])
    assert x.type("torch.DoubleTensor").dtype == torch.float64 and x.type(torch.HalfTensor).dtype == torch.float16
    assert x.type() == "torch.FloatTensor" and torch.ShortTensor([1]).dtype == torch.int16


def test_draws_of_distributions_have_their_means_and_shapes(torch):
    D = torch.distributions
    torch.manual_seed(0)
    for made in (
        D.Gamma(torch.tensor([0.5, 3.0]), 2.0), D.Beta(torch.tensor([0.5, 3.0]), 2.0), D.Dirichlet(torch.tensor([1.0, 2.0])),
        D.Poisson(torch.tensor([0.5, 3.0])), D.Geometric(torch.tensor([0.5, 0.2])), D.Gumbel(torch.tensor([0.5, 3.0]), 1.0),
        D.StudentT(torch.tensor([9.0, 30.0]), 1.0), D.HalfNormal(torch.tensor([1.0, 2.0])), D.Chi2(torch.tensor([1.0, 2.0])),
        D.MixtureSameFamily(D.Categorical(torch.tensor([0.3, 0.7])), D.Normal(torch.tensor([0.0, 9.0]), 1.0)),
        D.TransformedDistribution(D.Uniform(torch.zeros(2), 1.0), D.AffineTransform(1.0, 3.0)),
    ):  # fmt: skip
        drawn = made.sample((20_000,))
        assert drawn.shape == (20_000, *made.batch_shape, *made.event_shape) and not drawn.requires_grad
        mean = made.mean if hasattr(made, "mean") else torch.tensor(2.5)
        assert torch.allclose(drawn.mean(0), mean, atol=0.2), made
