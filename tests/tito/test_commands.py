"""The commands as a person types them: what they print, what they leave behind, how they end."""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tito import cli

from .conftest import PATIENCE, unprivileged

ROOT = Path(__file__).parents[2]
TENSOR = "modules/01_tensor/tensor.ipynb"
SCHEMAS = (ROOT / "book/json.md").read_text(encoding="utf-8")
WRONG = {
    "multiply": "#| export\n@extend(Tensor)\ndef __mul__(self, other):\n    return self.apply(np.add, self, other)\n",
    "ramp": "#| export\ndef ramp(n):\n    return Tensor(range(1, n + 1))\n",
}


def documented(heading):
    """The fields that book/json.md lists under a heading: `exercises[].name`."""
    section = SCHEMAS.partition(f"## `tito {heading}")[2].partition("\n## ")[0]
    fields = set()
    for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        fields |= {first} | {first.rpartition(".")[0] + name if name.startswith(".") else name for name in others}
    return fields


def fields(value, name=""):
    """The names of all that is in a JSON value, written as in book/json.md."""
    if isinstance(value, list):
        return {found for item in value for found in fields(item, f"{name}[]")}
    if not isinstance(value, dict):
        return set()
    prefix = f"{name}." if name else ""
    return {f"{prefix}{key}" for key in value} | {f for key in value for f in fields(value[key], f"{prefix}{key}")}


# status


def test_status_says_where_you_are_and_fits_80_columns(student):
    student.fill(ramp=WRONG["ramp"])
    student.tito("check", "01", code=1)
    output = student.tito("status", code=0, env={"COLUMNS": "80"})
    assert output == student.tito(code=0, env={"COLUMNS": "80"})
    assert output.splitlines()[:4] == [
        "TinyTorch   0 of 2 modules · 1 of 9 exercises",
        "",
        "  01 tensor      ■□            1/2    ← you are here",
        "  02 autograd    locked until 01 passes",
    ]
    assert f"Next: exercise ramp in {TENSOR}" in output and "tito start" in output
    assert max(map(len, output.splitlines())) <= 80 and "\x1b" not in output


def test_status_when_everything_passes_and_after_a_change(student):
    student.fill()
    student.tito("check", code=0)
    student.fill("02")
    assert "That was the last module." in student.tito("check", code=0)
    handed_out = student.root / ".tito-release.json"
    handed_out.write_text("{}")
    assert "the last module of this hand-out. If the course goes on" in student.tito("check", code=0)
    handed_out.unlink()
    output = student.tito(code=0)
    assert "2 of 2 modules · 9 of 9 exercises" in output and "Every module passes" in output
    assert json.loads(student.tito("status", "--json", code=0))["next"] is None
    progress = json.loads(student.progress.read_text())
    for key, days in (("01_tensor", 1), ("02_autograd", 3)):
        entry = progress["modules"][key]
        entry["passed"] = (datetime.fromisoformat(entry["passed"]) - timedelta(days=days)).isoformat()
    student.progress.write_text(json.dumps(progress))
    student.fill(ramp=WRONG["ramp"])
    output = student.tito(code=0)
    assert "1/2    passed yesterday, changed since" in output and "7/7    passed 3 days ago\n" in output


def test_status_as_json_is_as_documented(student):
    student.fill(ramp=WRONG["ramp"])
    student.tito("check", "01", code=1)
    (student.root / "modules/02_autograd/autograd.ipynb").write_text("")
    status = json.loads(student.tito("status", "--json", code=0))
    assert status["schema"] == "tito.status/1" and "`tito.status/1`" in SCHEMAS
    assert fields(status) - {"schema", "next.module", "next.exercise"} == documented("status --json")
    assert status["next"] == {"module": "01_tensor", "exercise": "ramp"}
    first, second = status["modules"]
    assert first == {
        "module": "01_tensor",
        "part": "Part I: a framework",
        "exercises": ["multiply", "ramp"],
        "done": ["multiply"],
        "passed": None,
        "changed": False,
        "locked": False,
        "problem": None,
        "blanked": 0,
    }
    assert second["locked"] is True and "is empty" in second["problem"]
    student.fill()
    student.tito("check", "01", code=0)
    passed = json.loads(student.tito("status", "--json", code=0))["modules"][0]["passed"]
    assert abs(datetime.fromisoformat(passed).timestamp() - time.time()) < 120 and passed.endswith("+00:00")


