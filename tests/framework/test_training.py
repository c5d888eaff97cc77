"""The reference's training.py: data in batches, a loop that measures honestly, and files to go on from to the last bit."""

import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

SMALL = settings(deadline=None, derandomize=True, database=None, max_examples=60)


@pytest.fixture(scope="module")
def tt(reference):
    return reference


@pytest.fixture(scope="module")
def training(reference):
    return reference.training


@pytest.fixture(scope="module")
def Tensor(reference):
    return reference.autograd.Tensor


def raises(sentence, kind=ValueError):
    return pytest.raises(kind, match=re.escape(sentence))


def rng(seed=0):
    return np.random.default_rng(seed)


# Datasets


def test_a_dataset_must_say_what_it_has(training):
    with raises("Dataset does not say how many samples it has", NotImplementedError):
        len(training.Dataset())
    with raises("Dataset has no method __getitem__", NotImplementedError):
        training.Dataset()[0]


def test_a_tensor_dataset_puts_tensors_or_arrays_side_by_side(training, Tensor):
    data = training.TensorDataset(Tensor([[1, 2], [3, 4], [5, 6]]), np.array([7, 8, 9]))
    assert len(data) == 3
    image, label = data[1]
    assert (image.tolist(), label.item(), label.dtype) == ([3, 4], 8, np.int64)
    assert [label.item() for _, label in data] == [7, 8, 9]
    with raises("the tensors must be of one length, not [2, 3]"):
        training.TensorDataset(Tensor([1, 2]), Tensor([1, 2, 3]))


def test_a_subset_of_a_subset_is_a_dataset(training, Tensor):
    inner = training.Subset(training.TensorDataset(Tensor(np.arange(10))), [9, 7, 5, 3])
    outer = training.Subset(inner, [3, 0])
    assert [value.item() for (value,) in outer] == [3, 9]
    assert outer.take(np.array([1, 0, 1]))[0].tolist() == [9, 3, 9]
    assert training.Subset(["a", "b", "c"], [2, 1])[-1] == "b"


def test_take_is_one_indexing_where_it_can_be(training, Tensor):
    rows = np.array([2, 0])
    assert training.take(Tensor([[1, 2], [3, 4], [5, 6]]), rows).tolist() == [[5, 6], [1, 2]]
    assert training.take([1, 2, 3], rows).tolist() == [3, 1]
    data = training.TensorDataset(Tensor([1, 2, 3]))
    assert data.take(rows)[0].tolist() == [3, 1]
    assert training.Dataset.take(data, rows)[0].tolist() == [3, 1]


def test_take_respects_a_getitem_of_a_subclass(training, Tensor):
    class Doubled(training.TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * t for t in super().__getitem__(index))

    assert next(iter(training.DataLoader(Doubled(Tensor([1, 2])), 2)))[0].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("total", "shares", "counts"),
    [
        (10, [0.7, 0.3], [7, 3]),
        (10, [1 / 3, 1 / 3, 1 / 3], [4, 3, 3]),
        (1797, [0.8, 0.2], [1438, 359]),
        (5, [1.0], [5]),
        (1, [1], [1]),
        (1, [1, 0], [1, 0]),
        (0, [0.5, 0.5], [0, 0]),
    ],
)
def test_shares_become_counts_as_in_pytorch(training, total, shares, counts):
    subsets = training.random_split(range(total), shares, generator=rng())
    assert [len(subset) for subset in subsets] == counts
    assert sorted(sample for subset in subsets for sample in subset) == list(range(total))


# Batches


def test_collate_takes_a_batch_apart_and_puts_it_together(training, Tensor):
    batch = training.collate([(np.ones(2), (Tensor([1]), 3)), (np.zeros(2), (Tensor([2]), 4))])
    assert [batch[0].tolist(), batch[1][0].tolist(), batch[1][1].tolist()] == [[[1, 1], [0, 0]], [[1], [2]], [3, 4]]
    assert (batch[0].dtype, batch[1][1].dtype) == (np.float64, np.int64)
    assert type(batch[1][1]) is Tensor
    with raises("cannot make a batch of dict: say how, with a collate_fn of your own", TypeError):
        training.collate([{}])
    with raises("cannot stack (1,) and (2,)"):
        training.collate([Tensor([1]), Tensor([1, 2])])
    with pytest.raises(ValueError):
        training.collate([(1, 2), (3,)])


