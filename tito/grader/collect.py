"""Collecting: hand-ins, however they come, put where nbgrader expects them, and all that is odd about them listed.

A source is a folder or a zip: a platform's download, nbgrader's exchange, or student folders. Nothing in it is changed.
Whose a hand-in is, and when it came, is read from the names that the platform or the instructor wrote (origins.py,
people.py); what is below them is content. What is not certain is listed and given to nobody; nothing stops the others.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from tito.errors import TitoError
from tito.grader.course import GradingCourse
from tito.grader.job import LARGEST, submitted_cells
from tito.grader.limits import bounded_memory
from tito.grader.origins import DEEPEST, PLAIN, SELF_WRITTEN, Claim, Level, ignored, walk
from tito.grader.people import Roster, plain
from tito.notebook import HandedOut, handed_out
from tito.submission import match
from tito.syntax import definitions
from tito.workspace import Module, write

SCHEMA = "tito.collected/2"
LARGEST_ZIP = 4 << 30  # bytes of all files in a zip, unpacked; the largest are left out where they are more
LARGEST_FILE = 256 << 20  # bytes of a notebook with its outputs, which are not kept where they make it large
LARGEST_INNER, MOST_INNER = 64 << 20, 200  # bytes of a zip that a student made, and notebooks in it that are looked at
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError, MemoryError)
ENCODINGS = ("utf-8", "cp437", "cp850", "cp1252")  # of names in a zip that does not say which
NOTEBOOKS = (".ipynb", ".ipynb.json", ".ipynb.txt")  # the last two are Safari's
ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")  # which are not unpacked
NOTHING = "nothing was handed in"
STOPPED = "collecting it was stopped in the middle: collect again"  # its notebook and its time may not belong together


@dataclass
class HandIn:
    """What one student handed in, as it was found."""

    student: str  # empty: whose it is cannot be told
    path: str = ""  # where the notebook was, in the source
    when: str = ""  # ISO, in UTC; empty: it is not known
    notes: list[str] = field(default_factory=list)  # what is odd about it
    problem: str = ""  # why there is no notebook that can be graded
    collected: bool = False
    late: bool | None = None  # as the platform says, if it does
    origin: str = ""  # what named the student, as `canvas:lovelaceada_4711`
    attempt: int = 0  # the platform's count
    by: str = ""  # who of the group handed it in, for one who did not


def collect(
    course: GradingCourse,
    module: Module,
    source: Path,
    due: datetime | None = None,
    prefer: str = "",
    pattern: str = "",
) -> list[HandIn]:
    """Bring in what students handed in for a module; one entry for each student who is enrolled or handed in.

    What was collected before stays, unless this source has something newer. `due` is kept in the gradebook; later is
    late. `prefer` is the origin that counts where a student has two; `pattern` says how names in the source are read.
    """
    source = source.expanduser()
    if not source.exists():
        raise TitoError(f"{source} is not there; name a folder or a zip file with what was handed in.")
    if due:
        course.set_due(module, due)
    people = course.roster()
    before = collected(course, module)
    with tempfile.TemporaryDirectory(prefix="tito-collect-") as folder:
        roster = Roster(people)
        root, odd = source, []
        if not source.is_dir():
            root = Path(folder, "source")
            odd = _unpack(source, root, people)
        level = Level(root, module, None if source.is_dir() else source, pattern)
        found, whole = _by_student(level, root, Path(folder), roster, handed_out(module), before, prefer)
        found[""].notes += odd
        meanwhile = {student: replace(before.get(student, HandIn(student)), problem=STOPPED) for student in whole}
        _keep(course, module, source, [*(before | meanwhile).values()])
        for student, entry in found.items():
            if student in whole:
                _bring_in(course, module, whole[student], entry, before.get(student))
    for student in {*before, *(person["id"] for person in people)} - {""}:
        if student not in found or (before.get(student, found[student]).collected and not found[student].collected):
            found[student] = _as_before(before.get(student), found.get(student), student)
    entries = sorted((entry for entry in found.values() if entry.student or entry.notes), key=lambda e: e.student)
    entries = [_printable(entry) for entry in entries]
    _keep(course, module, source, entries)
    return entries


def _keep(course: GradingCourse, module: Module, source: Path, entries: list[HandIn]) -> None:
    kept = {"schema": SCHEMA, "source": str(source), "hand_ins": [asdict(entry) for entry in entries]}
    write(course.log(module), json.dumps(kept, indent=1) + "\n")


def _printable(entry: HandIn) -> HandIn:
    """The entry without what no file and no terminal can hold: names are not always text."""
    clean = lambda text: "".join(c if c.isprintable() else "\ufffd" for c in text)  # noqa: E731
    texts = {name: clean(getattr(entry, name)) for name in ("path", "problem", "origin")}
    return replace(entry, **texts, notes=[clean(note) for note in entry.notes])


def _as_before(before: HandIn | None, now: HandIn | None, student: str) -> HandIn:
    """The entry of a student of whom this source has nothing that can be graded."""
    entry = before or HandIn(student, problem=NOTHING)
    if now:
        again = f"handed in again: {now.problem}; what was collected before counts"
        entry.notes = list(dict.fromkeys([*entry.notes, again]))
    return entry


def collected(course: GradingCourse, module: Module) -> dict[str, HandIn]:
    """What was collected so far, by student; empty if nothing was."""
    path = course.log(module)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = {entry["student"]: HandIn(**entry) for entry in data["hand_ins"]}
        if data["schema"] != SCHEMA:  # the first kind had no word for what a platform does not say
            found = {student: replace(entry, late=entry.late or None) for student, entry in found.items()}
        return found
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:  # without it, nobody would be late any more
        raise TitoError(f"{path}, which says when everything came, cannot be read ({error}).") from None


# Unpacking.
def _unpack(archive: Path, folder: Path, people: list[dict[str, str]]) -> list[str]:
    """Unpack a zip; returns what was left out: names that lead out of the folder, links, what is damaged or too large."""
    odd = []
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as packed:
            files = [info for info in packed.infolist() if not info.is_dir()]
            too_large = _too_large(files)
            for info, named in zip(files, _decoded(files, people)):
                name = PurePosixPath(named.replace("\\", "/"))
                if name.is_absolute() or ".." in name.parts or stat.S_ISLNK(info.external_attr >> 16):
                    odd.append(f"{named}: left out, it is a link or leads out of the archive")
                elif len(name.parts) > DEEPEST:
                    odd.append(f"{name.parts[0]}: a file in more than {DEEPEST} folders is left out")
                elif id(info) in too_large:
                    odd.append(f"{named}: left out, it unpacks to {info.file_size >> 20} MB")
                else:
                    try:
                        _unpack_one(packed, info, folder.joinpath(*name.parts))
                    except DAMAGED as e:
                        odd.append(f"{named}: cannot be unpacked ({_reason(e)})")
    except zipfile.BadZipFile:
        raise TitoError(f"{archive} is not a zip file.") from None
    return odd


def _reason(error: Exception) -> str:
    """Why something in a zip cannot be unpacked, for a person."""
    return "it needs a password" if "encrypted" in str(error) else getattr(error, "strerror", None) or str(error)


def _too_large(files: list[zipfile.ZipInfo]) -> set[int]:
    """Which files of a zip are not unpacked, by their `id`: those that nobody reads, and the largest where all are too much."""
    large = {id(info) for info in files if info.file_size > LARGEST_FILE}
    left = sorted((info for info in files if id(info) not in large), key=lambda info: info.file_size)
    total = sum(info.file_size for info in left)
    while total > LARGEST_ZIP:
        large.add(id(left[-1]))
        total -= left.pop().file_size
    return large


def _decoded(files: list[zipfile.ZipInfo], people: list[dict[str, str]]) -> list[str]:
    """The names of a zip's files, in the encoding in which most students are found among them."""

    def names(encoding: str) -> list[str]:
        return [
            info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode(encoding)
            for info in files
        ]

    def found(names: list[str]) -> int:
        text = plain("/".join(names))
        return sum(plain(person[part]) in text for person in people for part in ("first_name", "last_name", "id"))

    possible = []
    for encoding in ENCODINGS:
        try:
            possible.append(names(encoding))
        except UnicodeError:
            continue
    return max(possible, key=found, default=[info.filename for info in files])  # the first of those that are as good


