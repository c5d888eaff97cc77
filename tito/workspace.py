"""The folder a student works in: where it is, which modules it holds, and how files in it are written."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tito.errors import MachineError, TitoError

MODULE = re.compile(r"(\d\d)_([a-z]+)")
PARTS = {1: "Part I: a framework", 7: "Part II: a language model"}  # by the number of its first module
HIDDEN = "hidden"  # the folder, beside a module's tests, of tests that only grading runs


@dataclass(frozen=True)
class Module:
    """One numbered stage of the course, and where its parts are."""

    key: str  # 01_tensor
    root: Path

    @property
    def number(self) -> str:
        return self.key[:2]

    @property
    def name(self) -> str:
        return self.key[3:]

    @property
    def part(self) -> str:
        """The part of the course that it belongs to; a course may end with any of them."""
        return PARTS[max(first for first in PARTS if first <= max(int(self.number), 1))]

    @property
    def notebook(self) -> Path:
        return self.root / "modules" / self.key / f"{self.name}.ipynb"

    @property
    def original(self) -> Path:
        """The folder with the notebook as it was handed out, and what is known of its mistakes."""
        return self.root / "modules" / ".original" / self.key

    @property
    def milestone(self) -> Path:
        return self.notebook.with_name("milestone.py")

    @property
    def tests(self) -> Path:
        return self.root / "tests" / self.key

    def tests_of(self, exercise: str, hidden: bool = False) -> list[Path]:
        """The files with an exercise's tests, and the `hidden` ones, which students do not have, where there are any."""
        files = [self.tests / f"test_{exercise}.py"]
        secret = self.tests / HIDDEN / files[0].name
        return [*files, secret] if hidden and secret.is_file() else files

    @property
    def lesson(self) -> Path:
        return self.root / "solutions" / f"{self.key}.py"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


def by_part(modules: Iterable[Module]) -> dict[str, list[Module]]:
    """Modules by the part of the course that they belong to, in order."""
    parts: dict[str, list[Module]] = {}
    for module in modules:
        parts.setdefault(module.part, []).append(module)
    return parts


@dataclass(frozen=True)
class Workspace:
    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """The workspace around `start` (the current folder), or else the one that `tito` itself lies in."""
        try:
            here = (start or Path.cwd()).resolve()
        except FileNotFoundError:
            raise TitoError("the folder you are in is gone: go to the one that holds modules/ and tests/.") from None
        for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
            if (folder / "tests").is_dir() and any((folder / part).is_dir() for part in ("modules", "solutions")):
                return cls(folder)
        raise TitoError(f"{here} is not in a TinyTorch workspace: go to the folder that holds modules/ and tests/.")

    @property
    def modules(self) -> list[Module]:
        """The modules that have been built, in order."""
        return self._modules(self.root / "modules" / ".original", "")

    @property
    def lessons(self) -> list[Module]:
        """The modules that have an authored lesson, in order."""
        return self._modules(self.root / "solutions", ".py")

    def _modules(self, folder: Path, suffix: str) -> list[Module]:
        names = os.listdir(folder) if folder.is_dir() else []
        keys = sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix))
        return [Module(key, self.root) for key in keys if MODULE.fullmatch(key)]

    def module(self, wanted: str, among: list[Module] | None = None) -> Module:
        """The module that `1`, `01`, `tensor` or `01_tensor` names, among those that have been built by default."""
        among = self.modules if among is None else among
        for module in among:
            if wanted in (module.key, module.name) or (wanted.isdecimal() and int(wanted) == int(module.number)):
                return module
        there = ", ".join(str(module) for module in among) or "none yet"
        raise TitoError(f"there is no module {wanted} here; there is: {there}.")

    @property
    def package(self) -> Path:
        return self.root / "tinytorch"

    @property
    def shelves(self) -> Path:
        """The given files of the package, which only put PyTorch's names to what the modules made."""
        return self.root / "modules" / ".original" / "shelves"

    @property
    def private(self) -> Path:
        """What tito keeps for itself: progress, backups, pictures."""
        return self.root / ".tito"

    def shown(self, path: Path) -> str:
        """`path` as a person would type it from the workspace's root."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace's lock, so that two `tito` at once take turns when they write."""
        if sys.platform == "emscripten":  # in a browser there is one, and nothing to lock with
            yield
            return
        with writing(self.private):
            self.private.mkdir(exist_ok=True)
            file = open(self.private / "lock", "a+b")
        with file:
            _lock(file, self.root)
            try:
                yield
            finally:
                _unlock(file)

    def back_up(self, path: Path) -> Path:
        """Copy `path` into `.tito/backups` and return the copy."""
        folder = self.private / "backups"
        stamp = time.strftime("%Y-%m-%d-%H%M%S")
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            copy = folder / f"{path.stem}-{stamp}{path.suffix}"
            for n in range(2, 1000):
                if not copy.exists():
                    break
                copy = folder / f"{path.stem}-{stamp}-{n}{path.suffix}"
            data = path.read_bytes()
        write(copy, data)
        return copy


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write `path` into a sentence."""
    try:
        yield
    except OSError as error:
        raise MachineError(f"{path} cannot be written: {error.strerror or error}. It was left as it was.") from None


def write(path: Path, text: str | bytes, sync: bool = True) -> None:
    """Write a whole file or nothing: a reader sees the old text or the new, whatever interrupts.

    Without `sync` a power failure may still lose it: for what can be made again.
    """
    with writing(path), replacing(path) as file:
        file.write(text.encode() if isinstance(text, str) else text)
        if sync:
            file.flush()
            os.fsync(file.fileno())


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[io.BufferedWriter]:
    """A file to write to, which takes the place of `path` when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{os.urandom(4).hex()}"  # named first: Ctrl-C may come once it is there
    try:
        with open(temporary, "xb", opener=functools.partial(os.open, mode=0o600)) as file:
            yield file
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _lock(file, root: Path, patience: float = 30) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            if os.name == "nt":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > end:
                raise TitoError(f"another tito has been writing in {root} for {patience:g} s; try again.") from None
            time.sleep(0.02)


def _unlock(file) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
