"""`tito release`: a workspace in which a student can work, and in which there are no answers."""

import json
import os
import subprocess
import sys

import pytest

from tito.author.answers import read_answers
from tito.author.lesson import Lesson

from .conftest import MODULE, ROOT


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    """A released workspace, and a function that runs its own tito in it."""
    folder = tmp_path_factory.mktemp("release") / "handout"
    own = [sys.executable, "-m", "tito"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run([*own, "release", "01", "--to", folder, "--actions"], cwd=ROOT, env=environment)
    assert made.returncode == 0

    def tito(*words, code=0):
        environment["PYTHONPATH"] = str(folder)
        done = subprocess.run([*own, *words], cwd=folder, env=environment, capture_output=True, encoding="utf-8")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return folder, tito


def test_there_are_no_answers_in_it(handout, make):
    folder = handout[0]
    assert not (folder / "solutions").exists() and not list(folder.rglob("mistakes"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    text = "\n".join(path.read_text(errors="replace") for path in files)
    lines = {"\n".join(text.splitlines()), *map(str.strip, text.splitlines())}
    blank = (folder / "modules/.original/01_tensor/tensor.ipynb").read_text()
    answers = [*make.right.values(), *(answer.body for answer in read_answers(Lesson(MODULE)))]
    for answer in answers:
        own = {line.strip() for line in answer.splitlines() if len(line.strip()) > 30}
        own = {line for line in own if json.dumps(line, ensure_ascii=False)[1:-1] not in blank}
        assert not own & lines
        assert not [line for line in own if line in text]


def test_a_student_finishes_the_module_in_it(handout, make):
    folder, tito = handout
    assert "01 tensor" in tito("status")
    tito("doctor")
    path = folder / "modules/01_tensor/tensor.ipynb"
    assert path.read_text() == make.blank
    assert "0 of 14 exercises" in tito("check", "01", code=1)
    path.write_text(json.dumps(make.notebook()))
    assert "All of it passes." in tito("check", "01")
    assert (folder / "tinytorch/tensor.py").is_file()
    assert "1 of 1 modules" in tito("status")


def test_the_workflow_shows_the_points(handout, make):
    folder = handout[0]
    workflow = (folder / ".github/workflows/check.yml").read_text()
    script = workflow.partition("<<'EOF'")[2].partition("\n")[2].partition("          EOF")[0]
    lines = "\n".join(line[10:] for line in script.splitlines())
    (folder / "modules/01_tensor/tensor.ipynb").write_text(json.dumps(make.notebook()))
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", lines]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    assert "| 01_tensor | 29 of 29 |" in done.stdout, done.stderr


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, tito):
    (tmp_path / "mine").write_text("something")
    assert "is not empty; name a new folder" in tito("release", "01", "--to", tmp_path, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
