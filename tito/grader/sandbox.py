"""The sandbox: what a student's process can see and use while its submission is graded (Linux, bubblewrap).

It sees Python, NumPy and the package made of its own submission, all read-only, and a small folder /tmp of its own.
There is no network, no other process, no home, no environment, no key of whoever grades. A filter refuses the system
calls that nothing here needs (`tito.grader.syscalls`). Limits on memory, processes, files and their size come on top,
and where memory gets short all the same, the kernel ends a student's process first. When the check is over, it ends
whatever the process has left running.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tito.checker.process import CHILD, ONE_THREAD, Launcher, first_child
from tito.errors import TitoError
from tito.grader import syscalls

LINKS = ("/bin", "/lib", "/lib64")  # of the system, if they are links; else folders
LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib32", "/usr/lib64")
PROGRAMS = ("prlimit", "setpriv")  # run inside, before Python
LIBRARIES = ("numpy", "numpy.libs", "tqdm")  # what a package of the course may import
LIMITS = {"nproc": 32, "nofile": 64, "fsize": 16 << 20, "core": 0, "cpu": 600}  # processes, files, bytes, bytes, s
SCRATCH = 16 << 20  # bytes in /tmp
MOST_FILES = 10_000  # files in it, each of which takes memory that SCRATCH does not count
LOOKING = 0.2  # seconds between two looks at their number
READ_ONLY = ["--remount-ro", "/dev", "--remount-ro", "/"]  # the folders that bubblewrap made, which are in memory
FIRST_USER = 200_000  # a sandbox that root starts gets this user id, or a higher one that is nobody's, and its worker's
SUBORDINATE = ("/etc/subuid", "/etc/subgid")  # process id on top
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
    command = boxed([_interpreter(), "-I", "-S", "-c", ""], [*system(), *python(), *_libraries()])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace")
    said = (done.stderr.strip().splitlines() or ["it ended at once"])[-1]
    return f"bubblewrap does not work here ({said})" if done.returncode else ""


def lacking() -> list[str]:
    """What there is not here to keep submissions in, each as a clause."""
    if problem := available():
        return [f"no sandbox: {problem}"]
    missing = [f"no filter of system calls: {problem}" for problem in [syscalls.lacking()] if problem]
    if os.geteuid() != 0 and not _knows("--disable-userns"):
        missing.append("no ban on namespaces in namespaces: bubblewrap is older than 0.8")
    return missing


def sandbox() -> Launcher:
    """What starts a student's process in a sandbox. Raises TitoError where there is none."""
    if problem := available():
        raise TitoError(
            f"submissions cannot be isolated: {problem}. --unsandboxed grades them all the same. {EXPOSED}; limits on "
            "time and memory hold, and marks are still made in another process."
        )
    _forget_keys()
    return Sandbox()


@functools.cache
def _forget_keys() -> None:
    """Give this process, and all that it will start, an empty session keyring."""
    import ctypes
    import platform

    number = {"x86_64": 250, "aarch64": 219}.get(platform.machine())  # of keyctl; 1 is KEYCTL_JOIN_SESSION_KEYRING
    if number:
        ctypes.CDLL(None).syscall(number, 1, None)


class Sandbox(Launcher):
    """Starts a student's process in a sandbox that sees the package it is for."""

    between = 2  # bubblewrap's own

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        rest = command[1:]
        parent = rest[rest.index(str(CHILD)) + 2]  # python -I child.py CONNECTION PARENT …
        if os.geteuid() == 0:
            open_to_all(Path(parent))
        shown = [*system(), *python(), *_libraries(), str(CHILD), str(CHILD.with_name("wire.py")), parent]
        process = super().start(boxed([_interpreter(), "-S", *rest], shown, ["--chdir", parent]), **options)
        threading.Thread(target=_watch, args=(process,), daemon=True).start()
        return process


def _watch(process: subprocess.Popen[bytes]) -> None:
    """End a sandbox that has too many files: bubblewrap bounds their bytes and not their number."""
    while process.poll() is None:
        try:
            there = os.statvfs(f"/proc/{first_child(process.pid)}/root/tmp")
        except (OSError, IndexError):  # it is just beginning, or ending
            there = None
        if there and there.f_blocks * there.f_frsize == SCRATCH and there.f_files - there.f_ffree > MOST_FILES:
            process.kill()
        time.sleep(LOOKING)


class Limited(Launcher):
    """Starts a student's process with the limits that can be had without a sandbox.

    There is none on processes, as it would count all of a user's.
    """

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        limits = [f"--{name}={value}:{value}" for name, value in LIMITS.items() if name != "nproc"]
        return super().start(["prlimit", *limits, *command] if shutil.which("prlimit") else command, **options)


