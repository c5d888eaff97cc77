"""The graph and the reverse debugger: what they show is what the tensors hold, in text, in data and in a real browser."""

import json
import re
import shutil

import numpy as np
import pytest

from tito import show
from tito.show import computation, reverse

CHROMIUM = shutil.which("chromium")


@pytest.fixture
def tt(reference):
    """The reference package's modules, with seeded numbers."""
    reference.tensor.manual_seed(0)
    return reference


def xor(tt):
    """A small network, and its loss on XOR."""
    Linear, Tanh, Sequential = tt.layers.Linear, tt.layers.Tanh, tt.layers.Sequential
    model = Sequential(Linear(2, 4), Tanh(), Linear(4, 1))
    x = tt.autograd.Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = tt.autograd.Tensor([[0], [1], [1], [0]])
    return model, tt.backprop.BCEWithLogitsLoss()(model(x), y)


def data_of(debugger):
    return json.loads(re.search(r"const data = (.*);\n", debugger.page)[1])


def test_the_graph_in_text_has_a_line_for_each_operation_in_an_order_that_can_be_computed(tt):
    x = tt.autograd.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    assert str(show.graph((y / y.sum()).max())).splitlines() == [
        "#0     multiply  (2,)  from leaf (2,), 3",
        "#1     sum       ()  from #0",
        "#2     divide    (2,)  from #0, #1",
        "#3     max       ()  from #2",
    ]


def test_the_picture_has_a_box_for_each_operation_and_leaf_and_boxes_do_not_overlap(tt):
    model, loss = xor(tt)
    graph = computation.read(loss, model)
    drawn = computation.boxes(graph)
    assert len(drawn) == len(graph.operations) + 4 + 2  # parameters and inputs
    computation.place(drawn)
    for one in drawn:
        for other in drawn:
            apart = one.left + one.width <= other.left or other.left + other.width <= one.left
            assert one is other or one.layer != other.layer or apart
    picture = show.graph(loss, model)._repr_html_()
    assert "0.weight (4, 2)" in picture and 'aria-label="Computation graph: 5 operations on 4 parameters"' in picture


def test_a_large_graph_has_one_box_for_each_layer(tt):
    layers = [part for _ in range(120) for part in (tt.layers.Linear(2, 2), tt.layers.Tanh())]
    model = tt.layers.Sequential(*layers)
    graph = computation.read(model(tt.autograd.ones(1, 2)).sum(), model)
    assert len(graph.operations) == 241
    assert len(computation.boxes(graph)) == 121  # 120 layers, each with what follows it, and the input


def test_every_gradient_shown_is_that_of_the_tensor(tt):
    model, loss = xor(tt)
    graph = computation.read(loss, model)
    data = reverse.trace(graph)
    loss.backward()
    shown = {value["name"]: value["grad"]["numbers"] for value in data["values"] if value["kind"] == "parameter"}
    assert list(shown) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(np.ravel(shown[name]), parameter.grad.numpy().ravel(), rtol=1e-3, atol=1e-7)


def test_looking_changes_no_gradient_and_the_graph_can_still_go_backward(tt):
    model, loss = xor(tt)
    show.backward(loss, model)
    assert all(parameter.grad is None for parameter in model.parameters())
    loss.backward()
    with pytest.raises(ValueError, match="given this graph's memory back"):
        show.backward(loss, model)


def test_where_gradients_add_up_both_parts_are_listed(tt):
    x = tt.autograd.Tensor(3.0, requires_grad=True)
    data = data_of(show.backward(x * x))
    leaf = next(value for value in data["values"] if value["kind"] == "parameter")
    assert leaf["grad"]["numbers"] == [[6.0]]
    assert [to["added"] for to in data["steps"][0]["to"]] == [False, True]


def test_vanishing_exploding_and_nan_are_found(tt):
    autograd = tt.autograd
    assert "The gradient" not in str(show.backward(_scaled(autograd, 1.0).sum()))
    assert "explodes" in str(show.backward(_scaled(autograd, 10.0).sum()))
    assert "vanishes" in str(show.backward(_scaled(autograd, 0.1).sum()))
    with np.errstate(all="ignore"):
        bad = autograd.Tensor([-1.0, 2.0], requires_grad=True).log() * 2
        assert "#0 log is the first operation whose result holds NaN" in str(show.backward(bad.sum()))


def _scaled(autograd, factor):
    x = autograd.Tensor([0.5, 0.25], requires_grad=True)
    for _ in range(12):
        x = x * factor
    return x


def test_a_real_network_opens_quickly_and_its_page_is_small(tt):
    Linear, ReLU = tt.layers.Linear, tt.layers.ReLU
    model = tt.layers.Sequential(
        Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 64), ReLU(), Linear(64, 10)
    )
    assert sum(parameter.size for parameter in model.parameters()) > 99_000
    scores = model(tt.autograd.rand(64, 64))
    page = show.backward(tt.backprop.CrossEntropyLoss()(scores, np.arange(64) % 10), model).page
    assert len(page) < 1_000_000


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_the_debugger_is_stepped_to_the_end_by_keyboard_in_a_real_browser(tt, tmp_path):
    from playwright.sync_api import sync_playwright

    model, loss = xor(tt)
    show.backward(loss, model).save(tmp_path / "xor.html")
    loss.backward()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        noise, requests = [], []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((tmp_path / "xor.html").as_uri())
        assert page.text_content("#count") == "1 of 11"
        for _ in range(10):
            page.keyboard.press("ArrowRight")
        assert page.text_content("#count") == "11 of 11"
        assert "Backward: #0 linear" in page.text_content("#panel h1")
        page.focus("g.parameter[aria-label^='0.weight']")
        page.keyboard.press("Enter")
        cells = page.locator("#panel table").nth(1).locator("td").all_text_contents()
        weight = dict(model.named_parameters())["0.weight"]
        np.testing.assert_allclose([float(cell) for cell in cells], weight.grad.numpy().ravel(), rtol=1e-3)
        page.keyboard.press("Escape")
        page.keyboard.press("Home")
        assert "Forward: #0 linear" in page.text_content("#panel h1")
        browser.close()
    assert noise == [] and requests == [(tmp_path / "xor.html").as_uri()]
