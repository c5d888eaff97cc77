"""The pictures of models and training show what is there, change nothing, and say in one sentence what they cannot draw."""

import gc
import re
import subprocess
import sys
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tito import show
from tito.show.picture import COLOURS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tt(reference):
    """The reference package's modules, with seeded numbers."""
    reference.tensor.manual_seed(0)
    return reference


def drawn(axes):
    """The lines in a panel, by their labels; those without a label by number."""
    return {line.get_label(): np.asarray(line.get_ydata(), float) for line in axes.lines}


def test_importing_show_imports_neither_the_framework_nor_matplotlib():
    code = "import sys; from tito import show; print([n for n in ('tinytorch', 'matplotlib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


def test_a_picture_has_its_description_in_the_page_in_the_file_and_in_the_terminal(tmp_path):
    from PIL import Image

    picture = show.training({"train_loss": [2.0, 1.0]})
    assert repr(picture) == picture.alt == "A training of 2 epochs. Loss: from 2 to 1."
    assert f'<img alt="{picture.alt}"' in picture._repr_html_()
    picture.save(tmp_path / "picture.png")
    assert Image.open(tmp_path / "picture.png").text["Description"] == picture.alt


def test_neighbouring_colours_differ_in_lightness():
    values = [np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255 for colour in COLOURS]
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (value**2.2 for value in values)]
    ratios = [(max(pair) + 0.05) / (min(pair) + 0.05) for pair in pairwise(light)]
    assert min(ratios) > 1.2


# Training.
HISTORY = {
    "lr": [0.1, 0.1, 0.01],
    "train_loss": [2.0, 1.0, 0.5],
    "validation_loss": [1.8, 0.9, 1.1],
    "validation_accuracy": [0.5, 0.7, 0.6],
}


def test_training_draws_each_column_of_the_history_in_its_panel():
    panels = show.training(HISTORY).figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["Loss", "Accuracy, held out", "Learning rate"]
    assert all(axes.get_xlabel() == "epoch" and axes.get_ylabel() for axes in panels)
    lines = [[list(line.get_ydata()) for line in axes.lines] for axes in panels]
    for column, panel in (("train_loss", 0), ("validation_loss", 0), ("validation_accuracy", 1), ("lr", 2)):
        assert HISTORY[column] in lines[panel]


def test_training_marks_and_names_the_best_epoch_on_held_out_data():
    picture = show.training(HISTORY)
    assert "held out from 1.8 to 1.1, lowest 0.9 at epoch 2" in picture.alt
    assert "from 0.5 to 0.6, highest 0.7 at epoch 2" in picture.alt
    assert "lowest: 0.9, epoch 2" in drawn(picture.figure.axes[0])


def test_training_draws_several_runs_and_says_how_far_apart_they_end():
    picture = show.training([HISTORY, HISTORY | {"train_loss": [2.0, 1.5, 0.75]}])
    assert "A training of 2 runs of 3 epochs. Loss: train from 2 to 0.5 … 0.75;" in picture.alt


def test_training_says_where_a_loss_is_no_number():
    picture = show.training({"train_loss": [1.0, np.inf, np.nan]})
    assert "no finite number at epoch 2" in picture.alt
    picture.png()


def test_training_takes_what_a_trainer_recorded(tt):
    model = tt.layers.Linear(2, 2)
    data = tt.training.TensorDataset(tt.autograd.rand(8, 2), tt.autograd.arange(8) % 2)
    optimizer = tt.optimizers.SGD(model.parameters(), lr=0.1)
    trainer = tt.training.Trainer(model, tt.backprop.CrossEntropyLoss(), optimizer, metrics=[tt.training.accuracy])
    history = trainer.fit(tt.training.DataLoader(data, 4), tt.training.DataLoader(data, 4), epochs=3)
    assert list(drawn(show.training(history).figure.axes[0])["train"]) == []  # the entry in the legend
    assert history["train_loss"] in [list(line.get_ydata()) for line in show.training(history).figure.axes[0].lines]


# Decision regions.
def corner(x):
    """One score: above 0 where both inputs are above 0, on the student's tensors."""
    return x[:, 0] * (x[:, 0] > 0) * x[:, 1] * (x[:, 1] > 0) - 0.0


POINTS = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1.0]])


def test_boundary_counts_the_points_as_the_model_itself_does(tt):
    model = tt.layers.Linear(2, 3)
    points = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    labels = np.random.default_rng(1).integers(0, 3, 50)
    right = int((model(tt.autograd.Tensor(points)).numpy().argmax(axis=1) == labels).sum())
    assert 0 < right < 50
    picture = show.boundary(model, points, labels)
    assert f"{right} of 50 points on their side" in picture.alt
    rings = picture.figure.axes[0].collections[-1].get_offsets()
    assert len(rings) == 50 - right


