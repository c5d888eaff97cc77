"""The student's package in this very process: for a browser, where there is no other.

Everywhere else the tests and the code under test live in two processes. Here they share one, and only the modules are
kept apart: the package is `tinytorch` while a call runs, and the session's own, or the tests' proxies, are at all other
times. Nobody is graded in a browser.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
import traceback
import types
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from tito.checker import child
from tito.checker.process import PRINTED, Frame, Launcher


class SameProcess:
    """What `StudentProcess` is, without a process. It is its own `connection`: what is sent is answered at once."""

    def __init__(self, parent: Path, launcher: Launcher | None = None) -> None:
        self.parent = str(parent)
        self.printed = ""
        self.connection = self
        self._answer = io.BytesIO()
        self._end = float("inf")  # when the call that runs must be done
        self._late: list[Frame] = []  # where it was, if it was not
        self._package: dict[str, types.ModuleType] = {}
        self._session = _exchange({})

    def forget_printed(self) -> None:
        self.printed = ""

    def settimeout(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def sendall(self, frame: bytes) -> None:
        """Answer the question in this frame. Raises TimeoutError, also when the student's code never ends."""
        self._answer = io.BytesIO()
        with self._inside():
            child.answer(_End(io.BytesIO(frame), self._answer), os.path.join(self.parent, ""))
        self._answer.seek(0)
        if self._late:
            raise TimeoutError

    def recv(self, size: int) -> bytes:
        return self._answer.read(size)

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        """Let `tinytorch` be the student's package, and keep what is printed."""
        outside, printed = _exchange(self._package), io.StringIO()
        traced, writes_none = sys.gettrace(), sys.dont_write_bytecode
        sys.meta_path.insert(0, PathFinder)  # before the one that makes proxies
        sys.path.insert(0, self.parent)
        sys.dont_write_bytecode = True
        sys.settrace(self._watch)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                yield
        finally:
            sys.settrace(traced)
            sys.dont_write_bytecode = writes_none
            sys.meta_path.remove(PathFinder)
            sys.path.remove(self.parent)
            self._package = _exchange(outside)
            self.printed = (self.printed + printed.getvalue())[:PRINTED]

    def _watch(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        """Called by Python before each line of the package: ends the call when its time is over."""
        if not frame.f_code.co_filename.startswith(self.parent):
            return None
        if time.monotonic() > self._end:
            self._late = [
                (os.path.relpath(at.filename, self.parent), at.lineno, at.name)
                for at in traceback.extract_stack(frame)
                if at.filename.startswith(self.parent)
            ]
            raise _OutOfTime
        return self._watch

    def waited(self) -> float:
        return 0.0

    def listens(self) -> bool:
        return True

    def where(self) -> list[Frame]:
        return self._late

    def ending(self) -> str:
        return "it closed the connection to its tests"

    def stop(self) -> None:
        child.objects.clear()
        _exchange(self._session)


class _OutOfTime(BaseException):
    """Ends the student's code from within."""


class _End:
    """The student's end of the connection."""

    def __init__(self, question: io.BytesIO, answer: io.BytesIO) -> None:
        self.recv, self.sendall = question.read, answer.write


def _exchange(modules: dict[str, types.ModuleType]) -> dict[str, types.ModuleType]:
    """Let these be all the modules of `tinytorch`; those that were."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "tinytorch"}
    sys.modules.update(modules)
    return before
