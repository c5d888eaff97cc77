"""What a notebook uses: `check` an exercise, ask for a `hint`, `extend` a class by a method, let the GPT `talk`.

`check` sends the cells as they were last run to `tito check`, in a process of its own. So the notebook, the terminal and
the grader cannot disagree, and whatever the code does, the notebook goes on. (A browser without a server has only one
process: there, all of this happens in it, and `os._exit` ends the kernel.)
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tito.checker.report import Report
from tito.checker.shown import Shown
from tito.course import Course
from tito.errors import TitoError
from tito.notebook import EXPORT
from tito.syntax import definitions, extension
from tito.workspace import Workspace

__all__ = ["check", "extend", "hint", "talk"]

# Runs `tito` where a file beside the notebook, `random.py` say, does not take the place of a library.
START = "import sys; sys.path[0] = sys.argv.pop(1); from tito.cli import main; sys.exit(main())"


def _find_package() -> None:
    """Let `import tinytorch` in a notebook find the package of the workspace it lies in."""
    with contextlib.suppress(TitoError):
        root = str(Workspace.find().root)
        if root not in sys.path:
            sys.path.insert(0, root)


_find_package()


def _prepare(shell: Any) -> None:
    """Let a notebook's kernel say what is not written yet and, where there is no terminal, run `tito check 01` in a cell."""
    from tito import unwritten

    unwritten.explain(shell, _is_exercise)
    if sys.platform != "emscripten":
        return

    def tito(line: str) -> None:
        from tito.cli import run

        try:
            run(shlex.split(line))
        except OSError as error:
            print(f"tito {line}: this needs an installation ({error.strerror or error}).", file=sys.stderr)

    shell.register_magic_function(tito)


def _is_exercise(name: str) -> bool:
    with contextlib.suppress(TitoError):
        return bool(Course().exercise(name))
    return False


if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
    _prepare(shell)


def extend(cls: type) -> Callable[[Any], Any]:
    """Add the function, property or class method below to `cls`. When exported, it stands in the class body."""

    def add(member: Any) -> Any:
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        name = function.__name__
        setattr(cls, name, _in_class_body(member, function, cls))
        # Python binds what is returned to `name` in the notebook, where `sum` is to stay what it was.
        return sys._getframe(1).f_globals.get(name, getattr(builtins, name, function))

    return add


def _in_class_body(member: Any, function: Any, cls: type) -> Any:
    """`member` as if it stood in the body of `cls`, where `super()` knows its class."""
    import ast
    import inspect

    try:
        source = inspect.getsource(function)
        if "super()" not in source:
            return member
        definition = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):  # there is no source to look at
        return member
    mark = extension(definition)
    definition.decorator_list = [decorator for decorator in definition.decorator_list if decorator is not mark]
    ast.increment_lineno(definition, function.__code__.co_firstlineno - 1)
    tree = ast.parse(f"def within(__class__):\n    return {definition.name}")
    tree.body[0].body.insert(0, definition)
    space: dict[str, Any] = {}
    exec(compile(tree, function.__code__.co_filename, "exec"), function.__globals__, space)
    return space["within"](cls)


def check(exercise: str) -> Shown:
    """Run the tests of an exercise on the cells as they were last run, and show what they say."""
    shown = _check(exercise)
    if not shown.passed and os.environ.get("NBGRADER_EXECUTION") == "validate":
        # without an error to show, `nbgrader validate` would say "Partial credit", even of a blank
        print(*shown.lines, sep="\n", file=sys.stderr)
    return shown


def _check(exercise: str) -> Shown:
    try:
        module, there = Course().exercise(exercise)
    except TitoError as error:
        return Shown([str(error)])
    notebook = Path(f"{module.name}.ipynb")
    if os.environ.get("NBGRADER_EXECUTION") and notebook.is_file():  # all of it counts, as when `tito grade` grades it
        sent = notebook.read_text(encoding="utf-8")
    else:
        names = {name for e in there.exercises.values() for name in definitions(e.blank.source)}
        sent = json.dumps(_run_cells(names))
    printed, complaint = _tito(["check", module.key, "--exercise", exercise, "--json", "--cells"], sent)
    try:
        report = Report.from_json(json.loads(printed))
    except ValueError:
        return Shown((complaint.strip() or "the check ended without an answer").splitlines())
    return Shown.of(report.exercises[0], report.then)


def _tito(arguments: list[str], sent: str) -> tuple[str, str]:
    """Run `tito` in a process of its own, or in a browser, which has only one, in this; what it prints, and on standard error."""
    if sys.platform != "emscripten":
        command = [sys.executable, "-c", START, str(Path(__file__).parents[1]), *arguments]
        done = subprocess.run(command, input=sent, capture_output=True, encoding="utf-8")
        return done.stdout, done.stderr
    from tito.cli import run

    printed, complaint, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(sent.encode()))
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaint):
            run(arguments)
    finally:
        sys.stdin = before
    return printed.getvalue(), complaint.getvalue()


def hint(exercise: str, which: int | None = None) -> Shown:
    """Show a hint of an exercise, and the next one when asked again; `hint("matmul", 2)` is the second."""
    from tito.commands.hint import text

    try:
        return Shown(text(exercise, which, again='hint("{name}")').splitlines())
    except TitoError as error:
        return Shown([str(error)])


def talk(prompt: str, **options: Any) -> None:
    """Let the model that module 10's milestone has trained write on from `prompt`, as `tito talk` does.

    Options are temperature, top_k, seed and tokens: with the same seed, the same text as in the terminal.
    """
    from tito.talk import stream

    try:
        for piece in stream(prompt, **options):
            print(piece, end="", flush=True)
        print()
    except TitoError as error:
        print(error)


def _run_cells(exercises: set[str]) -> list[dict[str, str]]:
    """The cells that count, as they were last run: a cell that defines a name anew takes the place of the one before."""
    from IPython import get_ipython

    shell = get_ipython()
    history = list(enumerate(shell.history_manager.input_hist_raw)) if shell else []
    kept: list[tuple[set[str], dict[str, str]]] = []
    for number, source in history:
        names = set(definitions(source)) if source.strip() else set()
        if not source.lstrip().startswith(EXPORT) and not names & exercises:
            continue
        cell = {"source": source, "label": f"In [{number}]"}
        same = [n for n, (known, old) in enumerate(kept) if known & names or old["source"] == source]
        if same:
            kept[same[0]] = (names, cell)
            for n in reversed(same[1:]):
                del kept[n]
        else:
            kept.append((names, cell))
    return [cell for _, cell in kept]
