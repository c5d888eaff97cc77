"""Hidden tests count when a submission is graded, are in no release, and say nothing about themselves; so does the seed."""

import json
import shutil

import pytest

from tito.grader.job import Job, conditions
from tito.grader.worker import grade
from tito.handout import hand_out
from tito.workspace import HIDDEN, Workspace

from .conftest import ISOLATED, MODULE, ROOT

HIDDEN_TESTS = '''
"""What eye must do beyond its own tests."""

from tinytorch.tensor import Tensor


def test_more_rows_than_columns_at_77():
    assert Tensor.eye(77, 3).shape == (77, 3)


def test_xylophone():
    assert Tensor.eye(2).shape == (471_147, 2)
'''


@pytest.fixture(scope="module")
def with_hidden(tmp_path_factory):
    """A workspace of module 01 with hidden tests for eye; one of them fails."""
    root = tmp_path_factory.mktemp("hidden")
    for folder in ("tests/01_tensor", "modules/.original/01_tensor", "modules/01_tensor"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "tests/01_tensor" / HIDDEN).mkdir()
    (root / "tests/01_tensor" / HIDDEN / "test_eye.py").write_text(HIDDEN_TESTS)
    return root


def graded(root, notebook, seed=0):
    result = grade(Job(str(root), MODULE.key, "ada", json.dumps(notebook).encode(), {}, "", seed, ISOLATED))
    assert not result.problem, result.problem
    return result


def eye_of(result):
    return next(exercise for exercise in result.found.exercises if exercise.name == "eye")


def test_hidden_tests_count_by_number_and_do_not_say_what_they_ask(with_hidden, make):
    result = graded(with_hidden, make.notebook())
    eye = eye_of(result)
    visible = eye_of(graded(ROOT, make.notebook())).behaviours
    assert eye.behaviours == visible | {"hidden test 1": True, "hidden test 2": False}
    assert eye.earned == pytest.approx(eye.points * (len(visible) + 1) / (len(visible) + 2), abs=1e-3)
    assert "xylophone" not in result.to_json() and "471" not in str(eye.failure)


def test_marks_depend_on_hidden_tests(with_hidden):
    assert conditions(Workspace(with_hidden).module("01"), 0) != conditions(MODULE, 0)


def test_students_do_not_get_hidden_tests(with_hidden, tmp_path):
    hand_out(Workspace(with_hidden).module("01"), tmp_path)
    assert (tmp_path / "tests/01_tensor/test_eye.py").is_file()
    assert not list(tmp_path.rglob(HIDDEN))


@pytest.mark.parametrize("name", ["broadcast_shapes", "matmul", "var"])
def test_a_mistake_is_recognised_whatever_the_seed(name, make):
    answer = next(answer for answer in make.known if answer.exercise == name and answer.sentence)
    result = graded(ROOT, make.but(**{name: make.within(name, answer.body)}), seed=20_261_123)
    assert next(exercise.mistake for exercise in result.found.exercises if exercise.name == name) == answer.sentence
