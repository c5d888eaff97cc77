"""`tito solution`: the course's own answers, to compare with one's own once they pass."""

from __future__ import annotations

from tito import term
from tito.course import Course
from tito.errors import TitoError
from tito.notebook import handed_out


def run(module: str, exercise: str | None = None) -> int:
    course = Course()
    target, exercise = course.named(module, exercise)
    course.unlocked(target)
    if not course.progress.passed(target):
        raise TitoError(f"the answers of {target} are shown once it passes: {course.whats_left(target)}.")
    if not target.lesson.is_file():
        raise TitoError("the answers are not in this workspace; whoever handed it out has them.")
    from tito.author.lesson import Lesson

    lesson = Lesson(target)
    for name in [exercise] if exercise else handed_out(target).exercises:
        print(f"{term.bold(name)}\n\n{lesson.answer(name)}\n")
    return 0