@given(n=st.integers(0, 40), size=st.integers(1, 50), drop=st.booleans(), shuffle=st.booleans())
@SMALL
def test_a_loader_gives_every_sample_once(training, n, size, drop, shuffle):
    loader = training.DataLoader(range(n), size, shuffle=shuffle, drop_last=drop, generator=rng())
    batches = [batch.tolist() for batch in loader]
    assert len(batches) == len(loader)
    assert all(len(batch) == size for batch in batches[:-1])
    seen = [sample for batch in batches for sample in batch]
    assert len(seen) == (n // size * size if drop else n)
    assert len(set(seen)) == len(seen)
    if not shuffle:
        assert seen == list(range(len(seen)))


def test_a_loader_s_batches_are_copies(training, Tensor):
    data = Tensor([1, 2, 3])
    for batch in training.DataLoader(data, 3):
        batch[0] = 100
    assert data.tolist() == [1, 2, 3]


def test_two_loops_over_one_loader_do_not_disturb_each_other(training):
    loader = training.DataLoader(range(20), 3, shuffle=True, generator=rng())
    for one, other in zip(loader, loader):
        assert len(one) == len(other)
    with raises("a batch has at least 1 sample, not 0"):
        training.DataLoader([1], 0)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_a_loader_goes_on_where_another_stood(training, kind):
    def loader(seed):
        return training.DataLoader(range(30), 7, shuffle=True, generator=np.random.Generator(kind(seed)))

    first, second = loader(1), loader(2)
    list(first)
    arrays = {}
    packed = json.loads(json.dumps(training.pack(first.state_dict(), "", arrays)))
    second.load_state_dict(training.unpack(packed, arrays))
    assert [b.tolist() for b in first] == [b.tolist() for b in second]
    with raises("this loader has no generator of its own, unlike the one that was saved"):
        training.DataLoader([1]).load_state_dict(first.state_dict())
    with raises("this loader has a generator of its own, unlike the one that was saved"):
        first.load_state_dict(training.DataLoader([1]).state_dict())


def test_the_issue_s_loop_runs_as_it_stands(tt, training, Tensor):
    data = training.DataLoader(
        Tensor(rng(3).random((64, 2), np.float32)), batch_size=16, shuffle=True, generator=rng(3)
    )
    model = tt.layers.Linear(2, 1)
    model.weight.array[...], model.bias.array[...] = 1, 0
    optimizer = tt.optimizers.SGD(model.parameters(), lr=0.1)

    def compute_loss(output):
        return (output * output).mean()

    losses = []
    for _ in range(3):
        for batch in data: loss = compute_loss(model(batch)); loss.backward(); optimizer.step(); optimizer.zero_grad()  # fmt: skip # noqa: E501, E701, E702
        losses.append(compute_loss(model(data.dataset)).item())
    assert losses[0] > losses[1] > losses[2]
    w, b, order, expected = np.ones(2), 0.0, rng(3), []  # the same in NumPy
    rows = rng(3).random((64, 2), np.float32).astype(np.float64)
    for _ in range(3):
        for indices in np.split(order.permutation(64), 4):
            y = rows[indices] @ w + b
            w, b = w - 0.1 * 2 * (y @ rows[indices]) / 16, b - 0.1 * 2 * y.mean()
        expected.append(np.mean((rows @ w + b) ** 2))
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(losses, [0.109369, 0.050840, 0.044754], rtol=1e-3)


# Measuring


@given(n=st.integers(1, 30), classes=st.integers(1, 6), seed=st.integers(0, 99))
@SMALL
def test_accuracy_is_the_diagonal_s_share(training, Tensor, n, classes, seed):
    scores, targets = rng(seed).standard_normal((n, classes)), rng(seed + 1).integers(0, classes, n)
    matrix = training.confusion_matrix(Tensor(scores), Tensor(targets)).numpy()
    assert (matrix.shape, matrix.dtype, matrix.sum()) == ((classes, classes), np.int64, n)
    assert math.isclose(training.accuracy(Tensor(scores), Tensor(targets)), np.trace(matrix) / n, rel_tol=1e-6)
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(targets, minlength=classes))


