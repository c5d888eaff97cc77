"""Bad input to the real `tito`: it says in a sentence what is wrong and where, and nothing is lost or half-written."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tito.author.lesson import Lesson
from tito.workspace import Workspace, write

from .conftest import PATIENCE, unprivileged

ROOT = Path(__file__).parents[2]
MODULE = Workspace(ROOT).module("01")
SHOWN = "modules/01_tensor/tensor.ipynb"
ANSWERS = {cell.exercise: cell.source for cell in Lesson(MODULE).cells() if cell.exercise}
STARTED = "import sys; from tito.cli import main; print(end='.', flush=True); sys.exit(main())"


def eye(body):
    """The exercise `eye` with another body."""
    return "@extend(Tensor)\n@classmethod\ndef eye(cls, n, m=None):\n" + "".join(f"    {s}\n" for s in body.split("\n"))


# the notebook file

UNREADABLE = {
    "truncated": (lambda text: text[: len(text) // 2], "stops in the middle"),
    "empty": (lambda text: b"", "is empty"),
    "not JSON": (lambda text: b"# My notebook\n\nx = 1\n", "line 1 is not JSON"),
    "not UTF-8": (lambda text: b'{"cells": ["caf\xe9"]}', "not a text file in UTF-8 (byte 15"),
    "zeros, as a power failure leaves them": (lambda text: bytes(4096), "is empty"),
    "PDF": (lambda text: b"%PDF-1.7\n", "is a PDF file, and no notebook"),
    "conflict": (
        lambda text: b"<<<<<<< HEAD\n" + text + b"\n=======\n>>>>>>> mine\n",
        "both sides of a conflict in git",
    ),
    "another JSON": (lambda text: b"[1, 2]", "not a notebook"),
    "format 3": (lambda text: b'{"nbformat": 3, "worksheets": [{"cells": []}], "metadata": {}}', "notebook format 3"),
    "nested": (lambda text: b"[" * 100_000, "not a notebook"),
    "cells": (lambda text: b'{"nbformat": 4, "cells": [3]}', "cell 1"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_notebook(workspace, kind):
    spoil, sentence = UNREADABLE[kind]
    spoilt = spoil(workspace.notebook.read_bytes())
    workspace.notebook.write_bytes(spoilt)
    output = workspace.tito("check", "01", code=2)
    assert output.startswith(SHOWN) and sentence in output and "tito reset N" not in output
    assert workspace.tito("export", "01", code=2) == output and sentence in workspace.tito("status", code=0)
    assert workspace.notebook.read_bytes() == spoilt and not (workspace.root / "tinytorch").exists()
    workspace.tito("reset", "01", code=0)
    assert [path.read_bytes() for path in workspace.root.glob(".tito/backups/*")] == [spoilt]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_in_another_encoding_is_read(workspace, encoding):
    workspace.notebook.write_bytes(workspace.notebook.read_text("utf-8").encode(encoding))
    assert "0 of 14 exercises" in workspace.tito("check", "01", code=1)


def test_a_notebook_that_is_a_folder(workspace):
    workspace.notebook.unlink()
    workspace.notebook.mkdir()
    for command in ("check", "export", "reset"):
        assert f"{SHOWN} is a folder" in workspace.tito(command, "01", code=2)


def test_a_notebook_that_is_gone(workspace):
    workspace.notebook.unlink()
    for command in ("check", "export", "start"):
        assert f"{SHOWN} is not there. Save it again from Jupyter, or get a fresh one with `tito reset 01`" in (
            workspace.tito(command, "01", code=2)
        )
    workspace.tito("reset", "01", code=0)
    assert workspace.notebook.is_file()


def test_a_notebook_without_nbgrader_metadata_works(workspace):
    notebook = workspace.fill()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    workspace.save(notebook)
    assert "All of it passes" in workspace.tito("check", "01", code=0)
    assert (workspace.root / "tinytorch" / "tensor.py").is_file()


# cells


def test_a_syntax_error(workspace):
    notebook = workspace.fill(eye=eye("x = (1,\nreturn x +"))
    number = workspace.cell(notebook, "eye")[0] + 1
    for command, code in ((["check", "01", "--exercise", "eye"], 1), (["export", "01"], 2)):
        output = workspace.tito(*command, code=code)
        assert f"{SHOWN}, cell {number} (exercise eye), line " in output
        assert "x = (1," in output or "return x +" in output
    assert not (workspace.root / "tinytorch").exists()


def test_a_cell_without_its_export_mark_is_exported(workspace):
    workspace.fill(eye=ANSWERS["eye"].replace("#| export\n", ""))
    workspace.tito("export", "01", code=0)
    assert "def eye(" in (workspace.root / "tinytorch" / "tensor.py").read_text()


def test_a_deleted_exercise_cell(workspace):
    notebook = workspace.fill()
    del notebook["cells"][workspace.cell(notebook, "eye")[0]]
    workspace.save(notebook)
    output = workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert f"missing from {SHOWN}" in output and "tito reset 01 eye" in output
    workspace.tito("reset", "01", "eye", code=0)
    assert "not written yet" in workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert "1 of" not in workspace.tito("check", "01", "--exercise", "flatten", code=0)


def test_of_an_exercise_that_is_there_twice_the_last_that_is_written_counts(workspace):
    notebook = workspace.fill()
    place, cell = workspace.cell(notebook, "eye")
    notebook["cells"].insert(place, cell | {"source": eye("return None")})
    blank = workspace.cell(json.loads((MODULE.original / "tensor.ipynb").read_text()), "eye")[1]
    notebook["cells"] += [cell, blank]
    workspace.save(notebook)
    output = " ".join(workspace.tito("check", "01", code=0).split())
    places = f"cell {place + 1} and cell {place + 2} and cell {len(notebook['cells']) - 1}"
    assert (
        f"{SHOWN}: exercise eye is there more than once, in {places}: cell {len(notebook['cells']) - 1} counts."
        in output
    )


# what an exercise does when it runs; the others are judged all the same

DOES = {
    "allocates 50 GB": (eye("return cls(np.ones(50 << 30, dtype=np.uint8))"), "MemoryError"),
    "calls sys.exit": (eye("import sys\nsys.exit(0)"), "it called sys.exit"),
    "calls os._exit": (eye("import os\nos._exit(0)"), "it ended the Python process, with exit code 0"),
    "kills itself": (eye("import os\nos.kill(os.getpid(), 11)"), "SIGSEGV"),
    "kills its group": (eye("import os\nos.killpg(0, 9)"), "SIGKILL"),
    "prints 100 MB": (eye("for _ in range(100): print('x' * 1_000_000)\nreturn cls(1)"), "printed"),
    "reads stdin": (eye("return cls(float(input('n? ')))"), "EOFError"),
    "recurses": (eye("return cls.eye(n, m)"), "RecursionError"),
    "raises an assert-defeating object": (
        eye("class Yes(Tensor):\n    def __eq__(self, other): return True\nreturn Yes(1)"),
        "expected",
    ),
    "interrupts": (eye("raise KeyboardInterrupt"), "KeyboardInterrupt"),
}


@pytest.mark.parametrize("what", DOES)
def test_an_exercise_that(workspace, what):
    source, sentence = DOES[what]
    workspace.fill(eye=source)
    output = workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert "eye" in output and sentence in output and len(output) < 5000


def test_an_exercise_that_loops_for_ever(workspace):
    right = ANSWERS["eye"].strip().splitlines()[-2:]
    workspace.fill(eye=eye("\n".join(["while (n, m) == (1, 5): pass", *(line.strip() for line in right)])))
    output = workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert "still running after 5 s" in output
    assert "exercise eye, line 4:\n        while (n, m) == (1, 5): pass\n" in output
    assert "3 of 4" in output


def test_a_cell_that_shadows_numpy(workspace):
    notebook = workspace.fill(eye="np = None\n" + ANSWERS["eye"].removeprefix("#| export\n"))
    output = workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert "NoneType" in output
    assert workspace.cell(notebook, "eye")[1]["source"].startswith("np = None")


@pytest.mark.parametrize("line", ["import sys; sys.exit(0)", "import os; os._exit(0)", "1 / 0", "input()"])
def test_a_cell_that_ends_the_import(workspace, line):
    workspace.fill(eye=f"{line}\n" + ANSWERS["eye"].removeprefix("#| export\n"))
    output = workspace.tito("check", "01", "--exercise", "eye", code=1)
    assert f"{SHOWN}, cell" in output and "(exercise eye)" in output


# the folder


def test_a_read_only_workspace(new_workspace):
    with tempfile.TemporaryDirectory(prefix="tito-test-") as folder:
        os.chmod(folder, 0o755)
        workspace = new_workspace(Path(folder) / "w")
        workspace.fill()
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(workspace.root)], check=True)
        options = unprivileged()
        try:
            for command in (["check", "01", "--exercise", "eye"], ["export", "01"], ["reset", "01"]):
                output = workspace.tito(*command, code=2, **options)
                assert str(workspace.root) in output and "cannot be written: Permission denied" in output
            workspace.tito("status", code=0, **options)
        finally:
            subprocess.run(["chmod", "-R", "u+w", str(workspace.root)], check=True)


def test_a_file_where_the_private_folder_should_be(workspace):
    (workspace.root / ".tito").write_text("mine")
    workspace.fill()
    for command in (["check", "01", "--exercise", "eye"], ["export", "01"], ["reset", "01"]):
        assert ".tito" in workspace.tito(*command, code=2)
    assert (workspace.root / ".tito").read_text() == "mine"


@contextlib.contextmanager
def small_disk(folder):
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk can be filled only where a small one can be mounted, which takes root on Linux")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("left", [0, 4096, 40_960])
def test_a_full_disk(tmp_path, left, new_workspace):
    with small_disk(tmp_path):
        workspace = new_workspace(tmp_path / "w")
        workspace.fill()
        workspace.tito("check", "01", "--exercise", "flatten", code=0)
        (workspace.root / "tinytorch").mkdir()
        (workspace.root / "tinytorch" / "tensor.py").write_text("old = 1\n" * 1000)
        before = contents(workspace.root)
        ballast = tmp_path / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
            while file.write(bytes(4096)) == 4096:
                pass
        os.truncate(ballast, ballast.stat().st_size - left)
        for command in (["check", "01", "--exercise", "eye"], ["export", "01"], ["reset", "01"]):
            if left == 0 or command[0] == "reset":
                output = workspace.tito(*command, code=2)
                assert "cannot be written: No space left on device" in output and str(workspace.root) in output
                assert contents(workspace.root) == before
        ballast.unlink()
        workspace.tito("export", "01", code=0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_to_a_full_disk(workspace):
    with open("/dev/full", "w") as full:
        running = workspace.start("status", stdout=full, stderr=subprocess.PIPE)
        errors = running.communicate(timeout=PATIENCE)[1]
    assert running.returncode == 2 and "No space left on device" in errors and "Exception" not in errors


# interruptions


def contents(root):
    """Every file below root, but for tito's lock and what a write that was killed put aside under a name with a dot."""
    paths = [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def aside(name):
    return Path(name).name.startswith(".")


@contextlib.contextmanager
def interrupted_at(number, module):
    """Ctrl-C comes when a module runs its line of this number, counted from 0."""
    lines = itertools.count()

    def trace(frame, event, _):
        if event == "line" and next(lines) == number:
            raise KeyboardInterrupt
        return trace if frame.f_globals["__name__"] == module else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)


