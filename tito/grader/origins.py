"""Where a hand-in comes from: how each platform names its downloads, and what such a name says of whose it is, and when.

Only the level that the platform or the instructor wrote is read, never what a student packed below it. One row of
SCHEMES is one way of naming; `--pattern` is a row for any other.
"""

from __future__ import annotations

import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tito.errors import TitoError
from tito.grader.job import timestamp, utc
from tito.workspace import Module

FILE, FOLDER, EITHER = "file", "folder", "file or folder"
IGNORED = ("timestamp.txt", "thumbs.db", "desktop.ini", "__macosx", "__pycache__", "index.html")
IGNORED += ("grades.csv", "grades.xls", "feedback attachment(s)")  # Sakai's: the last holds what a person has graded
# names of folders around all
WRAPPERS = ("submission", "submitted", "inbound", "hand-in", "handed-in", "assignment_", "abgaben")
DOWNLOADED = r"( \(\d+\)|-\d+|-\d{8}T\d{6}Z(-\d+)+)$"  # what browsers and Google Drive put behind the name of a zip
OF_SAKAI = "bulk_download"  # how its zips are called, with one folder in them that is called as the assignment
ENDINGS = r"(\.ipynb)?\.(ipynb|json|txt|zip|rar|7z|pdf|html?|py|md)$"  # of files: a name may have a dot in it
TEAM = r"Team \d+"  # ILIAS' folder around those of a team's members
METADATA = "submission_metadata.yml"  # Gradescope's, beside its folders
TWO_WAYS = "its name can be read in two ways"
DEEPEST = 20  # folders in each other
LARGEST_METADATA = 16 << 20  # bytes
SUBMITTED = "submitted"  # nbgrader's own tree, submitted/STUDENT/ASSIGNMENT/


@dataclass(frozen=True)
class Claim:
    """What a name says that a platform or the instructor wrote. Empty is what it does not say."""

    scheme: str
    origin: str  # the part of the name that stands for the person: all with the same are one person's
    name: str = ""  # the person's, or a group's
    login: str = ""  # an id, a login or an e-mail address
    tail: str = ""  # a text that ends in a login, which may hold the same signs as stand before it
    title: str = ""  # what the tails of others begin with too: no login begins behind it
    number: str = ""  # the platform's own for the person, as in the roster's lms_user_id
    file: str = ""  # what the student called the file
    attempt: int = 0  # the platform's count: the largest is the latest
    when: datetime | None = None
    late: bool | None = None  # what the platform says; None is nothing
    others: tuple[Claim, ...] = ()  # those who handed it in together
    problem: str = ""  # why it is nobody's

    def __str__(self) -> str:
        return f"{self.scheme}:{self.origin}"


@dataclass(frozen=True)
class Scheme:
    """A way of naming: groups of the pattern are named as the fields of Claim."""

    name: str
    examples: tuple[str, ...]
    pattern: str
    of: str = EITHER
    when: tuple[str, ...] = ()  # how the time is written
    tells_late: bool = False  # then what is not marked as late was punctual
    whole: bool = True  # what a student calls a file cannot look like the platform's part of a name
    sure: bool = True  # something in a name is this platform's alone

    def read(self, name: str) -> Claim | None:
        """What a name says, if it is of this scheme. One that can be read in two ways is nobody's."""
        found = re.fullmatch(self.pattern, name, re.DOTALL)
        if not found:
            return None
        claim = self._claim(found)
        other = re.fullmatch(self.pattern.replace(".+?", ".+"), name, re.DOTALL)
        other = self._claim(other) if other else claim
        if _person(other) == _person(claim):
            return claim
        return (
            replace(claim, problem=TWO_WAYS)
            if self.whole
            else replace(claim, others=(replace(other, problem=TWO_WAYS),))
        )

    def _claim(self, found: re.Match) -> Claim:
        said = {name: text or "" for name, text in found.groupdict().items()}
        late = bool(said["late"]) if self.tells_late else (True if said.get("late") else None)
        when = next(filter(None, (_time(said.get("when", ""), how) for how in self.when)), None)
        person = [said[part] for part in ("group", "name", "login", "tail", "number", "own") if said.get(part)]
        return Claim(
            scheme=self.name,
            origin="_".join(person),
            when=when,
            late=late,
            attempt=int(said.get("attempt") or 0),
            **{part: said[part] for part in ("name", "login", "tail", "number", "file") if part in said},
        )


