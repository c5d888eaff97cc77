"""Make an environment and install into it, saying what happens on one line. Needs nothing but Python; run by `make`.

`python tito/install.py WHAT`, with WHAT as pip takes it, such as `.` or `.[dev]`, installs into `.venv`, and
`python tito/install.py --into HOME PACKAGE ...` into another.
"""

from __future__ import annotations  # so that an older Python comes as far as to be told that it is one

import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

STEP = re.compile(r"(Collecting|Downloading|Using cached|Building|Preparing|Installing)\s+(\S+)")


def main(packages: list[str], home: Path) -> int:
    if sys.version_info < (3, 10):
        print(f"TinyTorch needs Python 3.10 or newer, and this is {sys.version.split()[0]}.")
        return 2
    python, what = home / ("Scripts" if os.name == "nt" else "bin") / "python", " ".join(packages)
    if not works(python):
        print(f"Making {home}", flush=True)
        venv.create(home, with_pip=True, clear=not python.exists() and (home / "pyvenv.cfg").is_file())
    begun = time.monotonic()
    say(f"Installing {what}: about a minute the first time")
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(python), "-m", "pip", "install", "--progress-bar", "off"]
    command += ["-e", what] if what.startswith(".") else packages
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", env=environment)
    lines = []
    for line in pip.stdout:
        lines.append(line)
        step = STEP.match(line.strip())
        if step:
            seen = sum(line.startswith("Collecting") for line in lines)
            say(f"Installing {what}: {seen} packages, {step[1].lower()} {step[2]}")
    if pip.wait():
        print("\nThe installation failed. The last lines of pip:\n" + "".join(lines[-15:]))
        return 1
    (home / ("ready-dev" if "dev" in what else "ready")).touch()
    say(f"Installed {what} in {time.monotonic() - begun:.0f} s", end="\n")
    return 0


def works(python: Path) -> bool:
    """Tell whether there is a Python that can install: one may have lost its own, or have been stopped before it had pip."""
    try:
        return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def say(text: str, end: str = "") -> None:
    """Show where the installation stands: on one line that is written over, or not at all where there is no terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K{text[:79]}", end=end, flush=True)
    elif end:
        print(text, flush=True)


if __name__ == "__main__":
    into = sys.argv[1] == "--into"
    sys.exit(main(sys.argv[3:] if into else sys.argv[1:], Path(sys.argv[2] if into else ".venv")))
