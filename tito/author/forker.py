"""The process that forks, where student's processes are forks: `python -I forker.py CONNECTION CHILD`."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import types


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


def become(
    child: types.CodeType,
    path: str,
    forker: socket.socket,
    arguments: list[str],
    cwd: str,
    connection: int,
    stacks: int,
    output: int,
) -> None:
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