ILIAS = Scheme(
    "ilias", ("Lovelace_Ada_alovelace_4711/tensor.ipynb",), r"(?P<tail>[^_]+_.+)_(?P<number>\d+)", FOLDER, sure=False
)
SCHEMES = (
    Scheme(
        "nbgrader",
        ("ada+01_tensor+2026-11-28 10:11:12.000000 UTC+4f6e/", "submitted/ada/01_tensor/"),
        r"(?P<login>[^+]+)\+(?P<module>[^+]+)"
        r"\+(?P<when>\d{4}-\d\d-\d\d \d\d[:_-]\d\d[:_-]\d\d[^+]*(?:(?<= )\+\d\d(?:\d\d)?)?)(?:\+.*)?",
        FOLDER,
        when=("nbgrader",),
    ),
    Scheme(
        "canvas-anonymous",
        ("anon_x7Kp2_90210_tensor.ipynb", "LATE_anon_x7Kp2_90210_tensor.ipynb"),
        r"(?P<late>LATE_)?anon_(?P<number>[0-9A-Za-z]+)_(?P<attempt>\d+)_(?P<file>.+)",
        FILE,
        tells_late=True,
    ),
    Scheme(
        "canvas",
        (
            "lovelaceada_4711_90210_tensor-1.ipynb",
            "lovelaceada_LATE_4711_90210_tensor.ipynb",
            "lovelaceada_4711_text.html",
        ),
        r"(?P<name>.+?)(?P<late>_LATE)?_(?P<number>\d+)_(?:(?P<attempt>\d+)_(?P<file>.+)|(?:text|link)\.html)",
        FILE,
        tells_late=True,
        whole=False,
        sure=False,
    ),
    Scheme(
        "moodle-blind",
        (
            "Participant_46_assignsubmission_file_/tensor.ipynb",
            "Group 3-Participant_46_assignsubmission_file_/tensor.ipynb",
        ),
        r"(?:.*-)?(?P<login>Participant_\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    ),
    Scheme(  # the number is the submission's, not the person's
        "moodle",
        (
            "Ada Lovelace_46_assignsubmission_file_/tensor.ipynb",
            "Ada Lovelace_46_assignsubmission_file_tensor.ipynb",
            "Group 3-Ada Lovelace_46_assignsubmission_file_/tensor.ipynb",
            "Group 3_7_assignsubmission_file_/tensor.ipynb",
        ),
        r"(?P<name>.+?)_(?P<own>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    ),
    Scheme(
        "blackboard",
        ("Lab 1_alovelace_attempt_2026-11-28-10-11-12_tensor.ipynb", "Lab 1_alovelace_attempt_2026-11-28-10-11-12.txt"),
        r"(?P<tail>.+?)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)",
        FILE,
        when=("%Y-%m-%d-%H-%M-%S",),
    ),
    Scheme(
        "brightspace",
        (
            "12345-67890 - Ada Lovelace - Nov 28, 2026 1011 AM/tensor.ipynb",
            "12345-67890 - Ada Lovelace - Nov 28, 2026 1011 AM - tensor.ipynb",
            "12345-67890 - Ada Lovelace - 28 November, 2026 1011 AM/tensor.ipynb",
        ),
        r"\d+-\d+ - (?P<name>.+?) - (?P<when>(?:[^\W\d]+\.? \d\d?|\d\d?\.? [^\W\d]+\.?),? \d{4} \d\d?[:._]?\d\d(?: [AP]M)?)"
        r"(?: - (?P<file>.+))?",
        when=tuple(
            f"{day} %Y {clock}" for day in ("%b %d", "%B %d", "%d %b", "%d %B") for clock in ("%I%M %p", "%H%M")
        ),
    ),
    Scheme(
        "sakai",
        ("Lovelace, Ada(alovelace)/Submission attachment(s)/tensor.ipynb",),
        r"(?P<name>[^()]+,[^()]*)\((?P<login>[^()]+)\)",
        FOLDER,
    ),
    Scheme("gradescope", ("submission_31415926/tensor.ipynb",), r"submission_(?P<own>\d+)", FOLDER),
    ILIAS,
    Scheme(  # students may have chosen these names
        "google-classroom", ("Ada Lovelace - tensor.ipynb",), r"(?P<name>.+?) - (?P<file>.+\.ipynb.*)", FILE, sure=False
    ),
)
GITHUB = Scheme(
    "github-classroom", ("01-tensor-submissions/01-tensor-alovelace/tensor.ipynb",), r"(?P<login>.+)", FOLDER
)
PLAIN = Scheme("folder", ("ada/tensor.ipynb", "Ada Lovelace/tensor.ipynb", "ada.ipynb"), r"(?P<login>.+)")
SELF_WRITTEN = "google-classroom"


def _person(claim: Claim) -> tuple[str, ...]:
    return claim.name, claim.login, claim.tail, claim.number


def _time(text: str, how: str) -> datetime | None:
    """A time that stands in a name. Without a zone it is this machine's."""
    if not text:
        return None
    try:
        if how == "nbgrader":
            clock = re.sub(r"(\d\d)[_-](\d\d)[_-](\d\d)(?=\D*\.|\s|$)", r"\1:\2:\3", text[10:])
            return _aware(utc(text[:10] + clock))
        return datetime.strptime(re.sub("[:._,]", "", text), how).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _aware(when: datetime | None) -> datetime | None:
    return when and when.replace(tzinfo=timezone.utc)


class Level:
    """The folder whose names were written by the platform or the instructor."""

    def __init__(self, folder: Path, module: Module, zipped: Path | None = None, pattern: str = "") -> None:
        self.module = module
        self.own = _own_pattern(pattern)
        self.folder = folder if pattern else _without_wrappers(folder, zipped)
        named = {folder.name: folder, self.folder.name: self.folder}
        self.tree = SUBMITTED in named and self.folder.name == SUBMITTED and not pattern
        self.metadata = _metadata(self.folder)
        slugs = [name.removesuffix("-submissions") for name in named if name.endswith("-submissions")]
        self.slugs = [*slugs, module.key.replace("_", "-"), module.name]

    def claims(self) -> Iterator[tuple[Claim, Path]]:
        """What each name of the level says, with the file or folder that bears it; for this module only."""
        paths = [path for path in _inside(self.folder) if path.name != METADATA]
        found = [one for path in (paths if self.own else _of_teams(paths)) for one in self._claims(path)]
        begins = Counter(head for tail in {claim.tail for claim, _ in found} for head in _heads(tail))
        for claim, path in found:
            shared = [head for head in _heads(claim.tail) if begins[head] > 1]
            yield replace(claim, title=max(shared, key=len, default="")), path

    def _claims(self, path: Path) -> Iterator[tuple[Claim, Path]]:
        if self.own:
            for file, _ in walk(path):
                found = self.own.match(file.relative_to(self.folder).as_posix())
                yield (_by_pattern(found) if found else _nobody(file.name, "the pattern does not fit")), file
            return
        of = FOLDER if path.is_dir() else FILE
        if self.tree and of == FOLDER:
            yield from self._in_tree(path)
            return
        readings = _readings(path.name, of)
        for number, (scheme, claim) in enumerate(readings, 1):
            if scheme.name == "nbgrader" and f"+{self.module.key}+" not in path.name:
                return  # of another module
            if scheme.name == "gradescope":
                claim = self._of_gradescope(claim, path.name)
            if scheme.name == "sakai":
                claim = replace(claim, when=_sakai_time(path))
            if claim:
                yield _beside(claim, scheme, readings[number:]), path
                return
        yield self._github(path.name, of) or self._plain(path, of), path

    def _in_tree(self, path: Path) -> Iterator[tuple[Claim, Path]]:
        """A student's folder in nbgrader's own tree; the timestamp beside the notebook is nbgrader's."""
        folder = path / self.module.key
        if folder.is_dir() and not folder.is_symlink():
            when = _aware(timestamp(folder / "x"))
            yield Claim("nbgrader", path.name, login=path.name, when=when), folder

    def _of_gradescope(self, claim: Claim, name: str) -> Claim | None:
        if not self.metadata:
            return None
        entry = self.metadata.get(name)
        people = entry.get(":submitters") if isinstance(entry, dict) else None
        if not isinstance(people, list) or not all(isinstance(person, dict) for person in people) or not people:
            return replace(claim, problem=f"{METADATA} does not say whose it is")
        when = entry.get(":created_at")
        when = when if isinstance(when, datetime) else None
        if when and when.tzinfo is None:
            when = when.replace(tzinfo=timezone.utc)
        said = [{key: str(person.get(f":{key}") or "") for key in ("name", "email", "sid")} for person in people]
        claims = [
            replace(claim, name=who["name"], login=who["email"] or who["sid"], origin=who["email"] or who["name"])
            for who in said
        ]
        return replace(claims[0], when=when, attempt=int(name.rpartition("_")[2]), others=tuple(claims[1:]))

    def _github(self, name: str, of: str) -> Claim | None:
        slug = next((slug for slug in self.slugs if name.startswith(f"{slug}-")), None)
        if of != FOLDER or slug is None:
            return None
        login = name.removeprefix(f"{slug}-")
        return Claim(GITHUB.name, login, login=login)

    def _plain(self, path: Path, of: str) -> Claim:
        """A folder, or a file, that bears a student's name; its time is that of the file."""
        who = path.name if of == FOLDER else re.sub(ENDINGS, "", path.name, flags=re.IGNORECASE)
        return Claim(PLAIN.name, who, name=who, login=who)


def _readings(name: str, of: str) -> list[tuple[Scheme, Claim]]:
    """Whatever a name may say, one for each platform, the sure ones first."""
    found: dict[str, tuple[Scheme, Claim]] = {}
    for scheme in SCHEMES:
        if scheme.of in (of, EITHER) and (claim := scheme.read(name)):
            found.setdefault(scheme.name.partition("-")[0], (scheme, claim))
    return sorted(found.values(), key=lambda one: not one[0].sure)


def _beside(claim: Claim, scheme: Scheme, more: list[tuple[Scheme, Claim]]) -> Claim:
    """The claim, with what other platforms' ways of naming make of its name: what a student calls a file may look like one.

    It is nobody's where what is sure in it may stand in what a student wrote.
    """
    more = [one for one in more if one[0].name != SELF_WRITTEN]
    if scheme.sure and any(other.sure or len(one.file) > len(claim.file) for other, one in more):
        return replace(claim, problem=TWO_WAYS)
    return replace(claim, others=(*claim.others, *(replace(one, problem=TWO_WAYS) for _, one in more)))


def _heads(tail: str) -> list[str]:
    """What may stand before the login that a text ends in."""
    return [tail[: place + 1] for place, sign in enumerate(tail) if sign == "_"]


def walk(path: Path, depth: int = 0) -> Iterator[tuple[Path, str]]:
    """A file, or all files below a folder, sorted, and why one is not to be looked at."""
    try:
        mode = path.lstat().st_mode
        inside = sorted(path.iterdir()) if stat.S_ISDIR(mode) and depth < DEEPEST else []
    except OSError as error:
        yield path, f"cannot be read ({error.strerror})"
        return
    if stat.S_ISLNK(mode):
        yield path, "is a link"
    elif stat.S_ISDIR(mode):
        if depth == DEEPEST:
            yield path, "is nested too deeply"
        for below in inside:
            if not ignored(below.name):
                yield from walk(below, depth + 1)
    elif not stat.S_ISREG(mode):
        yield path, "is not a file"
    else:
        yield path, "is not graded" if path.suffix in (".py", ".pth", ".so") else ""


def ignored(name: str) -> bool:
    return name.startswith(".") or name.casefold() in IGNORED


def _without_wrappers(root: Path, zipped: Path | None) -> Path:
    """The folder below those that are put around everything; only a name that nobody bears is taken for such a one."""
    known = [re.sub(DOWNLOADED, "", zipped.stem)] if zipped else []
    if zipped and zipped.stem.startswith(OF_SAKAI):
        known += [path.name for path in _inside(root)]
    while True:
        inside = _inside(root)
        folders = [path for path in inside if path.is_dir() and not path.is_symlink()]
        if inbound := next((path for path in folders if path.name == "inbound"), None):
            return inbound
        if len(inside) != 1 or not folders or _of_a_platform(inside[0].name):
            return root
        name = inside[0].name
        if name not in known and not any(word in name.casefold() for word in WRAPPERS):
            return root
        root = inside[0]


def _of_teams(paths: list[Path]) -> list[Path]:
    """The folders of the teams' members, where these are ILIAS' teams, each with nothing else in it; or else the paths."""
    if len(paths) < 2 or not all(re.fullmatch(TEAM, path.name) and path.is_dir() for path in paths):
        return paths
    members = [one for path in paths if not path.is_symlink() for one in _inside(path)]
    return members if all(one.is_dir() and ILIAS.read(one.name) for one in members) else paths


def _inside(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir()) if not ignored(path.name)]
    except OSError as error:
        raise TitoError(f"{folder} cannot be read: {error.strerror}.") from None


def _of_a_platform(name: str) -> bool:
    return any(scheme.of != FILE and re.fullmatch(scheme.pattern, name) for scheme in SCHEMES)


def _metadata(folder: Path) -> dict[str, Any]:
    """What Gradescope says of each of its folders."""
    path = folder / METADATA
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_METADATA:
        return {}
    import yaml

    try:
        found = yaml.load(path.read_text(encoding="utf-8"), _untagged(getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, OSError, ValueError, RecursionError):
        raise TitoError(f"{METADATA} of this Gradescope export cannot be read; download it again.") from None
    return found if isinstance(found, dict) else {}


def _untagged(loader: type) -> type:
    """A loader of YAML that takes what Ruby calls by a class of its own for what it looks like."""

    def plain(self: Any, tag: str, node: Any) -> Any:
        kinds = {"mapping": self.construct_mapping, "sequence": self.construct_sequence}
        return kinds.get(node.id, self.construct_scalar)(node, **({"deep": True} if node.id in kinds else {}))

    found = type("Untagged", (loader,), {})
    found.add_multi_constructor("!", plain)
    return found


def _sakai_time(folder: Path) -> datetime | None:
    """The time that Sakai puts beside what was handed in, as 20261128101112345, in UTC."""
    path = folder / "timestamp.txt"
    if not (folder / "Submission attachment(s)").is_dir() or path.is_symlink() or not path.is_file():
        return None
    try:
        return datetime.strptime(path.read_text()[:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    except (OSError, ValueError):
        return None


def _own_pattern(pattern: str) -> re.Pattern | None:
    if not pattern:
        return None
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise TitoError(f"--pattern: {pattern!r} is no regular expression: {error}.") from None
    if not set(found.groupindex) & {"id", "name", "number"}:
        raise TitoError("--pattern needs a group that says whose it is: (?P<id>…), (?P<name>…) or (?P<number>…).")
    return found


def _by_pattern(found: re.Match) -> Claim:
    said = {name: text or "" for name, text in found.groupdict().items()}
    person = {"login": said.get("id", ""), "name": said.get("name", ""), "number": said.get("number", "")}
    late = bool(said["late"]) if "late" in said else None
    return Claim("pattern", "_".join(filter(None, person.values())), late=late, **person)


def _nobody(name: str, problem: str) -> Claim:
    return Claim("pattern", name, problem=problem)
