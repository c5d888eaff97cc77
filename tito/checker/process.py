"""The process that holds the student's package: started, listened to, asked where it is, ended."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy

CHILD = Path(__file__).with_name("child.py")
LIBRARIES = str(Path(numpy.__file__).parents[1])
MEMORY = 2 << 30  # bytes of address space
PRINTED = 4_000  # characters of the student's output that are kept
STACKS = 1 << 16  # bytes that are read where a process says what it is doing
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")  # environment variables the child sees
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Frame = tuple[str, int, str]  # file below the package's parent, line, function


def waited_for_a_processor(process: int | str = "self") -> float:
    """The seconds for which a process wanted to run and another ran; 0 where the system does not tell (Linux does)."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def first_child(process: int) -> int:
    """The first process that a process has started (Linux). Raises OSError or IndexError if there is none."""
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


class Launcher:
    """How a student's process is started: as it is. A sandbox is another."""

    between = 0  # processes that stand between the one that is started and the student's
    started = 0  # how many processes it has started

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start the process; `options` are those of `subprocess.Popen`."""
        self.started += 1
        return subprocess.Popen(command, **options)


class StudentProcess:
    """A child process with the package below `parent`; `connection` is the socket to talk to it."""

    def __init__(self, parent: Path, launcher: Launcher) -> None:
        self.parent = parent
        self._printed = ""
        self._reading = threading.Lock() if os.name == "posix" else contextlib.nullcontext()
        self._stacks = tempfile.TemporaryFile()
        self._between = launcher.between
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD
        command = [sys.executable, "-I", "-X", "utf8", str(CHILD)]
        options = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        options |= dict(env=environment, cwd=parent)
        if os.name == "posix":
            self.connection, theirs = socket.socketpair()
            fds = (theirs.fileno(), self._stacks.fileno())
            command += [f"{fds[0]}", str(parent), str(MEMORY), f"{fds[1]}", LIBRARIES]
            self.child = launcher.start(command, pass_fds=fds, start_new_session=True, **options)
            theirs.close()
        else:  # no descriptors to inherit: the child calls back, and proves with a token that it is the child
            token = secrets.token_bytes(32)
            with socket.create_server(("127.0.0.1", 0)) as server:
                server.settimeout(30)
                command += [f"{server.getsockname()[1]}:{token.hex()}", str(parent), str(MEMORY), "", LIBRARIES]
                self.child = launcher.start(command, **options)
                self.connection = _accept(server, token)
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        """Keep the first of what the child prints and throw the rest away, so that it never waits to be read."""
        pipe = self.child.stdout.fileno()
        while True:
            if os.name == "posix":
                select.select([pipe], [], [])  # here, and not where the lock is held
            with self._reading:  # meanwhile `printed` may have read it all, and nothing more may come
                if (os.name != "posix" or select.select([pipe], [], [], 0)[0]) and not self._read(pipe):
                    return

    def _read(self, pipe: int) -> bool:
        chunk = os.read(pipe, 1 << 16)
        if len(self._printed) < PRINTED:
            self._printed = (self._printed + chunk.decode(errors="replace"))[:PRINTED]
        return bool(chunk)

    @property
    def printed(self) -> str:
        """What it has printed so far, since that was last forgotten; the first of it, if it is much."""
        pipe = self.child.stdout.fileno()
        with self._reading:
            for _ in range(4):  # a pipe holds no more than that; what goes on printing is not waited for
                if os.name != "posix" or not select.select([pipe], [], [], 0)[0] or not self._read(pipe):
                    break
            return self._printed

    def forget_printed(self) -> None:
        if self.printed:
            self._printed = ""

    def waited(self) -> float:
        """The seconds for which the student's code waited for a processor; 0 where the system does not tell."""
        try:
            return waited_for_a_processor(self._student())
        except (OSError, IndexError):
            return 0.0

    def alive(self) -> bool:
        return self.child.poll() is None

    def listens(self) -> bool:
        """Whether it runs and has not said anything that nobody asked."""
        return self.alive() and not select.select([self.connection], [], [], 0)[0]

    def where(self) -> list[Frame]:
        """The package's lines that are running now, outermost first; none where the system cannot tell."""
        if os.name != "posix" or not self.alive():
            return []
        try:
            self._stacks.truncate(0)
            os.kill(self._student(), signal.SIGUSR1)
        except (OSError, IndexError):  # it is just ending
            return []
        for _ in range(200):  # on a busy machine it takes its time
            time.sleep(0.01)
            self._stacks.seek(0)
            frames = []
            for line in self._stacks.read(STACKS).decode(errors="replace").splitlines():
                path, _, rest = line.strip().removeprefix('File "').partition('", line ')
                number, _, name = rest.partition(" in ")
                if path.startswith(str(self.parent)) and number.isdecimal() and len(number) < 7:
                    frames.append((os.path.relpath(path, self.parent), int(number), name))
            if frames:
                return frames[::-1]
        return []

    def _student(self) -> int:
        """The process that runs the student's code: the child, or in a sandbox a child of the processes that keep it."""
        process = self.child.pid
        for _ in range(self._between):
            process = first_child(process)
        return process

    def ending(self) -> str:
        """How the child ended, as a clause: `it ended the Python process, with exit code 0`."""
        try:
            code = self.child.wait(1)
        except subprocess.TimeoutExpired:
            return "it closed the connection to its tests"
        if code < 0:
            return f"it crashed the Python process ({signal.Signals(-code).name})"
        return f"it ended the Python process, with exit code {code}"

    def stop(self) -> None:
        """End the child and everything it started in its session."""
        try:
            if os.name == "posix":
                os.killpg(self.child.pid, signal.SIGKILL)
            else:
                self.child.kill()
        except (ProcessLookupError, PermissionError):
            pass
        self.child.wait()
        self.connection.close()
        self._stacks.close()


def _accept(server: socket.socket, token: bytes) -> socket.socket:
    """The first connection that knows the token."""
    while True:
        connection, _ = server.accept()
        connection.settimeout(5)
        try:
            if secrets.compare_digest(connection.recv(len(token)), token):
                connection.settimeout(None)
                return connection
        except OSError:
            pass
        connection.close()
