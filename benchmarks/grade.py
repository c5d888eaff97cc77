"""How fast submissions of module 01 are graded, beside nbgrader. `make bench-grade`; `--big` grades 1,000 more.

All in one run: `tito grade run` with two workers and `nbgrader autograde` on the same notebooks, nbgrader on its own kind
of notebook (8 cells of plain asserts), and Python that only imports NumPy and pytest. Processor time is that of the
grader and everything it starts.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])  # and not this folder, which has a tito.py of its own

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.grading.makers import Maker, submissions
from tito.checker import repair, runner
from tito.checker.bridge import Bridge
from tito.checker.process import StudentProcess
from tito.grader.course import GradingCourse
from tito.grader.job import Job
from tito.grader.marks import Writer
from tito.grader.worker import grade
from tito.notebook import handed_out
from tito.workspace import Workspace

ROOT = Path(__file__).parents[1]
MODULE = Workspace(ROOT).module("01")
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def timed(command, cwd):
    """Wall and processor seconds of a command, and the most memory that a worker of it had, in MB."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    options = dict(cwd=cwd, env=ENVIRONMENT, stdin=subprocess.DEVNULL, text=True)
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    seen = []
    watcher = threading.Thread(target=watch, args=(running, seen), daemon=True)
    watcher.start()
    output, _ = running.communicate()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert running.returncode == 0, output[-3000:]
    watcher.join()
    return wall, cpu(after) - cpu(before), seen


def cpu(used):
    return used.ru_utime + used.ru_stime


def watch(running, seen):
    """Every half second, the memory of the largest worker, in MB."""
    while running.poll() is None:
        sizes = [0]
        for child in children(running.pid):
            try:
                status = Path(f"/proc/{child}/status").read_text()
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    sizes.append(int(status.partition("VmRSS:")[2].split()[0]) >> 10)
            except (OSError, IndexError, ValueError):
                continue
        seen.append(max(sizes))
        time.sleep(0.5)


def children(process):
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []


def tito(*words, cwd):
    return timed([sys.executable, "-m", "tito", "grade", *map(str, words)], cwd)


def nbgrader(*words, cwd):
    return timed([sys.executable, "-m", "nbgrader", *words], cwd)


def course_with(folder, notebooks):
    """A grading course in which these notebooks have been collected."""
    for student, notebook in notebooks.items():
        path = folder / "handed-in" / student / "tensor.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    tito("init", folder / "course", cwd=ROOT)
    tito("collect", "01", folder / "handed-in", "--course", folder / "course", cwd=ROOT)
    return folder / "course"


def class_of(size):
    """Submissions: of the ones that the demo makes, those that nbgrader can grade too, over and over."""
    made = submissions(Maker(MODULE))
    usual = [made[name] for name in ("right", "half", "otherwise-0", "mistaken-0", "right", "right")]
    found = {}
    for number in range(size):
        notebook = json.loads(json.dumps(usual[number % len(usual)]))
        notebook["cells"].append(new_markdown_cell(f"Student {number}"))
        found[f"s{number:04}"] = notebook
    return found


def own_kind(folder, size):
    """An nbgrader course of its own kind, with `size` submissions of 8 cells of plain asserts."""
    cells = []
    for number in range(8):
        marks = dict(schema_version=3, grade=False, solution=True, locked=False, task=False, grade_id=f"answer{number}")
        answer = f"def double{number}(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
        cells.append(new_code_cell(answer, metadata={"nbgrader": marks}))
        marks = marks | dict(grade=True, solution=False, locked=True, grade_id=f"test{number}", points=1)
        asserts = "\n".join(f"assert double{number}({x}) == {2 * x}" for x in range(4))
        cells.append(new_code_cell(asserts, metadata={"nbgrader": marks}))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    path = folder / "source/ps1/problem.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    (folder / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "own"\n')
    nbgrader("generate_assignment", "ps1", cwd=folder)
    for cell in notebook.cells[::2]:
        cell.source = cell.source.replace("    ### BEGIN SOLUTION\n", "").replace("\n    ### END SOLUTION", "")
    for number in range(size):
        path = folder / f"submitted/s{number:04}/ps1/problem.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return folder


@contextmanager
def clock(owner, name, times, key):
    """Add up how long a function takes."""
    function = getattr(owner, name)

    def measured(*args, **options):
        begun = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            times[key] = times.get(key, 0) + time.perf_counter() - begun

    setattr(owner, name, measured)
    try:
        yield
    finally:
        setattr(owner, name, function)


