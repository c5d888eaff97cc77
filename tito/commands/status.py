"""`tito status`: where you are, and what to do next."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timezone

from tito import term
from tito.course import Course
from tito.errors import TitoError
from tito.kept import blanked, offer
from tito.notebook import handed_out
from tito.workspace import Module, by_part

SCHEMA = "tito.status/1"


@dataclass
class Row:
    """One module, as status shows it."""

    module: Module
    exercises: list[str]
    done: list[str]
    passed: datetime | None
    changed: bool
    locked_by: Module | None
    problem: str  # why its notebook cannot be read
    blanked: int  # how many answers it had when it was last checked, if there are none in it now

    @property
    def undone(self) -> list[str]:
        return [name for name in self.exercises if name not in self.done]


def run(json: bool = False) -> int:
    course = Course()
    rows = [_row(course, module) for module in course.workspace.modules]
    current = course.progress.current()
    here = next(row for row in rows if row.module == current)
    if here.passed:  # and so have all; but one may have been changed, or have lost its notebook
        here = next((row for row in rows if row.changed or row.problem), here)
    finished = bool(here.passed) and not here.changed and not here.problem
    if json:
        from json import dumps

        print(dumps(as_json(rows, None if finished else here), indent=2))
        return 0
    passed = sum(bool(row.passed) for row in rows)
    done, total = sum(len(row.done) for row in rows), sum(len(row.exercises) for row in rows)
    print(f"{term.bold('TinyTorch')}   {passed} of {len(rows)} modules · {done} of {total} exercises\n")
    of_module = {row.module: row for row in rows}
    widths = max(14, *(len(str(row.module)) for row in rows)), max(12, *(len(row.exercises) for row in rows))
    parts = by_part(of_module)
    for part, modules in parts.items():
        if len(parts) > 1:
            print(f"  {term.dim(part)}")
        for row in map(of_module.get, modules):
            print(f"  {_line(row, *widths, row is here and not finished)}")
    print()
    for row in rows:
        if row.problem and not row.locked_by:
            print(term.folded(row.problem, sys.stdout))
        if row.blanked:
            print(term.folded(offer(course.workspace, row.module, row.blanked, row.problem), sys.stdout))
    if finished:
        print("Every module passes. tito demo --mine shows what you have built.")
    elif not here.problem:
        step = course.next_step(here.module, here.undone)
        commands = "      tito start       open it          tito check      see where you stand"
        print("\n".join(term.fitted([step, commands])))
    return 0


def _row(course: Course, module: Module) -> Row:
    progress = course.progress
    row = Row(
        module,
        list(handed_out(module).exercises),
        [],
        progress.passed(module),
        False,
        progress.missing_before(module),
        "",
        0,
    )
    try:
        submission = course.submission(module)
        row.done, row.changed = progress.done(module, submission), progress.changed(module, submission)
    except TitoError as error:
        row.problem = str(error)
    if not row.done:
        row.blanked = blanked(course.workspace, module)
    return row


def _line(row: Row, width: int, longest: int, here: bool) -> str:
    count = len(row.exercises)
    bar = "".join("■" if name in row.done else "□" for name in row.exercises)
    line = f"{row.module!s:<{width}} {bar:<{longest}} {len(row.done):>2}/{count:<2}"
    if row.locked_by:
        return term.dim(f"{row.module!s:<{width}} locked until {row.locked_by.number} passes")
    if row.problem:
        return f"{line}   {term.red('cannot be read')}"
    if row.passed:
        return f"{line}   passed {ago(row.passed)}{', changed since' if row.changed else ''}"
    return f"{line}   ← you are here" if here else line


def ago(when: datetime) -> str:
    """How long ago, as a person says it."""
    days = (datetime.now(timezone.utc).date() - when.astimezone(timezone.utc).date()).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"


def as_json(rows: list[Row], here: Row | None) -> dict:
    modules = [
        {
            "module": row.module.key,
            "part": row.module.part,
            "exercises": row.exercises,
            "done": row.done,
            "passed": row.passed.isoformat() if row.passed else None,
            "changed": row.changed,
            "locked": row.locked_by is not None,
            "problem": row.problem or None,
            "blanked": row.blanked,
        }
        for row in rows
    ]
    step = {"module": here.module.key, "exercise": next(iter(here.undone), None)} if here else None
    return {"schema": SCHEMA, "modules": modules, "next": step}
