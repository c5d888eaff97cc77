"""`tito grade feedback` and `report`: what students read, and what whoever teaches them reads."""

import json

import pytest

from tito.errors import counted
from tito.grader.course import GradingCourse
from tito.grader.report import _standing
from tito.grader.status import Row

from .conftest import MODULE, marks, put
from .makers import changed, find

EVIL = "<script>alert(1)</script><!-- a hidden remark --><img src=x onerror=alert(2)>"


@pytest.fixture
def page(graded_copy, tito):
    """Write the feedback; the page of a student."""

    def read(student):
        assert "Wrote 11 pages" in tito("grade", "feedback", "01", "--course", graded_copy)
        return (graded_copy / f"feedback/{student}/01_tensor/tensor.html").read_text()

    return read


def test_what_a_student_wrote_is_shown_as_text(graded_copy, make, tito, tmp_path, page):
    notebook = make.but(eye=f'#| export\nraise ValueError("{EVIL}")')
    changed(notebook, lambda cells: cells[find(notebook, "stray_float64")].update(source=EVIL))
    put(tmp_path / "again", {"half/tensor.ipynb": notebook})
    tito("grade", "collect", "01", tmp_path / "again", "--course", graded_copy)
    tito("grade", "run", "01", "--course", graded_copy, code=1)
    text = page("half")
    assert "<script" not in text and "<img" not in text and "<!--" not in text
    assert text.count("&lt;script&gt;alert(1)") >= 3  # the answer, the written answer, and the error
    assert "&lt;!-- a hidden remark --&gt;" in text


def test_it_says_what_check_says(page, make):
    text = page("mistaken-0")
    assert "✗" in text and "returned" in text and "expected" in text
    assert text.count("<h2>") == len(make.right) + 2  # with the written questions
    assert "views_or_copies: not graded yet" in text


def test_marks_and_comments_by_hand_are_in_it(graded_copy, page):
    with GradingCourse.find(str(graded_copy)).gradebook() as gradebook:
        grade = gradebook.find_grade("views_or_copies", "tensor", "01_tensor", "right")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = gradebook.find_comment("views_or_copies", "tensor", "01_tensor", "right")
        comment.manual_comment = "Nearly: <what> of slices?"
        gradebook.db.commit()
    text = page("right")
    assert "right: 30.5 of 33 points" in text
    assert "views_or_copies: 1.5 of 2" in text and "Nearly: &lt;what&gt; of slices?" in text


def test_who_could_not_be_graded_is_told_why(page):
    text = page("torn")
    assert "could not be graded, and has no mark: tensor.ipynb stops in the middle" in text


def test_the_report_of_the_class(graded, tito):
    tito("grade", "report", "01", "--course", graded)
    text = (graded / "reports/01_tensor.html").read_text()
    assert "2 could not be graded, 9 graded, 2 missing; median" in text
    for heading in ("Exercises", "The commonest mistakes", "Who is stuck", "When it was handed in", "Near-identical"):
        assert f"<h2>{heading}" in text
    assert "mistaken-0" in text.partition("Who is stuck")[2].partition("</table>")[0]


def test_the_median_of_an_even_number_lies_between_two(graded, monkeypatch):
    course = GradingCourse.find(str(graded))
    rows = [Row("ada", "graded", score=20, most=33, to_do=True), Row("ben", "graded", score=29, most=33)]
    monkeypatch.setattr("tito.grader.report.statuses", lambda *_: rows)
    assert (
        _standing(course, MODULE)
        == "<p>2 graded; median 24.5 of 33 points; 1 submission with written answers to grade by hand.</p>"
    )


def test_one_is_no_plural():
    assert [counted(n, "page") for n in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]
    assert counted(1.0, "point") == "1 point" and counted(0.5, "point") == "0.5 points"


def test_before_anything_is_graded(course, tito):
    assert "has not been graded: `tito grade run 01` comes first" in tito(
        "grade", "report", "01", "--course", course, code=2
    )


def test_the_notebook_for_whoever_grades_holds_nothing_of_the_submission_but_its_text(graded, handed_in):
    notebook = json.loads((graded / "autograded/tampered/01_tensor/tensor.ipynb").read_text())
    given = next(cell for cell in notebook["cells"] if cell["id"] == "given-Tensor")
    assert "pass" not in given["source"]
    assert all(cell["metadata"].get("nbgrader", {}).get("points", 0) < 10 for cell in notebook["cells"])
    assert marks(graded, "tampered")["var-check"][2] == 2
