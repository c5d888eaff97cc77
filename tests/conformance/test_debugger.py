"""The reverse debugger reads PyTorch's own graphs: values, gradients, layers, names, lines."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
import torch
from torch import nn

from tito import show


def data_of(debugger):
    return json.loads(gzip.decompress(base64.b64decode(re.search('const packed = "(.*)";', debugger.page)[1])))


def network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2))
    return model, torch.randn(5, 3), torch.arange(5) % 2


def gradients(data):
    """The size of each named parameter's gradient, as shown."""
    return {value["name"]: value["grad"] for value in data["values"] if value["kind"] == "parameter"}


@pytest.mark.parametrize("recorded", [True, False])
def test_every_parameter_s_gradient_is_pytorch_s_own(recorded):
    model, X, y = network()
    if recorded:
        with show.recording(model):
            loss = nn.functional.cross_entropy(model(X), y)
    else:
        loss = nn.functional.cross_entropy(model(X), y)
    data = data_of(show.backward(loss, model))
    loss.backward()  # it still can
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(gradients(data)[name], parameter.grad.square().mean().sqrt(), rtol=1e-3)
    kept = [value["summary"] is not None for value in data["values"]]
    if recorded:
        assert [operation.get("group") for operation in data["operations"] if operation["name"] == "tanh"] == ["1"]
        assert any(
            "loss = nn.functional.cross_entropy" in operation.get("place", "") for operation in data["operations"]
        )
    else:
        assert not all(kept) and "show.recording(model)" in data["lacks"]


def test_values_have_their_variables_names_and_steps_are_worked_out():
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    with show.recording(nn.Identity()):
        hidden = torch.tanh(w * 3)
        total = (hidden * hidden).sum()
    data = data_of(show.backward(total))
    assert {"w", "hidden"} <= {value["name"] for value in data["values"]}
    lines = [to.get("worked", "") for step in data["steps"] for to in step["to"]]
    assert any("× (1 − " in line for line in lines)


def test_after_backward_a_sentence_says_that_the_record_is_gone():
    model, X, y = network()
    loss = nn.functional.cross_entropy(model(X), y)
    loss.backward()
    with pytest.raises(ValueError, match="given this graph's memory back"):
        show.backward(loss, model)
    with pytest.raises(ValueError, match="nothing is recorded"):
        show.backward(loss.detach())


def test_a_dead_network_and_a_forgotten_layer_are_diagnosed():
    model, X, _ = network()
    deep = nn.Sequential(*[layer for _ in range(30) for layer in (nn.Linear(8, 8), nn.Sigmoid())], nn.Linear(8, 1))
    with show.recording(deep):
        loss = deep(torch.randn(4, 8)).pow(2).mean()
    texts = [finding["text"] for finding in data_of(show.backward(loss, deep))["findings"]]
    assert any("vanishes" in text and "Each sigmoid multiplies it by" in text for text in texts)
    texts = [finding["text"] for finding in data_of(show.backward(model[0](X).sum(), model))["findings"]]
    assert any("3.weight" in text and "never gets a gradient" in text for text in texts)
