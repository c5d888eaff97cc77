"""Every attack in attacks/ is graded in the sandbox and gets nothing, and none of them is harmless by itself.

An attack is a file: what it tries, the answers it hands in, and how one sees that it is one. UNPROTECTED says what it
does where nothing protects: in tests that run in the same process as the answers it passes, reads or sees a secret,
writes a file, stops the tests after it, or floods the log; what reads its frame without bounds pays for it; or it gets
through once its defence is lifted. Where that cannot be tried, MET is what the defence says when it meets it.
"""

import ast
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tito.author.lesson import Lesson
from tito.checker import bridge, judge, process, report, runner, wire
from tito.checker.shown import Shown
from tito.export import assemble
from tito.grader import sandbox, syscalls, worker
from tito.grader.job import Job
from tito.grader.pool import local_pool
from tito.grader.worker import grade
from tito.notebook import Cell
from tito.workspace import Workspace

from .conftest import ISOLATED, PATIENCE, needs_sandbox
from .makers import attacks

ROOT = Path(__file__).parents[2]
MODULE = Workspace(ROOT).module("01")
ANSWERS = {cell.exercise: cell.source for cell in Lesson(MODULE).cells() if cell.exercise}
HANDED_OUT = (MODULE.original / "tensor.ipynb").read_text(encoding="utf-8")
CELLS = json.loads(HANDED_OUT)["cells"]
SECRET = "s3cret-of-the-grader"
LIMIT, LIMIT_AFTER = 2.5, 0.5  # seconds a test may take here, so that what never ends does not take long
STANDS_STILL = 5  # seconds after which a test that takes none otherwise is taken to have been stopped
MEMORY = 450 << 10  # kilobytes that grading may need at its worst, whatever comes back


ATTACKS = attacks()
SHOWN = [a for a in ATTACKS if a.unprotected in ("passes", "ends with 0", "reads", "sees", "writes", "stops", "floods")]
SEED = 20_261_123
MUCH = 100_000  # bytes: the most that is kept of a submission, and less than a flood
SPOILS = {  # what these do, they do to their own submission as a whole
    "patch_builtins": "no other mark",
    "patch_numpy": "the marks of what uses NumPy",
    "patch_the_other_side": "the marks of exercises whose tests use helpers",
    "replaced_helpers": "the marks of exercises whose tests use helpers",
    "compile_hook": "the marks of what makes classes",
    "small_numbers": "the marks of what counts to 251",
    "socket_thread": "the marks of exercises whose questions its threads take",
}


def notebook(cells=()):
    """A submission that is right, but for these cells."""
    found = json.loads(HANDED_OUT)
    for cell in found["cells"]:
        mark = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if mark in ANSWERS:
            cell["source"] = dict(cells).get(mark, ANSWERS[mark])
    return json.dumps(found).encode()


def job(data, student="mallory"):
    return Job(str(ROOT), MODULE.key, student, data, {}, "key", SEED, sandboxed=ISOLATED)


def marks(result):
    return {exercise.name: exercise.earned for exercise in result.found.exercises}


@pytest.fixture(scope="session")
def full():
    """The marks of a submission that is right."""
    return marks(grade(job(notebook())))


@pytest.fixture(scope="session")
def without():
    """The marks of a submission that is right, but has these exercises still blank."""
    blanks = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["source"] for cell in CELLS}
    known = {}

    def find(names):
        if names not in known:
            known[names] = marks(grade(job(notebook({name: blanks[name] for name in names}))))
        return known[names]

    return find


@pytest.fixture
def impatient(monkeypatch):
    begin = bridge.Bridge.begin
    monkeypatch.setattr(bridge.Bridge, "begin", lambda self, limit, first=True: begin(self, min(limit, LIMIT), first))
    monkeypatch.setattr(runner, "LIMIT_AFTER", LIMIT_AFTER)


