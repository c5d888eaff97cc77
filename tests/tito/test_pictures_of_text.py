"""Pictures of text: what is drawn, and what is said of it to those who cannot see it."""

import numpy as np
import pytest

from tito import show

from .conftest import needs_chromium


class Letters:
    """Characters as tokens, or with `size` 2, pairs of them."""

    def __init__(self, size=1):
        self.size, self.known = size, []

    def encode(self, text):
        parts = [text[i : i + self.size] for i in range(0, len(text), self.size)]
        self.known += [part for part in parts if part not in self.known]
        return [self.known.index(part) for part in parts]

    def decode(self, ids):
        return "".join(self.known[i] for i in ids)


def drawn(picture):
    """The letters in a picture, with their columns and lines, and the patches."""
    axes = picture.figure.axes[0]
    letters = [(label.get_text(), *label.get_position()) for label in axes.texts]
    return letters, [(bar.get_x(), bar.get_width()) for bar in axes.patches]


def test_each_token_has_a_patch_as_wide_as_its_letters():
    letters, patches = drawn(show.tokens("to be", Letters(2)))
    assert [letter for letter, *_ in letters] == list("to be")
    assert patches == [(0, 2), (2, 2), (4, 1)]


def test_a_line_end_is_drawn_and_ends_the_line():
    letters, _ = drawn(show.tokens("a\nb", Letters()))
    assert letters == [("a", 0.5, 0), ("↵", 1.5, 0), ("b", 0.5, 1)]


def test_a_long_line_goes_on_in_the_next():
    letters, _ = drawn(show.tokens("x" * 100, Letters()))
    assert max(column for _, column, _ in letters) < 84
    assert {line for *_, line in letters} == {0, 1}


def test_it_says_how_many_tokens_there_are_and_the_first():
    picture = show.tokens("abcd", {"one": Letters(), "two": Letters(2)})
    assert "one: 4 for 4 characters, the first 'a', 'b', 'c', 'd'" in picture.alt
    assert "two: 2 for 4 characters, the first 'ab', 'cd'" in picture.alt


@pytest.mark.parametrize("text", ["", "$x_1$ \\frac", "\x00\x07", "日本"])
def test_any_text_can_be_drawn(text):
    assert show.tokens(text, Letters()).png()


