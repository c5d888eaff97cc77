"""Student's processes that are forks of one in which NumPy is loaded: half of what a short check costs is loading it.

For the course's own answers only, as such processes share what Python draws when it starts.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tito.checker.process import CHILD, ONE_THREAD, Launcher

FORKER = Path(__file__).with_name("forker.py")
FORKS = sys.platform == "linux"  # elsewhere a fork of a process that has loaded NumPy may not use it


class Nursery(Launcher):
    """Forks a process instead of starting it."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-X", "utf8", str(FORKER), str(theirs.fileno()), str(CHILD)]
        environment = os.environ | ONE_THREAD
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        self._ended: dict[int, int] = {}  # the exit codes of those that have ended

    def start(self, command: list[str], *, cwd: Path, pass_fds: tuple[int, int], **_: Any) -> Forked:
        """Fork a process that does what `command`, a call of child.py, would do."""
        output, theirs = os.pipe()
        socket.send_fds(self._connection, [json.dumps([command[-5:], str(cwd)]).encode()], [*pass_fds, theirs])
        os.close(theirs)
        while (told := self._hear())[1:]:
            pass
        return Forked(self, told[0], output)

    def ended(self, pid: int, timeout: float | None) -> int | None:
        """Wait for the end of a process; its exit code, or None if it still runs."""
        while pid not in self._ended and select.select([self._connection], [], [], timeout)[0]:
            self._hear()
        return self._ended.get(pid)

    def _hear(self) -> list[int]:
        """The process that has started, or one that has ended and its exit code."""
        told = json.loads(self._connection.recv(100) or "0")
        if not told:
            raise OSError("the process that forks others has ended")
        if told[1:]:
            self._ended[told[0]] = told[1]
        return told


class Forked:
    """What is used of `subprocess.Popen`, for a process that another one has forked."""

    def __init__(self, nursery: Nursery, pid: int, output: int) -> None:
        self.pid, self.stdout = pid, open(output, "rb", buffering=0)
        self._nursery = nursery

    def poll(self) -> int | None:
        return self._nursery.ended(self.pid, 0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._nursery.ended(self.pid, timeout)
        if code is None:
            raise subprocess.TimeoutExpired("child.py", timeout or 0)
        return code