def test_scores_and_targets_must_fit(training, Tensor):
    for measure in (training.accuracy, training.confusion_matrix):
        for scores, targets in (((3, 2), (3, 1)), ((3, 2), (2,)), ((3,), (3,)), ((3, 2, 2), (3,))):
            with raises(f"one class for each row; these are {scores} and {targets}"):
                measure(Tensor(np.zeros(scores)), Tensor(np.zeros(targets, int)))


def test_predict_gives_all_scores_and_targets(tt, training, Tensor):
    data = training.TensorDataset(Tensor(np.arange(10.0).reshape(5, 2)), Tensor(np.arange(5)))
    model = tt.layers.Sequential(tt.layers.Dropout(0.5))
    scores, targets = training.predict(model, training.DataLoader(data, 2))
    assert scores.tolist() == np.arange(10.0).reshape(5, 2).tolist()
    assert targets.tolist() == [0, 1, 2, 3, 4]
    assert model.training
    with raises("there is no data: the loop over it gave no batch"):
        training.predict(model, [])


# The trainer


def network(tt, seed=0):
    layers = tt.layers
    tt.tensor.manual_seed(seed)
    return layers.Sequential(
        layers.Linear(4, 8), layers.BatchNorm1d(8), layers.ReLU(), layers.Dropout(0.3), layers.Linear(8, 3)
    )


def samples(tt, n=50):
    inputs = rng(1).standard_normal((n, 4)).astype(np.float32)
    return tt.training.TensorDataset(inputs, (inputs.sum(axis=1) > 0) * 1 + (inputs[:, 0] > 1))


def new_trainer(tt, seed=0, optimizer="Adam", schedule="StepLR", **options):
    model = network(tt, seed)
    optimizers = tt.optimizers
    chosen = {
        "Adam": lambda p: optimizers.Adam(p, lr=0.02),
        "AdamW": lambda p: optimizers.AdamW(p, lr=0.02),
        "RMSprop": lambda p: optimizers.RMSprop(p, lr=0.01, momentum=0.5),
        "SGD": lambda p: optimizers.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    }[optimizer](model.parameters())
    if schedule == "StepLR":
        options["scheduler"] = optimizers.StepLR(chosen, 2, gamma=0.5)
    elif schedule == "OneCycleLR":
        options["scheduler"] = optimizers.OneCycleLR(chosen, 0.05, total_steps=60)
        options["schedule_each"] = "batch"
    return tt.training.Trainer(model, tt.backprop.CrossEntropyLoss(), chosen, **options)


def new_loader(tt, seed=0, generator=True):
    return tt.training.DataLoader(samples(tt), 8, shuffle=True, generator=rng(seed) if generator else None)


def test_a_trainer_learns(tt, training):
    trainer = new_trainer(tt, metrics=[training.accuracy])
    held_out = training.DataLoader(samples(tt), 50)
    before = trainer.evaluate(held_out)
    history = trainer.fit(new_loader(tt), held_out, epochs=8)
    assert list(history) == ["lr", "train_loss", "validation_loss", "validation_accuracy"]
    assert {len(column) for column in history.values()} == {trainer.epoch} == {8}
    assert all(type(value) is float for column in history.values() for value in column)
    assert history["validation_loss"][-1] < 0.6 * before["loss"]
    assert history["validation_accuracy"][-1] > 0.75
    assert history["lr"] == [0.02, 0.02, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025]
    assert history["validation_loss"][-1] == trainer.evaluate(held_out)["loss"]


def test_the_train_loss_is_a_mean_over_samples_not_over_batches(tt, training):
    model = tt.layers.Linear(4, 3)
    trainer = training.Trainer(model, tt.backprop.CrossEntropyLoss(), tt.optimizers.SGD(model.parameters(), lr=0.0))
    loader = training.DataLoader(samples(tt, 10), 4)
    assert math.isclose(trainer.fit(loader)["train_loss"][0], trainer.evaluate(loader)["loss"], rel_tol=1e-6)
    assert trainer.history["train_loss"][0] != np.mean([trainer.evaluate([batch])["loss"] for batch in loader])


def test_what_is_measured_sometimes_has_nan_in_between(tt, training):
    trainer, loader = new_trainer(tt), new_loader(tt)
    trainer.fit(loader, epochs=2)
    trainer.fit(loader, training.DataLoader(samples(tt), 50))
    history = trainer.fit(loader, epochs=1)
    assert [math.isnan(value) for value in history["validation_loss"]] == [True, True, False, True]
    assert {len(column) for column in history.values()} == {4}


