"""`tito grade serve`, in a real browser: marks, an answer graded by hand, and answers that try to act as the grader."""

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import time
import urllib.request

import pytest

from ..tito.conftest import CHROMIUM, needs_chromium
from . import hostile
from .conftest import PATIENCE, enrol_all, put, start

MATHJAX = "mathjax@2.7.9"
LATER = "c.NbGraderBase.log_level = 30\n"  # of an instructor's own

pytestmark = needs_chromium


def attached(notebook):
    """The notebook with pictures, and what is none, attached to its Markdown, and what was written added once more."""
    for cell in list(notebook["cells"]):
        if hostile.WORDS in cell["source"]:
            cell["attachments"] = hostile.ATTACHED
            notebook["cells"].insert(3, cell | {"metadata": {}, "id": "mine"})
    return notebook


@pytest.fixture(scope="session")
def mathjax(tmp_path_factory):
    """MathJax 2, which formgrader takes from a CDN, as npm has it: a function from a file's name to its bytes."""
    folder = tmp_path_factory.mktemp("mathjax")
    npm = shutil.which("npm")
    done = npm and subprocess.run([npm, "pack", "--silent", MATHJAX, "--pack-destination", str(folder)], timeout=100)
    if not npm or done.returncode:
        pytest.skip(f"npm cannot fetch {MATHJAX}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


@pytest.fixture
def formgrader(course, make, tito, tmp_path):
    """The address of formgrader, opened with `tito grade serve` on a course with two submissions."""
    notebooks = {
        "right/tensor.ipynb": attached(make.notebook(words=hostile.GOOD)),
        "mallory/tensor.ipynb": attached(make.notebook(words="\n\n".join([hostile.WORDS, *hostile.EVIL.values()]))),
        "jdoe1/tensor.ipynb": make.notebook(make.nth(0, True)),
    }
    source = put(tmp_path / "source", notebooks)
    enrol_all(course, source)
    old = (course / "nbgrader_config.py").read_text().partition("\n# What students wrote")[0] + LATER
    (course / "nbgrader_config.py").write_text(old)  # as an earlier version of this course made it
    tito("grade", "collect", "01", source, "--course", course)
    tito("grade", "run", "01", "--course", course)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = dict(port=port, port_retries=0, open_browser=False, allow_root=True)
    put(tmp_path / "home", {"jupyter_server_config.json": {"ServerApp": settings, "IdentityProvider": {"token": ""}}})
    own = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    server = start("grade", "serve", "--course", course, more=dict.fromkeys(own, str(tmp_path / "home")))
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5):
                break
            assert server.poll() is None and time.monotonic() < until
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/formgrader"
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.communicate(timeout=20)
        except Exception:
            server.kill()
            server.communicate()


def submission(formgrader, student):
    """The address of the page on which somebody's notebook is graded."""
    every = json.load(urllib.request.urlopen(f"{formgrader}/api/submitted_notebooks/01_tensor/tensor"))
    return f"{formgrader}/submissions/{next(entry['id'] for entry in every if entry['student'] == student)}/?index=0"


def test_marks_are_there_and_a_written_answer_is_graded_by_hand(formgrader, course, tito, make, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.goto(f"{formgrader}/gradebook/01_tensor/tensor")
        table = page.locator("table tbody")
        expect(table.locator("tr")).to_have_count(3, timeout=PATIENCE * 1000)
        expect(table).to_contain_text("29 / 33")
        page.screenshot(path=tmp_path / "gradebook.png")

        page.goto(submission(formgrader, "right"))
        answer = page.locator(".cell, .jp-Cell").filter(has_text="It shares memory.").first
        expect(answer).to_be_visible(timeout=PATIENCE * 1000)
        assert answer.locator("strong, code, td").count() >= 4
        assert answer.locator("img").evaluate("image => image.naturalWidth") == 5
        expect(page.locator("body")).to_contain_text(re.compile(r"✓"))
        score = page.locator("input.score").nth(len(make.right))  # the first behind the exercises
        score.fill("1.5")
        comment = page.locator("textarea.comment").nth(len(make.right))
        comment.fill("Of slices, too?")
        comment.blur()
        page.screenshot(path=tmp_path / "submission.png", full_page=True)
        page.wait_for_timeout(1500)
        browser.close()
    tito("grade", "feedback", "01", "--course", course)
    text = (course / "feedback/right/01_tensor/tensor.html").read_text()
    assert "right: 30.5 of 33 points" in text and "Of slices, too?" in text


def test_nothing_that_a_student_wrote_acts(formgrader, mathjax, course):
    """Everything of a hostile answer is clicked, with MathJax; no script has run, and nothing was asked of other servers."""
    from playwright.sync_api import Error, expect, sync_playwright

    asked = []

    def answer(route):
        url = route.request.url
        found = mathjax / url.partition("/mathjax/")[2].partition("?")[0].partition("/")[2]
        if url.startswith(formgrader.removesuffix("/formgrader")):
            return route.continue_()
        if "/ajax/libs/mathjax/" in url and found.is_file():
            return route.fulfill(body=found.read_bytes(), content_type="text/javascript" * (found.suffix == ".js"))
        asked.append(url)
        return route.fulfill(status=204)  # so that the page stays

    assert LATER in (course / "nbgrader_config.py").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.route("**/*", answer)
        page.on("dialog", lambda dialog: asked.append(dialog.message) or dialog.dismiss())
        for student, texts in (("right", 3), ("mallory", 3)):
            address = submission(formgrader, student)
            page.goto(address)
            answers = page.locator(".text_cell_render").filter(has_text=hostile.WORDS)
            expect(answers.first).to_be_visible(timeout=PATIENCE * 1000)
            assert answers.count() >= texts
            page.wait_for_function("() => window.MathJax && MathJax.Hub.queue.pending == 0", timeout=PATIENCE * 1000)
            expect(answers.first.locator(".mjx-chtml, .MathJax_CHTML").first).to_be_attached(timeout=PATIENCE * 1000)
            for link in answers.locator("a").all():
                with contextlib.suppress(Error):  # the page's bar lies over some
                    link.click(force=True, no_wait_after=True, timeout=2000)
            answers.locator("*").evaluate_all("all => all.forEach(element => element.click && element.click())")
            page.wait_for_timeout(500)
            assert page.url == address and page.title() != "run"
            links = page.locator(".text_cell_render a").evaluate_all("all => all.map(a => a.href).filter(Boolean)")
            assert not [link for link in links if not link.startswith(("http://", "https://"))]
        browser.close()
    known = ("https://example.org/page", "https://cdnjs.cloudflare.com/", "https://api.cdnjs.com/")
    assert not [url for url in asked if not url.startswith(known)]
    assert "https://example.org/page" in asked
