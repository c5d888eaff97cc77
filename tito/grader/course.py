"""A grading course: an nbgrader course made from the modules, its gradebook, and where everything in it is."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import re
import secrets
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from tito.errors import MachineError, TitoError
from tito.workspace import Module, Workspace, write

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

COURSE_ID = "tinytorch"
SETTINGS = ".tito-grade.json"
SCHEMA = "tito.grading/1"
LONGEST_ID = 60  # characters of a student's id, which is part of the names of files
ROSTER = ("id", "first_name", "last_name", "email", "lms_user_id")  # columns that nbgrader keeps, and
ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)  # 471112345678 is 4.71112E+11 to a spreadsheet
MORE = ("group", "extra_days")  # those that this course keeps beside it
CONFIG = '''"""nbgrader's settings for this course; nbgrader itself reads them too."""

c = get_config()
c.CourseDirectory.course_id = "{course}"
{db}c.GenerateAssignment.preprocessors.insert(4, "tito.author.build.NameStubs")  # after ClearSolutions
c.ClearSolutions.code_stub = {{"python": {code!r}}}
c.ClearSolutions.text_stub = {text!r}
c.OverwriteCells.add_missing_cells = True  # a check that a student has deleted
{harmless}'''
HARMLESS = """
# What students wrote is shown without anything that could act as the person who grades.
c.HTMLExporter.filters = {
    "markdown2html": "tito.grader.rendering.markdown2html",
    "strip_files_prefix": "tito.grader.rendering.unchanged",
}
"""


@dataclass(frozen=True)
class GradingCourse:
    root: Path
    workspace: Workspace
    db_url: str = ""
    seed: int = 0  # where the tests' random numbers start: students do not know it

    @classmethod
    def find(cls, folder: str | None = None) -> GradingCourse:
        """The course in `folder`, or around the current folder, or in grading/ of the workspace."""
        here = Path(folder).resolve() if folder else Path.cwd().resolve()
        places = [here] if folder else [here, *here.parents]
        try:
            places.append(Workspace.find(here).root / "grading")
        except TitoError:
            pass
        for place in places:
            if (place / SETTINGS).is_file():
                settings = json.loads((place / SETTINGS).read_text(encoding="utf-8"))
                workspace, db_url = Workspace(Path(settings["workspace"])), settings["db_url"] or _sqlite(place)
                return cls(place, workspace, db_url, settings["seed"])
        raise TitoError(f"{here} is not a grading course: `tito grade init` makes one, --course DIR names one.")

    @classmethod
    def create(cls, root: Path, workspace: Workspace, db_url: str = "") -> GradingCourse:
        """Make the folder an nbgrader course, as yet without assignments. What is there already stays."""
        root = root.resolve()
        root.mkdir(parents=True, exist_ok=True)
        for short in ("postgresql://", "postgres://"):  # SQLAlchemy takes these for an older driver
            if db_url.startswith(short):
                db_url = "postgresql+psycopg://" + db_url.removeprefix(short)
        before = cls.find(str(root)) if (root / SETTINGS).is_file() else None
        if db_url and before and db_url != before.db_url:
            raise TitoError(f"{root} has its gradebook elsewhere already; make another course for another gradebook.")
        seed = before.seed if before else secrets.randbelow(1 << 31)
        course = cls(root, workspace, db_url or (before.db_url if before else _sqlite(root)), seed)
        elsewhere = course.db_url if course.db_url != _sqlite(root) else ""  # SQLite's moves with the folder
        settings = {"schema": SCHEMA, "workspace": str(workspace.root), "db_url": elsewhere, "seed": seed}
        write(root / SETTINGS, json.dumps(settings, indent=1) + "\n")
        course.configure(elsewhere)
        return course

    def configure(self, db_url: str = "") -> None:
        """Write nbgrader's settings; of those that are there already, only what shows students' text harmlessly is added.

        The gradebook is an SQLite file here, or at `db_url`.
        """
        from tito.author.build import STUB, TEXT_STUB

        path = self.root / "nbgrader_config.py"
        if not path.exists():
            db = f"c.CourseDirectory.db_url = {db_url!r}\n" if db_url else ""
            write(path, CONFIG.format(course=COURSE_ID, db=db, code=STUB, text=TEXT_STUB, harmless=HARMLESS))
        elif "tito.grader.rendering" not in (settings := path.read_text(encoding="utf-8")):
            write(path, settings + HARMLESS)

    def config(self):
        """nbgrader's settings, as it reads them from nbgrader_config.py."""
        from traitlets.config import PyFileConfigLoader

        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    def directory(self, module: Module, student: str = "*"):
        """nbgrader's own view of the course's folders."""
        from nbgrader.coursedir import CourseDirectory

        directory = CourseDirectory(config=self.config())
        directory.assignment_id, directory.student_id = module.key, student
        return directory

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """nbgrader's gradebook, open."""
        put_alembic_on_path()
        from nbgrader.api import Gradebook
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import DBAPIError, SAWarning

        try:
            with warnings.catch_warnings(), Gradebook(self.db_url, COURSE_ID) as gradebook:
                warnings.simplefilter("ignore", SAWarning)  # nbgrader itself provokes them when it adds a submission
                yield gradebook
        except DBAPIError as error:
            said = str(error.orig).strip().partition("\n")[0].rstrip(".")
            where = make_url(self.db_url).render_as_string(hide_password=True)
            raise MachineError(
                f"the gradebook {where} cannot be used now: {said}. Every mark that it has is whole. "
                "Give the same command again once that is mended."
            ) from None

    def module(self, wanted: str) -> Module:
        return self.workspace.module(wanted)

    def submitted(self, module: Module, student: str) -> Path:
        """The notebook that a student handed in."""
        return self.root / "submitted" / student / module.key / f"{module.name}.ipynb"

    def autograded(self, module: Module, student: str) -> Path:
        return self.root / "autograded" / student / module.key / f"{module.name}.ipynb"

    def log(self, module: Module) -> Path:
        """What was collected, and what was wrong with it."""
        return self.root / ".tito" / "collected" / f"{module.key}.json"

    def roster(self) -> list[dict[str, str]]:
        """The students in the gradebook, sorted by id, but for those whom the latest roster has dropped."""
        more = self.more()
        with self.gradebook() as gradebook:
            people = [{name: getattr(student, name) or "" for name in ROSTER} for student in gradebook.students]
        people = [dict.fromkeys(MORE, "") | more.get(person["id"], {}) | person for person in people]
        return sorted((p for p in people if not p.get("dropped")), key=lambda person: person["id"])

    def more(self) -> dict[str, dict[str, str]]:
        """What is known of students beside nbgrader's gradebook: group, extra_days, dropped, and `due MODULE`."""
        try:
            return json.loads(self._more.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:  # without it, everybody's extensions would be gone
            raise TitoError(f"{self._more} cannot be read ({error}).") from None

    def add_more(self, of_students: dict[str, dict[str, str]]) -> None:
        """Keep more of some students; an empty text takes away what was kept."""
        more = self.more()
        for student, said in of_students.items():
            more[student] = {key: text for key, text in (more.get(student, {}) | said).items() if text}
        write(self._more, json.dumps(more, indent=1, sort_keys=True) + "\n")

    @property
    def _more(self) -> Path:
        return self.root / ".tito" / "students.json"

    def due(self, module: Module) -> datetime | None:
        """Until when a module was to be handed in, as the gradebook has it."""
        with self.gradebook() as gradebook:
            due = gradebook.find_assignment(module.key).duedate
        return due and due.replace(tzinfo=timezone.utc)

    def set_due(self, module: Module, due: datetime) -> None:
        """Note in the gradebook until when a module was to be handed in."""
        with self.gradebook() as gradebook:
            naive = due.astimezone(timezone.utc).replace(tzinfo=None)  # as nbgrader keeps its times
            gradebook.update_or_create_assignment(module.key, duedate=naive)

    def handed_in(self, module: Module) -> list[str]:
        """The ids of those whose submission has been collected, sorted."""
        folder = self.root / "submitted"
        found = [path.parts[-3] for path in folder.glob(f"*/{module.key}/{module.name}.ipynb")]
        return sorted(name for name in found if valid_id(name))


def _sqlite(root: Path) -> str:
    """Where nbgrader keeps its gradebook by default."""
    return f"sqlite:///{root / 'gradebook.db'}"


def put_alembic_on_path() -> None:
    """nbgrader runs `alembic` by name: let it find the one of this environment."""
    folder = os.path.dirname(sys.executable)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


def read_roster(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """The students in a CSV file, from a column `id` and those of ROSTER and MORE; and the columns that are not read.

    Case and spaces in the first line do not matter: `First name` is first_name.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig")
        head = text.partition("\n")[0]
        if told := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):  # Excel's own line
            text = text[told.end() :]
        rest = io.StringIO(unicodedata.normalize("NFC", text), newline="")
        table = csv.DictReader(rest, delimiter=told[1] if told else max(",;\t", key=head.count))
        names = list(table.fieldnames or ())
        table.fieldnames = [re.sub(r"\W+", "_", name.strip().casefold()) for name in names]
        rows = list(table)
    except OSError as error:
        raise TitoError(f"the roster {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise TitoError(f"the roster {path} is not a CSV file in UTF-8.") from None
    if not rows or "id" not in table.fieldnames:
        raise TitoError(f"the roster {path} needs a first line with a column `id`, and a line for each student.")
    unread = [name for name, read in zip(names, table.fieldnames) if read not in (*ROSTER, *MORE) and name.strip()]
    students, seen = [], set()
    for number, row in enumerate(rows, 2):
        student = {key: (row.get(key) or "").strip() for key in (*ROSTER, *MORE)}
        if not any(student.values()):
            continue
        if not valid_id(student["id"]):
            raise TitoError(
                f"{path}, line {number}: {student['id']!r} is no id; letters, digits and . _ - @ may be in it."
            )
        student["lms_user_id"] = re.sub(r"\.0$", "", student["lms_user_id"])  # a number, to what wrote the table
        if mangled := next((text for text in (student["id"], student["lms_user_id"]) if ROUNDED.fullmatch(text)), ""):
            raise TitoError(
                f"{path}, line {number}: {mangled} is what a spreadsheet makes of a long number; make the column text."
            )
        if student["id"].casefold() in seen:
            raise TitoError(f"{path}, line {number}: the id {student['id']} is there twice.")
        if student["extra_days"] and not _is_days(student["extra_days"]):
            raise TitoError(f"{path}, line {number}: extra_days is {student['extra_days']!r}, and should be a number.")
        seen.add(student["id"].casefold())
        students.append(student)
    return students, unread


def valid_id(student: str) -> bool:
    """Whether a name is safe as a student's id, which is also the name of a folder."""
    return (
        0 < len(student) <= LONGEST_ID and student[0] not in ".-" and all(c.isalnum() or c in "._-@+" for c in student)
    )


def _is_days(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def enrol(course: GradingCourse, students: list[dict[str, str]]) -> None:
    """Put students into the gradebook, or bring what is known of them up to date."""
    with course.gradebook() as gradebook:
        for student in students:
            given = {key: value for key, value in student.items() if value and key in ROSTER and key != "id"}
            gradebook.update_or_create_student(student["id"], **given)
    course.add_more({s["id"]: {key: s.get(key, "") for key in MORE} | {"dropped": ""} for s in students})


def drop_others(course: GradingCourse, students: list[dict[str, str]]) -> list[str]:
    """Drop those who are not on a roster any more, and give their ids. Their marks stay in the gradebook."""
    gone = sorted({person["id"] for person in course.roster()} - {student["id"] for student in students})
    course.add_more({student: {"dropped": "yes"} for student in gone})
    return gone
