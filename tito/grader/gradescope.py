"""Gradescope: an autograder for one module as a zip, and what it runs there on each submission.

Where the container lets bubblewrap work, the student's code runs in the same sandbox as with `tito grade run`; where
not, as nobody, who can read neither the tests nor the results.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from tito.checker import report as reports
from tito.checker.process import CHILD
from tito.grader.collect import HandIn, choose
from tito.grader.job import Job, Result
from tito.grader.sandbox import Limited, as_user, available, open_to_all
from tito.grader.worker import grade
from tito.notebook import handed_out
from tito.workspace import Module, Workspace, replacing, writing

FILTER = "pyseccomp>=0.1.2"  # for the sandbox
NOBODY = "65534"
SETTINGS = "settings.json"  # in the zip: the modules before this one, and the seed
SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the container is made.
set -euo pipefail
apt-get update -qq
apt-get install -y -qq python3-venv util-linux bubblewrap libseccomp2
python3 -m venv /opt/tinytorch
/opt/tinytorch/bin/pip install --quiet {packages}
cp -r /autograder/source/tito "$(/opt/tinytorch/bin/python -c 'import site; print(site.getsitepackages()[0])')"
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission.
chmod -R go= /autograder/source /autograder/submission /autograder/results
cd /autograder/source
exec /opt/tinytorch/bin/python -I -m tito.grader.gradescope {module} /autograder/submission /autograder/results/results.json
"""


def write_zip(workspace: Workspace, module: Module, earlier: dict[str, str], path: Path) -> None:
    """Write the autograder of a module; `earlier` are the sources of the modules before it.

    It has a seed of its own, which nobody knows: what it shows of its numbers is of no use elsewhere.
    """
    home = Path(__file__).parents[2]
    needed = ("numpy", "pyseccomp", "pytest", "pytest-timeout")
    lines = (home / "requirements.txt").read_text(encoding="utf-8").split()
    packages = " ".join(f"'{line}'" for line in [*lines, FILTER] if line.partition(">")[0] in needed)
    files = [path for path in sorted((home / "tito").rglob("*.py")) if "author" not in path.parts]
    with writing(path), replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in (("setup.sh", SETUP), ("run_autograder", RUN)):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            packed.writestr(info, text.format(packages=packages, module=module.key))
        for file in files:
            packed.write(file, file.relative_to(home))
        for file in sorted(module.tests.glob("**/test_*.py")):
            packed.write(file, file.relative_to(workspace.root))
        for other in workspace.modules:
            for file in sorted(other.original.iterdir()) if other.key <= module.key else ():
                packed.write(file, file.relative_to(workspace.root))
        packed.writestr(SETTINGS, json.dumps({"earlier": earlier, "seed": secrets.randbelow(1 << 31)}))


def main(key: str, submission: str, results: str) -> int:
    """Grade what is in the folder `submission`, by the autograder in the current folder; write results.json."""
    workspace = Workspace.find()
    module = workspace.module(key)
    original = handed_out(module)
    folder, entry = Path(submission), HandIn("submission")
    notebook = choose(entry, folder, module, original)
    result = Result("submission", key, "", problem=entry.problem)
    if notebook is not None:
        settings = json.loads(Path(SETTINGS).read_text(encoding="utf-8"))
        job = Job(str(workspace.root), key, "submission", notebook, settings["earlier"], "", settings["seed"])
        result = grade(job, AsNobody() if available() else None)
    Path(results).write_text(json.dumps(as_results(result, entry, list(original.questions)), indent=1))
    return 0


def as_results(result: Result, entry: HandIn, questions: list[str]) -> dict:
    """What came of a submission, as Gradescope reads it."""
    if result.problem:  # without a score Gradescope shows none, but a failure; an empty list of tests would be a 0
        return {"output": f"Could not be graded, and has no mark: {result.problem}", "visibility": "visible"}
    found = result.found
    notes = [*entry.notes, *(f"Left out: {cell}" for cell in found.left_out)]
    if questions:
        notes.append(f"Graded by hand, not here: {', '.join(questions)}.")
    tests = [
        {
            "name": exercise.name,
            "score": exercise.earned,
            "max_score": exercise.points,
            "status": "passed" if exercise.status == reports.PASSED else "failed",
            "output_format": "text",
            "output": "\n".join([reports.summary(exercise), "", *reports.details(exercise, in_notebook=True)]),
        }
        for exercise in found.exercises
    ]
    return {"output": "\n".join(notes), "execution_time": round(result.seconds), "tests": tests}


class AsNobody(Limited):
    """Starts a student's process as a user who may read its package and nothing of the autograder."""

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        open_to_all(Path(command[command.index(str(CHILD)) + 2]))
        return super().start([*as_user(NOBODY), *command], **options)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
