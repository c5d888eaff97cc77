"""Weights computed from other parameters, averages of models, lazy layers and hooks: what programs ask of PyTorch's modules."""

import copy

import numpy as np
import pytest


@pytest.fixture
def layer(torch):
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


def test_a_norm_of_the_weight_keeps_the_output_and_its_names_are_pytorchs(torch, layer):
    x, utils = torch.randn(4, 3), torch.nn.utils
    before = layer(x).detach()
    old, new = copy.deepcopy(layer), copy.deepcopy(layer)
    utils.weight_norm(old)
    utils.parametrizations.weight_norm(new)
    assert set(old.state_dict()) == {"bias", "weight_g", "weight_v"}
    assert set(new.state_dict()) == {f"parametrizations.weight.original{i}" for i in (0, 1)} | {"bias"}
    for normed in (old, new):
        torch.testing.assert_close(normed(x).detach(), before)
    utils.remove_weight_norm(old)
    utils.parametrize.remove_parametrizations(new, "weight")
    for normed in (old, new):
        assert set(normed.state_dict()) == {"weight", "bias"} and type(normed) is torch.nn.Linear
        torch.testing.assert_close(normed(x).detach(), before)


def test_a_spectral_norm_makes_the_largest_stretch_1(torch, layer):
    for spectral_norm in (torch.nn.utils.spectral_norm, torch.nn.utils.parametrizations.spectral_norm):
        normed = spectral_norm(copy.deepcopy(layer))
        for _ in range(30):
            normed(torch.ones(1, 3))
        assert torch.linalg.svdvals(normed.weight.detach())[0].item() == pytest.approx(1, abs=1e-4)


def test_a_computed_attribute_is_computed_whenever_it_is_read(torch, layer):
    class Symmetric(torch.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

    square = torch.nn.Linear(3, 3)
    torch.nn.utils.parametrize.register_parametrization(square, "weight", Symmetric())
    with torch.no_grad():
        square.parametrizations.weight.original.fill_(2.0)
    assert square.weight.tolist() == square.weight.T.tolist() == [[2.0] * 3] * 3
    assert torch.nn.utils.parametrize.is_parametrized(square)


def test_hooks_belong_to_the_copy_of_a_module(torch, layer):
    layer.register_forward_hook(lambda module, inputs, out: out * 2)
    other = copy.deepcopy(layer)
    with torch.no_grad():
        other.weight.zero_(), other.bias.fill_(1)
    assert other(torch.ones(3)).tolist() == [2, 2]


def test_a_lazy_layer_keeps_the_parameters_that_the_optimizer_has(torch):
    model = torch.nn.Sequential(torch.nn.LazyLinear(4), torch.nn.ReLU(), torch.nn.LazyLinear(1, bias=False))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(2, 3)).sum().backward()
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.step()
    assert [tuple(p.shape) for p in model.parameters()] == [(4, 3), (4,), (1, 4)]
    assert any(not torch.equal(p, old) for p, old in zip(model.parameters(), before))
    assert type(model[0]) is torch.nn.Linear and model[0].in_features == 3


def test_an_average_of_models_is_their_mean(torch, layer):
    average = torch.optim.swa_utils.AveragedModel(layer)
    for value in (1.0, 2.0, 6.0):
        with torch.no_grad():
            layer.weight.fill_(value)
        average.update_parameters(layer)
    assert np.allclose(average.module.weight.detach().numpy(), 3)
    assert average.n_averaged.item() == 3


def test_batch_norms_of_an_average_learn_their_data_anew(torch):
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2))
    batches = [torch.full((4, 2), float(i)) + torch.arange(4.0)[:, None] for i in range(3)]
    torch.optim.swa_utils.update_bn(batches, model)
    assert np.allclose(model[0].running_mean.numpy(), 2.5) and model[0].momentum == 0.1


def test_only_what_was_registered_is_a_buffer(torch, layer):
    layer.seen = torch.ones(2)
    layer.register_buffer("mask", torch.ones(3), persistent=False)
    layer.register_buffer("mean", torch.zeros(3))
    assert [name for name, _ in layer.named_buffers()] == ["mask", "mean"]
    assert "mask" not in layer.state_dict()
    outer = torch.nn.Sequential(layer)
    assert list(outer.parameters(recurse=False)) == [] and len(list(layer.parameters(recurse=False))) == 2
    assert [name for name, _ in outer.named_parameters(prefix="net")] == ["net.0.weight", "net.0.bias"]


def test_lbfgs_counts_evaluations(torch):
    x, calls = torch.tensor([4.0, -3.0], requires_grad=True), []
    optimizer = torch.optim.LBFGS([x], lr=0.1, max_iter=3)  # so 3 evaluations at most

    def closure():
        calls.append(x.tolist())
        optimizer.zero_grad()
        loss = (x**4).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert len(calls) == 3 and x.tolist() == calls[-1]