def test_no_data_and_no_such_schedule_are_errors(tt, training):
    with raises("there is no data: the loop over it gave no batch"):
        new_trainer(tt).fit([])
    with raises("there is no data: the loop over it gave no batch"):
        new_trainer(tt).evaluate([])
    with raises("""schedule_each is "epoch" or "batch", not 'step'"""):
        new_trainer(tt, schedule_each="step")


def test_clipping_keeps_steps_small(tt, Tensor):
    trainer = new_trainer(tt, optimizer="SGD", schedule=None, clip=1e-3)
    before = np.concatenate([p.array.ravel() for p in trainer.model.parameters()])
    trainer.train_step(Tensor(1000 * rng().standard_normal((8, 4), np.float32)), Tensor(np.zeros(8, int)))
    after = np.concatenate([p.array.ravel() for p in trainer.model.parameters()])
    assert 0 < np.linalg.norm(after - before) < 1.01 * 1e-3 * 0.1 * 1.9  # lr, and nesterov's first step


def test_callbacks_are_told_in_order_and_of_the_end_also_after_an_error(tt, training):
    class Listener(training.Callback):
        def __init__(self, name, fails=False):
            self.name, self.fails = name, fails

        def on_fit_begin(self, trainer):
            heard.append((self.name, "begin", trainer.planned))

        def on_batch_end(self, trainer, loss):
            heard.append((self.name, "batch", type(loss).__name__))
            if self.fails:
                raise KeyboardInterrupt

        def on_epoch_end(self, trainer):
            heard.append((self.name, "epoch", trainer.epoch))

        def on_fit_end(self, trainer):
            heard.append((self.name, "end", trainer.epoch))

    heard = []
    trainer = new_trainer(tt, callbacks=[Listener("a"), Listener("b")])
    trainer.fit([next(iter(new_loader(tt)))], epochs=1)
    events = [("begin", 1), ("batch", "float"), ("epoch", 1), ("end", 1)]
    assert heard == [(name, *event) for event in events for name in "ab"]
    heard.clear()
    trainer.callbacks = [Listener("c", fails=True)]
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(new_loader(tt), epochs=1)
    assert [event for _, event, _ in heard] == ["begin", "batch", "end"]
    assert trainer.epoch == 1


def test_early_stopping_ends_a_fit_and_gives_the_best_weights_back(tt, training, Tensor):
    class Worse(training.Callback):
        def on_epoch_end(self, trainer):
            trainer.history["validation_loss"][-1] = [3.0, 1.0, 2.0, 2.0, 2.0][trainer.epoch - 1]
            weights.append(trainer.model.state_dict()["0.weight"].numpy())

    weights = []
    stopper = training.EarlyStopping(patience=2)
    trainer = new_trainer(tt, callbacks=[Worse(), stopper])
    trainer.fit(new_loader(tt), training.DataLoader(samples(tt), 50), epochs=9)
    assert (trainer.epoch, stopper.best, stopper.waited) == (4, 1.0, 2)
    np.testing.assert_array_equal(trainer.model[0].weight.numpy(), weights[1])
    with raises('mode is "min" or "max", not \'low\''):
        training.EarlyStopping(mode="low")


def test_the_progress_bar_goes_to_stderr_and_shows_what_was_measured(tt, training, capsys):
    trainer = new_trainer(tt, callbacks=[training.ProgressBar()])
    trainer.fit(new_loader(tt), training.DataLoader(samples(tt), 50), epochs=2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 2: 100%" in err
    assert "14/14" in err
    assert f"validation_loss={trainer.history['validation_loss'][-1]:.4g}" in err


def test_a_history_can_be_drawn(training, tmp_path):
    history = {"lr": [0.1, 0.1], "train_loss": [2, 1], "validation_loss": [2, 1.5], "validation_accuracy": [0.5, 0.6]}
    figure = training.plot_history(history)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "metrics", "learning rate"]
    labels = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in figure.axes[:2]]
    assert labels == [["train", "validation"], ["accuracy"]]
    assert len(training.plot_history({"train_loss": [1.0, 0.5]}).axes) == 1
    figure.savefig(tmp_path / "history.png")


