"""`tito watch`: one screen that follows the course: it checks what was saved, and goes on when a module passes."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tito import term
from tito.commands.check import check_and_record, show
from tito.course import Course
from tito.errors import TitoError
from tito.workspace import Module

Put = Callable[[tuple[str, str]], None]  # takes an event: ("saved", path), ("key", "h") or ("said", a line)
KEYS = "h hint · a check all · o open · q quit"


def run(module: str | None = None) -> int:
    events: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    screen = _Screen(Course(), module, events.put)
    with _keys(events.put) as keys, contextlib.closing(screen):
        _follow(screen.course.workspace.root / "modules", events.put)
        screen.check()
        screen.draw(keys)
        while True:
            with contextlib.suppress(queue.Empty):
                kind, what = events.get(timeout=0.5)  # not for ever: on Windows, Ctrl-C would not be heard
                if kind == "key" and what in "qQ":
                    return 0
                if screen.take(kind, what):
                    screen.draw(keys)


class _Screen:
    """What is seen: the module that is followed, its last check, and what was asked for below it."""

    def __init__(self, course: Course, wanted: str | None, put: Put) -> None:
        self.course, self.put = course, put
        self.module = course.module(wanted)
        self.report: list[str] = []  # the whole check, and a shorter form of it
        self.short: list[str] = []
        self.below: list[str] = []
        self.opened: subprocess.Popen | None = None

    def take(self, kind: str, what: str) -> bool:
        """Do what an event asks for; whether anything is to be seen."""
        if kind == "saved":
            saved = next((m for m in self.course.workspace.modules if m.notebook == Path(what)), None)
            if saved is None or self.course.progress.missing_before(saved):
                return False
            self.module, self.below = saved, []
            self.check()
        elif kind == "said":
            self.below.append(what)
        elif what in "hH":
            self.below = self._hint()
        elif what in "aA":
            self.below = list(self._check_all())
        elif what in "oO":
            self._open()
        else:
            return False
        return True

    def check(self) -> None:
        """Check the module that is followed. If it passes now and did not before, show its milestone and go on."""
        course, module = self.course, self.module
        try:
            before = course.progress.passed(module)
            report = check_and_record(course, module, course.submission(module))
            self.report, self.short = show(course, module, report), show(course, module, report, table=False)
        except TitoError as error:
            self.report = self.short = term.folded(str(error), sys.stdout).splitlines()
            return
        if report.passed and not report.left_out and not before:
            if module.milestone.is_file():
                self._show_milestone(module)
            self.module = course.after(module) or module

    def draw(self, keys: bool) -> None:
        """Put the screen in the place of what was there; on a plain pipe, write it below."""
        now = f"checked at {time.strftime('%H:%M:%S')}"
        foot = ["", term.dim(f"{now} · {KEYS if keys else 'save the notebook to check again · Ctrl-C ends'}")]
        if not sys.stdout.isatty():
            print("\n".join([self._progress(), "", *self.report, *self._asked(), *foot]), flush=True)
            return
        head, asked, foot = (term.fitted(lines) for lines in ([self._progress(), ""], self._asked(), foot))
        room = term.rows() - 1 - len([*head, *asked, *foot])
        body = term.fitted(self.report)
        if len(body) > room:
            body = term.fitted(self.short)
        if len(body) > room:
            body = [*body[: max(room - 1, 0)], term.dim(f"  … `tito check {self.module.number}` shows all of it.")]
        lines = [*head, *body, *asked, *foot]
        print("\x1b[H" + "".join(f"{line}\x1b[K\n" for line in lines) + "\x1b[J", end="", flush=True)

    def close(self) -> None:
        """End the JupyterLab that was started from here."""
        if self.opened and self.opened.poll() is None:
            self.opened.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)  # as Ctrl-C does

    def _asked(self) -> list[str]:
        return ["", *self.below] if self.below else []

    def _progress(self) -> str:
        """Where the course stands, in a line: `TinyTorch   01–02 ✓ · 03 ■■□□□□ 2/6 · 04 · 05 · 06`."""
        parts = []
        for passed, group in itertools.groupby(self.course.workspace.modules, self._passed):
            numbers = [module.number for module in group]
            if passed:
                first, last = numbers[0], numbers[-1]
                parts.append(f"{first if first == last else f'{first}–{last}'} {term.green('✓')}")
            else:
                parts += [self._bar() if number == self.module.number else number for number in numbers]
        return f"{term.bold('TinyTorch')}   {' · '.join(parts)}"

    def _passed(self, module: Module) -> bool:
        return bool(self.course.progress.passed(module))

    def _bar(self) -> str:
        """How far the module is that is followed: `03 ■■□□□□ 2/6`."""
        module = self.module
        with contextlib.suppress(TitoError):
            submission = self.course.submission(module)
            left = self.course.undone(module, submission)
            marks = "".join("□" if name in left else "■" for name in submission.handed_out.exercises)
            return term.bold(f"{module.number} {marks} {marks.count('■')}/{len(marks)}")
        return module.number

    def _hint(self) -> list[str]:
        from tito.commands.hint import next_exercise, text

        try:
            return text(next_exercise(self.course, self.module), again="h", course=self.course).splitlines()
        except TitoError as error:
            return term.folded(str(error), sys.stdout).splitlines()

    def _check_all(self) -> Iterator[str]:
        """Check every module that is open, a line each."""
        for module in self.course.workspace.modules:
            if self.course.progress.missing_before(module):
                return
            try:
                report = check_and_record(self.course, module, self.course.submission(module))
                passed = sum(exercise.status == "passed" for exercise in report.exercises)
                mark = "✓" if report.passed else "✗"
                yield term.marks(f"  {mark} {module!s:<14} {passed} of {len(report.exercises)} exercises")
            except TitoError as error:
                yield term.marks(f"  ✗ {module!s:<14} {str(error).splitlines()[0]}"[: term.width()])

    def _open(self) -> None:
        """Open the notebook in JupyterLab, in the one that runs or in one of our own."""
        self.below = [f"Opening {self.course.workspace.shown(self.module.notebook)} …"]
        process = self._tito("start", self.module.number)
        if self.opened is None or self.opened.poll() is not None:
            self.opened = process

    def _show_milestone(self, module: Module) -> None:
        self.below = [f"Its milestone runs on your code: `tito demo --mine {module.number}`", ""]
        self._tito("demo", "--mine", module.number)

    def _tito(self, *arguments: str) -> subprocess.Popen:
        """Run a command beside this one, and pass on what it says, a line at a time."""
        command = [sys.executable, "-m", "tito", *arguments]
        options = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        process = subprocess.Popen(command, cwd=self.course.workspace.root, **options)

        def listen() -> None:
            for line in process.stdout:
                self.put(("said", line.rstrip()))

        threading.Thread(target=listen, daemon=True).start()
        return process


def _follow(folder: Path, put: Put) -> None:
    """Tell of every notebook in the folder that is saved."""
    from watchfiles import watch

    def listen() -> None:
        for changes in watch(folder, raise_interrupt=False):
            for path in sorted({path for _, path in changes if path.endswith(".ipynb")}):
                put(("saved", path))

    threading.Thread(target=listen, daemon=True).start()


@contextlib.contextmanager
def _keys(put: Put) -> Iterator[bool]:
    """Tell of every key that is pressed; whether that can be done here."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        yield False
        return
    if os.name == "nt":
        import msvcrt

        threading.Thread(target=_listen, args=(msvcrt.getwch, put), daemon=True).start()
        yield True
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)

    def read() -> str:
        return os.read(terminal, 1).decode(errors="replace")

    threading.Thread(target=_listen, args=(read, put), daemon=True).start()
    try:
        yield True
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _listen(read: Callable[[], str], put: Put) -> None:
    while key := read():
        put(("key", key))