# check


def test_check_as_json_is_as_documented(student):
    student.fill(**WRONG)
    report = json.loads(student.tito("check", "01", "--json", code=1))
    assert report["schema"] == "tito.check/1" and "`tito.check/1`" in SCHEMAS
    own = {found for found in fields(report) if found.count(".") < 2 and found not in ("schema", "exercises")}
    assert own == documented("check --json")
    listed = SCHEMAS.partition("`exercises[].failure`")[2].partition("\n")[0]
    multiply, ramp = report["exercises"]
    assert set(re.findall(r"`(\w+)`", listed)) <= set(multiply["failure"])
    assert (report["passed"], report["points"], report["earned"], report["next"]) == (False, 3, 0, "multiply")
    assert multiply["status"] == "failed" and multiply["mistake"] == "That adds the values."
    assert multiply["behaviours"] == {"values meet": False, "a number meets every value": False}
    assert multiply["failure"]["call"] == "Tensor([1, 2]) * Tensor([3, 4])"
    assert multiply["failure"]["returned"] == "Tensor([4. 6.])" and multiply["failure"]["expected"] == "[3 8]"
    assert ramp["mistake"] == "Counting starts at 0, not at 1."
    student.fill()
    report = json.loads(student.tito("check", "01", "--json", code=0))
    assert report["passed"] is True and report["earned"] == 3 and report["next"] is None


def test_check_says_what_was_called_what_came_back_and_what_helps(student):
    student.fill(**WRONG)
    output = student.tito("check", "01", code=1)
    for text in (
        "01 tensor   0 of 2 exercises · 0 of 3 points",
        "✗ multiply   0 of 2",
        "Tensor([1, 2]) * Tensor([3, 4])",
        "returned   Tensor([4. 6.])",
        "expected   [3 8]",
        "That adds the values.",
        "tito hint multiply",
        f"Next: exercise multiply in {TENSOR}",
    ):
        assert text in output
    assert max(map(len, output.splitlines())) <= 80


def test_a_pass_exports_the_package_and_names_what_opens(student):
    student.fill()
    output = student.tito("check", code=0)
    assert "All of it passes" in output and "02 autograd is open" in output and "tito demo --mine 01" in output
    assert "def __mul__(self, other):" in student.text("tinytorch/tensor.py")
    gathered = student.text("tinytorch/__init__.py").splitlines()[4:]
    assert gathered[0] == "from tinytorch.tensor import *" and gathered[1:] in ([], ["from tinytorch.names import *"])


# hint, solution, reset, start


def test_hints_come_one_at_a_time(student):
    first = student.tito("hint", "multiply", code=0)
    assert first == "multiply, hint 1 of 2\n\n  Everything goes through `apply`.\n\nMore: tito hint multiply\n"
    second = student.tito("hint", "multiply", code=0)
    assert "multiply, hint 2 of 2" in second and "`np.multiply` is the operation." in second and "More" not in second
    assert "multiply, hint 1 of 2" in student.tito("hint", "multiply", code=0)
    assert "multiply, hint 2 of 2" in student.tito("hint", "multiply", "2", code=0)
    assert "multiply has 2 hints; there is no hint 3" in student.tito("hint", "multiply", "3", code=2)
    assert "multiply has 2 hints; there is no hint 0" in student.tito("hint", "multiply", "0", code=2)
    assert "did you mean multiply?" in student.tito("hint", "multipy", code=2)
    assert "twice has no hints" in student.tito("hint", "twice", code=2)


