"""The course changes after students have begun: releases, updates around their work, and what is offered back."""

import json
import os
import shutil
import signal
import time
import zipfile

import pytest

from tito.merge import KEPT
from tito.notebook import handed_out
from tito.workspace import Workspace as Found

from .conftest import ROOT, Folder

NOTEBOOK = "modules/01_tensor/tensor.ipynb"
ORIGINAL = "modules/.original/01_tensor/tensor.ipynb"


@pytest.fixture(scope="module")
def first_release(tmp_path_factory):
    """A hand-out of module 01; not to be changed."""
    folder = tmp_path_factory.mktemp("release") / "handout"
    Folder(ROOT).tito("release", "01", "--to", str(folder), code=0)
    return folder


@pytest.fixture
def student(first_release, tmp_path, answers):
    """A workspace in which a student has answered every exercise, and added a cell of their own."""
    folder = Folder(shutil.copytree(first_release, tmp_path / "work"))
    notebook = json.loads(folder.text(NOTEBOOK))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    notebook["cells"].insert(4, {"cell_type": "code", "id": "mine", "metadata": {}, "source": "x = 1", "outputs": []})
    folder.write(NOTEBOOK, json.dumps(notebook))
    return folder


@pytest.fixture(scope="session")
def answers():
    from tito.author.lesson import Lesson

    return {cell.exercise: cell.source for cell in Lesson(Found(ROOT).module("01")).cells() if cell.exercise}


@pytest.fixture
def second_release(first_release, tmp_path):
    """A hand-out in which a text, a test and the README are mended, and which has a module 02."""
    folder = Folder(shutil.copytree(first_release, tmp_path / "second"))
    notebook = json.loads(folder.text(ORIGINAL))
    texts = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown" and not cell["metadata"]]
    texts[0] |= {"source": "# Mended", "id": "mended"}
    for path in (ORIGINAL, NOTEBOOK):
        folder.write(path, json.dumps(notebook))
    folder.write("tests/01_tensor/test_mean.py", folder.text("tests/01_tensor/test_mean.py") + "\n# mended\n")
    folder.write("README.md", "mended")
    (folder.root / "tests/01_tensor/test_var.py").unlink()
    for name in ("modules/.original/02_autograd", "tests/02_autograd", "modules/02_autograd"):
        shutil.copytree(ROOT / name, folder.root / name, ignore=shutil.ignore_patterns("mistakes", "__pycache__"))
    return folder


def cells(folder, path=NOTEBOOK):
    return json.loads(folder.text(path))["cells"]


def test_what_is_new_comes_in_around_the_work(student, second_release, answers):
    work = student.text(NOTEBOOK)
    said = student.tito("update", str(second_release.root), code=0)
    found = {cell["id"]: cell["source"] for cell in cells(student)}
    assert found["mended"] == "# Mended" and found["mine"] == "x = 1"
    assert all(found[name] == source for name, source in answers.items())
    assert "the tests changed of mean, var" in said and "02 autograd is new" in said
    assert student.text("README.md") == "mended" and not (student.root / "tests/01_tensor/test_var.py").exists()
    assert (student.root / "modules/02_autograd/autograd.ipynb").is_file()
    assert student.text(ORIGINAL) == second_release.text(ORIGINAL)
    (backup,) = (student.root / ".tito/backups").glob("update-*.zip")
    assert zipfile.ZipFile(backup).read(NOTEBOOK).decode() == work
    once = {path: path.read_bytes() for path in student.root.rglob("*") if path.is_file()}
    assert "Nothing is new" in student.tito("update", str(second_release.root), code=0)
    assert {path: path.read_bytes() for path in student.root.rglob("*") if path.is_file()} == once


def test_from_a_zip_and_from_a_checkout(student, second_release, tmp_path):
    zipped = shutil.make_archive(str(tmp_path / "new"), "zip", tmp_path, "second")
    assert "02 autograd is new" in student.tito("update", zipped, code=0)
    said = student.tito("update", str(ROOT), code=0)
    assert (
        "01 tensor: " in said and not list(student.root.rglob("mistakes")) and not (student.root / "solutions").exists()
    )
    assert student.text("tests/01_tensor/test_var.py") == (ROOT / "tests/01_tensor/test_var.py").read_text()


