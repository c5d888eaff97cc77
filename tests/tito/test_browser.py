"""A notebook in JupyterLab, worked through in a real browser: a wrong answer, its message, the right answer, the ticks."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.workspace import Workspace

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
MODULE = Workspace(ROOT).module("01")
MISTAKE = next(a for a in read_answers(MODULE) if a.name == "forgets_the_bools")
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": '{"windowingMode": "none"}',  # every cell is on the page, seen or not
    "@jupyterlab/apputils-extension/notification": '{"fetchNews": "false"}',  # and nothing lies on top of it
}

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}"),
]


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab in a workspace of its own."""
    workspace, home = tmp_path / "workspace", tmp_path / "home"
    home.mkdir()
    for folder in ("modules", "tests"):
        shutil.copytree(ROOT / folder, workspace / folder)
    shutil.copy(MODULE.original / "tensor.ipynb", workspace / "modules/01_tensor/tensor.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    env = {**os.environ, **{name: str(home / name.lower()) for name in own}}
    for plugin, setting in SETTINGS.items():
        path = home / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(setting)
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    options = [f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root", "--IdentityProvider.token="]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], cwd=workspace, env=env, stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + 120
            while True:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5):
                    break
                assert server.poll() is None and time.monotonic() < until, (tmp_path / "server.log").read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/lab/tree/modules/01_tensor/tensor.ipynb"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def test_a_wrong_answer_its_message_and_the_right_answer(lab, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    lesson = Lesson(MODULE)
    answers = [cell.source for cell in lesson.with_answer("as_array", MISTAKE.body) if "def as_array" in cell.source]
    answers += [cell.source for cell in lesson.cells() if "def as_array" in cell.source]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        keys = page.keyboard
        page.goto(lab)
        expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=60_000)
        written = page.locator(".jp-CodeCell").filter(has_text="def as_array")
        check = page.locator(".jp-CodeCell").filter(has_text='check("as_array")')
        shown = check.locator(".jp-OutputArea-output")

        def run_all():
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            expect(shown).to_contain_text("not written yet", timeout=20_000)

        def answer(source):
            """Put an answer into its cell, run it, and run the check below."""
            written.locator(".cm-content").click()
            keys.press("Control+a")
            keys.insert_text(source)
            keys.press("Shift+Enter")
            expect(check).to_have_class(re.compile("jp-mod-active"))
            keys.press("Shift+Enter")

        try:
            run_all()  # as far as the first cell that needs the answer
        except AssertionError:
            run_all()  # the kernel was not ready, though it said so
        answer(answers[0])
        expect(shown).to_contain_text("✗", timeout=30_000)
        expect(shown).to_contain_text(re.compile(r"returned.*expected", re.DOTALL))
        expect(shown).to_contain_text("Bools are lost")
        page.screenshot(path=tmp_path / "wrong.png")

        answer(answers[1])
        expect(shown).not_to_contain_text("✗", timeout=30_000)
        expect(shown).to_contain_text("✓")
        page.screenshot(path=tmp_path / "right.png")
        text = shown.inner_text().strip().splitlines()
        assert re.match(r"as_array +(\d+) of \1$", text[0])
        assert all(line.strip().startswith("✓") for line in text[2:])
        browser.close()
