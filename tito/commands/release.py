"""`tito release`: a workspace for students, without the answers, as a folder or as a zip."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from tito import term
from tito.errors import PASSED, TitoError
from tito.handout import SETTINGS, release
from tito.update import gone
from tito.workspace import Module, Workspace, replacing, write, writing

WORKFLOW = """\
name: check
on: [push, workflow_dispatch]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python tito/install.py .
      - name: points
        run: |
          .venv/bin/python - <<'EOF' >> "$GITHUB_STEP_SUMMARY"
          import json, subprocess, sys
          print("| module | points |", "|---|---|", sep="\\n")
          for module in {numbers}:
              done = subprocess.run([sys.executable, "-m", "tito", "check", module, "--json"], capture_output=True, text=True)
              try:
                  found = json.loads(done.stdout)
                  print(f"| {{found['module']}} | {{found['earned']:g}} of {{found['points']:g}} |")
              except ValueError:
                  print(f"| {{module}} | {{done.stderr.strip()}} |")
          EOF
"""


def run(modules: list[str], to: str, only: bool = False, actions: bool = False) -> int:
    home, target = Workspace.find(), Path(to).resolve()
    chosen = sorted((home.module(wanted) for wanted in modules), key=lambda module: module.key) or home.modules
    if not chosen:
        raise TitoError(f"there are no modules in {home.root / 'modules'} yet: `tito build` makes them.")
    if not only:  # the earlier ones too: a module builds on them
        chosen = [module for module in home.modules if module.key <= chosen[-1].key]
    in_zip = target.suffix == ".zip"
    before = [] if in_zip else _released_before(home, target, to)
    chosen = [module for module in home.modules if module in chosen or module.key in before]
    workflow = WORKFLOW.format(numbers=[module.number for module in chosen]).encode()
    name, files = release(home, chosen, {".github/workflows/check.yml": workflow} if actions else {})
    if in_zip:
        _write_zip(target, name, files)
    elif before:
        _write_again(target, chosen, files)
    else:
        _write_folder(target, files)
    term.say(f"Wrote {to}: {', '.join(map(str, chosen))}, without the answers.")
    if in_zip:
        term.say(f"It unpacks into a folder of its own, {name}. Who has begun: tito update {target.name}")
    return PASSED


def _released_before(home: Workspace, target: Path, to: str) -> list[str]:
    """The modules that an earlier release has put into a folder. Raises TitoError if anything else is in it."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return []
    if not (target / SETTINGS).is_file():
        raise TitoError(f"{to} is not empty; name a new folder.")
    there = Workspace(target).modules
    for module in there:  # a release that was stopped may have left the new notebook with the old original
        originals = (folder.original / module.notebook.name for folder in (module, Module(module.key, home.root)))
        blanks = [path.read_bytes() for path in originals if path.is_file()]
        if module.notebook.is_file() and module.notebook.read_bytes() not in blanks:
            raise TitoError(
                f"{to} has work in it, in {Workspace(target).shown(module.notebook)}. "
                "Name another folder; `tito update` brings it into this one."
            )
    return [module.key for module in there]


def _write_zip(target: Path, name: str, files: dict[str, bytes]) -> None:
    with writing(target), replacing(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, data in files.items():
            packed.writestr(f"{name}/{path}", data)


def _write_folder(target: Path, files: dict[str, bytes]) -> None:
    """Write a new folder, which appears under its name when it is whole."""
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f".{target.name}.tito-*"):  # by one that was stopped
            shutil.rmtree(left, ignore_errors=True)
        made = target.parent / f".{target.name}.tito-{os.urandom(4).hex()}"
        try:
            made.mkdir(0o700)
            for path, data in files.items():
                write(made / path, data, sync=False)
            made.chmod(0o755)
            if target.is_dir():  # it is empty
                target.rmdir()
            os.rename(made, target)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


def _write_again(target: Path, modules: list[Module], files: dict[str, bytes]) -> None:
    """Bring a folder that was released before up to date; what else is in it, such as .git, stays."""
    there = Workspace(target)
    released = [Module(module.key, target) for module in modules]
    folders = [folder for module in released for folder in (module.tests, module.original)]
    for path in gone(there, [*folders, there.shelves, target / "tito"], files):
        (target / path).unlink()
    for path in sorted(files, key=lambda path: (path == SETTINGS, not path.endswith(".ipynb"), "/.original/" in path)):
        if not (target / path).is_file() or (target / path).read_bytes() != files[path]:
            write(target / path, files[path], sync=False)
