"""What one submission may cost: a deadline that covers our own work too, and a bound on a worker's memory."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tito.checker import bridge, runner
from tito.checker.process import Launcher
from tito.grader import sandbox, worker
from tito.grader.job import Job
from tito.grader.limits import OutOfTime, within

from .conftest import MODULE, ROOT


def run(script):
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)


def test_a_block_ends_when_its_time_is_over():
    with pytest.raises(OutOfTime), within(0.2):
        while True:
            pass
    with within(0.2):
        pass
    time.sleep(0.3)  # nothing comes later


def test_a_process_that_hangs_in_what_is_not_python_is_ended():
    hanging = (
        "import re\nfrom tito.grader.limits import or_end\nwith or_end(1):\n    re.match('(a+)+$', 'a' * 60 + 'b')"
    )
    began = time.monotonic()
    assert run(hanging).returncode == 1
    assert time.monotonic() - began < 40


def test_a_worker_has_only_so_much_memory():
    done = run(
        "from tito.grader.limits import bound_memory\nbound_memory()\nbytes(1 << 30)\nprint('so much')\nbytes(3 << 30)"
    )
    assert "so much" in done.stdout and "MemoryError" in done.stderr


def test_a_block_has_only_so_much_memory_and_what_follows_has_more():
    done = run(
        "from tito.grader import limits\nlimits.MEMORY = 1 << 28\ntry:\n    with limits.bounded_memory():\n"
        "        bytes(1 << 29)\nexcept MemoryError:\n    print('no more')\nprint(len(bytes(1 << 29)))"
    )
    assert done.stdout.split() == ["no", "more", str(1 << 29)], done.stderr


def test_a_process_that_dies_again_and_again_is_not_started_for_ever(monkeypatch, make):
    """What was right before that keeps its points, and so does what is right while there are processes left."""
    monkeypatch.setattr(runner, "MOST_STARTED", 4)
    dying = "import os\nos._exit(0)"
    answers = {name: make.within(name, dying) for name in ("eye", "mean")}
    launcher = Launcher()
    mine = Job(str(ROOT), MODULE.key, "ada", json.dumps(make.but(**answers)).encode(), {}, "", 0, False)
    found = {one.name: one for one in worker.grade(mine, launcher).found.exercises}
    assert launcher.started <= 4
    assert not found["eye"].earned and not found["mean"].earned
    assert any(one.earned for one in found.values())
    assert "its process has died 4 times in the tests so far" in json.dumps(worker.grade(mine, Launcher()).report)


@pytest.mark.parametrize("work", ["of the student's side", "of ours"])
def test_the_time_for_a_submission_is_over(monkeypatch, make, work):
    """It has no mark then, the next submission has its own, in the same process."""
    begin = bridge.Bridge.begin

    def slow(self, *limit, **more):
        begin(self, *limit, **more)
        if work == "of ours" and patience < 60:
            sum(iter(lambda: 1, 2))

    patience = 3.0
    monkeypatch.setattr(bridge.Bridge, "begin", slow)
    monkeypatch.setattr(worker, "PATIENCE", patience)
    notebook = make.but(eye=make.within("eye", "while True:\n    pass")) if "student" in work else make.notebook()
    notebook["cells"].append({"cell_type": "code", "source": "#| export\nimport time\ntime.sleep(2)", "metadata": {}})
    mine = Job(str(ROOT), MODULE.key, "ada", json.dumps(notebook).encode(), {}, "", 0, not sandbox.available())
    assert worker.grade(mine).problem == "it was not graded within 3 s."
    patience = 300.0
    monkeypatch.setattr(worker, "PATIENCE", patience)
    notebook = json.dumps(make.notebook()).encode()
    assert worker.grade(replace(mine, notebook=notebook)).found.passed
