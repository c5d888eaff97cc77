"""In a notebook, a cell that needs an exercise which is not written yet says so in a sentence, not in a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tito.syntax import binds


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
        if sentence:
            made = binds(shell.user_ns["In"][-1])
            waiting.update((name, exercise) for name in made if name not in shell.user_ns)
            error._render_traceback_ = lambda: [sentence]  # IPython asks for it
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((NotImplementedError, NameError), say)