def test_tqdm_and_matplotlib_are_imported_only_when_something_is_drawn(reference_parent):
    code = "import sys, tinytorch; print(sorted({'tqdm', 'matplotlib', 'tito', 'pickle'} & set(sys.modules) - seen))"
    done = python(f"import numpy, sys; seen = {{'pickle'}} & set(sys.modules)\n{code}", reference_parent)
    assert done == "[]\n"


def python(code, reference_parent, *arguments):
    """What a new process prints that runs this code with the reference alone on its path."""
    environment = os.environ | {"PYTHONPATH": str(reference_parent)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=environment, cwd=reference_parent, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


# Going on from a file


@pytest.mark.parametrize("optimizer", ["SGD", "RMSprop", "Adam", "AdamW"])
@pytest.mark.parametrize("schedule", ["StepLR", "OneCycleLR", None])
@pytest.mark.parametrize("own_generator", [True, False])
def test_a_resumed_training_is_the_same_to_the_last_bit(tt, training, tmp_path, optimizer, schedule, own_generator):
    def run(seed):
        trainer = new_trainer(tt, seed, optimizer, schedule, metrics=[training.accuracy], clip=1.0)
        return trainer, new_loader(tt, seed, own_generator)

    held_out = training.DataLoader(samples(tt), 20)
    whole, loader = run(1)
    whole.fit(loader, held_out, epochs=5)
    half, loader = run(1)
    half.fit(loader, held_out, epochs=2)
    training.save_checkpoint(tmp_path / "run.npz", trainer=half, loader=loader)
    resumed, loader = run(2)
    resumed.fit(loader, held_out, epochs=1)
    training.load_checkpoint(tmp_path / "run.npz", trainer=resumed, loader=loader)
    assert resumed.epoch == 2
    resumed.fit(loader, held_out, epochs=3)
    assert resumed.history == whole.history
    for name, tensor in whole.model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), resumed.model.state_dict()[name].numpy(), strict=True)


RUN = """
import sys, numpy as np, tinytorch as tt
path, seed, first, last = sys.argv[1], *map(int, sys.argv[2:])
tt.manual_seed(seed)
model = tt.Sequential(tt.Linear(4, 8), tt.Dropout(0.5), tt.Linear(8, 1))
optimizer = tt.Adam(model.parameters())
trainer = tt.Trainer(model, tt.MSELoss(), optimizer, callbacks=[tt.EarlyStopping(9, "train_loss")])
data = tt.TensorDataset(*(np.random.default_rng(0).standard_normal((32, n), np.float32) for n in (4, 1)))
loader = tt.DataLoader(data, 8, shuffle=True, generator=np.random.default_rng(seed))
trainer.callbacks.append(tt.Checkpoint(path, loader=loader))
if first:
    tt.load_checkpoint(path, trainer=trainer, loader=loader)
assert trainer.epoch == first
trainer.fit(loader, epochs=last - first)
print([loss.hex() for loss in trainer.history["train_loss"]])
"""


def test_also_in_another_process_and_with_early_stopping(reference_parent, tmp_path):
    whole = python(RUN, reference_parent, tmp_path / "whole.npz", 1, 0, 6)
    python(RUN, reference_parent, tmp_path / "half.npz", 1, 0, 3)
    assert python(RUN, reference_parent, tmp_path / "half.npz", 7, 3, 6) == whole
    whole, half = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "half"))
    assert sorted(whole.files) == sorted(half.files)
    for name in whole.files:
        np.testing.assert_array_equal(whole[name], half[name])


def test_a_state_is_a_copy(tt):
    trainer, loader = new_trainer(tt), new_loader(tt)
    trainer.fit(loader)
    state = trainer.state_dict()
    kept = {name: tensor.numpy().copy() for name, tensor in state["model"].items()}
    moment = state["optimizer"]["state"][0]["exp_avg"].numpy().copy()
    trainer.fit(loader)
    assert (state["epoch"], len(state["history"]["lr"])) == (1, 1)
    for name, tensor in state["model"].items():
        np.testing.assert_array_equal(tensor.numpy(), kept[name])
    np.testing.assert_array_equal(state["optimizer"]["state"][0]["exp_avg"].numpy(), moment)