@pytest.fixture
def noticed(monkeypatch):
    """What the grader noticed of what came back: frames that are none, errors, what ran out of time."""
    loss, exception, where = bridge.Bridge._loss, bridge._exception, process.StudentProcess.where
    found = []

    def lost(self, error):
        problem = loss(self, error)
        found.append(f"{error}: {problem}")
        return problem

    def raised(failure):
        found.append(f"{failure['types'][:1]}: {failure['message']}")
        return exception(failure)

    def stands(self):
        found.append(f"{os.fstat(self._stacks.fileno()).st_size} bytes of stacks")  # `where` empties the file
        return where(self)

    monkeypatch.setattr(bridge.Bridge, "_loss", lost)
    monkeypatch.setattr(bridge, "_exception", raised)
    monkeypatch.setattr(process.StudentProcess, "where", stands)
    return found


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A secret in a file, in the environment, and behind two sockets; and a file that is not to be written."""
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("TITO_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        name = f"tito-test-{secrets.token_hex(4)}"
        abstract.bind(f"\0{name}")
        abstract.listen()
        for listener in (server, abstract):
            threading.Thread(target=tell, args=(listener,), daemon=True).start()
        port = server.getsockname()[1]
        yield dict(SECRET=tmp_path / "secret", WITNESS=tmp_path / "witness", PORT=port, ABSTRACT=name, ROOT=ROOT)
        for listener in (server, abstract):
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def tell(listener):
    try:
        while True:
            connection, _ = listener.accept()
            connection.sendall(SECRET.encode())
            connection.close()
    except OSError:
        pass


def left_running():
    """Processes of a sandbox that this process started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            alive = path.with_name("stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            continue
        if alive and any(word.startswith(TEMPORARY.encode()) for word in words):
            found.append(words)
    return found


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory, monkeypatch):
    """Temporary folders of this process only, by which its sandboxes are known."""
    global TEMPORARY
    TEMPORARY = str(tmp_path_factory.getbasetemp() / "sandboxes")
    Path(TEMPORARY).mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", TEMPORARY)


def test_there_are_enough():
    assert len(ATTACKS) >= 105
    assert all(attack.tries and attack.cells and (attack.unprotected or attack.met) for attack in ATTACKS)


def gained(attack, result):
    """What an attack has got for itself, in words."""
    found = marks(result) if result.report else {}
    if any(found.get(name) for name in attack.cells):
        yield "marks"
    if result.problem:
        yield f"an end to the grading of all: {result.problem}"
    try:
        text = result.to_json()
        text.encode()
    except UnicodeError:
        yield "a result that cannot be kept"
        return
    yield from (word for word in (SECRET, "SEEN", "EXPECTED") if word in text)
    if len(text) >= MUCH:
        yield "a large result"
    for exercise in result.found.exercises if result.report else ():
        shown = Shown.of(exercise)
        if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", "\n".join(shown.lines)):
            yield "control characters"
        if re.search("<script|<img", shown._repr_html_()):
            yield "a script"
        if not report.summary(exercise).isprintable():
            yield "a line that is none"


def memory(what):
    """A figure of the kernel's about this process, in kilobytes."""
    return int(re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])


@needs_sandbox
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gets_nothing(attack, without, places, impatient, noticed):
    began, before = time.monotonic(), memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # which sets VmHWM, the most there was, back to what there is
    result = grade(job(notebook(attack.filled(**places))))
    took, needed = time.monotonic() - began, memory("VmHWM") - before
    assert not list(gained(attack, result))
    found = marks(result)
    assert found.keys() >= attack.cells.keys()
    assert re.search(attack.met, "\n".join([*noticed, result.to_json()]))
    if attack.name not in SPOILS:  # the others have what they have beside a blank
        assert all(found[name] >= earned for name, earned in without(tuple(attack.cells)).items())
    assert took < PATIENCE
    assert needed < MEMORY
    deadline = time.monotonic() + PATIENCE
    while left_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left_running()
    assert not places["WITNESS"].exists()
    assert not os.listdir(TEMPORARY)


@needs_sandbox
def test_other_submissions_keep_their_marks(full):
    """Attacks and right submissions in one run, on two workers."""
    chosen = [attack for attack in ATTACKS if attack.name in ("patch_builtins", "exit", "forged_errors")]
    jobs = []
    for number, attack in enumerate(chosen):
        jobs += [job(notebook(attack.cells), attack.name), job(notebook(), f"student {number}")]
    found = {result.student: result for result in local_pool(2)(jobs)}
    assert len(found) == len(jobs) and not any(result.problem for result in found.values())
    assert all(marks(found[f"student {number}"]) == full for number in range(len(chosen)))


