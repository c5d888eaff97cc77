"""Every exercise's tests accept every right answer and reject every mistake and the blank."""

from pathlib import Path

import pytest

from tito.author.answers import read_answers
from tito.author.build import stale
from tito.author.lesson import Lesson
from tito.author.trials import Trial, check_cells
from tito.checker.report import PASSED
from tito.notebook import HandedOut, handed_out
from tito.workspace import Workspace

ROOT = Path(__file__).parents[2]
WORKSPACE = Workspace(ROOT)
LESSONS = {module.key: Lesson(module) for module in WORKSPACE.lessons}
EXERCISES = [(key, name) for key, lesson in LESSONS.items() for name in lesson.exercises]
ANSWERS = [(key, answer) for key, lesson in LESSONS.items() for answer in read_answers(lesson)]
MISTAKES = [pair for pair in ANSWERS if pair[1].sentence is not None]
RIGHT = [pair for pair in ANSWERS if pair[1].sentence is None]


def answer_name(value):
    return value if isinstance(value, str) else f"{value.exercise}-{value.name}"


def package(reference_parent):
    return reference_parent / "tinytorch"


def test_nothing_generated_is_stale():
    assert stale(WORKSPACE) == []


@pytest.mark.parametrize("key", LESSONS)
def test_the_answers_pass(key, reference_parent):
    report = check_cells(LESSONS[key], LESSONS[key].cells(), package(reference_parent))
    assert {exercise.name: exercise.status for exercise in report.exercises} == dict.fromkeys(
        LESSONS[key].exercises, PASSED
    )


@pytest.mark.parametrize("key, name", EXERCISES)
def test_an_exercise_needs_only_what_stands_above_its_check(key, name, reference_parent):
    cells = LESSONS[key].cells()
    end = next(n for n, cell in enumerate(cells) if cell.exercise == name) + 1
    full = handed_out(LESSONS[key].module).cells
    cut = HandedOut(full[: next(n for n, cell in enumerate(full) if cell.mark == name) + 1])
    report = check_cells(LESSONS[key], cells[:end], package(reference_parent), [name], original=cut)
    assert report.exercises[0].status == PASSED, report.exercises[0]


@pytest.mark.parametrize("key, name", EXERCISES)
def test_a_blank_passes_nothing(key, name, reference_parent):
    cells = LESSONS[key].with_answer(name, f'raise NotImplementedError("{name}")')
    report = check_cells(LESSONS[key], cells, package(reference_parent), [name])
    assert not any(report.exercises[0].behaviours.values())


@pytest.mark.parametrize("key, answer", RIGHT, ids=answer_name)
def test_a_right_answer_written_differently_passes(key, answer, reference_parent):
    report = Trial(LESSONS[key].module, answer.exercise, answer.body).run(package(reference_parent))
    assert report.status == PASSED, report


@pytest.mark.parametrize("key, answer", MISTAKES, ids=answer_name)
def test_a_mistake_is_rejected_and_recognised(key, answer, reference_parent):
    report = Trial(LESSONS[key].module, answer.exercise, answer.body).run(package(reference_parent))
    assert report.status != PASSED
    assert report.mistake == answer.sentence


@pytest.mark.parametrize("key", LESSONS)
def test_every_exercise_has_three_mistakes_a_right_answer_and_two_hints(key):
    for name, exercise in handed_out(LESSONS[key].module).exercises.items():
        assert sum(answer.exercise == name for _, answer in MISTAKES) >= 3, name
        assert any(answer.exercise == name for _, answer in RIGHT), name
        assert len(exercise.hints) >= 2, name
