"""The graph and the reverse debugger show what the tensors hold, in text, as data and in a real browser."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

from tito import show
from tito.show import computation, own, reverse, sources, worked

from .conftest import CHROMIUM, ROOT, needs_chromium


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
    packed = re.search('const packed = "(.*)";', debugger.page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def parts_of(data, value):
    """What contributed to the gradient of a value: (operation, entry), in the order of the steps."""
    return [(s["operation"], to) for s in data["steps"] for to in s["to"] if to["value"] == value["number"]]


def gradient_of(data, value):
    """What is shown of the whole gradient of a value, where anything going backward reaches it."""
    parts = parts_of(data, value)
    return parts[-1][1].get("total", parts[-1][1]["part"]) if parts else None


def test_the_graph_in_text_has_a_line_for_each_operation_in_an_order_that_can_be_computed(tt):
    x = tt.autograd.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    assert str(show.graph((y / y.sum()).max())).splitlines() == [
        "#0     multiply  (2,)  from x (2,), 3",
        "#1     sum       ()  from #0",
        "#2     divide    (2,)  from #0, #1",
        "#3     max       ()  from #2",
    ]


def test_the_picture_has_a_box_for_each_operation_and_leaf_and_boxes_do_not_overlap(tt):
    model, loss = xor(tt)
    graph = sources.read(loss, model)
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
    graph = sources.read(model(tt.autograd.ones(1, 2)).sum(), model)
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
    graph = sources.read(loss, model)
    data = reverse.trace(graph)
    grads, nodes = {}, nodes_behind(loss)
    for operation, node in zip(graph.operations, nodes):  # what the engine itself finds on the way, for each result

        def keep(grad, number=operation.out.number):
            grads[number] = grad.numpy().copy()

        node.hooks = (*getattr(node, "hooks", ()), keep)
    loss.backward()
    parameters = {id(parameter): name for name, parameter in model.named_parameters()}
    for value in graph.values:
        if id(value.tensor) in parameters:
            assert value.name == parameters.pop(id(value.tensor))
            grads[value.number] = value.tensor.grad.numpy()
    assert parameters == {}
    assert {value["number"] for value in data["values"] if value["grad"] is not None} == set(grads)
    for value in data["values"]:
        if value["grad"] is not None and value["number"] != data["result"]:
            same_summary(gradient_of(data, value), grads[value["number"]])


def nodes_behind(result):
    """The nodes behind a tensor, in the order of the graph's operations."""
    return own.in_order(result.node)


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
    assert gradient_of(data, leaf)["numbers"] == [[6.0]] and leaf["name"] == "x"
    assert [to["added"] for to in data["steps"][0]["to"]] == [False, True]
    assert [part["share"] for _, part in parts_of(data, leaf)] == [0.5, 0.5]


def test_the_shares_of_what_contributed_add_up_and_one_that_pulls_back_is_negative(tt):
    x = tt.autograd.Tensor([1.0, 2.0], requires_grad=True)
    data = data_of(show.backward((x * 3).sum() - x.sum()))
    parts = {data["operations"][number]["name"]: part["share"] for number, part in parts_of(data, data["values"][0])}
    assert parts == {"sum": -0.5, "multiply": 1.5}


def test_a_model_that_is_a_variable_gives_its_names(tt):
    net = tt.layers.Sequential(tt.layers.Linear(2, 3), tt.layers.Tanh(), tt.layers.Linear(3, 1))
    other = tt.layers.Linear(2, 3)
    first = net[0]  # a part of it, and by a name of its own
    loss = net(tt.tensor.Tensor([[1.0, 2.0]])).sum()

    def named(result):
        return {value["name"] for value in data_of(show.backward(result))["values"] if value["kind"] == "parameter"}

    assert named(loss) == {"leaf"}  # what is not a variable where it is called has no name
    data = data_of(show.backward(loss))
    names = {value["name"] for value in data["values"] if value["kind"] == "parameter"}
    assert names == {"0.weight", "0.bias", "2.weight", "2.bias"} and not data["findings"]
    both = data_of(show.backward(loss + other(first(tt.tensor.Tensor([[1.0, 2.0]]))[:, :2]).sum()))
    assert "leaf" in {value["name"] for value in both["values"]}  # two models: no guess


