"""How Sphinx builds the site. `book/make` collects the pages and calls it."""

import base64
import hashlib
import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes

import tito

project = "TinyTorch"
version = release = tito.__version__
html_title = "TinyTorch"
html_favicon = "static/mark.svg"
smartquotes = False  # much of what is quoted is code
toc_object_entries_show_parents = "hide"
language = "en"

extensions = ["myst_nb", "sphinx_copybutton", "notfound.extension", "sphinxext.opengraph"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "cache"  # of the written pages; lessons come with their output
nb_execution_excludepatterns = ["lessons/*"]
nb_execution_cache_path = os.environ["BOOK_EXECUTION"]
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_mime_priority_overrides = [("linkcheck", "text/html", 1)]  # it has no priorities of its own

html_theme = "sphinx_book_theme"
html_static_path = ["static", os.environ["BOOK_STATIC"]]
html_css_files, html_js_files = ["book.css"], ["book.js"]
html_search_scorer = str(Path(__file__).with_name("static") / "scorer.js")
templates_path = ["templates"]
html_use_index = html_domain_indices = False  # the search knows more
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "navbar_persistent": [],  # the search is in the side bar
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "show_navbar_depth": 1,
    "collapse_navbar": True,
    "footer_content_items": [],
}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
mathjax_path = "mathjax/tex-chtml.js"
copybutton_exclude = ".linenos, .gp, .go"
linkcheck_timeout = 20

# Where the project is on the web, and where this site will be: settings of book/make, empty where they are not known.
LINKS = json.loads(os.environ["BOOK_LINKS"])
SITE = os.environ["BOOK_SITE"]
if LINKS:
    html_theme_options |= {
        "repository_url": LINKS["repository"],
        "use_repository_button": True,
        "use_issues_button": True,
    }
if SITE:
    html_baseurl = SITE
    extensions.append("sphinx_sitemap")
    sitemap_url_scheme = "{link}"
    sitemap_excludes = ["search.html", "404.html"]
ogp_site_url, ogp_site_name, ogp_type = SITE, "TinyTorch", "website"
ogp_enable_meta_description = True
ogp_description_length = 160
ogp_social_cards = {"enable": False}
ogp_image = "_static/pictures/front-light.png"
ogp_image_alt = "The reverse debugger goes back through a small network and shows each gradient."
notfound_urls_prefix = urlsplit(SITE).path or "/"

BROWSER = "try/lab/index.html?path=modules/01_tensor/tensor.ipynb"  # what `make site` puts beside the pages
if os.environ["BOOK_TRY"]:
    tags.add("try")  # noqa: F821 - Sphinx gives it to this file
    ELSEWHERE = [
        f'<a href="{BROWSER}">Open the first notebook</a>: nothing is installed. Python and NumPy come from '
        "Pyodide's CDN, so the first cell takes a while; what you write is kept in that browser only."
    ]
else:
    ELSEWHERE = [
        "`make site` makes this site with a JupyterLab in it that runs in the reader's browser, with Python and NumPy "
        "from Pyodide's CDN."
    ]
if "binder" in LINKS:
    ELSEWHERE.append(
        f"On a machine of somebody else's: [the first notebook on mybinder.org]({LINKS['binder']}), or [in Colab]"
        f"({LINKS['colab']}), where it needs the cells above."
    )
myst_substitutions = {
    "try_it": "\n\n".join(ELSEWHERE),
    "source": "The source is at <{repository}>; [tell us]({issues}) what goes wrong.".format_map(LINKS)
    if LINKS
    else "",
}

EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')


def setup(app):
    app.connect("doctree-resolved", _pictures_as_files)
    app.connect("html-page-context", _name, priority=900)  # after the theme


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


def _name(app, page, template, context, doctree):
    """For those who hear the page: an empty corner of a table is no heading, and what unfolds a list has a name."""
    context["body"] = context.get("body", "").replace('<th class="head"><p></p></th>', "<td></td>")
    navigation = context["generate_toctree_html"]

    def named(*arguments, **options):
        return str(navigation(*arguments, **options)).replace("<summary>", '<summary aria-label="Pages below">')

    context["generate_toctree_html"] = named
