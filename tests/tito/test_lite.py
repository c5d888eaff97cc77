"""The site on which the notebooks run in the browser: what is in it, and that Python starts there and finds `tito`.

Pyodide comes from npm here, without NumPy, which only its CDN has: what needs NumPy is not run.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tito.author.lesson import Lesson
from tito.datasets import cache
from tito.workspace import Workspace

from .conftest import CHROMIUM, PATIENCE, needs_chromium, serving

ROOT = Path(__file__).parents[2]
COURSE = Workspace(ROOT)
BIN = ROOT / ".venv-lite" / "bin"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
EXPORT = """\
import json
notebook = json.load(open("tensor.ipynb"))
blank = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "as_array")
blank["source"] = "#| export\\ndef as_array(data, dtype=None):\\n    return np.asarray(data, dtype)"
json.dump(notebook, open("tensor.ipynb", "w"))
get_ipython().run_cell("tito export 01")
print(open("/drive/tinytorch/tensor.py").read()[:40])
"""
STARTS_WITH = ["micropip", "ipython", "jedi", "comm"]  # what the kernel loads before it is ready

pytestmark = pytest.mark.skipif(
    not (BIN.parent / "ready").exists(), reason="there is no .venv-lite yet: `make lite` makes it"
)


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", **options)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, as `make lite` makes it."""
    folder = tmp_path_factory.mktemp("lite")
    run("make", "lite", f"LITE={folder}", cwd=ROOT)
    return folder / "site"


@pytest.fixture(scope="module")
def pyodide():
    """A folder with the Pyodide that the kernel wants, from npm, and with the wheels, from pip, that it starts with."""
    if not shutil.which("npm"):
        pytest.skip("Pyodide is fetched with npm, which is not here")
    ask = "from jupyterlite_pyodide_kernel.constants import *; print(PYODIDE_VERSION, PYODIDE_PYTHON_VERSION)"
    version, python = run(BIN / "python", "-c", ask).split()
    folder = cache() / "pyodide" / version
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=version, dir=folder.parent))
        try:
            fetch(version, python, fresh)
            fresh.rename(folder)
        except AssertionError as error:
            pytest.skip(f"Pyodide cannot be fetched: {error}")
        except OSError:
            assert folder.is_dir()  # another worker was faster
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return folder


def fetch(version, python, folder):
    """Fill the folder with this Pyodide and the wheels for its Python."""
    run("npm", "pack", "--silent", f"pyodide@{version}", cwd=folder)
    with tarfile.open(folder / f"pyodide-{version}.tgz") as archive:
        for member in archive.getmembers():
            (folder / Path(member.name).name).write_bytes(archive.extractfile(member).read())
    known = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    wanted = [f"{name}=={known[name]['version']}" if name in known else name for name in needed(known)]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", f"--python-version={python}", f"--dest={folder}"]
    run(BIN / "python", "-m", "pip", "download", *options, *wanted)


def needed(known):
    """The names of the packages that the kernel starts with, and of what they need."""
    names, found = list(STARTS_WITH), []
    while names:
        name = canonicalize_name(names.pop())
        if name not in found:
            found.append(name)
            names += known.get(name, {}).get("depends", [])
    return found


@pytest.fixture(scope="module")
def offline(site, pyodide, tmp_path_factory):
    """The address of the site, served with that Pyodide in place of its CDN's."""
    folder = tmp_path_factory.mktemp("offline") / "site"
    shutil.copytree(site, folder)
    shutil.copytree(pyodide, folder / "pyodide")
    settings = json.loads((folder / "jupyter-lite.json").read_text())
    kernel = settings["jupyter-config-data"]["litePluginSettings"][KERNEL]
    kernel["pyodideUrl"] = "./pyodide/pyodide.mjs"
    kernel["loadPyodideOptions"]["packages"] = []
    (folder / "jupyter-lite.json").write_text(json.dumps(settings))
    lock = json.loads((pyodide / "pyodide-lock.json").read_text())
    for wheel in pyodide.glob("*.whl"):  # pip's wheels are built by others than the CDN's
        name, version = wheel.name.split("-")[:2]
        entry = lock["packages"].setdefault(
            canonicalize_name(name), dict(name=name, version=version, install_dir="site", imports=[name], depends=[])
        )
        entry |= dict(file_name=wheel.name, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())
    (folder / "pyodide" / "pyodide-lock.json").write_text(json.dumps(lock))
    with serving(folder) as address:
        yield address


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_tito_release_hands_out_and_a_readme_of_its_own(site, tmp_path):
    run(ROOT / ".venv" / "bin" / "tito", "release", "--to", tmp_path / "released", cwd=ROOT)
    there, released = files(site / "files"), files(tmp_path / "released")
    readme = there.pop("README.md")
    assert readme == (ROOT / "book/lite/README.md").read_bytes() != released.pop("README.md")
    del released[".gitignore"]  # which JupyterLite leaves out
    assert there == released
    for module in COURSE.modules:
        assert (
            there[f"modules/{module.key}/{module.name}.ipynb"]
            == (module.original / f"{module.name}.ipynb").read_bytes()
        )


