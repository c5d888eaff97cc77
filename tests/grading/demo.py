"""`make grade-demo`: forty submissions of module 01, from right to broken in every way, graded as an instructor would."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tito.errors import COULD_NOT_TELL, NOT_PASSED, PASSED
from tito.grader.sandbox import available
from tito.workspace import Workspace

from .makers import Maker, submissions

DUE = 1_790_000_000  # 2026-09-21T14:13:20Z
NAME = "tensor.ipynb"


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
    if missing := available():
        print(f"Submissions cannot be isolated: {missing}. They are graded all the same: these are our own.\n")
    with tempfile.TemporaryDirectory(prefix="grade-demo-") as folder:
        students = hand_in(Maker(Workspace.find().module("01")), Path(folder, "handed-in"))
        with Path(folder, "roster.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["id"], *([student] for student in students)])
        for words in (
            "release 01 --to FOLDER/handout",
            "grade init FOLDER/grading --roster FOLDER/roster.csv",
            "grade collect 01 FOLDER/handed-in --due 2026-09-21T14:13:20+00:00 --course FOLDER/grading",
            f"grade run 01 --course FOLDER/grading{' --unsandboxed' * bool(available())}",
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