def test_every_operation_with_a_derivative_has_its_rule_in_words(tt):
    lessons = {f"tinytorch.{path.stem[3:]}" for path in (ROOT / "solutions").glob("*.py")}
    taught = {op.__name__ for op, rule in tt.autograd.derivatives.items() if rule.__module__ in lessons}
    assert len(taught) > 30
    assert taught - set(worked.WORDS) == set()


def deep(tt, activation, factor, depth=24):
    """A deep network with weights times a factor, and its loss on random inputs."""
    layers = []
    for _ in range(depth):
        linear = tt.layers.Linear(16, 16)
        tt.layers.kaiming_normal_(linear.weight)
        linear.weight.array *= np.float32(factor)
        layers += [linear, activation()]
    model = tt.layers.Sequential(*layers, tt.layers.Linear(16, 2))
    return model, tt.backprop.CrossEntropyLoss()(model(tt.autograd.rand(8, 16)), np.arange(8) % 2)


def told(model, loss):
    with np.errstate(all="ignore"):
        return [finding["text"] for finding in data_of(show.backward(loss, model))["findings"]]


def test_a_sound_network_gets_no_diagnosis(tt):
    assert told(*deep(tt, tt.layers.ReLU, 1)) == []
    assert told(*xor(tt)) == []


def test_an_exploding_network_is_diagnosed_with_its_factor_and_a_remedy(tt):
    (text,) = told(*deep(tt, tt.layers.ReLU, 3))
    assert re.match(r"The gradient explodes: it is \S+ at #49 cross_entropy, and \S+ at #[0-3] (linear|relu)\. ", text)
    factor, count = re.search(r"Each linear multiplies it by (\S+); (\d+) of them come to", text).groups()
    assert 3 < float(factor) < 6 and 20 < int(count) <= 25 and "Smaller starting values" in text


def test_a_vanishing_network_is_diagnosed_with_its_factor_and_a_chart_of_its_depth(tt):
    finding = data_of(show.backward(deep(tt, tt.layers.Sigmoid, 1)[1]))["findings"][0]
    text = finding["text"]
    assert re.match(r"The gradient vanishes: it is \S+ at #49 cross_entropy, and \S+ at #0 linear\. ", text)
    factor, count, left = re.search(
        r"Each sigmoid multiplies it by (\S+); (\d+) of them come to (\S+)\. ", text
    ).groups()
    assert 0.1 < float(factor) <= 0.25 and int(count) == 24
    np.testing.assert_allclose(float(left.replace("−", "-")), float(factor) ** 24, rtol=0.05)
    assert len(finding["chart"]) == 50 and finding["chart"][0] > 1e6 * finding["chart"][-1]


def test_a_gradient_that_ends_is_diagnosed_where_it_ends(tt):
    model, _ = xor(tt)
    dead = tt.layers.Sequential(model, tt.layers.Linear(1, 3), tt.layers.ReLU())
    with tt.autograd.no_grad():
        dict(dead.named_parameters())["1.bias"][...] = -100
    loss = (dead(tt.autograd.ones(2, 2)) * 2).sum()
    first, second = told(dead, loss)
    assert first.startswith(
        "The gradient ends at #4 relu: what it passes on is zero everywhere. Every input of it is below 0"
    )
    assert second.startswith("3 of 3 units of #4 relu are 0 for every input")


def odd(make):
    """What is said of a computation with NaN or infinity in it."""
    with np.errstate(all="ignore"):
        (text,) = told(None, make())
    return text


def test_the_first_nan_is_named_where_it_arises_with_cause_and_remedy(tt):
    x = tt.autograd.Tensor([-1.0, 2.0], requires_grad=True)
    scores = tt.autograd.Tensor([355.8, 2.0], requires_grad=True)
    text = odd(lambda: ((x + 0).log() * 2).sum())
    assert text.startswith("#1 log is the first operation whose result holds NaN or infinity. log(−1) is not a number")
    text = odd(lambda: (scores.exp() / scores.exp().sum()).log().sum())
    assert "#0 exp is the first" in text and "exp(355.8) is beyond float32" in text and "use log_softmax" in text
    assert "It divides by 0, in 1 place" in odd(lambda: (x / (x + 1)).sum())
    assert "sqrt(−1) is not a number" in odd(lambda: x.sqrt().sum())
    assert "0 to a negative power" in odd(lambda: ((x + 1) ** -1.0).sum())