def end_gently(process):
    """Let a student's process end by itself, so that the system adds its processor time to ours."""
    process.connection.close()
    process.child.wait(10)
    process._stacks.close()


def divide(course, notebooks):
    """Seconds of a submission by what they go into, and its processor seconds, graded one after the other.

    Processor time is measured without the sandbox: bubblewrap does not wait for its child, whose time is then lost.
    """
    course = GradingCourse.find(str(course))
    times, stop = {}, StudentProcess.stop
    data = {student: json.dumps(notebook).encode() for student, notebook in notebooks.items()}
    jobs = [Job(str(ROOT), MODULE.key, student, notebook, {}, "") for student, notebook in data.items()]
    grade(jobs[0])
    with (
        clock(StudentProcess, "__init__", times, "sandbox: start"),
        clock(Bridge, "import_module", times, "sandbox: import NumPy and the package"),
        clock(repair, "assemble", times, "export"),
        clock(runner, "run_tests", times, "tests"),
    ):
        begun = time.perf_counter()
        results = [grade(job) for job in jobs]
        times["rest"] = time.perf_counter() - begun - sum(times.values())
    StudentProcess.stop, before = end_gently, used()
    for job in jobs:
        grade(replace(job, sandboxed=False))
    processor, StudentProcess.stop = used() - before, stop
    with course.gradebook() as gradebook, clock(Writer, "write", times, "gradebook"):
        writer = Writer(course, MODULE, handed_out(MODULE), gradebook)
        for result in results:
            writer.write(result, data[result.student])
    return {key: seconds / len(jobs) for key, seconds in times.items()}, processor / len(jobs)


def used():
    """Processor seconds of this process and of those it has waited for."""
    return sum(cpu(resource.getrusage(who)) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def line(what, count, wall, used):
    return f"{what:<46} {count:>5} {60 * count / wall:>12.1f} {used / count:>11.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="submissions that tito grades")
    parser.add_argument("--few", type=int, default=4, help="of which nbgrader grades so many, being slower")
    parser.add_argument("--big", action="store_true", help="1,000 submissions, for time and memory")
    options = parser.parse_args()
    count, few = options.count, min(options.few, 10)
    with tempfile.TemporaryDirectory(prefix="tito-bench-") as folder:
        folder = Path(folder)
        os.chmod(folder, 0o755)
        notebooks = class_of(count)
        course = course_with(folder / "same", notebooks)
        bare = statistics.median(timed([sys.executable, "-c", "import numpy, pytest"], folder)[1] for _ in range(7))
        print(f"{'':<46} {'count':>5} {'a minute':>12} {'CPU s each':>11}")
        wall, _, _ = tito("run", "01", "-j", "2", "--course", course, cwd=ROOT)
        parts, each = divide(course, dict(list(notebooks.items())[:12]))
        print(line("tito grade run, 2 workers", count, wall, each * count))
        students = f"--student=s000[0-{few - 1}]"
        same, same_used, _ = nbgrader("autograde", "01_tensor", "--force", students, cwd=course)
        print(line("nbgrader autograde, the same notebooks", few, same, same_used))
        own = own_kind(folder / "own", 12)
        plain, plain_used, _ = nbgrader("autograde", "ps1", "--create", cwd=own)
        print(line("nbgrader autograde, 8 cells of plain asserts", 12, plain, plain_used))
        print(f"\nthroughput: {same / few * count / wall:.1f}x nbgrader on the same notebooks (at least 10x),", end=" ")
        print(f"{plain / 12 * count / wall:.1f}x on its own kind (at least 6x)")
        print(f"processor time: {each / bare:.2f}x import numpy, pytest, which takes {bare:.2f} s (at most 2.5x)")
        print("\nwhere a submission's time goes, one after the other:")
        for key, seconds in parts.items():
            print(f"  {key:<44} {1e3 * seconds:>6.0f} ms {seconds / sum(parts.values()):>6.0%}")
        if options.big:
            course = course_with(folder / "big", class_of(1000))
            wall, _, seen = tito("run", "01", "-j", "2", "--course", course, cwd=ROOT)
            tenth = seen[len(seen) // 10]
            print(f"\n1,000 submissions: {wall:.0f} s (at most 180 s on two idle processors)")
            print(f"memory of a worker: {tenth} MB after a tenth, {max(seen)} MB at most (at most 300 MB)")


if __name__ == "__main__":
    main()