def test_no_answer_is_in_it(site):
    held = files(site / "files")
    assert not [name for name in held if re.search(r"(^|/)(solutions|mistakes|hidden)/", name)]
    notebooks = [json.loads(data)["cells"] for name, data in held.items() if name.endswith(".ipynb")]
    cells = ["".join(cell["source"]) for notebook in notebooks for cell in notebook]
    text = "\n".join(cells + [data.decode(errors="replace") for data in held.values()])
    for module in COURSE.lessons:
        lesson = Lesson(module)
        for exercise in lesson.exercises:
            assert lesson.answer(exercise).strip() not in text, exercise


def test_the_kernel_loads_what_the_lessons_need_and_pyodide_has_it(site, pyodide):
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    packages = settings["litePluginSettings"][KERNEL]["loadPyodideOptions"]["packages"]
    known = json.loads((pyodide / "pyodide-lock.json").read_text())["packages"]
    wanted = {r.name: r for r in map(Requirement, (ROOT / "requirements.txt").read_text().splitlines()[1:])}
    assert packages == ["numpy", "matplotlib", "pytest"]
    for name in packages:
        assert wanted[name].specifier.contains(known[name]["version"])


@needs_chromium
def test_a_notebook_opens_its_kernel_starts_and_tito_works_in_its_cells(offline, tmp_path):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page, left = browser.new_page(viewport={"width": 1200, "height": 1000}), []
        page.on("request", lambda r: None if r.url.startswith((offline, "data:", "blob:")) else left.append(r.url))
        page.goto(f"{offline}lab/index.html?path=modules/01_tensor/tensor.ipynb")
        cell = page.locator(".jp-CodeCell").nth(2)  # the first that a student may change
        output = cell.locator(".jp-Cell-outputArea")

        def says(source, *texts):
            """Run this in a cell; each of the texts must be in what comes out."""
            cell.locator(".cm-content").click()
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(source)
            page.keyboard.press("Control+Enter")
            for text in texts:
                expect(output).to_contain_text(text, timeout=PATIENCE * 1000)

        expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=PATIENCE * 1000)
        says("import os, sys; print(sys.platform, os.getcwd(), 6 * 7)", "emscripten /drive/modules/01_tensor 42")
        says("from tito.live import check, hint; hint('as_array')", "as_array, hint 1 of 3")
        says("check('asarray')", "there is no exercise asarray")
        says("tito status", f"TinyTorch   0 of {len(COURSE.modules)} modules", "Next: exercise as_array")
        says("tito check 02", "02 autograd is locked until 01 tensor passes")
        says("tito export 01", "has no answer to an exercise of 01 tensor in it")
        says(EXPORT, "Exported modules/01_tensor/tensor.ipynb to tinytorch/tensor.py", "Tensors: blocks of numbers")
        says("tito reset 01 as_array", "as_array")
        says("import os; print(len(os.listdir('/drive/.tito/backups')), 'backup')", "1 backup")
        says("tito start", "this needs an installation")
        expect(page.locator("#network")).to_have_count(0)
        page.screenshot(path=tmp_path / "lite.png")
        browser.close()
    assert left == []


@needs_chromium
@pytest.mark.parametrize("there", [True, False])
def test_where_python_cannot_be_loaded_a_sentence_says_so_at_once(there, site):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright, serving(site) as address:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        answer = {"status": 200, "body": ""}
        page.route(
            re.compile(r"/pyodide/v.*"), lambda route: route.fulfill(**answer) if there else route.abort("failed")
        )
        page.goto(f"{address}lab/index.html")
        bar = page.locator("#network")
        if there:
            page.wait_for_timeout(5000)
            expect(bar).to_have_count(0)
        else:
            expect(bar).to_contain_text(re.compile(r"Python could not be loaded from https://.*pyodide"), timeout=5000)
        browser.close()


def test_pyodide_can_be_served_beside_the_site(tmp_path):
    run("make", "lite", f"LITE={tmp_path}/lite", cwd=ROOT, env=os.environ | {"TINYTORCH_PYODIDE": "./pyodide/"})
    settings = json.loads((tmp_path / "lite/site/jupyter-lite.json").read_text())["jupyter-config-data"]
    assert settings["litePluginSettings"][KERNEL]["pyodideUrl"] == "./pyodide/pyodide.mjs"
