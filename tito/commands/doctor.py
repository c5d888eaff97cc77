"""`tito doctor`: look over Python, packages, workspace and Jupyter, and say how to mend what is wrong."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tito import term
from tito.course import Course
from tito.errors import NOT_PASSED, PASSED, TitoError
from tito.workspace import Workspace

Finding = tuple[bool, str, str]  # whether it is well, what was looked at, and how to mend it


def run() -> int:
    findings = list(_findings())
    for well, what, mend in findings:
        mark = term.green("✓") if well else term.red("✗")
        term.say(f"  {mark} {what}" + ("" if well else f"\n      {mend}"))
    wrong = sum(not well for well, _, _ in findings)
    term.say(f"\n{wrong} to mend." if wrong else "\nAll is well.")
    return NOT_PASSED if wrong else PASSED


def _findings() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 10), f"Python {version}", "TinyTorch needs Python 3.10 or newer."
    inside = sys.prefix != sys.base_prefix
    yield inside, f"environment {sys.prefix}", "Make one of its own: `make demo` does, or `python3 -m venv .venv`."
    try:
        workspace = Workspace.find()
    except TitoError as error:
        yield False, "workspace", str(error)
        return
    yield True, f"workspace {workspace.root}", ""
    yield from _packages(workspace.root / "requirements.txt")
    yield from _kernel()
    yield from _package_found(workspace)
    yield from _notebooks(workspace)
    private = workspace.private if workspace.private.exists() else workspace.root
    yield os.access(private, os.W_OK), f"{private} can be written", f"Give yourself the right to write in {private}."


def _packages(requirements: Path) -> Iterator[Finding]:
    """Every package of requirements.txt is installed, in the version asked for."""
    try:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    except OSError:
        yield False, "requirements.txt", f"{requirements} is not there; it says what is needed."
        return
    install = "pip install -r requirements.txt"
    for line in lines:
        name, wanted = re.match(r"\s*([\w.-]*)\s*([^#;]*)", line).groups()
        if not name:
            continue
        try:
            there = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield False, name, f"It is not installed: {install}"
            continue
        from packaging.specifiers import SpecifierSet

        fits = SpecifierSet(wanted.strip()).contains(there, prereleases=True)
        yield fits, f"{name} {there}", f"{wanted.strip()} is needed: {install}"


def _kernel() -> Iterator[Finding]:
    """Jupyter's python3 kernel exists and runs this Python, so that notebooks find tito."""
    mend = "python -m ipykernel install --sys-prefix"
    if not importlib.util.find_spec("jupyter_client"):
        yield False, "Jupyter kernel", f"Jupyter is not installed; then: {mend}"
        return
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        python = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield False, "Jupyter kernel python3", f"There is none: {mend}"
        return
    ours = python in ("python", "python3") or Path(python).parent == Path(sys.executable).parent
    yield ours, "Jupyter kernel python3", f"It runs {python}, not {sys.executable}: {mend}"


def _package_found(workspace: Workspace) -> Iterator[Finding]:
    """`import tinytorch` finds the workspace's package."""
    if not workspace.package.is_dir():
        yield True, "package tinytorch: nothing exported yet", ""
        return
    spec = importlib.util.find_spec("tinytorch")
    found = Path(spec.origin).parent if spec and spec.origin else None
    here = found is not None and found.resolve() == workspace.package.resolve()
    yield here, f"package {workspace.package}", f"`import tinytorch` finds {found}: pip install -e {workspace.root}"


def _notebooks(workspace: Workspace) -> Iterator[Finding]:
    """Progress and every notebook can be read, with all exercises in their places."""
    try:
        course = Course(workspace)
    except TitoError as error:
        yield False, "progress", str(error)
        return
    for module in workspace.modules:
        shown = workspace.shown(module.notebook)
        try:
            submission = course.submission(module)
        except TitoError as error:
            yield False, shown, str(error)
            continue
        missing = submission.missing
        mend = f"No cell for {', '.join(missing)}: `tito reset {module.number} {missing[0] if missing else ''}`"
        yield not missing, f"{shown}: {len(submission.handed_out.exercises)} exercises", mend
