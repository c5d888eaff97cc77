"""`tito grade run` and `nbgrader autograde` give the same mark for every graded cell, submission by submission."""

import shutil

from tito.notebook import mark

from .conftest import enrol_all, marks, nbgrader, put
from .makers import added, changed, find


def chosen(make):
    """Submissions that nbgrader, too, can finish: it stops at a cell that is there twice."""

    def gone(cells):
        cells[:] = [c for c in cells if mark(c) not in ("eye", "given-unwrap", "given-zeros", "mean-check", "var")]
        del cells[find({"cells": cells}, "flatten")]["metadata"]["nbgrader"]

    def tampered(cells):
        cells[2:] = cells[:1:-1]  # all but the heading and the imports, without which there is no `check`
        for cell in cells:
            if marks := cell["metadata"].get("nbgrader"):
                marks |= {"points": 50, "locked": False, "checksum": "0"}
        for name, source in (("mean-check", "2"), ("given-Tensor", "#| export\nclass Tensor:\n    pass")):
            cells[find({"cells": cells}, name)]["source"] = source

    helpers = [added("#| export\ndef mine():\n    return 1"), added("#| export\nmine = 1 / 0"), added("print(mine)")]
    return {
        "well": make.notebook(
            make.nth(0, wrong=False) | {"mean": make.right["mean"] + '\n\nimport sys\nprint("!", file=sys.stderr)'}
        ),
        **{f"mistaken-{n}": make.notebook(make.nth(n, wrong=True)) for n in (0, 7)},
        "broken": make.but(
            eye="#| export\ndef eye(", split="import sys\nsys.exit()", rsub="#| export\n1 / 0", apply=""
        ),
        "gone": changed(make.notebook(), gone),
        "tampered": changed(make.notebook(make.nth(1, wrong=True), words=""), tampered),
        "helped": changed(make.notebook(), lambda cells: cells.__setitem__(slice(9, 9), helpers)),
        "copied-later": changed(
            make.but(var=make.within("var", "return self")), lambda cells: cells.append(added(make.right["var"]))
        ),
    }


def test_the_same_mark_for_every_cell_of_every_submission(make, course, tmp_path, tito):
    submissions = chosen(make)
    source = put(tmp_path / "source", {f"{name}/tensor.ipynb": what for name, what in submissions.items()})
    enrol_all(course, source)
    tito("grade", "collect", "01", source, "--course", course)
    theirs = shutil.copytree(course, tmp_path / "theirs")
    tito("grade", "run", "01", "--course", course)
    done = nbgrader(theirs, "autograde", "01_tensor", "--create")
    assert done.returncode == 0, done.stderr[-3000:]
    for student in submissions:
        assert points(course, student) == points(theirs, student), student
    assert len({tuple(points(course, student).values()) for student in submissions}) > 5


def points(course, student):
    return {name: mark for name, mark in marks(course, student).items() if isinstance(mark, tuple)}
