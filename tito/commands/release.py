"""`tito release`: a workspace for students, without the answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from tito.errors import PASSED, TitoError
from tito.workspace import HIDDEN, Module, Workspace, by_part, write

README = """\
# TinyTorch

Write a small deep-learning framework yourself, on NumPy, one notebook at a time.

You need Python 3.10 or newer. Install once:

    python tito/install.py .
    source .venv/bin/activate        (on Windows: .venv\\Scripts\\activate)

Then:

    tito           where you are, and what is next
    tito start     opens the notebook in JupyterLab
    tito check     runs the tests on what you saved
    tito hint NAME gives a hint of an exercise

{modules}

Hand in the notebook of a module: modules/01_tensor/tensor.ipynb, for example.
"""

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


def run(modules: list[str], to: str, actions: bool = False) -> int:
    home, target = Workspace.find(), Path(to).resolve()
    chosen = [home.module(wanted) for wanted in modules] or home.modules
    if target.exists() and any(target.iterdir()):
        raise TitoError(f"{to} is not empty; name a new folder.")
    for module in home.modules:  # the earlier ones too: a module builds on them
        if module.key <= max(chosen, key=lambda m: m.key).key:
            hand_out(module, Workspace(target).root)
    shutil.copytree(home.root / "tito", target / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "tinytorch").mkdir()
    for name in ("tinytorch/__init__.py", "requirements.txt", "pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copyfile(home.root / name, target / name)
    there = Workspace(target).modules
    write(target / "README.md", README.format(modules=_listed(there)))
    if actions:
        numbers = [module.number for module in there]
        write(target / ".github/workflows/check.yml", WORKFLOW.format(numbers=numbers))
    print(f"Wrote {to}: {', '.join(map(str, there))}, without the answers.")
    return PASSED


def _listed(modules: list[Module]) -> str:
    return "\n".join(f"{part}: {', '.join(map(str, found))}." for part, found in by_part(modules).items())


def hand_out(module: Module, root: Path) -> None:
    """Copy what students get of a module: its notebook, its tests, its milestone and the given files of the package."""
    there, home = Module(module.key, root), Workspace(module.root)
    if home.shelves.is_dir():
        shutil.copytree(home.shelves, Workspace(root).shelves, dirs_exist_ok=True)
    shutil.copytree(module.original, there.original)
    there.notebook.parent.mkdir(parents=True)
    shutil.copyfile(module.original / module.notebook.name, there.notebook)
    if module.milestone.is_file():
        shutil.copyfile(module.milestone, there.milestone)
    shutil.copytree(module.tests, there.tests, ignore=shutil.ignore_patterns("mistakes", HIDDEN, "__pycache__"))
