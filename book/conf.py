"""How Sphinx builds the site. `book/make` collects the pages and calls it."""

import base64
import hashlib
import os
import re
from pathlib import Path

from docutils import nodes

import tito

project = "TinyTorch"
version = release = tito.__version__
html_title = "TinyTorch"
html_logo = html_favicon = "static/mark.svg"
smartquotes = False  # much of what is quoted is code
toc_object_entries_show_parents = "hide"
language = "en"

extensions = ["myst_nb", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"  # of the written pages; lessons come with their output
nb_execution_excludepatterns = ["lessons/*"]
nb_execution_cache_path = os.environ["BOOK_EXECUTION"]
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True

html_theme = "sphinx_book_theme"
html_static_path = ["static", os.environ["BOOK_STATIC"]]
html_css_files = ["book.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "TinyTorch", "alt_text": ""},
    "navbar_persistent": [],  # the search is in the side bar
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "show_navbar_depth": 1,
}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
mathjax_path = "mathjax/tex-chtml.js"
copybutton_exclude = ".linenos, .gp, .go"
linkcheck_timeout = 20

EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')


def setup(app):
    app.connect("doctree-resolved", _pictures_as_files)


def _pictures_as_files(app, doctree, page):
    """Write the pictures that are embedded in a page to files: pages stay small, and load before their pictures."""
    folder = Path(app.outdir) / "_images"

    def file(match):
        data = base64.b64decode(match[1])
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return f'src="{"../" * page.count("/")}_images/{name}" loading="lazy"'

    for node in doctree.findall(nodes.raw):
        if "data:image/png" in node.astext():
            node.children = [nodes.Text(EMBEDDED.sub(file, node.astext()))]
