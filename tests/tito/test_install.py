"""Installing: all of the package comes along, and an environment that does not work is seen to be none."""

import shutil
import sys
from pathlib import Path

import pytest

from tito.install import works

ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore:Support for")  # setuptools says that it may still change
def test_a_copy_that_is_installed_has_every_folder_of_the_package(tmp_path):
    pytest.importorskip("setuptools", reason="needs setuptools: pip install setuptools")
    from setuptools.config.pyprojecttoml import read_configuration

    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "tito", tmp_path / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "solutions/shelves", tmp_path / "tinytorch")  # what `tito check` puts into the package
    shutil.copy(ROOT / "tinytorch/__init__.py", tmp_path / "tinytorch")
    packages = set(read_configuration(tmp_path / "pyproject.toml")["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(tmp_path) for path in tmp_path.rglob("*.py")}
    assert packages == {".".join(folder.parts) for folder in folders}
    assert {"tinytorch.nn", "tinytorch.utils.data", "tito.checker"} <= packages


def test_a_python_that_is_gone_or_cannot_install_is_none(tmp_path):
    gone, deaf = tmp_path / "gone", tmp_path / "deaf"
    gone.symlink_to(tmp_path / "nowhere")
    deaf.write_text("#!/bin/sh\nexit 1\n")
    deaf.chmod(0o755)
    assert works(Path(sys.executable)) and not works(gone) and not works(deaf) and not works(tmp_path / "nothing")