def test_a_nan_that_a_parameter_brought_in_is_named_there(tt):
    model, _ = xor(tt)
    with tt.autograd.no_grad():
        dict(model.named_parameters())["2.weight"][0, 1] = np.nan
    loss = model(tt.autograd.ones(1, 2)).sum()
    assert told(model, loss)[0].startswith("2.weight already holds NaN or infinity when #2 linear reads it")


def test_an_infinite_gradient_is_named_where_it_arises(tt):
    x = tt.autograd.Tensor([0.0, 1.0], requires_grad=True)
    text = odd(lambda: (x.sqrt() * 2).sum())
    assert text.startswith("Going backward, NaN or infinity first appears in what #0 sqrt passes on. ")
    assert "The slope of a root at 0 is infinite" in text


def test_a_parameter_without_a_part_in_the_result_is_named(tt):
    model, _ = xor(tt)
    x = tt.autograd.Tensor([[0.0, 1.0], [1.0, 0.0]])
    (text,) = told(model, (model[0](x) ** 2).mean())
    assert text.startswith("2.weight, 2.bias had no part in this result, and never gets a gradient")


def test_saturated_units_and_a_result_that_does_not_depend_on_the_input_are_named(tt):
    model, _ = xor(tt)
    with tt.autograd.no_grad():
        dict(model.named_parameters())["0.bias"][...] = 50
    x = tt.autograd.Tensor([[0.0, 1.0], [1.0, 0.0]])
    texts = " ".join(told(model, model(x).sum()))
    assert "100% of the values of #1 tanh are saturated" in texts
    assert "From #1 tanh on, every row of the batch is the same" in texts


def test_a_mask_of_minus_infinity_is_no_fault(tt):
    scores = tt.autograd.rand(4, 4)
    scores.requires_grad_()
    mask = np.triu(np.full((4, 4), -np.inf, np.float32), 1)
    shares = tt.layers.Softmax(1)(scores + mask)
    assert told(None, (shares * shares).sum()) == []


# By hand, and by name.
def test_every_step_of_xor_can_be_checked_by_hand(tt):
    model, loss = xor(tt)
    data = data_of(show.backward(loss, model))
    for operation in data["operations"][:3]:
        assert check_by_hand(operation["worked"])
    lines = [to["worked"] for step in data["steps"] for to in step["to"] if "worked" in to]
    assert len(lines) >= 8 and any("²)" in line for line in lines)
    assert all(check_by_hand(line) for line in lines)


def check_by_hand(line):
    """Whether a line that shows all its terms comes to what it says, reckoned from the digits that it shows."""
    terms = line.rpartition(": ")[2].replace("−", "-").replace("²", "**2").replace("×", "*")
    left, _, right = terms.partition(", ")[0].partition(" = ")
    if "…" in left or not right or re.search("[a-z|√]", left):
        return True  # not all of it is shown
    return abs(eval(left) - float(right)) <= 2e-3 * abs(float(right)) + 1e-5


def test_attention_is_worked_out_with_its_weights_and_its_mask(tt):
    rng = np.random.default_rng(0)
    q, k, v = (tt.autograd.Tensor(rng.standard_normal((2, 3, 4)), requires_grad=True) for _ in range(3))
    for causal in (True, False):
        out = tt.attention.scaled_dot_product_attention(q, k, v, is_causal=causal)
        data = data_of(show.backward((out * out).sum()))
        attend = data["operations"][0]
        assert ("of 3 are masked" in attend["worked"]) == causal and "each value by its weight" in attend["worked"]
        assert ("mask=3 of 9 False" in attend["options"]) if causal else "options" not in attend
        query, key, value = (to["worked"] for to in data["steps"][-1]["to"])
        assert "each key by the gradient of its score" in query and "each query by the gradient" in key
        assert ("masked ones get none" in query) == causal and all(map(check_by_hand, (query, key, value)))