def test_progress_stays_where_answers_and_tests_did(student, second_release):
    student.tito("check", "01", code=0)
    student.tito("update", str(second_release.root), code=0)
    first, second = json.loads(student.tito("status", "--json", code=0))["modules"]
    assert set(first["exercises"]) - set(first["done"]) == {"mean", "var"} and first["changed"] and first["passed"]
    assert not second["locked"]


@pytest.mark.parametrize("damage", ["torn", "not cells"])
def test_a_notebook_that_cannot_be_merged_is_left_with_its_module(student, second_release, damage):
    student.write(NOTEBOOK, "{" if damage == "torn" else '{"cells": [1]}')
    before = {path: student.text(path) for path in (NOTEBOOK, ORIGINAL, "tests/01_tensor/test_mean.py")}
    said = student.tito("update", str(second_release.root), code=2)
    assert "01 tensor was left as it was" in said and "02 autograd is new" in said
    assert {path: student.text(path) for path in before} == before


def test_a_renamed_notebook_is_named(student, second_release):
    os.rename(student.root / NOTEBOOK, student.root / "modules/01_tensor/my tensor.ipynb")
    for words in (("check", "01"), ("update", str(second_release.root))):
        assert "my tensor.ipynb" in student.tito(*words, code=2)
    assert "my tensor.ipynb" in student.tito("status", code=0)
    assert not (student.root / NOTEBOOK).exists()


@pytest.mark.parametrize("source", ["nothing", "empty", "torn.zip", "."])
def test_what_is_no_handout_is_said(student, source, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "torn.zip").write_bytes(b"PK")
    path = student.root if source == "." else tmp_path / source
    before = student.text(NOTEBOOK)
    assert str(path) in student.tito("update", str(path), code=2)
    assert student.text(NOTEBOOK) == before


def test_stopped_anywhere_it_can_be_done_again(student, second_release, monkeypatch):
    """Every file that it writes is a place to stop: what comes of going on is the same."""
    from tito import update as updating
    from tito.workspace import write

    whole = Folder(shutil.copytree(student.root, student.root.with_name("whole")))
    updating.update(Found(whole.root), second_release.root)
    wanted = {path.relative_to(whole.root): path.read_bytes() for path in files(whole)}
    stop = 0
    while True:
        work = Folder(shutil.copytree(student.root, student.root.with_name(f"stopped{stop}")))
        left = iter(range(stop))

        def stopping(path, data, left=left):
            next(left)
            write(path, data)

        with monkeypatch.context() as patch:
            patch.setattr(updating, "write", stopping)
            try:
                updating.update(Found(work.root), second_release.root)
                break
            except StopIteration:
                pass
        updating.update(Found(work.root), second_release.root)
        assert {path.relative_to(work.root): path.read_bytes() for path in files(work)} == wanted, stop
        stop += 1 if stop < 6 else 5
    assert stop > 10


def files(folder):
    return [
        path for path in folder.root.rglob("*") if path.is_file() and ".tito" not in path.relative_to(folder.root).parts
    ]


def test_a_blank_notebook_is_offered_back(student):
    student.tito("check", "01", code=0)
    work = student.text(NOTEBOOK)
    shutil.copyfile(student.root / ORIGINAL, student.root / NOTEBOOK)  # a hand-out unpacked over the workspace
    many = len(handed_out(Found(student.root).module("01")).exercises)
    assert f"is blank, and had {many} answers when it was last" in student.tito("status", code=0)
    student.tito("check", "01", code=1)
    assert "`tito restore 01`" in student.tito("status", code=0)
    student.tito("restore", "01", code=0)
    assert student.text(NOTEBOOK) == work and "restore" not in student.tito("status", code=0)
    student.write(NOTEBOOK, work[:1000])
    assert f"It had {many} answers when it was last checked" in student.tito("status", code=0)
    student.tito("reset", "01", code=0)  # who wants it blank is not asked again
    assert "restore" not in student.tito("status", code=0)
    assert "no earlier state" in student.tito("restore", "01", code=2)


