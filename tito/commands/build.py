"""`tito build`: for authors, from lessons to notebooks."""

from __future__ import annotations

from pathlib import Path

from tito.errors import NOT_PASSED, PASSED
from tito.workspace import Workspace


def run(modules: list[str], check: bool = False, force: bool = False, reference: str | None = None) -> int:
    from tito.author import build

    workspace = Workspace.find()
    if reference:
        package = build.write_reference(build.read_lessons(workspace), Path(reference))
        print(f"Wrote the package made from the answers to {package}.")
        return PASSED
    if check:
        stale = build.stale(workspace)
        for line in stale:
            print(line)
        print("`tito build` brings these up to date." if stale else "Everything is up to date.")
        return NOT_PASSED if stale else PASSED
    build.build(workspace, only=modules, force=force)
    return PASSED
