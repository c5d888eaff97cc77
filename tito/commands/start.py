"""`tito start`: open the notebook in JupyterLab."""

from __future__ import annotations

import subprocess
import sys

from tito.course import Course
from tito.errors import TitoError


def run(module: str | None = None, only_print: bool = False) -> int:
    course = Course()
    target = course.module(module)
    shown = course.workspace.shown(target.notebook)
    if not target.notebook.is_file():
        raise TitoError(f"{shown} is not there. `tito reset {target.number}` puts it back.")
    if only_print:
        print(shown)
        return 0
    print(f"Opening {shown} in JupyterLab. Ctrl-C here, twice, ends it.")
    return subprocess.run([sys.executable, "-m", "jupyterlab", shown], cwd=course.workspace.root).returncode
