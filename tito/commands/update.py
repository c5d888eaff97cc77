"""`tito update`: bring in what is new in the course, around the work that is there."""

from __future__ import annotations

import sys
from pathlib import Path

from tito import term
from tito.errors import COULD_NOT_TELL, PASSED
from tito.update import update
from tito.workspace import Workspace


def run(source: str) -> int:
    workspace = Workspace.find()
    done = update(workspace, Path(source).expanduser())
    for line in done.said or ([] if done.left else [f"Nothing is new in {source}."]):
        term.say(line)
    for line in done.left:
        print(term.folded(line, sys.stderr), file=sys.stderr)
    if done.backup:
        term.say(f"What was replaced is in {workspace.shown(done.backup)}.")
    if any(path.endswith(".ipynb") for path in done.files):
        term.say("If a notebook is open in Jupyter, reload it there: File, Reload Notebook from Disk.")
    return COULD_NOT_TELL if done.left else PASSED
