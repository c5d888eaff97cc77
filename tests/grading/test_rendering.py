"""What formgrader shows of a written answer: rendered as nbconvert does, and nothing of it can act."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from tito.grader.course import HARMLESS
from tito.grader.rendering import LONGEST, TAGS, markdown2html

from . import hostile

SAFE = re.compile(r"https?://|mailto:")
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}, "details": {"open"}}
ATTRIBUTES |= {"span": {"class"}, "div": {"class"}}
SETTINGS = "c.HTMLExporter.filters"


class Reader(HTMLParser):
    """Notes what of a text is more than a list of harmless things."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS or {name for name, _ in attributes} - ATTRIBUTES.get(tag, set()):
            self.found.append(self.get_starttag_text())
        for name, value in attributes:
            if name == "href" and not SAFE.match(value):
                self.found.append(value)
            if name == "src" and not re.match(r"data:image/(png|jpeg|gif|webp);base64,[\w+/=]*$", value):
                self.found.append(value)

    handle_startendtag = handle_starttag

    def handle_decl(self, declaration):
        self.found.append(declaration)

    handle_pi = unknown_decl = handle_comment = handle_decl


def odd(html):
    reader = Reader()
    reader.feed(html)
    return reader.found


def exported(source, filters):
    """The part of formgrader's page, before or after its filters are put in, that a cell's text becomes."""
    cell = nbformat.v4.new_markdown_cell(source, attachments=hostile.ATTACHED)
    exporter = HTMLExporter(template_name="classic", filters=filters)
    page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return (
        page.partition('<div class="text_cell_render')[2]
        .partition(">")[2]
        .partition("</body>")[0]
        .rpartition("</div>")[0]
    )


def settings():
    from types import SimpleNamespace

    c = SimpleNamespace(HTMLExporter=SimpleNamespace())
    exec(HARMLESS, {"c": c})
    return c.HTMLExporter.filters


@pytest.mark.parametrize("what", hostile.EVIL)
def test_nothing_is_left_of(what):
    assert not odd(markdown2html({"cell": {"attachments": hostile.ATTACHED}}, hostile.EVIL[what]))
    assert not odd(exported(hostile.EVIL[what], settings()))


def test_most_of_it_is_there_without_the_filters():
    there = [what for what, text in hostile.EVIL.items() if odd(exported(text, {}))]
    formulas = [what for what in hostile.EVIL if "formula" in what]  # these act in MathJax, in the browser
    assert len(there) >= len(hostile.EVIL) - len(formulas) - 2, sorted(set(hostile.EVIL) - set(there))


def test_what_an_honest_answer_holds_is_shown():
    html = markdown2html({"cell": {"attachments": hostile.ATTACHED}}, hostile.GOOD)
    assert "<strong>bold</strong>" in html and "<code>code</code>" in html and "$x^2$" in html
    assert '<a href="https://example.org/page">a page</a>' in html and "<td>1</td>" in html
    assert f'src="data:image/png;base64,{hostile.DOT}"' in html
    code = markdown2html({}, "```python\ndef f():\n    return 1 < 2\n```")
    assert '<div class="highlight">' in code and '<span class="k">def</span>' in code and "&lt;" in code


@pytest.mark.parametrize("text", ["<div>" * 4000, "> " * 10_000, "[" * LONGEST, "$$" * 10_000, "x" * 10 * LONGEST])
def test_a_text_made_to_take_long_is_shown_all_the_same(text):
    assert not odd(markdown2html({}, text))
    assert exported(text, settings())
