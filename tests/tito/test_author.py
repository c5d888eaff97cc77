"""A small course of two modules: what its author is told, and what each kind of exercise becomes on its way."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tito.grader.course import GradingCourse
from tito.grader.sandbox import available
from tito.notebook import handed_out
from tito.workspace import Module

from .conftest import Folder

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "solutions/01_tensor.py", "solutions/02_autograd.py"
AUTOGRAD = "modules/02_autograd/autograd.ipynb"
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in json.load(sys.stdin):
    done = shell.run_cell(source, store_history=True)
    if not done.success:
        print(f"FAILED: {done.error_before_exec or done.error_in_exec!r} in {source}")
"""


def run_cells(folder, sources):
    """Run cells one after the other in IPython, as a notebook's kernel does; what they print."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / ".ipython")}
    options = dict(cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", RUN], input=json.dumps(sources), **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def code_cells(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def line(folder, path, text):
    """`path:line` of the first line that has this text, as a problem begins."""
    lines = folder.text(path).splitlines()
    return f"{path}:{next(n for n, other in enumerate(lines, 1) if text in other)}: "


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# each kind of exercise, on a student's way


def test_every_kind_of_exercise_works_in_the_notebook_and_in_the_terminal(student):
    student.fill()
    student.tito("check", "01", code=0)
    output = student.tito("check", "02", code=1)
    assert output.count("not written yet") == 7 and "0 of 7 exercises" in output
    student.fill("02")
    printed = run_cells(student.root, code_cells(student.read("02")))
    assert "FAILED" not in printed and "✗" not in printed, printed
    for name in student.answers["02_autograd"]:
        assert f"{name}   " in printed
    assert "7 of 7 exercises" in student.tito("check", "02", code=0)
    exported = student.text("tinytorch/autograd.py")
    compile(exported, "autograd.py", "exec")
    assert "extend" not in exported and exported.count("def _(grad, out, a, b):") == 2
    assert "from tinytorch import tensor\nfrom tinytorch.tensor import ramp\n" in exported


def test_cells_are_recognised_without_their_metadata(student):
    student.fill()
    student.tito("check", "01", code=0)
    notebook = student.fill(
        "02", add_rule="#| export\n@derivative( np.add )\ndef _(grad, out, a, b):\n    return grad, 0\n"
    )
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    student.save(notebook, "02")
    output = student.tito("check", "02", code=1)
    assert "6 of 7 exercises" in output and "add_rule        0 of 1" in output


def test_a_rule_that_is_run_again_takes_the_place_of_the_one_before(student):
    student.fill()
    student.tito("check", "01", code=0)
    student.fill("02")
    cells = code_cells(student.read("02"))
    rule = next(n for n, source in enumerate(cells) if source.startswith("#| export\n@derivative(np.multiply)"))
    wrong = cells[rule].replace("grad * b, grad * a", "grad * a, grad * b")
    unclosed = cells[rule].replace("grad * a", "(grad * a")
    check = cells[rule + 1]
    assert check == 'check("multiply_rule")'
    tries = [wrong, check, unclosed, check, cells[rule + 2], cells[rule], check, cells[rule + 3]]
    printed = run_cells(student.root, cells[:rule] + tries)
    said = [part.partition("\n\n")[0] for part in printed.split("Out[")[1:]]
    assert [text.split()[1:] for text in said] == [
        ["multiply_rule", "0", "of", "1"],
        ["multiply_rule", "cannot", "run"],
        ["multiply_rule", "1", "of", "1"],
        ["add_rule", "1", "of", "1"],
    ]
    assert "Each input gets the other one, not itself." in printed and "'(' was never closed" in printed


def test_a_cell_that_is_missing_costs_only_its_own_exercise(student):
    student.fill()
    student.tito("check", "01", code=0)
    for name in ("multiply_rule", "remember", "twice"):
        notebook = student.fill("02")
        del notebook["cells"][student.cell(notebook, name)[0]]
        student.save(notebook, "02")
        output = student.tito("check", "02", "--exercise", name, code=1)
        assert f"`tito reset 02 {name}` puts it back." in " ".join(output.split())
        assert "missing" not in student.tito(
            "check", "02", "--exercise", "no_grad" if name != "remember" else "add_rule", code=0
        )
        student.tito("reset", "02", code=0)


def test_a_module_builds_on_the_students_own_package(student):
    student.fill()
    student.tito("check", "01", code=0)
    student.fill(ramp="#| export\ndef ramp(n):\n    return Tensor([7] * n)\n")
    student.tito("export", "01", code=0)
    student.fill("02")
    student.tito("check", "02", "--exercise", "twice", code=0)
    student.edit("tinytorch/tensor.py", ("class Tensor:", "class Other:"))
    output = student.tito("check", "02", "--exercise", "twice", code=2)
    assert "module 'tinytorch.tensor' has no attribute 'Tensor'" in output
    (student.root / "tinytorch/tensor.py").unlink()
    output = student.tito("check", "02", "--exercise", "twice", code=2)
    assert "tinytorch/tensor.py is not there" in output and "tito export 01" in output


# the lock


def test_a_module_opens_when_the_one_before_passes_and_stays_open(student):
    student.fill("02")
    before = contents(student.root)
    for command in ("check", "export", "start"):
        output = student.tito(command, "02", code=2)
        assert "02 autograd is locked until 01 tensor passes: 0 of 2 exercises are done, the next is multiply" in output
    assert contents(student.root) == before
    assert "02 autograd    locked until 01 passes" in student.tito("status", code=0)
    student.fill(ramp="#| export\ndef ramp(n):\n    return Tensor(range(1, n + 1))\n")
    assert "Counting starts at 0, not at 1." in student.tito("check", "01", code=1)
    assert "1 of 2 exercises are done, the next is ramp" in student.tito("check", "02", code=2)
    student.fill()
    student.tito("check", "01", "--exercise", "ramp", code=0)
    assert "`tito check 01` makes it pass" in student.tito("check", "02", code=2)
    assert "02 autograd is open: tito start" in student.tito("check", "01", code=0)
    assert AUTOGRAD in student.tito("start", "--print", code=0)
    student.fill(ramp=student.answers["01_tensor"]["ramp"].replace("range(n)", "range(0, n)"))
    status = student.tito("status", code=0)
    assert "passed today, changed since" in status and "locked" not in status
    student.tito("check", "02", code=0)


# what an author is told


def test_errors_are_listed_with_their_file_and_line(course):
    before = contents(course.root / "modules")
    (course.root / "tests/01_tensor/test_ramp.py").unlink()
    course.write("tests/01_tensor/test_slope.py", "def test_nothing():\n    pass\n")
    (course.root / "tests/01_tensor/mistakes/ramp.txt").rename(course.root / "tests/01_tensor/mistakes/rampe.txt")
    course.edit(
        "tests/01_tensor/test_multiply.py",
        ("import numpy as np\n", "import numpy as np\nfrom tinytorch import autograd\n"),
    )
    course.edit(
        FIRST, ("# Why float32?", "# Why float32? See `no_grad`."), ("print(np.asarray(", "print(Module, np.asarray(")
    )
    course.edit(
        SECOND,
        ('exercise="add_rule" points=1', 'exercise="multiply" points=0'),
        ('exercise="no_grad"', 'exercise="twice"'),
        ("    return (-grad,)\n    ### END SOLUTION\n", "    return (-grad,)\n"),
    )
    output = course.tito("build", code=2)
    twice = [n for n, text in enumerate(course.text(SECOND).splitlines(), 1) if 'exercise="twice"' in text]
    expected = {
        line(course, FIRST, 'exercise="ramp"')
        + "exercise ramp has no tests; they belong in tests/01_tensor/test_ramp.py",
        "tests/01_tensor/test_slope.py:1: there is no exercise slope in solutions/01_tensor.py",
        "tests/01_tensor/mistakes/rampe.txt:1: from_1: there is no exercise rampe in this lesson",
        line(course, "tests/01_tensor/test_multiply.py", "import autograd")
        + "tinytorch.autograd is used before 02 autograd, which introduces it",
        line(course, FIRST, "`no_grad`") + "no_grad is used before 02 autograd, which introduces it",
        line(course, FIRST, "print(Module") + "Module is used before 02 autograd, which introduces it",
        line(course, SECOND, 'exercise="multiply"')
        + f"exercise multiply is also in {line(course, FIRST, 'exercise=').rstrip(': ')}; names are used once",
        line(course, SECOND, 'exercise="multiply"') + "multiply: points=N is missing, with N above 0",
        f"{SECOND}:{twice[1]}: exercise twice is here twice; the first is on line {twice[0]}",
        line(course, SECOND, 'exercise="negative_rule"')
        + "negative_rule: the answer must stand between one '### BEGIN SOLUTION' and one '### END SOLUTION'",
    }
    said = {text.strip() for text in output.splitlines()}
    assert expected <= said, expected - said
    assert contents(course.root / "modules") == before


def test_tests_that_let_something_through_are_refused(course):
    course.edit(
        "tests/02_autograd/test_add_rule.py", ("assert DERIVATIVES[np.add](3.0, 5.0, 2.0, 3.0) == (3, 3)", "pass")
    )
    mistakes = "tests/02_autograd/mistakes"
    course.edit(f"{mistakes}/multiply_rule.txt", ("grad * out / a, grad * out / b", "grad, grad"))
    again = course.text(f"{mistakes}/negative_rule.txt") + "\nagain: Another sentence.\n    -grad  =>  +grad\n"
    course.write(f"{mistakes}/negative_rule.txt", again)
    course.edit(SECOND, ("    return x * self.weight", "    return x * self.weight * 2"))
    course.edit(
        SECOND,
        (
            "    def forward(self, x):\n        ### BEGIN SOLUTION\n        return self.inner(self.inner(x))\n        ###",
            "    ### BEGIN SOLUTION\n    def forward(self, x):\n        return self.inner(self.inner(x))\n\n    ###",
        ),
    )
    output = course.tito("build", code=2)
    expected = [
        line(course, SECOND, 'exercise="scale_forward"') + "scale_forward: the answer fails: the weight counts",
        "tests/02_autograd/test_add_rule.py:1: the blank passes: each input gets it all",
        line(course, SECOND, 'exercise="twice"') + "twice: the blank cannot be run; put the answer inside a function",
        f"{mistakes}/add_rule.txt:1: half: it is a mistake, but its tests let it pass",
        f"{mistakes}/multiply_rule.txt:4: by_division: it is right, but its tests refuse it",
        f"{mistakes}/negative_rule.txt:1: forgets_the_sign: it cannot be told from another mistake of negative_rule",
        f"{mistakes}/negative_rule.txt:4: again: it cannot be told from another mistake of negative_rule",
    ]
    assert [text.strip() for text in output.splitlines() if text.startswith("  ")] == expected


def test_an_edit_that_does_not_fit_the_answer_is_named_with_its_line(course):
    course.edit(SECOND, ("    return grad * b, grad * a", "    return grad * b, a * grad"))
    edits = """
