"""Marks are right at every moment: whatever stops a run, what is shown is right, or says that it is not graded yet."""

import contextlib
import os
import shutil
import signal

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tito.grader import run as running
from tito.grader.course import GradingCourse
from tito.grader.ledger import results
from tito.grader.status import FAILED, GRADED, WAITING, statuses

from .conftest import MODULE, put

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
    assert run_tito("grade", "collect", "01", folder / "first", "--course", course) == 0
    assert run_tito("grade", "run", "01", "--course", course) == 0
    assert run_tito("grade", "collect", "01", folder / "second", "--course", course) == 0
    opened(course).submitted(MODULE, "zoe").write_text("torn")
    after = shutil.copytree(course, folder / "after")
    assert run_tito("grade", "run", "01", "--course", after) == 1
    assert shown(after) == TRUTH
    return course, results(opened(after), MODULE)


def run_until(course, known, boundary):
    """In a process of its own, write what is known to the gradebook, and be killed at this boundary; whether it was."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            count = iter(range(boundary + 1))

            def step(*_, **__):
                if next(count) == boundary:
                    os.kill(os.getpid(), signal.SIGKILL)

            replace = os.replace
            os.replace = lambda *paths: (step(), replace(*paths), step())
            event.listen(Engine, "commit", step)
            event.listen(Engine, "before_cursor_execute", lambda _, __, sql, *___: sql.startswith("SELECT") or step())
            found = opened(course)
            todo = running.plan(found, MODULE)
            running.run(found, MODULE, todo, lambda jobs: (known[job.student] for job in jobs), lambda result: None)
            os._exit(0)
        os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_at_every_write_no_mark_is_wrong(twice_handed_in, tmp_path):
    course, known = twice_handed_in
    boundary, seen = 0, set()
    while True:
        here = shutil.copytree(course, tmp_path / str(boundary))
        killed = run_until(here, known, boundary)
        for student, what in shown(here).items():
            assert what in ((WAITING, None), TRUTH[student]), (boundary, student)
            seen.add((student, what))
        if not killed:
            break
        if boundary % 4 == 0:  # the next run takes up what is left
            assert not run_until(here, known, 10**6)
            assert shown(here) == TRUTH, boundary
        shutil.rmtree(here)
        boundary += 1
    assert boundary > 30 and len(seen) == 2 * len(TRUTH)  # each was seen before and after
