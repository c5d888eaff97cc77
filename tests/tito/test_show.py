"""The graph and the reverse debugger show what the tensors hold, in text, as data and in a real browser."""

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


def images(tt):
    """A small network for images, in which a result is used three times, and its loss."""
    layers = tt.layers

    class Twice(layers.Module):
        def __init__(self):
            self.features = layers.Sequential(layers.Conv2d(1, 3, 3), layers.ReLU(), layers.MaxPool2d(2))
            self.head = layers.Linear(12, 4)

        def forward(self, x):
            x = self.features(x).flatten(1)
            return self.head(x * x + x)

    model = Twice()
    return model, tt.backprop.CrossEntropyLoss()(model(tt.autograd.rand(5, 1, 6, 6)), np.arange(5) % 4)


@pytest.mark.parametrize("network", [xor, images])
def test_every_gradient_shown_is_that_of_the_tensor(tt, network):
    model, loss = network(tt)
    graph = computation.read(loss, model)
    data = reverse.trace(graph)
    grads = {}
    for operation in graph.operations:  # what the engine itself finds on the way, for each result

        def keep(grad, number=operation.out.number):
            grads[number] = grad.numpy().copy()

        operation.node.hooks += (keep,)
    loss.backward()
    parameters = {id(parameter): name for name, parameter in model.named_parameters()}
    for value in graph.values:
        if id(value.tensor) in parameters:
            assert value.name == parameters.pop(id(value.tensor))
            grads[value.number] = value.tensor.grad.numpy()
    assert parameters == {}
    assert {value["number"] for value in data["values"] if value["grad"] is not None} == set(grads)
    for value in data["values"]:
        if value["grad"] is not None:
            same_summary(value["grad"], grads[value["number"]])


def same_summary(shown, array):
    """What is shown of an array is what the array holds, up to the digits that are shown."""
    assert shown["shape"] == list(array.shape) and shown["odd"] == 0
    about = dict(rtol=1e-3, atol=1e-7)
    if "numbers" in shown:
        np.testing.assert_allclose(np.ravel(shown["numbers"]), array.ravel(), **about)
    np.testing.assert_allclose(shown["size"], np.sqrt(np.mean(array.astype(float) ** 2)), **about)
    np.testing.assert_allclose([shown["min"], shown["max"]], [array.min(), array.max()], **about)


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
    assert [part["share"] for part in leaf["from"]] == [0.5, 0.5]


def test_the_shares_of_what_contributed_add_up_and_one_that_pulls_back_is_negative(tt):
    x = tt.autograd.Tensor([1.0, 2.0], requires_grad=True)
    data = data_of(show.backward((x * 3).sum() - x.sum()))
    parts = {data["operations"][part["operation"]]["name"]: part["share"] for part in data["values"][0]["from"]}
    assert parts == {"sum": -0.5, "multiply": 1.5}


def test_every_operation_with_a_derivative_has_its_rule_in_words(tt):
    assert {op.__name__ for op in tt.autograd.derivatives} <= set(reverse.RULES)


def deep(tt, activation, factor, depth=24):
    """A deep network with weights times a factor, and its loss on random inputs."""
    layers = []
    for _ in range(depth):
        linear = tt.layers.Linear(16, 16)
        tt.layers.kaiming_normal_(linear.weight)
        linear.weight.data *= np.float32(factor)
        layers += [linear, activation()]
    model = tt.layers.Sequential(*layers, tt.layers.Linear(16, 2))
    return model, tt.backprop.CrossEntropyLoss()(model(tt.autograd.rand(8, 16)), np.arange(8) % 2)


def told(model, loss):
    with np.errstate(all="ignore"):
        return [finding["text"] for finding in data_of(show.backward(loss, model))["findings"]]


def test_a_sound_network_gets_no_diagnosis(tt):
    assert told(*deep(tt, tt.layers.ReLU, 1)) == []
    assert told(*xor(tt)) == []


def test_an_exploding_network_is_diagnosed(tt):
    (text,) = told(*deep(tt, tt.layers.ReLU, 3))
    assert re.fullmatch(r"The gradient explodes: it is .* at #49 cross_entropy, and .* at #[0-3] (linear|relu)\.", text)