# the same attacks where nothing protects: answers and tests in one process, as in a notebook that grades itself

PLAIN = {
    "broadcast_shapes": "assert broadcast_shapes((2, 3), (3,)) == (2, 3)",
    "contiguous_strides": "assert contiguous_strides((2, 3), 4) == (12, 4)",
    "mean": "assert Tensor([1, 2, 6]).mean() == 3",
    "eye": "assert_close(Tensor.eye(2), [[1, 0], [0, 1]])",
}
HOLDS = """
    out, space = Tensor.eye(2), {}
    getattr(sys.modules["__main__"], "exec", exec)("def holds(x): return False", space)
    assert space["holds"](out)
"""  # as a runner sends a helper to where the answers are
ASKED = {  # what another test asks, which is the one that this attack is made for
    "masked_array": "np.testing.assert_allclose(Tensor.eye(2), [[1, 0], [0, 1]])",
    "small_numbers": "assert Tensor([1, 2, 6]).mean() == 251",
    "every_error": "with pytest.raises(ValueError, match='negative'):\n        Tensor.eye(-1)",
    "infinity_everywhere": "out = Tensor.eye(2)\n    assert_close(out, 2 * out)",
    "nan_flood": "out = Tensor.eye(2)\n    assert_close(out, out + 1)",
    "patch_builtins": "found = Tensor([1, 2, 6]).mean()\n    assert abs(found - 3) < 1e-6",
    "patch_the_other_side": "flat = Tensor([[1.0]]).flatten()\n    assert np.shares_memory(np.ones(3), flat.array)",
    "replaced_helpers": HOLDS.strip(),
    "compile_hook": "class Pair(tuple):\n        pass\n    assert Pair(contiguous_strides((2, 3), 4)) == Pair((12, 4))",
}
IN_A_SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
assert shell.run_cell("from tinytorch.tensor import *").success
result = shell.run_cell("assert Tensor.eye(2) is not None")
raise SystemExit(result is not None and not result.success)
"""
HONEST = "def test_honest():\n    assert_close(1 - Tensor([1, 2]), [0, -1])\n"  # of another exercise, which is right
HELPER = """
import numpy as np

def assert_close(actual, expected):
    np.testing.assert_allclose(np.asarray(actual), expected)
