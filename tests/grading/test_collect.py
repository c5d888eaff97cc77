"""`tito grade collect`: hand-ins as they really come, and what is odd about each of them said."""

import json
import os
import stat
import zipfile

import pytest

from tito.grader.collect import Roster, collected
from tito.grader.course import GradingCourse
from tito.grader.status import statuses

from .conftest import MODULE, put

NEW, OLD = 1_790_000_000, 1_780_000_000  # 2026-09-21T14:13:20Z, and months before


@pytest.fixture
def collect(course, tmp_path, tito):
    """Collect from a folder with these files; what is said, without line breaks."""

    def run(files, source=None, *more):
        source = source or put(tmp_path / "source", files)
        said = tito("grade", "collect", "01", source, "--course", course, *more)
        return " ".join(said.split())

    return run


@pytest.fixture
def has(course):
    """Whose notebook has been collected, with its text's length, to tell them apart."""

    def find():
        found = sorted((course / "submitted").glob("*/01_tensor/tensor.ipynb"))
        return {path.parts[-3]: path.read_text() for path in found}

    return find


@pytest.fixture
def notebook(make):
    return lambda remark="": json.dumps(make.but(eye=make.right["eye"] + f"\n# {remark}"))


def aged(path, when):
    os.utime(path, (when, when))


def test_a_folder_for_each_student(collect, has, notebook):
    said = collect({"ada/tensor.ipynb": notebook(), "Jane Doe/01_tensor/tensor.ipynb": notebook(), "ben/x.py": "1"})
    assert set(has()) == {"ada", "jdoe1"}
    assert "2 of 3 students' notebooks collected" in said
    assert "ben: no notebook tensor.ipynb was handed in, but x.py; ben/x.py is not graded, set aside" in said or (
        "ben: no notebook tensor.ipynb was handed in; ben/x.py is not graded, set aside" in said
    )


def test_who_handed_nothing_in_is_listed(collect, has, notebook, course):
    said = collect({"ada/tensor.ipynb": notebook()})
    assert "jdoe1: nothing was handed in" in said
    assert {row.student: row.status for row in statuses(GradingCourse.find(str(course)), MODULE)} == {
        "ada": "not graded yet",
        "jdoe1": "missing",
    }


