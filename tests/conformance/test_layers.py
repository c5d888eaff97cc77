"""Every layer and loss gives PyTorch's values, gradients and state; and models can be exchanged both ways."""

import numpy as np
import pytest
from draw import LAYERS, MANY
from hypothesis import given
from hypothesis import strategies as st
from sides import LAYOUTS, TOLERANCE, compare, run_layer
from table import LOSSES, Layer, fill, layers


def check(layer: Layer, shape, dtype, layout, ours, theirs, record):
    """Compare one layer on one input."""
    wanted = zip(shape, (layer.numbers, layer.target)) if layer.target else [(shape, layer.numbers)]
    inputs = [fill(size, numbers, dtype, seed=n) for n, (size, numbers) in enumerate(wanted)]
    sides = [run_layer(side, layer, inputs, dtype, layout) for side in (ours, theirs)]
    if layer.apart:
        sides = [{name: value for name, value in results.items() if name != "grad 0"} for results in sides]
    try:
        found = compare(*sides, TOLERANCE[dtype])
    except AssertionError as error:
        pytest.fail(f"{layer.title}, {shape}, {layout}: {error}")
    section = "Losses" if layer.name in LOSSES else "Layers"
    record.note(section, layer.name, dtype, found, layer.why, layer.apart)


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: layer.title)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_listed(layer, dtype, ours, theirs, record):
    for shape in layer.shapes:
        for layout in LAYOUTS:
            if not (layer.name == "NLLLoss" and layout == "transposed"):  # there PyTorch cannot go backward
                check(layer, shape, dtype, layout, ours, theirs, record)


@pytest.mark.parametrize("kind", LAYERS)
@MANY
@given(data=st.data())
def test_drawn(kind, ours, theirs, record, data):
    layer = data.draw(LAYERS[kind])
    check(layer, layer.shapes[0], data.draw(st.sampled_from(list(TOLERANCE))), "plain", ours, theirs, record)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_keeps_the_share_and_the_mean(p, ours, theirs):
    ours.tt.manual_seed(0)
    theirs.torch.manual_seed(0)
    for side in (ours, theirs):
        x = side.tensor(np.ones(20_000, np.float32), requires_grad=True)
        out = side.layers.Dropout(p)(x)
        out.backward(side.tensor(np.ones(20_000, np.float32)))
        values = side.array(out)
        assert set(np.round(np.unique(values) * (1 - p), 5)) == {0.0, 1.0}
        assert abs(values.mean() - 1) < 0.1
        np.testing.assert_array_equal(side.array(x.grad), values)


def network(side):
    """A model with every kind of state: parameters, buffers, parts of parts, a part without either."""
    nn = side.layers
    images = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2))
    head = nn.Sequential(
        nn.Flatten(), nn.Linear(32, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.LayerNorm(6), nn.Linear(6, 3, bias=False)
    )
    return nn.Sequential(images, head)


def outputs(side, model, images):
    model.eval()
    return side.array(model(side.tensor(images)))


def test_a_model_is_exchanged_both_ways(ours, theirs):
    images = np.random.default_rng(3).standard_normal((5, 1, 8, 8)).astype(np.float32)
    for giver, taker in [(ours, theirs), (theirs, ours)]:
        model, other = network(giver), network(taker)
        model(giver.tensor(images))  # so that the running statistics are not those of the start
        state = {name: giver.array(value) for name, value in model.state_dict().items()}
        assert list(state) == list(other.state_dict())
        assert {k: v.shape for k, v in state.items()} == {
            k: taker.array(v).shape for k, v in other.state_dict().items()
        }
        assert {k: v.dtype for k, v in state.items()} == {
            k: taker.array(v).dtype for k, v in other.state_dict().items()
        }
        other.load_state_dict({name: taker.tensor(value) for name, value in state.items()})
        np.testing.assert_allclose(outputs(giver, model, images), outputs(taker, other, images), atol=1e-5)


STARTING = {
    "Linear": ((300, 200), {}),
    "Conv2d": ((20, 40, 3), {}),
    "Embedding": ((300, 40), {}),
    "LayerNorm": ((5,), {}),
    "BatchNorm2d": ((5,), {}),
}


@pytest.mark.parametrize("name", STARTING)
def test_layers_start_with_pytorchs_distribution(name, ours, theirs):
    args, options = STARTING[name]
    ours.tt.manual_seed(0)
    theirs.torch.manual_seed(0)
    states = [getattr(side.layers, name)(*args, **options).state_dict() for side in (ours, theirs)]
    for key in states[0]:
        a, b = ours.array(states[0][key]).astype(float), theirs.array(states[1][key]).astype(float)
        spread = max(b.std(), 1e-9) / np.sqrt(max(b.size, 1))
        assert abs(a.mean() - b.mean()) < 8 * spread + 1e-9
        assert a.std() == pytest.approx(b.std(), rel=0.2, abs=1e-9)
        if name in ("Linear", "Conv2d") and a.size > 100:  # uniform: the ends are as sharp
            assert np.abs(a).max() == pytest.approx(np.abs(b).max(), rel=0.05)


@pytest.mark.parametrize("shape", [(300, 200), (20, 40, 3, 3)])
@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "xavier_normal_"])
def test_initialisation_has_pytorchs_distribution(name, shape, ours, theirs):
    ours.tt.manual_seed(0)
    theirs.torch.manual_seed(0)
    a = ours.array(getattr(ours.tt, name)(ours.parameter(np.zeros(shape, np.float32))))
    b = theirs.array(getattr(theirs.layers.init, name)(theirs.parameter(np.zeros(shape, np.float32))))
    assert a.std() == pytest.approx(b.std(), rel=0.05)
    if "uniform" in name:
        assert np.abs(a).max() == pytest.approx(np.abs(b).max(), rel=0.02)
