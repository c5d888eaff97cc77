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
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from tito.errors import TitoError
from tito.grader.course import GradingCourse, valid_id
from tito.grader.job import LARGEST, submitted_cells
from tito.grader.marks import timestamp
from tito.notebook import HandedOut, handed_out
from tito.syntax import definitions
from tito.workspace import MODULE, Module, write

SCHEMA = "tito.collected/1"
CANVAS = re.compile(r"(?P<who>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attempt>\d+)_(?P<name>.+)")
MOODLE = re.compile(r"(?P<who>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<name>.*))?")
EXCHANGE = re.compile(r"(?P<who>[^+]+)\+(?P<module>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+.*)?")
IGNORED = ("timestamp.txt", "Thumbs.db", "desktop.ini")
LARGEST_ZIP = 4 << 30  # bytes of all files in a zip, unpacked
NOTHING = "nothing was handed in"


@dataclass
class HandIn:
    """What one student handed in, as it was found."""

    student: str  # empty: whose it is cannot be told
    path: str = ""  # where the notebook was, in the source
    when: str = ""  # ISO, in UTC
    notes: list[str] = field(default_factory=list)  # what is odd about it
    problem: str = ""  # why there is no notebook that can be graded
    collected: bool = False
    late: bool = False  # as the LMS says

    def is_late(self, due: datetime | None) -> bool:
        return self.late or bool(due and self.when and datetime.fromisoformat(self.when) > due)


