"""A notebook in JupyterLab, worked through in a real browser: a wrong answer, its message, the right answer, the ticks."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.workspace import Workspace

from .conftest import CHROMIUM, PATIENCE, needs_chromium

ROOT = Path(__file__).parents[2]
MODULE = Workspace(ROOT).module("01")
MISTAKE = next(a for a in read_answers(Lesson(MODULE)) if a.name == "forgets_the_bools")
WINDOWLESS = '{"windowingMode": "none"}'  # every cell is on the page, seen or not

pytestmark = needs_chromium


@pytest.fixture
def lab(tmp_path):
    """The address that `tito start` says, in a workspace of its own; and `tito` there."""
    workspace, home = tmp_path / "workspace", tmp_path / "home"
    home.mkdir()
    for folder in ("modules", "tests", "tinytorch"):
        shutil.copytree(ROOT / folder, workspace / folder)
    (workspace / "README.md").write_text("# TinyTorch")
    shutil.copy(MODULE.original / "tensor.ipynb", workspace / "modules/01_tensor/tensor.ipynb")
    own = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    env = {**os.environ, "PYTHONPATH": str(ROOT), **{name: str(home / name.lower()) for name in own}}
    setting = home / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    setting.parent.mkdir(parents=True)
    setting.write_text(WINDOWLESS)
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"

    def start():
        command = [sys.executable, "-m", "tito", "start", "--no-browser"]
        return subprocess.Popen(command, cwd=workspace, env=env, stdout=subprocess.PIPE, encoding="utf-8")

    server = start()
    try:
        yield server.stdout.readline(), start
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
        assert server.stdout.read() == "\nJupyterLab has ended.\n"


def test_a_wrong_answer_its_message_and_the_right_answer(lab, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    lesson = Lesson(MODULE)
    answers = [cell.source for cell in lesson.with_answer("as_array", MISTAKE.body) if "def as_array" in cell.source]
    answers += [cell.source for cell in lesson.cells() if "def as_array" in cell.source]
    said, start = lab
    address = re.fullmatch(r"modules/01_tensor/tensor.ipynb is open at (\S+)  Ctrl-C ends it.\n", said)[1]
    again = start()
    assert f"{address}, in the JupyterLab that runs already." in again.communicate()[0] and again.returncode == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        keys = page.keyboard
        page.goto(address)
        expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=200_000)
        for there in ("modules", "tinytorch", "README.md"):  # the whole workspace is at hand
            expect(page.locator(".jp-DirListing").get_by_text(there, exact=True)).to_be_visible(timeout=PATIENCE * 1000)
        for nuisance in ("Nbgrader", "official Jupyter news", "Extension Manager"):
            expect(page.get_by_text(nuisance)).to_have_count(0)
        written = page.locator(".jp-CodeCell").filter(has_text="def as_array")
        check = page.locator(".jp-CodeCell").filter(has_text='check("as_array")')
        shown = check.locator(".jp-OutputArea-output")

        def run_all():
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            expect(shown).to_contain_text("not written yet", timeout=PATIENCE * 1000)

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
        expect(shown).to_contain_text("✗", timeout=PATIENCE * 1000)
        expect(shown).to_contain_text(re.compile(r"returned.*expected", re.DOTALL))
        expect(shown).to_contain_text("Bools are lost")
        page.screenshot(path=tmp_path / "wrong.png")

        answer(answers[1])
        expect(shown).not_to_contain_text("✗", timeout=PATIENCE * 1000)
        expect(shown).to_contain_text("✓")
        page.screenshot(path=tmp_path / "right.png")
        text = shown.inner_text().strip().splitlines()
        assert re.match(r"as_array +(\d+) of \1$", text[0])
        held = [line.strip() for line in text[2:] if line.strip()]
        assert held.pop().startswith("Next: ") and all(line.startswith("✓") for line in held)
        browser.close()