cannot_be: The loop has no end.
    -grad  =>  (-grad

has_no_arrow: Two edits, and one of them is none.
    grad  =>  2 * grad
    grad

moves_lines: A whole line that is not there.
    return (-grad,)
    =>
    return (grad,)

    return grad
    =>
    return (grad,)

says_nothing: Not even a text to replace.

A sentence without a name.
    return grad

takes_any: The text is there several times.
    r  =>  b
"""
    course.write("tests/02_autograd/mistakes/negative_rule.txt", edits.strip("\n"))
    course.write("tests/01_tensor/mistakes/ramp.txt", "early: See `no_grad`.\n    return no_grad\n")
    there, lost = "tests/02_autograd/mistakes/negative_rule.txt", "the author's answer; it must be there once"
    assert course.tito("build", code=2).splitlines()[1:] == [
        f"  tests/02_autograd/mistakes/multiply_rule.txt:2: itself: `grad * b, grad * a` is not in {lost}",
        f"  {there}:1: cannot_be: this makes an answer that is not Python: '(' was never closed",
        f"  {there}:6: has_no_arrow: `before  =>  after` is expected here, or an arrow on a line of its own",
        f"  {there}:13: moves_lines: `return grad` is not in {lost}",
        f"  {there}:17: says_nothing: neither an edit nor an answer follows",
        f"  {there}:19: a known answer begins with `name: sentence` if it is wrong, or with `right name`",
        f"  {there}:23: takes_any: `r` stands 3 times in {lost}",
        "  tests/01_tensor/mistakes/ramp.txt:1: no_grad is used before 02 autograd, which introduces it",
    ]


def test_a_file_that_is_not_python_is_named(course):
    course.edit(FIRST, ("return Tensor(range(n))", "return Tensor(range(n)"))
    assert line(course, FIRST, "return Tensor(range(n)") in course.tito("build", code=2)


# what is built


def test_check_names_what_is_stale(course):
    assert course.tito("build", "--check", code=0) == "Everything is up to date.\n"
    before = contents(course.root)
    course.edit(SECOND, ("# The same tensor, with a memory.", "# The tensor of before, with a memory."))
    course.edit("tests/01_tensor/test_ramp.py", ("ramp(3), [0, 1, 2]", "ramp(2), [0, 1]"))
    course.edit("modules/01_tensor/tensor.ipynb", ("One class around an array.", "One class around a list."))
    shutil.copytree(course.root / "modules/.original/01_tensor", course.root / "modules/.original/03_gone")
    edited = contents(course.root)
    assert course.tito("build", "--check", code=1).splitlines() == [
        "modules/01_tensor/tensor.ipynb: not what solutions/01_tensor.py gives",
        "modules/.original/01_tensor/mistakes.json: made from other tests or answers",
        "modules/.original/02_autograd/autograd.ipynb: not what solutions/02_autograd.py gives",
        "modules/02_autograd/autograd.ipynb: not what solutions/02_autograd.py gives",
        "modules/.original/02_autograd/mistakes.json: made from other tests or answers",
        "modules/.original/03_gone: its lesson is gone",
        "`tito build` brings these up to date.",
    ]
    assert contents(course.root) == edited != before


def test_a_given_file_that_is_gone_goes_from_the_hand_out_too(course):
    course.write("solutions/shelves/given.py", '"""Given."""\n')
    course.write("modules/.original/shelves/split/up.py", '"""Given once."""\n')
    lines = course.tito("build", "--check", code=1).splitlines()
    assert "modules/.original/shelves/split/up.py: solutions/shelves has it no longer" in lines
    assert "modules/.original/shelves/given.py: not there" in lines
    course.tito("build", code=0)
    assert course.tito("build", "--check", code=0) == "Everything is up to date.\n"
    assert not (course.root / "modules/.original/shelves/split/up.py").exists()
    assert course.text("modules/.original/shelves/given.py") == '"""Given."""\n'


def test_one_module_is_built_by_itself(course):
    course.edit(FIRST, ("# One class around an array.", "# One class around one array."))
    course.edit(SECOND, ("# The same tensor, with a memory.", "# The tensor of before, with a memory."))
    output = course.tito("build", "autograd", code=0)
    assert "02 autograd: built" in output and "01 tensor" not in output
    assert "One class around an array." in course.text("modules/01_tensor/tensor.ipynb")
    assert "The tensor of before" in course.text("modules/02_autograd/autograd.ipynb")
    assert "there is no module 03 here; there is: 01 tensor, 02 autograd" in course.tito("build", "03", code=2)


def test_a_build_leaves_a_notebook_with_work_in_it_alone_unless_forced(course):
    course.edit("modules/01_tensor/tensor.ipynb", ("One class around an array.", "My notes."))
    course.edit(FIRST, ("# One class around an array.", "# One class around one array."))
    shutil.rmtree(course.root / "modules/.original/02_autograd")
    for path in (SECOND, "tests/02_autograd"):
        path = course.root / path
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "has work in it and was left alone (--force writes over it)" in course.tito("build", code=0)
    assert "My notes." in course.text("modules/01_tensor/tensor.ipynb")
    assert "around one array" in course.text("modules/.original/01_tensor/tensor.ipynb")
    assert "your work is in .tito/backups/tensor-" in course.tito("build", "--force", code=0)
    assert "around one array" in course.text("modules/01_tensor/tensor.ipynb")
    (backup,) = (course.root / ".tito/backups").iterdir()
    assert "My notes." in backup.read_text()


def test_the_same_lessons_give_the_same_bytes(built_course, tmp_path, course):
    before = contents(built_course / "modules")
    assert len(before) == 7 and not (built_course / "tinytorch").exists()
    shutil.rmtree(course.root / "modules")
    course.tito("build", code=0, env={"PYTHONHASHSEED": "4242", "LANG": "C", "TZ": "Asia/Tokyo"})
    assert contents(course.root / "modules") == before


def test_the_reference_is_a_package_that_needs_only_numpy(built_course, tmp_path, course):
    assert str(tmp_path / "out" / "tinytorch") in course.tito("build", "--reference", str(tmp_path / "out"), code=0)
    assert contents(course.root) == contents(built_course)
    program = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import numpy
numpys = set(sys.modules)
import tinytorch
from tinytorch import Tensor, no_grad, ramp
from tinytorch.tensor import Tensor as Plain
assert issubclass(Tensor, Plain) and Tensor is not Plain
x = Tensor([1, 2])
(x * x).backward()
assert x.grad.tolist() == [2, 4]
ours = {name.partition(".")[0] for name in set(sys.modules) - numpys} - set(sys.stdlib_module_names)
assert ours == {"tinytorch"}, ours
"""
    subprocess.run([sys.executable, "-I", "-c", program, str(tmp_path / "out")], check=True)


# its grading course


def test_earlier_modules_are_the_reference_or_with_own_the_students(built_course, student, tmp_path):
    wrong = student.answers["01_tensor"]["multiply"].replace("np.multiply", "np.add")
    student.fill(multiply=wrong)
    student.fill("02")
    (tmp_path / "in").mkdir()
    (student.root / "modules").rename(tmp_path / "in/ada")
    author, grading = Folder(built_course), str(tmp_path / "grading")
    author.tito("grade", "init", grading, code=0)
    for number in ("01", "02"):
        author.tito("grade", "collect", number, str(tmp_path / "in"), "--course", grading, code=0)
    earned = []
    here = ["--unsandboxed"] if available() else []
    for own in ([], ["--own"]):
        author.tito("grade", "run", "02", *own, *here, "--course", grading, code=0)
        with GradingCourse.find(grading).gradebook() as gradebook:
            earned.append(gradebook.find_submission("02_autograd", "ada").score)
    module = Module("02_autograd", built_course)
    points = sum(exercise.points for exercise in handed_out(module).exercises.values())
    assert earned[0] == points and 0 < earned[1] < points
