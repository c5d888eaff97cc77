"""Running code for the book, and remembering what came out."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tito.workspace import write

TITO = Path(__file__).parents[2] / "tito"
PARTS = ["show", "data", "datasets.py", "live.py", "checker", "export.py", "testing.py"]
SHARED = [TITO / part for part in PARTS]  # what lessons, milestones and checks run on


class Cache:
    """Results kept in a folder, each under a digest of all that it was made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, made_from: Iterable[str | Path]) -> Path:
        """Where the result that is made from these texts and files belongs; results made from others are removed."""
        path = self.folder / f"{name}-{_digest([*made_from, *SHARED])}"
        for old in set(self.folder.glob(f"{name}-{16 * '?'}")) - {path}:
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
        return path

    def get(self, name: str, made_from: Iterable[str | Path], make: Callable[[], Any]) -> Any:
        """What `make` returned when it was last called for the same texts and files; JSON must be able to hold it."""
        path = self.path(name, made_from)
        if not path.is_file():
            print(f"{name} runs", flush=True)
            write(path, json.dumps(make()), sync=False)
        return json.loads(path.read_text(encoding="utf-8"))


def _digest(parts: Iterable[str | Path]) -> str:
    summed = hashlib.sha256(f"{sys.version} {version('numpy')} {version('matplotlib')}".encode())
    for part in parts:
        if isinstance(part, str):
            summed.update(part.encode() + b"\0")
            continue
        files = [part] if part.is_file() else sorted(part.rglob("*"))
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                summed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return summed.hexdigest()[:16]
