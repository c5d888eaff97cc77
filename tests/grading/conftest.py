"""What the tests of grading share: `tito` as an instructor runs it, and one course that has been graded."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tito.checker.mistakes import SEEDS
from tito.cli import main
from tito.grader.course import GradingCourse, enrol
from tito.grader.sandbox import available
from tito.workspace import Workspace

from .makers import Maker, submissions

ROOT = Path(__file__).parents[2]
MODULE = Workspace(ROOT).module("01")
MISSING = available()  # what keeps submissions from being isolated here
ISOLATED = not MISSING
needs_sandbox = pytest.mark.skipif(not ISOLATED, reason=f"needs a sandbox: {MISSING}")
PATIENCE = 1200  # seconds to wait for what must come: only a hang takes as long, on the busiest machine
collect_ignore = ["attacks"]
QUICK = ("right", "half", "otherwise-0", "mistaken-0", "twice", "cells-gone", "renamed", "tampered", "bad-helper")
BROKEN = {"torn": '{"cells": [', "hollow": ""}


@pytest.fixture(scope="session", autouse=True)
def the_students_numbers():
    """New courses have no secret seed here, but the students' own: what a wrong answer gets can differ with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbelow", lambda most: SEEDS[0])
        yield


@pytest.fixture(scope="session")
def make():
    """Makes notebooks of module 01 as students hand them in."""
    return Maker(MODULE)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A course of module 01 alone."""
    home = tmp_path_factory.mktemp("home")
    for name in ("tests/01_tensor", "modules/.original/01_tensor", "modules/01_tensor", "solutions/01_tensor.py"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(ROOT / name)
    (home / "tinytorch").mkdir()
    return home


def as_can_be(words):
    """The words of a command; where nothing can be isolated, `tito grade run` grades all the same."""
    words = [str(word) for word in words]
    grades = words[:2] == ["grade", "run"] and "--engine" not in words
    return words + ["--unsandboxed"] * (grades and not ISOLATED)


def run_tito(*words):
    """Run tito in this process; its exit code."""
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        return main(as_can_be(words))
    finally:
        signal.signal(signal.SIGINT, interrupt)  # tito does not want it any more when it is done


@pytest.fixture
def tito(capsys, home, monkeypatch):
    """Run tito; what it prints, once its exit code is the expected one."""
    monkeypatch.chdir(home)

    def run(*words, code=0):
        capsys.readouterr()
        assert run_tito(*words) == code, capsys.readouterr()
        out, err = capsys.readouterr()
        assert "Traceback" not in err and "Warning" not in err, err
        assert all(len(line) < 80 for line in out.splitlines() if "/" not in line), out
        return out + err

    return run


def start(*words, more=(), **options):
    """Start tito in a process of its own, which is the first of a group of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | dict(more)
    options = dict(cwd=ROOT, env=environment, encoding="utf-8", start_new_session=True) | options
    command = [sys.executable, "-m", "tito", *as_can_be(words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def nbgrader(course, *words):
    """Run nbgrader in a course, with nothing of the user's own settings."""
    own = {name: str(course / "home") for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=course, env={**os.environ, **own, "PATH": path}, capture_output=True, text=True)


def put(folder, files):
    """Write files below a folder: texts, bytes, or notebooks as dicts."""
    for name, what in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(what) if isinstance(what, dict) else what
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def marks(course, student):
    """What nbgrader's gradebook has of a submission: of each cell the points, by hand or not, and the comment."""
    with GradingCourse.find(str(course)).gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("tensor", "01_tensor", student)
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
        return {
            grade.name: (grade.auto_score, grade.needs_manual_grade, grade.max_score) for grade in notebook.grades
        } | comments


@pytest.fixture(scope="session")
def blank_course(home, tmp_path_factory):
    """A new course, with a roster of two; not to be changed."""
    folder = tmp_path_factory.mktemp("blank")
    people = "id,first_name,last_name,email,lms_user_id\nada,Ada,Lovelace,ada.lovelace@x.edu,4711\n"
    (folder / "roster.csv").write_text(people + "jdoe1,Jané,Doe,jane@x.edu,\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert run_tito("grade", "init", folder / "course", "--roster", folder / "roster.csv") == 0
    return folder / "course"


@pytest.fixture
def course(blank_course, tmp_path):
    """A new course, to be used."""
    return shutil.copytree(blank_course, tmp_path / "course")


def enrol_all(course, source):
    """Enrol those after whom the folders of a source are named."""
    enrol(GradingCourse.find(str(course)), [{"id": path.name} for path in source.iterdir()])


@pytest.fixture(scope="session")
def handed_in(make, tmp_path_factory):
    """A folder with a submission of each of many kinds."""
    chosen = {f"{name}/tensor.ipynb": what for name, what in submissions(make).items() if name in QUICK}
    broken = {f"{name}/tensor.ipynb": text for name, text in BROKEN.items()}
    return put(tmp_path_factory.mktemp("handed-in"), chosen | broken)


@pytest.fixture(scope="session")
def graded(blank_course, handed_in, tmp_path_factory):
    """The course in which they have been collected and graded, by two workers; not to be changed."""
    course = shutil.copytree(blank_course, tmp_path_factory.mktemp("graded") / "course")
    enrol_all(course, handed_in)
    assert run_tito("grade", "collect", "01", handed_in, "--course", course) == 0
    assert run_tito("grade", "run", "01", "-j", "2", "--course", course) == 1
    return course


@pytest.fixture
def graded_copy(graded, tmp_path):
    """The same, to be changed."""
    return shutil.copytree(graded, tmp_path / "course")
