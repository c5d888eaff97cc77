"""The reference's language.py: what cannot be asked of it is one sentence, and a stretch that was held out stays unseen."""

import math

import numpy as np
import pytest

from tito.datasets import shakespeare


@pytest.fixture(scope="module")
def language(reference):
    return reference.language


def test_a_text_too_short_for_a_window_is_refused(language):
    with pytest.raises(ValueError, match="a text of 4 tokens has no window of 4 with one behind it"):
        language.Windows([1, 2, 3, 4], 4)
    assert len(language.Windows([1, 2, 3, 4, 5], 4)) == 1


def test_orders_and_temperatures_that_make_no_sense_are_refused(language):
    with pytest.raises(ValueError, match="the order is at least 1"):
        language.NGram("abc", 0)
    with pytest.raises(ValueError, match="a temperature is 0 or more, not -1"):
        language.sample_token(np.zeros(3), -1)


def test_a_character_that_was_never_seen_has_a_finite_loss(language):
    model = language.NGram("abcabc" * 10, 3)
    assert math.isfinite(model.nats("abcé"))
    assert model.nats("abcabc") < math.log(3)


def test_the_loss_of_what_is_held_out_does_not_depend_on_it(language):
    """Whatever stands in the stretch, the model that it is measured with is the same: nothing of it was counted."""
    text = shakespeare()[:20_000]
    learn, held_out = language.hold_out(text)
    other_learn, _ = language.hold_out(learn + held_out[::-1])
    assert language.NGram(learn, 4).counts == language.NGram(other_learn, 4).counts
    assert learn + held_out == text


def test_windows_drawn_by_lot_leak_and_a_stretch_does_not(language):
    text = shakespeare()[:60_000]
    learn, held_out = language.hold_out(text)
    starts = np.random.default_rng(0).permutation(len(learn) // 32 - 1) * 32
    leaky = language.NGram("\n".join(learn[i : i + 64] for i in starts[200:]), 5)
    by_lot = np.mean([leaky.nats(learn[i : i + 64]) for i in starts[:200]])
    assert by_lot < 0.7 * leaky.nats(held_out)


def test_a_window_is_the_same_by_itself_and_in_a_batch(language):
    windows = language.Windows(np.arange(20), 5)
    inputs, targets = windows.take(np.array([2, 9]))
    one_input, one_target = windows[9]
    assert inputs[1].tolist() == one_input.tolist() and targets[1].tolist() == one_target.tolist()
