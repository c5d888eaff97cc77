"""A term, played with tito's own commands: hand-outs, hand-ins, a test that is mended, an extension, regrades, exports.

`pytest -s tests/grading/test_term.py` prints its transcript.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta, timezone

import pytest

from tito.notebook import handed_out, mark
from tito.workspace import Workspace

from .conftest import ISOLATED, PATIENCE, ROOT
from .demo import zipped
from .makers import Maker

PEOPLE = {"ada": ("Ada", "Lovelace", 101), "ben": ("Ben", "Bitdiddle", 102), "cleo": ("Cleo", "Claire", 103)}
PEOPLE |= {"dan": ("Dan", "Dare", 104), "eve": ("Eve", "Eden", 105)}
NOW = datetime.now(timezone.utc).replace(microsecond=0)
SLOPPY = """import numpy as np

from tinytorch.tensor import Tensor
from tito.testing import assert_close


def test_it_is_square():
    assert_close(Tensor.eye(3), np.identity(3))
"""
MENDED = SLOPPY + "\n\ndef test_there_are_m_columns():\n    assert_close(Tensor.eye(2, 3), np.eye(2, 3))\n"
NO_COLUMNS = (
    "#| export\n@extend(Tensor)\n@classmethod\ndef eye(cls, n, m=None):\n    return cls(np.identity(n, np.float32))\n"
)
CANVAS = "Student,ID,SIS Login ID,01_tensor (1),02_autograd (2)\n    Points Possible,,,{},{}\n"


class Term:
    """A course's checkout, its grading course, and a workspace for each student."""

    def __init__(self, folder):
        self.folder, self.course, self.grading = folder, folder / "course", folder / "grading"
        self.course.mkdir()
        for name in ("tito", "solutions", "modules", "tests", "tinytorch"):
            shutil.copytree(ROOT / name, self.course / name, ignore=shutil.ignore_patterns("__pycache__", "grading"))
        for name in ("requirements.txt", "pyproject.toml", "LICENSE"):
            shutil.copy(ROOT / name, self.course / name)
        self.make = Maker(Workspace(ROOT).module("01"))

    def tito(self, *words, at=None, code=0):
        """Run the tito of a workspace in it; what it printed."""
        at = at or self.course
        words = list(map(str, words))
        print(f"\n{at.relative_to(self.folder)}$ tito {' '.join(words)}".replace(f"{self.folder}/", ""))
        if words[:2] == ["grade", "run"] and not ISOLATED:
            words.append("--unsandboxed")
        environment = {**os.environ, "PYTHONPATH": str(at), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "tito", *words]
        done = subprocess.run(command, cwd=at, env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE)
        print((done.stdout + done.stderr).replace(f"{self.folder}/", ""), end="")
        assert done.returncode == code and "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def workspace(self, student):
        return next(self.folder.glob(f"{student}/tinytorch-*"))

    def notebook(self, student, module):
        return Workspace(self.workspace(student)).module(module).notebook

    def write(self, student, answers, module="01"):
        """Put answers into a student's notebook, and leave the rest of it as it is."""
        path = self.notebook(student, module)
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            if mark(cell) in answers:
                cell["source"] = answers[mark(cell)]
        path.write_text(json.dumps(notebook))

    def canvas(self, module, late=()):
        """Canvas' zip of what the students have in their notebooks."""
        files = {}
        for student, (first, last, number) in PEOPLE.items():
            if module not in [there.number for there in Workspace(self.workspace(student)).modules]:
                continue
            path = self.notebook(student, module)
            name = f"{last}{first}".lower() + "_LATE" * (student in late)
            files[f"{name}_{number}_9{number}_{path.name}"] = path.read_bytes()
        (self.folder / f"canvas-{module}.zip").write_bytes(zipped(files, "utf-8"))
        return self.folder / f"canvas-{module}.zip"

    def grade(self, *words, code=0):
        return self.tito("grade", *words, "--course", self.grading, code=code)

    def marks(self, module):
        self.grade("export")
        with (self.grading / "marks.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["module"] == module]
        return {row["student"]: (row["status"], float(row["score"]) if row["score"] else None) for row in rows}


@pytest.fixture
def term(tmp_path):
    return Term(tmp_path)


def test_a_term(term):
    week_1 = term.folder / "week-1.zip"
    test = term.course / "tests/01_tensor/test_eye.py"
    test.write_text(SLOPPY)

    # Week 1: module 01 is handed out, and worked on.
    term.tito("release", "01", "--to", week_1)
    for student in PEOPLE:
        with zipfile.ZipFile(week_1) as packed:
            packed.extractall(term.folder / student)
    right = term.make.right
    for student in ("ada", "cleo", "dan"):
        term.write(student, right)
    term.write("ben", right | {"eye": NO_COLUMNS})
    assert "All of it passes." in term.tito("check", "01", at=term.workspace("ada"))
    assert "All of it passes." in term.tito("check", "01", at=term.workspace("ben"))  # nothing asks for columns

    # Week 2: they hand in, and are graded. Cleo has an extension.
    with (term.folder / "roster.csv").open("w") as file:
        file.write("id,first_name,last_name,lms_user_id\n")
        file.writelines(f"{who},{first},{last},{number}\n" for who, (first, last, number) in PEOPLE.items())
    term.tito("grade", "init", term.grading, "--roster", term.folder / "roster.csv")
    with (term.grading / "nbgrader_config.py").open("a") as file:
        file.write("\nc.AssignLatePenalties.plugin_class = 'tito.grader.late.PerDay'\nc.PerDay.share = 0.1\n")
    due = (NOW - timedelta(days=1)).isoformat()
    extension = f"cleo={(NOW + timedelta(days=9)).isoformat()}"
    term.grade("collect", "01", term.canvas("01", late=("cleo", "dan")), "--due", due, "--due", extension)
    term.grade("run", "01")
    assert term.marks("01_tensor") == {
        "ada": ("graded", 29),
        "ben": ("graded", 29),  # what nobody tests for is not taken off
        "cleo": ("graded", 29),
        "dan": ("late", 29 - 2.9),  # Canvas says late and not by how much: one day
        "eve": ("graded", 0),
    }
    term.grade("feedback", "01")

    # Week 3: the test is mended. Those who have begun get it, and their work stays.
    test.write_text(MENDED)
    week_3 = term.folder / "week-3.zip"
    term.tito("release", "01", "02", "--to", week_3)
    for student in ("ada", "ben", "cleo"):
        kept = term.notebook(student, "01").read_bytes()
        assert "02 autograd" in term.tito("update", week_3, at=term.workspace(student))
        assert term.notebook(student, "01").read_bytes() == kept
    assert "Nothing is new" in term.tito("update", week_3, at=term.workspace("ada"))
    assert "All of it passes." in term.tito("check", "01", at=term.workspace("ada"))
    assert "there are m columns" in term.tito("check", "01", at=term.workspace("ben"), code=1)
    assert "5 submissions graded with older tests" in term.grade("export")
    term.grade("run", "01")
    assert term.marks("01_tensor")["ben"] == ("graded", 28.5)  # half of the point for eye

    # Ben mends it, and asks to be graded again: nobody else's mark changes.
    others = term.marks("01_tensor")
    term.write("ben", {"eye": right["eye"]})
    hand_in = term.folder / "by-mail/ben/tensor.ipynb"
    hand_in.parent.mkdir(parents=True)
    hand_in.write_bytes(term.notebook("ben", "01").read_bytes())
    os.utime(hand_in, ((NOW - timedelta(hours=23)).timestamp(),) * 2)
    assert "--prefer canvas or --prefer folder says which" in term.grade("collect", "01", hand_in.parents[1])
    term.grade("collect", "01", hand_in.parents[1], "--prefer", "folder")
    term.grade("run", "01", "--student", "ben")
    assert term.marks("01_tensor") == others | {"ben": ("late", 29 - 2.9)}

    # Week 4: module 02.
    second = Maker(Workspace(ROOT).module("02"))
    for student in ("ada", "ben", "cleo"):
        term.write(student, second.right, "02")
    assert "All of it passes." in term.tito("check", "02", at=term.workspace("ada"))
    term.grade("collect", "02", term.canvas("02"), "--due", (NOW + timedelta(days=9)).isoformat())
    term.grade("run", "02")
    full = sum(exercise.points for exercise in handed_out(Workspace(ROOT).module("02")).exercises.values())
    assert term.marks("02_autograd") == dict.fromkeys(("ada", "ben", "cleo"), ("graded", full)) | dict.fromkeys(
        ("dan", "eve"), ("missing", None)
    )

    # The term ends: Canvas' table, in which module 02 counts twice as much as here.
    with (term.grading / "marks.csv").open(newline="", encoding="utf-8") as file:
        worth = {row["module"]: float(row["max_score"]) for row in csv.DictReader(file)}
    table, filled = term.folder / "canvas.csv", term.folder / "filled.csv"
    rows = "".join(f'"{last}, {first}",{number},{who},,\n' for who, (first, last, number) in PEOPLE.items())
    table.write_text(CANVAS.format(worth["01_tensor"], 2 * worth["02_autograd"]) + rows)
    assert "02_autograd has" in term.grade("export", "--canvas", table, "--to", filled)
    with filled.open(newline="") as file:
        rows = list(csv.DictReader(file))[1:]
    print("\n" + filled.read_text())
    assert [(row["01_tensor (1)"], row["02_autograd (2)"]) for row in rows] == [
        ("29", f"{2 * full:g}"),
        ("26.1", f"{2 * full:g}"),
        ("29", f"{2 * full:g}"),
        ("26.1", ""),
        ("0", ""),
    ]