def test_a_vanishing_network_is_diagnosed(tt):
    (text,) = told(*deep(tt, tt.layers.Sigmoid, 1))
    assert re.fullmatch(r"The gradient vanishes: it is .* at #49 cross_entropy, and .* at #0 linear\.", text)


def test_a_gradient_that_ends_is_diagnosed_where_it_ends(tt):
    model, _ = xor(tt)
    dead = tt.layers.Sequential(model, tt.layers.Linear(1, 3), tt.layers.ReLU())
    with tt.autograd.no_grad():
        dict(dead.named_parameters())["1.bias"][...] = -100
    loss = (dead(tt.autograd.ones(2, 2)) * 2).sum()
    assert told(dead, loss) == ["The gradient ends at #4 relu: what it passes on is zero everywhere."]


def test_the_first_nan_is_named_where_it_arises(tt):
    x = tt.autograd.Tensor([-1.0, 2.0], requires_grad=True)
    with np.errstate(all="ignore"):
        result = ((x + 0).log() * 2).sum()
    assert told(None, result) == ["#1 log is the first operation whose result holds NaN or infinity."]


def test_a_nan_that_a_parameter_brought_in_is_named_there(tt):
    model, _ = xor(tt)
    with tt.autograd.no_grad():
        dict(model.named_parameters())["2.weight"][0, 1] = np.nan
    loss = model(tt.autograd.ones(1, 2)).sum()
    assert told(model, loss)[:1] == ["2.weight already holds NaN or infinity when #2 linear reads it."]


def test_an_infinite_gradient_is_named_where_it_arises(tt):
    x = tt.autograd.Tensor([0.0, 1.0], requires_grad=True)
    expected = "Going backward, NaN or infinity first appears in what #0 sqrt passes on."
    assert told(None, (x.sqrt() * 2).sum()) == [expected]


def test_a_real_network_opens_quickly_and_its_page_is_small(tt):
    Linear, ReLU = tt.layers.Linear, tt.layers.ReLU
    model = tt.layers.Sequential(
        Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 64), ReLU(), Linear(64, 10)
    )
    assert sum(parameter.size for parameter in model.parameters()) > 99_000
    scores = model(tt.autograd.rand(64, 64))
    page = show.backward(tt.backprop.CrossEntropyLoss()(scores, np.arange(64) % 10), model).page
    assert len(page) < 1_000_000


def test_a_picture_of_a_graph_dresses_nothing_else_in_the_page(tt):
    model, loss = xor(tt)
    style = re.search("<style>(.*?)</style>", show.graph(loss, model)._repr_html_())[1]
    assert all(rule.strip().startswith(".tito-graph ") for rule in style.split("}") if rule)


# In a real browser.
BROWSER = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
SIZES = {"phone": {"width": 390, "height": 780}, "desktop": {"width": 1280, "height": 720}}


