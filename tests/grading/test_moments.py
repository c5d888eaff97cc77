"""Marks are right at every moment: whatever stops a run, what is shown is right, or says that it is not graded yet."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from datetime import datetime, timezone

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from tito.checker.process import Launcher
from tito.cli import main
from tito.commands import status
from tito.grader import run as running
from tito.grader.course import GradingCourse
from tito.grader.job import Job
from tito.grader.late import Rule
from tito.grader.ledger import results
from tito.grader.status import FAILED, GRADED, LATE, WAITING, statuses
from tito.grader.worker import grade

from .conftest import ISOLATED, MODULE, PATIENCE, ROOT, enrol_all, put, start

FULL = 29
WORDS = 2  # written answers, each without a mark until a person gives one
TRUTH = {"ada": (GRADED, FULL), "eve": (GRADED, FULL), "zoe": (FAILED, None)}


def opened(course):
    return GradingCourse.find(str(course))


def shown(course):
    """What is said of each student who handed in: status, and mark."""
    return {row.student: (row.status, row.score) for row in statuses(opened(course), MODULE) if row.student in TRUTH}


@pytest.fixture(scope="module")
def twice_handed_in(blank_course, make, tmp_path_factory):
    """A course in which ada has just handed in, eve has handed in a better notebook, and zoe a torn one; and its truth."""
    from .conftest import run_tito

    folder = tmp_path_factory.mktemp("moments")
    course = shutil.copytree(blank_course, folder / "course")
    half = make.but(mean="#| export\n@extend(Tensor)\ndef mean(self): pass")
    put(folder / "first", {"eve/tensor.ipynb": half, "zoe/tensor.ipynb": make.notebook()})
    put(folder / "second", {f"{name}/tensor.ipynb": make.notebook() for name in ("ada", "eve")})
    enrol_all(course, folder / "first")
    assert run_tito("grade", "collect", "01", folder / "first", "--course", course) == 0
    assert run_tito("grade", "run", "01", "--course", course) == 0
    assert run_tito("grade", "collect", "01", folder / "second", "--course", course) == 0
    opened(course).submitted(MODULE, "zoe").write_text("torn")
    after = shutil.copytree(course, folder / "after")
    assert run_tito("grade", "run", "01", "--course", after) == 1
    assert shown(after) == TRUTH
    return course, results(opened(after), MODULE)


def run_until(course, known, boundary, how):
    """In a process of its own, write what is known to the gradebook, and be stopped at this boundary; how it ended."""
    child = os.fork()
    if child == 0:
        count = iter(range(boundary + 1))

        def step(*_, **__):
            if next(count, None) == boundary:
                os.kill(os.getpid(), how)

        def write(**_):
            replace = os.replace
            os.replace = lambda *paths: (step(), replace(*paths), step())
            event.listen(Engine, "commit", step)
            event.listen(Session, "after_commit", step)
            event.listen(Engine, "before_cursor_execute", lambda _, __, sql, *___: sql.startswith("SELECT") or step())
            found = opened(course)
            todo = running.plan(found, MODULE)
            running.run(found, MODULE, todo, lambda jobs: (known[job.student] for job in jobs), lambda result: None)
            return 0

        status.run = write
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os._exit(main(["status"]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("how, ends", [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_stopped_at_every_write_no_mark_is_wrong(twice_handed_in, tmp_path, how, ends):
    course, known = twice_handed_in
    boundary, seen, ended = 0, set(), ends
    while ended == ends:
        here = shutil.copytree(course, tmp_path / str(boundary))
        ended = run_until(here, known, boundary, how)
        for student, what in shown(here).items():
            assert what in ((WAITING, None), TRUTH[student]), (boundary, student)
            seen.add((student, what))
        if boundary % 4 == 0:  # the next run takes up what is left
            assert run_until(here, known, 10**6, how) == 0
            assert shown(here) == TRUTH, boundary
        shutil.rmtree(here)
        boundary += 1
    assert ended == 0
    assert boundary > 30 and len(seen) == 2 * len(TRUTH)  # each was seen before and after


def collect_until(course, source, boundary):
    """In a process of its own, collect from a source, and be killed at this boundary; how it ended."""
    child = os.fork()
    if child == 0:
        count, replace = iter(range(boundary + 1)), os.replace

        def step():
            if next(count, None) == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = lambda *paths: (step(), replace(*paths), step())
        os._exit(main(["grade", "collect", "01", str(source), "--course", str(course)]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_collection_stopped_at_every_write_makes_nothing_late_or_punctual(twice_handed_in, make, tmp_path):
    """A notebook that came late is in the place of one that came in time: its mark is that of a late one, or none."""
    course, known = twice_handed_in
    graded = shutil.copytree(course, tmp_path / "graded")
    name = "{}+01_tensor+2100-02-01 10:11:12 UTC+4f6e/tensor.ipynb".format
    later = make.but(eye=make.right["eye"] + "\n# later")
    source = put(tmp_path / "late", {name(student): later for student in ("ada", "eve")})
    log = opened(graded).log(MODULE)
    log.write_text(log.read_text().replace('"origin": "folder:', '"origin": "nbgrader:'))
    opened(graded).set_due(MODULE, datetime(2100, 1, 1, tzinfo=timezone.utc))
    assert run_until(graded, known, 10**6, signal.SIGKILL) == 0
    assert shown(graded) == TRUTH
    boundary, waited, ended = 0, 0, -signal.SIGKILL
    while ended:
        here = shutil.copytree(graded, tmp_path / str(boundary))
        ended = collect_until(here, source, boundary)
        assert ended in (0, -signal.SIGKILL)
        for then in ("stopped", "run", "collected"):
            if then == "run":
                assert run_until(here, known, 10**6, signal.SIGKILL) == 0
            if then == "collected":
                assert collect_until(here, source, 10**6) == 0
            for student, (now, _) in shown(here).items():
                came_late = "# later" in opened(here).submitted(MODULE, student).read_text()
                assert now in (WAITING, FAILED, LATE if came_late else GRADED), (boundary, then, student)
                waited += now == WAITING and then == "run"
        assert run_until(here, known, 10**6, signal.SIGKILL) == 0
        assert shown(here) == TRUTH | dict.fromkeys(("ada", "eve"), (LATE, FULL))
        shutil.rmtree(here)
        boundary += 1
    assert boundary > 10 and waited


def test_who_asks_while_another_collects_sees_no_old_mark_with_a_new_time(twice_handed_in, tmp_path, make, monkeypatch):
    course, known = twice_handed_in
    here = shutil.copytree(course, tmp_path / "course")
    assert run_until(here, known, 10**6, signal.SIGKILL) == 0
    log = opened(here).log(MODULE)
    log.write_text(log.read_text().replace('"origin": "folder:', '"origin": "nbgrader:'))
    opened(here).set_due(MODULE, datetime(2100, 1, 1, tzinfo=timezone.utc))
    source = put(tmp_path / "late", {"ada+01_tensor+2100-02-01 10:11:12 UTC+4f6e/tensor.ipynb": make.notebook({})})
    of = Rule.of

    def meanwhile(rule, module):
        monkeypatch.setattr(Rule, "of", of)
        assert collect_until(here, source, 10**6) == 0
        return of(rule, module)

    monkeypatch.setattr(Rule, "of", meanwhile)
    assert shown(here)["ada"] == (WAITING, None)


class NeverStarts(Launcher):
    def start(self, command, **options):
        return super().start(["false"], **options)


def test_a_process_that_does_not_start_is_not_the_submissions_fault(make):
    notebook = json.dumps(make.notebook()).encode()
    result = grade(Job(str(ROOT), MODULE.key, "ada", notebook, {}, "key"), NeverStarts())
    assert not result.key and result.report is None
    assert "did not start" in result.problem


def test_a_disk_that_fills_up_while_tests_run_is_not_the_submissions_fault(make, tmp_path):
    """The tests of one exercise find no room; what they would say of it is not believed."""
    shutil.copytree(ROOT / "tests/01_tensor", tmp_path / "tests/01_tensor")
    shutil.copytree(ROOT / "modules/.original", tmp_path / "modules/.original")
    path = tmp_path / "tests/01_tensor/test_eye.py"
    full = "\n\ndef test_full():\n    raise OSError(28, 'No space left on device')\n"
    path.write_text(path.read_text() + full)
    notebook = json.dumps(make.notebook()).encode()
    result = grade(Job(str(tmp_path), MODULE.key, "ada", notebook, {}, "key", sandboxed=ISOLATED))
    assert not result.key and result.report is None and "No space left" in result.problem


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 3 MB, and a function that makes it large."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be made by root only, where mounting is allowed")
    yield folder, lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_a_sentence_and_the_next_run_goes_on(twice_handed_in, small_disk):
    folder, mend = small_disk
    course = shutil.copytree(twice_handed_in[0], folder / "course", ignore=shutil.ignore_patterns("source", "release"))
    for name in ("source", "release"):
        (course / name).symlink_to(twice_handed_in[0] / name)
    with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(b"\0" * 4096)
    running = start("grade", "run", "01", "--course", course)
    said = running.communicate(timeout=PATIENCE)[0]
    assert running.returncode == 2 and "Traceback" not in said, said
    assert "No space left" in said or "disk is full" in said or "disk I/O error" in said, said
    mend()
    for what in shown(course).values():
        assert what in ((WAITING, None), *TRUTH.values())
    running = start("grade", "run", "01", "--course", course)
    said = running.communicate(timeout=PATIENCE)[0]
    assert running.returncode == 1, said
    assert shown(course) == TRUTH


@pytest.mark.parametrize("seed", range(4))
def test_ctrl_c_at_any_time_is_130_and_no_mark_is_wrong(twice_handed_in, tmp_path, seed):
    """As in a terminal, where every process of the group hears it."""
    course = shutil.copytree(twice_handed_in[0], tmp_path / "course")
    running = start("grade", "run", "01", "--course", course)
    file, before = course / "gradebook.db", os.stat(course / "gradebook.db").st_mtime_ns
    while os.stat(file).st_mtime_ns == before and running.poll() is None:
        time.sleep(0.01)  # until the first write
    time.sleep(seed * 0.02)
    os.killpg(running.pid, signal.SIGINT)
    said = running.communicate(timeout=PATIENCE)[0]
    assert running.returncode in (130, 1), said  # 1: it was done before
    assert "Traceback" not in said and (running.returncode == 1 or "Stopped" in said), said
    for student, what in shown(course).items():
        assert what in ((WAITING, None), TRUTH[student])
