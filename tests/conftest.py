"""What the tests share: the reference, which is the package made from the answers in `solutions/`.

The tests of a module, `tests/NN_name`, are run by the checker alone; `tests/course` has it run them on every known answer.
"""

import importlib
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tito.author.build import read_lessons, write_reference
from tito.workspace import Workspace

ROOT = Path(__file__).parents[1]

# A shell lets what it runs in the background ignore Ctrl-C, and what a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


LONG = (  # the files that take longest, and share what they need: each keeps a worker for minutes
    *("tests/tito/test_book.py", "tests/grading/test_same_as_nbgrader.py", "tests/grading/test_term.py"),
    "tests/tito/test_lite.py",
)
APART = "tests/grading/test_attacks.py"  # its tests have nothing in common


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Let the longest files come first, and last what is given out in small parts: no worker is without work for long."""
    order = {file: n for n, file in enumerate(LONG)} | {APART: len(LONG) + 1}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a worker a file at a time, but of the course's tests, which take longest together, those of an exercise."""
    from xdist.scheduler import LoadFileScheduling

    class ByFileOrPart(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            if file == APART:
                return nodeid
            return file, test.partition("[")[2][:2] * file.startswith("tests/course/")

    return ByFileOrPart(config, log)


@pytest.fixture(scope="session")
def reference_parent(tmp_path_factory):
    """A folder with the package made from the answers in `solutions/`."""
    parent = tmp_path_factory.mktemp("reference")
    write_reference(read_lessons(Workspace(ROOT)), parent)
    return parent


@pytest.fixture(scope="session")
def reference(reference_parent):
    """The modules of the reference package, imported: `reference.tensor.Tensor`; the package is `reference.package`."""
    sys.path.insert(0, str(reference_parent))
    try:
        for name in [name for name in sys.modules if name.partition(".")[0] == "tinytorch"]:
            del sys.modules[name]
        package = importlib.import_module("tinytorch")
        names = sorted(path.stem for path in (reference_parent / "tinytorch").glob("[a-z]*.py"))
        modules = {name: importlib.import_module(f"tinytorch.{name}") for name in names}
    finally:
        sys.path.remove(str(reference_parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == "tinytorch"]:
        del sys.modules[name]
    return SimpleNamespace(package=package, **modules)  # as attributes of the package, `tensor` is the function
