"""`tito demo`: the course played from end to end as a student would, or the milestones on one's own package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tito import term
from tito.checker.process import ONE_THREAD  # small matrices are slower with several
from tito.course import Course
from tito.errors import NOT_PASSED, PASSED, TitoError
from tito.handout import hand_out
from tito.notebook import fill
from tito.workspace import Module, Workspace


def run(module: str | None = None, mine: bool = False) -> int:
    return _mine(module) if mine else _play(module)


def _mine(wanted: str | None) -> int:
    """Run the milestones of the modules that pass, on the student's own package."""
    course = Course()
    modules = [course.workspace.module(wanted)] if wanted else course.workspace.modules
    ready = [module for module in modules if course.progress.passed(module)]
    if not ready:
        what = str(modules[0]) if wanted else course.progress.current()
        raise TitoError(f"nothing to show yet: {what} has not passed. `tito check` says what is left.")
    for module in ready:
        print(term.bold(str(module)))
        if _milestone(module, course.workspace.root, course.workspace.private / "milestones"):
            return NOT_PASSED
    return PASSED


def _play(wanted: str | None) -> int:
    """Play the modules up to the wanted one (all by default) in a throwaway workspace."""
    home = Workspace.find()
    modules = [module for module in home.modules if not wanted or module.key <= home.module(wanted).key]
    if not all(module.lesson.is_file() for module in modules):
        raise TitoError(
            "the answers are not in this workspace, so the course cannot be played here; `tito demo --mine` shows what you built."
        )
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tinytorch-demo-") as folder:
        play = _Play(home, Path(folder).resolve())
        term.say(f"{term.bold('TinyTorch, played as a student would')}, in a throwaway workspace\n")
        for module in modules:
            play.module(module)
    term.say(f"{len(modules)} of {len(home.modules)} modules played in {time.monotonic() - begun:.0f} s.")
    return PASSED if play.well else NOT_PASSED


class _Play:
    """A throwaway workspace, and the steps a student takes in it, each with what must come of it."""

    def __init__(self, home: Workspace, root: Path) -> None:
        self.home, self.workspace, self.well = home, Workspace(root), True
        for module in home.modules:
            hand_out(module, root)

    def module(self, module: Module) -> None:
        there = self.workspace.module(module.key)
        after = next((other for other in self.home.modules if other.key > module.key), None)
        print(term.bold(str(module)))
        if after:
            self.step(f"{after} is still locked", 2, "check", after.number)
        self.step("the untouched notebook does not pass", 1, "check", module.number, saying="not written yet")
        self.say(True, f"the answers are filled in: {_fill(module, there)} exercises")
        self.step("the code is exported", 0, "export", module.number)
        self.step("the check passes", 0, "check", module.number)
        if after:
            self.step(f"{after} opens", 0, "start", after.number, "--print")
        if there.milestone.is_file():
            print("    milestone:")
            self.well &= not _milestone(there, self.workspace.root, self.home.private / "milestones", quick=True)
        print()

    def step(self, what: str, expected: int, *command: str, saying: str = "") -> None:
        """Run a tito command in the workspace; its exit code must be the expected one, and its output say `saying`."""
        begun = time.monotonic()
        argv = [sys.executable, "-m", "tito", *command]
        done = subprocess.run(argv, cwd=self.workspace.root, capture_output=True, encoding="utf-8")
        well = done.returncode == expected and saying in done.stdout
        self.say(well, f"{what:<40} tito {' '.join(command):<18} {time.monotonic() - begun:.1f} s")
        if not well:
            wanted = f"{expected}{saying and f', saying {saying!r}'}"
            term.say(f"      it ended with exit code {done.returncode}, and should with {wanted}:")
            term.say(*(f"      {line}" for line in (done.stdout + done.stderr).splitlines()))

    def say(self, well: bool, what: str) -> None:
        self.well &= well
        term.say(term.marks(f"  {'✓' if well else '✗'} {what}"))


def _fill(module: Module, there: Module) -> int:
    """Write the answers from `solutions/` into the notebook of the throwaway workspace."""
    from tito.author.lesson import Lesson

    answers = {cell.exercise: cell.source for cell in Lesson(module).cells() if cell.exercise}
    notebook = json.loads(there.notebook.read_text(encoding="utf-8"))
    there.notebook.write_text(json.dumps(fill(notebook, answers)), encoding="utf-8")
    return len(answers)


def _milestone(module: Module, root: Path, pictures: Path, quick: bool = False) -> int:
    """Run a module's milestone on the package in `root`, and print what it prints; returns its exit code."""

    def say(line: str) -> None:
        term.say(f"      {line}")

    done = milestone(module, root, pictures, quick, say)
    if done.returncode:
        say("The milestone failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1])
    return done.returncode


def milestone(
    module: Module, root: Path, pictures: Path, quick: bool = False, say: Callable[[str], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a module's milestone on the package in `root`; its picture goes to the folder `pictures`.

    With `quick`, in its short form, if it has one. `say` gets each line that it prints, at once.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(module.milestone), "--out", str(pictures)]
    if quick and '"--quick"' in module.milestone.read_text(encoding="utf-8"):
        command.append("--quick")
    printed = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaint:
        pipes = dict(stdout=subprocess.PIPE, stderr=complaint, encoding="utf-8")
        with subprocess.Popen(command, cwd=root, env=environment, **pipes) as running:
            for line in running.stdout:
                printed.append(line)
                if say:
                    say(line.rstrip("\n"))
        complaint.seek(0)
        return subprocess.CompletedProcess(command, running.returncode, "".join(printed), complaint.read())
