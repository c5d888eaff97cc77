"""What lies around a workspace, on the machine or in the environment, changes nothing of what a check finds."""

import json
import os
import signal

import pytest

from tito import live
from tito.cli import main

WRONG = (
    "#| export\n@extend(Tensor)\n@classmethod\ndef eye(cls, n, m=None):\n    return cls(np.identity(n, np.float32))\n"
)
CHECK = ("check", "01", "--exercise", "eye", "--json")
ENVIRONMENTS = {
    "options for pytest": {"PYTEST_ADDOPTS": "-k nothing --strict-config -x"},
    "plugins for pytest": {"PYTEST_PLUGINS": "no_such_plugin", "PYTEST_DEBUG": "1"},
    "warnings as errors": {"PYTHONWARNINGS": "error"},
    "Python made quick": {"PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "1", "PYTHONNODEBUGRANGES": "1"},
    "Python made careful": {"PYTHONDEVMODE": "1", "PYTHONSTARTUP": "/nowhere", "PYTHONINTMAXSTRDIGITS": "700"},
    "another language": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1:replace"},
    "NumPy's settings": {"OMP_NUM_THREADS": "64", "NPY_PROMOTION_STATE": "legacy", "NUMPY_MADVISE_HUGEPAGE": "0"},
}
FOLDERS = ["a [b]", "what? *", "$HOME", "100 %s", "naïve 日本", "::node", "-k", "it's {x}"]
FILES = {
    "pytest.ini": "[pytest]\naddopts = -x\npython_functions = nothing\nfilterwarnings = error\n",
    "tests/01_tensor/pytest.ini": "[pytest]\npython_functions = nothing\n",
    "tox.ini": "[pytest]\naddopts = -k nothing\n",
    "setup.cfg": "[tool:pytest]\naddopts = -k nothing\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    **dict.fromkeys(("conftest.py", "tests/conftest.py", "tests/01_tensor/conftest.py"), "1 / 0\n"),
    **dict.fromkeys(("tests/01_tensor/numpy.py", "tests/01_tensor/json.py", "sitecustomize.py"), "1 / 0\n"),
    **dict.fromkeys(("tests/__init__.py", "tests/01_tensor/__init__.py", ".coveragerc"), ""),
}


def found(workspace, **environment):
    workspace.fill(eye=WRONG)
    report = json.loads(workspace.tito(*CHECK, code=1, stderr=None, env=environment))
    return report["exercises"][0]


@pytest.fixture(scope="module")
def expected(new_workspace, tmp_path_factory):
    verdict = found(new_workspace(tmp_path_factory.mktemp("plain") / "workspace"))
    assert verdict["status"] == "failed" and 0 < sum(verdict["behaviours"].values()) < len(verdict["behaviours"])
    return verdict


@pytest.mark.parametrize("what", ENVIRONMENTS)
def test_the_environment(workspace, expected, what):
    assert found(workspace, **ENVIRONMENTS[what]) == expected


@pytest.mark.parametrize("name", FOLDERS)
def test_the_name_of_the_folder(new_workspace, tmp_path, expected, name):
    assert found(new_workspace(tmp_path / name / "workspace")) == expected


def test_files_of_others_in_the_folder(workspace, expected):
    for path, text in FILES.items():
        workspace.write(path, text)
    assert found(workspace) == expected


def test_files_beside_a_notebook_do_not_take_the_place_of_libraries(workspace, monkeypatch):
    for name in ("json", "random", "numpy", "pytest", "ast"):
        workspace.write(f"modules/01_tensor/{name}.py", "raise SystemExit('mine')\n")
    workspace.fill()
    monkeypatch.chdir(workspace.notebook.parent)
    cells = [{"source": source, "label": "In [1]"} for source in workspace.answers["01_tensor"].values()]
    printed, complaint = live._tito(["check", "01", "--exercise", "eye", "--json", "--cells"], json.dumps(cells))
    assert json.loads(printed)["passed"], complaint


def test_what_lies_beside_the_workspace_is_not_looked_through(workspace, monkeypatch):
    listed, scandir = set(), os.scandir
    monkeypatch.setattr(os, "scandir", lambda path=".": listed.add(str(path)) or scandir(path))
    workspace.fill()
    monkeypatch.chdir(workspace.root)
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        assert main(["check", "01", "--exercise", "eye"]) == 0
    finally:
        signal.signal(signal.SIGINT, interrupt)
    assert listed and not [path for path in listed if workspace.root.is_relative_to(path)]