def collect(course: GradingCourse, module: Module, source: Path, due: datetime | None = None) -> list[HandIn]:
    """Bring in what students handed in for a module; one entry for each student who is enrolled or handed in.

    What was collected before stays, unless this source has something newer. `due` is kept in the gradebook; later is late.
    """
    source = source.expanduser()
    if not source.exists():
        raise TitoError(f"{source} is not there; name a folder or a zip file with what was handed in.")
    original = handed_out(module)
    if due:
        course.set_due(module, due)
    roster = course.roster()
    before = collected(course, module)
    with tempfile.TemporaryDirectory(prefix="tito-collect-") as folder:
        root, odd = (source, []) if source.is_dir() else _unpack(source, Path(folder))
        found = _by_student(root, module, original, Roster(roster))
        if odd:
            found.setdefault("", HandIn("")).notes += odd
        for entry in found.values():
            if entry.path:
                _bring_in(course, module, root, entry, before.get(entry.student))
    for student in {*before, *(person["id"] for person in roster)} - {""}:
        if student not in found or (before.get(student, found[student]).collected and not found[student].collected):
            found[student] = _as_before(before.get(student), found.get(student), student)
    entries = sorted(found.values(), key=lambda entry: entry.student)
    kept = {"schema": SCHEMA, "source": str(source), "hand_ins": [asdict(entry) for entry in entries]}
    write(course.log(module), json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return entries


def _as_before(before: HandIn | None, now: HandIn | None, student: str) -> HandIn:
    """The entry of a student of whom this source has nothing that can be graded."""
    entry = before or HandIn(student, problem=NOTHING)
    if now:
        again = f"handed in again, but {now.problem}; what was collected before counts"
        entry.notes = list(dict.fromkeys([*entry.notes, again]))
    return entry


def collected(course: GradingCourse, module: Module) -> dict[str, HandIn]:
    """What was collected so far, by student; empty if nothing was."""
    try:
        data = json.loads(course.log(module).read_text(encoding="utf-8"))
        return {entry["student"]: HandIn(**entry) for entry in data["hand_ins"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _unpack(archive: Path, folder: Path) -> tuple[Path, list[str]]:
    """The files of a zip; names that lead out of the folder, links and what is damaged are left out and noted."""
    odd = []
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(info.file_size for info in packed.infolist()) > LARGEST_ZIP:
                raise TitoError(f"{archive} unpacks to more than {LARGEST_ZIP >> 30} GB; name a folder instead.")
            for info in packed.infolist():
                name = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir():
                    continue
                if name.is_absolute() or ".." in name.parts or stat.S_ISLNK(info.external_attr >> 16):
                    odd.append(f"{info.filename}: left out, it is a link or leads out of the archive")
                    continue
                try:
                    _unpack_one(packed, info, folder.joinpath(*name.parts))
                except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError) as error:
                    odd.append(f"{info.filename}: cannot be unpacked ({error})")
    except zipfile.BadZipFile:
        raise TitoError(f"{archive} is not a zip file.") from None
    return folder, odd


def _unpack_one(packed: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with packed.open(info) as theirs, target.open("wb") as ours:
            shutil.copyfileobj(theirs, ours)
    except zipfile.BadZipFile:
        target.write_bytes(b"")  # so that its student is known to have handed something in
        raise
    when = datetime(*info.date_time).timestamp()
    os.utime(target, (when, when))


class Roster:
    """The students who are enrolled, found by their id, the LMS's id, their e-mail address or their name."""

    def __init__(self, people: list[dict[str, str]]) -> None:
        self.ids = {person["id"].casefold(): person["id"] for person in people}
        self._lms = {person["lms_user_id"]: person["id"] for person in people if person["lms_user_id"]}
        self._names: dict[str, set[str]] = {}
        for person in people:
            first, last, email = person["first_name"], person["last_name"], person["email"]
            for name in (person["id"], email, email.partition("@")[0], first + last, last + first):
                self._names.setdefault(plain(name), set()).add(person["id"])

    def find(self, who: str, user: str = "") -> tuple[str, str]:
        """The id of the student an LMS or a folder names, and what is odd about that; no id if it may be several."""
        if user in self._lms or who.casefold() in self.ids:
            return self._lms.get(user) or self.ids[who.casefold()], ""
        named = self._names.get(plain(who), set()) if plain(who) else set()
        if len(named) > 1:
            several = " or ".join(sorted(named))
            return "", f"whose it is cannot be told: {several} (a column lms_user_id in the roster tells)"
        own = "".join(c if valid_id(f"a{c}") else "-" for c in who).strip("-.") or "unnamed"
        return (named.pop(), "") if named else (f"{own}_{user}" if user else own, "not on the roster")


def plain(name: str) -> str:
    """A name without what systems write differently: case, accents, spaces, punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())


@dataclass
class _File:
    path: Path
    relative: Path
    student: str
    odd: str = ""  # about whose it is
    name: str = ""  # what the student called it
    when: float = 0
    attempt: int = 0  # the LMS's own count
    late: bool = False  # as the LMS says


def _by_student(root: Path, module: Module, original: HandedOut, roster: Roster) -> dict[str, HandIn]:
    """What each student handed in: the newest notebook that has this module's exercises, and what else there is."""
    files: dict[str, list[_File]] = {}
    aside: dict[str, list[str]] = {}
    top = _top(root, roster)
    for path, problem in _walk(top):
        file = _identified(path, path.relative_to(top), module, roster)
        if not file:
            continue
        file.relative = path.relative_to(root)
        if problem:
            aside.setdefault(file.student, []).append(f"{file.relative} {problem}, set aside")
        elif file.student:
            files.setdefault(file.student, []).append(file)
        else:
            aside.setdefault("", []).append(f"{file.relative}: {file.odd}")
    found = {}
    for student in sorted({*files, *aside}):
        entry = found[student] = HandIn(student, notes=aside.get(student, []))
        if student:
            _choose(entry, files.get(student, []), module, original)
    return found


def _top(root: Path, roster: Roster) -> Path:
    """The folder that the students' are in: a zip often has one folder around them all."""
    while True:
        inside = [path for path in sorted(root.iterdir()) if not _ignored(path.name)]
        if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
            return root
        only = inside[0]
        below = {path.name for path in only.iterdir() if path.is_dir() and not _ignored(path.name)}
        if all(name == "modules" or MODULE.fullmatch(name) for name in below) or not roster.find(only.name)[1]:
            return root
        root = only


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in (*IGNORED, "__MACOSX", "__pycache__")


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """All files below a folder, sorted, and why one is not to be looked at."""
    try:
        inside = sorted(root.iterdir())
    except OSError as error:
        yield root, f"cannot be read ({error.strerror})"
        return
    for path in inside:
        if path.is_symlink():
            yield path, "is a link"
        elif _ignored(path.name):
            continue
        elif path.is_dir():
            yield from _walk(path)
        elif not path.is_file():
            yield path, "is not a file"
        else:
            yield path, "is not graded" if path.suffix in (".py", ".pth", ".so") else ""


def _identified(path: Path, relative: Path, module: Module, roster: Roster) -> _File | None:
    """Whose a file is and what it was called, from the names on the way to it; None if it is for another module."""
    from nbgrader.utils import parse_utc

    file = _File(path, relative, "", name=relative.name)
    try:
        file.when = path.lstat().st_mtime
    except OSError:
        pass
    folders, top = relative.parts[:-1], relative.parts[0]
    known = next((part for part in [*folders, Path(relative.name).stem] if part.casefold() in roster.ids), "")
    if match := next(filter(None, map(EXCHANGE.fullmatch, folders)), None):
        if match["module"] != module.key:
            return None
        file.when = _seconds(parse_utc(match["time"]))
        file.student, file.odd = roster.find(match["who"])
    elif match := MOODLE.fullmatch(top):
        file.name = match["name"] or file.name
        file.student, file.odd = roster.find(match["who"], match["user"])
    elif match := not folders and CANVAS.fullmatch(top):
        file.name, file.attempt, file.late = match["name"], int(match["attempt"]), bool(match["late"])
        file.student, file.odd = roster.find(match["who"], match["user"])
    elif known or folders:
        file.student, file.odd = roster.find(known or top)
    else:
        file.odd = "whose it is cannot be told"
    if noted := timestamp(path):
        file.when = _seconds(noted)
    return file


def _seconds(when: datetime) -> float:
    return when.replace(tzinfo=timezone.utc).timestamp()


def choose(entry: HandIn, folder: Path, module: Module, original: HandedOut) -> None:
    """Which of the files in one student's folder counts."""
    files = [(path, path.relative_to(folder)) for path, problem in _walk(folder) if not problem]
    found = [_File(path, relative, "", name=path.name, when=path.stat().st_mtime) for path, relative in files]
    _choose(entry, found, module, original)


def _choose(entry: HandIn, files: list[_File], module: Module, original: HandedOut) -> None:
    """Which of a student's files counts: the newest notebook of the module that can be read."""
    wanted = f"{module.name}.ipynb"
    entry.notes += sorted({file.odd for file in files if file.odd})
    others, unreadable, good = [], [], []
    for file in files:
        if file.path.suffix.casefold() != ".ipynb":
            others.append(file.name)
            continue
        problem, of_module = _looked_into(file, module, original)
        if problem and of_module:
            unreadable.append((file, problem))
        elif of_module:
            good.append(file)
        else:
            others.append(file.name)
    if not good and not unreadable:
        names = f", but {', '.join(sorted(set(others)))}" if others else ""
        entry.problem = f"no notebook {wanted} was handed in{names}"
        return
    candidates = good or [file for file, _ in unreadable]
    best = max(candidates, key=lambda file: (file.attempt, file.when, file.name == wanted, str(file.path)))
    entry.path, entry.when, entry.late = str(best.relative), _iso(best.when), best.late
    if best.name != wanted:
        entry.notes.append(f"was called {best.name}")
    if len(candidates) > 1:
        left = ", ".join(sorted(str(file.relative) for file in candidates if file is not best))
        entry.notes.append(f"handed in {len(candidates)} times; the newest counts, not {left}")
    if good:
        entry.notes += [f"{file.relative} was left aside: {problem}" for file, problem in unreadable]
    else:
        entry.problem = next(problem for file, problem in unreadable if file is best)


def _looked_into(file: _File, module: Module, original: HandedOut) -> tuple[str, bool]:
    """Why a file is no notebook that can be graded, and whether it is, or seems to be, for this module."""
    seems = plain(module.name) in plain(Path(file.name).stem) or module.key in file.relative.parts
    try:
        if (size := file.path.stat().st_size) > LARGEST:
            return f"{file.name} has {size >> 20} MB; {LARGEST >> 20} MB at most are graded", seems
        cells = submitted_cells(file.path.read_bytes(), file.name)
    except OSError as error:
        return f"{file.name} cannot be read: {error.strerror}", seems
    except TitoError as error:
        return str(error), seems
    if marks := {cell.mark for cell in cells if cell.mark}:
        return "", any(cell.mark in marks for cell in original.cells if cell.solution or cell.grade)
    names = {name for exercise in original.exercises.values() for name in definitions(exercise.blank.source)}
    return "", seems or any(names & set(definitions(cell.source)) for cell in cells if cell.kind == "code")


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, timezone.utc).isoformat(timespec="seconds")


def _bring_in(course: GradingCourse, module: Module, root: Path, entry: HandIn, before: HandIn | None) -> None:
    """Copy a notebook to where nbgrader expects it, unless there is a newer one that can be graded."""
    if before and before.collected and (entry.problem or before.when > entry.when):
        entry.problem = entry.problem or f"{entry.path} is older than what was collected before"
        return
    if entry.problem:
        return
    target, data = course.submitted(module, entry.student), (root / entry.path).read_bytes()
    write(target, data, sync=False)
    write(target.with_name("timestamp.txt"), entry.when + "\n", sync=False)
    entry.collected = True
