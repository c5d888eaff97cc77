"""`tito grade serve`, in a real browser: the marks are there, a written answer is graded by hand, the feedback shows it."""

import contextlib
import json
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from .conftest import PATIENCE, enrol_all, put, start

CHROMIUM = Path("/usr/bin/chromium")
RUN = "document.title = 'run'"
EVIL = f'It shares memory. <script>{RUN}</script><img src=x onerror="{RUN}"> [x](javascript:alert)'

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}")


@pytest.fixture
def formgrader(course, make, tito, tmp_path):
    """The address of formgrader, opened with `tito grade serve` on a course with two submissions."""
    notebooks = {
        "right/tensor.ipynb": make.notebook(words=EVIL),
        "jdoe1/tensor.ipynb": make.notebook(make.nth(0, True)),
    }
    source = put(tmp_path / "source", notebooks)
    enrol_all(course, source)
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


def test_marks_are_there_and_a_written_answer_is_graded_by_hand(formgrader, course, tito, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.goto(f"{formgrader}/gradebook/01_tensor/tensor")
        table = page.locator("table tbody")
        expect(table.locator("tr")).to_have_count(2, timeout=PATIENCE * 1000)
        expect(table).to_contain_text("29 / 33")
        page.screenshot(path=tmp_path / "gradebook.png")

        submissions = json.load(urllib.request.urlopen(f"{formgrader}/api/submitted_notebooks/01_tensor/tensor"))
        mine = next(entry for entry in submissions if entry["student"] == "right")
        page.goto(f"{formgrader}/submissions/{mine['id']}/?index=0")
        answer = page.locator(".cell, .jp-Cell").filter(has_text="It shares memory.").first
        expect(answer).to_be_visible(timeout=PATIENCE * 1000)
        assert page.title() != "run"  # what the student wrote is text: no tag of it is one
        assert not page.locator("img[onerror], [href^='javascript:alert']").count()
        expect(page.locator("body")).to_contain_text(re.compile(r"✓"))
        score = page.locator("input.score").nth(12)
        score.fill("1.5")
        comment = page.locator("textarea.comment").nth(12)
        comment.fill("Of slices, too?")
        comment.blur()
        page.screenshot(path=tmp_path / "submission.png", full_page=True)
        page.wait_for_timeout(1500)
        browser.close()
    tito("grade", "feedback", "01", "--course", course)
    text = (course / "feedback/right/01_tensor/tensor.html").read_text()
    assert "right: 30.5 of 33 points" in text and "Of slices, too?" in text
