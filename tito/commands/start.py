"""`tito start`: open a module's notebook in JupyterLab, in the server that runs already or in a new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tito import term
from tito.course import Course
from tito.errors import TitoError
from tito.workspace import Workspace

# Jupyter's settings for a course: the extensions that students do not need take most of the time it takes to start
CONFIG = Path(__file__).parents[1] / "data" / "jupyter"
PATIENCE = 300  # seconds until a server must answer; on a busy machine it takes long


def run(module: str | None = None, only_print: bool = False, no_browser: bool = False) -> int:
    course = Course()
    target = course.module(module)
    shown = course.workspace.shown(target.notebook)
    if not target.notebook.is_file():
        course.submission(target)  # which says what is wrong
    if only_print:
        print(shown)
        return 0
    running = next(servers(course.workspace), None)
    if running:
        term.say(f"{shown} is open at {_open(running, shown, no_browser)}, in the JupyterLab that runs already.")
        return 0
    return _serve(course.workspace, shown, no_browser)


def servers(workspace: Workspace) -> Iterator[dict]:
    """What Jupyter's notes say of each server for this workspace that answers: its url, token and pid."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return
    for note in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            server = json.loads(note.read_text(encoding="utf-8"))
            same = Path(server["root_dir"]).resolve() == workspace.root
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if same and _answers(server):
            yield server


def _answers(server: dict) -> bool:
    import urllib.request

    request = urllib.request.Request(
        f"{server['url']}api/status", headers={"Authorization": f"token {server['token']}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        with direct.open(request, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _serve(workspace: Workspace, shown: str, no_browser: bool) -> int:
    """Run a server for the workspace until Ctrl-C. What it has to say goes into a file."""
    log = workspace.private / "jupyter.log"
    log.parent.mkdir(exist_ok=True)
    settings = os.environ | {"JUPYTER_CONFIG_PATH": _first(CONFIG, os.environ.get("JUPYTER_CONFIG_PATH"))}
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={workspace.root}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container one often is root; Jupyter wants to hear it
        command.append("--allow-root")
    with open(log, "wb") as said:
        process = subprocess.Popen(command, cwd=workspace.root, env=settings, stdout=said, stderr=subprocess.STDOUT)
    try:
        server = _wait_for(process, workspace)
        if server is None:
            slow = process.poll() is None
            why = f"it has not answered for {PATIENCE} s." if slow else _last_line(log)
            raise TitoError(f"JupyterLab did not start: {why}\nAll it said is in {workspace.shown(log)}.")
        term.say(f"{shown} is open at {_open(server, shown, no_browser)}  Ctrl-C ends it.")
        process.wait()
    except KeyboardInterrupt:
        print("\nJupyterLab has ended.")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
    return 0


def _first(folder: Path, others: str | None) -> str:
    return os.pathsep.join([str(folder), others] if others else [str(folder)])


def _wait_for(process: subprocess.Popen, workspace: Workspace) -> dict | None:
    """The server once it answers; None if it has ended, or does not answer in time."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        for server in servers(workspace):
            return server
        time.sleep(0.1)
    return None


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _open(server: dict, shown: str, no_browser: bool) -> str:
    """Show the notebook, with the whole workspace beside it, in a browser; the address."""
    address = f"{server['url']}lab/tree/{quote(shown)}?file-browser-path=/&token={server['token']}"
    if not no_browser:
        webbrowser.open(address)
    return address
