"""In a notebook, a cell that needs what is not written yet says so in a sentence, not in a traceback."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from tito.syntax import binds

ABSENT = re.compile(r"cannot import name '(\w+)' from '(tinytorch(?:\.\w+)*)'")


def explain(shell: Any, is_exercise: Callable[[str], bool]) -> None:
    """From now on, say what is missing where a cell reaches a blank, or a name that such a cell would have made."""
    waiting: dict[str, str] = {}  # a name that was not made, and the exercise that its cell needs

    def say(shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None) -> None:
        exercise = sentence = ""
        if kind is NotImplementedError and is_exercise(str(error)):  # a blank raises it with the exercise's name
            exercise = str(error)
            sentence = f"This needs {exercise}: write that first."
        elif kind is NameError and error.name in waiting:
            exercise = waiting[error.name]
            sentence = f"The cell that makes {error.name} needs {exercise}: write that first, and run both again."
        elif why := isinstance(error, ImportError) and _not_in_the_package(error):
            sentence = f"{why}. `tito check` puts a module into the package once it passes: restart the kernel then."
        if exercise:
            made = binds(shell.user_ns["In"][-1])
            waiting.update((name, exercise) for name in made if name not in shell.user_ns)
        if sentence:
            error._render_traceback_ = lambda: [sentence]  # IPython asks for it
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((NotImplementedError, NameError, ImportError), say)


def _not_in_the_package(error: ImportError) -> str:
    """What a given file of the package, of those that wait for later modules, says of a name that it does not have."""
    if wanted := ABSENT.match(str(error)):
        name, module = wanted.groups()
        try:
            getattr(sys.modules[module], name)
        except (KeyError, AttributeError) as absent:
            return str(absent) if "not there yet" in str(absent) else ""
    return ""