def test_a_zip_with_one_folder_around_everything(collect, has, notebook, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("Submissions/ada/tensor.ipynb", notebook())
        packed.writestr("Submissions/eve/tensor.ipynb", notebook())
        packed.writestr("Submissions/../../evil.ipynb", "{}")
        link = zipfile.ZipInfo("Submissions/eve/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("__MACOSX/Submissions/ada/._tensor.ipynb", "x")
    said = collect({}, tmp_path / "all.zip")
    assert set(has()) == {"ada", "eve"}
    assert "eve: not on the roster" in said
    assert "evil.ipynb: left out" in said and "link.ipynb: left out" in said
    assert not list(tmp_path.rglob("evil.ipynb"))


def test_a_damaged_zip_costs_only_what_is_damaged(collect, has, notebook, tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("ada/tensor.ipynb", notebook("MARK THIS"))
        packed.writestr("eve/tensor.ipynb", notebook())
    archive.write_bytes(archive.read_bytes().replace(b"MARK THIS", b"MARK THAT"))
    said = collect({}, archive)
    assert set(has()) == {"eve"}
    assert "ada/tensor.ipynb: cannot be unpacked" in said and "ada: tensor.ipynb is empty" in said


def test_canvas_names(collect, has, notebook):
    said = collect(
        {
            "doejane_98_1001_tensor-2.ipynb": notebook(),
            "lovelaceada_LATE_4711_1002_tensor.ipynb": notebook(),
            "stranger_55_1003_tensor (1).ipynb": notebook(),
        }
    )
    assert set(has()) == {"jdoe1", "ada", "stranger_55"}
    assert "jdoe1: was called tensor-2.ipynb" in said
    assert "ada: late" in said
    assert "stranger_55: not on the roster; was called tensor (1).ipynb" in said


def test_moodle_names(collect, has, notebook):
    collect(
        {
            "Jane Doe_123_assignsubmission_file_/tensor.ipynb": notebook(),
            "Ada Lovelace_124_assignsubmission_file_tensor.ipynb": notebook(),
        }
    )
    assert set(has()) == {"jdoe1", "ada"}


def test_two_students_of_one_name_are_told_apart_by_the_lms_or_not_at_all():
    person = dict(first_name="Kim", last_name="Lee", email="")
    roster = Roster([{"id": "kim1", "lms_user_id": "7", **person}, {"id": "kim2", "lms_user_id": "", **person}])
    assert roster.find("leekim", "7") == ("kim1", "")
    student, why = roster.find("leekim", "8")
    assert student == "" and "kim1 or kim2" in why and "lms_user_id" in why
    assert roster.find("KIM2") == ("kim2", "")


@pytest.mark.parametrize("who", ["ada", "ADA", "ada.lovelace@x.edu", "ada.lovelace", "Lovelace, Ada", "Àda Lovelace"])
def test_a_student_is_known_by_id_email_or_name(who):
    ada = dict(id="ada", first_name="Ada", last_name="Lovelace", email="ada.lovelace@x.edu", lms_user_id="")
    assert Roster([ada]).find(who) == ("ada", "")


def test_whose_it_is_may_not_be_known(collect, notebook):
    assert "?: tensor.ipynb: whose it is cannot be told" in collect(
        {"tensor.ipynb": notebook(), "ada/tensor.ipynb": notebook()}
    )


def test_the_exchange_of_nbgrader(collect, has, notebook, course):
    inbound = "inbound/{}+{}+2026-09-{} 14:13:20.000000 {}+abc"
    collect(
        {
            f"{inbound.format('ada', '01_tensor', 20, 'UTC')}/tensor.ipynb": notebook("first"),
            f"{inbound.format('ada', '01_tensor', 21, 'EST')}/tensor.ipynb": notebook("second"),
            f"{inbound.format('ada', '02_autograd', 22, 'UTC')}/autograd.ipynb": notebook("other"),
            f"{inbound.format('jdoe1', '01_tensor', 21, 'UTC')}/tensor.ipynb": notebook("mine"),
        }
    )
    assert "# second" in has()["ada"] and "# mine" in has()["jdoe1"]
    assert (course / "submitted/ada/01_tensor/timestamp.txt").read_text() == "2026-09-21T19:13:20+00:00\n"


def test_of_several_the_newest_that_can_be_read_counts(collect, has, notebook, tmp_path):
    source = put(
        tmp_path / "source",
        {"ada/tensor.ipynb": notebook("old"), "ada/tensor (1).ipynb": notebook("new"), "ada/tensor-2.ipynb": "torn"},
    )
    aged(source / "ada/tensor.ipynb", OLD)
    aged(source / "ada/tensor (1).ipynb", NEW)
    said = collect({}, source)
    assert "# new" in has()["ada"]
    assert "handed in 2 times; the newest counts, not ada/tensor.ipynb" in said
    assert "ada/tensor-2.ipynb was left aside: tensor-2.ipynb is not a notebook" in said


def test_the_notebook_is_known_by_what_is_in_it(collect, has, notebook):
    other = notebook().replace('"as_array', '"backward').replace("given-", "other-")
    other = json.loads(other)
    for cell in other["cells"]:
        if marks := cell["metadata"].get("nbgrader"):
            marks["grade_id"] = f"other-{marks['grade_id']}"
    said = collect({"ada/final FINAL.ipynb": notebook(), "ada/autograd.ipynb": other, "jdoe1/tensor.ipynb": other})
    assert set(has()) == {"ada"}
    assert "ada: was called final FINAL.ipynb" in said
    assert "jdoe1: no notebook tensor.ipynb was handed in, but tensor.ipynb" in said


def test_links_and_python_files_are_set_aside(collect, has, notebook, tmp_path):
    source = put(tmp_path / "source", {"ada/tensor.ipynb": notebook(), "ada/numpy.py": "1", "jdoe1/x.txt": "x"})
    (source / "jdoe1/tensor.ipynb").symlink_to("/etc/passwd")
    said = collect({}, source)
    assert set(has()) == {"ada"}
    assert "ada/numpy.py is not graded, set aside" in said
    assert "jdoe1/tensor.ipynb is a link, set aside" in said
    assert [path.name for path in (tmp_path / "course/submitted").rglob("*") if path.is_file()] == [
        "tensor.ipynb",
        "timestamp.txt",
    ]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b"[1]", b"[" * 100_000, b'{"cells": [3]}', b'{"cells": [{"source": 1}]}']
)
def test_what_is_no_notebook_is_said_and_stops_nobody(collect, has, notebook, course, data):
    said = collect({"ada/tensor.ipynb": data, "jdoe1/tensor.ipynb": notebook()})
    assert set(has()) == {"jdoe1"}
    assert "ada: tensor.ipynb" in said and "tito reset" not in said
    row = statuses(GradingCourse.find(str(course)), MODULE)[0]
    assert row.status == "could not be graded" and row.why.startswith("tensor.ipynb")


def test_what_came_later_than_it_was_due_is_late(collect, notebook, tmp_path):
    source = put(tmp_path / "source", {"ada/tensor.ipynb": notebook(), "jdoe1/tensor.ipynb": notebook()})
    aged(source / "ada/tensor.ipynb", NEW)
    aged(source / "jdoe1/tensor.ipynb", OLD)
    assert "ada: late" in collect({}, source, "--due", "2026-09-21T14:13+00:00")
    assert "ada: late" in collect({}, source)  # the gradebook knows


def test_collecting_again_keeps_what_is_newer_and_loses_nobody(collect, has, notebook, course, tmp_path):
    first = put(tmp_path / "1", {"ada/tensor.ipynb": notebook("newer"), "jdoe1/tensor.ipynb": notebook("first")})
    aged(first / "ada/tensor.ipynb", NEW)
    aged(first / "jdoe1/tensor.ipynb", OLD)
    collect({}, first)
    second = put(tmp_path / "2", {"ada/tensor.ipynb": notebook("older"), "jdoe1/tensor.ipynb": "torn"})
    aged(second / "ada/tensor.ipynb", OLD)
    said = collect({}, second)
    assert "# newer" in has()["ada"] and "# first" in has()["jdoe1"]
    assert "older than what was collected before; what was collected before counts" in said
    assert "jdoe1: handed in again, but tensor.ipynb is not a notebook" in said
    third = put(tmp_path / "3", {"jdoe1/tensor.ipynb": notebook("third")})
    said = collect({}, third)
    assert "# third" in has()["jdoe1"] and "# newer" in has()["ada"]
    assert "jdoe1:" not in said
    assert set(collected(GradingCourse.find(str(course)), MODULE)) == {"ada", "jdoe1"}


def test_a_source_that_is_none(tito, course, tmp_path):
    assert "is not there; name a folder" in tito("grade", "collect", "01", "nowhere", "--course", course, code=2)
    (tmp_path / "x.zip").write_text("no")
    assert "is not a zip file" in tito("grade", "collect", "01", tmp_path / "x.zip", "--course", course, code=2)
    said = tito("grade", "collect", "01", tmp_path, "--due", "soon", "--course", course, code=2)
    assert "--due: 'soon' is no time" in said


@pytest.mark.parametrize(
    "text, what",
    [
        ("name\nada\n", "needs a first line with a column `id`"),
        ("id\nada\n../x\n", "line 3: '../x' is no id"),
        ("id\nada\nADA\n", "line 3: the id ADA is there twice"),
    ],
)
def test_a_roster_that_cannot_be_used(tito, tmp_path, text, what):
    (tmp_path / "roster.csv").write_text(text)
    assert what in tito("grade", "init", tmp_path / "c", "--roster", tmp_path / "roster.csv", code=2)
    assert not (tmp_path / "c").exists()