def test_a_write_stopped_at_any_line_leaves_nothing_beside_the_file(tmp_path):
    path, number = tmp_path / "a", 0
    path.write_text("old")
    while path.read_text() == "old":
        with interrupted_at(number, write.__module__):
            write(path, "new")
        assert os.listdir(tmp_path) == ["a"], number
        number += 1
    assert path.read_text() == "new" and number > 10


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("command", ["export", "check", "reset"])
def test_stopped_at_any_moment(workspace, command, how):
    workspace.fill()
    arguments = ["01", "--exercise", "eye"] if command == "check" else ["01"]
    workspace.tito("check", "01", "--exercise", "flatten", code=0)
    workspace.tito("export", "01", code=0)
    before = contents(workspace.root)
    begun = time.monotonic()
    workspace.tito(command, *arguments, code=0)
    takes = time.monotonic() - begun
    after = contents(workspace.root)
    handed_out = (workspace.root / "modules/.original/01_tensor/tensor.ipynb").read_bytes()
    answered = before[SHOWN]
    dice = random.Random(f"{command} {how}")
    for _ in range(4):
        for name, data in before.items():
            (workspace.root / name).write_bytes(data)
        running = workspace.start(command, *arguments, start=("-c", STARTED))
        assert running.stdout.read(1) == "."  # from here on it is tito that runs, and not Python that starts
        time.sleep(dice.uniform(0, takes))
        running.send_signal(how)
        output = running.communicate(timeout=PATIENCE)[0]
        assert "Traceback" not in output, output
        if how == signal.SIGINT:
            assert running.returncode in (0, 130), output
            assert running.returncode == 0 or "Stopped" in output
        now = contents(workspace.root)
        for name, data in now.items():
            whole = data in (before.get(name), after.get(name)) or (
                name.startswith(".tito/backups") and data == answered
            )
            assert whole or (how == signal.SIGKILL and aside(name)), name
        assert before.keys() & after.keys() <= now.keys() and now[SHOWN] in (answered, handed_out)
        assert "flatten" in json.loads(now[".tito/progress.json"])["modules"]["01_tensor"]["exercises"]
    workspace.tito(command, *arguments, code=0 if command != "check" or now[SHOWN] == answered else 1)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_a_loop_ends_with_the_check_that_was_killed(workspace, tmp_path):
    flag = tmp_path / "begun"
    workspace.fill(eye=eye(f"open({str(flag)!r}, 'w').close()\nwhile True: pass"))
    running = workspace.start("check", "01", "--exercise", "eye")
    assert eventually(flag.exists)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    running.kill()
    running.communicate()
    gone = eventually(lambda: not any(alive(pid) for pid in children))
    for pid in children if not gone else []:
        os.kill(int(pid), signal.SIGKILL)
    assert children and gone


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(holds):
    end = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_two_checks_at_once(workspace):
    workspace.fill()
    names = ("eye", "flatten", "mean")
    running = [workspace.start("check", "01", "--exercise", name) for name in names]
    for process in running:
        output = process.communicate(timeout=PATIENCE)[0]
        assert process.returncode == 0 and "Traceback" not in output, output
    done = json.loads(workspace.progress.read_text())["modules"]["01_tensor"]["exercises"]
    assert set(done) == set(names)


