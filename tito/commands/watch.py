"""`tito watch`: one screen that shows the check of the notebook as it was last saved."""

from __future__ import annotations

import shutil
import sys
import time

from tito import term
from tito.commands.check import check_and_record, show
from tito.course import Course
from tito.errors import TitoError


def run(module: str | None = None) -> int:
    from watchfiles import watch

    course = Course()
    target = course.module(module)
    folder = target.notebook.parent
    if not folder.is_dir():
        raise TitoError(f"{course.workspace.shown(folder)} is not there. `tito reset {target.number}` puts it back.")
    _screen(course, target)
    for changes in watch(folder, raise_interrupt=True):
        if any(path.endswith(target.notebook.name) for _, path in changes):
            _screen(course, target)
    return 0


def _screen(course: Course, module) -> None:
    """Check once, and put the result in the place of what was there."""
    try:
        original = course.original(module)
        report = check_and_record(course, module, original, course.cells(module, original))
        lines = show(course, module, report)
        if len(lines) + 2 > shutil.get_terminal_size().lines:  # what to do next matters more than what is done
            lines = show(course, module, report, table=False)
    except TitoError as error:
        lines = str(error).splitlines()
    if sys.stdout.isatty():
        print("\x1b[H\x1b[2J\x1b[3J", end="")
    watching = f"checked at {time.strftime('%H:%M:%S')} · save the notebook to check again · Ctrl-C ends"
    print("\n".join([*lines, "", term.dim(watching)]), flush=True)