def test_a_picture_saved_as_a_page_is_a_page(tmp_path):
    picture = show.tokens("a < b", Letters())
    picture.save(tmp_path / "tokens.html")
    page = (tmp_path / "tokens.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "a < b" not in page and "data:image/png;base64," in page
    picture.save(tmp_path / "tokens.png")
    assert (tmp_path / "tokens.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_is_drawn_with_its_largest_cells_said():
    picture = show.heat(np.array([[0, 0.5], [0.25, 0]]), ["a", "b"], ["c", "d"], "What follows")
    assert picture.alt.startswith("What follows: a table of 2 by 2. The largest: 0.5 at 'a', 'd'; 0.25 at 'b', 'c'")
    assert show.heat(np.zeros((2, 2)), ["a", "b"], ["a", "b"], "Nothing").png()


def test_rungs_mark_the_best_and_leave_a_place_for_what_is_to_come():
    picture = show.rungs({"guess": 3.0, "count": 2.0, "GPT": None}, "Held out", "nats")
    assert picture.alt == "Held out, in nats. guess: 3.000; count: 2.000; GPT: still to come."
    (axes,) = picture.figure.axes
    colours = [bar.get_facecolor()[:3] for bar in axes.patches]
    assert colours[0] != colours[1]
    assert [label.get_text() for label in axes.texts] == ["3.000", "2.000", "still to come"]


def test_where_each_head_looks_is_read_from_the_graph(reference):
    reference.tensor.manual_seed(0)
    layer = reference.attention.SelfAttention(4, heads=2)
    x = reference.autograd.Tensor(np.random.default_rng(0).standard_normal((1, 3, 4)).astype(np.float32))
    picture = show.attention(layer, x, ["a", "b", "\n"])
    tables = [np.asarray(axes.images[0].get_array()) for axes in picture.figure.axes]
    assert len(tables) == 2
    for table in tables:
        np.testing.assert_allclose(table.sum(1), 1, rtol=1e-5)
        assert not np.triu(table, 1).any()
    assert "layer 1, head 2: the last position looks most at" in picture.alt
    with pytest.raises(ValueError, match="this model has no attention"):
        show.attention(reference.layers.Linear(4, 4), x, ["a", "b", "c"])


def test_a_curve_is_drawn_with_the_levels_that_it_passes_and_those_that_it_does_not():
    picture = show.crossing(
        [(0, 3.0), (50, 2.0), (100, 1.6)], {"2-gram": 2.5, "best": 1.5}, "Held out", "steps", "nats"
    )
    assert picture.alt == (
        "Held out, in nats: from 3.000 to 1.600 at 100. 2-gram, 2.500, passed by 50; best, 1.500, not passed."
    )
    (axes,) = picture.figure.axes
    assert {label.get_text() for label in axes.texts} == {"2-gram 2.500", "best 1.500"}
    low, high = axes.get_ylim()
    assert low < 1.5 and high > 2.5


def test_no_label_lies_on_the_curve():
    curve = [(0, 3.25), *((n * 500, 1.65 + 0.7 / n) for n in range(1, 17))]
    levels = {"1-gram": 3.3, "2-gram": 2.5, "3-gram": 2.15, "4-gram": 1.92, "5-gram": 1.86, "Kneser-Ney, 7": 1.67}
    picture = show.crossing(curve, levels, "t", "x", "y")
    picture.png()
    (axes,) = picture.figure.axes
    (drawn,) = (line for line in axes.lines if line.get_marker() == "o")
    path = drawn.get_path().transformed(axes.transData)
    for label in axes.texts:
        assert not path.intersects_bbox(label.get_window_extent(), filled=False), label.get_text()


def test_a_sample_stands_beside_the_curve_whatever_is_in_it():
    picture = show.crossing([(0, 3.0), (1, 2.0)], {"a": 2.5}, "t", "x", "y", sample="$x$ \\frac\n�日本")
    assert picture.alt.endswith("Beside it, a sample: $x$ \\frac\n�日本") and len(picture.figure.axes) == 2
    assert picture.png()


@pytest.fixture
def heads(reference):
    """The heads of a small layer that reads six positions, one of which would end the script if it were not escaped."""
    reference.tensor.manual_seed(0)
    layer = reference.attention.SelfAttention(4, heads=2)
    x = reference.autograd.Tensor(np.random.default_rng(0).standard_normal((1, 6, 4)).astype(np.float32))
    return show.attention(layer, x, ["The", " king", "</script>", "\n", "'\"", "&"])


@needs_chromium
def test_the_page_of_heads_answers_for_each_position(heads, browser, tmp_path):
    heads.save(tmp_path / "heads.html")
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(error))
    page.goto((tmp_path / "heads.html").as_uri())
    places = page.locator("#text button")
    assert places.all_text_contents() == ["The", "·king", "</script>", "↵", "'\"", "&"]
    for head in range(2):
        page.select_option("#head", str(head))
        for place in range(6):
            places.nth(place).hover()
            table = list(heads.tables.values())[head]
            most = int(table[place].argmax())
            said, weight = page.text_content("#said").split(";")[0].rsplit(", ", 1)
            assert said == f"{heads.labels[place]} at {place} looks at: {heads.labels[most]} at {most}"
            assert float(weight) == pytest.approx(table[place, most], abs=0.006)
    places.first.focus()
    assert page.text_content("#said") == "The at 0 looks at: The at 0, 1.00"
    assert not problems
    page.close()


def test_heads_are_a_picture_in_a_file_and_a_page_in_a_notebook(heads, tmp_path):
    heads.save(tmp_path / "heads.png")
    assert (tmp_path / "heads.png").read_bytes().startswith(b"\x89PNG")
    shown = heads._repr_html_()
    assert "<iframe srcdoc=" in shown and "</script>" not in shown and shown.count("<img alt=") == 1


def test_of_many_positions_some_are_labelled(reference):
    layer = reference.attention.SelfAttention(4, heads=1)
    x = reference.autograd.Tensor(np.zeros((1, 64, 4), np.float32))
    picture = show.attention(layer, x, [str(place) for place in range(64)])
    (axes,) = picture.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [str(place) for place in range(0, 64, 3)]
    assert np.isfinite(picture.tables["layer 1, head 1"]).all()
