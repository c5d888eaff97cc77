"""`tito grade run`: fair, and whatever stops it, nothing is lost and nothing done twice."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import time

import pytest

from tito.grader.course import GradingCourse
from tito.grader.job import Job
from tito.grader.ledger import results
from tito.grader.marks import wrote_below
from tito.grader.pool import local_pool
from tito.grader.status import statuses
from tito.grader.worker import grade
from tito.notebook import handed_out, mark, read_cells
from tito.submission import match

from .conftest import BROKEN, ISOLATED, MODULE, PATIENCE, QUICK, ROOT, enrol_all, marks, put, start
from .makers import added, changed, find

FULL = 29  # points for the exercises of module 01; two written answers of 2 points come on top
ORIGINAL = handed_out(MODULE)


def rows(course):
    return {row.student: row for row in statuses(GradingCourse.find(str(course)), MODULE)}


def earned(notebook, **options):
    """The points of each exercise of a notebook, and the report."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    result = grade(Job(str(ROOT), MODULE.key, "ada", data, {}, "key", sandboxed=ISOLATED, **options))
    assert not result.problem, result.problem
    return {exercise.name: exercise.earned for exercise in result.found.exercises}, result.found


@pytest.fixture(scope="session")
def full():
    return {name: exercise.points for name, exercise in ORIGINAL.exercises.items()}


def test_every_submission_has_a_status_and_none_is_a_silent_0(graded):
    found = rows(graded)
    assert {student: row.status for student, row in found.items() if row.status != "graded"} == {
        "ada": "missing",
        "jdoe1": "missing",
        **dict.fromkeys(BROKEN, "could not be graded"),
    }
    assert all(row.score is None and row.why for student, row in found.items() if student in BROKEN)
    assert found["ada"].score is None
    right = ("right", "otherwise-0", "twice", "renamed", "bad-helper")
    assert {student: found[student].score for student in right} == dict.fromkeys(right, FULL)
    assert found["cells-gone"].score == FULL - 1  # the exercise that is gone, and not what was given
    assert 0 < found["mistaken-0"].score < FULL
    assert found["right"].to_do  # a person must read the written answers


def test_one_worker_or_two_and_any_order_give_the_same_gradebook(graded, handed_in, blank_course, tmp_path, tito):
    course, source = shutil.copytree(blank_course, tmp_path / "course"), tmp_path / "source"
    for folder in sorted(handed_in.iterdir(), reverse=True):
        shutil.copytree(folder, source / folder.name)
    enrol_all(course, source)
    tito("grade", "collect", "01", source, "--course", course)
    tito("grade", "run", "01", "-j", "1", "--course", course, code=1)
    for student in QUICK:
        assert marks(course, student) == marks(graded, student), student
        notebooks = [c / f"autograded/{student}/01_tensor/tensor.ipynb" for c in (course, graded)]
        assert notebooks[0].read_bytes() == notebooks[1].read_bytes()


def test_a_second_run_grades_and_writes_nothing(graded_copy, tito):
    files = [*graded_copy.rglob("*.ipynb"), graded_copy / "gradebook.db"]
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}
    assert "0 graded now" in tito("grade", "run", "01", "--course", graded_copy, code=1)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files} == before


def test_only_what_has_changed_is_graded_again(graded_copy, make, tito, tmp_path):
    put(tmp_path / "again", {"half/tensor.ipynb": make.notebook()})
    tito("grade", "collect", "01", tmp_path / "again", "--course", graded_copy)
    assert rows(graded_copy)["half"].status == "not graded yet"
    assert "1 graded now" in tito("grade", "run", "01", "--course", graded_copy, code=1)
    assert rows(graded_copy)["half"].score == FULL


def test_a_mark_given_by_hand_survives_and_asks_for_review_when_graded_again(graded_copy, make, tito, tmp_path):
    with GradingCourse.find(str(graded_copy)).gradebook() as gradebook:
        grade = gradebook.find_grade("views_or_copies", "tensor", "01_tensor", "half")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    put(tmp_path / "again", {"half/tensor.ipynb": make.notebook()})
    tito("grade", "collect", "01", tmp_path / "again", "--course", graded_copy)
    tito("grade", "run", "01", "--course", graded_copy, code=1)
    with GradingCourse.find(str(graded_copy)).gradebook() as gradebook:
        grade = gradebook.find_grade("views_or_copies", "tensor", "01_tensor", "half")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, True)
    assert rows(graded_copy)["half"].score == FULL + 1.5


