"""Late hand-ins: what being late costs by the course's rule, for whom, and where it is shown."""

import csv
from datetime import datetime, timedelta, timezone

import pytest

from tito.grader.course import GradingCourse, enrol
from tito.grader.late import Lateness, PerDay, Rule
from tito.grader.status import statuses

from .conftest import MODULE

NOW = datetime.now(timezone.utc)
PER_DAY = "\nc.AssignLatePenalties.plugin_class = 'tito.grader.late.PerDay'\nc.PerDay.share = 0.25\n"
ZERO = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


@pytest.fixture
def late(graded_copy):
    """A course in which everything came a day and a half late, with a rule; the row of `right`, which has 29 points."""

    def rows(rule="", **more):
        course = GradingCourse.find(str(graded_copy))
        course.set_due(MODULE, NOW - timedelta(days=1.5))
        with (graded_copy / "nbgrader_config.py").open("a") as config:
            config.write(rule)
        enrol(course, [{"id": "right", **more}])
        return next(row for row in statuses(course, MODULE) if row.student == "right")

    return rows


def test_without_a_rule_it_is_late_and_costs_nothing(late):
    row = late()
    assert (row.status, row.score, row.penalty, str(row.lateness)) == ("late", 29, 0, "late, by 2 days")


def test_a_share_for_each_day_that_has_begun(late):
    assert (late(PER_DAY).penalty, late().score) == (14.5, 14.5)


def test_nbgraders_own_plugin_is_asked(late):
    assert late(ZERO).score == 0


def test_days_of_grace_come_first(late):
    row = late(PER_DAY + "c.PerDay.grace_days = 1\n")
    assert row.penalty == 7.25 and str(row.lateness) == "late, by 2 days (1 of grace)"


def test_extra_days_are_one_students_own(late):
    row = late(PER_DAY, extra_days="2")
    assert (row.status, row.score) == ("graded", 29)


def test_where_the_platform_only_says_late_the_least_that_is_certain_is_taken(graded):
    rule = Rule(GradingCourse.find(str(graded)))
    rule.plugin = PerDay(share=0.1)
    assert rule.penalty("ada", 30, Lateness(True)) == pytest.approx(3)
    assert rule.penalty("ada", 30, Lateness(unknown=True)) == 0


def test_nbgraders_own_gradebook_has_what_it_costs(late, graded_copy, tito):
    late(PER_DAY)
    tito("grade", "run", "01", "--course", graded_copy, code=1)  # nothing is graded anew
    with GradingCourse.find(str(graded_copy)).gradebook() as gradebook:
        costs = {s.student_id: s.late_submission_penalty for s in gradebook.assignment_submissions("01_tensor")}
        assert costs["right"] == 14.5 and costs["half"] > 0
    assert (
        next(row for row in statuses(GradingCourse.find(str(graded_copy)), MODULE) if row.student == "right").score
        == 14.5
    )


def test_feedback_and_marks_say_what_it_costs(late, graded_copy, tito):
    late(PER_DAY)
    tito("grade", "feedback", "01", "--course", graded_copy)
    text = (graded_copy / "feedback/right/01_tensor/tensor.html").read_text()
    assert "right: 14.5 of 33 points: 29, less 14.5, as it was late, by 2 days" in text
    tito("grade", "export", "--course", graded_copy)
    with (graded_copy / "marks.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["student"] == "right")
    assert (row["score"], row["late"], row["penalty"]) == ("14.5", "late, by 2 days", "14.5")


def test_a_rule_that_cannot_be_made_is_a_sentence(late, graded_copy, tito):
    with (graded_copy / "nbgrader_config.py").open("a") as config:
        config.write("\nc.AssignLatePenalties.plugin_class = 'nowhere.Rule'\n")
    assert "late-submission plugin nowhere.Rule" in tito("grade", "export", "--course", graded_copy, code=2)
