"""Copies of Python files with the bytecode that Python keeps of them: making it is most of the work of importing them."""

from __future__ import annotations

import functools
import importlib.util
import marshal
import sys
import warnings
from pathlib import Path

from tito.syntax import UNREADABLE
from tito.workspace import writing

CHECKED = 0b11  # flags of PEP 552: valid for the source with this hash


def copy(file: Path, to: Path, compiled: bool = True) -> None:
    """Copy a file to where it is imported from, with its bytecode if its author is trusted: compiling can take long."""
    source = file.read_bytes()
    files = {to: source}
    if compiled and (code := _bytecode(source)):
        files[to.parent / "__pycache__" / f"{to.stem}.{sys.implementation.cache_tag}.pyc"] = code
    with writing(to):
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@functools.lru_cache(maxsize=256)
def _bytecode(source: bytes) -> bytes:
    """What Python keeps of a file with this source; nothing if it is not Python, which importing it will say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(source, "", "exec", dont_inherit=True, optimize=0)
    except UNREADABLE:
        return b""
    header = importlib.util.MAGIC_NUMBER + CHECKED.to_bytes(4, "little") + importlib.util.source_hash(source)
    return header + marshal.dumps(code)
