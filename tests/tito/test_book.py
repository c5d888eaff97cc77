"""The website: it is built, shows no answer, asks no other host for anything, and can be read by everyone."""

import html
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tito.author.build import read_lessons, student_notebook
from tito.cli import COMMANDS, parser
from tito.workspace import Workspace, write

from .conftest import needs_chromium, serving

ROOT = Path(__file__).parents[2]
MAKE = ROOT / "book" / "make"
LIMIT = 500_000  # bytes of a page without a widget
HEADS = 'title="Where each head looks"'  # which brings its still picture along
WIDGET = f'title="Reverse debugger"|{HEADS}'
READ_BY_AXE = ["index.html", "lessons/04_backprop.html", "reference/tito.html", "reference/api/layers.html"]

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("sphinx"), reason="the extra `book` is not installed")


def make(out, **env):
    """Build the site, which has no address unless one is given; what it printed, its complaints and its exit code."""
    command = [sys.executable, str(MAKE), "--to", str(out)]
    env = {"TINYTORCH_REPOSITORY": "", "TINYTORCH_SITE": ""} | env
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=os.environ | env)
    return done.stdout, done.stderr, done.returncode


def part(name):
    """A module of book/make."""
    spec = importlib.util.spec_from_file_location(name, MAKE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory, worker_id):
    """A folder with the site, built from what is kept of earlier builds; by one worker, while the others wait."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "book"
    result = out / "result.json"
    try:
        out.mkdir()
    except FileExistsError:
        while not result.is_file():
            time.sleep(0.2)
    else:
        write(result, json.dumps(make(out)))
    printed, problems, code = json.loads(result.read_text(encoding="utf-8"))
    if code == 2 and "mathjax" in problems:
        pytest.skip(problems)
    assert (code, problems) == (0, ""), printed + problems
    return out


@pytest.fixture(scope="module")
def site(built):
    return built / "html"


@pytest.fixture(scope="module")
def pages(site):
    """The text of each page, by its path."""
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
        if "_static" not in path.parts
    }


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served."""
    with serving(site) as address:
        yield address