def one_of_each(tt):
    """Operations with their inputs: what is worked out of them is what they compute."""
    x = tt.autograd.Tensor([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]], requires_grad=True)
    w = tt.autograd.Tensor([[1.0, 2.0, -1.0], [0.5, 0.1, 0.3]], requires_grad=True)
    b = tt.autograd.Tensor([0.5, 2.0, 3.0], requires_grad=True)
    y = (x * w + b) / (w * w + 1) - x
    y = y.exp() + (y * y + 1).log() + (y * y + 1).sqrt() + abs(y) + (y * y + 1) ** 1.5 - (-y)
    y = tt.layers.Tanh()(y @ w.T) + tt.layers.Sigmoid()(y @ w.T) + tt.layers.ReLU()(y @ w.T)
    return tt.layers.Softmax(1)(y).sum(0).sum()


def test_what_is_worked_out_is_what_was_computed(tt):
    data = data_of(show.backward(one_of_each(tt)))
    lines = [to["worked"] for step in data["steps"] for to in step["to"] if "worked" in to]
    lines += [operation["worked"] for operation in data["operations"] if "worked" in operation]
    assert len(lines) > 50
    assert [line for line in lines if not check_by_hand(line)] == []
    forward = {operation["name"] for operation in data["operations"] if "worked" in operation}
    assert {"multiply", "add", "divide", "subtract", "exp", "log", "sqrt", "power", "matmul", "tanh"} <= forward


def test_a_line_that_does_not_come_to_the_value_is_not_shown():
    part, grad, out = np.float32([3.0]), np.float32([2.0]), np.float32([0.5])
    assert worked.backward("tanh", 0, part, grad, out, [np.float32([0.55])], {}) == ""
    assert worked.backward("tanh", 0, part / 2, grad, out, [np.float32([0.55])], {}) == "[0]: 2 × (1 − 0.5²) = 1.5"


def test_variables_have_the_names_that_the_caller_gave_them(tt):
    X = tt.autograd.Tensor([[1.0, 2.0]])
    w = tt.autograd.Tensor([[0.5], [0.25]], requires_grad=True)
    hidden = X @ w
    data = data_of(show.backward((hidden * hidden).sum()))
    assert [value["name"] for value in data["values"]] == ["X", "w", "hidden", "", "result"]


def test_recording_tells_layer_and_line_of_each_operation(tt):
    model, _ = xor(tt)
    x = tt.autograd.Tensor([[0.0, 1.0]])
    with show.recording(model):
        loss = (model(x) ** 2).sum()  # this line
    data = data_of(show.backward(loss, model))
    assert [operation.get("group") for operation in data["operations"]] == ["0", "1", "2", None, None]
    assert data["layers"] == {"0": "Linear", "1": "Tanh", "2": "Linear"}
    for operation in data["operations"]:
        assert re.fullmatch(r"test_show.py, line \d+: loss = .* # this line", operation["place"])


def test_targets_are_shown_as_classes(tt):
    model, loss = images(tt)
    data = data_of(show.backward(loss, model))
    assert data["operations"][-2]["options"] == "classes 0, 1, 2, 3, 0"
    assert reverse.summary(np.array([3, 1, 4]))["classes"] == [3, 1, 4]


def test_a_chain_is_drawn_straight(tt):
    model, loss = deep(tt, tt.layers.ReLU, 1)
    graph = sources.read(loss, model)
    drawn = computation.boxes(graph, collapse=False)
    computation.place(drawn)
    middles = [box.left + box.width / 2 for box in drawn if box.kind == "result"]
    assert max(middles) - min(middles) < 1


def test_five_thousand_operations_have_a_small_page(tt):
    w = tt.autograd.Tensor(np.eye(4, dtype=np.float32), requires_grad=True)
    h = tt.autograd.ones(2, 4)
    for _ in range(2500):
        h = (h @ w) * 1.0
    page = show.backward(h.sum()).page
    assert len(page) < 2_000_000
    assert (
        len(json.loads(gzip.decompress(base64.b64decode(re.search('packed = "(.*)";', page)[1])))["operations"]) == 5001
    )


def test_where_nothing_may_run_a_still_picture_says_how_to_make_it_live(tt):
    model, loss = xor(tt)
    shown = show.backward(loss, model)._repr_html_()
    kept = re.sub("<style>.*?</style>|<iframe.*?</iframe>", "", shown, flags=re.DOTALL)  # as Jupyter cleans it
    assert "Run the cell, and it comes alive" in kept
    assert b"0.weight (4, 2)" in base64.b64decode(re.search('base64,([^"]+)"', kept)[1])
    assert re.search(r"<style>.tito-still \{ display: none \}</style>", shown)