def test_a_hint_without_a_name_is_of_the_exercise_that_is_next(student):
    assert "multiply, hint 1 of 2" in student.tito("hint", code=0)
    assert "multiply, hint 2 of 2" in student.tito("hint", code=0)
    assert "multiply, hint 1 of 2" in student.tito("hint", "1", code=0)
    (student.root / ".tito/hints.json").write_text("[]")
    assert "multiply, hint 1 of 2" in student.tito("hint", code=0)
    student.fill()
    student.tito("check", "--exercise", "multiply", code=0)
    student.tito("check", "--exercise", "ramp", code=0)
    assert "all exercises of 01 tensor are done: `tito check 01`" in student.tito("hint", code=2)


def test_a_mistyped_command_gets_the_nearest_one(student):
    assert "there is no command `tito chek`; did you mean `tito check`?" in student.tito("chek", code=2)
    assert "did you mean `tito grade collect`?" in student.tito("grade", "colect", code=2)
    assert "`tito --help` lists what there is" in student.tito("zzz", code=2)


@pytest.mark.parametrize("command", ["check", "reset", "solution"])
def test_a_mistyped_exercise_gets_the_nearest_one(student, command):
    for words, said in {
        ("01", "rmap"): "01 tensor has no exercise rmap; did you mean ramp?",
        ("1", "zzz"): "01 tensor has no exercise zzz; it has: multiply, ramp.",
        ("tensor", "twice"): "01 tensor has no exercise twice; 02 autograd has it.",
        ("rmap",): "there is no exercise rmap; did you mean ramp?",
        ("tensr",): "there is no exercise tensr; did you mean tensor?",
        ("zzz",): "there is no exercise zzz; `tito check` lists those of the module that you are in.",
    }.items():
        assert student.tito(command, *words, code=2).strip() == said
    assert not (student.root / ".tito/backups").exists()


@pytest.mark.parametrize(
    "named, more", [("check", "--jsn"), ("check", "01 ramp more"), ("grade run", "01 --agian"), ("", "--verbose")]
)
def test_what_a_command_does_not_take_is_named_with_the_command(student, named, more):
    command, wrong = f"tito {named}".strip(), more.split()[-1]
    said = student.tito(*named.split(), *more.split(), code=2)
    assert said == f"`{command}` takes no `{wrong}`; `{command} --help` says what it takes.\n"


def test_a_command_with_commands_of_its_own_says_which(student):
    assert student.tito("grade", code=0) == student.tito("grade", "--help", code=0)


def test_what_needs_the_answers_is_offered_where_they_are(student, monkeypatch):
    assert "solution" in student.tito("--help", code=0)
    monkeypatch.setattr(cli, "_answers_are_here", lambda: False)
    text = cli.parser(["--help"]).format_help()
    assert "solution" not in text and "build" not in text and "watch" in text


def test_the_solution_is_refused_until_the_module_passes(student, built_course):
    shutil.copytree(built_course / "solutions", student.root / "solutions")
    output = student.tito("solution", "01", code=2)
    assert "the answers of 01 tensor are shown once it passes: 0 of 2 exercises are done" in output
    assert "locked until 01 tensor passes" in student.tito("solution", "02", code=2)
    student.fill()
    student.tito("check", "01", code=0)
    output = student.tito("solution", "01", code=0)
    assert "multiply\n\n@extend(Tensor)\ndef __mul__" in output and "return Tensor(range(n))" in output
    assert "###" not in output and "#|" not in output
    output = student.tito("solution", "01", "ramp", code=0)
    assert "def ramp(n):" in output and "multiply" not in output
    assert student.tito("solution", "ramp", code=0) == output
    shutil.rmtree(student.root / "solutions")
    assert "the answers are not in this workspace" in student.tito("solution", "01", code=2)