def test_a_copy_of_a_notebook_does_not_change_progress(student):
    student.tito("check", "01", code=0)
    progress = student.progress.read_text()
    copy = student.root / "modules/01_tensor/tensor-Copy1.ipynb"
    shutil.copyfile(student.root / ORIGINAL, copy)
    code = {cell["id"]: "".join(cell["source"]) for cell in cells(student) if cell["cell_type"] == "code"}
    code["mean"] = "#| export\n@extend(Tensor)\ndef mean(self): pass"
    sent = json.dumps([{"source": source, "label": name} for name, source in code.items()])
    for name, changed in ((copy, False), (student.root / NOTEBOOK, True)):
        running = student.start(
            "check", "01", "--exercise", "mean", "--cells", env={"JPY_SESSION_NAME": str(name)}, stdin=-1
        )
        running.communicate(sent, timeout=100)
        assert running.returncode == 1
        assert (student.progress.read_text() != progress) == changed


def test_two_machines(student, tmp_path, first_release):
    """The notebook is carried to another machine, where nothing was checked: one check opens what was open."""
    student.tito("check", "01", code=0)
    other = Folder(shutil.copytree(first_release, tmp_path / "other"))
    shutil.copyfile(student.root / NOTEBOOK, other.root / NOTEBOOK)
    other.tito("check", "01", code=0)
    assert json.loads(other.tito("status", "--json", code=0))["modules"][0]["passed"]


def test_a_zip_unpacks_into_a_folder_of_its_own(tmp_path):
    names = []
    for n, words in enumerate((["01"], ["02", "--only"])):
        path = tmp_path / f"{n}.zip"
        Folder(ROOT).tito("release", *words, "--to", str(path), code=0)
        (name,) = {info.filename.partition("/")[0] for info in zipfile.ZipFile(path).infolist()}
        assert name.startswith(f"tinytorch-0{n + 1}-20")
        names.append(name)
    assert len(set(names)) == 2
    files = zipfile.ZipFile(tmp_path / "1.zip").namelist()
    assert any("modules/02_autograd" in name for name in files) and not any("01_tensor" in name for name in files)


def test_released_again_into_the_same_folder(first_release, tmp_path):
    folder = Folder(shutil.copytree(first_release, tmp_path / "handout"))
    (folder.root / ".git").mkdir()
    folder.write("tests/01_tensor/test_old.py", "")
    folder.write("tests/01_tensor/test_mean.py", "")
    Folder(ROOT).tito("release", "02", "--only", "--to", str(folder.root), code=0)
    assert (folder.root / ".git").is_dir() and not (folder.root / "tests/01_tensor/test_old.py").exists()
    assert folder.text("tests/01_tensor/test_mean.py") == (ROOT / "tests/01_tensor/test_mean.py").read_text()
    assert [module.number for module in Found(folder.root).modules] == ["01", "02"]
    folder.write(NOTEBOOK, "{}")
    assert "has work in it" in Folder(ROOT).tito("release", "02", "--to", str(folder.root), code=2)


def test_a_release_that_is_stopped_leaves_nothing_half_made(tmp_path):
    for seconds in (0.05, 0.2, 0.3, 0.4, 0.5, 0.7):
        running = Folder(ROOT).start("release", "01", "--to", str(tmp_path / "handout"))
        time.sleep(seconds)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert not (tmp_path / "handout").exists() or (tmp_path / "handout/.tito-release.json").is_file()
    Folder(ROOT).tito("release", "01", "--to", str(tmp_path / "handout"), code=0)
    assert os.listdir(tmp_path) == ["handout"] and (tmp_path / "handout" / NOTEBOOK).is_file()
    assert KEPT not in (tmp_path / "handout" / NOTEBOOK).read_text()