def test_a_real_network_opens_quickly_and_its_page_is_small(tt):
    Linear, ReLU = tt.layers.Linear, tt.layers.ReLU
    model = tt.layers.Sequential(
        Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 64), ReLU(), Linear(64, 10)
    )
    assert sum(parameter.numel() for parameter in model.parameters()) > 99_000
    scores = model(tt.autograd.rand(64, 64))
    page = show.backward(tt.backprop.CrossEntropyLoss()(scores, np.arange(64) % 10), model).page
    assert len(page) < 1_000_000


def test_a_picture_of_a_graph_dresses_nothing_else_in_the_page(tt):
    model, loss = xor(tt)
    style = re.search("<style>(.*?)</style>", show.graph(loss, model)._repr_html_())[1]
    assert all(rule.strip().startswith(".tito-graph ") for rule in style.split("}") if rule)


# In a real browser.
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
            page.wait_for_function("document.querySelector('#count')?.textContent != ''")  # it has been unpacked
            return page

        yield open_
        browser.close()
    assert noise == []
    assert set(requests) == {file.as_uri()}


def numbers(page, heading, panel="panel"):
    """The table below a heading in a panel, as an array."""
    below = page.locator(f"#{panel} h2", has_text=re.compile(f"^{re.escape(heading)}")).first
    rows = below.locator("xpath=following-sibling::div[1]//tr").all()
    return np.array([[float(cell) for cell in row.locator("td").all_text_contents()] for row in rows])


@needs_chromium
def test_xor_is_stepped_to_the_end_by_keyboard_and_every_value_is_the_tensors_own(tt, open_page):
    model, loss = xor(tt)
    page = open_page(show.backward(loss, model).page)
    graph = sources.read(loss, model)
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


@needs_chromium
def test_a_parameter_chosen_by_keyboard_shows_its_gradient_and_the_way_it_came(tt, open_page):
    model, loss = xor(tt)
    page = open_page(show.backward(loss, model).page)
    loss.backward()
    page.keyboard.press("t")
    assert page.text_content("#count") == "6 of 11"
    page.focus("g.parameter[aria-label^='0.weight']")
    page.keyboard.press("Enter")
    grad = dict(model.named_parameters())["0.weight"].grad.numpy()
    np.testing.assert_allclose(numbers(page, "gradient", "beside"), grad, rtol=1e-3)
    assert "The turn" in page.text_content("#panel h1")  # beside, not instead
    way = page.locator("h2", has_text="The way").locator("xpath=following-sibling::div[1]//button")
    names = [name.split()[1] for name in way.all_text_contents()]
    assert names == ["batch_mean", "binary_cross_entropy", "linear", "tanh", "linear"]
    way.last.click()
    assert page.text_content("#panel h1") == "Backward: #0 linear"
    assert "0.weight: parameter" in page.text_content("#beside h1")
    page.keyboard.press("Escape")
    assert page.locator("#beside").is_hidden()
    page.keyboard.press("Home")
    assert page.text_content("#panel h1") == "Forward: #0 linear"


@needs_chromium
def test_the_space_key_plays_to_the_end_and_stops_there(tt, open_page):
    from playwright.sync_api import expect

    x = tt.autograd.Tensor(3.0, requires_grad=True)
    page = open_page(show.backward(x * x).page)
    page.keyboard.press(" ")
    assert page.text_content("#play") == "pause"
    expect(page.locator("#count")).to_have_text("3 of 3")
    expect(page.locator("#play")).to_have_text("play")


@needs_chromium
def test_the_slider_and_the_button_of_a_finding_go_where_they_say(tt, open_page):
    page = open_page(show.backward(deep(tt, tt.layers.ReLU, 3)[1]).page)
    page.locator("#slider").fill("3")
    assert page.text_content("#panel h1") == "Forward: #3 relu"
    there = re.search(r"and \S+ at (#\d+ \w+)\.", page.text_content("#findings"))[1]
    page.click("#findings button")
    assert page.text_content("#panel h1") == f"Backward: {there}"
    page.keyboard.press("t")
    assert "The turn" in page.text_content("#panel h1")
    page.keyboard.press("n")
    assert page.text_content("#panel h1") == f"Backward: {there}"


