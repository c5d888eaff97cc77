"""MathJax, which draws the formulas: fetched once through npm, checked, and served with the pages."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

from tito.datasets import cache
from tito.errors import TitoError

NAME, VERSION = "mathjax", "3.2.2"
DIGEST = "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09"
NEEDED = ("tex-chtml.js", "output/chtml/fonts/woff-v2/", "input/tex/extensions/")  # of 24 MB, what TeX needs


def files() -> dict[str, bytes]:
    """What a page needs to draw TeX, by path. Raises TitoError if it cannot be had."""
    found = {}
    with tarfile.open(_archive()) as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix("package/es5/")
            if member.isfile() and name.startswith(NEEDED):
                found[name] = archive.extractfile(member).read()
    return found


def _archive() -> Path:
    """npm's package, in the folder where data sets are kept."""
    path = cache() / NAME / f"{NAME}-{VERSION}.tgz"
    if not path.is_file():
        npm = shutil.which("npm")
        if not npm:
            raise TitoError(f"{NAME} {VERSION} is fetched with npm, which is not here: install Node.js, or put {path}.")
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", "--silent", f"{NAME}@{VERSION}", "--pack-destination", str(path.parent)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        if done.returncode:
            last = (done.stderr.strip() or "npm does not say why").splitlines()[-1]
            raise TitoError(f"npm cannot fetch {NAME} {VERSION}: {last}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != DIGEST:
        raise TitoError(f"{path} is damaged, its checksum is wrong: delete it, and it will be fetched again.")
    return path
