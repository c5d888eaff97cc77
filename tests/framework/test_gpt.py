"""The reference's gpt.py: how it starts, what it must not have seen, and that a run goes on where it stopped."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from tito.datasets import shakespeare

MILESTONE = Path(__file__).parents[2] / "solutions/milestones/10_gpt.py"


def small_run(torch, seed, parts=1, callbacks=()):
    """A trainer of a small GPT with dropout nowhere and chance in every batch, and its loader."""
    from tinytorch import gpt
    from tinytorch.language import Windows
    from tinytorch.optimizers import AdamW

    torch.manual_seed(seed)
    model = gpt.GPT(40, 8, 16, 2, 2)
    optimizer = AdamW(gpt.parameter_groups(model, 0.1), lr=0.01)
    schedule = gpt.WarmupCosineLR(optimizer, warmup=3, steps=12)
    options = dict(clip=1.0, schedule_each="batch", callbacks=callbacks)
    trainer = gpt.Trainer(model, gpt.next_token_loss, optimizer, schedule, parts, **options)
    ids = np.random.default_rng(0).integers(0, 40, 500)
    return trainer, gpt.EndlessLoader(Windows(ids, 8), 6, generator=np.random.default_rng(seed))


def weights(trainer):
    return {name: value.array.copy() for name, value in trainer.model.state_dict().items()}


@pytest.mark.parametrize("layers", [1, 4, 12])
def test_the_loss_at_the_start_is_log_v_at_any_depth(torch, layers):
    from tinytorch import gpt

    torch.manual_seed(0)
    model, rng = gpt.GPT(200, 32, 64, 4, layers), np.random.default_rng(0)
    ids, targets = (torch.Tensor(rng.integers(0, 200, (8, 32))) for _ in range(2))
    assert gpt.next_token_loss(model(ids), targets).item() == pytest.approx(math.log(200), abs=0.05)


def test_no_score_depends_on_a_later_token_by_its_gradient(torch):
    from tinytorch import attention, gpt

    torch.manual_seed(0)
    model = gpt.GPT(20, 6, 8, 2, 2)
    for parameter in model.parameters():
        parameter.array[...] = np.random.default_rng(1).normal(0, 0.3, parameter.shape)
    assert not attention.sees_the_future(lambda x: model.norm(model.blocks(x)), torch.randn(2, 6, 8))


@pytest.mark.parametrize("stop", [1, 4, 7])
def test_a_run_that_was_interrupted_goes_on_to_the_last_bit(torch, stop, tmp_path):
    from tinytorch.training import load_checkpoint, save_checkpoint

    whole, batches = small_run(torch, 1)
    whole.fit(batches, steps=12)
    half, batches = small_run(torch, 1)
    half.fit(batches, steps=stop)
    save_checkpoint(tmp_path / "run.npz", trainer=half, batches=batches)
    resumed, batches = small_run(torch, 99)
    load_checkpoint(tmp_path / "run.npz", trainer=resumed, batches=batches)
    assert resumed.step == stop
    resumed.fit(batches, steps=12 - stop)
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(value, weights(resumed)[name])
    assert resumed.step == 12 and resumed.learning_rate() == whole.learning_rate()


@pytest.mark.parametrize("parts", [2, 3, 4, 9])
def test_a_batch_in_parts_moves_the_parameters_as_the_whole_batch_does(torch, parts):
    whole, batches = small_run(torch, 1)
    whole.fit(batches, steps=2)
    cut, batches = small_run(torch, 1, parts)
    cut.fit(batches, steps=2)
    assert cut.history["train_loss"] == pytest.approx(whole.history["train_loss"], rel=1e-5)
    for name, value in weights(whole).items():
        np.testing.assert_allclose(weights(cut)[name], value, atol=2e-4)


def test_by_steps_it_measures_after_every_so_many_and_tells_callbacks(torch):
    from tinytorch.training import Callback

    class Noting(Callback):
        def on_epoch_end(self, trainer):
            steps.append(trainer.step)

    steps = []
    trainer, batches = small_run(torch, 0, callbacks=[Noting()])
    history = trainer.fit(batches, [next(iter(batches))], steps=12, every=4)
    assert steps == [4, 8, 12] and len(history["validation_loss"]) == 3
    assert trainer.planned == 12


def test_by_steps_a_loader_that_ends_begins_again_and_by_epochs_all_is_as_it_was(torch):
    trainer, batches = small_run(torch, 0)
    three = [batch for batch, _ in zip(batches, range(3))]
    trainer.fit(three, steps=7)
    assert trainer.step == 7
    trainer.fit(three, epochs=2)
    assert trainer.step == 13 and trainer.epoch == 3


def test_steps_that_cannot_be_cut_and_parts_below_one_are_refused(torch):
    trainer, batches = small_run(torch, 0)
    for steps, every in ((10, 3), (0, None), (-4, 2)):
        with pytest.raises(ValueError, match="steps cannot be cut into stretches of"):
            trainer.fit(batches, steps=steps, every=every)
    with pytest.raises(ValueError, match="a batch is taken in at least 1 part, not 0"):
        small_run(torch, 0, parts=0)
    with pytest.raises(TypeError, match="an endless loader has no length"):
        trainer.fit(batches, epochs=1)


def writer_of(torch):
    from tinytorch import gpt
    from tinytorch.tokenization import Tokenizer, train_bpe

    torch.manual_seed(0)
    tokenizer = Tokenizer(train_bpe(shakespeare()[:5000], 300))
    return gpt.Writer(gpt.GPT(len(tokenizer), 16, 16, 2, 1), tokenizer)


@pytest.mark.parametrize("prompt", ["ROMEO:", "né日本👩‍🚀", "x" * 5000, "\n", "\x00"])
def test_it_goes_on_from_any_text(torch, prompt):
    pieces = list(writer_of(torch).write(prompt, 30, generator=np.random.default_rng(0)))
    assert len(pieces) == 31
    assert "".join(pieces).encode("utf-8")


def test_bytes_that_are_parts_of_a_character_are_held_back_until_it_is_whole(torch):
    writer = writer_of(torch)
    ids = iter([*"é".encode(), *"語".encode(), 0xE8, ord("a")])
    writer.model.forward = lambda tokens: torch.Tensor(
        np.where(np.arange(len(writer.tokenizer)) == next(ids), 0.0, -9.0)[None, None]
    )
    pieces = list(writer.write("a", 7, temperature=0))
    assert pieces == ["", "é", "", "", "語", "", "�a", ""]


def test_without_text_and_with_half_a_surrogate_it_says_what_is_missing(torch):
    with pytest.raises(ValueError, match="there is nothing to go on from: give at least one token"):
        next(writer_of(torch).write(""))
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        next(writer_of(torch).write("\ud83d"))


def test_from_its_file_it_writes_the_same(torch, tmp_path):
    from tinytorch.gpt import Writer
    from tinytorch.training import save_checkpoint

    writer, path = writer_of(torch), tmp_path / "writer.npz"
    save_checkpoint(path, writer=writer)
    texts = {"".join(w.write("O,", 40, generator=np.random.default_rng(5))) for w in (writer, Writer.load(path))}
    assert len(texts) == 1
    save_checkpoint(path, model=writer.model)
    with pytest.raises(ValueError, match=r"writer\.npz is a checkpoint, but there is no writer in it"):
        Writer.load(path)


@pytest.fixture
def milestone(torch):
    """The script as a module, on the reference."""
    specification = importlib.util.spec_from_file_location("milestone_10", MILESTONE)
    module = sys.modules["milestone_10"] = importlib.util.module_from_spec(specification)
    before = list(sys.path)
    specification.loader.exec_module(module)
    yield module
    sys.path[:] = before
    del sys.modules["milestone_10"]


def test_what_the_milestone_learns_does_not_depend_on_what_is_held_out(milestone, tmp_path, capsys):
    """Whatever stands in the held-out stretch: the same tokens, the same weights, the same counts."""
    plays = shakespeare()[:30_000]
    cut = len(milestone.hold_out(plays)[0])
    other = plays[:cut] + "Zounds, quoth Xyz! " * ((len(plays) - cut) // 19) + "!" * ((len(plays) - cut) % 19)
    plan = milestone.Plan("tiny", 16, 16, 1, 0.004, 4, 2)
    found = [milestone.train(text, plan, 0, tmp_path)[0].state_dict() for text in (plays, other)]
    capsys.readouterr()
    assert found[0]["tokenizer"] == found[1]["tokenizer"]
    for name, value in found[0]["model"].items():
        np.testing.assert_array_equal(value.array, found[1]["model"][name].array)
    assert milestone.hold_out(plays)[0] == milestone.hold_out(other)[0]


def test_a_milestone_that_was_stopped_goes_on_and_ends_as_it_would_have(milestone, tmp_path, capsys):
    plays, plan = shakespeare()[:30_000], milestone.Plan("tiny", 16, 16, 1, 0.004, 6, 2)
    whole, curve, _ = milestone.train(plays, plan, 0, tmp_path)

    class Stopped(milestone.Checkpoint):
        def on_epoch_end(self, trainer):
            super().on_epoch_end(trainer)
            if trainer.step == 4:
                raise KeyboardInterrupt

    usual, milestone.Checkpoint = milestone.Checkpoint, Stopped
    with pytest.raises(KeyboardInterrupt):
        milestone.train(plays, plan, 0, tmp_path)
    milestone.Checkpoint = usual
    resumed, its_curve, _ = milestone.train(plays, plan, 0, tmp_path)
    assert "goes on after step 4" in capsys.readouterr().out
    assert its_curve == curve
    for name, value in whole.model.state_dict().items():
        np.testing.assert_array_equal(value.array, resumed.model.state_dict()[name].array)
    assert not list(tmp_path.iterdir())


def test_kneser_ney_gives_probabilities_and_foretells_better_than_the_mixed_counts(milestone):
    text = shakespeare()[:60_000]
    learn, held_out = milestone.hold_out(text)
    model = milestone.KneserNey(learn, 5)
    for context in ("", "t", "the ", "qqqq", held_out[:9]):
        total = sum(model.probability(context[-4:], token) for token in set(learn))
        assert total == pytest.approx(1, abs=1e-9)
    assert model.nats(held_out) < min(milestone.NGram(learn, n).nats(held_out) for n in (4, 5))