def boxed(
    command: list[str],
    shown: list[str],
    options: Sequence[str] = (),
    limits: dict = LIMITS,
    more_sockets: tuple[int, ...] = (),
) -> list[str]:
    """The command in a sandbox that sees these files and folders.

    `options` are more of bubblewrap's, `more_sockets` families of sockets that it may open beside the usual ones.
    """
    filtered, with_filter = _filtered(command, more_sockets)
    return [*filtered, *_bubblewrap(), *with_filter, *_shown(shown), *options, *_as_user(limits), *command]


def _filtered(command: list[str], more_sockets: tuple[int, ...]) -> tuple[list[str], list[str]]:
    """What opens the filter for bubblewrap, under a number that no descriptor in the command has, and its option."""
    if syscalls.lacking():
        return [], []
    free = next(number for number in "3456789" if number not in command)
    return ["sh", "-c", f'exec "$@" {free}<"$0"', syscalls.path(more_sockets)], ["--seccomp", free]


def _bubblewrap() -> list[str]:
    bubblewrap = ["choom", "--adjust", "1000", "--"]  # the first to go where memory is short
    bubblewrap += ["bwrap", "--die-with-parent", "--new-session", "--clearenv"]
    bubblewrap += [part for name, value in ONE_THREAD.items() for part in ("--setenv", name, value)]
    bubblewrap += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return [*bubblewrap, "--dev", "/dev", "--perms", "1777", "--size", str(SCRATCH), "--tmpfs", "/tmp"]


def _as_user(limits: dict[str, int]) -> list[str]:
    """The end of bubblewrap's options, and what limits the command that comes next."""
    within = ["prlimit", *(f"--{name}={value}:{value}" for name, value in limits.items())]
    if os.geteuid() != 0:
        nested = ["--disable-userns"] if _knows("--disable-userns") else []
        return [*READ_ONLY, "--unshare-user", *nested, "--", *within]
    user = str(_first_user() + os.getpid())  # the kernel counts processes by user: each worker has its own count
    return [*READ_ONLY, "--", *as_user(user), "--bounding-set=-all", *within]


@functools.cache
def _knows(option: str) -> bool:
    """Whether this bubblewrap has an option."""
    done = subprocess.run(["bwrap", "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return option in done.stdout + done.stderr


@functools.cache
def _first_user() -> int:
    """A user id above all that are set aside for somebody's containers."""
    highest = FIRST_USER
    for path in SUBORDINATE:
        try:
            lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        ranges = [line.split(":")[1:] for line in lines if line.count(":") == 2]
        highest = max([highest, *(int(first) + int(count) for first, count in ranges if (first + count).isdecimal())])
    return highest


def as_user(user: str) -> list[str]:
    """What makes a command run as another user, who cannot become anybody else. Options of setpriv may follow."""
    drop = ["--clear-groups", "--inh-caps=-all", "--no-new-privs"]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", *drop]


def _shown(paths: list[str]) -> list[str]:
    """Options that show files and folders in their own places, read-only, and nothing else of the folders around.

    Of Python's packages only those are shown that are named.
    """
    options, made, bound, hidden = [], {"/tmp"}, set(), []
    for path in paths:
        folders = {str(folder) for folder in Path(path).parents}
        if path in LINKS and os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
            continue
        if not os.path.exists(path) or (folders & bound and not folders & set(hidden)):
            continue
        for folder in sorted(folders - {"/"} - made) if not folders & bound else ():
            options += ["--perms", "0755", "--dir", folder]
            made.add(folder)
        options += ["--ro-bind", path, path]
        bound.add(path)
        for packages in _packages(path):
            options += ["--perms", "0755", "--tmpfs", packages]
            hidden.append(packages)
    return [*options, *(part for packages in hidden for part in ("--remount-ro", packages))]


def system() -> list[str]:
    """The libraries of the system, and of its programs those that start Python."""
    return [*LINKS, *LIBRARY_FOLDERS, *(os.path.realpath(shutil.which(program)) for program in PROGRAMS)]


def _packages(folder: str) -> list[str]:
    """The folders of installed packages in Python's own folder, or in the system's."""
    found = {path for pattern in ("*-packages", "python3*/*-packages") for path in Path(folder).glob(pattern)}
    return sorted(str(path) for path in found if path.is_dir() and path.parent.name.startswith("python"))


def open_to_all(folder: Path) -> None:
    """Let the sandbox's user, who is not ours, read what is in a temporary folder."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _interpreter() -> str:
    """The Python that the environment was made from: it knows nothing of what is installed in the environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def python() -> list[str]:
    """The Python that the environment was made from, and its standard library."""
    prefixes = dict.fromkeys([os.path.realpath(sys.base_prefix), sys.base_prefix])
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shared = [str(path) for prefix in prefixes for path in sorted(Path(prefix, "lib").glob("libpython*.so*"))]
    return [_interpreter(), *(f"{prefix}/lib/{name}" for prefix in prefixes), *shared]


def _libraries() -> list[str]:
    """The folders of the libraries, each on its own, so that nothing else of the environment is seen."""
    folder = Path(find_spec("numpy").origin).parents[1]
    return [str(folder / name) for name in LIBRARIES if (folder / name).exists()]
