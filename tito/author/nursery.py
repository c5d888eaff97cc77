"""Student's processes that are forks of one in which NumPy is loaded: half of what a short check costs is loading it.

For the course's own answers only, as such processes share what Python draws when it starts. Run as the script
`python -I nursery.py CONNECTION CHILD`, this is the process that forks.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys

FORKS = sys.platform == "linux"  # elsewhere a fork of a process that has loaded NumPy may not use it


class Nursery:
    """A Wrapper with which a process is not started, but forked; its `start` takes the place of `subprocess.Popen`."""

    def __init__(self) -> None:
        from tito.checker.process import CHILD, ONE_THREAD

        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-X", "utf8", __file__, str(theirs.fileno()), str(CHILD)]
        environment = os.environ | ONE_THREAD
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        self._ended: dict[int, int] = {}  # the exit codes of those that have ended

    def __call__(self, command: list[str]) -> list[str]:
        return command

    def start(self, command: list[str], cwd: os.PathLike[str], pass_fds: tuple[int, int], **_: object) -> Forked:
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


def main() -> None:
    """Fork until the connection is closed."""
    connection, path = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    with open(path, encoding="utf-8") as file:
        child = compile(file.read(), path, "exec")
    import numpy.random  # noqa: F401  so that no fork has to load it

    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    while True:
        ready = select.select([connection, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 1 << 10)
            tell_who_ended(connection)
        if connection in ready:
            asked, fds, *_ = socket.recv_fds(connection, 1 << 16, 3)
            if not asked:
                return
            if os.fork() == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                become(child, path, connection, *json.loads(asked), *fds)
                return
            for descriptor in fds:
                os.close(descriptor)


def tell_who_ended(connection: socket.socket) -> None:
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            connection.send(json.dumps([found[0], os.waitstatus_to_exitcode(found[1])]).encode())
    except ChildProcessError:
        pass


def become(child, path, forker, arguments, cwd, connection, stacks, output) -> None:
    """Be in this process what `python child.py ARGUMENTS` is, with these descriptors."""
    os.setsid()
    os.chdir(cwd)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    _, parent, memory, _, libraries = arguments
    sys.argv = [path, str(connection), parent, memory, str(stacks), libraries]
    forker.send(json.dumps([os.getpid()]).encode())  # it leads its session now
    forker.close()
    space = sys.modules["__main__"].__dict__
    space.update(__file__=path)
    exec(child, space)


if __name__ == "__main__":
    main()
