"""`make grade-demo`: forty submissions of module 01, from right to broken in every way, graded as an instructor would."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.errors import COULD_NOT_TELL, NOT_PASSED, PASSED
from tito.notebook import fill, mark
from tito.workspace import Module, Workspace

DUE = 1_790_000_000  # 2026-09-21T14:13:20Z
NAME = "tensor.ipynb"
WORDS = "A view shares its memory with the array it was made from; a copy does not."


class Maker:
    """Makes notebooks of a module, as students hand them in."""

    def __init__(self, module: Module) -> None:
        self.lesson = Lesson(module)
        self.blank = (module.original / f"{module.name}.ipynb").read_text(encoding="utf-8")
        self.right = {cell.exercise: cell.source for cell in self.lesson.cells() if cell.exercise}
        self.known = read_answers(self.lesson)

    def notebook(self, answers: dict[str, str] | None = None, words: str = WORDS) -> dict:
        """The notebook that was handed out, with these sources in its cells for answers; all right by default."""
        notebook, answers = json.loads(self.blank), self.right if answers is None else answers
        questions = [mark(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown" and mark(cell)]
        return fill(notebook, answers | (dict.fromkeys(questions, words) if words else {}))

    def but(self, **other: str) -> dict:
        """All right but for these sources."""
        return self.notebook(self.right | other)

    def within(self, exercise: str, body: str) -> str:
        """The source of an exercise's cell with this body as its answer."""
        return self.lesson.source_with(exercise, body)

    def nth(self, n: int, wrong: bool) -> dict[str, str]:
        """The right answers, with the n-th known mistake (or other right answer) wherever there are as many."""
        answers = dict(self.right)
        for exercise in self.right:
            of_kind = [a for a in self.known if a.exercise == exercise and bool(a.sentence) == wrong]
            if n < len(of_kind):
                answers[exercise] = self.within(exercise, of_kind[n].body)
        return answers

    def most(self, wrong: bool) -> int:
        """How large n must be to see each known answer once."""
        kinds = [a.exercise for a in self.known if bool(a.sentence) == wrong]
        return max(map(kinds.count, kinds), default=0)


def find(notebook: dict, name: str) -> int:
    return next(n for n, cell in enumerate(notebook["cells"]) if mark(cell) == name)


def changed(notebook: dict, change: Callable[[list[dict]], object]) -> dict:
    change(notebook["cells"])
    return notebook


def added(source: str) -> dict:
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def submissions(make: Maker) -> dict[str, dict | str]:
    """By student: a notebook, or the text of a file that is none."""
    names = list(make.right)
    found: dict[str, dict | str] = {
        "right": make.notebook(),
        "blank": make.notebook({}, words=""),
        "half": make.notebook({name: make.right[name] for name in names[: len(names) // 2]}),
    }
    found |= {f"otherwise-{n}": make.notebook(make.nth(n, wrong=False)) for n in range(make.most(wrong=False))}
    found |= {f"mistaken-{n}": make.notebook(make.nth(n, wrong=True)) for n in range(make.most(wrong=True))}
    text = json.dumps(make.notebook())
    found |= {"not-json": text[: len(text) // 2], "empty": ""}

    def copy(cells: list[dict], name: str) -> None:
        n = find({"cells": cells}, name)
        cells.insert(n, json.loads(json.dumps(cells[n])))

    def tamper(cells: list[dict]) -> None:
        cells[find({"cells": cells}, "mean-check")]["source"] = "2"
        cells[find({"cells": cells}, "given-Tensor")]["source"] = "#| export\nclass Tensor:\n    pass"
        for cell in cells:
            if marks := cell["metadata"].get("nbgrader"):
                marks |= {"points": 1000, "locked": False, "schema_version": 1, "checksum": "0"}

    def without(*marks: str) -> Callable[[list[dict]], None]:
        return lambda cells: cells.__setitem__(slice(None), [cell for cell in cells if mark(cell) not in marks])

    def rename(cells: list[dict]) -> None:
        cells[find({"cells": cells}, "eye")]["metadata"]["nbgrader"]["grade_id"] = "mine"

    loop = "while True:\n    pass"
    found |= {
        "twice": changed(make.notebook(), lambda cells: [copy(cells, name) for name in ("eye", "eye-check", "mean")]),
        "cells-gone": changed(make.notebook(), without("eye", "given-leader", "given-zeros")),
        "check-gone": changed(make.notebook(), without("mean-check")),
        "renamed": changed(make.notebook(), rename),
        "reordered": changed(make.notebook(), lambda cells: cells.reverse()),
        "tampered": changed(make.but(mean=""), tamper),
        "bad-helper": changed(make.notebook(), lambda cells: cells.insert(9, added("#| export\nmine = 1 / 0"))),
        "syntax": make.but(eye="#| export\ndef eye(cls, n, m=None):\n    return ("),
        "endless": make.but(stack=make.within("stack", loop)),
        "sys-exit": make.but(stack="import sys\nsys.exit(0)"),
        "os-exit": make.but(flatten="#| export\nimport os\nos._exit(0)"),
        "prints": make.but(stack=make.within("stack", 'print("spam" * 10_000_000)\nraise ValueError("spam" * 1000)')),
        "warns": make.but(mean=make.right["mean"] + '\n\nimport sys\nprint("careful", file=sys.stderr)'),
    }
    return found


def hand_in(make: Maker, folder: Path) -> list[str]:
    """Write what students hand in to folders of their own; the ids of all who are enrolled."""
    everyone = submissions(make) | dict.fromkeys(
        ["late", "second-try", "misnamed", "link", "extra-py"], make.notebook()
    )
    for student, notebook in everyone.items():
        path = (
            folder / student / {"misnamed": "my tensors (1).ipynb", "second-try": "tensor-2.ipynb"}.get(student, NAME)
        )
        path.parent.mkdir(parents=True)
        if student == "link":
            path.symlink_to("/etc/passwd")
            continue
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
        when = DUE + (3600 if student == "late" else -3600)
        os.utime(path, (when, when))
    first_try = folder / "second-try" / NAME
    first_try.write_text(make.blank, encoding="utf-8")
    os.utime(first_try, (DUE - 7200, DUE - 7200))
    (folder / "extra-py/numpy.py").write_text("raise SystemExit\n")
    return [*everyone, "nothing"]


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grade-demo-") as folder:
        students = hand_in(Maker(Workspace.find().module("01")), Path(folder, "handed-in"))
        with Path(folder, "roster.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["id"], *([student] for student in students)])
        for words in (
            "release 01 --to FOLDER/handout",
            "grade init FOLDER/grading --roster FOLDER/roster.csv",
            "grade collect 01 FOLDER/handed-in --due 2026-09-21T14:13:20+00:00 --course FOLDER/grading",
            "grade run 01 --course FOLDER/grading",
            "grade feedback 01 --course FOLDER/grading",
            "grade report 01 --course FOLDER/grading",
            "grade export --course FOLDER/grading",
        ):
            print(f"$ tito {words.replace('FOLDER/', '')}", flush=True)
            command = [sys.executable, "-m", "tito", *words.replace("FOLDER", folder).split(" ")]
            if subprocess.run(command).returncode not in (PASSED, NOT_PASSED):
                return COULD_NOT_TELL
            print()
        with Path(folder, "grading/marks.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                print(f"  {row['student']:<14} {row['status']:<20} {row['score']:>7} of {row['max_score']}")
    print(f"\n{len(students)} submissions made, collected, graded and reported in {time.monotonic() - began:.0f} s.")
    return PASSED


if __name__ == "__main__":
    sys.exit(main())