"""


@needs_sandbox  # a machine that cannot isolate them is not to be attacked
@pytest.mark.parametrize("attack", SHOWN, ids=lambda attack: attack.name)
def test_it_succeeds_where_nothing_protects(attack, places, tmp_path):
    cells = attack.filled(**places)
    sources = [cell for cell in Lesson(MODULE).cells() if cell.exported or cell.exercise]
    sources = [Cell(n, "code", cells.get(cell.exercise, cell.source)) for n, cell in enumerate(sources)]
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch/__init__.py").touch()
    (tmp_path / "tinytorch/tensor.py").write_text(assemble(sources, "tensor.ipynb", "tensor").text)
    (tmp_path / "checks.py").write_text(HELPER)
    asked = ASKED.get(attack.name)
    tests = [f"def test_{name}():\n    {asked or PLAIN[name]}\n" for name in cells]
    heading = "import sys\nimport numpy as np\nimport pytest\nfrom tinytorch.tensor import *\nfrom checks import assert_close\n\n"
    (tmp_path / "test_plain.py").write_text(heading + "\n".join([*tests, HONEST]))
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "test_plain.py"]
    if attack.name == "ipython":
        command = [sys.executable, "-c", IN_A_SHELL]
    quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        options = dict(cwd=tmp_path, env=os.environ | quick, stdin=subprocess.DEVNULL, stdout=log)
        running = subprocess.Popen(command, **options, stderr=subprocess.STDOUT)
        ended = end_of(running, tmp_path / "log", f"::test_{next(iter(cells))} ", attack.unprotected == "stops")
    size = (tmp_path / "log").stat().st_size
    output = (tmp_path / "log").read_bytes()[:MUCH].decode(errors="replace")
    if attack.name == "ipython":
        assert output == ""
    elif attack.unprotected == "passes":
        assert all(f"test_{name} PASSED" in output for name in cells), output
    elif attack.unprotected == "ends with 0":
        assert ended == 0
    elif attack.unprotected == "stops":
        assert "test_honest PASSED" not in output
    elif attack.unprotected == "floods":
        assert size > MUCH
    elif attack.unprotected == "writes":
        deadline = time.monotonic() + PATIENCE
        while not places["WITNESS"].exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert places["WITNESS"].exists()
    else:
        assert (SECRET if attack.unprotected == "reads" else "SEEN") in output


def end_of(running, log, begun, stops):
    """The exit code of what is running; None if it `stops` where its log says that it has begun, and has to be ended."""
    with running:
        deadline = time.monotonic() + STANDS_STILL  # it may stop where it is imported
        while stops and begun.encode() not in log.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        try:
            return running.wait(STANDS_STILL if stops else PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()


@pytest.mark.parametrize(
    "name", [attack.name for attack in ATTACKS if attack.unprotected == "dies where it is printed"]
)
def test_it_cannot_be_written_out(name):
    (cell,) = next(attack for attack in ATTACKS if attack.name == name).cells.values()
    with pytest.raises(RecursionError):
        ast.unparse(ast.parse(cell))


# the same attacks where the one defence is lifted that keeps them off


def no_filter(patch):
    with contextlib.suppress(AttributeError, OSError):
        socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()
        return patch.setattr(syscalls, "lacking", lambda: "off")
    pytest.skip("needs a kernel with sockets to its cryptography: modprobe algif_hash")


def unclean(patch):
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("tito.") and hasattr(module, "visible"):
            patch.setattr(module, "visible", lambda text: text)


def patient(patch):
    """Each byte may take as long as a test, and a submission not much longer."""
    patch.setattr(bridge.Bridge, "_left", lambda self: LIMIT)
    patch.setattr(worker, "PATIENCE", 8)


def any_line(file, number, function, source, package):
    return (package.parent / file).read_text().splitlines()[number - 1 : number]


LIFTED = {
    "disk": lambda patch: patch.setattr(sandbox, "SCRATCH", 64 << 20),
    "fork_bomb": lambda patch: patch.setitem(sandbox.LIMITS, "nproc", 200),
    "thread_bomb": lambda patch: patch.setitem(sandbox.LIMITS, "nproc", 200),
    "memory_bomb": lambda patch: patch.setattr(process, "MEMORY", 8 << 30),
    "escapes": unclean,
    "kernel_crypto": no_filter,
    "slow_frame": patient,
    "guessed_seed": lambda patch: patch.setattr(sys.modules[__name__], "SEED", 7),
    "lines_of_other_files": lambda patch: patch.setattr(judge, "_line", any_line),
}


def test_every_defence_that_can_be_lifted_is_tried():
    assert LIFTED.keys() == {attack.name for attack in ATTACKS if attack.unprotected == "gets through"}


@needs_sandbox
@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.name in LIFTED], ids=lambda attack: attack.name)
def test_it_gets_through_where_its_defence_is_lifted(attack, places, impatient, monkeypatch):
    LIFTED[attack.name](monkeypatch)
    result = grade(job(notebook(attack.filled(**places))))
    assert list(gained(attack, result))
    assert bool(result.problem) == (attack.name == "slow_frame")  # the others are graded, and still get something


# the notebook itself


def spoilt(change):
    """A right submission, but for a change to it."""
    found = json.loads(notebook())
    change(found)
    return json.dumps(found).encode()


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


NOTEBOOKS = {
    "half a character": (lambda nb: nb["cells"][0].update(source="\ud800 \udfff"), ""),
    "carriage returns": (lambda nb: nb["cells"].insert(5, code("#| export\rx = 1\r\r\ry = 2\r")), ""),
    "deep metadata": (lambda nb: nb["metadata"].update(x=nested(200)), "nested too deeply"),
    "very deep": (lambda nb: nb["cells"][3].update(outputs=nested(900)), "nested too deeply"),
    "a megabyte of code": (lambda nb: nb["cells"].append(code("1\n" * 500_000)), "256 KB at most"),
    "deep code": (lambda nb: nb["cells"].append(code("#| export\n" + "(" * 50_000)), None),
    "deep attributes": (lambda nb: nb["cells"].append(code("#| export\na" + ".a" * 100_000)), None),
    "odd cells": (lambda nb: nb["cells"].append({"cell_type": [1], "source": "x", "metadata": 5, "id": {}}), ""),
    "an odd format": (lambda nb: nb.update(nbformat_minor="x", metadata=3), ""),
}


def code(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, "id": "new"}


@pytest.mark.parametrize("what", NOTEBOOKS)
def test_a_notebook_with(what, full, impatient):
    change, problem = NOTEBOOKS[what]
    result = grade(job(spoilt(change)))
    result.to_json().encode()
    if problem is None:
        assert result.problem or marks(result) == full
        assert "grading it failed" not in result.problem
    elif problem:
        assert problem in result.problem
    else:
        assert not result.problem and marks(result) == full


def test_a_number_of_thousands_of_digits():
    result = grade(job(notebook()[:-1] + b', "x": ' + b"9" * 10_000 + b"}"))
    assert "too many digits" in result.problem


# what a small answer would cost, were it not bounded before anything is made of it

COSTLY = [attack for attack in ATTACKS if attack.unprotected == "costs"]
BOUNDS = [name for name, value in vars(wire).items() if name.isupper() and isinstance(value, int)]
READ = """
import io, json, re, resource, signal, sys, time
import numpy as np
from tito.checker import values, wire
from tito.errors import visible

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
sys.set_int_max_str_digits(0)
if sys.argv[3:]:
    for name in sys.argv[3:]:
        setattr(wire, name, float("inf"))
    wire.DTYPE = re.compile(".*", re.DOTALL)
    if b"|S0" in open(sys.argv[1], "rb").read():
        made = lambda parts, frame: np.ndarray(parts[1], parts[0], frame.blob)
        wire.BY_TAG["array"] = wire.BY_TAG["array"]._replace(unpack=made)
    values.MOST_SHOWN_AXES, values._head = 99, lambda value, left: value
