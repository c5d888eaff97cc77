"""Make `.venv` and install into it, saying what happens on one line. Needs nothing but Python; run by `make`.

`python tito/install.py WHAT`, with WHAT as pip takes it, such as `.` or `.[dev]`.
"""

import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

HOME = Path(".venv")
PYTHON = HOME / ("Scripts" if os.name == "nt" else "bin") / "python"
STEP = re.compile(r"(Collecting|Downloading|Using cached|Building|Preparing|Installing)\s+(\S+)")


def main(what: str) -> int:
    if sys.version_info < (3, 10):
        print(f"TinyTorch needs Python 3.10 or newer, and this is {sys.version.split()[0]}.")
        return 2
    if not PYTHON.exists():
        print("Making .venv", flush=True)
        venv.create(HOME, with_pip=True)
    begun = time.monotonic()
    say(f"Installing {what}: about a minute the first time")
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "-e", what]
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
    (HOME / ("ready-dev" if "dev" in what else "ready")).touch()
    say(f"Installed {what} in {time.monotonic() - begun:.0f} s", end="\n")
    return 0


def say(text: str, end: str = "") -> None:
    """Show where the installation stands: on one line that is written over, or not at all where there is no terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K{text[:79]}", end=end, flush=True)
    elif end:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
