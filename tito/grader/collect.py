"""Collecting: hand-ins, however they come, put where nbgrader expects them, and all that is odd about them listed.

A source is a folder or a zip of student folders, a download from Canvas or Moodle, or nbgrader's exchange. Nothing in it
is changed. What is not a module's notebook is set aside and reported; no hand-in stops the others.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from tito.errors import TitoError
from tito.grader.course import GradingCourse, valid_id
from tito.grader.job import LARGEST, submitted_cells
from tito.workspace import Module, write

COPY = re.compile(r"(?: ?\(\d+\)|-\d+| - Copy|_copy)*$", re.IGNORECASE)  # tensor (1).ipynb, tensor-2.ipynb
CANVAS = re.compile(r"(?P<who>[^_]+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attempt>\d+)_(?P<name>.+)")
MOODLE = re.compile(r"(?P<who>.+?)_(?P<user>\d+)_assignsubmission_file(?:_(?P<name>.*))?")
EXCHANGE = re.compile(
    r"(?P<who>[^+]+)\+(?P<module>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \S+)(?:\+.*)?"
)
LARGEST_ZIP = 4 << 30  # bytes of all files in a zip, unpacked


@dataclass
class HandIn:
    """What one student handed in, as it was found."""

    student: str
    path: str = ""  # where the notebook was, in the source
    when: str = ""  # ISO, in UTC
    notes: list[str] = field(default_factory=list)  # what is odd about it
    problem: str = ""  # why it is no notebook that can be graded
    collected: bool = False


def collect(course: GradingCourse, module: Module, source: Path, due: datetime | None = None) -> list[HandIn]:
    """Bring in what students handed in for a module; one entry for each student who is enrolled or handed in."""
    source = source.expanduser()
    if not source.exists():
        raise TitoError(f"{source} is not there; name a folder or a zip file with what was handed in.")
    students = course.students()
    with tempfile.TemporaryDirectory(prefix="tito-collect-") as folder:
        root, odd = (source, []) if source.is_dir() else _unpack(source, Path(folder))
        found = _find(root, module, students)
        for note in odd:
            found.setdefault("", HandIn("")).notes.append(note)
        for entry in found.values():
            if entry.student and entry.path:
                _bring_in(course, module, root, entry, due)
    for student in students:
        found.setdefault(student, HandIn(student, problem="nothing was handed in"))
    entries = sorted(found.values(), key=lambda entry: entry.student)
    kept = {"schema": "tito.collected/1", "source": str(source), "hand_ins": [asdict(entry) for entry in entries]}
    write(course.log(module), json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return entries


def collected(course: GradingCourse, module: Module) -> dict[str, HandIn]:
    """What the last `collect` found, by student; empty if there was none."""
    try:
        data = json.loads(course.log(module).read_text(encoding="utf-8"))
        return {entry["student"]: HandIn(**entry) for entry in data["hand_ins"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _unpack(archive: Path, folder: Path) -> tuple[Path, list[str]]:
    """The files of a zip; names that lead out of the folder, links and what is too large are left out and noted."""
    odd = []
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(info.file_size for info in packed.infolist()) > LARGEST_ZIP:
                raise TitoError(f"{archive} unpacks to more than {LARGEST_ZIP >> 30} GB; name a folder instead.")
            for info in packed.infolist():
                name = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir() or "__MACOSX" in name.parts:
                    continue
                if name.is_absolute() or ".." in name.parts or stat.S_ISLNK(info.external_attr >> 16):
                    odd.append(f"{info.filename}: left out, it leads out of the archive")
                    continue
                target = folder.joinpath(*name.parts)
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with packed.open(info) as theirs, target.open("wb") as ours:
                        shutil.copyfileobj(theirs, ours)
                    when = datetime(*info.date_time).timestamp()
                    os.utime(target, (when, when))
                except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError) as error:
                    target.write_bytes(b"")
                    odd.append(f"{info.filename}: damaged in the archive ({error})")
    except zipfile.BadZipFile:
        raise TitoError(f"{archive} is not a zip file.") from None
    return folder, odd


@dataclass
class _File:
    path: Path
    student: str
    name: str  # what the student called it
    when: float
    late: bool = False  # as the LMS says


def _find(root: Path, module: Module, students: list[str]) -> dict[str, HandIn]:
    """Which file is whose, and which of several counts: the newest of those with the right name."""
    files: dict[str, list[_File]] = {}
    aside: dict[str, list[str]] = {}
    folders = [root]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            relative = path.relative_to(root)
            if path.is_symlink():
                aside.setdefault(_owner(relative, students)[0], []).append(f"{relative} is a link, set aside")
            elif path.is_dir():
                if path.name not in (".ipynb_checkpoints", "__MACOSX"):
                    folders.append(path)
            elif path.is_file():
                student, name, late = _owner(relative, students)
                if path.suffix == ".ipynb":
                    files.setdefault(student, []).append(_File(path, student, name, _when(path, relative), late))
                elif path.suffix in (".py", ".pth", ".so"):
                    aside.setdefault(student, []).append(f"{relative} is not graded, set aside")
    found: dict[str, HandIn] = {}
    for student in sorted({*files, *aside}):
        entry = found.setdefault(student, HandIn(student, notes=aside.get(student, [])))
        if not student:
            entry.notes += [f"{file.path.relative_to(root)}: whose it is cannot be told" for file in files.get("", [])]
        elif student in files:
            _choose(entry, files[student], module, root)
        else:
            entry.problem = f"no notebook {module.name}.ipynb was handed in"
        if student and student not in students:
            entry.notes.append("not on the roster")
    return found


def _choose(entry: HandIn, files: list[_File], module: Module, root: Path) -> None:
    wanted = f"{module.name}.ipynb"
    of_module = [file for file in files if module.key in file.path.relative_to(root).parts]
    files = of_module or files
    right = [file for file in files if file.name.casefold() == wanted]
    copies = [file for file in files if COPY.sub("", Path(file.name).stem).casefold() == module.name]
    others = [file for file in files if file not in copies]
    if not copies and len(others) == 1 and _looks_like(others[0].path, module):
        copies = others
    if not copies:
        names = ", ".join(sorted(file.name for file in files))
        entry.problem = f"no notebook {wanted} was handed in, but {names}"
        return
    best = max(copies, key=lambda file: (file.when, file in right, str(file.path)))
    entry.path, entry.when = str(best.path.relative_to(root)), _iso(best.when)
    if best.name != wanted:
        entry.notes.append(f"was called {best.name}")
    if len(copies) > 1:
        left = ", ".join(sorted(str(file.path.relative_to(root)) for file in copies if file is not best))
        entry.notes.append(f"handed in {len(copies)} times; the newest counts, not {left}")
    if best.late:
        entry.notes.append("late")


def _looks_like(path: Path, module: Module) -> bool:
    """Whether a notebook with another name has this module's exercises in it."""
    try:
        return f'"{module.name}"' in path.name or b'grade_id": "given-' in path.read_bytes()[:LARGEST]
    except OSError:
        return False