def test_what_does_not_fit_is_said(tt, training, Tensor):
    state = new_trainer(tt).state_dict()
    with raises("this trainer has no scheduler, unlike the one that was saved"):
        new_trainer(tt, schedule=None).load_state_dict(state)
    with raises("this trainer has a scheduler, unlike the one that was saved"):
        new_trainer(tt).load_state_dict(state | {"scheduler": None})
    with raises("1 callbacks with something to remember, and the one that was saved had 0"):
        new_trainer(tt, callbacks=[training.EarlyStopping()]).load_state_dict(state)
    new_trainer(tt, callbacks=[training.Callback()]).load_state_dict(state)
    other = new_trainer(tt)
    other.model = tt.layers.Linear(2, 2)
    with pytest.raises((KeyError, ValueError)):
        other.load_state_dict(state)


def test_a_checkpoint_holds_arrays_and_one_text(tt, training, tmp_path):
    path = tmp_path / "file with no ending"
    trainer = new_trainer(tt)
    trainer.fit(new_loader(tt))
    training.save_checkpoint(str(path), trainer=trainer)
    with zipfile.ZipFile(path) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    with np.load(path, allow_pickle=False) as archive:
        content = json.loads(archive["json"].tobytes())
        np.testing.assert_array_equal(archive["state/trainer/model/0.weight"], trainer.model[0].weight.numpy())
    assert content["format"] == "tinytorch checkpoint 1"
    states = training.read_checkpoint(path)
    assert list(states) == ["trainer"]
    assert states["trainer"]["history"] == trainer.history
    assert states["trainer"]["optimizer"]["param_groups"][0]["betas"] == (0.9, 0.999)
    model = network(tt, seed=5)
    model.load_state_dict(states["trainer"]["model"])
    np.testing.assert_array_equal(model[4].weight.numpy(), trainer.model[4].weight.numpy())


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=4) | st.booleans(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES)
@settings(SMALL, max_examples=30)
def test_what_is_packed_comes_back_as_it_was(training, tree):
    back = training.unpack(json.loads(json.dumps(training.pack(tree, "state", {}))), {})
    assert repr(back) == repr(tree)


def test_two_arrays_never_share_a_path(training):
    for tree in ({1: np.ones(1), "1": np.zeros(1)}, {"a/b": np.ones(1), "a": {"b": np.zeros(1)}}):
        with raises("is there twice"):
            training.pack(tree, "state", {})


def test_only_data_is_saved(training, tmp_path):
    class Part:
        def __init__(self, state):
            self.state_dict = lambda: state

    for state, sentence in (
        ({"f": print}, "state/part/f is a builtin_function_or_method, which a checkpoint cannot hold"),
        ([{1, 2}], "state/part/0 is a set, which"),
        (np.array([object()]), "state/part is an array of object, which"),
    ):
        with raises(sentence, TypeError):
            training.save_checkpoint(tmp_path / "x.npz", part=Part(state))
    assert list(tmp_path.iterdir()) == []


# Files that are damaged or mean harm


@pytest.fixture
def saved(tt, training, tmp_path):
    path = tmp_path / "run.npz"
    trainer, loader = new_trainer(tt), new_loader(tt)
    trainer.fit(loader)
    training.save_checkpoint(path, trainer=trainer, loader=loader)
    return path


def refused(training, path):
    """Reading must raise the one sentence; returns the error behind it."""
    with raises(f"cannot read {path}: it is damaged, or it is not a checkpoint") as caught:
        training.read_checkpoint(path)
    return caught.value.__cause__


class Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def npz(path, compressed=False, **arrays):
    (np.savez_compressed if compressed else np.savez)(open(path, "wb"), **arrays)


def text(content):
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def test_a_file_with_code_in_it_does_not_run(training, tmp_path):
    path, mark = tmp_path / "run.npz", tmp_path / "it ran"
    harm = np.array([Harm(mark)], dtype=object)
    npz(path, json=harm)
    refused(training, path)
    packed = {"format": "tinytorch checkpoint 1", "state": {"dict": [["model", {"array": "a"}]]}}
    npz(path, json=text(packed), a=harm)
    refused(training, path)
    npz(path, json=text(packed), a=np.ones(2), unused=harm)
    refused(training, path)
    np.save(open(path, "wb"), harm, allow_pickle=True)
    refused(training, path)
    harm.dump(path)
    refused(training, path)
    assert not mark.exists()


