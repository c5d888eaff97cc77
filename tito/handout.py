"""What a student gets: the files of a hand-out, made from a workspace, and a hand-out found in a folder or a zip."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from tito.errors import TitoError
from tito.workspace import HIDDEN, Module, Workspace, by_part, write

SETTINGS = ".tito-release.json"
SCHEMA = "tito.release/1"
COURSE = "tinytorch"
PLAIN = ("requirements.txt", "pyproject.toml", "LICENSE", ".gitignore")
LEFT_OUT = ("mistakes", HIDDEN, "__pycache__", ".ipynb_checkpoints")
LARGEST = 1 << 30  # bytes that a hand-out may have when it is unpacked

README = """\
# TinyTorch

Write a small deep-learning framework yourself, on NumPy, one notebook at a time.

You need Python 3.10 or newer. Install once:

    python tito/install.py .
    source .venv/bin/activate        (on Windows: .venv\\Scripts\\activate)

Then:

    tito           where you are, and what is next
    tito start     opens the notebook in JupyterLab
    tito check     runs the tests on what you saved
    tito watch     does that whenever you save, and goes on to the next module
    tito hint      a hint for the exercise that is next; again, the next hint

{modules}

Hand in the notebook of a module: modules/01_tensor/tensor.ipynb, for example.

When the course hands out something new, do not unpack it over this folder. Stay in this one, and bring it in:

    tito update FROM                 FROM is the new folder or zip; your work stays, and a backup is made
"""


def of_module(module: Module) -> dict[str, bytes]:
    """A module's files, by their path in a workspace: what was handed out, its tests, the milestone, the notebook."""
    blank = module.original / module.notebook.name
    files = _below(module.original, module.root) | _below(module.tests, module.root)
    if module.milestone.is_file():
        files |= {_relative(module.milestone, module.root): module.milestone.read_bytes()}
    return files | {_relative(module.notebook, module.root): blank.read_bytes()}


def hand_out(module: Module, root: Path) -> None:
    """Write a module's files into a workspace, and the given files of the package."""
    for path, data in (of_module(module) | of_shelves(Workspace(module.root))).items():
        write(root / path, data, sync=False)


def of_shelves(home: Workspace) -> dict[str, bytes]:
    """The given files of the package, which go with every module."""
    return _below(home.shelves, home.root)


def of_course(home: Workspace) -> dict[str, bytes]:
    """What every hand-out has beside its modules: the tool, and what it needs to be installed."""
    files = _below(home.root / "tito", home.root)
    return files | {name: (home.root / name).read_bytes() for name in PLAIN if (home.root / name).is_file()}


def release(home: Workspace, modules: Iterable[Module], more: dict[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """The name of a hand-out, which no other has, and its files: these modules, the course's, and `more`."""
    chosen = list(modules)
    files = (
        of_course(home)
        | of_shelves(home)
        | more
        | {"tinytorch/__init__.py": (home.root / "tinytorch/__init__.py").read_bytes()}
    )
    for module in chosen:
        files |= of_module(module)
    listed = "\n".join(f"{part}: {', '.join(map(str, found))}." for part, found in by_part(chosen).items())
    files["README.md"] = README.format(modules=listed).encode()
    summed = hashlib.sha256()
    for path in sorted(files):
        summed.update(path.encode() + b"\0" + files[path] + b"\0")
    name = f"{COURSE}-{chosen[-1].number}-{date.today()}-{summed.hexdigest()[:4]}"
    settings = {"schema": SCHEMA, "name": name, "modules": [module.key for module in chosen]}
    return name, files | {SETTINGS: json.dumps(settings, indent=1).encode() + b"\n"}


@contextlib.contextmanager
def opened(source: Path) -> Iterator[Workspace]:
    """The workspace in a folder, in a folder below it, or in a zip of one. Raises TitoError if there is none."""
    with contextlib.ExitStack() as stack:
        folder = source
        if source.is_file():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tito-update-")))
            _unpack(source, folder)
        elif not source.is_dir():
            raise TitoError(f"{source} is not there: name the folder or the zip that the course has handed out.")
        places = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]
        home = next((Workspace(place.resolve()) for place in places if Workspace(place).modules), None)
        if home is None:
            raise TitoError(f"{source} is no hand-out of this course: there is no modules/.original in it.")
        yield home


def _unpack(source: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(source) as packed:
            if sum(info.file_size for info in packed.infolist()) > LARGEST:
                raise TitoError(f"{source} is too large for a hand-out of this course.")
            packed.extractall(folder)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise TitoError(f"{source} is not a zip file, or is damaged: download it again.") from None


def _below(folder: Path, root: Path) -> dict[str, bytes]:
    """The files below a folder, but for what students do not get."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {_relative(f, root): f.read_bytes() for f in files if not set(f.relative_to(root).parts) & set(LEFT_OUT)}


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
