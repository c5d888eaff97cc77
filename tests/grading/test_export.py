"""`tito grade export`: marks as tables, Canvas' table filled in, and an autograder for Gradescope."""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tito.grader.course import GradingCourse, enrol

from .conftest import MISSING, ROOT, put

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01_tensor (991),Current Score
,,,,,Manual Posting,(read only)
    Points Possible,,,,,16.5,(read only)
"Doe, Jr",1,,HALF@X.edu,"A, B",,12
"Right, ""R"" x",2,right,r@x.edu,A,3,
"Excused, E",3,twice,,A,EX,
"Two, People",4,right,renamed,A,,
"Lovelace, Ada",4711,,,A,,
"Student, Test",9,,,A,,
"""


@pytest.fixture
def exported(graded_copy, tito, tmp_path):
    def run(*words):
        said = tito("grade", "export", "--course", graded_copy, "--to", tmp_path / "out", *words)
        return said, tmp_path / "out"

    return run


def test_marks_as_csv_are_quoted_and_no_formula(graded_copy, exported):
    odd = {"first_name": '=HYPERLINK("x")', "last_name": "Doe, Jr", "email": "@SUM(A1)"}
    enrol(GradingCourse.find(str(graded_copy)), [{"id": "half", **odd}])
    with exported()[1].open(newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["half"]["first_name"] == '\'=HYPERLINK("x")'
    assert rows["half"]["last_name"] == "Doe, Jr" and rows["half"]["email"] == "'@SUM(A1)"
    assert rows["half"]["status"] == "graded" and float(rows["half"]["score"]) > 0 and rows["half"]["max_score"] == "33"
    assert rows["torn"] | {"why": ""} == rows["torn"] | {"why": "", "status": "could not be graded", "score": ""}
    assert rows["ada"]["status"] == "missing" and rows["ada"]["score"] == ""
    assert None not in rows["half"]  # no more columns than there are names


def test_canvas_gets_its_own_table_back(graded_copy, exported, tmp_path):
    enrol(GradingCourse.find(str(graded_copy)), [{"id": "half", "email": "half@x.edu"}])
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8-sig")
    said, path = exported("--canvas", tmp_path / "canvas.csv")
    before, after = list(csv.reader(CANVAS.splitlines())), list(csv.reader(path.open(newline="", encoding="utf-8")))
    assert after[0] == before[0] and after[1] == before[1]
    assert [row[5] for row in after[2:]] == ["16.5", "8.5", "14.5", "EX", "", "", ""]
    assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]
    assert "Not in Canvas' table" in said and "renamed" in said and "twice" not in said and "torn" not in said
    assert "01_tensor has 16.5 points in Canvas and 33 here: marks are scaled." in said


def test_canvas_may_not_have_the_column_yet(graded_copy, exported, tmp_path):
    (tmp_path / "canvas.csv").write_text("Student,ID,SIS Login ID\n    Points Possible,,\nX,1,right\nY,2,ada\n")
    said, path = exported("--canvas", tmp_path / "canvas.csv")
    assert [row[3] for row in csv.reader(path.open(newline=""))] == ["01_tensor", "33", "29", ""]
    assert "01_tensor has no column in Canvas' table: one is added, of 33 points." in said


def test_the_line_of_points_possible_is_known_in_any_language(graded_copy, exported, tmp_path):
    text = "Student,ID,SIS Login ID,01_tensor (9)\n,,,Manual Posting\n    Erreichbare Punkte,,,66\nX,1,right,\n"
    (tmp_path / "canvas.csv").write_text(text)
    rows = list(csv.reader(exported("--canvas", tmp_path / "canvas.csv")[1].open(newline="")))
    assert [row[3] for row in rows] == ["01_tensor (9)", "Manual Posting", "66", "58"]


def test_a_number_of_canvas_is_nobodys_id(graded_copy, exported, tmp_path):
    """A line with a login that is not on the roster is nobody's, whoever has Canvas' number for it as an id."""
    enrol(GradingCourse.find(str(graded_copy)), [{"id": "right", "email": "5555"}])
    text = "Student,ID,SIS Login ID,01_tensor (9)\n    Points Possible,,,33\nX,5555,stranger,\nY,5555,,\n"
    (tmp_path / "canvas.csv").write_text(text)
    rows = list(csv.reader(exported("--canvas", tmp_path / "canvas.csv")[1].open(newline="")))
    assert [row[3] for row in rows] == ["01_tensor (9)", "33", "", "29"]


UNUSABLE = {
    "two columns": (
        "01_tensor (9),01_tensor (10)\n P,,,33,33\nX,1,right,,\n",
        "several columns for 01_tensor, 01_tensor (9)",
    ),
    "no line of points": ("01_tensor (9)\nX,1,right,\n", "no line of points possible"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_table_of_canvas_that_is_not_sure(kind, graded, tito, tmp_path):
    text, what = UNUSABLE[kind]
    (tmp_path / "c.csv").write_text(f"Student,ID,SIS Login ID,{text}")
    assert what in tito("grade", "export", "--canvas", tmp_path / "c.csv", "--course", graded, code=2)


def test_canvas_may_separate_by_semicolons_and_write_decimal_commas(graded_copy, exported, tmp_path):
    text = "Student;ID;SIS Login ID;01_tensor (9)\n    Points Possible;;;16,50\nX;1;right;\n"
    (tmp_path / "canvas.csv").write_text(text)
    rows = list(csv.reader(exported("--canvas", tmp_path / "canvas.csv")[1].open(newline=""), delimiter=";"))
    assert [row[3] for row in rows] == ["01_tensor (9)", "16,50", "14,5"]


def test_points_possible_that_are_none_are_refused(graded_copy, tito, tmp_path):
    (tmp_path / "c.csv").write_text("Student,ID,01_tensor (9)\n    Points Possible,,0\nX,1,\n")
    said = tito(
        "grade", "export", "--canvas", tmp_path / "c.csv", "--course", graded_copy, "--to", tmp_path / "o", code=2
    )
    assert "gives 01_tensor 0 points possible" in said and not (tmp_path / "o").exists()


def test_who_is_dropped_from_the_roster_is_in_no_table_but_keeps_the_marks(graded_copy, exported, tito, tmp_path, home):
    others = [p["id"] for p in GradingCourse.find(str(graded_copy)).roster() if p["id"] != "half"]
    (tmp_path / "roster.csv").write_text("\n".join(["id", *others]))
    assert "stay in the gradebook:\n  half\n" in tito("grade", "init", graded_copy, "--roster", tmp_path / "roster.csv")
    assert "half" not in exported()[1].read_text()
    (tmp_path / "roster.csv").write_text("\n".join(["id", "half", *others]))
    tito("grade", "init", graded_copy, "--roster", tmp_path / "roster.csv")
    assert "half" in exported()[1].read_text()


def test_a_table_that_is_not_from_canvas(graded, tito, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n")
    said = tito("grade", "export", "--canvas", tmp_path / "x.csv", "--course", graded, code=2)
    assert "is not Canvas' export of a gradebook" in said


@pytest.fixture
def autograder(graded, tito, tmp_path):
    """The autograder unpacked as on Gradescope, and run on files in submission/; what is in results.json."""
    tito("grade", "export", "--gradescope", "01", "--course", graded, "--to", tmp_path / "auto.zip")
    source = tmp_path / "source"
    with zipfile.ZipFile(tmp_path / "auto.zip") as packed:
        packed.extractall(source)
        modes = {info.filename: info.external_attr >> 16 for info in packed.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755

    def run(files, path="/usr/bin:/bin", options=()):
        last = (source / "run_autograder").read_text().splitlines()[-1]
        words = last.split()[3:]  # behind `exec PYTHON -I`: without -I, the tito in the zip is the one that runs
        put(tmp_path / "submission", files)
        (tmp_path / "results").mkdir(exist_ok=True)
        command = [sys.executable, *options, *(word.replace("/autograder", str(tmp_path)) for word in words)]
        done = subprocess.run(command, cwd=source, env={"PATH": path}, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return json.loads((tmp_path / "results/results.json").read_text())

    run.source = source
    return run


@pytest.mark.skipif(
    bool(MISSING) and os.geteuid() != 0,
    reason=f"Gradescope's container is root's, and without a sandbox only root can make a process nobody's: {MISSING}",
)
def test_gradescope_runs_the_autograder(autograder, make):
    half = make.notebook(make.nth(0, wrong=True) | {"as_array": make.right["as_array"]})
    found = autograder({"tensor-2.ipynb": half, "notes.txt": "x"})
    tests = {test["name"]: test for test in found["tests"]}
    assert tests["as_array"]["score"] == tests["as_array"]["max_score"] == 3
    assert tests["as_array"]["status"] == "passed"
    assert sum(test["max_score"] for test in found["tests"]) == 29
    wrong = tests["broadcast_shapes"]
    assert 0 < wrong["score"] < 4 and wrong["status"] == "failed" and "✗" in wrong["output"]
    assert "Graded by hand, not here: views_or_copies, stray_float64." in found["output"]
    assert "was called tensor-2.ipynb" in found["output"]


def seen_by_all(path):
    return all(folder.stat().st_mode & 0o001 for folder in Path(path).resolve().parents)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root, as in Gradescope's container: only root can start a process as nobody"
)
@pytest.mark.skipif(
    not seen_by_all(ROOT / "x") or not seen_by_all(sys.executable),
    reason="a folder around the checkout or its Python is closed to the user nobody: chmod o+x",
)
def test_gradescope_runs_the_autograder_without_bubblewrap(autograder, make, tmp_path):
    """As in a container in which it does not work: the student's code runs as nobody."""
    (tmp_path / "programs").mkdir()
    for name in ("setpriv", "prlimit"):
        (tmp_path / "programs" / name).symlink_to(shutil.which(name))
    nosy = f"import os\nprint('SEEN', os.getuid(), os.access({str(tmp_path / 'source')!r}, os.R_OK))"
    found = autograder({"tensor.ipynb": make.but(eye=make.within("eye", nosy))}, str(tmp_path / "programs"), ["-I"])
    tests = {test["name"]: test for test in found["tests"]}
    assert tests["mean"]["score"] == tests["mean"]["max_score"] > 0
    assert "SEEN 65534 False" in tests["eye"]["output"]


def test_gradescope_says_what_cannot_be_graded(autograder):
    found = autograder({"tensor.ipynb": "torn"})
    assert not {"score", "tests"} & found.keys()
    assert "Could not be graded, and has no mark: tensor.ipynb is not a notebook" in found["output"]


def test_the_autograder_holds_no_answers(autograder, make):
    text = "\n".join(path.read_text() for path in autograder.source.rglob("*") if path.is_file())
    assert not list(autograder.source.rglob("*mistakes/*")) and "solutions/01_tensor.py" not in text
    for name, answer in make.right.items():
        blank = (ROOT / "modules/.original/01_tensor/tensor.ipynb").read_text()
        own = [line.strip() for line in answer.splitlines() if len(line.strip()) > 30]
        own = [line for line in own if json.dumps(line)[1:-1] not in blank]
        assert not [line for line in own if line in text or json.dumps(line)[1:-1] in text], name