def test_boundary_of_one_output_is_where_it_crosses_the_threshold(tt):
    Tensor = tt.autograd.Tensor
    half = show.boundary(lambda x: x[:, 0], Tensor(POINTS), Tensor([0, 1, 0, 1]))
    assert half.alt.endswith("class 0 50%, class 1 50%.") and "4 of 4 points" in half.alt
    late = show.boundary(lambda x: x[:, :1], Tensor(POINTS), Tensor([[0], [1], [0], [1]]), threshold=0.6)
    assert late.alt.endswith("class 0 75%, class 1 25%.")
    quarter = show.boundary(corner, Tensor(POINTS), np.array([0, 1, 0, 0]))
    assert quarter.alt.endswith("class 0 75%, class 1 25%.")


def test_boundary_of_a_model_that_names_one_class_everywhere_is_drawn(tt):
    model = tt.layers.Linear(2, 2)
    with tt.autograd.no_grad():
        model.bias[...] = np.array([100, -100], np.float32)
    picture = show.boundary(model, POINTS, [0, 0, 0, 0])
    assert picture.alt.endswith("class 0 100%, class 1 0%.")
    picture.png()


# Activations.
def some_units_dead(tt):
    layers = tt.layers
    model = layers.Sequential(layers.Linear(3, 8), layers.ReLU(), layers.Linear(8, 4), layers.Tanh())
    with tt.autograd.no_grad():
        model[0].bias[:5] = np.float32(-100)
        model[2].weight[...] = np.float32(0)
        model[2].bias[...] = np.array([9, -9, 0, 9], np.float32)
    return model


def test_activations_counts_dead_units_and_saturated_values(tt):
    picture = show.activations(some_units_dead(tt), tt.autograd.rand(6, 3) + 1)
    assert re.findall(r"(\d+) of (\d+) units dead", picture.alt) == [("0", "8"), ("5", "8"), ("1", "4"), ("1", "4")]
    assert "75% of the values saturated" in picture.alt


def test_activations_draws_every_value_of_every_layer(tt):
    model, x = some_units_dead(tt), tt.autograd.rand(6, 3)
    panels = show.activations(model, x).figure.axes
    values = model[1](model[0](x)).numpy()
    counts = [sum(bar.get_height() for bar in axes.patches) for axes in panels[::2]]
    assert counts == [48, 48, 24, 24]
    np.testing.assert_array_equal(np.asarray(panels[3].images[0].get_array()), values)
    assert [axes.get_ylabel() for axes in panels[:4:2]] == ["0 Linear\n(6, 8)", "1 ReLU\n(6, 8)"]


def test_activations_takes_images_channels_are_the_units(tt):
    layers = tt.layers
    model = layers.Sequential(layers.Conv2d(1, 3, 3), layers.ReLU(), layers.Flatten(), layers.Linear(12, 2))
    with tt.autograd.no_grad():
        model[0].bias[...] = np.array([1, -100, 1], np.float32)
    alt = show.activations(model, np.random.default_rng(0).random((5, 1, 4, 4), np.float32)).alt
    assert "1 ReLU (5, 3, 2, 2)" in alt and re.findall(r"(\d+) of 3 units dead", alt) == ["0", "1"]


def test_activations_of_a_deep_model_shows_some_of_its_layers_first_and_last_included(tt):
    model = tt.layers.Sequential(*[tt.layers.Linear(2, 2) for _ in range(40)])
    alt = show.activations(model, tt.autograd.rand(3, 2)).alt
    assert "16 of 40. 0 Linear" in alt and "39 Linear" in alt


def test_activations_says_how_many_values_are_no_numbers(tt):
    model = some_units_dead(tt)
    with tt.autograd.no_grad():
        model[0].weight[7] = np.float32(np.nan)
    picture = show.activations(model, tt.autograd.rand(6, 3))
    assert "0 Linear (6, 8): mean -58.3, std 49.4, 6 NaN or infinite" in re.sub(
        "mean .*?, std .*?,", "mean -58.3, std 49.4,", picture.alt
    )
    picture.png()


@pytest.mark.parametrize("look", [show.activations, lambda m, x: show.boundary(m, x, [0, 1, 0, 1])])
def test_looking_at_a_model_changes_nothing_in_it(tt, look):
    layers = tt.layers
    model = layers.Sequential(layers.Linear(2, 4), layers.BatchNorm1d(4), layers.Dropout(0.5), layers.Linear(4, 2))
    model[2].eval()
    before = {path: tensor.numpy().copy() for path, tensor in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    profile = sys.getprofile()
    outputs = []
    model[3].forward = lambda x, old=model[3].forward: outputs.append(old(x)) or outputs[-1]
    look(model, POINTS)
    assert outputs and not any(output.requires_grad for output in outputs)
    assert [module.training for module in model.modules()] == modes
    assert tt.autograd.is_grad_enabled() and sys.getprofile() is profile
    assert all(parameter.grad is None for parameter in model.parameters())
    for path, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[path])


