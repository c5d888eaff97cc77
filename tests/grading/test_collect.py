"""`tito grade collect`: hand-ins as they really come, and what is odd about each of them said."""

import io
import json
import os
import stat
import zipfile
from datetime import datetime

import pytest

from tito.grader import collect as collecting
from tito.grader import limits
from tito.grader.collect import collected
from tito.grader.course import GradingCourse, enrol, read_roster
from tito.grader.late import Rule
from tito.grader.origins import GITHUB, PLAIN, SCHEMES, Level
from tito.grader.people import Roster
from tito.grader.status import statuses

from .conftest import MODULE, put
from .demo import zipped

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
    assert "2 of 2 students' notebooks collected" in said
    assert "?: ben: not on the roster. " in said


def test_who_handed_nothing_in_is_listed(collect, has, notebook, course):
    said = collect({"ada/tensor.ipynb": notebook()})
    assert "Nothing was handed in by: jdoe1 " in said
    assert {row.student: row.status for row in statuses(GradingCourse.find(str(course)), MODULE)} == {
        "ada": "not graded yet",
        "jdoe1": "missing",
    }


def test_a_zip_with_one_folder_around_everything(collect, has, notebook, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("Submissions/ada/tensor.ipynb", notebook())
        packed.writestr("Submissions/jdoe1/tensor.ipynb", notebook())
        packed.writestr("Submissions/../../evil.ipynb", "{}")
        link = zipfile.ZipInfo("Submissions/jdoe1/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("__MACOSX/Submissions/ada/._tensor.ipynb", "x")
    said = collect({}, tmp_path / "all.zip")
    assert set(has()) == {"ada", "jdoe1"}
    assert "evil.ipynb: left out" in said and "link.ipynb: left out" in said
    assert not list(tmp_path.rglob("evil.ipynb"))


def test_a_damaged_zip_costs_only_what_is_damaged(collect, has, notebook, tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("ada/tensor.ipynb", notebook("MARK THIS"))
        packed.writestr("jdoe1/tensor.ipynb", notebook())
    archive.write_bytes(archive.read_bytes().replace(b"MARK THIS", b"MARK THAT"))
    said = collect({}, archive)
    assert set(has()) == {"jdoe1"}
    assert "ada/tensor.ipynb: cannot be unpacked" in said and "ada: tensor.ipynb is empty" in said


PEOPLE = [
    dict(id="ada", first_name="Ada", last_name="Lovelace", email="alovelace@x.edu", lms_user_id="4711"),
    dict(id="jdoe1", first_name="Jané", last_name="Doe", email="jane@x.edu", lms_user_id="46"),
    dict(id="kim1", first_name="Kim", last_name="Lee", email="", lms_user_id="7"),
    dict(id="kim2", first_name="Kim", last_name="Lee", email="", lms_user_id="", group="Group 3"),
    dict(id="zoe", first_name="Zoë", last_name="O'Neil-Müller", email="", lms_user_id="", group="Group 3"),
]


def whose(name, folder):
    """Whose something of this name is, or why it is nobody's, and what its name says; a folder's ends in /."""
    path = folder / name
    (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
    if not name.endswith("/"):
        path.touch()
    claim = next(claim for claim, _ in Level(folder, MODULE).claims())
    return (*Roster(PEOPLE).find(claim), claim)


EXAMPLES = [(scheme.name, example) for scheme in (*SCHEMES, GITHUB, PLAIN) for example in scheme.examples]


@pytest.mark.parametrize(("scheme", "example"), EXAMPLES)
def test_each_way_of_naming_is_known(scheme, example, tmp_path):
    put(tmp_path, {"submission_metadata.yml": METADATA} if scheme == "gradescope" else {})
    students, why, claim = whose(example, tmp_path)
    assert claim.scheme == scheme
    if "Participant" in example or "anon_" in example:
        assert not students and ("not on the roster" in why or "lms_user_id is x7Kp2" in why)
    elif "Group 3_7" in example:
        assert students == ["kim2", "zoe"]
    else:
        assert students in (["ada"], ["ada", "jdoe1"]), why


METADATA = """
submission_31415926:
  :submitters:
  - :name: Ada Lovelace
    :sid: '12'
    :email: alovelace@x.edu
  - :name: Jane Doe
    :sid: ''
    :email: JANE@x.edu
  :created_at: 2026-11-28 10:11:12.123456000 Z
  :score: 0.0
"""
TIMES = {
    "ada+01_tensor+2026-11-28 10:11:12.000000 UTC+4f6e/": "2026-11-28T10:11:12+00:00",
    "Lab 1_ada_attempt_2026-11-28-10-11-12_tensor.ipynb": "2026-11-28T10:11:12",
    "ada+01_tensor+2026-11-28 10:11:12.000000 CET+4f6e/": "2026-11-28T09:11:12+00:00",
    "ada+01_tensor+2026-11-28 10:11:12.000000 +0530+4f6e/": "2026-11-28T04:41:12+00:00",
    "ada+01_tensor+2026-11-28 10:11:12.000000 -03+4f6e/": "2026-11-28T13:11:12+00:00",
    "ada+01_tensor+2026-07-28 10:11:12.000000 PDT+4f6e/": "",  # nobody here knows which zone that is
    "1-2 - Ada Lovelace - Nov 28, 2026 1011 AM/": "2026-11-28T10:11:00",
    "1-2 - Ada Lovelace - Nov 31, 2026 1011 AM/": "",
    "1-2 - Ada Lovelace - 28 November, 2026 1011 PM/": "2026-11-28T22:11:00",
    "1-2 - Ada Lovelace - 28 Nov 2026 22.11/": "2026-11-28T22:11:00",
    "1-2 - Ada Lovelace - 28 nov. 2026 2211/": "2026-11-28T22:11:00",
    "1-2 - Ada Lovelace - 28 décembre 2026 2211/": "",
    "ada_4711_90210_tensor.ipynb": "",
    "Ada Lovelace_46_assignsubmission_file_/": "",
}


@pytest.mark.parametrize("name", TIMES)
def test_a_time_that_the_platform_wrote_is_read_and_none_is_invented(name, tmp_path):
    when = whose(name, tmp_path)[2].when
    assert when == (datetime.fromisoformat(TIMES[name]).astimezone() if TIMES[name] else None)


def test_gradescope_and_sakai_say_when_it_came_beside_the_hand_ins(tmp_path):
    put(tmp_path / "g", {"submission_metadata.yml": METADATA})
    claim = whose("submission_31415926/tensor.ipynb", tmp_path / "g")[2]
    assert claim.when.isoformat(timespec="seconds") == "2026-11-28T10:11:12+00:00"
    ruby = METADATA.replace("2026-11-28 10", "!ruby/object:ActiveSupport::TimeWithZone\n    utc: 2026-11-28 10")
    put(tmp_path / "r", {"submission_metadata.yml": ruby})
    assert whose("submission_31415926/tensor.ipynb", tmp_path / "r")[0] == ["ada", "jdoe1"]
    put(tmp_path / "s", {"Lovelace, Ada(ada)/timestamp.txt": "20261128101112345"})
    claim = whose("Lovelace, Ada(ada)/Submission attachment(s)/tensor.ipynb", tmp_path / "s")[2]
    assert claim.when.isoformat() == "2026-11-28T10:11:12+00:00"


NOBODYS = {  # what is claimed in these names is not certain
    "Mallory Evil_46_assignsubmission_file_/": "not on the roster",  # the number is the submission's
    "doejane_4711_1_tensor.ipynb": "the number 4711 is that of ada, the name is not",
    "lovelaceada_99_1_tensor.ipynb": "the name is that of ada, the number 99 is not",
    "lovelaceada_4711_9_46_1003_tensor.ipynb": "can be read in two ways: ada or jdoe1",
    "Ada Lovelace_1_assignsubmission_file__2_assignsubmission_file_/": "can be read in two ways",
    "leekim_8_1_tensor.ipynb": "kim1 or kim2",
    "Mallory, Eve(ada)/": "the login ada is that of ada, the name is not",
    "01-tensor-evil-ada/": "not on the roster",
    "_?_ _?___46_assignsubmission_file_/": "not on the roster",  # any letters might stand here
    "__ _______46_assignsubmission_file_/": "not on the roster",
    "Kim Lee/": "kim1 or kim2 (a folder named after the id tells)",
    "leekim_1_1_tensor.ipynb": "kim1 or kim2 (a column lms_user_id in the roster tells)",
    "ada.byron.ipynb": "not on the roster",  # not ada
    "Rose-Kim Lee_46_assignsubmission_file_/": "not on the roster",  # a double name, and not a group's before Kim Lee
    "Group 3-Rose-Ada Lovelace_46_assignsubmission_file_/": "not on the roster",
    "Classen Rose-Ada Lovelace/": "not on the roster",
    "Group 7-Lee-Kim Rose-Ada Lovelace_46_assignsubmission_file_/": "not on the roster",
    "Evil_Eve_x_ada_46/": "its name says ada and jdoe1",  # a login and a number of two people
    "Evil_Eve_x_ada_99/": "the login is that of ada, what stands beside it is not",  # the login is x_ada
    "Evil_Eve_x_kim2_99/": "the login is that of kim2, what stands beside it is not",
    "Lab 1_kim2_attempt_2026-11-28-10-11-12_lovelaceada_4711_77_tensor.ipynb": "two ways: kim2 or ada",
    "evileve_99_77_Lab 1_ada_attempt_2026-11-28-10-11-12_tensor.ipynb": "can be read in two ways",
    "Kim Lee_46_assignsubmission_file_x_ada_attempt_2026-11-28-10-11-12_t.ipynb": "can be read in two ways",
    "Team 7/": "not on the roster",  # a lone one may be of the instructor's own, and what is in it a student's
    "1-2 - Ada Lovelace - Nov 1, 2026 1011 AM - Nov 28, 2026 1011 AM/": "can be read in two ways",
}


@pytest.mark.parametrize("name", NOBODYS)
def test_what_is_not_certain_is_nobodys(name, tmp_path):
    students, why, _ = whose(name, tmp_path)
    assert not students and NOBODYS[name] in why


SOMEBODYS = {
    "leekim_7_1_tensor.ipynb": ["kim1"],
    "lovelaceadaking_LATE_4711_1_my_1_2_tensor.ipynb": ["ada"],
    "doejan__46_1_tensor.ipynb": ["jdoe1"],
    "ADA.LOVELACE/": ["ada"],
    "ALovelace@X.edu/": ["ada"],
    "KIM2/": ["kim2"],
    "Zoe\u0308 O'Neil-Mu\u0308ller_46_assignsubmission_file_/": ["zoe"],
    "Zo_ O_Neil-M_ller_46_assignsubmission_file_/": ["zoe"],
    "Lab_1_jane_attempt_2026-11-28-10-11-12_tensor.ipynb": ["jdoe1"],
    "Group 3-Zoë O'Neil-Müller_46_assignsubmission_file_/": ["zoe"],
    "Section A-Ada Lovelace_46_assignsubmission_file_/": ["ada"],
    "Lab-Group 7-Ada Lovelace_46_assignsubmission_file_/": ["ada"],
    "Lovelace_Ada_kim2_ada_4711/": ["ada"],  # a login may have a _ in it; the number tells
    "Lee_Kim_kim2_99/": ["kim2"],
    "Lab 1_ada_attempt_2026-11-28-10-11-12_hw_1_2_final.ipynb": ["ada"],  # though a name on Canvas may end so
    "Lab 1_Group 3_attempt_2026-11-28-10-11-12_tensor.ipynb": ["kim2", "zoe"],
    "1-2 - Ada Lovelace - 28 décembre 2026 1011/": ["ada"],  # whenever that is
    "alovelace@x.edu.ipynb": ["ada"],
    "Ada Lovelace.ipynb.txt": ["ada"],
    "ada, jdoe1/": ["ada", "jdoe1"],
    "ada & nobody/": [],
}


@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_name_is_known_however_a_system_writes_it(name, tmp_path):
    assert whose(name, tmp_path)[0] == SOMEBODYS[name]


@pytest.mark.parametrize("who", ["ada", "ADA", "alovelace@x.edu", "alovelace", "Lovelace, Ada", "Àda Lovelace"])
def test_a_student_is_known_by_id_email_or_name(who, tmp_path):
    assert whose(f"{who}/", tmp_path)[0] == ["ada"]


def test_another_way_of_naming_is_told_by_a_pattern(collect, has, notebook):
    files = {"w1/s-ada/deep/tensor.ipynb": notebook(), "w1/s-jdoe1/tensor.ipynb": notebook(), "w1/x.ipynb": "{}"}
    said = collect(files, None, "--pattern", r"w1/s-(?P<id>[^/]+)/")
    assert set(has()) == {"ada", "jdoe1"} and "x.ipynb: the pattern does not fit" in said


@pytest.mark.parametrize("pattern", ["(", "no group"])
def test_a_pattern_that_is_none(tito, course, tmp_path, pattern):
    said = tito("grade", "collect", "01", tmp_path, "--pattern", pattern, "--course", course, code=2)
    assert "--pattern" in said


@pytest.mark.parametrize("encoding", ["cp437", "cp850", "utf-8"])
def test_names_in_a_zip_that_does_not_say_its_encoding(encoding, collect, has, notebook, tmp_path):
    name = "Jané Doe_46_assignsubmission_file_/tensor.ipynb"
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as packed:
        info = _Raw("x")
        info.raw = name.encode(encoding)
        packed.writestr(info, notebook())
    collect({}, tmp_path / "m.zip")
    assert set(has()) == {"jdoe1"}


class _Raw(zipfile.ZipInfo):
    """A name in bytes, as an old program writes it."""

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits & ~0x800


def test_the_teams_of_ilias_hold_their_members(collect, has, notebook, tmp_path):
    files = {
        "Team 7/Lovelace_Ada_ada_4711/tensor.ipynb": notebook(),
        "Team 8/Doe_Jane_jdoe1_9/tensor.ipynb": notebook(),
    }
    collect({f"Abgaben/{name}": text for name, text in files.items()})
    assert set(has()) == {"ada", "jdoe1"}
    odd = put(tmp_path / "odd", files | {"Team 9/Lovelace_Ada_ada_4711/tensor.ipynb": notebook(), "Team 9/x.txt": "x"})
    assert collect({}, odd).count("not on the roster") == 3  # what else is in a folder may be a student's


@pytest.mark.parametrize(
    "name", ["bulk_download.zip", "Lab 1-20261128T101112Z-001.zip", "Lab 1-20261128T101112Z-1-001.zip"]
)
def test_the_folder_around_all_in_a_download(name, collect, has, notebook, tmp_path):
    (tmp_path / name).write_bytes(zipped({"Lab 1/Lovelace, Ada(ada)/tensor.ipynb": notebook().encode()}, "utf-8"))
    collect({}, tmp_path / name)
    assert set(has()) == {"ada"}


def test_what_sakai_keeps_of_a_person_who_graded_is_no_hand_in(collect, has, notebook):
    of = "Lovelace, Ada(ada)"
    files = {f"{of}/Submission attachment(s)/tensor.ipynb": notebook("mine"), "grades.xls": "x"}
    said = collect(files | {f"{of}/Feedback Attachment(s)/tensor.ipynb": notebook("graded")})
    assert "# mine" in has()["ada"] and "?" not in said and "2 times" not in said


ALIKE = [  # names and logins that hold each other's
    ("ada", "Ada", "Lovelace", "4711"),
    ("x_ada", "Adele", "Ada", "4712"),
    ("b", "Bert", "Bo", "46"),
    ("a_b", "Anne", "Bo-Lee", "4714"),
    ("lee", "Kim", "Lee", "4715"),
    ("kim", "Lee", "Kim", ""),
    ("mono", "", "Suharto", "4717"),
    ("late", "Tim", "Late", "4718"),
    ("46", "Rose", "Ann", "4719"),
]
STRANGERS = [
    ("q_ada", "Quentin", "Ada", "66"),
    ("eve", "Eve", "Bo-Kim Lee", "67"),
    ("z_46", "Group 3", "Suharto", "68"),
]
BY_PLATFORM = {  # what it makes of login, first and last name, number, and what the student called the file
    "canvas": "{1}{0}_{3}_77_{file}",
    "late": "{2}{1}_LATE_{3}_77_{file}",
    "moodle": "{1} {2}_9_assignsubmission_file_{file}",
    "in a group": "Group 3-{1} {2}_9_assignsubmission_file_{file}",
    "blackboard": "Lab_1_{0}_attempt_2026-11-28-10-11-12_{file}",
    "brightspace": "1-2 - {1} {2} - Nov 28, 2026 1011 AM - {file}",
    "a moodle folder": "{1} {2}_9_assignsubmission_file_/",
    "a brightspace folder": "1-2 - {1} {2} - Nov 28, 2026 1011 AM/",
    "ilias": "{2}_{1}_{0}_{3}/",
    "sakai": "{2}, {1}({0})/",
}


OTHERS = "Lab_1_nobody_attempt_2026-11-28-10-11-12.txt"  # by which a title is known from a login


def test_whatever_a_student_calls_a_file_it_is_never_anothers(tmp_path):
    keys = ("id", "first_name", "last_name", "lms_user_id")
    roster = Roster([dict(zip(keys, one), email=f"{one[0]}@x.edu") for one in ALIKE])

    def named(name, who, file):
        return name.format(*who[:3], who[3] or 70, file=file)

    forged = [named(name, who, "t.ipynb").rstrip("/") for who in ALIKE for name in BY_PLATFORM.values()]
    count, theirs = 0, 0
    for who in (*ALIKE, *STRANGERS):
        for platform, name in BY_PLATFORM.items():
            for file in ["tensor.ipynb", *forged] if "{file}" in name else [""]:
                count += 1
                put(tmp_path / str(count), {named(name, who, file).replace("/", "/x"): "", OTHERS: ""})
                found = {path.name: claim for claim, path in Level(tmp_path / str(count), MODULE).claims()}
                del found[OTHERS]
                students, _ = roster.find(*found.values())
                assert not students or (students == [who[0]] and who in ALIKE), (platform, who, file)
                theirs += bool(students)
    assert theirs > count / 4


# What is in a hand-in says nothing of whose it is or when it came.
INSIDE = (
    "ada+01_tensor+2020-01-01 10:11:12.000000 UTC+x/tensor.ipynb",
    "ada/tensor.ipynb",
    "Ada Lovelace_46_assignsubmission_file_/tensor.ipynb",
    "lovelaceada_4711_99999_tensor.ipynb",
    "submitted/ada/01_tensor/tensor.ipynb",
    "inbound/ada+01_tensor+2020-01-01 10:11:12.000000 UTC+x/tensor.ipynb",
)
OUTSIDE = (
    "jdoe1",
    "Jane Doe_46_assignsubmission_file_",
    "jdoe1+01_tensor+2026-11-28 10:11:12.000000 UTC+y",
    "Eve Evil",
)


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("outside", OUTSIDE)
def test_names_inside_a_hand_in_are_not_believed(outside, alone, collect, has, notebook):
    files = {f"{outside}/{inside}": notebook() for inside in INSIDE} | ({} if alone else {"x.txt": "x"})
    collect(files)
    assert set(has()) == ({"jdoe1"} if outside != "Eve Evil" else set())


@pytest.mark.parametrize("inside", ["timestamp.txt", "01_tensor/timestamp.txt"])
def test_a_timestamp_of_the_students_own_does_not_make_it_punctual(inside, collect, notebook, tmp_path):
    source = put(tmp_path / "source", {f"ada/{inside}": "2020-01-01 00:00:00 UTC", "jdoe1/tensor.ipynb": notebook()})
    put(source, {f"ada/{inside.replace('timestamp.txt', 'tensor.ipynb')}": notebook()})
    assert "ada: late" in collect({}, source, "--due", "2021-01-01T00:00+00:00")


def test_the_timestamp_of_nbgraders_own_tree_counts(collect, notebook, tmp_path):
    put(tmp_path / "submitted/ada/01_tensor", {"timestamp.txt": "2020-01-01 00:00:00 UTC", "tensor.ipynb": notebook()})
    put(
        tmp_path / "submitted/jdoe1/01_tensor", {"timestamp.txt": "2022-01-01 00:00:00 UTC", "tensor.ipynb": notebook()}
    )
    said = collect({}, tmp_path / "submitted", "--due", "2021-01-01T00:00+00:00")
    assert "jdoe1: late, by 365 days" in said and "ada" not in said


def test_two_origins_for_one_person_are_listed_and_the_instructor_chooses(collect, has, notebook, course):
    files = {"lovelaceada_4711_1_tensor.ipynb": notebook("canvas"), "ada/tensor.ipynb": notebook("mailed")}
    said = collect(files)
    assert (
        "handed in from canvas:lovelaceada_4711 and from folder:ada: --prefer canvas or --prefer folder" in said
        and not has()
    )
    row = statuses(GradingCourse.find(str(course)), MODULE)[0]
    assert row.status == "could not be graded" and "--prefer" in row.why
    collect(files, None, "--prefer", "canvas")
    assert "# canvas" in has()["ada"]
    said = collect(
        {"ada/tensor.ipynb": notebook("mailed")}, put(course.parent / "2", {"ada/tensor.ipynb": notebook("2")})
    )
    assert "# canvas" in has()["ada"] and "handed in again: handed in from" in said
    collect({}, course.parent / "2", "--prefer", "folder:ada")
    assert "# 2" in has()["ada"]


def test_of_one_origin_the_platforms_latest_counts(collect, has, notebook):
    said = collect(
        {
            "lovelaceada_4711_1002_tensor-1.ipynb": notebook("second"),
            "lovelaceada_LATE_4711_1001_tensor.ipynb": notebook("first"),
        }
    )
    assert "# second" in has()["ada"] and "ada: was called tensor-1.ipynb; handed in 2 times" in said
    assert "late" not in said


def test_that_the_latest_is_blank_is_said(collect, has, notebook, make):
    collected = collect({"lovelaceada_4711_1_tensor.ipynb": notebook(), "lovelaceada_4711_2_tensor.ipynb": make.blank})
    assert json.loads(has()["ada"]) == json.loads(make.blank)
    assert "the newest counts, though nothing is written in it, not lovelaceada_4711_1_tensor.ipynb" in collected


def test_where_no_time_is_known_it_is_said(collect, notebook):
    files = {
        "Ada Lovelace_1_assignsubmission_file_/tensor.ipynb": notebook(),
        "doejane_LATE_9_1_tensor.ipynb": notebook(),
    }
    said = collect(files, None, "--due", "2020-01-01T00:00+00:00")
    assert "nobody can say whether it is late: ada" in said and "jdoe1: late" in said


def test_what_was_collected_by_an_older_tito_is_late_where_it_was(collect, notebook, tmp_path, course):
    source = put(tmp_path / "source", {"ada/tensor.ipynb": notebook(), "jdoe1/x.txt": "x"})
    aged(source / "ada/tensor.ipynb", NEW)
    collect({}, source, "--due", "2026-09-20T00:00+00:00")
    log = course / ".tito/collected/01_tensor.json"
    log.write_text(log.read_text().replace("collected/2", "collected/1").replace('"late": null', '"late": false'))
    assert Rule(GradingCourse.find(str(course))).of(MODULE)["ada"].late


def test_one_students_extension_does_not_change_anothers(collect, notebook, tmp_path):
    source = put(tmp_path / "source", {"ada/tensor.ipynb": notebook(), "jdoe1/tensor.ipynb": notebook()})
    for name in ("ada", "jdoe1"):
        aged(source / name / "tensor.ipynb", NEW)
    extended = ("--due", "2026-09-20T00:00+00:00", "--due", "ada=2026-09-25T00:00+00:00")
    said = collect({}, source, *extended)
    assert "ada" not in said and "jdoe1: late, by 2 days" in said
    assert "ada" not in collect({}, source, "--due", "2026-09-19T00:00+00:00")


def test_one_hand_in_of_a_group_is_every_members(collect, has, notebook, course):
    enrol(GradingCourse.find(str(course)), [{"id": name, "group": "Team Curie"} for name in ("ada", "jdoe1")])
    said = collect({"Team Curie_7_assignsubmission_file_/tensor.ipynb": notebook()})
    assert set(has()) == {"ada", "jdoe1"} and "jdoe1: handed in by ada for the group" in said


TOGETHER = [{"id": name, "group": "Team Curie"} for name in ("ada", "jdoe1")]


@pytest.mark.parametrize("first", ["ada", "jdoe1"])
def test_ones_own_hand_in_counts_before_that_of_another_of_the_group_whichever_comes_first(
    first, collect, has, notebook, course, tmp_path
):
    enrol(GradingCourse.find(str(course)), TOGETHER)
    second = "jdoe1" if first == "ada" else "ada"
    collect({}, put(tmp_path / "1", {f"{first}/tensor.ipynb": notebook(first)}))
    assert all(f"# {first}" in text for text in has().values()) and len(has()) == 2
    assert "--prefer" not in collect({}, put(tmp_path / "2", {f"{second}/tensor.ipynb": notebook(second)}))
    assert all(f"# {student}" in text for student, text in has().items())
    collect({}, tmp_path / "1")
    assert all(f"# {student}" in text for student, text in has().items())


def test_of_what_a_group_hands_in_twice_the_later_counts_for_who_did_not(collect, has, notebook, course, tmp_path):
    more = [{"id": "kim", "group": "Team Curie"}]
    enrol(GradingCourse.find(str(course)), TOGETHER + more)
    name = "Lab 1_{}_attempt_2026-11-{}-10-11-12_tensor.ipynb".format
    both = put(tmp_path / "1", {name("ada", 27): notebook("old"), name("jdoe1", 28): notebook("new")})
    collect({}, both)
    assert "# new" in has()["kim"] and "# old" in has()["ada"]
    collect({}, put(tmp_path / "2", {name("ada", 26): notebook("oldest")}))
    assert "# new" in has()["kim"]


def test_who_is_named_with_others_has_handed_in_themselves(collect, has, notebook, tmp_path):
    """So what they handed in elsewhere is not replaced without a word."""
    collect({}, put(tmp_path / "1", {"doejane_46_1_tensor.ipynb": notebook("alone")}))
    said = collect({}, put(tmp_path / "2", {"ada, jdoe1/tensor.ipynb": notebook("both")}))
    assert "# alone" in has()["jdoe1"] and "# both" in has()["ada"]
    assert "jdoe1: handed in again: handed in from canvas:doejane_46 and from folder:ada, jdoe1: --prefer" in said


def test_a_folder_around_all_that_nobody_could_tell_from_a_students(collect, has, notebook):
    said = collect({"Lab one/Ada Lovelace/tensor.ipynb": notebook()})
    assert not has() and "Lab one: not on the roster; if it holds everybody's, collect from it alone" in said


def test_where_collecting_was_stopped_no_mark_is_shown_until_it_is_done(
    collect, notebook, course, tito, tmp_path, monkeypatch
):
    opened = GradingCourse.find(str(course))
    source = put(tmp_path / "late", {"Lab 1_ada_attempt_2026-11-28-10-11-12_tensor.ipynb": notebook()})
    bring_in, log = collecting._bring_in, opened.log(MODULE)

    def stop(*arguments):
        bring_in(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(collecting, "_bring_in", stop)
    due = ("--due", "2026-11-27T10:00", "--course", course)
    tito("grade", "collect", "01", source, *due, code=130)
    assert opened.submitted(MODULE, "ada").is_file() and log.is_file()
    row = statuses(opened, MODULE)[0]
    assert (row.student, row.status, row.score) == ("ada", "not graded yet", None)
    assert row.why == "collecting it was stopped in the middle: collect again"
    monkeypatch.setattr(collecting, "_bring_in", bring_in)
    assert "ada: late, by 2 days" in collect({}, source)
    assert not statuses(opened, MODULE)[0].why


@pytest.mark.parametrize("what", ["collected/01_tensor.json", "students.json"])
def test_without_what_says_who_is_late_nothing_is_done(what, collect, notebook, course, tito):
    collect({"ada/tensor.ipynb": notebook()}, None, "--due", "ada=2026-11-27T10:00")
    (course / ".tito" / what).write_text("{")
    for command in (["collect", "01", course / "source"], ["run", "01"], ["export"]):
        assert "cannot be read" in tito("grade", *command, "--course", course, code=2)
    assert (course / ".tito" / what).read_text() == "{"


# Files as they really are.
AS_FILES = {
    "tensor.ipynb.json": lambda text: text.encode(),
    "tensor.ipynb.txt": lambda text: text.encode(),
    "bom/tensor.ipynb": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf16/tensor.ipynb": lambda text: text.encode("utf-16"),
    "utf16be/tensor.ipynb": lambda text: text.encode("utf-16-be"),
    "utf32/tensor.ipynb": lambda text: text.encode("utf-32"),
    "tensor.ipynb.zip": lambda text: zipped(
        {"hw/tensor.ipynb": text.encode(), "__MACOSX/hw/._tensor.ipynb": b"x"}, "utf-8"
    ),
    "my.zip": lambda text: zipped({"/jdoe1/tensor.ipynb": text.encode(), "numpy.py": b"1"}, "cp437"),
    "60 MB/tensor.ipynb": lambda text: with_outputs(text, 60 << 20),
}


def with_outputs(text, size):
    cells = json.loads(text)
    cells["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * size}]
    return json.dumps(cells).encode()


@pytest.mark.parametrize("name", AS_FILES)
def test_a_notebook_in_another_dress_is_read(name, collect, has, notebook):
    collect({f"ada/{name}": AS_FILES[name](notebook("ünique")), "jdoe1/x.txt": "x"})
    saved = json.loads(has()["ada"])
    assert any("ünique" in "".join(cell["source"]) for cell in saved["cells"]) and len(has()["ada"]) < 1 << 20


@pytest.mark.parametrize("place", ["{}/tensor.zip", "{}_attempt_2026-11-28-10-11-12_tensor.zip"])
def test_a_time_in_a_students_own_zip_is_not_believed(place, collect, has, notebook, tmp_path):
    old = zipped({"tensor.ipynb": notebook().encode()}, "utf-8")  # of 1980
    source = put(tmp_path / "source", {place.format(who): old for who in ("ada", "jdoe1")})
    for path in source.rglob("*.zip"):
        aged(path, NEW)
    said = collect({}, source, "--due", "2026-01-01T00:00+00:00")
    assert set(has()) == {"ada", "jdoe1"} and "ada: late" in said and "jdoe1: late" in said


def test_a_zip_of_a_student_can_stop_nobody(collect, has, notebook, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST_FILE", 1 << 20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(9):
            packed.writestr(f"{number}/tensor.ipynb", b" " * (1 << 19))
    torn = zipped({"tensor.ipynb": notebook().encode()}, "utf-8")
    middle = len(torn) // 2
    torn = torn[:middle] + bytes(99) + torn[middle + 99 :]
    locked = bytearray(zipped({"tensor.ipynb": notebook().encode()}, "utf-8"))
    for begins, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # as if it had a password
        locked[locked.find(begins) + flags] |= 1
    within = zipped({"my.zip": zipped({"tensor.ipynb": notebook().encode()}, "utf-8")}, "utf-8")
    files = {
        "jdoe1/9.zip": bomb.getvalue(),
        "jdoe1/2.zip": torn,
        "jdoe1/3.zip": b"PK",
        "jdoe1/4.zip": within,
        "jdoe1/5.zip": bytes(locked),
    }
    said = collect(files | {"ada/tensor.ipynb": notebook()})
    assert (
        set(has()) == {"ada"} and "jdoe1/2.zip cannot be unpacked" in said and "jdoe1/3.zip cannot be unpacked" in said
    )
    assert "jdoe1/5.zip cannot be unpacked (it needs a password)" in said
    assert said.count("is empty") == 1  # of nine, two were unpacked


FOREIGN = {
    "a PDF file": b"%PDF-1.7\n",
    "a web page": b"\n<!DOCTYPE html>\n<html>",
    "a RAR archive": b"Rar!\x1a\x07\x01\x00",
    "a zip archive": b"PK\x03\x04\x14",
    "an Office document": b"\xd0\xcf\x11\xe0\xa1\xb1",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_only_called_a_notebook_is_named_for_what_it_is(kind, collect):
    assert f"ada: tensor.ipynb is {kind}, and no notebook." in collect({"ada/tensor.ipynb": FOREIGN[kind]})


def test_an_archive_that_is_no_zip_is_named(collect):
    assert "but tensor.rar, an archive that is no zip" in collect({"ada/tensor.rar": FOREIGN["a RAR archive"]})


def test_both_sides_of_a_conflict_are_named_for_what_they_are(collect, notebook):
    lines = json.dumps(json.loads(notebook()), indent=1).splitlines()
    text = "\n".join([*lines[:9], "<<<<<<< HEAD", *lines[9:12], "=======", *lines[9:12], ">>>>>>> mine", *lines[12:]])
    assert "ada: tensor.ipynb holds both sides of a conflict in git" in collect({"ada/tensor.ipynb": text})


def test_what_no_file_system_likes_stops_nobody(collect, has, notebook, tmp_path):
    source = put(tmp_path / "source", {"ada/tensor.ipynb": notebook(), "jdoe1/tensor.ipynb": "x"})
    odd = os.fsencode(source) + b"/jdoe1/\xff\x1b[31m.ipynb"
    with open(odd, "w") as file:
        file.write(notebook())
    deep = source / "jdoe1" / "/".join("d" * 40)
    deep.mkdir(parents=True)
    (source / "jdoe1" / ("n" * 249 + ".ipynb")).write_text("x")
    os.mkfifo(source / "jdoe1/pipe.ipynb")
    (source / "jdoe1/loop").symlink_to(source)
    os.utime(source / "ada/tensor.ipynb", (-(10**10), -(10**10)))
    said = collect({}, source)
    assert {"ada", "jdoe1"} == set(has())
    for part in ("pipe.ipynb is not a file", "loop is a link", "nested too deeply"):
        assert part in said


def test_a_zip_that_no_file_system_likes(collect, has, notebook, tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        dated = zipfile.ZipInfo("ada/tensor.ipynb")
        dated.date_time = (1980, 0, 0, 0, 0, 0)
        packed.writestr(dated, notebook())
        packed.writestr("jdoe1/" + "d/" * 3000 + "x.ipynb", "x")
        packed.writestr("jdoe1/" + "n" * 300 + ".ipynb", "x")
    said = collect({}, tmp_path / "z.zip", "--due", "2020-01-01T00:00+00:00")
    assert set(has()) == {"ada"} and "in more than 20 folders" in said and "File name too long" in said
    assert "nobody can say whether it is late: ada" in said


def test_one_that_unpacks_to_too_much_costs_nobody_else_anything(collect, has, notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST_FILE", 9 << 20)
    monkeypatch.setattr(collecting, "LARGEST_ZIP", 20 << 20)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("ada/tensor.ipynb", notebook())
        packed.writestr("jdoe1/tensor.ipynb", bytes(10 << 20))
        for number in range(4):
            packed.writestr(f"jdoe1/{number}.bin", bytes(8 << 20))
    said = collect({}, tmp_path / "z.zip")
    assert set(has()) == {"ada"} and "jdoe1/tensor.ipynb: left out, it unpacks to 10 MB" in said
    assert said.count("left out, it unpacks to 8 MB") == 2


def test_a_notebook_that_takes_much_memory_to_read_is_only_too_large(collect, has, notebook, monkeypatch):
    monkeypatch.setattr(limits, "MEMORY", 256 << 20)
    bomb, ended, loads = b'{"cells": [' + b"{}," * (8 << 20) + b"{}]}", [], json.loads  # 24 MB, of which it makes 600

    def noting(*args, **options):
        try:
            return loads(*args, **options)
        except MemoryError:
            ended.append(True)
            raise

    monkeypatch.setattr(json, "loads", noting)
    said = collect({"ada/tensor.ipynb": notebook(), "jdoe1/tensor.ipynb": bomb})
    assert set(has()) == {"ada"} and "jdoe1: tensor.ipynb has 24 MB; a notebook has 20 MB at most" in said and ended


def test_whose_it_is_may_not_be_known(collect, notebook):
    assert "?: tensor.ipynb: not on the roster" in collect({"tensor.ipynb": notebook(), "ada/tensor.ipynb": notebook()})


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


def test_a_blank_copy_in_a_hand_in_does_not_count(collect, has, notebook, make, tmp_path):
    """A hand-in may be the whole workspace; a newer copy as it was handed out is not what the student means."""
    files = {"ada/tensor.ipynb": notebook("mine"), "ada/fresh/tensor.ipynb": make.blank}
    source = put(tmp_path / "source", files)
    aged(source / "ada/tensor.ipynb", OLD)
    said = collect({}, source)
    assert "# mine" in has()["ada"] and "newest with something written in it counts, not ada/fresh/tensor.ipynb" in said


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
    assert "jdoe1: handed in again: tensor.ipynb is not a notebook" in said
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
    assert said == "--due: 'soon' is no time; one is 2026-11-30T23:59+01:00.\n"
    said = tito("grade", "collect", "01", tmp_path, "--due", "2026-11-30", "--course", course, code=2)
    assert said == "--due: 2026-11-30 is a day, and does not say until when; its last minute is 2026-11-30T23:59.\n"


def test_a_roster_in_other_dress(tito, tmp_path, home):
    text = 'ID; First name;LAST NAME;"E-mail";Section\r\nada;Ada;"Lovelace; Countess";a@x;1\r\n'
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8-sig")
    said = tito("grade", "init", tmp_path / "c", "--roster", tmp_path / "roster.csv")
    assert "E-mail, Section: no column that is read; those are id, first_name," in " ".join(said.split())
    (person,) = GradingCourse.find(str(tmp_path / "c")).roster()
    assert (person["id"], person["first_name"], person["last_name"]) == ("ada", "Ada", "Lovelace; Countess")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_roster_as_a_spreadsheet_writes_it(encoding, tmp_path):
    """Excel's own line about commas, letters in two parts, numbers that a program took for fractions."""
    text = "sep=;\r\nid;first_name;lms_user_id\r\nzoe\u0308;Zoe\u0308;4711.0\r\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "roster.csv").write_bytes((mark + text).encode(encoding))
    ((person,), unread) = read_roster(tmp_path / "roster.csv")
    assert (person["id"], person["first_name"], person["lms_user_id"]) == ("zo\xeb", "Zo\xeb", "4711")
    assert not unread


@pytest.mark.parametrize(
    "text, what",
    [
        ("name\nada\n", "needs a first line with a column `id`"),
        ("id\nada\n../x\n", "line 3: '../x' is no id; letters, digits and . _ - @ may be in it.\n"),
        ("id\nada\nADA\n", "line 3: the id ADA is there twice.\n"),
        ("id\n4.7112E+11\n", "line 2: 4.7112E+11 is what a spreadsheet makes of a long number"),
        ('id,lms_user_id\nada,"4,7112E+11"\n', "line 2: 4,7112E+11 is what a spreadsheet makes of a long number"),
    ],
)
def test_a_roster_that_cannot_be_used(tito, tmp_path, text, what):
    (tmp_path / "roster.csv").write_text(text)
    assert what in tito("grade", "init", tmp_path / "c", "--roster", tmp_path / "roster.csv", code=2)
    assert not (tmp_path / "c").exists()