def test_a_small_file_cannot_fill_the_memory(training, tmp_path):
    path = tmp_path / "bomb.npz"
    packed = {"format": "tinytorch checkpoint 1", "state": {"dict": []}}
    npz(path, compressed=True, json=text(packed), zeros=np.zeros(10**6))
    assert "compressed" in str(refused(training, path))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("json.npy", header.getvalue())
    refused(training, path)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"format": "tinytorch checkpoint 9", "state": {"dict": []}},
        {"format": "tinytorch checkpoint 1"},
        {"format": "tinytorch checkpoint 1", "state": {"array": "missing"}},
        {"format": "tinytorch checkpoint 1", "state": {"object": ["os.system"]}},
        {"format": "tinytorch checkpoint 1", "state": {"list": 3}},
        {"format": "tinytorch checkpoint 1", "state": {"dict": [[{"list": []}, 1]]}},
        {"format": "tinytorch checkpoint 1", "state": {"a": 1, "b": 2}},
    ],
)
def test_a_text_that_is_not_a_checkpoint_s_is_refused(training, tmp_path, content):
    path = tmp_path / "run.npz"
    npz(path, json=text(content))
    refused(training, path)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b'{"json": 1}', b"\x80\x04N."]
)
def test_another_file_is_refused(training, tmp_path, data):
    path = tmp_path / "run.npz"
    path.write_bytes(data)
    refused(training, path)
    path.write_bytes(b"[" * 100_000)
    npz(path, json=np.frombuffer(b"[" * 100_000, np.uint8))
    refused(training, path)


def test_a_file_that_was_cut_off_is_refused(training, saved):
    data = saved.read_bytes()
    for end in range(0, len(data), len(data) // 25):
        saved.write_bytes(data[:end])
        refused(training, saved)


def test_a_flipped_bit_is_noticed_or_does_no_harm(training, saved):
    data = saved.read_bytes()
    whole = repr(training.read_checkpoint(saved))
    noticed = 0
    for place in range(5, len(data), len(data) // 150):
        saved.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        try:
            assert repr(training.read_checkpoint(saved)) == whole
        except ValueError as error:
            assert "it is damaged, or it is not a checkpoint" in str(error)
            noticed += 1
    assert noticed > 75


def test_a_missing_part_or_file_is_named(tt, training, saved):
    with raises(f"{saved} holds trainer, loader, but no model"):
        training.load_checkpoint(saved, model=network(tt))
    with pytest.raises(FileNotFoundError, match="none"):
        training.load_checkpoint("none.npz")
    training.load_checkpoint(saved, loader=new_loader(tt))


# Writing


def test_writing_is_all_or_nothing(tt, training, saved, monkeypatch):
    before = saved.read_bytes()

    def fails(*args, **kwargs):
        raise OSError("disk full")

    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    trainer = new_trainer(tt)
    for owner, name, broken, error in (
        (np, "savez", interrupted, KeyboardInterrupt),
        (os, "fsync", fails, OSError),
        (os, "replace", fails, OSError),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, broken)
            with pytest.raises(error):
                training.save_checkpoint(saved, trainer=trainer)
        assert saved.read_bytes() == before
        assert [path.name for path in saved.parent.iterdir()] == [saved.name]
    with pytest.raises(FileNotFoundError):
        training.save_checkpoint(saved.parent / "no folder" / "run.npz", trainer=trainer)


def test_a_checkpoint_is_written_after_each_epoch_by_the_last_callback(tt, training, tmp_path):
    class Watcher(training.Callback):
        def on_epoch_end(self, trainer):
            found.append(training.read_checkpoint(path)["trainer"]["epoch"] if path.exists() else 0)

    path, found, loader = tmp_path / "run.npz", [], new_loader(tt)
    checkpoint = training.Checkpoint(path, loader=loader)
    trainer = new_trainer(tt, callbacks=[Watcher(), checkpoint])
    trainer.fit(loader, epochs=3)
    assert found == [0, 1, 2]
    assert list(training.read_checkpoint(path)) == ["trainer", "loader"]
    trainer.callbacks.append(training.EarlyStopping())
    with raises("Checkpoint must be the last callback, and EarlyStopping stands after it"):
        trainer.fit(loader)