def test_a_reset_keeps_a_backup_and_can_be_of_one_exercise(student):
    handed_out = (student.root / "modules/.original/01_tensor/tensor.ipynb").read_bytes()
    student.fill()
    mine = student.notebook.read_bytes()
    output = student.tito("reset", "01", "ramp", code=0)
    assert f"Exercise ramp in {TENSOR} is as it was handed out." in output
    (backup,) = (student.root / ".tito/backups").iterdir()
    assert backup.read_bytes() == mine and f".tito/backups/{backup.name}" in output
    notebook = student.read()
    assert "Your code here" in "".join(student.cell(notebook, "ramp")[1]["source"])
    assert "np.multiply" in "".join(student.cell(notebook, "multiply")[1]["source"])
    student.tito("reset", "01", code=0)
    assert student.notebook.read_bytes() == handed_out and len(list((student.root / ".tito/backups").iterdir())) == 2
    assert f"Exercise ramp in {TENSOR} is as it was handed out." in student.tito("reset", "ramp", code=0)


def test_start_says_what_it_would_open(student):
    assert student.tito("start", "--print", code=0) == f"{TENSOR}\n"
    assert student.tito("start", "tensor", "--print", code=0) == f"{TENSOR}\n"
    (student.root / "deep/down").mkdir(parents=True)
    assert student.tito("start", "--print", code=0, cwd=student.root / "deep/down") == f"{TENSOR}\n"


# watch


