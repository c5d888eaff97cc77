"""The sandbox: what a student's process can see and use while its submission is graded (Linux, bubblewrap).

It sees Python, NumPy and the package made of its own submission, all read-only, and a small folder /tmp of its own.
There is no network, no other process, no home, no environment. Limits on memory, processes, files and their size come
on top, and where memory gets short all the same, the kernel ends a student's process first. When the check is over, it
ends whatever the process has left running.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from tito.checker.process import CHILD, ONE_THREAD
from tito.errors import TitoError

LIBRARIES = ("numpy", "numpy.libs", "tqdm")  # what a package of the course may import
LIMITS = {"nproc": 32, "nofile": 64, "fsize": 16 << 20, "core": 0, "cpu": 600}  # processes, files, bytes, bytes, s
SCRATCH = 16 << 20  # bytes in /tmp
READ_ONLY = ["--remount-ro", "/dev", "--remount-ro", "/"]  # the folders that bubblewrap made, which are in memory
FIRST_USER = 200_000  # a sandbox that root starts gets this user id and its worker's process id on top
NEEDED = {"bwrap": "bubblewrap", "prlimit": "util-linux", "setpriv": "util-linux", "choom": "util-linux"}
EXPOSED = "Submissions can then read this machine's files, use the network and leave processes behind"


def available() -> str:
    """What keeps the sandbox from working here, as a clause; empty if nothing does."""
    if not sys.platform.startswith("linux"):
        return "there is a sandbox on Linux only"
    missing = {package for program, package in NEEDED.items() if not shutil.which(program)}
    if missing:
        return f"{' and '.join(sorted(missing))} is not installed"
    return _trial()


@functools.cache
def _trial() -> str:
    """What a sandbox with nothing in it says, if it does not start."""
    command = boxed([_interpreter(), "-I", "-S", "-c", ""], [*python(), *_libraries()])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace")
    said = (done.stderr.strip().splitlines() or ["it ended at once"])[-1]
    return f"bubblewrap does not work here ({said})" if done.returncode else ""


def wrapper() -> Callable[[list[str]], list[str]]:
    """A function that puts a student's process, given as its command line, into a sandbox.

    Raises TitoError where there is none.
    """
    if problem := available():
        raise TitoError(
            f"submissions cannot be isolated: {problem}. --unsandboxed grades them all the same. {EXPOSED}; limits on "
            "time and memory hold, and marks are still made in another process."
        )
    return _sandboxed


def _sandboxed(command: list[str]) -> list[str]:
    rest = command[1:]
    parent = rest[rest.index(str(CHILD)) + 2]  # python -I child.py CONNECTION PARENT …
    if os.geteuid() == 0:
        open_to_all(Path(parent))
    shown = [*python(), *_libraries(), str(CHILD), str(CHILD.with_name("wire.py")), parent]
    return boxed([_interpreter(), "-S", *rest], shown, ["--chdir", parent])


def boxed(command: list[str], shown: list[str], options: Sequence[str] = (), limits: dict = LIMITS) -> list[str]:
    """The command in a sandbox that sees these files and folders; `options` are more of bubblewrap's."""
    return [*_bubblewrap(), *_shown(shown), *options, *_as_user(limits), *command]


def _bubblewrap() -> list[str]:
    bubblewrap = ["choom", "--adjust", "1000", "--"]  # the first to go where memory is short
    bubblewrap += ["bwrap", "--die-with-parent", "--new-session", "--clearenv"]
    bubblewrap += [part for name, value in ONE_THREAD.items() for part in ("--setenv", name, value)]
    bubblewrap += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    for path in ("/usr", "/lib", "/lib64", "/bin"):
        if os.path.islink(path):
            bubblewrap += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            bubblewrap += ["--ro-bind", path, path]
    return [*bubblewrap, "--dev", "/dev", "--perms", "1777", "--size", str(SCRATCH), "--tmpfs", "/tmp"]


def _as_user(limits: dict[str, int]) -> list[str]:
    """The end of bubblewrap's options, and what limits the command that comes next."""
    within = ["prlimit", *(f"--{name}={value}:{value}" for name, value in limits.items())]
    if os.geteuid() != 0:
        return [*READ_ONLY, "--unshare-user", "--", *within]
    user = str(FIRST_USER + os.getpid())  # the kernel counts processes by user: each worker has its own count
    return [*READ_ONLY, "--", *as_user(user), "--bounding-set=-all", *within]


def as_user(user: str) -> list[str]:
    """What makes a command run as another user, who cannot become anybody else. Options of setpriv may follow."""
    drop = ["--clear-groups", "--inh-caps=-all", "--no-new-privs"]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", *drop]


def _shown(paths: list[str]) -> list[str]:
    """Options that show files and folders in their own places, read-only, and nothing else of the folders around."""
    options, made = [], {"/tmp"}
    for path in paths:
        if path.startswith("/usr/"):
            continue
        for folder in map(str, reversed(Path(path).parents[:-1])):
            if folder not in made:
                options += ["--perms", "0755", "--dir", folder]
                made.add(folder)
        options += ["--ro-bind", path, path]
    return options


def open_to_all(folder: Path) -> None:
    """Let the sandbox's user, who is not ours, read what is in a temporary folder."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _interpreter() -> str:
    """The Python that the environment was made from: it knows nothing of what is installed in the environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def python() -> list[str]:
    """The folders of the Python that the environment was made from."""
    return list(dict.fromkeys([os.path.realpath(sys.base_prefix), sys.base_prefix]))


def _libraries() -> list[str]:
    """The folders of the libraries, each on its own, so that nothing else of the environment is seen."""
    folder = Path(find_spec("numpy").origin).parents[1]
    return [str(folder / name) for name in LIBRARIES if (folder / name).exists()]
