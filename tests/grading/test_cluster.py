"""Grading on a Dask cluster: a real scheduler and two workers, one of which is killed half-way."""

import os
import subprocess
import sys
import time

import pytest

from tito.errors import MachineError
from tito.grader import ledger
from tito.grader import run as running
from tito.grader.course import GradingCourse

from .conftest import ISOLATED, MODULE, PATIENCE, ROOT, marks

pytest.importorskip("distributed", reason="needs Dask: pip install tinytorch[cluster]")


def dask(program, *words, folder):
    """A part of a cluster, as a process of its own."""
    quiet = {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        f"distributed.cli.dask_{program}",
        "--scheduler-file",
        str(folder / "scheduler.json"),
    ]
    with open(folder / f"{program}.log", "a") as log:
        return subprocess.Popen(
            [*command, "--no-dashboard", *words], env=os.environ | quiet, cwd=ROOT, stdout=log, stderr=log
        )


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, its two workers, and itself."""
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", folder=tmp_path)]
    try:
        end = time.monotonic() + PATIENCE
        while not (tmp_path / "scheduler.json").exists() and time.monotonic() < end:
            time.sleep(0.1)
        words = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
        processes += [dask("worker", *words, folder=tmp_path) for _ in range(2)]
        from distributed import Client

        with Client(scheduler_file=str(tmp_path / "scheduler.json"), timeout=PATIENCE) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
            address = client.scheduler.address
        yield address, processes[1:], processes[0]
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def test_a_worker_is_killed_and_every_submission_is_graded_once(graded, graded_copy, cluster):
    from tito.grader.cluster import on_cluster

    address, workers, _ = cluster
    course = GradingCourse.find(str(graded_copy))
    todo = running.plan(course, course.workspace.module("01"), again=True, sandboxed=ISOLATED)
    told = []

    def hear(result):
        told.append(result.student)
        if len(told) == 3:
            workers[0].kill()

    running.run(course, MODULE, todo, on_cluster(address), hear)
    assert workers[0].wait(PATIENCE) == -9 and workers[1].poll() is None
    assert sorted(told) == sorted(job.student for job in todo.jobs) and len(told) > 8
    local, ours = (ledger.results(GradingCourse.find(str(where)), MODULE) for where in (graded, graded_copy))
    for student, result in local.items():
        assert (ours[student].report, ours[student].problem, ours[student].key) == (
            result.report,
            result.problem,
            result.key,
        )
        if not result.problem:
            assert marks(graded_copy, student) == marks(graded, student)


def test_a_worker_with_another_version_of_the_course_grades_nothing(graded, cluster, monkeypatch):
    from tito.grader import cluster as clusters

    course = GradingCourse.find(str(graded))
    jobs = running.plan(course, MODULE, again=True, sandboxed=ISOLATED).jobs[:1]
    monkeypatch.setattr(clusters, "_course", lambda *where: "another")
    (result,) = clusters.on_cluster(cluster[0])(jobs)
    assert "another version of the course" in result.problem and not result.key and not result.report


def test_a_scheduler_that_dies_is_a_sentence_and_nobodys_mark(graded_copy, cluster):
    from tito.grader.cluster import on_cluster

    address, _, scheduler = cluster
    course = GradingCourse.find(str(graded_copy))
    todo = running.plan(course, course.workspace.module("01"), again=True, sandboxed=ISOLATED)
    before = ledger.results(course, MODULE)
    with pytest.raises(MachineError, match="is gone"):
        running.run(course, MODULE, todo, on_cluster(address), lambda result: scheduler.kill())
    for student, result in ledger.results(course, MODULE).items():
        assert (result.key, result.report) == (before[student].key, before[student].report)


def test_no_scheduler_is_a_sentence(graded_copy, tito):
    said = tito("grade", "run", "01", "--again", "--cluster", "tcp://127.0.0.1:9", "--course", graded_copy, code=2)
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in said