# Memory.
def network(tt):
    layers = tt.layers
    model = layers.Sequential(layers.Linear(64, 128), layers.ReLU(), layers.Linear(128, 10))
    return model, tt.autograd.rand(32, 64), tt.autograd.arange(32) % 10


def bytes_of(alt, band):
    """What the description says of a band after each phase, in bytes."""
    units = {"": 1, "k": 1e3, "M": 1e6}
    said = re.search(f"{band}: ([^;]*?)[;.]( |$)(?=made|$|[a-z])", alt.replace(". parameters", "; parameters") + " ")[1]
    return [float(number) * units[unit] for number, unit in re.findall(r"([\d.]+) (k|M|)B after", said)]


def test_memory_measures_what_the_arrays_themselves_say(tt):
    model, x, y = network(tt)
    optimizer = tt.optimizers.SGD(model.parameters(), lr=0.1, momentum=0.9)

    def step():
        tt.backprop.CrossEntropyLoss()(model(x), y).backward()
        optimizer.step()

    gc.disable()  # what show.memory itself looks at must not keep an array alive until the collector comes by
    try:
        alt = show.memory(step).alt
    finally:
        gc.enable()
    size = sum(parameter.array.nbytes for parameter in model.parameters())
    about = dict(rel=0.01)
    assert bytes_of(alt, "parameters, there before") == pytest.approx([size] * 3, **about)
    assert bytes_of(alt, "made going backward")[1:] == pytest.approx([size] * 2, **about)
    forward = bytes_of(alt, "made going forward")
    hidden = 4 * 32 * 128  # bytes: twice, before and after the activation, and the scores
    assert 2 * hidden < forward[0] < 2 * hidden + 20 * 4 * 32 * 10
    assert forward[1] < 100 and forward[2] == 0
    state = sum(np.asarray(v).nbytes for s in optimizer.state.values() for v in s.values())
    assert bytes_of(alt, "made in the update")[2] >= 0.99 * state > 0
    assert [p.grad.array.nbytes for p in model.parameters()] == [p.array.nbytes for p in model.parameters()]


def test_memory_runs_the_step_once_and_shows_the_three_phases(tt):
    model, x, y = network(tt)
    losses = []

    def step():
        losses.append(tt.backprop.CrossEntropyLoss()(model(x), y))
        losses[-1].backward()

    axes = show.memory(step).figure.axes[0]
    assert len(losses) == 1
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if text in ("forward", "backward", "update")] == ["forward", "backward", "update"]
    assert axes.get_title(loc="left").startswith("Memory in one training step: at most")


def test_memory_leaves_neither_tracing_nor_a_profile_behind_even_after_an_error(tt):
    model, x, y = network(tt)
    profile = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        show.memory(lambda: (model(x), 1 / 0))
    show.memory(lambda: tt.backprop.CrossEntropyLoss()(model(x), y).backward())
    assert sys.getprofile() is profile and not tracemalloc.is_tracing()


# What cannot be drawn.
@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda tt: show.training([1, 2]),
            "show.training wants a history such as trainer.history, .*; this is of type int",
        ),
        (lambda tt: show.training({}), "the history is empty: no epoch has been recorded in it yet"),
        (lambda tt: show.training({"lr": "abc"}), "for each name a list of numbers, one for each epoch"),
        (lambda tt: show.boundary(corner, np.ones((4, 3)), [0] * 4), r"X must have shape \(n, 2\), not \(4, 3\)"),
        (
            lambda tt: show.boundary(corner, POINTS, [0, 1]),
            r"a class for each of the 4 points in X; its shape is \(2,\)",
        ),
        (lambda tt: show.boundary(corner, POINTS, [0, 1, 0, 0.5]), "name the classes by whole numbers from 0 on"),
        (lambda tt: show.boundary(corner, POINTS, [0, 1, 0, 2]), "y holds the class 2, but one output tells two"),
        (lambda tt: show.boundary(tt.layers.Linear(2, 3), POINTS, [0, 1, 0, 3]), "but the model has 3 outputs"),
        (lambda tt: show.boundary(lambda x: x.sum(), tt.autograd.Tensor(POINTS), [0] * 4), r"a row of scores for each"),
        (
            lambda tt: show.activations(corner, POINTS),
            "wants a model made of modules, such as a Sequential; this is of type func",
        ),
        (lambda tt: show.memory(3.0), "a function that runs one training step, not its result; this is of type float"),
        (lambda tt: show.memory(lambda: None), "this step never went backward"),
        (lambda tt: show.layout(np.zeros((2, 2, 2))), r"layout draws at most two axes, not shape \(2, 2, 2\)"),
        (lambda tt: show.broadcast(np.zeros(99), 1), "pictures show at most 32 values; this has 99"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(tt, call, sentence, monkeypatch):
    monkeypatch.setitem(sys.modules, "tinytorch.autograd", tt.autograd)
    with pytest.raises(ValueError, match=sentence) as error:
        call(tt)
    assert "\n" not in str(error.value)
