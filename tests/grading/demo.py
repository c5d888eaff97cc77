"""`make grade-demo`: a class hands in module 01, from right to broken and named in every way, and is graded.

Part of it arrives as Canvas' zip, part as Moodle's, part in a folder. Where a mark or a status is not what it should be,
it says so, and the exit code is 1.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tito.errors import COULD_NOT_TELL, NOT_PASSED, PASSED
from tito.grader.sandbox import available
from tito.workspace import Workspace

from .makers import Maker, attacks, submissions

DUE = 1_790_000_000  # 2026-09-21T14:13:20Z
NAME = "tensor.ipynb"
LAST_NAMES = ("Müller", "O'Neil", "Brontë", "van der Berg", "Ñandú", "Lovelace", "d'Arc", "Åström", "Li", "Çelik")
FULL = 29.0  # points that a person need not give
ATTACKS = (
    "loopback",
    "surrogate_texts",
    "empty_rows",
    "colliding_sets",
    "endless_results",
    "netlink",
    "session_keyring",
    "other_packages",
    "deep_expression",
    "files_in_memory",
)
FAILED = "could not be graded"


@dataclass
class Student:
    id: str
    number: int

    @property
    def first(self) -> str:
        return self.id.replace("-", " ").title()

    @property
    def last(self) -> str:
        return LAST_NAMES[self.number % len(LAST_NAMES)]

    def canvas(self, name: str = NAME, late: str = "", attempt: int = 0, number: int = 0) -> str:
        who = "".join(c for c in (self.last + self.first).lower() if c.isalnum())
        return f"{who}{late}_{number or 4000 + self.number}_{90000 + 100 * attempt + self.number}_{name}"

    def moodle(self, name: str = NAME) -> str:
        return f"{self.first} {self.last}_{self.number}_assignsubmission_file_/{name}"


class Class:
    """The students of a class, and what they hand in: the files of three sources, and what must come of the odd ones."""

    def __init__(self, make: Maker) -> None:
        self.canvas: dict[str, bytes] = {}
        self.moodle: dict[str, bytes] = {}
        self.folder: dict[str, bytes] = {}
        self.students: list[Student] = []
        self.groups: dict[str, str] = {}
        self.expected: dict[str, tuple[str, float | None]] = {}  # id -> status and score
        for n, (name, notebook) in enumerate(submissions(make).items()):
            student = self.new(name)
            place, files = [
                (student.canvas(), self.canvas),
                (student.moodle(), self.moodle),
                (f"{name}/{NAME}", self.folder),
            ][n % 3]
            files[place] = text_of(notebook)
        self.add_oddities(make)
        if not available():  # nobody runs them unprotected
            self.add_attacks(make)

    def new(self, name: str, status: str = "", score: float | None = None) -> Student:
        self.students.append(Student(name, len(self.students) + 1))
        if status:
            self.expected[name] = status, score
        return self.students[-1]

    def add_oddities(self, make: Maker) -> None:
        right, blank = text_of(make.notebook()), make.blank.encode()
        self.canvas[self.new("canvas-late", "late", FULL).canvas(late="_LATE")] = right
        again = self.new("canvas-again", "graded", FULL)
        self.canvas |= {again.canvas(attempt=1): blank, again.canvas("tensor-1.ipynb", attempt=2): right}
        self.canvas[self.new("safari-json", "graded", FULL).canvas("tensor.ipynb.json")] = right
        self.canvas[self.new("other-number", "missing").canvas(number=4001)] = right
        self.canvas["nobodyknown_77_88_tensor.ipynb"] = right
        self.canvas["anon_x7Kp2_91234_tensor.ipynb"] = right
        self.moodle[self.new("safari-txt", "graded", FULL).moodle("tensor.ipynb.txt")] = right
        self.moodle[self.new("with-bom", "graded", FULL).moodle()] = b"\xef\xbb\xbf" + right
        self.moodle[self.new("utf-16", "graded", FULL).moodle()] = right.decode().encode("utf-16")
        for name in ("group-one", "group-two"):
            self.groups[self.new(name, "graded", FULL).id] = "Team Curie"
        self.moodle[f"Team Curie_7_assignsubmission_file_/{NAME}"] = right
        self.folder[f"large/{NAME}"] = large(make)
        self.folder[f"conflict/{NAME}"] = b"<<<<<<< HEAD\n" + right + b"\n=======\n>>>>>>> mine\n"
        self.folder[f"SHOUTING/{NAME}"] = right
        decomposed = self.new("decomposed", "graded", FULL)
        self.folder[unicodedata.normalize("NFD", f"{decomposed.first} {decomposed.last}/{NAME}")] = right
        for name in ("late", "extended", "own-timestamp", "misnamed", "second-try", "extra-py"):
            self.folder[f"{name}/{'my tensors (1).ipynb' if name == 'misnamed' else NAME}"] = right
        self.folder |= {
            "own-timestamp/timestamp.txt": b"2020-01-01 00:00:00 UTC",
            "second-try/tensor-2.ipynb": blank,
            "extra-py/numpy.py": b"raise SystemExit\n",
            "impostor/right+01_tensor+2020-01-01 00:00:00 UTC/tensor.ipynb": blank,
            "impostor/right/tensor.ipynb": blank,
        }
        statuses = dict.fromkeys(("large", "shouting", "extended", "misnamed", "second-try", "extra-py"), "graded")
        statuses |= {"late": "late", "own-timestamp": "late"}
        for name, status in statuses.items():
            self.new(name, status, FULL)
        self.new("conflict", FAILED)
        self.new("impostor", "graded", 0.0)
        self.new("link", "missing")
        self.new("nothing", "missing")
        two = self.new("two-places", "graded", FULL)
        self.canvas[two.canvas()] = right
        self.folder[f"two-places/{NAME}"] = blank

    def add_attacks(self, make: Maker) -> None:
        """Add those who attack from within `eye`: that is lost, and nothing else, and nothing of anybody else's."""
        for attack in attacks():
            if attack.name in ATTACKS:
                student = self.new(attack.name.replace("_", "-"), "graded", FULL - 1)  # the point for `eye`
                self.canvas[student.canvas()] = text_of(make.but(**attack.cells))

    def write(self, folder: Path) -> None:
        """Write canvas.zip, moodle.zip (names as in code page 850), by-mail/ and roster.csv."""
        (folder / "canvas.zip").write_bytes(zipped(self.canvas, "utf-8"))
        (folder / "moodle.zip").write_bytes(zipped(self.moodle, "cp850"))
        for name, data in self.folder.items():
            path = folder / "by-mail" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            late = name.startswith(("late/", "extended/", "own-timestamp/"))
            when = DUE + 3600 if late else DUE - 3600 - 60 * name.startswith("second-try/tensor-2")
            os.utime(path, (when, when))
        (folder / "by-mail/link").mkdir()
        (folder / "by-mail/link" / NAME).symlink_to("/etc/passwd")
        with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["id", "first_name", "last_name", "lms_user_id", "group"])
            for one in self.students:
                table.writerow([one.id, one.first, one.last, 4000 + one.number, self.groups.get(one.id, "")])

    def wrong(self, marks: list[dict[str, str]]) -> list[str]:
        """What of the marks is not as it should be, in words."""
        found = {row["student"]: (row["status"], float(row["score"]) if row["score"] else None) for row in marks}
        return [
            f"{student}: {found.get(student)}, and should be {expected}"
            for student, expected in self.expected.items()
            if found.get(student) != expected
        ]


