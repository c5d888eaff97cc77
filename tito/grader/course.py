"""A grading course: an nbgrader course made from the modules, its gradebook, and where everything in it is."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tito.errors import TitoError
from tito.workspace import Module, Workspace, write

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

COURSE_ID = "tinytorch"
SETTINGS = ".tito-grade.json"
SCHEMA = "tito.grading/1"
CONFIG = '''"""nbgrader's settings for this course; nbgrader itself reads them too."""

c = get_config()
c.CourseDirectory.course_id = "{course}"
c.CourseDirectory.db_url = "{db}"
c.ClearSolutions.code_stub = {{"python": "# Your code here\\nraise NotImplementedError()"}}
c.ClearSolutions.text_stub = "Your answer here."
'''


@dataclass(frozen=True)
class GradingCourse:
    root: Path
    workspace: Workspace
    db_url: str

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
                return cls(place, Workspace(Path(settings["workspace"])), settings["db_url"])
        raise TitoError(f"{here} is not a grading course: `tito grade init` makes one, --course DIR names one.")

    @classmethod
    def create(cls, root: Path, workspace: Workspace, db_url: str = "") -> GradingCourse:
        """Make the folder an nbgrader course with every module as an assignment. What is there already stays."""
        from tito.author.build import read_lessons

        root = root.resolve()
        root.mkdir(parents=True, exist_ok=True)
        course = cls(root, workspace, db_url or f"sqlite:///{root / 'gradebook.db'}")
        settings = {"schema": SCHEMA, "workspace": str(workspace.root), "db_url": course.db_url}
        write(root / SETTINGS, json.dumps(settings, indent=1) + "\n")
        if not (root / "nbgrader_config.py").exists():
            write(root / "nbgrader_config.py", CONFIG.format(course=COURSE_ID, db=course.db_url))
        for lesson in read_lessons(workspace):
            course._assign(lesson)
        return course

    def _assign(self, lesson) -> None:
        """Make an assignment of a lesson, as `nbgrader generate_assignment` does."""
        import nbformat

        module = lesson.module
        source = self.root / "source" / module.key / f"{module.name}.ipynb"
        write(source, nbformat.writes(lesson.notebook, indent=1) + "\n")
        with _quiet():
            from nbgrader.converters import GenerateAssignment

            converter = GenerateAssignment(coursedir=self.directory(module), parent=None)
            converter.update_config(self.config())
            converter.create_assignment = True
            converter.force = True
            try:
                converter.start()
            except (Exception, SystemExit) as error:
                raise TitoError(f"nbgrader could not make the assignment {module.key}: {error}") from None

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

        with Gradebook(self.db_url, COURSE_ID) as gradebook:
            yield gradebook

    def module(self, wanted: str) -> Module:
        return self.workspace.module(wanted)

    def submitted(self, module: Module, student: str) -> Path:
        """The notebook that a student handed in."""
        return self.root / "submitted" / student / module.key / f"{module.name}.ipynb"

    def autograded(self, module: Module, student: str) -> Path:
        return self.root / "autograded" / student / module.key / f"{module.name}.ipynb"

    def results(self, module: Module) -> Path:
        """Where what workers found is kept, one file a student."""
        return self.root / ".tito" / "results" / module.key

    def log(self, module: Module) -> Path:
        """What was collected, and what was wrong with it."""
        return self.root / ".tito" / "collected" / f"{module.key}.json"

    def students(self) -> list[str]:
        """The ids of all students in the gradebook, sorted."""
        with self.gradebook() as gradebook:
            return sorted(student.id for student in gradebook.students)

    def handed_in(self, module: Module) -> list[str]:
        """The ids of those whose submission has been collected, sorted."""
        folder = self.root / "submitted"
        return sorted(path.parts[-3] for path in folder.glob(f"*/{module.key}/{module.name}.ipynb"))


def put_alembic_on_path() -> None:
    """nbgrader runs `alembic` by name: let it find the one of this environment."""
    folder = os.path.dirname(sys.executable)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


def read_roster(path: Path) -> list[dict[str, str]]:
    """The students in a CSV file: a column `id`, and if there are any `first_name`, `last_name`, `email`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise TitoError(f"the roster {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise TitoError(f"the roster {path} is not a CSV file in UTF-8.") from None
    if not rows or "id" not in rows[0]:
        raise TitoError(f"the roster {path} needs a first line with a column `id`, and a line for each student.")
    students = []
    for number, row in enumerate(rows, 2):
        student = {key: (row.get(key) or "").strip() for key in ("id", "first_name", "last_name", "email")}
        if not valid_id(student["id"]):
            raise TitoError(
                f"{path}, line {number}: {student['id']!r} is no id; letters, digits and . _ - @ may be in it"
            )
        students.append(student)
    return students


def valid_id(student: str) -> bool:
    """Whether a name is safe as a student's id, which is also the name of a folder."""
    return bool(student) and student[0] not in ".-" and all(c.isalnum() or c in "._-@+" for c in student)


def enrol(course: GradingCourse, students: list[dict[str, str]]) -> None:
    """Put students into the gradebook, or bring their names up to date."""
    with course.gradebook() as gradebook:
        for student in students:
            given = {key: value for key, value in student.items() if value and key != "id"}
            gradebook.update_or_create_student(student["id"], **given)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep nbgrader's log for errors."""
    import logging

    put_alembic_on_path()
    logger = logging.getLogger("traitlets")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