frame = open(sys.argv[1], "rb")
frame.recv = frame.read
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
signal.setitimer(signal.ITIMER_PROF, float(sys.argv[2]))  # after so much of its own time it is ended
before, began = peak(), time.process_time()
try:
    (_, _, value), _ = wire.receive(frame, lambda *parts: None)
    values.show(value)
    visible(str(value)) if type(value) is str else None
    value.tolist() if isinstance(value, np.ndarray) else None
except wire.Unreadable:
    pass
print(json.dumps([time.process_time() - began, peak() - before]))
"""


class Caught(socket.socket):
    """A socket that keeps what is sent through it."""

    def sendall(self, data):
        self.data = data
        raise InterruptedError


def sent(attack):
    """The frame that an attack sends."""
    space = {"extend": lambda owner: lambda function: function, "Tensor": None, "np": np}
    exec(attack.cells["eye"].replace("@classmethod", ""), space)
    with Caught() as connection:

        def asking(question):
            with contextlib.suppress(InterruptedError):
                space["eye"](None, 2)

        space["gc"] = SimpleNamespace(get_objects=lambda: [connection])
        asking(7)
        return connection.data


@pytest.mark.parametrize("attack", COSTLY, ids=lambda attack: attack.name)
def test_it_costs_much_where_nothing_bounds_it_and_little_here(attack, tmp_path):
    (tmp_path / "frame").write_bytes(sent(attack))

    def cost(most, *lifted):
        command = [sys.executable, "-c", READ, str(tmp_path / "frame"), str(most), *lifted]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        assert not done.returncode or lifted, done.stderr
        return json.loads(done.stdout) if not done.returncode else [float("inf")] * 2  # it ran out of memory or time

    seconds, memory = cost(2)
    assert memory < 150 << 10
    much = max(2.5 * seconds, 0.2)
    without = cost(1.2 * much, *BOUNDS)
    assert without[0] > much or without[1] > memory + (20 << 10), (seconds, memory, without)
