"""What the tests of the tool share: throwaway workspaces, and the real `tito` run in them."""

import contextlib
import functools
import http.server
import json
import multiprocessing.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from pathlib import Path

import pytest

import tito.checker.runner  # noqa: F401  what most commands load is loaded once
from tito.author.lesson import Lesson
from tito.author.nursery import FORKS
from tito.cli import main
from tito.notebook import fill, mark
from tito.workspace import Module

ROOT = Path(__file__).parents[2]
COURSE = Path(__file__).with_name("course")
PATIENCE = 1200  # seconds to wait for what must come: only a hang takes as long, on the busiest machine
collect_ignore = ["course"]
CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs chromium: apt install chromium")
ON = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")


def unprivileged():
    """Options of a process for which permissions hold: root's becomes nobody's, if nobody can run this Python."""
    if os.getuid() != 0:
        return {}
    python = Path(sys.executable)
    needed = {path for file in (python, python.resolve(), ROOT) for path in (file, *file.parents)}
    if not all(path.stat().st_mode & 1 for path in needed):
        pytest.skip(f"only root can run {python} here, and nothing is forbidden to root")
    return dict(user=65534, group=65534, extra_groups=[])


def _be_tito(folder, command, output):
    """Be in this process what `python -m tito COMMAND` is in that folder, with `output` for what it prints."""
    try:
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        for stream in (1, 2):
            os.dup2(output, stream)
        sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8")
        os.chdir(folder)
        os.environ |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True
        warnings.resetwarnings()
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)  # as in a Python of its own, and not as pytest has it
        sys.path.insert(0, str(folder))
        sys.argv = ["tito", *command]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tinytorch"]:
            del sys.modules[name]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = main()
        multiprocessing.util._exit_function()  # as where Python ends: what this process shared with others goes
        for stream in filter(None, (sys.stdout, sys.stderr)):  # where tito could not print, there is none
            stream.flush()
        os._exit(code)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(70)


class Folder:
    """A folder that `tito` is run in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.progress = root / ".tito" / "progress.json"

    def start(self, *command, start=("-m", "tito"), env=(), **options):
        """Start tito; standard error comes out with standard output, unless told otherwise."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | dict(env)
        options = ON | {"cwd": self.root, "env": environment} | options
        return subprocess.Popen([sys.executable, *start, *command], **options)

    def tito(self, *command, code, **options):
        """Run tito; its output, once its exit code is the expected one and it shows no traceback."""
        returned, output = self._started(command, options) if options or not FORKS else self._forked(command)
        assert returned == code, output
        assert "Traceback" not in output and "itself went wrong" not in output, output
        return output

    def _started(self, command, options):
        """Run tito as it is run from a terminal; its exit code and output."""
        running = self.start(*command, **options)
        try:
            output = running.communicate(timeout=PATIENCE)[0] or ""
        finally:
            running.kill()
        return running.returncode, output

    def _forked(self, command):
        """The same in a fork of this process, which has loaded already what tito loads."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _be_tito(self.root, command, writing)
        os.close(writing)
        with open(reading, encoding="utf-8") as file:
            output = file.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), output

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path, *pairs):
        """Replace texts in a file, each of which must be there once."""
        text = self.text(path)
        for old, new in pairs:
            assert text.count(old) == 1, (path, old)
            text = text.replace(old, new)
        self.write(path, text)


class Workspace(Folder):
    """A student's workspace: modules of a course as they were handed out, and their tests without the mistakes."""

    def __init__(self, root: Path, course: Path = ROOT, keys=("01_tensor",)) -> None:
        super().__init__(root)
        self.modules = [Module(key, root) for key in keys]
        self.answers = {}
        for module in self.modules:
            home = Module(module.key, course)
            unwanted = shutil.ignore_patterns("mistakes", "__pycache__")
            shutil.copytree(home.notebook.parent, module.notebook.parent, ignore=unwanted)
            shutil.copytree(home.original, module.original)
            shutil.copytree(home.tests, module.tests, ignore=unwanted)
            shutil.copyfile(module.original / module.notebook.name, module.notebook)
            cells = Lesson(home).cells()
            self.answers[module.key] = {cell.exercise: cell.source for cell in cells if cell.exercise}
        self.notebook = self.modules[0].notebook

    def read(self, number="01"):
        return json.loads(self._module(number).notebook.read_text(encoding="utf-8"))

    def save(self, notebook, number="01"):
        self._module(number).notebook.write_text(json.dumps(notebook), encoding="utf-8")

    def blank(self, number="01"):
        """A notebook as it was handed out."""
        module = self._module(number)
        return json.loads((module.original / module.notebook.name).read_text(encoding="utf-8"))

    def fill(self, number="01", **other):
        """Write the answers into a notebook, with another text for some exercises."""
        notebook = fill(self.read(number), self.answers[self._module(number).key] | other)
        self.save(notebook, number)
        return notebook

    def _module(self, number):
        return next(module for module in self.modules if module.number == number)

    @staticmethod
    def cell(notebook, name):
        """The exercise's cell, with its place in the notebook counted from 0."""
        return next((n, cell) for n, cell in enumerate(notebook["cells"]) if mark(cell) == name)


@pytest.fixture(scope="session")
def new_workspace():
    """Makes a workspace in the folder that it is given."""
    return Workspace


@pytest.fixture
def workspace(tmp_path):
    """A throwaway workspace with module 01 as it was handed out."""
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def built_course(tmp_path_factory):
    """A course of two small modules, built by `tito build`; not to be changed."""
    root = tmp_path_factory.mktemp("course") / "course"
    shutil.copytree(COURSE, root)
    Folder(root).tito("build", code=0)
    return root


@pytest.fixture
def course(built_course, tmp_path):
    """The small course as its author has it, in a folder of its own."""
    shutil.copytree(built_course, tmp_path / "course")
    return Folder(tmp_path / "course")


@pytest.fixture
def student(built_course, tmp_path):
    """A student's workspace of the small course."""
    return Workspace(tmp_path / "student", built_course, ("01_tensor", "02_autograd"))


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Site(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder):
    """The address at which a folder is served inside the block."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Site, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
