"""The sandbox: what a student's process sees and may use, and that nothing of it is left."""

import contextlib
import errno
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tito.checker.bridge import Bridge, name
from tito.grader import pool, sandbox, syscalls

from .conftest import PATIENCE, needs_sandbox

ROOT = Path(__file__).parents[2]
NOBODY = 65534
UNPRIVILEGED = """
import json, sys
sys.path.insert(0, {root!r})
from tito.grader import sandbox
print(sandbox.available())
from tito.checker.bridge import Bridge, name
from pathlib import Path
with Bridge(Path({parent!r}), sandbox.sandbox()) as bridge:
    bridge.begin(10)
    print(json.dumps(name("tinytorch.look", "around")()))
"""
LOOK = """
import ctypes
import os
import resource
import socket
import sys

import numpy as np


def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return None


def fails(function, *args):
    try:
        function(*args)
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return ""


def opened(family):
    socket.socket(family, socket.SOCK_DGRAM).close()


def asked(number, *words):
    library = ctypes.CDLL(None, use_errno=True)
    return 0 if library.syscall(number, *words) >= 0 else ctypes.get_errno()


REFUSED = {"keyctl": (250, 0, -3, 0), "add_key": (248,), "request_key": (249,), "io_uring_setup": (425, 1, 0)}
REFUSED |= {"ptrace": (101, 0, 0, 0), "unshare": (272, 0x10000000), "setns": (308, 0, 0), "mount": (165,)}
REFUSED |= {"clone into a user namespace": (56, 0x10000011, 0, 0, 0), "open_tree": (428, -100, 0, 0), "bpf": (321,)}
REFUSED |= {"shmget": (29, 0, 4096, 0o600), "memfd_create": (319, b"x", 0), "clone3": (435, 0, 0)}


def write(path, size=1):
    with open(path, "wb") as file:
        while size > 0:
            size -= file.write(bytes(min(size, 1 << 20)))


def many(count):
    for number in range(count):
        write(f"/tmp/many-{number}", 1 << 20)


def fork_often():
    children = []
    try:
        for _ in range(100):
            child = os.fork()
            if child == 0:
                import time

                time.sleep(30)
            children.append(child)
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def around():
    return {
        "root": listed("/"),
        "folders": {path: listed(path) for path in ("/home", "/root", "/etc", "/proc", "/var", HERE + "/../../tests")},
        "tmp": listed("/tmp"),
        "package": listed(os.path.dirname(__file__)),
        "beside": listed(HERE),
        "environment": dict(os.environ),
        "user": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()],
        "processes": [os.getpid(), os.getppid()],
        "interfaces": [found for found in ("lo", "eth0", "wlan0") if not fails(socket.if_nametoindex, found)],
        "families": [int(family) for family in socket.AddressFamily if not fails(opened, family)],
        "refused": {name: asked(*words) for name, words in REFUSED.items()} if FILTERED else {},
        "programs": listed("/usr/bin"),
        "packages": [found for path in sys.path for found in listed(path) or [] if path.endswith("-packages")],
        "arguments": sys.argv,
        "open": [number for number in range(64) if not fails(os.fstat, number)],
        "writes": {p: fails(write, p + "/x") for p in ("/", "/tmp", "/dev", "/dev/shm", os.path.dirname(__file__), "/usr")},
        "large": fails(write, "/tmp/large", 20 << 20),
        "many": fails(many, 40),
        "memory": fails(np.ones, 3 << 27),
        "forks": fails(fork_often),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
    }
"""


def package(folder):
    """A student's package that looks around."""
    (folder / "tinytorch").mkdir(parents=True)
    (folder / "tinytorch/__init__.py").write_text("")
    (folder / "tinytorch/look.py").write_text(
        LOOK
        + f"\n\nHERE = {str(ROOT / 'tito/checker')!r}\nFILTERED = {platform.machine() == 'x86_64' and not syscalls.lacking()}\n"
    )
    return folder


def judge(seen):
    """What a process in a sandbox must have found."""
    assert not set(seen["root"]) - {"bin", "dev", "lib", "lib64", "tmp", "usr", *on_the_way("/")}
    for folder, inside in seen["folders"].items():
        assert not set(inside or ()) - on_the_way(folder), folder
    assert seen["package"] == ["__init__.py", "look.py"] and seen["beside"] == ["child.py", "wire.py"]
    unwanted = ("TITO", "PATH", "HOME", "USER", "SECRET", "PYTHON")
    assert not any(key.startswith(unwanted) for key in seen["environment"])
    assert seen["processes"][0] < 10 and seen["interfaces"] == ["lo"] and seen["arguments"] == [""]
    assert {"prlimit", "setpriv"} <= set(seen["programs"]) and len(seen["programs"]) <= 3  # and Python, if it is there
    assert set(seen["packages"]) <= set(sandbox.LIBRARIES)
    if not syscalls.lacking():
        assert seen["families"] == [1]  # no internet, no netlink, no vsock, no packets
        no = {**dict.fromkeys(seen["refused"], errno.EPERM), "clone3": errno.ENOSYS}
        assert seen["refused"] == (no if seen["refused"] else {})
    assert len(seen["open"]) == 5  # the standard three, the connection, and where a loop's place is written
    assert [path for path, error in seen["writes"].items() if not error] == ["/tmp"]
    assert seen["large"] and seen["many"] and seen["memory"] == "MemoryError" and seen["forks"] and seen["core"] == 0


