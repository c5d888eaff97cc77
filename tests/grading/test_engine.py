"""`--engine nbgrader` gives the marks of nbgrader's own autograde, and what it runs cannot reach out of the sandbox."""

import json
import shutil
import socket

import pytest

from tito.grader.job import NBGRADER, Job
from tito.grader.worker import grade
from tito.workspace import HIDDEN

from .conftest import MODULE, ROOT, marks, needs_sandbox, put
from .makers import added

REACHES_OUT = """
import os, socket
import numpy as np
for reach in (
    lambda: socket.create_connection(("127.0.0.1", @PORT@), 2),
    lambda: open("@WITNESS@", "w").write("was here"),
    lambda: os.listdir("@COURSE@"),
    lambda: np.empty(5 << 30, np.uint8),
):
    try:
        reach()
    except (OSError, MemoryError):
        continue
    os._exit(0)  # the kernel dies, and no mark is made
"""


@needs_sandbox
def test_the_marks_are_those_of_tito_and_the_sandbox_holds(make, course, tmp_path, tito):
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {
            "@PORT@": str(server.getsockname()[1]),
            "@WITNESS@": str(tmp_path / "witness"),
            "@COURSE@": str(course),
        }
        source = REACHES_OUT
        for name, place in places.items():
            source = source.replace(name, place)
        notebook = make.notebook(make.nth(0, wrong=True))
        notebook["cells"].append(added(source))
        tito("grade", "collect", "01", put(tmp_path / "in", {"ada/tensor.ipynb": notebook}), "--course", course)
        tito("grade", "run", "01", "--course", course)
        expected = marks(course, "ada")
        assert "1 graded now" in tito("grade", "run", "01", "--engine", "nbgrader", "--course", course)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert marks(course, "ada") == expected
    assert not (tmp_path / "witness").exists()


LOOKS_FOR_ANSWERS = """
import os, sys
found = set()
others = {"/proc", "/sys", "/usr", sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix)}  # nothing of a course
for folder, below, files in os.walk("/"):
    below[:] = [name for name in below if os.path.join(folder, name) not in others]
    for name in files:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.R_OK) and os.path.getsize(path) < 1 << 22:
            with open(path, "rb") as file:
                data = file.read()
            found |= {number for number, words in enumerate(@WORDS@) if words[::-1] in data.replace(b'\\\\"', b'"')}
if found != {0}:
    os._exit(0)  # the kernel dies, and no mark is made
"""


@needs_sandbox
def test_the_answers_and_hidden_tests_are_nowhere_that_a_submission_can_read(make, home, tmp_path):
    """The first of the texts that it looks for is in a test that students have: so it does look."""
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    tests = tmp_path / "home/tests/01_tensor"
    tests.unlink()
    shutil.copytree(ROOT / "tests/01_tensor", tests)
    put(tests / HIDDEN, {"test_eye.py": "def test_of_the_hidden_wombat():\n    pass\n"})
    answer = make.right["eye"].splitlines()[-1].strip()
    rubric = "work as well.)"  # of a model answer
    assert all(part in (ROOT / "solutions/01_tensor.py").read_text() for part in (answer, rubric))
    texts = ["ones where row and column number are equal", answer, rubric, "of_the_hidden_wombat"]
    backwards = [text.encode()[::-1] for text in texts]  # so that they are not found in the submission itself
    notebook = make.notebook({name: source for name, source in make.right.items() if name != "eye"})
    notebook["cells"].append(added(LOOKS_FOR_ANSWERS.replace("@WORDS@", repr(backwards))))
    data = json.dumps(notebook).encode()
    result = grade(Job(str(tmp_path / "home"), MODULE.key, "ada", data, {}, "", engine=NBGRADER))
    assert not result.problem


@needs_sandbox
def test_a_submission_that_nbgrader_cannot_grade_says_why():
    result = grade(Job(str(ROOT), MODULE.key, "ada", b'{"cells": [', {}, "", engine=NBGRADER))
    assert result.problem.startswith("nbgrader could not grade it: ") and result.report is None


def test_without_a_sandbox_it_is_refused(course, tito):
    said = tito("grade", "run", "01", "--engine", "nbgrader", "--unsandboxed", "--course", course, code=2)
    assert "needs the sandbox" in said


def test_points_that_are_forged_stay_within_what_an_exercise_has():
    from tito.grader.nbgrader_engine import _report

    def check(name, text):
        marks = {"grade_id": f"{name}-check", "grade": True, "solution": False, "points": 1000, "cell_type": "code"}
        output = {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}
        return {"cell_type": "code", "source": "", "metadata": {"nbgrader": marks}, "outputs": [output]}

    cells = [check("eye", "999"), check("split", "-3"), check("mean", "1.5"), check("mine", "5")]
    points = {"eye": 1, "split": 2, "mean": 2, "var": 2}
    found = {exercise.name: exercise for exercise in _report({"cells": cells}, MODULE, points).exercises}
    assert found.keys() == points.keys() and found["mean"].earned == 1.5
    assert all(0 <= exercise.earned <= points[name] for name, exercise in found.items())
    assert found["eye"].earned == 0 and "cannot be read" in found["eye"].problem
    assert found["var"].status == "missing" and found["var"].earned == 0