def _unpack_one(packed: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with packed.open(info) as theirs, target.open("wb") as ours:
            shutil.copyfileobj(theirs, ours)
    except (zipfile.BadZipFile, zlib.error):
        target.write_bytes(b"")  # so that its student is known to have handed something in
        raise
    try:
        when = datetime(*info.date_time).timestamp() if info.date_time[0] > 1980 else 0  # a zip's zero
    except (ValueError, OverflowError):
        when = 0
    os.utime(target, (when, when))


# Whose it is.
@dataclass
class _File:
    path: Path
    relative: Path
    claim: Claim | None = None
    changed: float = 0  # when the file was written, if its system says
    called: str = ""  # what the platform says that the student called it

    @property
    def name(self) -> str:
        """What the student called it."""
        return self.called or self.relative.name

    @property
    def when(self) -> datetime | None:
        """When it came; of a file that no platform carried, when it was written."""
        if self.claim and self.claim.scheme != PLAIN.name:
            return self.claim.when
        try:
            return datetime.fromtimestamp(self.changed, timezone.utc) if self.changed > 0 else None
        except (ValueError, OverflowError, OSError):  # no year that there can be
            return None

    @property
    def order(self) -> tuple[int, float]:
        """What the platform says of which is the latest."""
        attempt, when = (self.claim.attempt, self.claim.when) if self.claim else (0, None)
        return attempt, when.timestamp() if when else 0


def _files(claim: Claim, path: Path, root: Path, unpacked: Path) -> Iterator[tuple[_File, str]]:
    """The files of one hand-in, and why one is not to be looked at. A zip among them is as good as the notebooks in it."""
    left = LARGEST_FILE  # bytes that may be unpacked
    for file, problem in walk(path):
        shown, changed, found = file.relative_to(root), _changed(file), []
        if not problem and file.suffix.casefold() == ".zip" and file.stat().st_size <= LARGEST_INNER:
            try:
                with bounded_memory(), zipfile.ZipFile(file) as packed:
                    inside = _notebooks_in(packed, Path(tempfile.mkdtemp(dir=unpacked)), left)
                    found = list(islice(inside, MOST_INNER))
            except DAMAGED as error:
                problem = f"cannot be unpacked ({_reason(error)})"
        for inner, name in found:
            left -= inner.stat().st_size
            yield _File(inner, shown / name, claim, changed), ""
        if not found:
            yield _File(file, shown, claim, changed, claim.file if file == path else ""), problem


def _notebooks_in(packed: zipfile.ZipFile, folder: Path, left: int) -> Iterator[tuple[Path, str]]:
    """Unpack the notebooks of a zip that a student made, under names of our own; of each, what it is called in the zip."""
    for number, info in enumerate(packed.infolist()):
        name = info.filename.replace("\\", "/").lstrip("/")
        hidden = any(map(ignored, PurePosixPath(name).parts))
        if name.casefold().endswith(NOTEBOOKS) and not hidden and info.file_size <= left:
            target = folder / f"{number}.ipynb"
            with packed.open(info) as theirs:
                target.write_bytes(theirs.read(info.file_size + 1))  # not more, whatever it would unpack to
            left -= info.file_size
            yield target, name


def _by_student(
    level: Level, root: Path, folder: Path, roster: Roster, original: HandedOut, before: dict[str, HandIn], prefer: str
) -> tuple[dict[str, HandIn], dict[str, bytes]]:
    """What each student handed in, and of those whose notebook can be graded, the notebook."""
    files: dict[str, dict[str, list[_File]]] = {}  # student -> origin -> files
    aside: dict[str, list[str]] = {"": []}
    claims = list(level.claims())
    for claim, path in claims:
        students, why = roster.find(claim)
        if not students:
            alone = "; if it holds everybody's, collect from it alone" if len(claims) == 1 and path.is_dir() else ""
            aside[""].append(f"{path.relative_to(root)}: {why}{alone}")
            continue
        of_it = list(_files(claim, path, root, folder))
        for student in students:
            notes = [f"{found.relative} {problem}, set aside" for found, problem in of_it if problem]
            if student != students[0]:
                notes.append(_for_the_group(students[0]))
            if notes:
                aside.setdefault(student, []).extend(notes)
            if good := [found for found, problem in of_it if not problem]:
                files.setdefault(student, {}).setdefault(str(claim), []).extend(good)
    there = {origin for origins in files.values() for origin in origins} | {
        e.origin for e in before.values() if e.origin
    }
    if prefer and not any(_is_meant(origin, prefer) for origin in there):
        kinds = ", ".join(sorted({_platform(origin) for origin in there})) or "none"
        raise TitoError(f"--prefer {prefer}: nothing was handed in from there; the origins are {kinds}.")
    entries, notebooks = {"": HandIn("", notes=aside.pop(""))}, {}
    for student in sorted({*files, *aside}):
        entry = entries[student] = HandIn(student, notes=aside.get(student, []))
        data = _from_one_origin(entry, files.get(student, {}), level.module, original, before.get(student), prefer)
        if data is not None:
            notebooks[student] = data
    own = {student for student, entry in before.items() if entry.collected and not entry.by}
    for student in sorted(notebooks, key=lambda one: (entries[one].attempt, entries[one].when), reverse=True):
        for other in roster.members(roster.people.get(student, {}).get("group", "")):
            if other not in entries and other not in own:  # what somebody handed in counts before what others did
                entries[other] = replace(entries[student], student=other, by=student, notes=[_for_the_group(student)])
                notebooks[other] = notebooks[student]
    return entries, notebooks


def _for_the_group(student: str) -> str:
    return f"handed in by {student} for the group"


def _from_one_origin(
    entry: HandIn,
    origins: dict[str, list[_File]],
    module: Module,
    original: HandedOut,
    before: HandIn | None,
    prefer: str,
) -> bytes | None:
    """Choose which of a student's files counts, and give its notebook. Files from two origins are for the instructor."""
    tried = {}
    for origin, files in origins.items():
        trial = HandIn(entry.student, origin=origin)
        tried[origin] = trial, _choose(trial, files, module, original)
        if origin.startswith(f"{SELF_WRITTEN}:") and len({file.path for file in files}) > 1:
            trial.problem = "several files bear this name, and students choose the names in such a download"
            tried[origin] = trial, None
    with_notebook = {origin: one for origin, one in tried.items() if one[0].path} or tried
    others = set(with_notebook)
    if before and before.collected and before.origin and not before.by:
        others.add(before.origin)
    if len(others) > 1:
        wanted = [o for o in others if _is_meant(o, prefer)]
        if len(wanted) != 1:
            entry.path = next(iter(with_notebook.values()))[0].path
            kinds = {_platform(origin) for origin in others}
            ways = " or ".join(f"--prefer {shlex.quote(o)}" for o in sorted(kinds if len(kinds) > 1 else others))
            entry.problem = f"handed in from {' and from '.join(sorted(others))}: {ways} says which counts"
            return None
        if wanted[0] not in with_notebook:
            entry.problem = f"--prefer {shlex.quote(prefer)} leaves it out"
            return None
        with_notebook = {wanted[0]: with_notebook[wanted[0]]}
    if not with_notebook:
        entry.problem = f"no notebook {module.name}.ipynb was handed in"
        return None
    chosen, data = next(iter(with_notebook.values()))
    chosen.notes = entry.notes + chosen.notes
    vars(entry).update(vars(chosen))
    return data


def _is_meant(origin: str, prefer: str) -> bool:
    """Tell whether --prefer names this origin, `canvas:doejane_12`, in whole or by either of its halves."""
    return bool(prefer) and prefer.casefold() in (origin.casefold(), *origin.casefold().split(":", 1))


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0


# Which file counts.
def choose(entry: HandIn, folder: Path, module: Module, original: HandedOut) -> bytes | None:
    """Choose which of the files in one student's folder counts, and give its notebook, if it can be graded."""
    files = [
        _File(path, path.relative_to(folder), None, _changed(path)) for path, problem in walk(folder) if not problem
    ]
    return _choose(entry, files, module, original)


def _choose(entry: HandIn, files: list[_File], module: Module, original: HandedOut) -> bytes | None:
    """Choose which of a student's files counts: the newest notebook of the module that can be read."""
    wanted = f"{module.name}.ipynb"
    others, unreadable, good = [], [], []
    for file in files:
        if not file.name.casefold().endswith(NOTEBOOKS):
            others.append(file.name + ", an archive that is no zip" * file.name.casefold().endswith(ARCHIVES))
            continue
        problem, data = "", b""
        try:
            data = notebook_bytes(file.path, file.name)
            of_module = _is_of(module, original, data, file)
        except TitoError as error:
            problem, of_module = str(error), _seems_of(module, file)
        if problem and of_module:
            unreadable.append((file, problem))
        elif of_module:
            good.append((file, data))
        else:
            others.append(file.name)
    if not good and not unreadable:
        names = f", but {', '.join(sorted(set(others)))}" if others else ""
        entry.problem = f"no notebook {wanted} was handed in{names}"
        return None
    candidates = good or unreadable
    worked = {file.path for file, data in good if len(good) > 1 and _has_work(data, file, original)}

    def rank(one: tuple[_File, Any]) -> tuple:
        """What the platform says comes first; of one upload, a notebook with something in it."""
        file, _ = one
        return *file.order, file.path in worked, file.changed, file.name == wanted, str(file.path)

    best, found = max(candidates, key=rank)
    entry.path, entry.when = str(best.relative), best.when.isoformat(timespec="seconds") if best.when else ""
    if best.claim:
        entry.late, entry.attempt = best.claim.late, best.claim.attempt
    if best.name != wanted:
        entry.notes.append(f"was called {best.name}")
    if len(candidates) > 1:
        left = ", ".join(sorted(str(file.relative) for file, _ in candidates if file is not best))
        newest = max(candidates, key=lambda one: (*one[0].order, one[0].changed))[0]
        why = "newest" if newest.changed == best.changed else "newest with something written in it"
        blank = ", though nothing is written in it" if worked and best.path not in worked else ""
        entry.notes.append(f"handed in {len(candidates)} times; the {why} counts{blank}, not {left}")
    if good:
        entry.notes += [f"{file.relative} was left aside: {problem}" for file, problem in unreadable]
        return found
    entry.problem = found
    return None


def notebook_bytes(path: Path, shown: str) -> bytes:
    """Read a notebook as it can be graded: in UTF-8, and without outputs where they make it large. TitoError if it is none."""
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise TitoError(f"{shown} has {size >> 20} MB; {LARGEST_FILE >> 20} MB at most are read.")
        data = path.read_bytes()
    except OSError as error:
        raise TitoError(f"{shown} cannot be read: {error.strerror}.") from None
    with suppress(UnicodeError):  # what cannot be read is said by whoever reads it
        data = data.decode(json.detect_encoding(data)).encode()
    if len(data) > LARGEST:
        data = _without_outputs(data)
    submitted_cells(data, shown)
    return data


def _without_outputs(data: bytes) -> bytes:
    try:
        with bounded_memory():
            notebook = json.loads(data)
        for cell in notebook["cells"]:
            if "outputs" in cell:
                cell["outputs"] = []
        return json.dumps(notebook, ensure_ascii=False).encode(errors="surrogatepass")
    except (ValueError, KeyError, TypeError, RecursionError, MemoryError):
        return data  # what is wrong with it is said by whoever reads it


def _is_of(module: Module, original: HandedOut, data: bytes, file: _File) -> bool:
    """Tell whether a notebook is for this module, by the marks in it, or else by the names that it defines."""
    cells = submitted_cells(data, file.name)
    if marks := {cell.mark for cell in cells if cell.mark}:
        return any(cell.mark in marks for cell in original.cells if cell.solution or cell.grade)
    names = {name for exercise in original.exercises.values() for name in definitions(exercise.blank.source)}
    defined = (definitions(cell.source) for cell in cells if cell.kind == "code")
    return _seems_of(module, file) or any(names & set(found) for found in defined)


def _has_work(data: bytes, file: _File, original: HandedOut) -> bool:
    """Tell whether a student has written anything in a notebook."""
    submission = match(submitted_cells(data, file.name), original, file.name)
    return bool(submission.written or submission.own)


def _seems_of(module: Module, file: _File) -> bool:
    return plain(module.name) in plain(Path(file.name).stem) or module.key in file.relative.parts


def _comparable(before: HandIn, entry: HandIn) -> bool:
    """Tell whether what one student handed in before may stand in the way of this: from one origin, or for a group."""
    if before.by or entry.by:
        return bool(before.by and entry.by) and _platform(before.origin) == _platform(entry.origin)
    return before.origin in ("", entry.origin)


def _platform(origin: str) -> str:
    return origin.partition(":")[0]


def _later(one: HandIn, other: HandIn) -> bool:
    """Tell whether one came later, by the platform's count or else by the time, where both have one."""
    if one.attempt != other.attempt:
        return one.attempt > other.attempt
    return bool(one.when and other.when and one.when > other.when)


def _bring_in(course: GradingCourse, module: Module, data: bytes, entry: HandIn, before: HandIn | None) -> None:
    """Put a notebook where nbgrader expects it, unless what was collected before is newer."""
    if before and before.collected and _comparable(before, entry) and _later(before, entry):
        entry.problem = f"{entry.path} is older than what was collected before"
        return
    target = course.submitted(module, entry.student)
    write(target, data, sync=False)
    if entry.when:
        write(target.with_name("timestamp.txt"), entry.when + "\n", sync=False)
    else:
        target.with_name("timestamp.txt").unlink(missing_ok=True)
    entry.collected = True