def text_of(page):
    """What a page shows, without its tags, each run of blanks as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def test_every_lesson_is_a_chapter_and_every_chapter_has_its_output(pages):
    for lesson in read_lessons(Workspace(ROOT)):
        page = pages[f"lessons/{lesson.module.key}.html"]
        assert page.count('class="check"') == len(lesson.exercises)
        assert page.count("With the answer in place:") == page.count('class="check"')
        assert page.count('class="cell tag_exercise docutils container"') >= len(lesson.exercises)
        others = 3 if lesson.module.number <= "06" else 1  # the site's own mark; Part I draws more, 08 and 10 one each
        assert page.count('alt="') > others and "<summary>Hint 1</summary>" in page


def test_no_answer_is_on_any_page(pages):
    lessons = read_lessons(Workspace(ROOT))
    handed_out = [json.loads(student_notebook(lesson)) for lesson in lessons]
    cells = ["".join(cell["source"]) for notebook in handed_out for cell in notebook["cells"]]
    given = " ".join(" ".join(cells).split()) + " ".join(map(text_of, cells)).replace("`", "")
    shown = {name: text_of(page) for name, page in pages.items()}
    answers = [cell for lesson in lessons for cell in lesson.notebook.cells if "BEGIN SOLUTION" in cell.source]
    for cell in answers:
        answer = cell.source.partition("BEGIN SOLUTION")[2].rpartition("###")[0]
        lines = [line for line in answer.splitlines() if len(line.strip()) >= 20]
        secret = {text for text in (" ".join(part.split()) for part in [answer, *lines]) if text not in given}
        assert secret or len(answer.split("\n")) <= 3, cell.id  # one line may also be a part of what is given
        for name, text in shown.items():
            assert not [line for line in secret if line in text], (cell.id, name)


def test_pages_are_small_unless_they_hold_a_widget(pages):
    assert {name for name, page in pages.items() if len(page.encode()) > LIMIT and not re.search(WIDGET, page)} == set()
    assert not [name for name, page in pages.items() if "data:image/png" in page and HEADS not in page]


def test_no_page_names_another_host_for_what_it_loads(pages):
    loaded = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="((?:https?:)?//[^"]*)"')
    assert {name: found for name, page in pages.items() if (found := loaded.findall(page))} == {}


def test_the_reference_has_every_command_with_every_option(pages):
    text = text_of(pages["reference/tito.html"])
    for name, (_, example, _) in COMMANDS.items():
        assert f"tito {name}" in text and (name == "grade" or example in text)
    for action in parser(["check"])._subparsers._group_actions[0].choices["check"]._actions:
        assert (action.option_strings or [action.metavar])[-1] in text


def test_the_api_has_what_the_lessons_export_and_nothing_private(pages):
    page = pages["reference/api/autograd.html"]
    assert 'id="tinytorch.autograd.unbroadcast"' in page and 'id="tinytorch.autograd.Tensor.backward"' in page
    assert not re.search(r'id="tinytorch\.\w+\.(\w+\.)?_[a-z]', "".join(pages.values()))


def test_a_second_build_runs_nothing_and_links_to_where_the_project_is_if_that_is_known(built, pages, tmp_path):
    project, site = "https://github.com/someone/tinytorch", "https://someone.github.io/tinytorch/"
    printed, problems, code = make(tmp_path, TINYTORCH_REPOSITORY=project, TINYTORCH_SITE=site)
    assert (code, problems) == (0, "") and " runs" not in printed
    front, install = ((tmp_path / "html" / name).read_text(encoding="utf-8") for name in ("index.html", "install.html"))
    assert f'href="{project}"' in front and f'href="{project}/issues"' in front
    assert 'href="https://mybinder.org/v2/gh/someone/tinytorch/HEAD?urlpath=lab/tree/' in install
    assert 'href="https://colab.research.google.com/github/someone/tinytorch/blob/HEAD/' in install
    assert f"<loc>{site}install.html</loc>" in (tmp_path / "html" / "sitemap.xml").read_text(encoding="utf-8")
    assert f'property="og:image" content="{site}_static/pictures/front-light.png"' in front
    assert f'"{urlsplit(site).path}_static/' in (tmp_path / "html" / "404.html").read_text(encoding="utf-8")
    for name in ("index.html", "install.html"):
        assert not re.search(r"github\.com|mybinder|colab\.research", pages[name])


@pytest.mark.parametrize(
    "remote, address",
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://token@github.com/a/b", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org/a/b"),
        ("/home/me/b", ""),
        ("../b", ""),
        ("file:///home/me/b", ""),
        ("", ""),
    ],
)
def test_the_address_is_that_of_the_git_remote(remote, address):
    assert part("addresses").web_address(remote) == address


def test_elsewhere_than_on_github_there_is_no_binder_and_no_colab():
    found = part("addresses").links("https://git.example.org/a/b")
    assert found == {"repository": "https://git.example.org/a/b", "issues": "https://git.example.org/a/b/issues"}


def test_every_page_has_a_title_and_a_description(pages):
    for name, page in pages.items():
        assert re.search(r"<title>[^<]*\w", page), name
        if name not in ("search.html", "404.html"):
            assert re.search(r'<meta name="description" content="[^"]{20}', page), name


@pytest.mark.parametrize("archive", [None, b"not the archive"])
def test_without_mathjax_a_sentence_says_what_to_do(tmp_path, archive):
    if archive:
        (tmp_path / "mathjax").mkdir()
        (tmp_path / "mathjax" / "mathjax-3.2.2.tgz").write_bytes(archive)
    _, problems, code = make(tmp_path / "out", TINYTORCH_DATA=str(tmp_path), PATH=str(tmp_path))
    wanted = "is damaged, its checksum is wrong" if archive else "install Node.js"
    assert code == 2 and wanted in problems and len(problems.splitlines()) == 1


def test_a_result_is_kept_until_something_changes_that_it_was_made_from(tmp_path):
    execute = part("execute")
    cache, source, runs = execute.Cache(tmp_path / "cache"), tmp_path / "source.py", []

    def get(text):
        return cache.get("lesson", [text, source], lambda: runs.append(text) or len(runs))

    source.write_text("1")
    assert [get("a"), get("a")] == [1, 1]
    assert get("b") == 2
    source.write_text("2")
    assert [get("b"), get("b")] == [3, 3]
    assert len(list((tmp_path / "cache").iterdir())) == 1


@needs_chromium
def test_no_request_leaves_a_page_and_no_page_has_an_error(pages, address, browser):
    page, left, errors = browser.new_page(), [], []
    page.on("request", lambda request: None if request.url.startswith((address, "data:")) else left.append(request.url))
    page.on("response", lambda response: errors.append(response.url) if response.status >= 400 else None)
    page.on("pageerror", lambda error: errors.append((page.url, str(error))))
    page.on("console", lambda said: errors.append((page.url, said.text)) if said.type == "error" else None)
    for name in pages:
        page.goto(address + name)
        page.wait_for_load_state("networkidle")
    page.close()
    assert (left, errors) == ([], [])


@needs_chromium
def test_formulas_are_drawn(address, browser):
    page = browser.new_page()
    page.goto(address + "lessons/05_optimizers.html")
    page.wait_for_selector("mjx-container mjx-mfrac")
    page.close()


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", READ_BY_AXE)
def test_axe_finds_nothing(name, scheme, address, browser):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(color_scheme=scheme)
    page.goto(address + name)
    page.wait_for_function("document.getAnimations().length === 0")
    found = Axe().run(page).response["violations"]
    page.close()
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found] == []


@needs_chromium
def test_a_phone_does_not_scroll_sideways(pages, address, browser):
    page, wide = browser.new_page(viewport={"width": 390, "height": 844}), {}
    for name in pages:
        page.goto(address + name)
        wide[name] = page.evaluate("document.scrollingElement.scrollWidth")
    page.close()
    assert {name: width for name, width in wide.items() if width > 390} == {}


@needs_chromium
def test_a_first_visit_loads_less_than_600_kb(address, browser):
    page, sizes = browser.new_page(), {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(address + "index.html")
    page.wait_for_load_state("networkidle")
    page.close()
    assert 100_000 < sum(sizes.values()) < 600_000, sorted(sizes.items(), key=lambda item: -item[1])[:5]


@needs_chromium
@pytest.mark.parametrize(
    "word, first",
    [
        ("windows", "install.html"),
        ("colab", "install.html"),
        ("faq", "questions.html"),
        ("cite", "about.html"),
        ("licence", "about.html"),
        ("contributing", "contributing.html"),
    ],
)
def test_the_search_finds_first_what_people_look_for(word, first, address, browser):
    page = browser.new_page()
    page.goto(f"{address}search.html?q={word}")
    page.wait_for_selector("ul.search li")
    page.wait_for_function("document.querySelector('#search-progress')?.textContent !== 'Searching'")
    found = page.eval_on_selector_all("ul.search li > a", "links => links.map(link => link.getAttribute('href'))")
    page.close()
    assert found[0].partition("#")[0] == first


@needs_chromium
def test_icons_are_drawn(address, browser):
    page = browser.new_page()
    page.goto(address + "index.html")
    page.wait_for_function("document.fonts.check('900 16px \"Font Awesome 7 Free\"')")
    shown = "icon => getComputedStyle(icon, '::before').content"
    drawn = page.eval_on_selector_all(".fa-solid:not(.fa-lg)", f"icons => icons.map({shown})")
    page.close()
    assert drawn and "none" not in drawn


@needs_chromium
def test_long_errors_wrap(address, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address + "lessons/01_tensor.html")
    clipped = page.eval_on_selector_all(
        ".cell_output pre", "blocks => blocks.filter(b => b.scrollWidth > b.clientWidth + 1).length"
    )
    page.close()
    assert clipped == 0


@needs_chromium
def test_the_search_finds_a_word_of_a_lesson(address, browser):
    page = browser.new_page()
    page.goto(address + "search.html?q=unbroadcast")
    page.wait_for_selector("ul.search li")
    found = page.eval_on_selector_all("ul.search li > a", "links => links.map(link => link.getAttribute('href'))")
    page.close()
    assert any("lessons/02_autograd.html" in link for link in found)
    assert any("reference/api/autograd.html" in link for link in found)


@needs_chromium
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_debugger_in_a_lesson_is_alive_and_has_the_page_s_theme(theme, address, browser):
    page = browser.new_page(color_scheme="light")
    page.add_init_script(f"localStorage.setItem('mode', '{theme}')")
    page.goto(address + "lessons/04_backprop.html")
    widget = page.locator("iframe").first
    widget.scroll_into_view_if_needed()
    inside = widget.content_frame
    inside.locator("#last").click()
    last, total = inside.locator("#count").inner_text().split(" of ")
    assert last == total and int(total) > 10
    paper = inside.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    page.close()
    assert (sum(map(int, re.findall(r"\d+", paper))) > 380) == (theme == "light")