@needs_chromium
def test_the_bar_above_the_graph_hides_no_box_that_a_step_is_at(tt, open_page):
    page = open_page(show.backward(deep(tt, tt.layers.ReLU, 12)[1]).page, size="phone")
    top = "selector => document.querySelector(selector).getBoundingClientRect().top"
    bar = page.evaluate("document.querySelector('#views').getBoundingClientRect().bottom")
    for _ in range(int(page.text_content("#count").split()[-1])):
        assert page.evaluate(top, "g.now rect") > bar
        page.keyboard.press("ArrowRight")


@needs_chromium
def test_what_uses_no_parameter_is_behind_a_layer_unless_its_layer_was_recorded(tt, open_page):
    model, loss = xor(tt)
    page = open_page(show.backward(loss, model).page)
    page.locator("#slider").fill("1")
    assert page.text_content("#panel h1") == "Forward: #1 tanh"
    assert page.text_content("#panel p.faint").startswith("behind layer 0 Linear")
    page.locator("#slider").fill("2")
    assert page.text_content("#panel p.faint").startswith("layer 2 Linear")


@needs_chromium
def test_very_small_numbers_have_an_exponent(tt, open_page):
    x = tt.autograd.Tensor([2e-7, 0.5], requires_grad=True)
    page = open_page(show.backward(x.sum()).page)
    shown = page.text_content("#panel")
    assert "2e-7" in shown and "0.0000002" not in shown and "0.5" in shown


@needs_chromium
def test_it_runs_until_a_layer_a_size_or_a_stop(tt, open_page):
    model, loss = deep(tt, tt.layers.Sigmoid, 1)
    page = open_page(show.backward(loss, model).page)

    def run(until):
        page.locator("#until").fill(until)
        page.locator("#until").press("Enter")
        return page.text_content("#panel h1")

    page.locator("#open").click()
    assert run("sigmoid") == "Forward: #1 sigmoid"
    assert run("#7") == "Forward: #7 sigmoid"
    assert run("cross") == "Forward: #49 cross_entropy"
    first = int(re.search(r"#(\d+)", run("<1e-6"))[1])
    data = data_of(show.backward(loss, model))
    small = [s["operation"] for s in data["steps"] if any(to["part"]["size"] < 1e-6 for to in s["to"])]
    assert first == small[0]
    assert run("nan") == page.text_content("#panel h1") and "No step after this one is nan" in page.text_content(
        "#found"
    )
    page.keyboard.press("Escape")
    page.locator("#first").click()
    page.locator("#until").fill("")
    page.locator("g[aria-label^='#4 ']").dispatch_event("click")
    page.click("text=stop here")
    page.locator("#run").click()
    assert page.text_content("#panel h1") == "Forward: #4 linear"


@needs_chromium
def test_layers_close_and_open(tt, open_page):
    model, loss = deep(tt, tt.layers.ReLU, 1, depth=40)
    with show.recording(model):
        loss = model(tt.autograd.rand(2, 16)).sum()
    page = open_page(show.backward(loss, model).page)
    assert page.locator("g.layer").count() == 81  # of so many operations each layer is one box at first
    page.locator("g.layer[aria-label^='2 Linear']").dispatch_event("click")
    assert page.locator("g.layer").count() == 80
    assert (
        page.locator("g[aria-label^='#2 linear']").count() == 1
        and page.locator("g[aria-label^='2.weight']").count() == 1
    )
    page.locator("#open").click()
    assert page.locator("g.layer").count() == 0 and page.locator("g.result").count() == 82
    page.locator("#fit").click()
    box, room = page.locator("#graph svg").bounding_box(), page.locator("#graph").bounding_box()
    assert box["width"] <= room["width"] and box["height"] <= room["height"]


@needs_chromium
def test_in_a_notebook_s_frame_the_page_around_it_is_not_scrolled(tt, open_page):
    model, loss = deep(tt, tt.layers.ReLU, 1)
    frame = show.backward(loss, model)._repr_html_()
    page = open_page(f"<!doctype html><title>notebook</title><p style='height:900px'>above</p>{frame}")
    page.frames[1].locator("#last").dispatch_event("click")
    assert page.frames[1].text_content("#count") == "103 of 103"
    assert page.evaluate("scrollY") == 0


@needs_chromium
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
