"""The course changes after marks were given: `tito grade run` brings the gradebook up to date, and says what it did."""

import json
import re
import shutil

import pytest

from tito.author.build import student_notebook
from tito.author.lesson import Lesson
from tito.grader.course import GradingCourse
from tito.grader.status import statuses
from tito.workspace import Module

from .conftest import PATIENCE, ROOT, enrol_all, put, run_tito, start
from .makers import Maker

KEY = "01_tensor"


@pytest.fixture
def author(tmp_path, monkeypatch):
    """A course of module 01, and a function that changes its lesson and builds the notebook."""
    home = tmp_path / "home"
    shutil.copytree(ROOT / "tests" / KEY, home / "tests" / KEY)
    shutil.copytree(ROOT / "modules/.original" / KEY, home / "modules/.original" / KEY)
    (home / "solutions").mkdir()
    (home / "tinytorch").mkdir()
    module = Module(KEY, home)
    lesson = (ROOT / f"solutions/{KEY}.py").read_text(encoding="utf-8")

    def change(*edits):
        text = lesson
        for old, new in edits:
            text, count = re.subn(old, new, text)
            assert count == 1, old
        module.lesson.write_text(text, encoding="utf-8")
        (module.original / "tensor.ipynb").write_text(student_notebook(Lesson(module)), encoding="utf-8")
        return module

    monkeypatch.chdir(home)
    return change


def test_points_and_parts_may_change_after_grading(author, tmp_path, capsys):
    module = author((r'# %% exercise="var" points=\d+\n(.+\n)+', ""))  # at first, there is no exercise var
    course = tmp_path / "course"
    put(tmp_path / "in", {f"{name}/tensor.ipynb": Maker(module).notebook() for name in ("ada", "eve")})
    assert run_tito("grade", "init", course) == 0
    enrol_all(course, tmp_path / "in")
    assert run_tito("grade", "collect", "01", tmp_path / "in", "--course", course) == 0
    assert run_tito("grade", "run", "01", "--course", course) == 0
    found = GradingCourse.find(str(course))
    with found.gradebook() as gradebook:
        first = gradebook.find_submission(KEY, "ada")
        before, most = first.score, first.max_score
        grade = gradebook.find_grade("views_or_copies", "tensor", KEY, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()

    question = r'# %% \[markdown\] question="views_or_copies" points=2\n(.*\n)*?\n'
    module = author((r'(exercise="mean" points=)\d+', r"\g<1>9"), (question, ""))
    assert {row.status for row in statuses(found, module)} == {"not graded yet"}
    assert run_tito("grade", "export", "--course", course) == 0
    assert (course / "marks.csv").read_text().count("not graded yet") == 2
    assert run_tito("grade", "feedback", "01", "--course", course) == 0
    assert "not graded yet" in (course / f"feedback/ada/{KEY}/tensor.html").read_text()

    capsys.readouterr()
    assert run_tito("grade", "run", "01", "--course", course) == 0
    said = capsys.readouterr().out
    points, rows = _points(module), statuses(found, module)
    assert "views_or_copies is no part of it any more" in said and "var is new, " in said
    assert "mean has 9 points, had " in said and "2 graded now" in said
    assert {row.score for row in rows} == {sum(points.values()) - points["var-check"]} and rows[0].score > before
    with found.gradebook() as gradebook:
        assert len(gradebook.find_submission_notebook("tensor", KEY, "ada").grades) == len(points) + 1
        assert gradebook.find_submission(KEY, "ada").max_score == rows[0].most != most
    (kept,) = (course / ".tito/backups").glob("*.json")
    assert json.loads(kept.read_text()) == [{"student": "ada", "part": "views_or_copies", "manual_score": 1.5}]
    assert run_tito("grade", "init", course) == 0 and run_tito("grade", "feedback", "01", "--course", course) == 0
    assert "0 graded now" in _said(capsys, "grade", "run", "01", "--course", course)


def _points(module):
    cells = json.loads((module.original / "tensor.ipynb").read_text())["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells if cell["cell_type"] == "code"]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


def _said(capsys, *words, code=0):
    capsys.readouterr()
    assert run_tito(*words) == code
    return "".join(capsys.readouterr())


def test_what_was_not_built_is_said(author, tmp_path, capsys):
    module = author()
    put(tmp_path / "in", {"ada/tensor.ipynb": Maker(module).notebook()})
    assert run_tito("grade", "init", tmp_path / "course") == 0
    enrol_all(tmp_path / "course", tmp_path / "in")
    assert run_tito("grade", "collect", "01", tmp_path / "in", "--course", tmp_path / "course") == 0
    module.lesson.write_text(module.lesson.read_text().replace('exercise="mean" points=', 'exercise="mean" points=1'))
    assert "`tito build` comes first" in _said(capsys, "grade", "run", "01", "--course", tmp_path / "course", code=2)


def test_what_keeps_nbgrader_from_making_an_assignment_is_said_without_a_traceback(author, tmp_path, capsys):
    author()
    course = tmp_path / "course"
    assert run_tito("grade", "init", course) == 0
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.GenerateAssignment.preprocessors = ['no.such.Part']\n"
    )
    said = _said(capsys, "grade", "init", course, code=2)
    assert ("01_tensor" in said and "no.such" in said.lower()) or "No module named 'no'" in said
    assert "Traceback" not in said and "above" not in said


def test_two_who_bring_a_course_up_to_date_take_turns(course, home):
    both = [start("grade", "init", course, cwd=home) for _ in range(2)]
    said = [one.communicate(timeout=PATIENCE)[0] for one in both]
    ended = [one.returncode == 0 or "another tito has been writing" in text for one, text in zip(both, said)]
    assert all(ended), said  # on a busy machine the second may not want to wait any longer
