"""In a browser the tests and the package share a process: they find the same as in two, and the session stays as it was."""

import json
import re
import sys
import types
from pathlib import Path

import pytest

from tito import live
from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.checker import bridge
from tito.checker.bridge import Bridge, Exited, Proxy, TimedOut, name
from tito.checker.check import Request, check
from tito.checker.process import StudentProcess
from tito.checker.report import PASSED
from tito.checker.runner import ProxyFinder
from tito.checker.within import SameProcess
from tito.notebook import handed_out
from tito.submission import match
from tito.workspace import Workspace as Course

COURSE = Course(Path(__file__).parents[2])
LESSONS = {module.key: Lesson(module) for module in COURSE.lessons}
MISTAKES = [(key, a) for key, lesson in LESSONS.items() for a in read_answers(lesson) if a.sentence is not None]
PACKAGE = """
import sys

print("hello")
numbers = [3]

def count():
    import tinytorch.counting
    return tinytorch.counting is sys.modules[__name__]

def later():
    from tinytorch.other import seven
    return seven

def forever():
    while True:
        pass

def leave():
    print("bye")
    sys.exit(0)
"""


@pytest.fixture
def one_process(monkeypatch):
    monkeypatch.setattr(bridge, "StudentProcess", SameProcess)


@pytest.fixture
def counting(tmp_path, one_process):
    """A package with `tinytorch.counting`, and a bridge to it."""
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch/__init__.py").touch()
    (tmp_path / "tinytorch/counting.py").write_text(PACKAGE)
    (tmp_path / "tinytorch/other.py").write_text("seven = 7\n")
    with Bridge(tmp_path) as there:
        there.begin(limit=5)
        yield there


def checked(key, cells, earlier, exercises=()):
    module = LESSONS[key].module
    submission = match(cells, handed_out(module), key)
    return check(Request(module, submission, exercises, earlier=earlier / "tinytorch"))


@pytest.mark.parametrize("key", LESSONS)
def test_the_answers_pass(key, reference_parent, one_process):
    report = checked(key, LESSONS[key].cells(), reference_parent)
    assert {exercise.status for exercise in report.exercises} == {PASSED}


SETTLED = [
    pair for pair in MISTAKES if "default_generator" not in pair[1].body
]  # what they return is not left to chance


@pytest.mark.parametrize("key, answer", SETTLED[::24], ids=lambda value: getattr(value, "name", value))
def test_a_mistake_is_reported_in_the_same_words(key, answer, reference_parent, monkeypatch):
    found = []
    for kind in (StudentProcess, SameProcess):
        monkeypatch.setattr(bridge, "StudentProcess", kind)
        cells = LESSONS[key].with_answer(answer.exercise, answer.body)
        report = checked(key, cells, reference_parent, [answer.exercise]).to_json()
        found.append(re.sub(r"0x[0-9a-f]+", "an address", json.dumps(report)))
    assert found[0] == found[1]


def test_check_in_a_notebook_needs_no_other_process(workspace, monkeypatch, one_process):
    monkeypatch.chdir(workspace.notebook.parent)
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(live.subprocess, "run", None)
    monkeypatch.setattr(live.subprocess, "Popen", None)
    answers = [cell for cell in LESSONS["01_tensor"].cells() if cell.exported or cell.exercise]
    cells = [{"source": cell.source, "label": "In [1]"} for cell in answers]
    monkeypatch.setattr(live, "_run_cells", lambda exercises: cells)
    assert live.check("as_array").passed
    at = next(n for n, cell in enumerate(answers) if cell.exercise == "as_array")
    cells[at] = {"source": "#| export\ndef as_array(data, dtype=None):\n    return 3", "label": "In [2]"}
    shown = str(live.check("as_array"))
    assert "✗" in shown and "returned   3" in shown
    progress = json.loads(workspace.progress.read_text())
    assert progress["modules"]["01_tensor"]["exercises"] == {}


def test_a_call_that_never_ends_is_ended_and_says_where_it_was(counting):
    counting.begin(limit=0.2)
    with pytest.raises(TimedOut, match=r"still running after 0\.2 s") as caught:
        name("tinytorch.counting", "forever")()
    assert [(file, function) for file, _, function in caught.value.frames] == [("tinytorch/counting.py", "forever")]
    counting.begin(limit=5)
    assert name("tinytorch.counting", "count")() is True  # and the next test can go on
    assert sys.gettrace() is None or "_watch" not in repr(sys.gettrace())


def test_sys_exit_ends_the_call_only_and_prints_are_kept(counting):
    name("tinytorch.counting", "count")()
    with pytest.raises(Exited, match=r"it called sys\.exit"):
        name("tinytorch.counting", "leave")()
    assert counting.process.printed == "hello\nbye\n"


def test_what_the_package_imports_during_a_test_is_no_proxy(counting):
    with ProxyFinder().installed():
        from tinytorch.other import seven

        assert type(seven) is Proxy
        assert name("tinytorch.counting", "later")() == 7


def test_the_sessions_own_package_is_not_touched(tmp_path, counting, monkeypatch):
    assert name("tinytorch.counting", "numbers").append(4) is None
    assert "tinytorch.counting" not in sys.modules
    counting.stop()
    own = types.ModuleType("tinytorch.counting")
    monkeypatch.setitem(sys.modules, "tinytorch.counting", own)
    paths, finders = list(sys.path), list(sys.meta_path)
    with Bridge(tmp_path) as there:
        there.begin(limit=5)
        assert name("tinytorch.counting", "count")() is True
        assert name("tinytorch.counting", "numbers") is not None
    assert sys.modules["tinytorch.counting"] is own
    assert (sys.path, sys.meta_path) == (paths, finders)
    assert not list(tmp_path.rglob("*.pyc"))