def test_words_below_an_untouched_question_wait_for_a_person(make):
    def below(cells):
        place = find({"cells": cells}, "views_or_copies") + 1
        cells.insert(place, {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "A view shares memory."})

    notebook = make.notebook(words="")
    assert wrote_below(json.dumps(notebook).encode(), ORIGINAL) == set()
    assert wrote_below(json.dumps(changed(notebook, below)).encode(), ORIGINAL) == {"views_or_copies"}


def test_an_old_mark_does_not_stand_for_a_submission_that_cannot_be_graded(graded_copy, tito):
    path = graded_copy / "submitted/right/01_tensor/tensor.ipynb"
    path.write_text("torn")
    said = tito("grade", "run", "01", "--course", graded_copy, code=1)
    assert "right: could not be graded: tensor.ipynb is not a notebook" in said
    assert all(mark[:2] == (None, True) for mark in marks(graded_copy, "right").values() if isinstance(mark, tuple))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle_it_goes_on_where_it_was(course, handed_in, graded, tito, how):
    enrol_all(course, handed_in)
    tito("grade", "collect", "01", handed_in, "--course", course)
    running = start("grade", "run", "01", "-j", "2", "--course", course)
    while len(found(course)) < 2 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(how)
    output = running.communicate(timeout=PATIENCE)[0]
    assert running.returncode == (130 if how == signal.SIGINT else -how), output
    assert "Traceback" not in output
    done = found(course)
    assert 2 <= len(done) < len(QUICK)
    until = time.monotonic() + PATIENCE
    while (left := _in_group(running.pid)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left
    said = tito("grade", "run", "01", "--course", course, code=1)
    assert f"{len(QUICK) - len(done)} graded now" in said
    for student in QUICK:
        assert marks(course, student) == marks(graded, student), student
    assert done.items() <= found(course).items()  # with the seconds that each took


def found(course):
    """What the gradebook has of each submission, by student."""
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as db:
        try:
            return dict(db.execute("SELECT student, result FROM tito_found"))
        except sqlite3.OperationalError:  # it is not there yet
            return {}


def _in_group(group):
    """Whether a process that it started has been left behind."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _kills_its_worker(job):
    if job.student == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    return grade(job)


def test_a_submission_that_kills_its_worker_stops_only_itself(make, monkeypatch):
    monkeypatch.setattr("tito.grader.pool.grade", _kills_its_worker)
    notebook = json.dumps(make.notebook({})).encode()
    students = ("ada", "killer", "eve", "zoe")
    jobs = [Job(str(ROOT), MODULE.key, student, notebook, {}, "key", sandboxed=ISOLATED) for student in students]
    found = {result.student: result for result in local_pool(2)(jobs)}
    assert set(found) == set(students)
    assert "was killed" in found["killer"].problem and not found["killer"].key  # the next run tries again
    assert not any(found[student].problem for student in ("ada", "eve", "zoe"))


def test_points_marks_and_checks_of_a_submission_count_for_nothing(make, full):
    def tamper(cells):
        for cell in cells:
            if marks := cell["metadata"].get("nbgrader"):
                marks |= {"points": -7, "schema_version": 99, "locked": False, "solution": 1, "task": True}
            if mark(cell) in ("given-Tensor", "mean-check"):
                cell["source"] = "#| export\nclass Tensor:\n    pass"
            if mark(cell) == "eye":
                cell["cell_type"] = "markdown"

    points, report = earned(changed(make.but(var=make.within("var", "return self")), tamper))
    assert points | {"var": 0} == full | {"var": 0} and points["var"] < full["var"]
    assert [exercise.points for exercise in report.exercises] == list(full.values())


def test_order_copies_and_deletions_change_nothing_but_what_was_answered(make, full):
    def shuffle(cells):
        blank = json.loads(make.blank)
        cells.reverse()
        cells += [json.loads(json.dumps(cells[find({"cells": cells}, mark)])) for mark in ("eye", "given-unwrap")]
        cells.append(blank["cells"][find(blank, "mean")])  # a copy of the blank below the answer
        del cells[find({"cells": cells}, "given-zeros")]

    assert earned(changed(make.notebook(), shuffle))[0] == full


def test_an_answer_without_its_mark_is_found_by_its_name(make, full):
    def rewrite(cells):
        cells[find({"cells": cells}, "eye")]["metadata"] = {}
        blank = json.loads(make.blank)
        cells[find({"cells": cells}, "mean")] = blank["cells"][find(blank, "mean")]
        cells.insert(70, added("#| export\n" + make.right["mean"].removeprefix("#| export\n")))

    assert earned(changed(make.notebook(), rewrite))[0] == full


def test_a_copied_cell_may_have_become_a_helper(make, full):
    def helper(cells):
        n = find({"cells": cells}, "as_array")
        copy = json.loads(json.dumps(cells[n])) | {"source": "#| export\ndef twice(x):\n    return 2 * x"}
        cells.insert(n + 1, copy)

    assert earned(changed(make.notebook(), helper))[0] == full


def test_an_added_cell_that_cannot_run_is_left_out_and_named(make, full):
    sources = ["#| export\nhelp me", "#| export\nhalf = 1 / 0", "#| export\n@extend(Tensr)\ndef f(self):\n    pass"]
    notebook = changed(make.notebook(), lambda cells: cells.__setitem__(slice(9, 9), map(added, sources)))
    points, report = earned(notebook)
    assert points == full
    assert len(report.left_out) == 3
    assert "cell 11, line 2: running it raised ZeroDivisionError" in " ".join(report.left_out)


@pytest.mark.parametrize("source", ["import os\nos._exit(0)", "raise SystemExit", "@extend(Tensr)\ndef eye(cls): pass"])
def test_an_exercise_that_ends_everything_costs_only_itself(make, full, source):
    points, report = earned(make.but(eye=f"#| export\n{source}"))
    assert points == full | {"eye": 0}
    broken = next(exercise for exercise in report.exercises if exercise.name == "eye")
    assert broken.status == "broken" and "eye" in broken.problem


def test_what_breaks_the_given_cells_is_left_out(make, full):
    notebook = changed(make.notebook(), lambda cells: cells.insert(9, added("#| export\nnp = None")))
    points, report = earned(notebook)
    assert points == full and report.left_out


def test_given_cells_are_the_original_ones_in_their_order(make):
    notebook = changed(make.notebook(), lambda cells: cells.reverse())
    cells = match(read_cells(notebook, ""), ORIGINAL, "").cells
    given = [cell for cell in ORIGINAL.cells if cell.exported or cell.exercise]
    assert [cell.mark for cell in cells] == [cell.mark for cell in given]
    assert [c.source for c in cells if not c.solution] == [c.source for c in given if not c.solution]


def test_results_that_cannot_be_read_are_made_again(graded_copy, tito):
    with contextlib.closing(sqlite3.connect(graded_copy / "gradebook.db")) as db:
        db.execute("UPDATE tito_found SET result = '{\"schema\": \"tito.grade/0\"}' WHERE student = 'half'")
        db.commit()
    assert "half" not in results(GradingCourse.find(str(graded_copy)), MODULE)
    assert "1 graded now" in tito("grade", "run", "01", "--course", graded_copy, code=1)


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_number_of_workers_that_is_none(tito, graded, count):
    assert "invalid number of workers" in tito("grade", "run", "01", "-j", count, "--course", graded, code=2)


def test_where_there_is_no_course(tito, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "is not a grading course: `tito grade init` makes one" in tito("grade", "run", "01", code=2)


def test_one_student_is_graded_again(graded_copy, tito):
    before = found(graded_copy)
    assert "1 graded now" in tito("grade", "run", "01", "--student", "half", "--course", graded_copy, code=1)
    after = found(graded_copy)
    assert {student for student in after if after[student] != before[student]} <= {"half"}
    said = tito("grade", "run", "01", "--student", "nobody", "--course", graded_copy, code=2)
    assert "nobody: nothing of 01 tensor has been collected under that id" in said
