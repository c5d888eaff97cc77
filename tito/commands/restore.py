"""`tito restore`: put a notebook back as it was when it was last checked or exported."""

from __future__ import annotations

from tito import term
from tito.errors import PASSED
from tito.kept import restore
from tito.workspace import Workspace


def run(module: str) -> int:
    workspace = Workspace.find()
    target = workspace.module(module)
    backup = restore(workspace, target)
    term.say(f"{workspace.shown(target.notebook)} is as it was when it was last checked.")
    if backup:
        term.say(f"The one before is in {workspace.shown(backup)}.")
    term.say("If it is open in Jupyter, reload it there: File, Reload Notebook from Disk.")
    return PASSED