def on_the_way(folder):
    """The names in a folder that lead to what is shown: Python, its libraries, and the checker's part of this checkout."""
    shown = [*sandbox.python(), sys.prefix, str(ROOT / "tito/checker"), tempfile.gettempdir()]
    below = [Path(path).relative_to(folder).parts for path in shown if Path(path).is_relative_to(folder)]
    return {parts[0] for parts in below if parts}


@needs_sandbox
def test_what_it_sees_and_what_it_may_use(tmp_path, monkeypatch):
    monkeypatch.setenv("TITO_SECRET", "s3cret")
    with (
        tempfile.TemporaryDirectory(prefix="tito-") as folder,
        Bridge(package(Path(folder) / "x"), sandbox.sandbox()) as bridge,
    ):
        bridge.begin(20)
        seen = name("tinytorch.look", "around")()
        judge(seen)
        checkout = Path(sandbox.__file__).parts[2:3] if sandbox.__file__.startswith("/tmp/") else ()
        assert set(seen["tmp"]) - set(checkout) == {Path(folder).name}
    if os.getuid() == 0:
        assert all(number >= sandbox.FIRST_USER for number in seen["user"][:3]) and seen["user"][3] == []
    else:
        assert seen["user"][0] == os.getuid()


@needs_sandbox
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_as_an_ordinary_user():
    """tito and NumPy are copied to where that user can read them; instead of a Python in root's home he runs the system's."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = next(filter(readable, (sandbox._interpreter(), f"/usr/bin/{version}")), None)
    if python is None:
        pytest.skip(f"an ordinary user cannot run {sandbox._interpreter()}")
    with tempfile.TemporaryDirectory(prefix="tito-") as folder:
        os.chmod(folder, 0o755)
        home = Path(folder)
        shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
        for library in map(Path, sandbox._libraries()):
            shutil.copytree(library, home / "lib" / library.name)
        if filtering := find_spec("pyseccomp"):
            shutil.copy(filtering.origin, home / "lib")
        package(home / "x")
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        script = UNPRIVILEGED.format(root=folder, parent=str(home / "x"))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(home / "lib"), "TITO_SECRET": "x"}
        who = dict(user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", env=environment)
        done = subprocess.run([python, "-c", script], **who, capture_output=True, encoding="utf-8", timeout=PATIENCE)
        problem, _, seen = done.stdout.partition("\n")
        if problem:
            pytest.skip(problem)
        assert not done.returncode, done.stderr
        seen = json.loads(seen)
        seen["beside"] = ["child.py", "wire.py"]  # the copy's
        judge(seen)
        assert seen["user"][0] == NOBODY


def readable(path):
    real = Path(os.path.realpath(path))
    return real.exists() and all(os.stat(folder).st_mode & 1 for folder in [real, *real.parents])


def stopped(script, *arguments):
    """Start a Python that grades something endless, kill it with -9, and give the processes it had started."""
    running = subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout.readline() == "started\n"
        while len(children := descendants(running.pid)) < 5 and running.poll() is None:
            time.sleep(0.05)
    finally:
        running.kill()
        running.communicate()
    return children


def descendants(process):
    found = []
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


LOOPING = """
import sys
from pathlib import Path
from tito.checker.bridge import Bridge, name
from tito.grader import sandbox
with Bridge(Path(sys.argv[1]), sandbox.sandbox()) as bridge:
    bridge.begin(60)
    bridge.call("ready", name("tinytorch.loop", "ready"))
    print("started", flush=True)
    bridge.call("loop", name("tinytorch.loop", "loop"))
"""
LOOP = """
import os
def ready():
    pass
def loop():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
    while True:
        pass
"""


@needs_sandbox
def test_nothing_is_left_when_the_grader_is_killed(tmp_path):
    parent = package(tmp_path / "x")
    (parent / "tinytorch/loop.py").write_text(LOOP)
    children = stopped(LOOPING, str(parent))
    end = time.monotonic() + PATIENCE
    while (left := [child for child in children if alive(child)]) and time.monotonic() < end:
        time.sleep(0.05)
    for child in left:
        os.kill(child, signal.SIGKILL)
    assert children and not left


def test_temporary_folders_of_a_killed_run_are_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for process in (gone.pid, os.getpid()):
        (tmp_path / f"{pool.SCRATCH}{process}-abc" / "tito-x").mkdir(parents=True)
    (tmp_path / f"{pool.SCRATCH}mine").mkdir()
    list(pool.local_pool(1)([]))
    assert sorted(os.listdir(tmp_path)) == sorted([f"{pool.SCRATCH}{os.getpid()}-abc", f"{pool.SCRATCH}mine"])


def test_without_bubblewrap_it_is_said_what_is_not_protected(tmp_path):
    """`tito grade run` does nothing then, unless it is told to."""
    (tmp_path / "bin").mkdir()
    environment = os.environ | {"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(ROOT)}
    script = "from tito.grader.sandbox import sandbox; sandbox()"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8")
    said = done.stderr.strip().splitlines()[-1]
    for part in ("bubblewrap and util-linux is not installed", "--unsandboxed", "files", "network", "leave processes"):
        assert part in said


@needs_sandbox
def test_a_sandbox_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr(sandbox, "READ_ONLY", ["--no-such-option"])
    sandbox._trial.cache_clear()
    try:
        assert "bubblewrap does not work here" in sandbox.available() and "no-such-option" in sandbox.available()
    finally:
        sandbox._trial.cache_clear()
