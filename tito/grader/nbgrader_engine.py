"""`--engine nbgrader`: a submission graded by `nbgrader autograde` itself, in our sandbox.

nbgrader runs the student's cells and the checks in one kernel, so marks are made beside the student's code, which can
forge its own. What the sandbox still keeps: other submissions, the gradebook, the network, this machine. nbgrader gets
a course of its own for each submission; only the notebook comes back, as bytes, and the points in it are read here.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tito.checker import report as reports
from tito.checker.report import Report, Verdict
from tito.errors import visible
from tito.grader import sandbox
from tito.grader.job import LARGEST, Job, NotGradable, module_of, parsed
from tito.notebook import handed_out, mark
from tito.workspace import Module, Workspace, write

INSIDE, GIVEN = Path("/scratch/course"), Path("/given")  # in the sandbox: a workspace, and what it is copied from
LIMITS = sandbox.LIMITS | {"nproc": 256, "nofile": 1024}  # a kernel needs more than a check
SOCKETS = (2, 10, 16)  # AF_INET and AF_INET6, of a kernel; AF_NETLINK, by which ZeroMQ asks for the interfaces
DISK = 128 << 20  # bytes in the workspace
PATIENCE = 240  # seconds for a submission


def autograde(job: Job) -> Report:
    """The report on a submission that nbgrader has graded. Raises TitoError if it could not."""
    module = module_of(job.workspace, job.module)
    with tempfile.TemporaryDirectory(prefix="tito-nbgrader-") as folder:
        given = Path(folder, "given")
        shutil.copytree(_template(module).name, given)
        notebook = given / f"grading/submitted/{job.student}/{module.key}/{module.name}.ipynb"
        write(notebook, job.notebook, sync=False)
        for name, source in {"__init__": "", **job.earlier}.items():
            write(given / f"tinytorch/{name}.py", source, sync=False)
        sandbox.open_to_all(given)
        done = _run(module, given, job.student)
    if not done.stdout:
        said = (done.stderr.decode(errors="replace").strip().splitlines() or ["it ended at once"])[-1]
        raise NotGradable(f"nbgrader could not grade it: {said[:300].rstrip('.')}.")
    notebook = parsed(done.stdout, f"{module.name}.ipynb, as nbgrader graded it,")
    return _report(notebook, module, {name: exercise.points for name, exercise in handed_out(module).exercises.items()})


@functools.lru_cache(maxsize=1)
def _template(module: Module) -> tempfile.TemporaryDirectory:
    """A workspace of this one module, with an nbgrader course in it, to be copied for each submission.

    The assignment's source, which has the answers, is not left there: what grades needs only the gradebook.
    """
    from tito.author.lesson import Lesson
    from tito.grader.assignment import assign
    from tito.grader.course import GradingCourse
    from tito.handout import hand_out

    folder = tempfile.TemporaryDirectory(prefix="tito-nbgrader-")
    hand_out(module, Path(folder.name))
    root = Path(folder.name, "grading")
    course = GradingCourse(root, Workspace(module.root), f"sqlite:///{root / 'gradebook.db'}")
    course.configure()
    assign(course, Lesson(module))
    shutil.rmtree(root / "source")
    return folder


def _run(module: Module, given: Path, student: str) -> subprocess.CompletedProcess:
    """`main` of this file in the sandbox, with what it prints."""
    environment = Path(sys.prefix)
    own = [*sandbox.LINKS, "/usr", os.path.realpath(sys.base_prefix), sys.base_prefix]
    own += [str(environment), str(Path(__file__).parents[1])]
    options = [
        "--ro-bind",
        str(given),
        str(GIVEN),
        "--perms",
        "1777",
        "--size",
        str(DISK),
        "--tmpfs",
        str(INSIDE.parent),
    ]
    for name, value in dict(PATH=f"{environment / 'bin'}:/usr/bin:/bin", HOME="/tmp", PYTHONPATH=str(INSIDE)).items():
        options += ["--setenv", name, value]
    command = [str(environment / "bin" / Path(sys.executable).name), "-m", __name__, module.key, module.name, student]
    boxed = sandbox.boxed(command, own, [*options, "--chdir", str(INSIDE.parent)], LIMITS, SOCKETS)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as log:  # files, which LIMITS keep small
        try:
            done = subprocess.run(boxed, stdin=subprocess.DEVNULL, stdout=output, stderr=log, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise NotGradable(f"nbgrader was not done with it after {PATIENCE} s.") from None
        output.seek(0)
        log.seek(0)
        return subprocess.CompletedProcess(boxed, done.returncode, output.read(LARGEST), log.read(LARGEST))


def _report(notebook: dict, module: Module, points: dict[str, float]) -> Report:
    """The points that the check cells of a graded notebook say, each between 0 and what the exercise has."""
    from nbformat import from_dict
    from nbgrader.utils import determine_grade

    found = {name: Verdict(name, most, reports.MISSING) for name, most in points.items()}
    for cell in notebook.get("cells", []):
        name = mark(cell).removesuffix("-check")
        if name not in found or cell.get("cell_type") != "code":
            continue
        cell["metadata"]["nbgrader"]["points"] = found[name].points
        try:
            earned, _ = determine_grade(from_dict(cell))
            found[name].earned = min(max(float(earned), 0.0), found[name].points)
        except Exception as error:  # the cell is what the student's kernel made of it
            found[name].problem = visible(f"its points cannot be read: {error}"[:300])
        found[name].status = reports.PASSED if found[name].earned == found[name].points else reports.FAILED
    return Report(module.key, list(found.values()))


def main(key: str, name: str, student: str) -> int:
    """In the sandbox: have nbgrader grade the submission in a copy of the given workspace, and print the notebook."""
    shutil.copytree(GIVEN, INSIDE, copy_function=shutil.copyfile)
    course = INSIDE / "grading"
    command = [sys.executable, "-m", "nbgrader", "autograde", key, "--create", f"--student={student}"]
    done = subprocess.run(command, cwd=course, stdout=sys.stderr)
    graded = course / "autograded" / student / key / f"{name}.ipynb"
    if done.returncode == 0 and graded.is_file():
        sys.stdout.buffer.write(graded.read_bytes())
    return done.returncode


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(*sys.argv[1:]))