def _owner(relative: Path, students: list[str]) -> tuple[str, str, bool]:
    """Whose a file is, what it was called, and whether the LMS says that it came late."""
    by_plain = {_plain(student): student for student in students}
    for part in relative.parts:
        if match := EXCHANGE.fullmatch(part):
            return match["who"], relative.name, False
        if match := MOODLE.fullmatch(part):
            name = match["name"] if part == relative.name and match["name"] else relative.name
            return by_plain.get(_plain(match["who"]), _as_id(match["who"])), name, False
        if match := CANVAS.fullmatch(part):
            name = match["name"] if part == relative.name else relative.name
            return by_plain.get(_plain(match["who"]), _as_id(match["who"])), name, bool(match["late"])
    first = next((part for part in relative.parts[:-1] if part in students), "")
    if not first and len(relative.parts) > 1:
        first = relative.parts[0] if valid_id(relative.parts[0]) else _as_id(relative.parts[0])
    return first, relative.name, False


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _as_id(name: str) -> str:
    """A name as a student's id: what may not be in one becomes a dash."""
    return "".join(c if c.isalnum() or c in "._@+" else "-" for c in name).strip("-.") or "unnamed"


def _when(path: Path, relative: Path) -> float:
    """When a file was handed in: as the exchange or timestamp.txt says, else when it was last written."""
    for part in relative.parts:
        if match := EXCHANGE.fullmatch(part):
            try:
                text = match["time"].removesuffix(" UTC")
                return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()
            except ValueError:
                pass
    from tito.grader.marks import timestamp

    noted = timestamp(path)
    return noted.replace(tzinfo=timezone.utc).timestamp() if noted else path.stat().st_mtime


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, timezone.utc).isoformat(timespec="seconds")


def _bring_in(course: GradingCourse, module: Module, root: Path, entry: HandIn, due: datetime | None) -> None:
    """Copy a notebook to where nbgrader expects it; one that cannot be read is copied too, and said to be so."""
    source = root / entry.path
    target = course.submitted(module, entry.student)
    try:
        size = source.stat().st_size
        data = source.read_bytes() if size <= LARGEST else b""
        write(target, data, sync=False)
        write(target.with_name("timestamp.txt"), entry.when + "\n", sync=False)
        entry.collected = True
        if size > LARGEST:
            entry.problem = f"the notebook has {size >> 20} MB; {LARGEST >> 20} MB at most are graded"
        else:
            submitted_cells(data, entry.path)
    except OSError as error:
        entry.problem = f"cannot be read: {error.strerror}"
    except TitoError as error:
        entry.problem = str(error)
    if due and entry.when and datetime.fromisoformat(entry.when) > due and "late" not in entry.notes:
        entry.notes.append("late")