@pytest.fixture
def open_page(tmp_path):
    """Opens a page, given as text, in chromium; at the end nothing was said on the console, and nothing was fetched."""
    from playwright.sync_api import sync_playwright

    file, noise, requests = tmp_path / "page.html", [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_(text, size="desktop", scheme="light"):
            file.write_text(text, encoding="utf-8")
            page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)
            page.on("console", lambda message: noise.append(message.text))
            page.on("pageerror", lambda error: noise.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(file.as_uri())
            return page

        yield open_
        browser.close()
    assert noise == []
    assert set(requests) == {file.as_uri()}


def numbers(page, heading):
    """The table below a heading in the panel, as an array."""
    below = page.locator("#panel h2", has_text=re.compile(f"^{re.escape(heading)}"))
    rows = below.locator("xpath=following-sibling::table[1]//tr").all()
    return np.array([[float(cell) for cell in row.locator("td").all_text_contents()] for row in rows])


@BROWSER
def test_xor_is_stepped_to_the_end_by_keyboard_and_every_value_is_the_tensors_own(tt, open_page):
    model, loss = xor(tt)
    page = open_page(show.backward(loss, model).page)
    graph = computation.read(loss, model)
    for operation in graph.operations:
        assert page.text_content("#panel h1") == f"Forward: #{operation.number} {operation.name}"
        np.testing.assert_allclose(numbers(page, "result").ravel(), operation.out.array.ravel(), rtol=1e-3)
        page.keyboard.press("ArrowRight")
    assert "The turn" in page.text_content("#panel h1")
    loss.backward(retain_graph=True)
    own = {id(p): p.grad.numpy() for p in model.parameters()}
    seen = 0
    for operation in reversed(graph.operations):
        page.keyboard.press("ArrowRight")
        assert page.text_content("#panel h1") == f"Backward: #{operation.number} {operation.name}"
        for value in operation.inputs:
            if id(value.tensor) in own:
                shown = numbers(page, f"what {value.name} gets")
                np.testing.assert_allclose(shown.ravel(), own[id(value.tensor)].ravel(), rtol=1e-3)
                seen += 1
    assert seen == 4
    assert page.text_content("#count") == "11 of 11"
    page.keyboard.press("ArrowRight")
    assert page.text_content("#count") == "11 of 11"


@BROWSER
def test_a_parameter_chosen_by_keyboard_shows_its_gradient_and_the_way_it_came(tt, open_page):
    model, loss = xor(tt)
    page = open_page(show.backward(loss, model).page)
    loss.backward()
    page.keyboard.press("t")
    assert page.text_content("#count") == "6 of 11"
    page.focus("g.parameter[aria-label^='0.weight']")
    page.keyboard.press("Enter")
    grad = dict(model.named_parameters())["0.weight"].grad.numpy()
    np.testing.assert_allclose(numbers(page, "gradient"), grad, rtol=1e-3)
    way = page.locator("h2", has_text="The way").locator("xpath=following-sibling::table[1]//button")
    names = [name.split()[1] for name in way.all_text_contents()]
    assert names == ["batch_mean", "binary_cross_entropy", "linear", "tanh", "linear"]
    way.last.click()
    assert page.text_content("#panel h1") == "Backward: #0 linear"
    page.click("#panel button.link >> text=0.weight")
    assert "0.weight: parameter" in page.text_content("#panel h1")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    assert page.text_content("#panel h1") == "Forward: #0 linear"


@BROWSER
def test_the_space_key_plays_to_the_end_and_stops_there(tt, open_page):
    from playwright.sync_api import expect

    x = tt.autograd.Tensor(3.0, requires_grad=True)
    page = open_page(show.backward(x * x).page)
    page.keyboard.press(" ")
    assert page.text_content("#play") == "pause"
    expect(page.locator("#count")).to_have_text("3 of 3")
    expect(page.locator("#play")).to_have_text("play")


@BROWSER
def test_the_slider_and_the_button_of_a_finding_go_where_they_say(tt, open_page):
    page = open_page(show.backward(deep(tt, tt.layers.ReLU, 3)[1]).page)
    page.locator("#slider").fill("3")
    assert page.text_content("#panel h1") == "Forward: #3 relu"
    there = re.search(r"and .* at (#\d+ \w+)\.", page.text_content("#findings"))[1]
    page.click("#findings button")
    assert page.text_content("#panel h1") == f"Backward: {there}"
    page.keyboard.press("t")
    assert "The turn" in page.text_content("#panel h1")
    page.keyboard.press("n")
    assert page.text_content("#panel h1") == f"Backward: {there}"


@BROWSER
def test_in_a_notebook_s_frame_the_page_around_it_is_not_scrolled(tt, open_page):
    model, loss = deep(tt, tt.layers.ReLU, 1)
    frame = show.backward(loss, model)._repr_html_()
    page = open_page(f"<!doctype html><title>notebook</title><p style='height:900px'>above</p>{frame}")
    page.frames[1].locator("#last").dispatch_event("click")
    assert page.frames[1].text_content("#count") == "103 of 103"
    assert page.evaluate("scrollY") == 0


@BROWSER
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_an_accessibility_check_finds_nothing_in_debugger_and_graph(tt, open_page, size, scheme):
    from axe_playwright_python.sync_playwright import Axe

    def violations(page):
        return [(v["id"], [n["html"] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]

    for model, loss in (xor(tt), deep(tt, tt.layers.ReLU, 3)):
        page = open_page(show.backward(loss, model).page, size, scheme)
        for key in ("Home", "t", "End"):
            page.keyboard.press(key)
            assert violations(page) == []
        page.focus("g.parameter >> nth=0")
        page.keyboard.press("Enter")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture = show.graph(loss, model)._repr_html_()
        page = open_page(
            f"<!doctype html><html lang=en><title>graph</title><main><h1>graph</h1>{picture}</main>", size, scheme
        )
        assert violations(page) == []
