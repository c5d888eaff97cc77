"""What formgrader shows of a student's text: Markdown as nbconvert renders it, then only what an allow-list names.

Formgrader's page can give marks, so nothing in it may be run that a student wrote. A course's nbgrader_config.py puts
these filters in the place of nbconvert's own, also for nbgrader's feedback.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

LONGEST = 20_000  # characters of a text that is rendered; some take time that grows with the square of their length
MORE_TAGS = (
    "br dd del details div dl dt h1 h2 h3 h4 h5 h6 hr img kbd p pre s span sub summary sup table tbody td th thead tr"
)
TAGS = bleach.ALLOWED_TAGS | set(MORE_TAGS.split())
LINKS = ("http://", "https://", "mailto:")
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
LONGEST_CLASS = (
    3  # characters of what Pygments calls a token; the page's own classes, which its buttons have, are longer
)


@pass_context
def markdown2html(context: Any, source: str) -> str:
    """Render a cell's Markdown, with the pictures attached to the cell, and keep what is harmless."""
    if len(source) > LONGEST:
        return f"<pre>{escape(source)}</pre>"
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(
        escape=False, attachments=attachments, embed_images=False, exclude_anchor_links=True, path=""
    )
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
        return bleach.clean(rendered, TAGS, _allowed, ("http", "https", "mailto", "data"))
    except Exception:  # RecursionError, or an attachment that is none: the text itself can always be read
        return f"<pre>{escape(source)}</pre>"


def unchanged(html: str) -> str:
    """Give back what is given: nbconvert's filter of this name would make other links of harmless ones."""
    return html


def _allowed(tag: str, attribute: str, value: str) -> bool:
    """Whether an attribute may stay. Links lead out of this server, and pictures are in the page or not shown."""
    if tag == "a" and attribute == "href":
        return value.strip().lower().startswith(LINKS)
    if tag == "img" and attribute == "src":
        return PICTURE.fullmatch(value) is not None
    if attribute == "class":
        return value == "highlight" if tag == "div" else tag == "span" and len(value) <= LONGEST_CLASS
    return (tag, attribute) in {("img", "alt"), ("ol", "start"), ("details", "open")}
