"""Late: by how much a hand-in came after it was due for its student, and what that costs by the course's rule.

The rule is nbgrader's late-submission plugin, as nbgrader_config.py names it; PerDay is one that takes a share a day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer
from traitlets.config import Config

from tito.errors import TitoError, counted
from tito.grader.collect import HandIn, collected
from tito.grader.course import GradingCourse
from tito.grader.ledger import transaction
from tito.workspace import Module

DAY = 24 * 3600  # seconds


class PerDay(LateSubmissionPlugin):
    """Takes a share of the points for each day that has begun; a student has some days of grace in a term."""

    share = Float(0.1, help="of the points, for each day").tag(config=True)
    most = Float(1.0, help="the largest share that is taken").tag(config=True)
    grace_days = Integer(0, help="days that a student may be late in the whole term, at no cost").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return min(self.most, self.share * math.ceil(total_seconds_late / DAY)) * score


@dataclass(frozen=True)
class Lateness:
    """How late one hand-in is."""

    late: bool = False
    seconds: float | None = None  # None: it is late, and by how much is not known
    grace: int = 0  # days of grace that it uses up
    unknown: bool = False  # nobody says when it came, nor whether it is late

    def __str__(self) -> str:
        if not self.late:
            return ""
        days = "" if self.seconds is None else f", by {_days(self.seconds)}"
        return f"late{days}" + (f" ({self.grace} of grace)" if self.grace else "")


def _days(seconds: float) -> str:
    return counted(math.ceil(seconds / DAY), "day")


class Rule:
    """When things are due, and what being late costs, for everyone in a course."""

    def __init__(self, course: GradingCourse) -> None:
        self.course, self.more = course, course.more()
        config: Config = course.config()
        named = config.AssignLatePenalties.get("plugin_class", LateSubmissionPlugin)
        try:
            self.plugin: Any = _plugin(named)(config=config)
        except Exception as error:
            raise TitoError(
                f"nbgrader_config.py: the late-submission plugin {named} cannot be made: {error}."
            ) from None
        self.grace = getattr(self.plugin, "grace_days", 0)

    def of(self, module: Module) -> dict[str, Lateness]:
        """How late each hand-in of a module is; days of grace go to modules in their order."""
        left: dict[str, int] = {}
        found: dict[str, Lateness] = {}
        for other in self.course.workspace.modules:
            if other.key > module.key or (other.key < module.key and not self.grace):
                continue
            due = self.course.due(other)
            for student, entry in collected(self.course, other).items():
                lateness = self._one(other, entry, due)
                if lateness.seconds and self.grace:
                    granted = min(left.get(student, self.grace), math.ceil(lateness.seconds / DAY))
                    left[student] = left.get(student, self.grace) - granted
                    lateness = Lateness(True, lateness.seconds, granted)
                if other.key == module.key:
                    found[student] = lateness
        return found

    def due(self, module: Module, student: str, due: datetime | None) -> datetime | None:
        """Until when this student has time: an extension, or the course's time and the student's extra days."""
        more = self.more.get(student, {})
        if own := more.get(f"due {module.key}"):
            return datetime.fromisoformat(own)
        return due + timedelta(days=float(more.get("extra_days") or 0)) if due else None

    def _one(self, module: Module, entry: HandIn, due: datetime | None) -> Lateness:
        if not entry.collected:
            return Lateness()
        own_due, when = self.due(module, entry.student, due), _when(entry)
        extended = own_due != due
        if when and own_due:
            seconds = (when - own_due).total_seconds()
            if seconds > 0 and entry.late is not False:
                return Lateness(True, seconds)
            if entry.late and not extended:
                return Lateness(True)
            return Lateness()
        if entry.late:
            return Lateness(unknown=True) if extended else Lateness(True)
        return Lateness(unknown=entry.late is None and own_due is not None)

    def penalty(self, student: str, score: float, lateness: Lateness) -> float:
        """The points that being late costs. Where it is not known by how much, that of the least that is certain."""
        if not lateness.late:
            return 0.0
        seconds = 1.0 if lateness.seconds is None else lateness.seconds - lateness.grace * DAY
        if seconds <= 0:
            return 0.0
        return min(max(0.0, self.plugin.late_submission_penalty(student, score, seconds) or 0.0), score)


def keep_penalties(course: GradingCourse, module: Module) -> None:
    """Put what being late costs into nbgrader's gradebook, for formgrader and whatever else reads it there.

    A mark given by hand changes it with the next run; `statuses` works it out anew each time.
    """
    rule = Rule(course)
    lateness = rule.of(module)
    with course.gradebook() as gradebook, transaction(gradebook):
        for submission in gradebook.assignment_submissions(module.key):
            late = lateness.get(submission.student_id, Lateness())
            for part in submission.notebooks:  # there is one
                part.late_submission_penalty = rule.penalty(submission.student_id, part.score, late)


def extend(course: GradingCourse, module: Module, student: str, due: datetime) -> None:
    """Give one student more time for a module; nobody else's changes."""
    if student not in {person["id"] for person in course.roster()}:
        raise TitoError(f"--due: {student} is not on the roster.")
    course.add_more({student: {f"due {module.key}": due.astimezone(timezone.utc).isoformat()}})


def _when(entry: HandIn) -> datetime | None:
    try:
        return datetime.fromisoformat(entry.when) if entry.when else None
    except ValueError:
        return None


def _plugin(named: Any) -> type:
    """The class that a setting names, as `tito.grader.late.PerDay`, or is."""
    if not isinstance(named, str):
        return named
    import importlib

    module, _, name = named.rpartition(".")
    return getattr(importlib.import_module(module), name)
