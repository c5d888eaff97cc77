"""A course in nbgrader, with the notebook as it is handed out: what students get for what they hand in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.author.trials import Trial
from tito.notebook import handed_out
from tito.workspace import Workspace

WORKSPACE = Workspace(Path(__file__).parents[2])
MODULE = WORKSPACE.module("01")
MISTAKE = next(a for a in read_answers(Lesson(MODULE)) if a.exercise == "broadcast_shapes" and a.sentence)


def nbgrader(folder, *words):
    """Run nbgrader in a folder, with nothing of the user's own settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {name: str(folder / "home") for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **own, "PATH": path}, capture_output=True, encoding="utf-8"
    )


def hand_in(course, student, answers):
    """Put a submission into the course: the notebook that was handed out, with these sources in its exercises' cells."""
    notebook = nbformat.read(MODULE.original / "tensor.ipynb", 4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    path = course / f"submitted/{student}/01_tensor/tensor.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def sources(cells, *names):
    """The sources of these exercises' cells."""
    return {cell.exercise: cell.source for cell in cells if cell.exercise in names}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which two have handed in and nbgrader has graded."""
    folder = tmp_path_factory.mktemp("course")
    source = folder / "source/01_tensor/tensor.ipynb"
    source.parent.mkdir(parents=True)
    lesson = Lesson(MODULE)
    nbformat.write(lesson.notebook, source)
    (folder / "home").mkdir()
    (folder / "nbgrader_config.py").write_text('get_config().CourseDirectory.course_id = "tinytorch"\n')
    wrong = sources(lesson.with_answer("broadcast_shapes", MISTAKE.body), "broadcast_shapes")
    hand_in(folder, "ada", sources(lesson.cells(), "as_array", "apply") | wrong)
    broken = {"eye": "#| export\ndef eye(cls, n, m=None):\n    return ("}
    hand_in(folder, "ben", sources(lesson.cells(), "as_array") | broken)
    for command in ("generate_assignment", "autograde"):
        done = nbgrader(folder, command, "01_tensor")
        assert done.returncode == 0, done.stderr
    return folder


def graded(course, student):
    """The points of every cell, and the notebook as it was run."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "tinytorch") as gradebook:
        submission = gradebook.find_submission_notebook("tensor", "01_tensor", student)
        points = {grade.name: grade.auto_score for grade in submission.grades}
    return points, nbformat.read(course / f"autograded/{student}/01_tensor/tensor.ipynb", 4)


def test_right_answers_earn_all_their_points_and_a_mistake_earns_a_share(course, reference_parent):
    original = handed_out(MODULE)
    expected = Trial(MODULE, MISTAKE.exercise, MISTAKE.body).run(reference_parent / "tinytorch")
    assert 0 < expected.earned < expected.points
    points, notebook = graded(course, "ada")
    full = {name: exercise.points for name, exercise in original.exercises.items()}
    assert points.pop("as_array-check") == full["as_array"]
    assert points.pop("apply-check") == full["apply"]
    assert points.pop("broadcast_shapes-check") == pytest.approx(expected.earned)
    assert points.pop("views_or_copies") is points.pop("stray_float64") is None  # for a person to grade
    assert points == {f"{name}-check": 0 for name in full if f"{name}-check" in points}
    checks = [cell for cell in notebook.cells if cell.source.startswith("check(")]
    assert len(checks) == len(full)
    assert all(output.output_type == "execute_result" for cell in checks for output in cell.outputs)
    shown = next(cell.outputs[0].data["text/html"] for cell in checks if "broadcast_shapes" in cell.source)
    assert "✗" in shown and MISTAKE.sentence.split()[1] in shown  # whoever grades sees what was wrong


def test_a_syntax_error_costs_only_its_own_exercise(course):
    points, _ = graded(course, "ben")
    assert points["as_array-check"] == 3
    assert points["eye-check"] == 0


def test_validate_lists_the_cells_that_fail(course):
    shutil.copy(MODULE.original / "tensor.ipynb", course)
    done = nbgrader(course, "validate", "tensor.ipynb")
    assert done.returncode == 0, done.stderr
    assert "VALIDATION FAILED ON" in done.stdout
    for name in Lesson(MODULE).exercises:
        assert f'check("{name}")' in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
