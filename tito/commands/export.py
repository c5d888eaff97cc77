"""`tito export`: write the notebook's code into the package."""

from __future__ import annotations

from tito import term
from tito.course import Course
from tito.kept import keep


def run(module: str | None = None) -> int:
    course = Course()
    target = course.module(module)
    path = course.export(target, course.submission(target))
    keep(course.workspace, target)
    lines = len(path.read_text(encoding="utf-8").splitlines())
    term.say(f"Exported {course.workspace.shown(target.notebook)} to {course.workspace.shown(path)} ({lines} lines).")
    return 0