class Terminal:
    """A process in a terminal of its own, as a person sees it and types into it."""

    def __init__(self, folder, *command, columns=80, rows=40):
        import pty

        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
            environment |= {"COLUMNS": str(columns), "LINES": str(rows)}
            os.execve(sys.executable, [sys.executable, "-m", "tito", *command], environment)

    def wait_for(self, text, seconds=PATIENCE):
        """Read until this text is there; what came since the last time."""
        end = time.monotonic() + seconds
        while text not in self.text and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 1 << 16).decode(errors="replace")
                except OSError:  # the process is gone
                    break
        assert text in self.text, self.text
        before, _, self.text = self.text.partition(text)
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def ends(self, seconds=PATIENCE):
        """Wait for the end; its exit code, and what was written until then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if select.select([self.fd], [], [], 0.05)[0]:
                    self.text += os.read(self.fd, 1 << 16).decode(errors="replace")
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status), self.text
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"still running: {self.text}")


def lines_in(terminal):
    """What it has written when it ends, without colours."""
    return re.sub(r"\x1b\[\d*m", "", terminal.ends()[1]).splitlines()


@pytest.mark.parametrize("columns", [60, 80])
def test_nothing_is_wider_than_the_terminal(student, columns):
    pytest.importorskip("pty", reason="needs a pseudo-terminal, which Python makes on Linux and macOS only")
    student.fill(**WRONG)
    name = "wrongs_the_values_of_a_tensor_that_somebody_else_has_made_and_goes_on_for_longer_than_any_line_is"
    test = student.modules[0].tests / "test_multiply.py"
    test.write_text(test.read_text().replace("def test_", f"def test_{name}_", 1))
    for command in (
        (),
        ("check", "01"),
        ("check", "multiply"),
        ("hint", "multiply"),
        ("check", "ramp", "ramp"),
        ("start", "2"),
        ("export", "01"),
        ("doctor",),
        ("reset", "01", "ramp"),
        ("restore", "01"),
    ):
        lines = lines_in(Terminal(student.root, *command, columns=columns))
        wide = [line for line in lines if len(line) > columns and len(line.split()) > 1]  # a path stays whole
        assert lines and not wide, command
    folded = lines_in(Terminal(student.root, "check", "multiply", columns=columns))
    first = next(n for n, line in enumerate(folded) if "wrongs the values" in line)
    assert folded[first].startswith("  ✗ wrongs") and re.match("    [a-z]", folded[first + 1])


def test_a_report_too_long_for_the_screen_ends_with_its_summary(student):
    pytest.importorskip("pty", reason="needs a pseudo-terminal, which Python makes on Linux and macOS only")
    student.fill(**WRONG)
    for command, summary in (("01", "01 tensor   0 of 2 exercises · 0 of 3 points"), ("ramp", "ramp   0 of")):
        long, short = (lines_in(Terminal(student.root, "check", command, rows=rows)) for rows in (8, 60))
        assert long[-1] == short[0] and short[0].startswith(summary) and long[:-2] == short


@contextlib.contextmanager
def watching(student, *arguments):
    """`tito watch` in a terminal, once it has drawn its first screen."""
    pytest.importorskip("pty", reason="needs a pseudo-terminal, which Python makes on Linux and macOS only")
    terminal = Terminal(student.root, "watch", *arguments)
    try:
        yield terminal
    finally:
        with contextlib.suppress(OSError):
            os.kill(terminal.pid, signal.SIGKILL)
        os.close(terminal.fd)


def screen_with(terminal, text):
    """The next screen that shows this text."""
    while text not in (screen := terminal.wait_for("q quit")):
        pass
    return screen


def saved_until(terminal, student, text, **sources):
    """Save until the screen shows the text: the first time, it may not have begun to watch."""
    for _ in range(20):
        student.fill(**sources)
        with contextlib.suppress(AssertionError):
            return terminal.wait_for(text, seconds=3)
    raise AssertionError(terminal.text)


def test_watch_shows_one_screen_that_follows_the_notebook_and_ends_with_ctrl_c(student):
    student.fill(**WRONG)
    with watching(student, "01") as terminal:
        screen = terminal.wait_for("q quit")
        assert screen.startswith("\x1b[H") and "0 of 2" in screen and "That adds the values." in screen
        saved_until(terminal, student, "1 of 2", ramp=WRONG["ramp"])
        assert "Counting starts at 0" in terminal.wait_for("q quit")
        student.notebook.write_text("{")
        assert "stops in the middle" in " ".join(screen_with(terminal, TENSOR).split())
        terminal.type("\x03")
        code, text = terminal.ends()
    assert code == 130 and "Stopped" in text and "Traceback" not in text


def test_watch_gives_hints_checks_all_and_quits_at_a_key(student):
    student.fill(ramp=WRONG["ramp"])
    with watching(student) as terminal:
        assert "01 ■□ 1/2 · 02" in re.sub(r"\x1b\[\d*m", "", terminal.wait_for("q quit"))
        terminal.type("h")
        screen_with(terminal, "ramp, hint 1 of 1")
        terminal.type("a")
        assert "✗" in screen_with(terminal, "1 of 2 exercises\x1b[K")
        terminal.type("xq")
        assert terminal.ends()[0] == 0


def test_watch_goes_on_to_the_next_module_and_shows_the_milestone(student):
    milestone = student.root / "modules/01_tensor/milestone.py"
    milestone.write_text("print('picture: dots.png')\n")
    with watching(student) as terminal:
        terminal.wait_for("q quit")
        saved_until(terminal, student, "All of it passes")
        assert "02 autograd is open" in terminal.wait_for("q quit")
        screen_with(terminal, "picture: dots.png")
        terminal.type("h")
        screen_with(terminal, "multiply_rule has no hints")
        terminal.type("q")
        assert terminal.ends()[0] == 0
    assert json.loads(student.progress.read_text())["modules"]["01_tensor"]["passed"]


def test_watch_on_a_plain_pipe_writes_one_report_below_the_other(student):
    student.fill(**WRONG)
    command = [sys.executable, "-m", "tito", "watch"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    options = dict(
        cwd=student.root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8"
    )
    with subprocess.Popen(command, **options) as process:
        lines = []
        while "Ctrl-C ends" not in (line := process.stdout.readline()):
            lines.append(line)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert "\x1b" not in "".join(lines) and any("That adds the values." in line for line in lines)


CTRL_C_IN_A_FINALISER = """
import signal, sys, time
from tito import cli

class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def run(argv):
    Dying()
    time.sleep(60)