class OldName(zipfile.ZipInfo):
    """A file in a zip whose name is in an encoding that is not said."""

    encoding = "cp850"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(self.encoding), self.flag_bits & ~0x800


def zipped(files: dict[str, bytes], encoding: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name) if encoding == "utf-8" else OldName(name), content)
    return data.getvalue()


def text_of(notebook: dict | str) -> bytes:
    return (notebook if isinstance(notebook, str) else json.dumps(notebook)).encode()


def large(make: Maker) -> bytes:
    """A right notebook with 60 MB of outputs."""
    notebook = make.notebook()
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (60 << 20)}]
    return text_of(notebook)


def main() -> int:
    began = time.monotonic()
    if missing := available():
        print(f"Submissions cannot be isolated: {missing}. They are graded all the same: these are our own.\n")
    with tempfile.TemporaryDirectory(prefix="grade-demo-") as folder:
        ours = Class(Maker(Workspace.find().module("01")))
        ours.write(Path(folder))
        due = "--due 2026-09-21T14:13:20+00:00"
        for words in (
            "release 01 --to FOLDER/handout",
            "grade init FOLDER/grading --roster FOLDER/roster.csv",
            f"grade collect 01 FOLDER/canvas.zip {due} --course FOLDER/grading",
            "grade collect 01 FOLDER/moodle.zip --course FOLDER/grading",
            "grade collect 01 FOLDER/by-mail --due extended=2026-09-30T12:00+00:00 --prefer canvas --course FOLDER/grading",
            f"grade run 01 --course FOLDER/grading{' --unsandboxed' * bool(missing)}",
            "grade feedback 01 --course FOLDER/grading",
            "grade report 01 --course FOLDER/grading",
            "grade export --course FOLDER/grading",
        ):
            print(f"$ tito {words.replace('FOLDER/', '')}", flush=True)
            command = [sys.executable, "-m", "tito", *words.replace("FOLDER", folder).split(" ")]
            if subprocess.run(command).returncode not in (PASSED, NOT_PASSED):
                return COULD_NOT_TELL
            print()
        with Path(folder, "grading/marks.csv").open(newline="", encoding="utf-8") as file:
            marks = list(csv.DictReader(file))
    for row in marks:
        print(f"  {row['student']:<22} {row['status']:<20} {row['score']:>7} of {row['max_score']}")
    wrong = ours.wrong(marks)
    print(*wrong, sep="\n")
    seconds = time.monotonic() - began
    print(f"{len(ours.students)} students' hand-ins made, collected, graded and reported in {seconds:.0f} s.")
    return NOT_PASSED if wrong else PASSED


if __name__ == "__main__":
    sys.exit(main())