# modules and progress


def test_an_unknown_module(workspace):
    for command in (["check", "77"], ["export", "nothing"], ["start", "²"], ["reset", "../01"]):
        output = workspace.tito(*command, code=2)
        assert f"there is no module {command[1]}" in output and "01 tensor" in output
    output = workspace.tito("check", "01", "--exercise", "ey", code=2)
    assert "has no exercise ey" in output


def test_a_locked_module(workspace):
    original = workspace.root / "modules/.original"
    (original / "02_second").mkdir()
    shutil.copyfile(original / "01_tensor/tensor.ipynb", original / "02_second/second.ipynb")
    for command in ("check", "export", "start"):
        output = workspace.tito(command, "02", code=2)
        assert "02 second is locked until 01 tensor passes" in output and "the next is as_array" in output


DAMAGED = {
    "empty": b"",
    "truncated": b'{"schema": "tito.progress/1", "mod',
    "another schema": b'{"schema": "other/9", "modules": {}}',
    "not UTF-8": b"\xff\xfe",
    "a number for a date": b'{"schema": "tito.progress/1", "modules": {"01_tensor": {"passed": 5}}}',
    "no date": b'{"schema": "tito.progress/1", "modules": {"01_tensor": {"passed": "soon"}}}',
    "a list of exercises": b'{"schema": "tito.progress/1", "modules": {"01_tensor": {"exercises": ["eye"]}}}',
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_progress(workspace, kind):
    workspace.progress.parent.mkdir()
    workspace.progress.write_bytes(DAMAGED[kind])
    for command in (["status"], ["export", "01"], ["check", "01", "--exercise", "eye"]):
        assert ".tito/progress.json is damaged" in workspace.tito(*command, code=2)
    assert workspace.progress.read_bytes() == DAMAGED[kind]


def test_progress_that_is_a_folder(workspace):
    workspace.progress.mkdir(parents=True)
    assert ".tito/progress.json cannot be read" in workspace.tito("status", code=2)