cli.run = run
sys.exit(cli.main([]))
"""


def test_ctrl_c_is_not_lost_where_python_raises_nothing():
    ran = subprocess.run([sys.executable, "-c", CTRL_C_IN_A_FINALISER], capture_output=True, text=True, cwd=ROOT)
    assert (ran.returncode, ran.stderr) == (130, "\nStopped. Nothing is left half-written.\n")


# doctor

PATCHED = "import sys\n{patch}\nfrom tito.cli import main\nsys.exit(main(['doctor']))"
FAULTS = {
    "an old Python": (
        "import platform, numpy, rich, jupyter_client.kernelspec\nsys.version_info = (3, 9, 1, 'final', 0)",
        "✗ Python 3.9.1",
        "TinyTorch needs Python 3.10 or newer",
    ),
    "no environment": ("sys.base_prefix = sys.prefix", "✗ environment", "python3 -m venv .venv"),
    "no Jupyter": ("sys.modules['jupyter_client'] = None", "✗ Jupyter kernel", "Jupyter is not installed"),
    "no kernel": (
        "import jupyter_client.kernelspec as k\nk.KernelSpecManager._kernel_dirs_default = lambda self: []\n"
        "sys.modules['ipykernel.kernelspec'] = None",
        "✗ Jupyter kernel python3",
        "There is none: python -m ipykernel install",
    ),
}


@pytest.fixture
def healthy(student):
    shutil.copy(ROOT / "requirements.txt", student.root)
    return student


def finding(output, mark):
    """What stands below the finding that begins with this mark."""
    lines = output.splitlines()
    place = next(n for n, text in enumerate(lines) if text.strip().startswith(mark))
    return " ".join(lines[place : place + 3])


def test_doctor_finds_nothing_where_all_is_well(healthy):
    output = healthy.tito("doctor", code=0)
    assert "All is well." in output and "✗" not in output
    assert f"✓ workspace {healthy.root}" in output and f"✓ {TENSOR}: 2 exercises" in output


@pytest.mark.parametrize("fault", FAULTS)
def test_doctor_finds(healthy, fault):
    patch, mark, mend = FAULTS[fault]
    output = healthy.tito(start=("-c", PATCHED.format(patch=patch)), code=1)
    assert mend in finding(output, mark) and "1 to mend." in output


def test_doctor_finds_everything_at_once(healthy):
    with (healthy.root / "requirements.txt").open("a") as file:
        file.write("numpy>=99\nno-such-package-of-ours>=1  # a comment\n")
    kernels = healthy.root / "share/kernels/python3"
    kernels.mkdir(parents=True)
    spec = {"argv": ["/opt/other/bin/python"], "display_name": "Other", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    notebook = healthy.read()
    del notebook["cells"][healthy.cell(notebook, "ramp")[0]]
    healthy.save(notebook)
    (healthy.root / "modules/02_autograd/autograd.ipynb").write_text("")
    (healthy.root / "tinytorch").mkdir()
    output = healthy.tito(
        "doctor", code=1, cwd=healthy.root / "modules", env={"JUPYTER_PATH": str(healthy.root / "share")}
    )
    assert "6 to mend." in output
    assert ">=99 is needed: pip install -r requirements.txt" in finding(output, "✗ numpy")
    assert "not installed: pip install -r requirements.txt" in finding(output, "✗ no-such-package-of-ours")
    assert "It runs /opt/other/bin/python, not" in finding(output, "✗ Jupyter kernel python3")
    assert f"finds {ROOT / 'tinytorch'}: pip install -e {healthy.root}" in finding(output, "✗ package")
    assert "No cell for ramp: `tito reset 01 ramp`" in finding(output, f"✗ {TENSOR}")
    assert "is empty" in finding(output, "✗ modules/02_autograd/autograd.ipynb")


def test_doctor_finds_damaged_progress_and_missing_requirements(student):
    student.progress.parent.mkdir()
    student.progress.write_text("{")
    output = student.tito("doctor", code=1)
    assert "is damaged. Delete it" in finding(output, "✗ progress")
    assert "is not there; it says what is needed" in finding(output, "✗ requirements.txt")


def test_doctor_finds_that_there_is_no_workspace(tmp_path, healthy):
    shutil.copytree(ROOT / "tito", tmp_path / "site/tito", ignore=shutil.ignore_patterns("__pycache__"))
    output = healthy.tito("doctor", code=1, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")})
    assert "is not in a TinyTorch workspace: go to the folder" in finding(output, "✗ workspace")


def test_doctor_finds_that_the_folder_cannot_be_written(new_workspace, built_course):
    with tempfile.TemporaryDirectory(prefix="tito-test-") as folder:
        os.chmod(folder, 0o755)
        workspace = new_workspace(Path(folder) / "w", built_course)
        shutil.copy(ROOT / "requirements.txt", workspace.root)
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(workspace.root)], check=True)
        options = unprivileged()
        try:
            output = workspace.tito("doctor", code=1, **options)
        finally:
            subprocess.run(["chmod", "-R", "u+w", str(workspace.root)], check=True)
        assert "Give yourself the right to write" in finding(output, f"✗ {workspace.root} can be written")


# demo


def test_demo_plays_the_course_in_a_throwaway_workspace(course):
    before = sorted(str(path) for path in course.root.rglob("*") if ".tito" not in path.parts)
    output = course.tito("demo", code=0)
    for text in (
        "02 autograd is still locked",
        "the untouched notebook does not pass",
        "the answers are filled in: 2 exercises",
        "the code is exported",
        "02 autograd opens",
        "6 x 7 is 42",
        "the answers are filled in: 7 exercises",
        "2 of 2 modules played",
    ):
        assert text in output
    assert "✗" not in output
    assert sorted(str(path) for path in course.root.rglob("*") if ".tito" not in path.parts) == before
    assert course.text(".tito/milestones/product.txt") == "42\n"


def test_demo_says_which_step_went_otherwise(course):
    course.edit("solutions/01_tensor.py", ("return Tensor(range(n))", "return Tensor(range(n + 1))"))
    output = course.tito("demo", "01", code=1)
    assert "✗ the check passes" in output and "it ended with exit code 1, and should with 0" in output
    assert "✗ it counts from 0" in output and "1 of 2 modules played" in output


def test_demo_of_ones_own_package_wants_a_module_that_passes(student):
    assert "the answers are not in this workspace" in student.tito("demo", code=2)
    assert "nothing to show yet: 01 tensor has not passed" in student.tito("demo", "--mine", code=2)
    student.fill()
    student.tito("check", "01", code=0)
    assert "6 x 7 is 42" in student.tito("demo", "--mine", code=0)
    (student.root / "tinytorch/tensor.py").write_text("class Tensor: pass\n")
    assert "The milestone failed: TypeError" in student.tito("demo", "--mine", "01", code=1)


# the command line


def test_help_names_every_command_and_the_exit_codes(student):
    output = student.tito("--help", code=0)
    commands = [path.stem for path in (ROOT / "tito/commands").glob("[a-z]*.py")]
    assert len(commands) >= 11
    for command in commands:
        assert re.search(rf"^ +{command} ", output, re.MULTILINE), command
    for code in ("0 done", "1 not passed", "2 could not", "130 stopped"):
        assert code in " ".join(output.split())
    assert max(map(len, output.splitlines())) <= 80


@pytest.mark.parametrize("command", ["status", "check", "build", "hint"])
def test_every_command_has_an_example(student, command):
    output = student.tito(command, "--help", code=0)
    assert f"example: tito {command}" in output and f"usage: tito {command}" in output


def test_exit_codes_are_as_the_help_says(student):
    student.tito("status", code=0)
    student.tito("check", "01", code=1)
    for command in (
        ["check", "09"],
        ["dance"],
        ["check", "--loud"],
        ["hint", "no"],
        ["check", "01", "--exercise", "no"],
    ):
        student.tito(*command, code=2)
    assert student.tito("--version", code=0).startswith("tito ")
